"""Holds a row of another ledger against the same row here, matter by matter.

What belongs together is one matter: a status and its reason, a range and its words. Where one side
has left a matter as both had it, the other has moved on, and its word is the newer one. Where one
says nothing, the other is heard. Only where both say something, and not the same, is it a conflict.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from ledger import schema
from ledger.errors import LedgerError
from ledger.exchange.cells import written
from ledger.exchange.deciding import Conflict, Decision, Decisions, Side
from ledger.exchange.kinship import Kin, as_of, told_columns
from ledger.exchange.known import Known
from ledger.model import UNREVIEWED, Basis, Precision, Range, Verdict
from ledger.neighbours import LINKS
from ledger.rules import shown, stated_text

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Matter:
    """Columns that say one thing. One that is `quiet` is none to be asked about: ours stands."""

    name: str
    columns: tuple[str, ...]
    quiet: bool = False


def _each(*names: str) -> tuple[Matter, ...]:
    return tuple(Matter(name.removesuffix("_id"), (name,)) for name in names)


#: What a row goes by: two rows that are known to be one may have been given two names.
_NAMES = ("name", "slug")

MATTERS: dict[str, tuple[Matter, ...]] = {
    "event": (
        *_each("slug", "title", "place"),
        Matter("coordinates", ("latitude", "longitude")),
        *_each("started_on", "ended_on", "note"),
    ),
    "source": _each(
        "name", "kind", "member_of_id", "side", "reliability", "merged_into_id", "note"
    ),
    "source_alias": _each("name", "source_id"),
    "document": (
        *_each("slug", "title", "url", "publisher_id", "published_on", "language", "sha256"),
        Matter("retrieved_at", ("retrieved_at",), quiet=True),
        Matter("archive_url", ("archive_url",), quiet=True),
        *_each("note"),
    ),
    "proposition": (
        *_each("slug", "text", "kind", "unit", "population", "event_id"),
        Matter("finding", ("verdict", "finding_low", "finding_high", "because")),
        *_each("note"),
    ),
    "claim": (
        *_each("proposition_id", "source_id", "stance", "basis"),
        Matter("count", ("low", "high", "wording")),
        Matter("quote", ("quote", "quote_prefix", "quote_suffix")),
        *_each("document_id", "via_id", "attribution", "answers_id", "repeats_id"),
        Matter("stated", ("stated_on", "stated_precision")),
        Matter("status", ("status", "because")),
        *_each("note"),
    ),
    "evidence": _each("note"),
    "acceptance": (Matter("acceptance", ("finding", "because", "taken_back")),),
}

#: What a matter says that says nothing, where that is not all empty.
_NOTHING: dict[str, tuple[Any, ...]] = {
    "status": (UNREVIEWED, None),
    "finding": (Verdict.OPEN.value, None, None, None),
    "basis": (Basis.UNKNOWN.value,),
}


class _Bases(NamedTuple):
    """A row there as it was when we saw it last, and ours as it was when they did, if they did."""

    theirs: Row | None
    ours: Row | None


class Comparison:
    """Rows of theirs beside ours.

    `ids` has the number here of each row there, by table. `conflicts` are those that nobody has
    decided; `taken` tells what of theirs is taken, the first few, and `kept` counts what of ours
    stands where theirs is newer or otherwise.
    """

    #: So many changes are told in words.
    TOLD = 50

    def __init__(
        self,
        ours: sa.Connection,
        theirs: sa.Connection,
        kin: Kin,
        known: Known,
        ids: Mapping[str, Sequence[int]],
        decisions: Decisions,
    ) -> None:
        self.conflicts: list[Conflict] = []
        self.taken: list[str] = []
        self._ours, self._theirs = ours, theirs
        self._kin = kin
        self._known = known
        self._ids = ids
        self._decisions = decisions
        self._names: dict[tuple[int, str, int], str] = {}
        self._analysts: dict[tuple[int, int], str] = {}

    def here(self, table: str, row: Mapping[str, Any]) -> Row:
        """A row of theirs by the numbers that things have here."""
        links = LINKS[table]
        found = {
            name: self.link(links[name], value) if name in links and value is not None else value
            for name, value in row.items()
        }
        # Two sources there may be one here.
        own = self.link("source", row["id"]) if table == "source" else found.get("source_id")
        for name in ("member_of_id", "merged_into_id", "via_id"):
            if own is not None and found.get(name) == own:
                found[name] = None
        return found

    def link(self, table: str, number: int) -> int:
        """The number here of a row of theirs that something points to."""
        found = self._ids[table][number]
        return self._known.final(found) if table == "source" else found

    def changes(
        self, table: str, ours: Mapping[str, Any], theirs: Mapping[str, Any], *, told: bool = True
    ) -> Row:
        """What of our row is to be changed; with `told`, conflicts and changes are noted.

        `theirs` is their row as it stands there.
        """
        number, mapped = int(theirs["id"]), self.here(table, theirs)
        own = self._settled(table, ours)
        bases: _Bases | None = None
        found: Row = {}
        for matter in MATTERS[table]:
            mine, other = (_values(row, matter) for row in (own, mapped))
            if mine == other:
                continue
            bases = bases or self._bases(table, int(ours["id"]), number)
            if any(other == _values(base, matter) for base in (bases.theirs, bases.ours) if base):
                continue  # they say what both have heard before
            moved_on = any(
                mine == _values(base, matter)
                for base in (bases.theirs, bases.ours if self._kin.came[table][number] else None)
                if base
            )
            if matter.columns[0] in _NAMES:
                # What came from here may have been given another slug there for want of a free one.
                takes = bases.theirs is not None and mine == _values(bases.theirs, matter)
            elif matter.columns[0] == "merged_into_id":
                takes = other != (None,) and self._asked(table, matter, ours, theirs, told)
                if takes:
                    self.must_be_merged(ours["name"], self._name(self._ours, "source", *other))
            elif moved_on or _says_nothing(matter, mine):
                takes = True
            elif _says_nothing(matter, other) or matter.quiet:
                takes = False
            else:
                takes = self._asked(table, matter, ours, theirs, told)
            if takes:
                found |= dict(zip(matter.columns, other, strict=True))
                if told and len(self.taken) < self.TOLD:
                    self.taken.append(self._in_words(table, matter, ours, theirs))
        return found

    def conflicts_of(
        self, table: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]
    ) -> list[Conflict]:
        """Every conflict of two rows that go by one name, decided or not."""
        mapped, own = self.here(table, theirs), self._settled(table, ours)
        return [
            self._conflict(table, matter, ours, theirs)
            for matter in MATTERS[table]
            if not matter.quiet
            and (mine := _values(own, matter)) != (other := _values(mapped, matter))
            and not _says_nothing(matter, mine)
            and not _says_nothing(matter, other)
        ]

    def refuse(self, conflict: Conflict) -> bool:
        """Whether a conflict is decided for theirs; one that is not decided is noted."""
        decision = self._decisions.on(conflict)
        if decision is None:
            self.conflicts.append(conflict)
        else:
            self._decisions.met += 1
        return decision is Decision.THEIRS

    def must_be_merged(self, one: str, other: str) -> None:
        """Refuse a decision that would make one source of two: LedgerError."""
        raise LedgerError(
            f"{shown(one)} and {shown(other)} are one source there, and two here; nothing was "
            "imported",
            "`ledger source merge` makes them one here; then import again",
        )

    def side(self, connection: sa.Connection, said: str, entry: int) -> Side:
        """What one ledger says, with who said so."""
        key = id(connection), entry
        if key not in self._analysts:
            table = schema.entry
            query = sa.select(table.c.recorded_by).where(table.c.id == entry)
            self._analysts[key] = connection.execute(query).scalar() or ""
        return Side(said, self._analysts[key], entry)

    def _asked(
        self,
        table: str,
        matter: Matter,
        ours: Mapping[str, Any],
        theirs: Mapping[str, Any],
        told: bool,
    ) -> bool:
        conflict = self._conflict(table, matter, ours, theirs)
        if not told:
            return self._decisions.on(conflict) is Decision.THEIRS
        return self.refuse(conflict)

    def _conflict(
        self, table: str, matter: Matter, ours: Mapping[str, Any], theirs: Mapping[str, Any]
    ) -> Conflict:
        number = int(theirs["id"])
        return Conflict(
            table,
            self._title(table, ours),
            matter.name,
            self.side(self._ours, self._said(self._ours, table, matter, ours), ours["entry_id"]),
            self.side(
                self._theirs, self._said(self._theirs, table, matter, theirs), theirs["entry_id"]
            ),
            table in ("event", "document", "proposition") and not self._kin.ids[table][number],
        )

    def _settled(self, table: str, ours: Mapping[str, Any]) -> Row:
        """Our row, sources that became part of others taken for those."""
        links = LINKS[table]
        return {
            name: self._known.final(value)
            if value is not None and links.get(name) == "source"
            else value
            for name, value in ours.items()
        }

    def _bases(self, table: str, ours: int, theirs: int) -> "_Bases":
        """The row as it was when the other side last saw it."""
        seen, told = self._kin.seen, self._kin.told
        before = as_of(self._theirs, table, theirs, seen) if seen else None
        own = as_of(self._ours, table, ours, told) if told else None
        return _Bases(
            None if before is None else self.here(table, before),
            None if own is None else self._settled(table, own),
        )

    def _in_words(
        self, table: str, matter: Matter, ours: Mapping[str, Any], theirs: Mapping[str, Any]
    ) -> str:
        conflict = self._conflict(table, matter, ours, theirs)
        before, after = conflict.ours.said or "nothing", conflict.theirs.said or "nothing"
        return (
            f"{table.replace('_', ' ')} {conflict.name}: {matter.name} {before} → {after} "
            f"(by {conflict.theirs.by}, entry {conflict.theirs.entry} there)"
        )

    def _title(self, table: str, row: Mapping[str, Any]) -> str:
        """What our row goes by."""
        key = schema.NATURAL_KEYS.get(table)
        if key is not None:
            return str(row[key])
        if table == "claim":
            source = self._name(self._ours, "source", row["source_id"])
            on = self._name(self._ours, "proposition", row["proposition_id"])
            return f"{row['id']} ({source} on {on})"
        return str(row["id"])

    def _said(
        self, connection: sa.Connection, table: str, matter: Matter, row: Mapping[str, Any]
    ) -> str:
        """What a row says in a matter, in words."""
        values = [row[name] for name in matter.columns]
        if matter.name in _SPEAKERS:
            return _SPEAKERS[matter.name](values)
        target = LINKS[table].get(matter.columns[0])
        if target is not None and values[0] is not None:
            return self._name(connection, target, values[0])
        return ", ".join(
            written(value) if isinstance(value, date | datetime) else str(value)
            for value in values
            if value is not None
        )

    def _name(self, connection: sa.Connection, table: str, number: int) -> str:
        """The name or slug of a row; of a claim its number there."""
        name = schema.NATURAL_KEYS.get(table)
        if name is None:
            return f"{table} {number}"
        key = id(connection), table, number
        if key not in self._names:
            target = schema.VERSIONED[table][0].c
            query = sa.select(target[name]).where(target.id == number)
            self._names[key] = str(connection.execute(query).scalar())
        return self._names[key]


def rows(
    connection: sa.Connection, table: str, *where: Callable[[Any], sa.ColumnElement[bool]]
) -> Iterator[Row]:
    """The rows of a table in the order of their numbers, long texts left out."""
    target = schema.VERSIONED[table][0]
    query = (
        sa.select(*(target.c[name] for name in told_columns(table)))
        .where(*(condition(target.c) for condition in where))
        .order_by(target.c.id)
        .execution_options(yield_per=1_000)
    )
    for row in connection.execute(query).mappings():
        yield dict(row)


def _values(row: Mapping[str, Any], matter: Matter) -> tuple[Any, ...]:
    return tuple([row[name] for name in matter.columns])


def _says_nothing(matter: Matter, values: tuple[Any, ...]) -> bool:
    nothing = _NOTHING.get(matter.name)
    return values == nothing if nothing else all(value is None for value in values)


def _judged(values: Sequence[Any]) -> str:
    status, because = values
    return f"{status}: {because}" if because else str(status)


def _found(values: Sequence[Any]) -> str:
    verdict, low, high, because = values
    found = "" if low is None and high is None else f" {Range(low, high)}"
    return f"{verdict}{found}" + (f": {because}" if because else "")


def _counted(values: Sequence[Any]) -> str:
    low, high, words = values
    return f"{Range(low, high)}" + (f" (“{words}”)" if words else "")


def _stated(values: Sequence[Any]) -> str:
    day, precision = values
    return "" if day is None else stated_text(day, Precision(precision))


#: The matters that are told in words of their own.
_SPEAKERS: dict[str, Callable[[Sequence[Any]], str]] = {
    "status": _judged,
    "finding": _found,
    "count": _counted,
    "stated": _stated,
}
