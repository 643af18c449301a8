"""Makes the claims of a filing ready, and the index of their words, in a process of their own.

Meanwhile the one that has the ledger writes what they name, the claims, and their indexes. What
takes more than a glance is left to that one.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from ledger import bulk, fulltext
from ledger.ahead import ahead, is_worth_it
from ledger.exchange.filing import Filing, Glance
from ledger.exchange.spool import Spool
from ledger.journal import Draft

#: So many claims take longer to make ready than a process takes to begin.
_MANY = 20_000

#: A batch of which nothing is in the spool.
_LEFT = -1

#: Two numbers that the other process tells.
Told = tuple[int, int]


class Beside:
    """What the other process has done so far."""

    def __init__(self, told: Iterator[Told | None], spool: Spool, words: Path | None) -> None:
        self._told = told
        self._spool = spool
        self._words = words

    def glances(self) -> Iterator[Glance]:
        """Each batch, as `Filing.glances` has them."""
        while (told := next(self._told)) is not None:
            size, start = told
            yield size, None if start == _LEFT else bulk.Ready(*self._spool.at(start))

    def give_words(self, draft: Draft) -> None:
        """Hand the index of words over as it is made, once the claims are written."""
        if self._words is not None:
            draft.take_words(self._words, (told for told in self._told if told))


@contextmanager
def beside(filing: Filing, draft: Draft) -> Iterator[Beside | None]:
    """Begin to make the claims of a filing ready; None where another process would not pay."""
    if filing.flat.count < _MANY or filing.asks_of_each or not is_worth_it():
        yield None
        return
    with TemporaryDirectory(prefix="ledger-") as folder, closing(Spool()) as spool:
        words = Path(folder) / "words.db"
        how = fulltext.made_apart(draft.connection)
        with ahead(_made(filing, draft.connection, spool, words, how)) as told:
            yield Beside(told, spool, words if how else None)


def _made(
    filing: Filing, connection: sa.Connection, spool: Spool, words: Path, how: str | None
) -> Iterator[Told | None]:
    """Of each batch its size and its place in the spool; None; then how far the words are."""
    with closing(Spool()) as apart:
        texts = spool
        for size, some in filing.glances(ready=True):
            if not some:
                yield size, _LEFT
                continue
            sent = bulk.as_sent(connection, some)
            if sent is not some:  # of what the other process is given no text can be had
                texts = apart
                texts.add([*_of_texts(some)])
            yield size, spool.add([*sent])
        yield None
        if how is not None:
            yield from fulltext.make_apart(connection, words, how, _texts(texts))


#: What is indexed of a claim.
_INDEXED = tuple(fulltext.INDEXED["claim"].columns.values())


def _of_texts(some: bulk.Ready) -> bulk.Ready:
    """Of rows what is indexed of them."""
    columns = tuple(name for name in _INDEXED if name in some.columns)
    at = [some.columns.index(name) for name in columns]
    rows = [tuple(row[place] for place in at) for row in some.rows]
    return bulk.Ready(some.first, some.entry_id, columns, rows, [])


def _texts(spool: Spool) -> Iterator[tuple[Any, ...]]:
    """What is indexed of the claims that were made ready: the version's number, the texts."""
    for fields in spool:
        some = bulk.Ready(*fields)
        at = [some.columns.index(name) if name in some.columns else None for name in _INDEXED]
        numbers: Iterable[int] = range(some.first, some.first + len(some.rows))
        columns = [
            [None] * len(some.rows) if place is None else [*map(itemgetter(place), some.rows)]
            for place in at
        ]
        entry = some.entry_id << 32
        yield from zip((entry | number for number in numbers), *columns, strict=True)
