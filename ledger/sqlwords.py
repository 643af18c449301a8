"""What ad-hoc SQL may name: what there is to select from, which functions, which keywords.

Lists and their reasons; `ledger.query` keeps to them, help and completion show them. They are
SQLite's; what is PostgreSQL's own stands in `ledger.pgwords`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ledger import schema
from ledger.views import SQLITE_VIEWS, View


@dataclass(frozen=True, slots=True)
class Relation:
    """Something to select from: its name, one sentence, and each column's meaning in order."""

    name: str
    meaning: str
    columns: Mapping[str, str]


def public(views: Iterable[View]) -> tuple[Relation, ...]:
    """Views, as something to select from."""
    return tuple(Relation(v.name, v.meaning, MappingProxyType(v.columns)) for v in views)


#: The reference tables, to be joined.
VOCABULARIES: tuple[Relation, ...] = (
    Relation(
        "stance",
        "One row a stance (reference table): what a source can do with a proposition.",
        {
            "code": "the stance, as claims.stance has it",
            "side": "the way it points: affirms, denies, withholds, reports, withdraws",
            "meaning": "what it means",
            "example": "an example",
        },
    ),
    Relation(
        "status",
        "One row a verification status (reference table), with the crosswalk to other scales.",
        {
            "code": "the status, as claims.status has it",
            "meaning": "what it means",
            "admiralty": "Admiralty credibility, 1 to 6; 6 is “cannot be judged”, not the worst",
            "airwars": "the grading of Airwars",
            "averitec": "the label of AVeriTeC",
            "rumour": "the word of rumour research",
        },
    ),
)

#: The documented, stable interface: the public views, and the two reference tables to join.
RELATIONS: tuple[Relation, ...] = (*public(SQLITE_VIEWS), *VOCABULARIES)

#: FTS5 tables that may be searched with MATCH. What FTS5 keeps beside them stays closed: only FTS5
#: itself reads that (see `ledger.confined.Guard`).
SEARCHED: frozenset[str] = frozenset({"claim_text", "name_text"})

#: All that may be read: the above, the tables with their history twins, and what they are made of.
READABLE = frozenset(
    {relation.name for relation in RELATIONS}
    | set(schema.metadata.tables)
    | {"alembic_version", "sqlite_schema", "sqlite_master"}
    | SEARCHED
)

#: Functions that may be called: those that only compute. What makes bytes of any size without
#: input, loads code, or tells of the machine or of other statements is left out.
_FUNCTIONS = """
    abs char coalesce concat concat_ws format glob hex if ifnull iif instr length like likelihood
    likely lower ltrim max min nullif octet_length printf quote random replace round rtrim sign
    soundex sqlite_version substr substring trim typeof unhex unicode unistr unlikely upper
    avg count group_concat median percentile percentile_cont percentile_disc string_agg sum total
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank
    row_number
    current_date current_time current_timestamp date datetime julianday strftime time timediff
    unixepoch
    acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10
    log2 mod pi pow power radians sin sinh sqrt tan tanh trunc
    -> ->> json json_array json_array_length json_error_position json_extract json_group_array
    json_group_object json_insert json_object json_patch json_pretty json_quote json_remove
    json_replace json_set json_type json_valid
"""
#: Those of FTS5, which may be called where there is something to search.
SEARCHING = frozenset({"match", "bm25", "highlight", "snippet"})

FUNCTIONS = frozenset(_FUNCTIONS.split())

#: The words of SQL that reading needs: for completion, and for what was most likely meant.
_KEYWORDS = """
    ALL AND AS ASC BETWEEN BY CASE CAST COLLATE CROSS DESC DISTINCT ELSE END ESCAPE EXCEPT EXISTS
    EXPLAIN FILTER FIRST FROM FULL GLOB GROUP HAVING IN INNER INTERSECT IS ISNULL JOIN LAST LEFT
    LIKE LIMIT NATURAL NOT NOTNULL NULL NULLS OFFSET ON OR ORDER OUTER OVER PARTITION PLAN QUERY
    RECURSIVE RIGHT ROWS SELECT THEN UNION USING VALUES WHEN WHERE WINDOW WITH
"""
KEYWORDS = tuple(_KEYWORDS.split())
