"""What the index of words on PostgreSQL finds, and how well it answers.

A question is one `tsquery` of the rows that hold a version whole. Parts are asked word by word, and
what was found is put together as sets. What is longer than the index can tell alone is looked for
in the texts themselves, of the few versions that may hold it.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from ledger import schema
from ledger.searchwords import Node, Or, Term, left_out, terms
from ledger.words import INDEXED, KINDS, Indexed
from ledger.words.pgtables import CLAIM, NAME, PART, numbers
from ledger.words.ranking import bm25, rarities
from ledger.words.tsvector import folded, is_rough, occurrences, query, runs


def best(connection: sa.Connection, asked: Node, *, until: int, most: int) -> list[int] | None:
    """The versions that a question finds, the best first; None where there are over `most`."""
    found = _found(connection, asked).subquery()
    wanted = sa.select(found.c.number).where(found.c.number < (until + 1) << 32).limit(most + 1)
    numbers = connection.execute(wanted).scalars().all()
    if len(numbers) > most:
        return None
    scores = _scores(connection, [*terms(asked)], numbers)
    return sorted(numbers, key=lambda number: (-scores[number], -number))


def newest(connection: sa.Connection, asked: Node, *, until: int) -> Iterator[int]:
    """The versions that a question finds, the last recorded first."""
    found = _found(connection, asked).subquery()
    wanted = sa.select(found.c.number).where(found.c.number < (until + 1) << 32)
    yield from _streamed(connection, wanted.order_by(found.c.number.desc()))


def kinds(connection: sa.Connection, term: Term) -> set[int]:
    """Which kinds of names hold a word or phrase, or did once."""
    kind = NAME.c.number.bitwise_and(7)
    wanted = sa.select(kind).where(*_holds(connection, NAME, term)).distinct().order_by(kind)
    return set(connection.execute(wanted).scalars())


def holding(
    connection: sa.Connection, own: Node | None, term: Term, kinds: Collection[int]
) -> Iterator[int]:
    """The claims that hold a word or phrase in their texts, or in names of these `kinds`."""
    claim = schema.claim
    if own is not None:
        found = _found(connection, own).subquery()
        wanted = sa.select(claim.c.id).join(
            found,
            (claim.c.id == found.c.number.bitwise_and(0xFFFFFFFF))
            & (claim.c.entry_id == _shifted(found.c.number, 32)),
        )
        yield from _streamed(connection, wanted.order_by(claim.c.id))
    for kind in sorted(kinds):
        for column, rows in _naming(kind, _holds(connection, NAME, term)):
            yield from _streamed(
                connection, sa.select(claim.c.id).where(column.in_(rows)).order_by(claim.c.id)
            )


def _streamed(connection: sa.Connection, wanted: sa.Select[Any]) -> Iterator[int]:
    """The first column of what is found, as it comes."""
    yield from connection.execute(wanted.execution_options(yield_per=10_000)).scalars()


def _naming(
    kind: int, holds: Sequence[sa.ColumnElement[bool]]
) -> Iterator[tuple[sa.Column[Any], sa.Select[Any]]]:
    """By which columns claims name what a kind of name stands for, and the rows that they name.

    A source that was merged into another has its claims with that one.
    """
    claim, source, proposition = schema.claim, schema.source, schema.proposition
    named = schema.metadata.tables[KINDS[kind]]
    rows = NAME.join(
        named,
        (named.c.id == _shifted(NAME.c.number, 3).bitwise_and(536870911))
        & (named.c.entry_id == _shifted(NAME.c.number, 32))
        & (NAME.c.number.bitwise_and(7) == kind),
    )
    if named in (source, schema.source_alias):
        if named is not source:
            rows = rows.join(source, source.c.id == named.c.source_id)
        speaker = sa.func.coalesce(source.c.merged_into_id, source.c.id)
        found = sa.select(speaker).select_from(rows).where(*holds)
        yield claim.c.source_id, found
        yield claim.c.via_id, found
        return
    found = sa.select(named.c.id).select_from(rows).where(*holds)
    if named is schema.event:
        found = sa.select(proposition.c.id).where(proposition.c.event_id.in_(found))
    yield claim.c.document_id if named is schema.document else claim.c.proposition_id, found


def _shifted(number: sa.ColumnElement[int], by: int) -> sa.ColumnElement[int]:
    # How far is an integer for PostgreSQL, never a bigint.
    return number.bitwise_rshift(sa.literal_column(f"{by:d}", sa.Integer))


def _matches(table: sa.Table, asked: str) -> sa.ColumnElement[bool]:
    return table.c.words.op("@@", is_comparison=True)(sa.cast(asked, TSQUERY))


def _holds(
    connection: sa.Connection, table: sa.Table, term: Term
) -> tuple[sa.ColumnElement[bool], ...]:
    """That a row of an index is of a version that holds a word or phrase."""
    if is_rough(term):
        return (table.c.number.in_(_looked_at(connection, table, term)),)
    return tuple(_matches(table, asked) for asked in runs(term))


def _found(connection: sa.Connection, asked: Node) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The numbers of the versions of claims that a question finds, each once."""
    parts = _set(connection, PART, asked)
    if any(is_rough(term) for term in (*terms(asked), *left_out(asked))):
        return sa.union(_set(connection, CLAIM, asked), parts)
    whole = sa.select(CLAIM.c.number).where(_matches(CLAIM, query(asked)))
    return sa.union_all(whole, parts)


def _set(
    connection: sa.Connection, table: sa.Table, asked: Node
) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The same among the rows of one table, put together of what each word finds."""
    if isinstance(asked, Term):
        return sa.select(table.c.number).where(*_holds(connection, table, asked)).distinct()
    parts = [_set(connection, table, part) for part in asked.parts]
    if isinstance(asked, Or):
        return sa.union(*parts)
    found = sa.intersect(*parts) if len(parts) > 1 else parts[0]
    if not asked.without:
        return found
    return sa.except_(found, *(_set(connection, table, part) for part in asked.without))


def _looked_at(connection: sa.Connection, table: sa.Table, term: Term) -> list[int]:
    """The versions that hold a phrase of which the index tells only which may."""
    tables = (NAME,) if table is NAME else (CLAIM, PART)
    runs_of = [
        sa.union(*(sa.select(each.c.number).where(_matches(each, run)) for each in tables))
        for run in runs(term)
    ]
    may = connection.execute(sa.intersect(*runs_of).order_by("number")).scalars().all()
    phrase = f" {' '.join(term.words)}{'' if term.beginning else ' '}"
    return [
        number
        for each in INDEXED.values()
        if (each.kind is None) == (table is not NAME)
        for number, texts in _texts(connection, each, may)
        if any(
            phrase in f" {' '.join(folded(text))} "
            for field, text in zip(each.columns, texts, strict=True)
            if text and term.field in (None, field, *_elsewhere(each))
        )
    ]


def _elsewhere(each: Indexed) -> tuple[str | None, ...]:
    """The fields of a question that are no columns of the table's index: it was asked for them."""
    return () if each.kind is None else ("proposition", "source", "document", "event")


def _texts(
    connection: sa.Connection, each: Indexed, among: Sequence[int]
) -> Iterator[tuple[int, Sequence[str | None]]]:
    """What versions say, those of them that are of this table, as the reader is narrowed."""
    for stored in schema.VERSIONED[each.table]:
        texts = [stored.c[column] for column in each.columns.values()]
        wanted = sa.select(stored.c.entry_id, stored.c.id, *texts)
        rows = connection.execute(
            wanted.where(_among(numbers(each), among)).order_by(stored.c.entry_id, stored.c.id)
        )
        for entry, row, *said in rows:
            yield each.numbered(entry, row), said


def _among(number: sa.ColumnElement[int], numbers: Sequence[int]) -> sa.ColumnElement[bool]:
    return number == sa.any_(sa.literal([*numbers], ARRAY(sa.BigInteger)))


def _scores(
    connection: sa.Connection, wanted: Sequence[Term], numbers: Sequence[int]
) -> dict[int, float]:
    """How well each of these versions answers what is asked for."""
    if not numbers:
        return {}
    texts, words = connection.execute(
        sa.select(sa.func.count(), sa.func.sum(CLAIM.c.size)).select_from(CLAIM)
    ).one()
    average = int(words) / texts
    holding = {term: _how_many(connection, term) for term in wanted}
    weights = rarities(texts, [holding[term] for term in wanted])
    parts = connection.execute(
        sa.select(PART.c.number, PART.c.first, sa.cast(PART.c.words, sa.Text))
        .where(_among(PART.c.number, numbers))
        .order_by(PART.c.number, PART.c.first)
    )
    cut = {
        number: [(first, said) for _, first, said in some]
        for number, some in groupby(parts, key=lambda row: row[0])
    }
    whole = connection.execute(
        sa.select(CLAIM.c.number, CLAIM.c.size, sa.cast(CLAIM.c.words, sa.Text))
        .where(_among(CLAIM.c.number, numbers))
        .order_by(CLAIM.c.number)
    )
    return {
        number: bm25(
            weights,
            [occurrences(term, cut.get(number) or [(1, said)]) for term in wanted],
            size,
            average,
        )
        for number, size, said in whole
    }


def _how_many(connection: sa.Connection, term: Term) -> int:
    """How many versions of claims hold a word or phrase."""
    if is_rough(term):
        return len(_looked_at(connection, CLAIM, term))
    whole = sa.select(sa.func.count()).select_from(CLAIM).where(_matches(CLAIM, query(term)))
    parts = sa.select(sa.func.count(PART.c.number.distinct())).where(_matches(PART, query(term)))
    both = sa.select(whole.scalar_subquery() + parts.scalar_subquery())
    return int(connection.execute(both).scalar_one())
