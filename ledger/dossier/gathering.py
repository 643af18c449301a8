"""Gathers a dossier: what is in question, who says what on it, what was made of it and when.

Every judgement – what is contested, one origin, a shift, a conflict – is asked of the reports, so
that a dossier says what they say.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from shlex import quote
from typing import Any

import sqlalchemy as sa

from ledger import history, lookup, views
from ledger.dossier.past import statuses, verdicts
from ledger.dossier.saying import Row, claims_on, rows_of, said
from ledger.dossier.values import (
    Camp,
    Change,
    Clash,
    Document,
    Dossier,
    Estimate,
    Event,
    Figures,
    Proposition,
    Source,
    Stamp,
)
from ledger.errors import AmbiguousError, NotFoundError
from ledger.formats.values import plain
from ledger.model import Kind, Side
from ledger.reports.comparing import compare, pairs
from ledger.reports.counts import counts
from ledger.reports.docket import read_once
from ledger.reports.filters import Filters
from ledger.reports.glance import ORIGINS, Holder
from ledger.reports.held import held
from ledger.reports.policies import POLICIES
from ledger.reports.versus import versus
from ledger.rules import shown


@dataclass(frozen=True, slots=True)
class Subject:
    """What a dossier is on: `kind` is event or proposition."""

    kind: str
    id: int
    slug: str

    @property
    def filters(self) -> Filters:
        """The subject as a filter of reports."""
        return Filters(event=self.slug) if self.kind == "event" else Filters(proposition=self.slug)


#: What a dossier may be on.
KINDS = ("event", "proposition")


def subject(connection: sa.Connection, text: str, kind: str | None = None) -> Subject:
    """The event or proposition that was meant, by slug, number or a part of either.

    A slug goes before a part of another. Raises AmbiguousError where it fits both kinds and `kind`
    does not say which is meant, NotFoundError where it fits neither.
    """
    found: list[Subject] = []
    refused: list[NotFoundError] = []
    for each in KINDS if kind is None else (kind,):
        try:
            met = lookup.FINDERS[each](connection, text)
            found.append(Subject(each, met.id, met.name))
        except NotFoundError as error:
            refused.append(error)
    named = [each for each in found if each.slug == text]
    many = [error for error in refused if isinstance(error, AmbiguousError)]
    if len(named) == 1:
        return named[0]
    if len(found) == 1 and not many:
        return found[0]
    if found and kind is None:
        fits = " and ".join(f"the {each.kind} {shown(each.slug)}" for each in found)
        more = f" and {len(many[0].close)} of the other kind" if many else ""
        raise AmbiguousError(
            f"{shown(text)} fits {fits}{more}",
            "say which: --event or --proposition",
            [each.slug for each in found],
        )
    if many:
        raise many[0]
    raise _neither(text, refused)


def _neither(text: str, refused: Sequence[NotFoundError]) -> NotFoundError:
    if len(refused) == 1:
        return refused[0]
    close = [name for error in refused for name in error.close]
    hint = f"did you mean {', '.join(map(shown, close[:5]))}?" if close else "`ledger event list`"
    return NotFoundError(f"there is no event and no proposition {shown(text)}", hint, close)


def gather(
    connection: sa.Connection,
    about: Subject,
    *,
    made_at: datetime,
    as_of: str | None = None,
) -> Dossier:
    """All that the ledger, as `connection` shows it, holds on an event or a proposition.

    `made_at` (UTC) and `as_of` (as it was asked for) are for the foot of the page. Propositions
    are in the order of their recording, without drawings and open work: those are added to it.
    """
    rows = claims_on(connection, about.kind, [about.slug])
    documents = _documents(connection, rows)
    described = _all(connection, views.PROPOSITIONS, about.kind, [about.slug])
    events = _events(connection, {row["event"] for row in described} | _named(about))
    with read_once():
        told = tuple(_told(connection, about.filters, described, rows, documents, events))
    return Dossier(
        event=events[about.slug] if about.kind == "event" else None,
        propositions=told,
        sources=_sources(connection, rows),
        documents=tuple(documents.values()),
        stamp=_stamp(connection, about, made_at, as_of),
    )


def gathered(
    connection: sa.Connection, numbers: Collection[int]
) -> tuple[list[Proposition], dict[str, list[Row]]]:
    """What a dossier tells of the propositions of these numbers; their claims by slug, as rows.

    Propositions are in the order of every report, their claims' rows those of the view `claims`, by
    number. Of many together each costs a fraction of what it costs alone.
    """
    described = _all(connection, views.PROPOSITIONS, "id", numbers)
    rows = claims_on(connection, "proposition", [row["proposition"] for row in described])
    documents = _documents(connection, rows)
    events = _events(connection, {row["event"] for row in described})
    among: Filters = {"among": numbers}
    with read_once():
        found = list(_told(connection, among, described, rows, documents, events))
    claims: dict[str, list[Row]] = {about.slug: [] for about in found}
    for row in rows:
        claims[row["proposition"]].append(row)
    return found, claims


def _told(
    connection: sa.Connection,
    asked: Filters,
    described: Sequence[Row],
    rows: Sequence[Row],
    documents: Mapping[str, Document],
    events: Mapping[str | None, Event],
) -> Iterator[Proposition]:
    """The propositions that are described, which are those asked for, with their claims `rows`."""
    told = list(rows_of(versus(connection, **asked)))
    claims, chains = said(connection, rows, documents, asked)
    views_ = {row["proposition"]: row for row in described}
    camps = _camps(rows_of(held(connection, **asked)))
    figures = _figures(connection, asked, told)
    numbers = {row["id"]: slug for slug, row in views_.items()}
    changes = _changes(connection, numbers, rows)
    for row in told:
        yield Proposition(
            number=views_[row["proposition"]]["id"],
            slug=row["proposition"],
            event=events.get(row["event"]),
            **{name: views_[row["proposition"]][name] for name in _ABOUT},
            **{name: row[name] for name in _JUDGED},
            camps=tuple(_counted(camps.get(row["proposition"], {}), row)),
            claims=tuple(claims.get(row["proposition"], ())),
            figures=figures.get(row["proposition"]),
            chain=tuple(chains.get(row["proposition"], ())),
            changes=tuple(changes.get(row["proposition"], ())),
        )


_ABOUT = ("text", "kind", "unit", "population", "note", "verdict", "because")
_JUDGED = ("finding", "contested", "circular", "answered_by")


def _named(about: Subject) -> set[str | None]:
    return {about.slug} if about.kind == "event" else set()


def _all(connection: sa.Connection, view: views.View, key: str, names: Iterable[Any]) -> list[Row]:
    """The rows of a view that are named; of many names all rows are read, and sorted out."""
    wanted, table = set(names) - {None}, view.table
    question = sa.select(table).order_by(table.c.id)
    if len(wanted) <= 500:
        question = question.where(table.c[key].in_(sorted(wanted)))
    rows = connection.execute(question).mappings()
    return [dict(row) for row in rows if row[key] in wanted]


def _events(connection: sa.Connection, slugs: Iterable[str | None]) -> dict[str | None, Event]:
    rows = _all(connection, views.EVENTS, "event", slugs)
    return {row["event"]: as_event(row) for row in rows}


def as_event(row: Mapping[str, Any]) -> Event:
    """An event of a row of the view `events`."""
    began, ended = (_iso(row[name]) for name in ("started_on", "ended_on"))
    when = " to ".join(dict.fromkeys(filter(None, (began, ended)))) or None
    ends = [row["latitude"], row["longitude"]]
    return Event(
        row["event"],
        row["title"],
        row["place"],
        None if None in ends else f"{ends[0]}, {ends[1]}",
        f"until {ended}" if ended and not began else when,
        row["note"],
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else str(day)


def _documents(connection: sa.Connection, rows: Sequence[Row]) -> dict[str, Document]:
    """The documents cited, numbered in the order of their recording."""
    cited = _all(connection, views.DOCUMENTS, "document", {row["document"] for row in rows})
    same = ("title", "url", "archive_url", "publisher", "language", "sha256")
    return {
        row["document"]: Document(
            number=number,
            slug=row["document"],
            published_on=_iso(row["published_on"]),
            retrieved_at=plain(row["retrieved_at"]) or None,
            **{name: row[name] for name in same},
        )
        for number, row in enumerate(cited, 1)
    }


def _sources(connection: sa.Connection, rows: Sequence[Row]) -> tuple[Source, ...]:
    """Who speaks or relays, those who say most first."""
    spoken = Counter(row["source"] for row in rows)
    names = {*spoken, *(row["via"] for row in rows)}
    found = [
        Source(
            row["source"], row["kind"], row["member_of"], row["side"], row["reliability"],
            row["note"], spoken[row["source"]],
        )
        for row in _all(connection, views.SOURCES, "source", names)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda source: -source.claims))


def _camps(rows: Iterable[Row]) -> dict[str, dict[Side, list[Holder]]]:
    """What each source holds now, by proposition and side."""
    found: dict[str, dict[Side, list[Holder]]] = {}
    for row in rows:
        sides = found.setdefault(row["proposition"], {})
        instead = row["answering"] if row["non_denial"] else None
        sides.setdefault(Side(row["side"]), []).append(
            Holder(
                row["claim"], row["source"], row["stance"], row["range"], row["wording"], instead
            )
        )
    return found


def _counted(camps: Mapping[Side, list[Holder]], row: Row) -> Iterable[Camp]:
    """The camps with the origins that versus counts; who reports or withdraws is counted alone."""
    for side, members in camps.items():
        origins = row[ORIGINS[side]] if side in ORIGINS else len(members)
        yield Camp(side, origins, tuple(members))


def _figures(connection: sa.Connection, asked: Filters, told: Sequence[Row]) -> dict[str, Figures]:
    """What the reports on counts say of each count on which a figure is claimed or denied."""
    if not any(row["kind"] == Kind.COUNT.value for row in told):
        return {}
    estimates = {row["proposition"]: row for row in rows_of(compare(connection, **asked))}
    clashes: dict[str, list[Clash]] = {}
    for row in rows_of(pairs(connection, **asked)):
        gap = f", {row['gap']:,} apart" if row["gap"] is not None else ""
        clashes.setdefault(row["proposition"], []).append(
            Clash(
                f"{row['source']} {row['range']}",
                f"{row['against']} {row['against_stance']} {row['against_range']}",
                f"{row['how']}{gap}",
                (row["claim"], row["against_claim"]),
            )
        )
    return {
        row["proposition"]: Figures(
            origins=row["figures"],
            span=row["span"],
            shared=row["shared"],
            estimates=tuple(
                Estimate(
                    policy.name,
                    policy.meaning,
                    estimates[row["proposition"]][policy.name.replace("-", "_")],
                )
                for policy in POLICIES.values()
            ),
            depends=estimates[row["proposition"]]["depends"],
            clashes=tuple(clashes.get(row["proposition"], ())),
        )
        for row in rows_of(counts(connection, **asked))
        if row["figures"]
    }


def _changes(
    connection: sa.Connection, propositions: Mapping[int, str], claims: Sequence[Row]
) -> dict[str, list[Change]]:
    """Every verdict and status that was given, by proposition, oldest first."""
    found: dict[str, list[Change]] = {}
    for number, given in verdicts(connection, sorted(propositions)).items():
        found.setdefault(propositions[number], []).extend(given)
    about = {row["claim"]: row["proposition"] for row in claims}
    for number, given in statuses(connection, sorted(about)).items():
        found.setdefault(about[number], []).extend(given)
    for changes in found.values():
        changes.sort(key=lambda change: (change.entry, change.claim or 0))
    return found


def _stamp(
    connection: sa.Connection, about: Subject, made_at: datetime, as_of: str | None
) -> Stamp:
    newest = history.head(connection)
    again = f"ledger dossier --{about.kind} {quote(about.slug)} --as-of {newest.entry}"
    return Stamp(newest.entry, newest.hash, newest.recorded_at, as_of, made_at, again)
