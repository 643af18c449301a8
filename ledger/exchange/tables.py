"""The tables of a ledger's folder of CSV files: their columns, and how a header is recognised.

One format serves for seeds, for a whole ledger and for a file of claims. A row of claims.csv may
also describe what it names, in columns such as `proposition_text` and `source_kind`, so that the
file stands alone: that is its *wide* form.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ledger import names
from ledger.errors import BadFileError, BadRow, Problem
from ledger.exchange.cells import Cell
from ledger.rules import shown


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file, the field of the stored row that it fills, and what its cells are."""

    name: str
    field: str
    cell: Cell = Cell.TEXT


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing that rows name and may describe: its stored table, the column that names it."""

    table: str
    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Table:
    """One table of the format: its own columns, and the things its rows describe.

    Columns in `sparing` are written only where some row has something to put there.
    """

    name: str
    subjects: tuple[Subject, ...] = ()
    own: tuple[Column, ...] = ()
    required: tuple[str, ...] = ()
    sparing: frozenset[str] = field(default_factory=frozenset)

    @property
    def file(self) -> str:
        """The table's file in a folder."""
        return f"{self.name}.csv"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column, in the order in which it is written."""
        described = [
            column
            for subject in self.subjects
            for column in (subject.name, *(column.name for column in subject.columns))
        ]
        return tuple(dict.fromkeys([*(column.name for column in self.own), *described]))


_PROPOSITION = (
    Column("text", "text"),
    Column("kind", "kind"),
    Column("unit", "unit"),
    Column("population", "population"),
    Column("event", "event_id"),
    Column("verdict", "verdict"),
    Column("finding_low", "finding_low", Cell.WHOLE),
    Column("finding_high", "finding_high", Cell.WHOLE),
    Column("because", "because"),
    Column("note", "note"),
)
_EVENT = (
    Column("title", "title"),
    Column("place", "place"),
    Column("latitude", "latitude"),
    Column("longitude", "longitude"),
    Column("started_on", "started_on", Cell.DAY),
    Column("ended_on", "ended_on", Cell.DAY),
    Column("note", "note"),
)
_SOURCE = (
    Column("kind", "kind"),
    Column("member_of", "member_of_id"),
    Column("side", "side"),
    Column("reliability", "reliability"),
    Column("aliases", "aliases", Cell.NAMES),
    Column("note", "note"),
)
_DOCUMENT = (
    Column("title", "title"),
    Column("url", "url"),
    Column("publisher", "publisher_id"),
    Column("published_on", "published_on", Cell.DAY),
    Column("language", "language"),
    Column("sha256", "sha256"),
    Column("retrieved_at", "retrieved_at", Cell.MOMENT),
    Column("archive_url", "archive_url"),
    Column("note", "note"),
)

#: Where the text of a document that holds it is, in a folder.
TEXT_FILE = Column("text_file", "text")
MERGED_INTO = Column("merged_into", "merged_into_id")

SOURCES = Table(
    "sources",
    (Subject("source", "name", (*_SOURCE, MERGED_INTO)),),
    required=("name",),
    sparing=frozenset({MERGED_INTO.name}),
)
EVENTS = Table("events", (Subject("event", "slug", _EVENT),), required=("slug", "title"))
DOCUMENTS = Table(
    "documents",
    (Subject("document", "slug", (*_DOCUMENT, TEXT_FILE)),),
    required=("slug", "title"),
    sparing=frozenset({TEXT_FILE.name}),
)
PROPOSITIONS = Table(
    "propositions",
    (Subject("proposition", "slug", _PROPOSITION),),
    required=("slug", "text", "kind"),
)

#: A claim's own columns, as claims.csv has them in either form.
CLAIM = (
    Column("claim", "id", Cell.WHOLE),
    Column("proposition", "proposition_id"),
    Column("source", "source_id"),
    Column("stance", "stance"),
    Column("basis", "basis"),
    Column("low", "low", Cell.BOUND),
    Column("high", "high", Cell.BOUND),
    Column("wording", "wording"),
    Column("quote", "quote"),
    Column("quote_prefix", "quote_prefix"),
    Column("quote_suffix", "quote_suffix"),
    Column("document", "document_id"),
    Column("via", "via_id"),
    Column("attribution", "attribution"),
    Column("answers", "answers_id", Cell.WHOLE),
    Column("repeats", "repeats_id", Cell.WHOLE),
    Column("stated_on", "stated_on", Cell.STATED),
    Column("status", "status"),
    Column("because", "because"),
    Column("note", "note"),
)


def _wide(columns: Sequence[Column], names: str) -> tuple[Column, ...]:
    """The columns of a thing under the names that they have in a row of claims."""
    return tuple(
        Column(name, column.field, column.cell)
        for column, name in zip(columns, names.split(), strict=True)
    )


CLAIMS = Table(
    "claims",
    (
        Subject(
            "proposition",
            "proposition",
            _wide(
                _PROPOSITION,
                "proposition_text kind unit population event verdict finding_low finding_high"
                " finding_because proposition_note",
            ),
        ),
        Subject(
            "event",
            "event",
            _wide(
                _EVENT,
                "event_title event_place event_latitude event_longitude event_started_on"
                " event_ended_on event_note",
            ),
        ),
        Subject(
            "source",
            "source",
            _wide(
                _SOURCE,
                "source_kind source_member_of source_side source_reliability source_aliases"
                " source_note",
            ),
        ),
        Subject(
            "document",
            "document",
            _wide(
                _DOCUMENT,
                "document_title document_url publisher published_on language sha256 retrieved_at"
                " archive_url document_note",
            ),
        ),
    ),
    own=CLAIM,
    required=("proposition", "source", "stance"),
)
ASSESSMENTS = Table(
    "assessments",
    own=(Column("claim", "claim", Cell.WHOLE), Column("status", "status"),
         Column("because", "because")),
    required=("claim", "status"),
)  # fmt: skip
GROUNDS = Table(
    "grounds",
    own=(
        Column("claim", "claim_id", Cell.WHOLE),
        Column("on_claim", "on_claim_id", Cell.WHOLE),
        Column("on_document", "on_document_id"),
        Column("note", "note"),
    ),
    required=("claim",),
)
ACCEPTANCES = Table(
    "acceptances",
    own=(
        Column("check", "check_name"),
        Column("claim", "claim_id", Cell.WHOLE),
        Column("source", "source_id"),
        Column("proposition", "proposition_id"),
        Column("event", "event_id"),
        Column("document", "document_id"),
        Column("finding", "finding"),
        Column("because", "because"),
        Column("taken_back", "taken_back"),
    ),
    required=("check", "finding", "because"),
)

#: Every table, in the order in which a folder is read and written.
TABLES = (SOURCES, EVENTS, DOCUMENTS, PROPOSITIONS, CLAIMS, ASSESSMENTS, GROUNDS, ACCEPTANCES)


def recognised(header: Sequence[str]) -> Table:
    """The table whose columns a header has: the one it shares the most names with.

    One that it has all of goes before. Where none has more than another, and nothing that it needs,
    it is meant for claims.
    """

    def fit(table: Table) -> tuple[bool, int, bool, bool, int]:
        has = set(table.required) <= set(header)
        shared = len(set(header) & set(table.columns))
        whole = has and shared == len(set(header))
        return whole, shared, has, table is CLAIMS and not has, -len(table.columns)

    return max(TABLES, key=fit)


def checked(header: Sequence[str], table: Table, file: str) -> list[str]:
    """The header's names in small letters, without the spaces around them.

    Raises BadFileError where the first line is no header with commas, and one that names every
    column that is unknown, there twice, without a name, or required and missing.
    """
    if no_header := _no_header(header):
        what, hint = no_header
        raise BadFileError(f"{file} {what}; nothing was imported", hint=hint)
    found = [plain_name(name) for name in header]
    problems = [
        *_unknown(found, table),
        *(
            Problem(name, "the header names this column twice", "once")
            for name in dict.fromkeys(found)
            if name and found.count(name) > 1
        ),
        *(
            Problem(name, "this column is missing", f"the columns {', '.join(table.required)}")
            for name in table.required
            if name not in found
        ),
    ]
    if problems:
        raise BadFileError(
            f"the header of {file} will not do; nothing was imported",
            [BadRow(file, 1, problem) for problem in problems],
            f"the columns of {table.file}: {', '.join(table.columns)}",
        )
    return found


def plain_name(name: str) -> str:
    """A column's name as it is compared: spaces around it and capitals do not matter."""
    return name.strip().lower()


def _unknown(found: Sequence[str], table: Table) -> list[Problem]:
    problems = []
    for place, name in enumerate(found, start=1):
        if not name:
            problems.append(Problem("header", f"column {place} has no name", "a name"))
        elif name not in table.columns:
            near = [_MEANT[name]] if _MEANT.get(name) in table.columns else names.close(
                name, table.columns, most=1
            )  # fmt: skip
            meant = f"did you mean {near[0]}?" if near else ""
            problems.append(Problem(shown(name)[1:-1], "this column is not known", meant))
    return problems


#: What people call a column that has another name here.
_MEANT = {"said_on": "stated_on", "date": "stated_on"}


def _no_header(cells: Sequence[str]) -> tuple[str, str] | None:
    """What a first line is that names no columns, and what to do about it."""
    first = cells[0].strip()
    if first.lower().startswith("sep="):
        return f"begins with {shown(first)}, a mark of spreadsheets", "take that line out"
    if first.startswith("#"):
        return f"begins with a remark, {shown(first)}", "take it out: the first line is the header"
    for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(cells) == 1 and mark in first:
            return f"has its cells parted by {name}", "save it with commas"
    return None
