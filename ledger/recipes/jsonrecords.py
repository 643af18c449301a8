"""Reads the records of a JSON file one by one: of an array, of one object after the other, or of
what stands in the file under a key.

A column is a key, or several with dots. Records are numbered by the line on which they begin where
each begins on one of its own, else by their place.
"""

import io
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from ledger.errors import BadFileError, BadRow, Problem
from ledger.exchange import tables
from ledger.exchange.batches import Batch
from ledger.exchange.opening import once
from ledger.exchange.reading import Unread
from ledger.exchange.unfolding import RECORD, bounded
from ledger.recipes.language import ITSELF, KEY, OTHERS, WHOLE, Input
from ledger.recipes.listing import inside, json_cell

_AT_ONCE = 2_000
_CHARACTERS = 1 << 18
_BETWEEN = " \t\r\n,"


class JsonRecords:
    """The records of a JSON file by the columns that are `given`; as `Batches` has them.

    With `rest`, what a record has besides stands as an object in the column OTHERS.
    """

    exact = True
    marked = False

    def __init__(
        self, stream: BinaryIO, name: str, bad: list[BadRow], given: Input, *, rest: bool = False
    ) -> None:
        self.records = 0
        self._bad = bad
        self.unread: list[Unread] = []
        self._name = name
        self._given = given
        more = [KEY, WHOLE] if given.records else []
        self._columns = list(dict.fromkeys([*given.columns, *given.optional, *more]))
        self._rest = rest
        self._bytes = _Counted(stream)
        self._text = io.TextIOWrapper(io.BufferedReader(self._bytes), "utf-8-sig")

    @property
    def read(self) -> int:
        """How many bytes were read."""
        return self._bytes.count

    def __iter__(self) -> Iterator[Batch]:
        """The columns, then the records."""
        self.records = 1
        yield Batch([self._columns + [OTHERS] * self._rest], [1])
        rows = self._rows()
        while some := list(islice(rows, _AT_ONCE)):
            self.records += len(some)
            yield Batch([cells for _, cells in some], [line for line, _ in some])

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        found = self._inside() if self._given.records else self.located()
        for line, record in found:
            if not isinstance(record, dict):
                raise self._refused(line, "is no object")
            for column in self._given.columns:
                if column not in (KEY, WHOLE) and not has(record, column):
                    said = Problem(column, "this key is missing", "null where there is nothing")
                    self._bad.append(BadRow(self._name, line, said))
            cells = [json_cell(inside(record, column)) for column in self._columns]
            if self._rest:
                cells.append(self._besides(record))
            if any("\0" in cell for cell in cells):
                raise self._refused(line, "holds a NUL character")
            try:
                "".join(cells).encode()
            except UnicodeEncodeError:
                raise self._refused(line, "holds half a character") from None
            yield line, cells

    def _besides(self, record: dict[str, Any]) -> str:
        """What a record has under keys that no column is called by."""
        besides = {key: json_cell(value) for key, value in record.items()
                   if tables.plain_name(key) not in self._columns}  # fmt: skip
        return json.dumps(besides, ensure_ascii=False)

    def objects(self) -> Iterator[Any]:
        """The objects themselves, without the lines on which they begin."""
        return (record for _, record in self.located())

    def _inside(self) -> Iterator[tuple[int, Any]]:
        """The records under the keys that are there; the file is read whole."""
        try:
            with bounded(self._name):
                whole = json.load(
                    self._text, parse_int=str, parse_float=str, object_pairs_hook=once
                )
        except (ValueError, RecursionError) as error:
            raise self._refused(0, _said(error)) from None
        places = [place.strip().lower() for place in self._given.records]
        found = [each for place in places if place != ITSELF for each in _under(whole, place)]
        if not found and ITSELF in places:
            found = [whole]
        if not found:
            keys = "”, “".join(self._given.records)
            raise BadFileError(
                f"{self._name} holds no records under “{keys}”",
                hint="name another key as records in [input] of the recipe",
            )
        records: list[Any] = []
        for each in found:
            records += _members(each) if isinstance(each, dict) else each
        yield from enumerate(records, start=2)

    def located(self) -> Iterator[tuple[int, Any]]:
        """The objects of an array, or one after the other, each with its line."""
        decoder = json.JSONDecoder(parse_int=str, parse_float=str, object_pairs_hook=once)
        held, at, line, last = self._more(), 0, 1, 0
        opens = held.lstrip()[:1] == "["
        if opens:
            at = held.index("[") + 1
        number = 1
        while True:
            while at < len(held) and held[at] in _BETWEEN:
                line += held[at] == "\n"
                at += 1
            if self._given.remarks and held.startswith(self._given.remarks, at):
                while (ends := held.find("\n", at)) < 0 and (more := self._more()):
                    held, at = held[at:] + more, 0
                at = ends if ends >= 0 else len(held)
                continue
            if at == len(held):
                if not (held := self._more()):
                    break
                at = 0
                continue
            if held[at] == "]" and opens:
                break
            try:
                record, end = decoder.raw_decode(held, at)
            except (ValueError, RecursionError) as error:
                more = self._more() if len(held) - at < RECORD else ""
                if not more:
                    raise self._refused(line, _said(error)) from None
                held, at = held[at:] + more, 0
                continue
            number += 1
            last = number if opens else max(line, last + 1)
            yield last, record
            line += held.count("\n", at, end)
            at = end

    def _more(self) -> str:
        try:
            return self._text.read(_CHARACTERS)
        except UnicodeDecodeError as error:
            raise self._refused(0, f"is no UTF-8: {error.reason}") from None

    def _refused(self, line: int, what: str) -> BadFileError:
        where = f"{self._name}, line {line}," if line else self._name
        return BadFileError(f"{where} {what}; nothing was imported", hint="mend it there")


def _under(value: Any, path: str) -> Iterator[Any]:
    """The arrays and objects under a key, in each member of the arrays on the way."""
    if not path:
        if isinstance(value, list | dict):
            yield value
    elif isinstance(value, list):
        for each in value:
            yield from _under(each, path)
    elif isinstance(value, dict):
        keys = {tables.plain_name(key): key for key in value}
        head, _, rest = path.partition(".")
        if head in keys:
            yield from _under(value[keys[head]], rest)


def _members(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Each member of an object as a record."""
    return [
        {KEY: key, **(value if isinstance(value, dict) else {WHOLE: value})}
        for key, value in found.items()
    ]


def has(record: dict[str, Any], path: str) -> bool:
    """Whether a key is there, if only with nothing in it."""
    if path in {key.strip().lower() for key in record}:
        return True
    head, _, rest = path.partition(".")
    within = inside(record, head)
    if not rest or within is None:
        return bool(rest) and head in {key.strip().lower() for key in record}
    return isinstance(within, dict) and has(within, rest)


def _said(error: Exception) -> str:
    return f"is no JSON: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)


class _Counted(io.RawIOBase):
    """A stream of which the bytes are counted."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """Read on."""
        data = self._stream.read(len(into))
        into[: len(data)] = data
        self.count += len(data)
        return len(data)
