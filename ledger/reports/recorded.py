"""What the versions of rows say that is news: each change as a word, from what, to what, and why.

A version becomes one change, or one a field where a record was mended. Field by field it is told
as `ledger.changes` tells it, so that the log and the reports say the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ledger import schema
from ledger.changes import Difference, Names, differences, titled
from ledger.model import UNREVIEWED, WITHDRAWN, Range, Verdict
from ledger.versions import Row, Version

#: What a change may be, those first that an editor looks for.
CHANGES = {
    "shift": "a source changed sides on a proposition",
    "shift-gone": "a shift that is none any more, as a claim was withdrawn or corrected",
    "finding": "the verdict on a proposition, its range or its reason",
    "status": "a claim's verification status, or its reason",
    "withdrawal": "a claim was marked as entered in error",
    "correction": "what was recorded of a claim was mended, field by field",
    "claim": "a new claim",
    "ground": "what a claim's status rests on",
    "proposition": "a new proposition",
    "source": "a new source",
    "alias": "another name of a source",
    "merge": "a source became one with another",
    "event": "a new event",
    "document": "a new document",
    "acceptance": "a finding of `ledger check` that is let stand, or no more",
    "edit": "a field of a source, alias, event, proposition, document or ground",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: in which entry, what (a word of CHANGES), of which row, from what to what.

    `claim`, `event`, `proposition` and `source` are the numbers of rows that it is about, as far
    as the changed row names them.
    """

    entry: int
    change: str
    subject: str
    claim: int | None = None
    event: int | None = None
    proposition: int | None = None
    source: int | None = None
    field: str | None = None
    before: str | None = None
    after: str | None = None
    because: str | None = None
    quote: str | None = None


def recorded(names: Names, version: Version) -> Iterator[Change]:
    """The changes that a version is."""
    subject, about = titled(names, version), _about(version)
    for told in _TELLERS[version.table](names, version):
        yield Change(version.entry, subject=subject, **(about | told))


#: Fields of a Change.
_Told = dict[str, Any]


def _about(version: Version) -> _Told:
    """The rows that a version is about, by number."""
    row, table = version.row, version.table
    if table == "acceptance":
        return {name: row[f"{name}_id"] for name in schema.SUBJECTS if name != "document"}
    named = {
        "claim": {"proposition": "proposition_id", "source": "source_id"},
        "evidence": {"claim": "claim_id"},
        "proposition": {"event": "event_id"},
        "source_alias": {"source": "source_id"},
    }
    own = {table: version.id} if table in ("claim", "event", "proposition", "source") else {}
    return own | {name: row[column] for name, column in named.get(table, {}).items()}


_JUDGEMENT = {"status", "because"}
_FINDING = {"verdict", "finding_low", "finding_high", "because"}


def _claim(names: Names, version: Version) -> Iterator[_Told]:
    row, before = version.row, version.before
    if before is None:
        said = row["quote"]
        yield {"change": "claim", "after": stance_told(row), "quote": said}
        if row["status"] != UNREVIEWED:
            yield _judged(UNREVIEWED, row)
        return
    found = differences(names, version)
    if {each.field for each in found} & _JUDGEMENT:
        yield _judged(before["status"], row)
    yield from _fields(found, "correction", but=_JUDGEMENT)


def stance_told(row: Row) -> str:
    """A claim's stance with the count that it gives, if it does: `denies 24–999 (“hundreds”)`."""
    known = row["low"] is not None or row["high"] is not None
    count = str(Range(row["low"], row["high"])) if known else ""
    words = row["wording"] if row["wording"] != count else None
    return " ".join(filter(None, (row["stance"], count, words and f"(“{words}”)")))


def _judged(before: str, row: Row) -> _Told:
    status = row["status"]
    change = "withdrawal" if status == WITHDRAWN != before else "status"
    return {"change": change, "before": before, "after": status, "because": row["because"]}


def _proposition(names: Names, version: Version) -> Iterator[_Told]:
    row, before = version.row, version.before
    if before is None:
        yield {"change": "proposition", "after": row["text"]}
        if row["verdict"] != Verdict.OPEN:
            yield _settled(Verdict.OPEN.value, row)
        return
    found = differences(names, version)
    if {each.field for each in found} & _FINDING:
        yield _settled(_found(before), row)
    yield from _fields(found, "edit", but=_FINDING)


def _settled(before: str, row: Row) -> _Told:
    return {"change": "finding", "before": before, "after": _found(row), "because": row["because"]}


def _found(row: Row) -> str:
    """The finding on a proposition: `supported 5–14`."""
    low, high = row["finding_low"], row["finding_high"]
    known = low is not None or high is not None
    return f"{row['verdict']} {Range(low, high)}" if known else str(row["verdict"])


def _source(names: Names, version: Version) -> Iterator[_Told]:
    if version.before is None:
        yield {"change": "source", "after": version.row["kind"]}
        return
    found = differences(names, version)
    for each in found:
        if each.field == "merged_into" and each.after is not None:
            yield {"change": "merge", "before": version.row["name"], "after": each.after}
    merged = version.row["merged_into_id"] is not None
    yield from _fields(found, "edit", but={"merged_into"} if merged else set())


def _alias(names: Names, version: Version) -> Iterator[_Told]:
    if version.before is None:
        yield {"change": "alias", "after": names.of("source", version.row["source_id"])}
        return
    yield from _fields(differences(names, version), "edit")


def _titled_row(names: Names, version: Version) -> Iterator[_Told]:
    """An event or a document."""
    if version.before is None:
        yield {"change": version.table, "after": version.row["title"]}
        return
    yield from _fields(differences(names, version), "edit", long={"text"})


def _ground(names: Names, version: Version) -> Iterator[_Told]:
    if version.before is None:
        yield {"change": "ground", "after": version.row["note"]}
        return
    yield from _fields(differences(names, version), "edit")


def _acceptance(names: Names, version: Version) -> Iterator[_Told]:
    row, before = version.row, version.before
    words = [
        None if each is None else "accepted" if each["taken_back"] is None else "taken back"
        for each in (before, row)
    ]
    because = row["taken_back"] or row["because"]
    yield {"change": "acceptance", "before": words[0], "after": words[1], "because": because}


def _fields(
    found: list[Difference],
    change: str,
    *,
    but: set[str] | frozenset[str] = frozenset(),
    long: set[str] | frozenset[str] = frozenset(),
) -> Iterator[_Told]:
    """A change a field; of a `long` one only how much it holds."""
    for each in found:
        if each.field in but:
            continue
        before, after = (
            f"{len(str(value)):,} characters" if value is not None and each.field in long else value
            for value in (each.before, each.after)
        )
        yield {"change": change, "field": each.field, "before": before, "after": after}


_TELLERS: dict[str, Callable[[Names, Version], Iterator[_Told]]] = {
    "acceptance": _acceptance,
    "claim": _claim,
    "document": _titled_row,
    "event": _titled_row,
    "evidence": _ground,
    "proposition": _proposition,
    # The rows that came with it are changes of their own.
    "receipt": lambda *_: iter(()),
    "source": _source,
    "source_alias": _alias,
}
