"""Holds what the files say of things against the ledger, and makes rows of the things that are new.

Nothing that is there is changed. Where the files contradict it, that is a bad row; where they
differ in judgement, or say more than the ledger does, it is noted.
"""

from datetime import date
from typing import Any, Protocol

from ledger import rules
from ledger.errors import BadRow
from ledger.exchange import tables
from ledger.exchange.cells import written
from ledger.exchange.gathering import POINTS_TO, Gathered, Place, Thing
from ledger.exchange.known import Known
from ledger.exchange.naming import TABLES, Naming
from ledger.rules import shown

#: Fields that are judged anew from time to time, so that a file may well be behind.
_JUDGED = {
    "source": {"reliability", "note", "merged_into_id"},
    "event": {"note"},
    "document": {"note", "retrieved_at", "archive_url"},
    "proposition": {"verdict", "finding_low", "finding_high", "because", "note"},
}

Fields = dict[str, Any]


class Kinds(Protocol):
    """The kinds of propositions."""

    def get(self, number: int, /) -> str | None:
        """The kind of a proposition by its number; None where there is none of it."""


class Described:
    """The new rows of each table, and how many the files name that were there.

    `bad` and `notes` grow as things are held against the ledger; `kinds` has the kind of every
    proposition by number, `kinds_told` of those that are Things. `today` is the day of the entry,
    UTC.
    """

    def __init__(self, gathered: Gathered, naming: Naming, known: Known, today: date) -> None:
        self.bad: list[BadRow] = []
        self.notes: list[str] = []
        self.present = dict.fromkeys(
            ("event", "source", "source_alias", "document", "proposition"), 0
        )
        self.kinds_told: dict[int, str] = {}
        self.kinds: Kinds = self.kinds_told
        self._naming = naming
        self._known = known
        self._today = today
        self._new: dict[str, dict[int, Fields]] = {}
        self._aliases: list[Fields] = []
        self._alias_of: dict[str, int] = {}
        self._with_text = known.documents_with_text()
        self._texts: dict[int, str | None] = {}
        self._first_stands = gathered.first_stands
        self._otherwise: dict[str, tuple[int, str]] = {}
        for table in TABLES:
            self._describe(table, list(gathered.things[table].values()))
        self.notes += [
            f"{count:,} {table}{'s are' if count > 1 else ' is'} told of otherwise than in the "
            f"ledger, which stands (first: {example})"
            for table, (count, example) in self._otherwise.items()
        ]

    def rows(self, table: str) -> list[Fields]:
        """The rows of a table that are to be written, in the order of their numbers."""
        return self._aliases if table == "source_alias" else list(self._new[table].values())

    def new(self, table: str) -> dict[int, Fields]:
        """The rows of a table that are to be written, by number."""
        return self._new[table]

    def text(self, document_id: int) -> str | None:
        """The text of a document, in the ledger or in the files."""
        if document_id in self._new["document"]:
            text: str | None = self._new["document"][document_id].get("text")
            return text
        if document_id not in self._with_text:
            return None
        if document_id not in self._texts:
            self._texts = {document_id: self._known.text(document_id)}
        return self._texts[document_id]

    def _describe(self, table: str, things: list[Thing]) -> None:
        named = [(thing, self._naming.row_number(thing)) for thing in things]
        numbered = [(thing, number) for thing, number in named if number is not None]
        there = self._known.rows(
            table, [n for _, n in numbered if not self._naming.is_new(table, n)]
        )
        key = "name" if table == "source" else "slug"
        bearers: dict[int, Thing] = {}
        rows: dict[int, Fields] = {}
        for thing, number in numbered:
            fields = self._fields(thing)
            if number in there:
                self._compare(thing, fields, there[number])
            elif number not in rows:
                # Not the name of the first row, which may be the other name of a later one.
                name = self._naming.name_of_new(table, number)
                rows[number], bearers[number] = {key: name, **fields}, thing
            else:
                self._join(thing, fields, rows[number])
            if table == "source":
                self._alias(thing, number)
        self.present[table] = len(there)
        self._new[table] = dict(sorted(rows.items()))
        for number, thing in bearers.items():
            self._check(thing, {"id": number, **rows[number]})
        if table == "source":
            self._check_rings(rows, bearers)
        if table == "proposition":
            both = {**there, **rows}
            self.kinds_told.update((number, str(row.get("kind"))) for number, row in both.items())

    def _fields(self, thing: Thing) -> Fields:
        """What is said of a thing, by the stored row's fields, names turned into numbers."""
        fields: Fields = {}
        for field, value in thing.values.items():
            if field in POINTS_TO:
                value = self._naming.reference(field, str(value), thing.told_at(field), self.bad)
            if field != "aliases" and value is not None:
                fields[field] = value
        return fields

    def _compare(self, thing: Thing, fields: Fields, stored: Fields) -> None:
        what = f"{thing.table} {shown(thing.name)}"
        for field, value in fields.items():
            place = thing.told_at(field)
            if field == "text" and thing.table == "document":
                if stored["id"] not in self._with_text:
                    self.notes.append(f"{what}: its text is not attached; `ledger document attach`")
                continue
            have = stored[field]
            if field in POINTS_TO and POINTS_TO[field] == "source" and have is not None:
                have = self._known.final(have)
            if have == value:
                continue
            said = _told(thing.values[field])
            held = "another" if field in POINTS_TO else _told(have)
            if thing.table in self._first_stands:
                count, example = self._otherwise.get(thing.table, (0, ""))
                example = example or f"line {place.line}: {place.column} {said} of {what}"
                self._otherwise[thing.table] = count + 1, example
                return
            if have is None or field in _JUDGED[thing.table]:
                held = "nothing" if have is None else held
                self.notes.append(
                    f"{what}: {place.column} {said} in line {place.line}, {held} in the ledger; "
                    "not changed"
                )
            else:
                self.bad.append(
                    place.bad(f"{said} contradicts the ledger on {what}", f"{held}, or nothing")
                )

    def _join(self, thing: Thing, fields: Fields, row: Fields) -> None:
        """Put together what is said of one new source under two spellings."""
        for field, value in fields.items():
            if row.setdefault(field, value) != value:
                said = _told(thing.values[field])
                self.bad.append(
                    thing.told_at(field).bad(
                        f"{said} contradicts what is said of {shown(row['name'])}"
                    )
                )

    def _alias(self, thing: Thing, number: int) -> None:
        place = thing.told_at("aliases")
        meant = self._naming.number("source", thing.name)
        for name in thing.aliases:
            taken = self._known.sources.get(name)
            taken = self._naming.number("source", name) if taken is None else taken
            if name == thing.name or self._alias_of.get(name) == meant:
                continue
            if name in self._known.sources and taken == meant:
                self.present["source_alias"] += 1
            elif taken not in (None, meant) or name in self._alias_of:
                self.bad.append(place.bad(f"{shown(name)} is another source's", "one of its own"))
            else:
                self._alias_of[name] = number
                row: Fields = {"source_id": number, "name": name}
                self._aliases.append(row)
                for problem in (*rules.text_problems(row), *rules.alias_problems(row)):
                    self.bad.append(place.bad(problem.what, problem.allowed))

    def _check_rings(self, rows: dict[int, Fields], bearers: dict[int, Thing]) -> None:
        """New sources that would be members of themselves through one another."""
        sound: set[int] = set()
        for start in rows:
            path = {start}
            above = rows[start].get("member_of_id")
            while above in rows and above not in path | sound:
                path.add(above)
                above = rows[above].get("member_of_id")
            if above not in path:
                sound |= path
            elif above == start and len(path) > 1:  # if its own member, the rule on it says so
                thing = bearers[start]
                what = f"{shown(thing.name)} would be a member of itself, through others"
                self.bad.append(_place(thing, "member_of_id").bad(what))

    def _check(self, thing: Thing, row: Fields) -> None:
        for problem in (
            *rules.text_problems(row),
            *rules.PROBLEMS[thing.table](row),
            *rules.ahead_problems(row, self._today),
        ):
            place = _place(thing, problem.column)
            self.bad.append(place.bad(problem.what, problem.allowed))


def _place(thing: Thing, field: str) -> Place:
    """The cell that a rule finds fault with: where it was given, or where it is missing."""
    if (place := thing.at(field)) is not None:
        return place
    row = thing.declared_at or thing.place
    if field in ("name", "slug"):
        return row
    for table in tables.TABLES:
        for subject in table.subjects:
            if subject.table == thing.table and subject.name == row.column:
                for column in subject.columns:
                    if column.field == field:
                        return Place(row.file, row.line, column.name)
    return Place(row.file, row.line, field)


def _told(value: Any) -> str:
    return shown(value if isinstance(value, str) else written(value))
