"""PostgreSQL's values as an answer has them: text, whole numbers, floats, or nothing.

As on SQLite: a truth value is 1 or 0, a moment ISO 8601 in UTC with Z, bytes are hexadecimal.
"""

from typing import Any

import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.types.string import TextLoader

#: Types by their numbers, which are the same on every server (pg_type.dat in its source).
_BOOL, _BYTEA, _NUMERIC, _TIMESTAMPTZ = 16, 17, 1700, 1184
_TEXTS = frozenset({25, 1042, 1043})

#: Types that psycopg reads as an answer has them: whole numbers, floats, text.
_AS_THEY_ARE = frozenset({18, 19, 20, 21, 23, 26, 700, 701, 705, *_TEXTS})

#: Types of which every value is short: those of fixed length.
_SHORT = frozenset({_BOOL, 18, 19, 20, 21, 23, 26, 700, 701, 1082, 1083, 1114, _TIMESTAMPTZ, 1186,
                    1266, 2950})  # fmt: skip

#: Digits of a number that a float or a whole number of 64 bits keeps.
_DIGITS = 18


def measure(column: str, kind: int) -> str:
    """SQL for how many bytes a value of a type is when it is sent; nothing for a short type."""
    if kind in _SHORT:
        return ""
    text = column if kind in (*_TEXTS, _BYTEA) else f"{column}::text"
    times = 2 if kind == _BYTEA else 1
    return f"coalesce({times} * pg_catalog.octet_length({text})::bigint, 0)"


def read_plainly(cursor: "psycopg.Cursor[Any]") -> None:
    """From now on the cursor's values are an answer's."""
    for known in cursor.adapters.types:
        for kind in (known.oid, known.array_oid):
            if kind and kind not in _AS_THEY_ARE:
                cursor.adapters.register_loader(kind, TextLoader)
    for kind, loader in (
        (_BOOL, _Truth),
        (_BYTEA, _Bytes),
        (_NUMERIC, _Number),
        (_TIMESTAMPTZ, _Moment),
    ):
        cursor.adapters.register_loader(kind, loader)


class _Truth(Loader):
    def load(self, data: Buffer) -> int:
        return int(bytes(data) == b"t")


class _Bytes(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode().removeprefix("\\x")


class _Number(Loader):
    def load(self, data: Buffer) -> int | float | str:
        said = bytes(data).decode()
        if len(said) > _DIGITS and "." not in said:
            return float(said) if said.isalpha() or said[1:].isalpha() else said
        return int(said) if said.lstrip("-").isdigit() else float(said)


class _Moment(Loader):
    def load(self, data: Buffer) -> str:
        # “2018-02-20 09:00:00+00” in the session's zone, which is UTC; “infinity” as it is.
        said = bytes(data).decode()
        return said.removesuffix("+00").replace(" ", "T", 1) + "Z" if "+00" in said else said
