"""Lineage: who has it from whom on a proposition, as a tree; the report `origins`.

A claim hangs under the claim that it repeats. What an origin is, and how many there are, is
`ledger.reports.origins`' to say, and is asked of the docket; here is only the tree.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger.reports import reading
from ledger.reports.docket import Docket, dockets
from ledger.reports.filters import Filters, choose
from ledger.reports.frames import built, mapped, stacked, whole
from ledger.reports.origins import NOBODY, Numbers, ends, linked
from ledger.reports.said import BUNDLE, as_exact, ranges_told, said

COLUMNS = {
    "event": "slug of the event that the proposition is about",
    "proposition": "slug of the proposition",
    "text": "the sentence in question",
    "claim": "the claim's number",
    "source": "who speaks",
    "stance": "what the source does with the proposition",
    "side": "the way it points: affirms, denies, withholds, reports, withdraws",
    "range": "for a count: the range said or, denied, rejected",
    "since": "when it was said: a day, month or year; else the day of publication",
    "depth": "how many claims it stands under: 0 for one that repeats none of the tree",
    "parent": "number of the claim that it repeats",
    "link": "how it hangs together with others: repeats 4, by way of TASS, member of Pentagon; "
    "joined by '; '",
    "via": "who relayed it",
    "member_of": "the source that the speaker belongs to",
    "origin": "its origin's number within the proposition, from 1; missing for a claim that its "
    "source no longer holds",
    "origin_of": "the source at the top of that origin",
    "origins": "how many independent origins the sources on its side are (a whole number)",
    "sources": "how many sources hold that side now",
    "newer": "number of the source's newest claim on the proposition, where it is another one",
    "circular": "true where it rests on a circle of sources that repeat or relay one another",
    "quote": "the words quoted",
}

#: What a table shows of it where it is not drawn as a tree, with the headings.
BRIEF = {
    "proposition": "proposition",
    "{claim} {source:name}; {stance} {range}": "claim",
    "{link}; {circular?circular}": "has it from",
    "origin": "origin",
}


def lineage(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """Tell who has it from whom: the claims on each proposition as trees of what repeats what.

    `filters` as in `ledger.reports.filters.Filters`; they choose propositions, and show the whole
    tree of each, since half of one would misstate its origins.

    One row a claim, sorted by event in order of recording (none last), proposition in order of
    recording; then tree by tree, each claim before those that repeat it: the trees of one origin
    together, origins by their earliest date (undated last), claims by date, then number. A circle
    begins with its lowest number. Columns as COLUMNS tells: claim, depth, parent, origin, origins,
    sources and newer Int64, circular bool, the rest str or None. Raises NotFoundError for a filter
    that names nothing.
    """
    return stacked(bundles(connection, **filters))


def bundles(connection: sa.Connection, **filters: Unpack[Filters]) -> Iterator[pd.DataFrame]:
    """The frame of `lineage` part by part, at least one: as a whole it may not fit memory."""
    links = reading.chains(connection, choose(connection, **filters)).set_index("claim")
    members = reading.sources(connection).set_index("source")
    for read in dockets(connection, bundle=BUNDLE, **filters):
        yield _framed(connection, read, links, members)


def _framed(
    connection: sa.Connection, read: Docket, links: pd.DataFrame, members: pd.DataFrame
) -> pd.DataFrame:
    rows = _planted(read, links)
    about = read.propositions.loc[rows["proposition"].to_numpy()]
    words = said(connection, rows["claim"].tolist())
    names: dict[Any, str] = members["name"].to_dict()
    above = members["member_of"].to_dict()
    values: dict[str, Any] = {name: about[name] for name in ("event", "proposition", "text")}
    values |= {name: rows[name] for name in ("stance", "side")}
    values |= {name: whole(rows[name]) for name in ("claim", "depth", "origins", "sources")}
    for name in ("parent", "origin", "newer"):
        values[name] = whole(rows[name].replace(NOBODY, np.nan))
    member_of = [names.get(above.get(source)) for source in rows["source"].tolist()]
    values |= {
        "source": rows["name"],
        "range": ranges_told(rows, about["kind"]),
        "since": as_exact(rows),
        "link": list(_links(rows, links, words["via"], names, read.slugs)),
        "via": words["via"],
        "member_of": member_of,
        "origin_of": [names.get(root) for root in rows["root"].tolist()],
        "circular": rows["circular"].astype(bool),
        "quote": words["quote"],
    }
    return built(COLUMNS, values)


def _planted(read: Docket, links: pd.DataFrame) -> pd.DataFrame:
    """The claims in the order of the report, with depth, parent, origin, root, newer and so on."""
    held = read.positions[["claim", "proposition", "source", "side", "origin", "root", "circular"]]
    claims = read.claims[read.claims["proposition"].isin(read.propositions.index)]
    # A claim has the origin of what its source holds now, if that points the same way.
    claims = claims.merge(held, on=["proposition", "source"], suffixes=("", "_now"))
    moved = (claims["side"] != claims["side_now"]).to_numpy()
    claims.loc[moved, ["origin", "root"]] = NOBODY
    older = (claims["claim"] != claims["claim_now"]).to_numpy()
    claims = claims.assign(
        newer=np.where(older, claims["claim_now"], NOBODY),
        circular=claims["circular"].to_numpy(dtype=np.bool_) & ~moved,
        parent=mapped(claims["claim"].tolist(), links["repeats"].to_dict(), NOBODY),
    )
    by_side = held.groupby(["proposition", "side"])
    for column, counted in (
        ("origins", by_side["origin"].nunique()),
        ("sources", by_side["source"].nunique()),
    ):
        at = pd.MultiIndex.from_frame(claims[["proposition", "side"]])
        claims[column] = counted.reindex(at, fill_value=0).to_numpy()
    return _walked(claims.sort_values("claim", ignore_index=True), read)


def _walked(claims: pd.DataFrame, read: Docket) -> pd.DataFrame:
    """The claims, which are in the order of their numbers, tree by tree from the roots down."""
    above, begins = _above(claims)
    dated = claims.sort_values(["since", "claim"], na_position="last").index.tolist()
    rank = {place: turn for turn, place in enumerate(dated)}
    order = {number: turn for turn, number in enumerate(read.propositions.index)}
    places = [order[number] for number in claims["proposition"].tolist()]
    origins = claims["origin"].tolist()
    first: dict[tuple[int, int], int] = {}
    for place in dated:
        first.setdefault((places[place], origins[place]), rank[place])
    below: dict[int, list[int]] = {}
    for place in dated:
        if not begins[place]:
            below.setdefault(int(above[place]), []).append(place)

    def turn(place: int) -> tuple[int, ...]:
        """By proposition; origins by their first date, what is no longer held last."""
        origin = origins[place]
        return places[place], origin == NOBODY, first[places[place], origin], rank[place]

    walked: list[tuple[int, int]] = []
    for root in sorted((place for place in dated if begins[place]), key=turn):
        waiting = [(root, 0)]
        while waiting:
            place, depth = waiting.pop()
            walked.append((place, depth))
            waiting += [(each, depth + 1) for each in reversed(below.get(place, []))]
    found = claims.loc[[place for place, _ in walked]]
    found = found.assign(depth=[depth for _, depth in walked])
    return found.assign(origin=list(_numbered(found)))


def _above(claims: pd.DataFrame) -> tuple[Numbers, Any]:
    """The place of the claim that each repeats (else its own), and whether a tree begins there."""
    numbers = claims["claim"].to_numpy(dtype=np.int64)
    above = linked(numbers, claims["parent"].to_numpy(dtype=np.int64))
    own, about = np.arange(len(numbers)), claims["proposition"].to_numpy()
    above = np.where(about[above] == about, above, own)
    last, on_circle = ends(above)
    return above, (above == own) | (on_circle & (last == own))


def _numbered(claims: pd.DataFrame) -> Iterator[int]:
    """Origins numbered from 1 in each proposition, as they come."""
    known: dict[tuple[int, int], int] = {}
    count: dict[int, int] = {}
    for proposition, origin in zip(claims["proposition"], claims["origin"], strict=True):
        if origin != NOBODY and (proposition, origin) not in known:
            count[proposition] = known[proposition, origin] = count.get(proposition, 0) + 1
        yield known.get((proposition, origin), NOBODY)


def _links(
    rows: pd.DataFrame,
    links: pd.DataFrame,
    via: "pd.Series[Any]",
    names: Mapping[Any, str],
    slugs: Mapping[int, str],
) -> Iterator[str | None]:
    """How each claim hangs together with others, in words."""
    standing = set(rows["claim"].tolist())
    elsewhere = links["proposition"].to_dict()
    shared = rows.groupby(["proposition", "origin"])["source"].transform("nunique") > 1
    columns = zip(
        rows["parent"].tolist(),
        rows["proposition"].tolist(),
        rows["source"].tolist(),
        rows["root"].tolist(),
        rows["circular"].tolist(),
        shared & (rows["origin"] != NOBODY),
        via,
        strict=True,
    )
    for parent, proposition, source, root, circular, joins, relay in columns:
        words = []
        if parent != NOBODY:
            there = elsewhere.get(parent)
            why = " (withdrawn)" if parent not in standing else ""
            if there is not None and there != proposition:
                why = f" (on {slugs[there]})"
            words.append(f"repeats {parent}{why}")
        elif joins and root not in (source, NOBODY) and not circular:
            words.append(f"member of {names[root]}")
        if isinstance(relay, str):
            words.append(f"by way of {relay}")
        yield "; ".join(words) or None
