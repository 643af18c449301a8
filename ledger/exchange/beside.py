"""Makes the claims of a filing ready, and the index of their words, in a process of their own.

Meanwhile the one that has the ledger writes what they name, the claims, and their indexes. What
takes more than a glance is left to that one, and so is a share of the rest: else it would wait.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import starmap
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

#: Of so many batches the last is made ready by the process that writes them into a file; or that
#: sends them to a server, which writes them meanwhile. One that the server keeps waiting has them
#: all made for it.
_EVERY, _EVERY_SENT = 3, 2

#: In the place of a batch in the spool: it takes more than a glance; it is plain, and not made.
_LEFT, _SHARE = -1, -2


class Beside:
    """What the other process has done so far for a filing."""

    def __init__(
        self,
        filing: Filing,
        told: Iterator[Any],
        spool: Spool,
        words: Path | None,
        named: Collection[str],
    ) -> None:
        self._filing = filing
        self._told = told
        self._spool = spool
        self._words = words
        self._named = named

    def glances(self) -> Iterator[Glance]:
        """Each batch, as `Filing.glances` has them."""
        place = 0
        for index, told in enumerate(iter(self._told.__next__, None)):
            size, start = told
            if start == _SHARE:
                columns = self._filing.plain(self._filing.flat.spool[index], place)
                yield size, bulk.ready("claim", columns) if columns else None
            else:
                yield size, None if start == _LEFT else bulk.Ready(*self._spool.at(start))
            place += size

    def give_words(self, draft: Draft) -> None:
        """Hand the index of words over as it is made, once the claims are written."""
        if self._words is not None:
            draft.take_words(self._words, self._told, self._named)


@contextmanager
def beside(filing: Filing, draft: Draft) -> Iterator[Beside | None]:
    """Begin to make the claims of a filing ready; None where another process would not pay."""
    if filing.flat.count < _MANY or filing.asks_of_each or not is_worth_it():
        yield None
        return
    with TemporaryDirectory(prefix="ledger-") as folder, closing(Spool()) as spool:
        words = Path(folder) / "words.db"
        how = fulltext.made_apart(draft.connection)
        named = filing.shelved.tables if fulltext.names_apart(draft.connection) else ()
        every = _share(draft.connection)
        with ahead(_made(filing, draft.connection, spool, words, how, named, every)) as told:
            yield Beside(filing, told, spool, words if how else None, named)


def _share(connection: sa.Connection) -> int:
    """Of how many batches one is left to who writes them; 0: of none."""
    if not bulk.is_quick(connection, "claim"):
        return 0
    return _EVERY_SENT if bulk.is_sent(connection) else _EVERY


def _made(
    filing: Filing,
    connection: sa.Connection,
    spool: Spool,
    words: Path,
    how: str | None,
    named: Collection[str],
    every: int,
) -> Iterator[Any]:
    """Of each batch its size and its place in the spool; None; then how far the words are."""
    with closing(Spool()) as texts:
        for index, (size, columns) in enumerate(filing.plains()):
            if columns is None:
                yield size, _LEFT
                continue
            if how is not None:
                texts.add([*_of_texts(columns)])
            if every and index % every == every - 1:
                yield size, _SHARE
            else:
                some = bulk.as_sent(connection, bulk.ready("claim", columns))
                yield size, spool.add([*some])
        yield None
        if how is not None:
            names = _names(filing, named)
            yield from fulltext.make_apart(connection, words, how, _texts(texts), names)


#: What is indexed of a claim.
_INDEXED = tuple(fulltext.INDEXED["claim"].columns.values())


def _of_texts(columns: bulk.Columns) -> tuple[int, int, list[Any]]:
    """Of claims what is indexed of them: their first number, their entry, and column by column."""
    return (
        columns["id"][0],
        columns["entry_id"][0],
        [columns[name] for name in _INDEXED],
    )


def _texts(spool: Spool) -> Iterator[tuple[Any, ...]]:
    """What is indexed of the claims that were made ready: the version's number, the texts."""
    for first, entry, columns in spool:
        numbers: Iterable[int] = range(first, first + len(columns[0]))
        yield from zip((entry << 32 | number for number in numbers), *columns, strict=True)


def _names(filing: Filing, tables: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """What is indexed of the new rows of those tables: in which index, the number, the texts."""
    for table in tables:
        each = fulltext.INDEXED[table]
        for columns in filing.shelved.columns(table, filing.described):
            texts = zip(*(columns[name] for name in each.columns.values()), strict=True)
            numbers = zip(columns["entry_id"], columns["id"], strict=True)
            for number, said in zip(starmap(each.numbered, numbers), texts, strict=True):
                yield each, number, said
