"""Parquet: columns with a type each, compressed with Zstandard, written batch by batch.

Whole numbers are int64, flags bool, moments timestamps in UTC, days dates, all else text; a column
keeps its type where every value is missing. Each column's meaning is in its metadata, under
`description`. Where nobody says what the columns hold (an answer in SQL), the values do, and they
are spooled to disk until the last is known: a column of whole numbers alone is int64, of numbers
double, else text in which numbers stand as csv writes them.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from ledger.errors import LedgerError
from ledger.formats import Answer
from ledger.formats.values import keys, plain

#: Rows that are held at once, and make a row group.
_BATCH = 16_384

#: The largest whole number that a double holds, and all below it.
_EXACT = 2**53

Rows = Sequence[Sequence[Any]]


def write_parquet(stream: IO[bytes], answer: Answer) -> None:
    """Write an answer as Parquet; LedgerError where pyarrow is missing."""
    pa, parquet = _library()
    batches = _batches(answer.rows)
    if answer.kinds is not None:
        kinds = [answer.kinds.get(column, "text") for column in answer.columns]
        _write(pa, parquet, stream, answer, kinds, batches)
        return
    with TemporaryFile("w+", encoding="utf-8") as spool:
        kinds = _spooled(spool, batches, len(answer.columns))
        spool.seek(0)
        _write(pa, parquet, stream, answer, kinds, map(json.loads, spool))


def _library() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise LedgerError(
            "parquet needs the pyarrow library, which is not installed",
            'pip install "claim-ledger[parquet]"',
        ) from None
    return pa, parquet


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[Rows]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _write(
    pa: Any,
    parquet: Any,
    stream: IO[bytes],
    answer: Answer,
    kinds: Sequence[str],
    batches: Iterable[Rows],
) -> None:
    types = {
        "whole": pa.int64(),
        "real": pa.float64(),
        "flag": pa.bool_(),
        "moment": pa.timestamp("us", tz="UTC"),
        "day": pa.date32(),
        "text": pa.string(),
    }
    schema = pa.schema(
        [
            pa.field(key, types[kind], metadata=_described(answer.meanings, column))
            for key, column, kind in zip(keys(answer.columns), answer.columns, kinds, strict=True)
        ]
    )
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for batch in batches:
            columns = [
                pa.array(map(READERS[kind], column), field.type)
                for field, kind, column in zip(schema, kinds, zip(*batch, strict=True), strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _described(meanings: Mapping[str, str], column: str) -> dict[str, str] | None:
    return {"description": meanings[column]} if column in meanings else None


def _moment(value: str | datetime) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _day(value: str | date) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _unless_missing(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


#: How a value becomes what a column of its kind holds.
READERS: dict[str, Callable[[Any], Any]] = {
    "whole": lambda value: value,
    "real": lambda value: value,
    "flag": _unless_missing(bool),
    "moment": _unless_missing(_moment),
    "day": _unless_missing(_day),
    "text": _unless_missing(plain),
}


def _spooled(spool: IO[str], batches: Iterable[Rows], width: int) -> list[str]:
    """Write the batches down, a line each; what each column turns out to hold."""
    found: list[set[str]] = [set() for _ in range(width)]
    for batch in batches:
        spool.write(json.dumps(batch) + "\n")
        for kinds, column in zip(found, zip(*batch, strict=True), strict=True):
            kinds.update(map(_kind, column))
    return [_common(kinds - {""}) for kinds in found]


def _kind(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return "whole" if abs(value) <= _EXACT else "large"
    return "real" if isinstance(value, float) else "text"


def _common(kinds: set[str]) -> str:
    """The one kind that holds them all without changing any; text, where nothing else does."""
    if kinds and kinds <= {"whole", "large"}:
        return "whole"
    return "real" if kinds and kinds <= {"whole", "real"} else "text"
