"""Datasette's page for a table as a page of ours: what it found, in the frame that all pages have.

Datasette reads, filters, counts and sorts; its own template would need scripts and styles within
the page, and knows neither our pages nor what to do with hostile text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from ledger.dossier.page import web_address
from ledger.sqlwords import RELATIONS, Relation
from ledger.visible import cut
from ledger.web.door import Opening
from ledger.web.links import Links, Where

#: What Datasette calls the ledger: the first part of the address of a table.
DATABASE = "data"

#: What Datasette shows: what there is to select from, but for what is only there to be searched.
SHOWN: Mapping[str, Relation] = {each.name: each for each in RELATIONS if each.name != "texts"}

#: How a column can be compared: as Datasette has it in an address, and in words.
COMPARISONS: Mapping[str, str] = {
    "exact": "is",
    "not": "is not",
    "contains": "contains",
    "startswith": "begins with",
    "endswith": "ends with",
    "gt": "is more than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
    "in": "is one of",
    "notin": "is none of",
    "isnull__1": "is empty",
    "notnull__1": "is not empty",
}

#: Texts of more characters than this ask for a wider column.
LONG = 80

#: Of more columns than this a row does not fit a sheet of paper, and is printed as a list.
WIDE = 8

#: The most counts of columns on a page: each may take half a second.
MOST_FACETS = 4

_ANY = re.compile(r"[^\0]{0,2000}", re.DOTALL)
_ON = re.compile("on|off|1|0|")
_PLACE = re.compile("[0-9]{1,9}")

#: The pages that tell more of what a column names.
_OF: Mapping[str, str] = {
    **dict.fromkeys(("claim", "answers", "non_denial_of", "repeats", "on_claim"), "claim"),
    **dict.fromkeys(("source", "member_of", "via", "publisher"), "source"),
    "event": "event",
    "proposition": "proposition",
}


def openings() -> Iterable[Opening]:
    """The addresses of tables, as pages and as JSON, with what may be asked of each."""
    for relation in SHOWN.values():
        columns = list(relation.columns)
        column = re.compile("|".join(map(re.escape, columns)))
        asked = {
            **dict.fromkeys(columns, _ANY),
            **{f"{name}__{op}": _ANY for name in columns for op in _operators()},
            **dict.fromkeys(("_sort", "_sort_desc", "_facet", "_col", "_nocol"), column),
            **dict.fromkeys(("_nofacet", "_nocount", "_nosuggest", "_nl", "_labels"), _ON),
            "_next": _PLACE,
            "_size": re.compile("[0-9]{1,4}|max"),
            "_facet_size": re.compile("[0-9]{1,4}|max"),
            "_shape": re.compile("arrays|objects|array|arrayfirst"),
        }
        for number in ("", *(f"_{place}" for place in range(1, 10))):
            asked[f"_filter_column{number}"] = re.compile(f"|{column.pattern}")
            asked[f"_filter_op{number}"] = re.compile("|".join(COMPARISONS))
            asked[f"_filter_value{number}"] = _ANY
        path = re.compile(rf"/{DATABASE}/{relation.name}(\.json)?")
        yield Opening(path, asked, {"_facet": MOST_FACETS})


def _operators() -> Iterable[str]:
    return (each.removesuffix("__1") for each in COMPARISONS)


def metadata(name: str) -> dict[str, Any]:
    """What Datasette is told of the tables: what each means, and its columns."""
    tables = {
        each.name: {"description": each.meaning, "columns": dict(each.columns)}
        for each in SHOWN.values()
    }
    return {"title": name, "databases": {DATABASE: {"tables": tables}}}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is shown, and where it leads."""

    value: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its name and meaning, the addresses that sort by it and count it."""

    name: str
    meaning: str
    sort: str
    facet: str
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value, how often it stands there, and the address that filters by it or no longer does."""

    value: str
    count: int
    address: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """How often each value of a column stands there; `more`: there are others."""

    column: str
    values: Sequence[FacetValue]
    more: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the form: its `number` there (“” for the empty one), and what it says."""

    number: str
    column: str = ""
    comparison: str = "exact"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What there is to show of a table; `count` is None where there was no time to count."""

    name: str
    meaning: str
    address: str
    columns: Sequence[str]
    comparisons: Sequence[tuple[str, str]]
    filters: Sequence[Filter]
    kept: Sequence[tuple[str, str]]
    count: int | None
    described: str
    facets: Sequence[Facet]
    late: Sequence[str]
    heads: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    next: str | None
    json: str


def table(
    links: Links,
    *,
    request: Any,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Any],
    filters: Any,
    count: int | None,
    described: str,
    facets: Iterable[Mapping[str, Any]],
    late: Sequence[str],
    next_url: str | None,
    sort: str | None,
    sort_desc: str | None,
    kept: Sequence[tuple[str, str]],
) -> Table:
    """What Datasette found of a table, by the names that its template has for it."""
    relation = SHOWN[table]
    address = f"/{DATABASE}/{table}"
    asked = parse_qsl(request.query_string, keep_blank_values=True)
    return Table(
        table,
        relation.meaning,
        address,
        list(relation.columns),
        list(COMPARISONS.items()),
        [*_filters(filters), Filter("")],
        kept,
        count,
        described,
        [_facet(each) for each in facets],
        late,
        [_heading(relation, name, address, asked, sort, sort_desc) for name in columns],
        [[_cell(links, cell["column"], cell["raw"]) for cell in row] for row in rows],
        _here(next_url) if next_url else None,
        _with(f"{address}.json", asked, {}),
    )


def where(query: Mapping[str, Any]) -> Where:
    """The page that asks the same of all rows in SQL."""
    sql = str(query["sql"])
    whole = sql[: sql.rindex(" limit ")]
    values = ((name, str(value)) for name, value in query["params"].items())
    return Where("sql", asked=(("sql", whole), *values))


def _filters(filters: Any) -> Iterable[Filter]:
    for number, (column, lookup, value) in enumerate(filters.selections(), 1):
        comparison = lookup if lookup in COMPARISONS else f"{lookup}__1"
        yield Filter(f"_{number}", column, comparison, value)


def _facet(found: Mapping[str, Any]) -> Facet:
    values = [
        FacetValue(
            cut(str(each["value"])), each["count"], _here(each["toggle_url"]), each["selected"]
        )
        for each in found["results"]
    ]
    return Facet(found["name"], values, bool(found["truncated"]))


def _heading(
    relation: Relation,
    name: str,
    address: str,
    asked: Sequence[tuple[str, str]],
    sort: str | None,
    sort_desc: str | None,
) -> Heading:
    by: dict[str, str | None] = {"_sort": None, "_sort_desc": None, "_next": None}
    downwards = name == sort
    by["_sort_desc" if downwards else "_sort"] = name
    order = "ascending" if name == sort else "descending" if name == sort_desc else ""
    meaning = relation.columns.get(name, "")
    counted = dict.fromkeys([*(value for key, value in asked if key == "_facet"), name])
    plain = [pair for pair in asked if pair[0] not in ("_facet", "_next")]
    facet = _with(address, [*plain, *(("_facet", each) for each in counted)], {})
    return Heading(name, meaning, _with(address, asked, by), facet, order)


def _with(address: str, asked: Sequence[tuple[str, str]], changed: Mapping[str, str | None]) -> str:
    """An address with what is asked, but for what is changed; None leaves it out."""
    rest = [pair for pair in asked if pair[0] not in changed]
    new = [(name, value) for name, value in changed.items() if value is not None]
    query = urlencode([*rest, *new])
    return f"{address}?{query}" if query else address


def _here(url: str) -> str:
    """An address of Datasette's as one of this server, whatever that is called from without."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _cell(links: Links, column: str, value: Any) -> Cell:
    text = "" if value is None else cut(str(value))
    kind = _OF.get(column)
    if kind and text:
        return Cell(text, links.to(Where(kind, str(value))))
    return Cell(text, web_address(str(value)) if column.endswith("url") else None)
