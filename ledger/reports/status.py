"""Status: the work queue – which claims wait for a judgement – and how the statuses stand."""

from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger import schema
from ledger.errors import NotFoundError
from ledger.model import STATUSES, UNREVIEWED
from ledger.reports import reading
from ledger.reports.docket import Docket, docket, dockets, fitting
from ledger.reports.filters import Filters, choose
from ledger.reports.frames import built, mapped, stacked, whole
from ledger.reports.said import BUNDLE, hands, moments, said
from ledger.reports.versus import as_stated
from ledger.rules import shown

COLUMNS = {
    "claim": "the claim's number",
    "status": "its verification status: unreviewed, contested, unverified or doubtful",
    "event": "slug of the event that the proposition is about",
    "proposition": "slug of the proposition",
    "source": "who speaks",
    "stance": "what the source does with the proposition",
    "quote": "the words quoted",
    "stated_on": "when it was said: a day, month or year; else the day of publication",
    "contested": "true where the proposition is contested (as in versus)",
    "contest": "how, where it is: 3 to 1, its origins that affirm to those that deny; among 2, "
    "where none denies and their figures cannot both be right",
    "affirmed_origins": "independent origins that affirm the proposition (a whole number)",
    "denied_origins": "independent origins that deny it",
    "waiting_since": "when the claim was first recorded; of one that was settled in between, when "
    "it was opened again; UTC",
    "waiting_days": "days since then (a whole number)",
    "because": "why it has that status",
    "touched_by": "the analyst who last recorded anything of it",
    "touched_at": "when, UTC",
    "untouched_days": "days since then (a whole number)",
}

#: What a table on a screen shows of it, with the headings.
BRIEF = {
    "claim": "#",
    "{status}; {because}": "status",
    "{source:name} {stance} {proposition}; {contest?contested }{contest}": "claim",
    "waiting_days": "days",
    "{touched_by}; {touched_at:day}": "last touched by",
}

TOTALS_COLUMNS = {
    "status": "verification status of a claim",
    "claims": "how many claims have it (a whole number)",
    "meaning": "what it means",
    "admiralty": "Admiralty credibility, 1 to 6; 6 is “cannot be judged” and never averaged",
    "airwars": "its counterpart among Airwars' grades",
    "averitec": "its counterpart among AVeriTeC's labels",
    "rumour": "its counterpart in rumour research",
}

TOTALS_BRIEF = {name: name for name in TOTALS_COLUMNS if name != "meaning"}

#: The statuses that still wait for a judgement, those nobody has looked at first.
WAITING = (UNREVIEWED, "contested", "unverified", "doubtful")


#: What the queue may be ordered by; the first unless said otherwise.
ORDERS = ("contested", "oldest", "untouched", "unreviewed")


def status(
    connection: sa.Connection,
    *,
    today: date,
    order: str = ORDERS[0],
    by: str | None = None,
    days: int | None = None,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """List the claims that wait for a judgement: the work queue.

    `today` (a day, UTC) is what waiting is reckoned to. `order`, one of ORDERS: the most contested
    first, those that wait longest, those untouched longest, or those that nobody has looked at.
    `by`: only what this analyst touched last (a name, exactly). `days`: only what has waited so
    long or longer. `filters` as in `ledger.reports.filters.Filters`; here `source`, `side`,
    `stance`, `status`, `first` and `last` choose claims.

    One row a claim that is not settled. The most contested come first: propositions that are
    contested; of these, those with more origins on their weaker side, then with more in all. What
    is alike in the order asked for goes by: unreviewed first; longest waiting; number. Columns as
    COLUMNS tells: claim, origins and days (never below 0) Int64, contested bool, moments
    datetime64[s, UTC], the rest str or None. Raises NotFoundError for a filter that names nothing,
    for an order that there is none of, and for an analyst who has recorded nothing.
    """
    if order not in ORDERS:
        raise NotFoundError(f"there is no order {shown(order)}", f"one of {', '.join(ORDERS)}")
    if by is not None:
        _must_have_recorded(connection, by)
    reopened = _reopened(connection)
    bundles = dockets(connection, bundle=BUNDLE, **filters)
    queue = stacked(framed(connection, read, reopened, today) for read in bundles)
    kept = (queue["waiting_days"] >= (days or 0)).to_numpy(dtype=np.bool_)
    if by is not None:
        kept &= (queue["touched_by"] == by).to_numpy(dtype=np.bool_)
    queue = queue[kept]
    ordered: pd.DataFrame = queue.iloc[_in_order(queue, order)]
    return ordered.reset_index(drop=True)


def _must_have_recorded(connection: sa.Connection, analyst: str) -> None:
    entry = schema.entry
    question = sa.select(entry.c.recorded_by).distinct().order_by(entry.c.recorded_by)
    known = connection.execute(question).scalars().all()
    if analyst not in known:
        close = get_close_matches(analyst, known, n=3)
        meant = ", ".join(map(shown, close))
        hint = f"did you mean {meant}?" if close else "`ledger log` tells who has"
        raise NotFoundError(f"{shown(analyst)} has recorded nothing here", hint, close)


def _reopened(connection: sa.Connection) -> dict[int, datetime]:
    """When each waiting claim that had been settled was opened again, by its number."""
    claim, past, entry = schema.claim, schema.claim_history, schema.entry
    ended = (
        sa.select(past.c.id, sa.func.max(past.c.until_entry_id).label("entry"))
        .join_from(past, claim, past.c.id == claim.c.id)
        .where(past.c.status.not_in(WAITING), claim.c.status.in_(WAITING))
        .group_by(past.c.id)
        .subquery()
    )
    question = sa.select(ended.c.id, entry.c.recorded_at).join(entry, ended.c.entry == entry.c.id)
    return {row.id: row.recorded_at for row in connection.execute(question.order_by(ended.c.id))}


def framed(
    connection: sa.Connection, read: Docket, reopened: Mapping[int, datetime], today: date
) -> pd.DataFrame:
    """The claims of a docket that wait; `reopened` as `_reopened` tells it."""
    claims = read.claims[fitting(read.claims, read.chosen)]
    claims = claims[
        claims["status"].isin(WAITING) & claims["proposition"].isin(read.propositions.index)
    ]
    about = read.propositions.loc[claims["proposition"].to_numpy()]
    numbers = claims["claim"].tolist()
    words, hand = said(connection, numbers), hands(connection, numbers)
    pairs = zip(numbers, hand["recorded_at"], strict=True)
    since = [reopened.get(claim, recorded_at) for claim, recorded_at in pairs]
    touched = hand["touched_at"].tolist()
    waited, untouched = ([_days(each, today) for each in times] for times in (since, touched))
    affirmed, denied = (
        about[f"{side}_origins"].to_numpy(dtype=np.int64) for side in ("affirmed", "denied")
    )
    contested = about["contested"].to_numpy(dtype=np.bool_)
    stated = as_stated(claims[claims["since"].notna()].set_index("claim"))
    values = {
        "claim": whole(claims["claim"]),
        "source": claims["name"],
        "stated_on": mapped(numbers, stated),
        "contested": about["contested"].astype(bool),
        "contest": [
            (f"{one} to {other}" if other else f"among {one}") if fought else None
            for one, other, fought in zip(affirmed, denied, contested, strict=True)
        ],
        "affirmed_origins": whole(affirmed),
        "denied_origins": whole(denied),
        "waiting_since": moments(since),
        "waiting_days": whole(waited),
        "touched_at": moments(touched),
        "untouched_days": whole(untouched),
    }
    values |= {name: claims[name] for name in ("status", "stance")}
    values |= {name: about[name] for name in ("event", "proposition")}
    values |= {"quote": words["quote"]}
    values |= {name: hand[name] for name in ("because", "touched_by")}
    return built(COLUMNS, values)


def _in_order(queue: pd.DataFrame, order: str) -> Any:
    """The places of the queue's claims in the order asked for."""
    numbers = {name: queue[name].to_numpy(dtype=np.int64) for name in _ORDERED_BY}
    affirmed, denied = numbers["affirmed_origins"], numbers["denied_origins"]
    reviewed = (queue["status"] != UNREVIEWED).to_numpy(dtype=np.bool_)
    settled = ~queue["contested"].to_numpy(dtype=np.bool_)
    # np.lexsort sorts by its last key first.
    asked: dict[str, tuple[Any, ...]] = {
        "contested": (-(affirmed + denied), -np.minimum(affirmed, denied), settled),
        "oldest": (-numbers["waiting_days"],),
        "untouched": (-numbers["untouched_days"],),
        "unreviewed": (reviewed,),
    }
    rest = (numbers["claim"], -numbers["waiting_days"], reviewed)
    return np.lexsort((*rest, *asked[order]))


_ORDERED_BY = ("claim", "affirmed_origins", "denied_origins", "waiting_days", "untouched_days")


def _days(moment: datetime, today: date) -> int:
    return max((today - moment.date()).days, 0)


def status_totals(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """Count the claims by status, with each status's counterpart in four other schemes.

    `filters` choose claims, as in `status`. Withdrawn claims are counted here, and only here.

    One row a status, also where no claim has it, in the order of the vocabulary. claims is Int64,
    the rest str or None. Raises NotFoundError for a filter that names nothing.
    """
    chosen = choose(connection, **filters)
    tallies = reading.tallies(connection, chosen)
    if chosen.contested is not None:
        kept = docket(connection, contested=chosen.contested).propositions.index
        tallies = tallies[tallies["proposition"].isin(kept)]
    counted = tallies.groupby("status")["claims"].sum().to_dict()
    values: dict[str, Any] = {
        name: [getattr(each, name) for each in STATUSES]
        for name in ("meaning", "admiralty", "airwars", "averitec", "rumour")
    }
    values["status"] = [each.code for each in STATUSES]
    values["claims"] = whole(mapped(values["status"], counted, 0))
    return built(TOTALS_COLUMNS, values)
