"""What the ledger holds already, as an import asks for it: by name, many at a time. Only reads."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from rapidfuzz import fuzz, process

from ledger import names, schema
from ledger.names import NEAR

#: How many numbers one query may name; SQLite's limit was 999 for long.
_AT_ONCE = 500

_NUMBER = re.compile(r"\d+")

Stored = dict[str, Any]


class Known:
    """The names in use and the numbers behind them, read once.

    `own` has the number of the row that bears a source's name; `sources` the number of the source
    that a name or alias means, mergers followed. `slugs` has the numbers of the other things.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        source, alias = schema.source, schema.source_alias
        self.own: dict[str, int] = {}
        self._merged: dict[int, int] = {}
        for row in connection.execute(
            sa.select(source.c.id, source.c.name, source.c.merged_into_id).order_by(source.c.id)
        ):
            self.own[row.name] = row.id
            if row.merged_into_id is not None:
                self._merged[row.id] = row.merged_into_id
        self.sources = {name: self.final(number) for name, number in self.own.items()}
        for name, number in connection.execute(
            sa.select(alias.c.name, alias.c.source_id).order_by(alias.c.id)
        ):
            self.sources.setdefault(name, self.final(number))
        self.slugs = {
            table: {
                row.slug: row.id
                for row in connection.execute(
                    sa.select(target.c.slug, target.c.id).order_by(target.c.id)
                )
            }
            for table, target in (
                ("event", schema.event),
                ("proposition", schema.proposition),
                ("document", schema.document),
            )
        }

    def final(self, number: int) -> int:
        """The source that a source has become part of, or itself."""
        while number in self._merged:
            number = self._merged[number]
        return number

    def number(self, table: str, name: str) -> int | None:
        """The number of the row of that exact name or slug."""
        return self.own.get(name) if table == "source" else self.slugs[table].get(name)

    def rows(self, table: str, numbers: Iterable[int]) -> dict[int, Stored]:
        """The rows of those numbers, a document's text left out."""
        target = schema.VERSIONED[table][0]
        left_out = ("entry_id", "leaf", "text" if table == "document" else "")
        columns = [column for column in target.c if column.name not in left_out]
        return {
            row["id"]: dict(row)
            for some in chunks(sorted(set(numbers)))
            for row in self._connection.execute(
                sa.select(*columns).where(target.c.id.in_(some)).order_by(target.c.id)
            ).mappings()
        }

    def text(self, document_id: int) -> str | None:
        """The text that is attached to a document."""
        table = schema.document
        return self._connection.execute(
            sa.select(table.c.text).where(table.c.id == document_id)
        ).scalar()

    def documents_with_text(self) -> set[int]:
        """The numbers of the documents that hold their text."""
        table = schema.document
        return set(
            self._connection.execute(
                sa.select(table.c.id).where(table.c.text.is_not(None)).order_by(table.c.id)
            ).scalars()
        )


class Spellings:
    """A growing set of names that new ones are held against, as `names.lookalikes` does.

    The keys that names are compared by are kept, so that a thousand new names cost a thousand
    searches and not a million foldings.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._same: dict[str, list[str]] = {}
        # By the numbers in them: "Witness 1" and "Witness 2" are alike and yet two.
        self._near: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
        self._folded: dict[str, set[str]] = {}
        for name in known:
            self.add(name)

    def add(self, name: str) -> None:
        """Take in a name."""
        own = names.key(name)
        for form in dict.fromkeys((own, names.skeleton(name))):
            self._same.setdefault(form, []).append(name)
        texts, keys = self._near.setdefault(_numbers(own), ([], []))
        texts.append(name)
        keys.append(own)
        self._folded.setdefault(names.folded(name), set()).add(name)

    def folded(self, name: str) -> set[str]:
        """The names that are the same but for case, width and white space."""
        return self._folded.get(names.folded(name), set())

    def lookalikes(self, name: str, *, most: int = 5) -> list[str]:
        """The names that `name` may be a second spelling of, the likeliest first."""
        own = names.key(name)
        same = [*self._same.get(own, ()), *self._same.get(names.skeleton(name), ())]
        texts, keys = self._near.get(_numbers(own), ([], []))
        near = process.extract(own, keys, scorer=fuzz.ratio, score_cutoff=NEAR, limit=most + 1)
        found = dict.fromkeys([*same, *(texts[place] for _, _, place in near)])
        return [other for other in found if other != name][:most]


def _numbers(key: str) -> tuple[str, ...]:
    return tuple(_NUMBER.findall(key))


def chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Numbers, as many at a time as one query may name."""
    for start in range(0, len(numbers), _AT_ONCE):
        yield numbers[start : start + _AT_ONCE]
