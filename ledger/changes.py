"""What a version says that the one before it did not, field by field and in words.

Numbers of other rows are spelt as the names that those rows have now. Text that came from strangers
is quoted with its control characters escaped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.canonical import timestamp
from ledger.model import WITHDRAWN, Precision
from ledger.neighbours import LINKS
from ledger.rules import shown
from ledger.versions import Row, Version

#: What stands where a field holds nothing.
NOTHING = "–"

#: How much of a text a line may quote.
_QUOTED = 40

#: How many names are held at hand.
_NAMES_KEPT = 10_000

#: Tables whose names for people are not their own.
NOUNS = {"source_alias": ("alias", "aliases"), "evidence": ("ground", "grounds")}

_JUDGEMENT = {"status", "because"}
_FINDING = {"verdict", "finding_low", "finding_high", "because"}
_DATE_SHOWN = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a row, as it was and as it is; None where it held, or holds, nothing.

    Values are as the public views spell them: names for numbers, dates as exact as they are known.
    """

    field: str
    before: str | int | None
    after: str | int | None

    def __str__(self) -> str:
        """In a line: `reliability – → B`."""
        return f"{self.field} {_brief(self.before)} → {_brief(self.after)}"


class Names:
    """What rows are called now: asked for once, then held."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, int], str] = {}

    def of(self, table: str, number: int) -> str:
        """The name or slug of a row; of a claim its number."""
        if table not in schema.NATURAL_KEYS:
            return str(number)
        key = (table, number)
        if key not in self._known:
            if len(self._known) >= _NAMES_KEPT:
                self._known.clear()
            target = schema.VERSIONED[table][0]
            found = self._connection.execute(
                sa.select(target.c[schema.NATURAL_KEYS[table]]).where(target.c.id == number)
            ).scalar()
            self._known[key] = f"{table} {number}" if found is None else found
        return self._known[key]


def noun(table: str, count: int = 1) -> str:
    """What rows of a table are called: one of them, or `count`."""
    one, many = NOUNS.get(table, (table, f"{table}s"))
    return one if count == 1 else many


def differences(names: Names, version: Version) -> list[Difference]:
    """What a version changed, in the order of the columns; of a new row all that it says."""
    other = _other(version.row, version.before)
    before = {} if version.before is None else _spelt(names, version.table, version.before, other)
    after = _spelt(names, version.table, version.row, other)
    return [
        Difference(field, before.get(field), after.get(field))
        for field in after
        if before.get(field) != after.get(field)
    ]


def _other(row: Row, before: Row | None) -> list[str]:
    """The columns of which a version says something else: only those need to be spelt."""
    if before is None:
        return list(row)
    found = {column for column in row if row[column] != before[column]}
    if "stated_precision" in found:
        found.add("stated_on")
    return [column for column in row if column in found]


def _spelt(names: Names, table: str, row: Row, columns: list[str]) -> dict[str, Any]:
    links, spelt = LINKS[table], {}
    for column in columns:
        value = row[column]
        if column in ("id", "stated_precision"):
            continue
        if column in links:
            field = column.removesuffix("_id")
            spelt[field] = None if value is None else _linked(names, links[column], value)
        elif column == "stated_on" and value is not None:
            spelt[column] = value.isoformat()[: _DATE_SHOWN[Precision(row["stated_precision"])]]
        else:
            spelt[column] = _plain(value)
    return spelt


def _linked(names: Names, target: str, number: int) -> str | int:
    return names.of(target, number) if target in schema.NATURAL_KEYS else number


def _plain(value: Any) -> str | int | None:
    if isinstance(value, datetime):
        return timestamp(value)
    return value.isoformat() if isinstance(value, date) else value


def _brief(value: str | int | None) -> str:
    if value is None:
        return NOTHING
    text = str(value)
    plain = text.isprintable() and len(text) <= _QUOTED and not any(map(str.isspace, text))
    return text if plain else shown(text, _QUOTED)


def _bare(text: str) -> str:
    return shown(text)[1:-1]


def described(names: Names, version: Version) -> str:
    """A version in one line: `claim 4 assessed: unreviewed → unverified`."""
    teller = _TELLERS.get(version.table, _edited)
    return teller(names, version)


def titled(names: Names, version: Version) -> str:
    """What a row is called in a line: `claim 4`, `source TASS`, `ground of claim 4 on article`."""
    if version.table == "evidence":
        return f"ground of claim {version.row['claim_id']} on {_rest(names, version.row)}"
    if version.table == "acceptance":
        return f"acceptance of {_bare(version.row['check_name'])} on {_subject(names, version.row)}"
    if version.table == "receipt":
        row = version.row
        what = f", {noun(row['kind'], row['many'])}" if row["kind"] else ""
        return f"receipt of entry {row['their_entry']} by {_bare(row['their_recorded_by'])}{what}"
    key = schema.NATURAL_KEYS.get(version.table)
    name = str(version.id) if key is None else _bare(str(version.row[key]))
    return f"{noun(version.table)} {name}"


def _rest(names: Names, row: Row) -> str:
    if row["on_claim_id"] is not None:
        return f"claim {row['on_claim_id']}"
    return f"document {_bare(names.of('document', row['on_document_id']))}"


def _subject(names: Names, row: Row) -> str:
    """The row that a finding is on."""
    number, table = next(
        (number, table) for table in schema.SUBJECTS if (number := row[f"{table}_id"]) is not None
    )
    return f"{noun(table)} {_bare(names.of(table, number))}"


def _edited(names: Names, version: Version) -> str:
    title = titled(names, version)
    if version.before is None:
        return f"{title} added"
    return f"{title} edited: {_all(differences(names, version))}"


def _all(found: list[Difference]) -> str:
    return ", ".join(map(str, found))


def _claim(names: Names, version: Version) -> str:
    row, title = version.row, titled(names, version)
    if version.before is None:
        source = _bare(names.of("source", row["source_id"]))
        about = names.of("proposition", row["proposition_id"])
        return f"{title} added: {source} {row['stance']} {about}"
    found = differences(names, version)
    changed = {difference.field for difference in found}
    if not changed <= _JUDGEMENT:
        return f"{title} corrected: {_all(found)}"
    if "status" not in changed:
        return f"{title} still {row['status']}: {_all(found)}"
    if row["status"] == WITHDRAWN:
        return f"{title} withdrawn: {_brief(row['because'])}"
    return f"{title} assessed: {version.before['status']} → {row['status']}"


def _proposition(names: Names, version: Version) -> str:
    found = differences(names, version)
    if version.before is None or not {difference.field for difference in found} <= _FINDING:
        return _edited(names, version)
    said = [difference for difference in found if difference.field not in ("verdict", "because")]
    verdict = f"{version.before['verdict']} → {version.row['verdict']}"
    return ", ".join([f"{titled(names, version)} settled: {verdict}", *map(str, said)])


def _source(names: Names, version: Version) -> str:
    found = differences(names, version)
    if version.before is not None and [each.field for each in found] == ["merged_into"]:
        into = found[0].after
        if into is not None:
            return f"{titled(names, version)} merged into {_bare(str(into))}"
    return _edited(names, version)


def _alias(names: Names, version: Version) -> str:
    if version.before is None:
        owner = _bare(names.of("source", version.row["source_id"]))
        return f"{titled(names, version)} added: {owner}"
    return _edited(names, version)


def _ground(names: Names, version: Version) -> str:
    if version.before is None:
        return f"claim {version.row['claim_id']} rests on {_rest(names, version.row)}"
    return _edited(names, version)


def _acceptance(names: Names, version: Version) -> str:
    changed = [each.field for each in differences(names, version)]
    if version.before is not None and changed == ["taken_back"] and version.row["taken_back"]:
        return f"{titled(names, version)} taken back: {_brief(version.row['taken_back'])}"
    return _edited(names, version)


_TELLERS: dict[str, Callable[[Names, Version], str]] = {
    "claim": _claim,
    "proposition": _proposition,
    "source": _source,
    "source_alias": _alias,
    "evidence": _ground,
    "acceptance": _acceptance,
}
