"""Tells which claims of a file the ledger holds already, by 16 bytes for each and not by its row.

As `identity` has it: by all that a claim says, with what it answers and repeats taken by their
content too, however deep; and one claim there is one of the file's, not two.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import orjson
import sqlalchemy as sa

from ledger import schema
from ledger.exchange.identity import CONTENT, identities
from ledger.exchange.known import chunks
from ledger.exchange.numbering import Numbers

_SIZE = 16
#: Past so many propositions it is cheaper to read every claim than to ask for theirs.
_MANY = 5_000
_COLUMNS = tuple(
    column.name for column in schema.claim.c if column.name not in ("id", "entry_id", "leaf")
)
_PLACES = tuple(_COLUMNS.index(field) for field in CONTENT)
_ANSWERS, _REPEATS = _COLUMNS.index("answers_id"), _COLUMNS.index("repeats_id")


class _Contents:
    """The contents of many claims: a digest each, and the places that those with links point to."""

    def __init__(self) -> None:
        self.digests = bytearray()
        self.links: dict[int, tuple[int | None, int | None]] = {}
        self.count = 0

    def add(self, row: Sequence[Any]) -> None:
        """Take in a claim by its columns."""
        content = orjson.dumps([row[place] for place in _PLACES])
        self.digests += blake2b(content, digest_size=_SIZE).digest()
        self.count += 1

    def at(self, place: int) -> bytes:
        """What a claim is known by."""
        return bytes(self.digests[place * _SIZE : (place + 1) * _SIZE])

    def put(self, place: int, digest: bytes) -> None:
        """Know a claim by something else."""
        self.digests[place * _SIZE : (place + 1) * _SIZE] = digest


def there(
    connection: sa.Connection,
    propositions: set[int],
    rows: Iterable[Sequence[Any]],
    numbers: Numbers,
    first: int,
) -> "array[int]":
    """The number in the ledger of each row: of a claim that is there, or of one that will be.

    `rows` are claims by their columns, their links by the file's `numbers`; those that are new are
    numbered from `first` on. What is on `propositions` is looked at in the ledger, and all that it
    points to.
    """
    contents, ids, at = _Contents(), array("q"), dict[int, int]()
    pointing: list[tuple[int, int | None, int | None]] = []
    for number, *content in _stored(connection, propositions):
        row: Sequence[Any] = content
        if row[_ANSWERS] is not None or row[_REPEATS] is not None:
            pointing.append((contents.count, row[_ANSWERS], row[_REPEATS]))
        contents.add(row)
        ids.append(number)
    if pointing:
        at = {number: place for place, number in enumerate(ids)}
        for place, answers, repeats in pointing:
            contents.links[place] = _at(at, answers), _at(at, repeats)
    stored = contents.count
    for row in rows:
        if row[_ANSWERS] is not None or row[_REPEATS] is not None:
            ends = (numbers.get(row[_ANSWERS]), numbers.get(row[_REPEATS]))
            answers, repeats = (None if end is None else end + stored for end in ends)
            contents.links[contents.count] = answers, repeats
        contents.add(row)
    _take_in_links(contents)
    # The first claim of each content, and what more there are of it.
    known: dict[bytes, int] = {}
    more: dict[bytes, list[int]] = {}
    for place in range(stored - 1, -1, -1):
        digest = contents.at(place)
        if digest in known:
            more.setdefault(digest, []).append(known[digest])
        known[digest] = ids[place]
    found = array("q")
    for place in range(stored, contents.count):
        digest = contents.at(place)
        number = known.pop(digest, None)
        if number is None:
            number, first = first, first + 1
        elif rest := more.get(digest):
            known[digest] = rest.pop()
        found.append(number)
    return found


def _at(places: dict[int, int], number: int | None) -> int | None:
    return None if number is None else places.get(number)


def _take_in_links(contents: _Contents) -> None:
    """Make each digest one of what its claim points to as well."""
    waiting = {place: {end for end in ends if end in contents.links}
               for place, ends in contents.links.items()}  # fmt: skip
    pointing: dict[int, list[int]] = {}
    for place, ends in waiting.items():
        for end in ends:
            if end is not None:
                pointing.setdefault(end, []).append(place)
    ready = [place for place, ends in waiting.items() if not ends]
    settled = 0
    while ready:
        place = ready.pop()
        settled += 1
        _take_in(contents, place)
        for other in pointing.get(place, ()):
            waiting[other].discard(place)
            if not waiting[other]:
                ready.append(other)
    if settled < len(contents.links):
        _take_in_circles(contents, [place for place, ends in waiting.items() if ends])


def _take_in(contents: _Contents, place: int) -> None:
    ends = (b"-" if end is None else contents.at(end) for end in contents.links[place])
    content = b"".join((contents.at(place), b"linked", *ends))
    contents.put(place, blake2b(content, digest_size=_SIZE).digest())


def _take_in_circles(contents: _Contents, circling: list[int]) -> None:
    """Those that point to one another in circles, and those that point to such."""
    place_of = {place: number for number, place in enumerate(circling)}
    told, links = [], []
    for place in circling:
        answers, repeats = contents.links[place]
        outside = [
            b"-" if end is None or end in place_of else contents.at(end)
            for end in (answers, repeats)
        ]
        told.append((contents.at(place), *outside))
        links.append((_at(place_of, answers), _at(place_of, repeats)))
    for place, identity in zip(circling, identities(told, links), strict=True):
        # Two circles are the same where identities says so: here and in the ledger alike.
        digest = blake2b(b"circle %d" % identity, digest_size=_SIZE).digest()
        contents.put(place, digest)


def _stored(connection: sa.Connection, propositions: set[int]) -> Iterator[Sequence[Any]]:
    """The claims on propositions and all that they point to, as they are stored, by number."""
    table = schema.claim
    columns = [sa.type_coerce(table.c[name], sa.types.NullType()) for name in ("id", *_COLUMNS)]
    query = sa.select(*columns).order_by(table.c.id)
    if len(propositions) > _MANY:
        yield from connection.execute(query.execution_options(yield_per=1_000))
        return
    numbers = _and_linked(connection, propositions)
    for some in chunks(sorted(numbers)):
        yield from connection.execute(query.where(table.c.id.in_(some)))


def _and_linked(connection: sa.Connection, propositions: set[int]) -> set[int]:
    table, found = schema.claim, set[int]()
    asked, wanted = table.c.proposition_id, propositions
    while wanted:
        linked: set[int] = set()
        for some in chunks(sorted(wanted)):
            query = sa.select(table.c.id, table.c.answers_id, table.c.repeats_id)
            for number, *ends in connection.execute(
                query.where(asked.in_(some)).order_by(table.c.id)
            ):
                found.add(number)
                linked.update(end for end in ends if end is not None)
        asked, wanted = table.c.id, linked - found
    return found
