"""Finds the claims that a question of words asks for: by their texts first, then by their names.

A word is found in a claim where its quote, wording, note or reason holds it, or where it names a
proposition, source, document or event that does. Reads the index of `ledger.fulltext` and nothing
else of it is believed but the versions that stand: now, or on a reader as of an entry, then.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from ledger import fulltext, history, schema, views
from ledger.searchwords import And, Node, Or, Term, left_out, terms

#: The best come first where a question finds at most so many texts; else the newest do, since to
#: weigh every text that holds a common word takes longer than anybody waits.
RANKED = 5_000

#: How many claims are read at once: at first, and at most.
_FIRST, _MOST = 100, 5_000


#: A claim as the view `claims` has it: a value for each of its columns, in their order.
Row = Sequence[Any]


class Search:
    """A question put to the ledger that `connection` reads; iterate over it, once.

    `conditions` are on the view `claims`; that they are `narrow` says that they may leave much
    out. Gives rows of that view: first the claims whose own texts answer the question, the best
    first or, where those are over RANKED, the last recorded first (`ranked` says which); then those
    that answer it with the names of what they are about or from, the newest first.
    """

    def __init__(
        self,
        connection: sa.Connection,
        question: Node,
        claims: sa.TableClause,
        conditions: Sequence[sa.ColumnElement[bool]],
        *,
        narrow: bool,
    ) -> None:
        fulltext.must_be_current(connection)
        self._connection = connection
        self._question = question
        self._conditions = conditions
        self._claims = claims
        self._kinds = {
            term: fulltext.kinds(connection, term)
            for term in {*terms(question), *left_out(question)}
        }
        self._named = any(self._kinds.values())
        # What names exclude, a claim's own texts do not tell.
        self._excluded = any(self._kinds[term] for term in left_out(question))
        self._allowed = self._fitting() if narrow else None
        self._versions: Iterable[int] = []
        self.ranked = True
        if (asked := fulltext.own(question)) is not None:
            until = history.head(connection).entry
            best = fulltext.best(connection, asked, until=until, most=RANKED)
            self.ranked = best is not None
            self._versions = (
                fulltext.newest(connection, asked, until=until) if best is None else best
            )

    def __iter__(self) -> Iterator[Row]:
        """Each claim that was found, as the view `claims` has it."""
        among = self._set(self._question) if self._excluded else None
        told = bytearray(self._size() if self._named else 0)
        for row in self._rows(self._versions, among):
            if self._named:
                told[row[0]] = 1
            yield row
        if self._named:
            found = self._set(self._question) if among is None else among
            yield from self._rows(_downwards(found & ~_bits(told), self._size()), None)

    def _rows(self, versions: Iterable[int], among: int | None) -> Iterator[Row]:
        """The claims of which these versions stand; a number without an entry is of any version."""
        wanted = iter(versions)
        if (kept := _both(among, self._allowed)) is not None:
            flags = kept.to_bytes(self._size(), "little")
            wanted = (each for each in wanted if flags[fulltext.claim_of(each)])
        many = _FIRST
        while some := list(islice(wanted, many)):
            standing = self._standing(some)
            query = (
                sa.select(self._claims)
                .where(self._claims.c.claim.in_(sorted(standing)), *self._conditions)
                .order_by(self._claims.c.claim)
            )
            rows = {row[0]: row for row in self._connection.execute(query)} if standing else {}
            yield from (rows[number] for number in standing if number in rows)
            many = min(many * 4, _MOST)

    def _standing(self, versions: Sequence[int]) -> list[int]:
        """The claims whose versions these are, where they stand; in the same order."""
        numbers = sorted({fulltext.claim_of(version) for version in versions})
        claim = schema.claim
        query = (
            sa.select(claim.c.id, claim.c.entry_id)
            .where(claim.c.id.in_(numbers))
            .order_by(claim.c.id)
        )
        entries = {row.id: row.entry_id for row in self._connection.execute(query)}
        return [
            fulltext.claim_of(version)
            for version in versions
            if fulltext.entry_of(version) in (0, entries.get(fulltext.claim_of(version)))
        ]

    def _size(self) -> int:
        """One more than the number of any claim."""
        return 1 + fulltext.newest_claim(self._connection)

    def _fitting(self) -> int:
        """The claims that the conditions leave."""
        query = sa.select(self._claims.c.claim).where(*self._conditions)
        return _flagged(self._connection.execute(query).scalars(), self._size())

    def _set(self, node: Node) -> int:
        """The claims that answer a question, by their texts and names."""
        if isinstance(node, Term):
            found = fulltext.holding(self._connection, node, self._kinds[node])
            return _flagged(found, self._size())
        sets = [self._set(part) for part in node.parts]
        answer = sets[0]
        for each in sets[1:]:
            answer = answer | each if isinstance(node, Or) else answer & each
        for part in node.without if isinstance(node, And) else ():
            answer &= ~self._set(part)
        return answer


def unshown(connection: sa.Connection, claim: int) -> dict[str, str | None]:
    """What a claim is found by that the view `claims` does not show, as `ledger.marking` calls it.

    The other names of its source and of who relayed it, a line each; its event's title and place.
    """
    stated, proposition, event = schema.claim, schema.proposition, schema.event
    found = connection.execute(
        sa.select(stated.c.source_id, stated.c.via_id, event.c.title, event.c.place)
        .join_from(stated, proposition, proposition.c.id == stated.c.proposition_id)
        .outerjoin(event, event.c.id == proposition.c.event_id)
        .where(stated.c.id == claim)
        .order_by(stated.c.id)
    ).one()
    aliases, speakers = views.ALIASES.table, (found.source_id, found.via_id)
    others = sa.select(aliases.c.alias).where(aliases.c.id.in_(speakers)).order_by(aliases.c.alias)
    names = "\n".join(connection.execute(others).scalars())
    return {"alias": names or None, "event_title": found.title, "place": found.place}


def _flagged(numbers: Iterable[int], size: int) -> int:
    """A set of small numbers as one large one, a byte for each: sets of a million meet at once."""
    flags = bytearray(size)
    for number in numbers:
        flags[number] = 1
    return _bits(flags)


def _bits(flags: bytearray) -> int:
    return int.from_bytes(flags, "little")


def _both(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _downwards(found: int, size: int) -> Iterator[int]:
    """The numbers of a set, the largest first."""
    flags = found.to_bytes(size, "little")
    at = flags.rfind(1)
    while at >= 0:
        yield at
        at = flags.rfind(1, 0, at)
