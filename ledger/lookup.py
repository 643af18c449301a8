"""Turns what an analyst typed into a row: by number, slug, name, alias or unique part.

Raises NotFoundError with the closest names, AmbiguousError with all that fit, and LookalikeError
where a name that would be new looks like one that exists. Only reads.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ledger import names, schema
from ledger.errors import AmbiguousError, LookalikeError, NotFoundError
from ledger.rules import shown


@dataclass(frozen=True, slots=True)
class Found:
    """A row that was meant: its number, and the name it goes by."""

    id: int
    name: str


def claim(connection: sa.Connection, text: str) -> int:
    """A claim's number from what was typed (`7`, `#7`); NotFoundError where there is none."""
    digits = text.removeprefix("#")
    if digits.isdecimal():
        table = schema.claim
        found = None
        if len(digits) <= _LONGEST_NUMBER:
            query = sa.select(table.c.id).where(table.c.id == int(digits))
            found = connection.execute(query).scalar()
        if found is not None:
            return int(found)
        newest = connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
        raise NotFoundError(
            f"there is no claim {shown(digits)[1:-1]}",
            f"the newest is {newest}; `ledger list` shows them" if newest else "`ledger add`",
        )
    what = f"{shown(text)} is no claim"
    raise NotFoundError(what, "name it by its number; `ledger list` shows them")


def analyst(connection: sa.Connection, text: str) -> str:
    """The name under which somebody recorded, as it is written there; NotFoundError if nobody."""
    by = schema.entry.c.recorded_by
    everybody = connection.execute(sa.select(by).distinct().order_by(by)).scalars()
    known = {name: Found(0, name) for name in everybody}
    if match := _exactly(text, known):
        return match.name
    close = list(dict.fromkeys(names.close(text, known)))
    hint = f"did you mean {_some(close)}?" if close else f"recorded so far by {_some([*known])}"
    raise NotFoundError(f"there is no analyst {shown(text)}", hint if known else "", close)


def source(connection: sa.Connection, text: str, *, part: bool = True) -> Found:
    """A source by name, alias or number; also, if `part`, by a part of one name alone."""
    known = _source_names(connection)
    match = _exactly(text, known)
    if match is None and (numbered := _number(connection, schema.source, "name", text)):
        match = known[numbered.name]  # the one it was merged into, if it was
    if match:
        return match
    return _one(text, known, "source", "source list") if part else _none(text, known, "source")


def new_source(connection: sa.Connection, text: str) -> None:
    """Let a new source's name pass; LookalikeError where it looks like one that exists."""
    known = _source_names(connection)
    close = names.lookalikes(text, known)
    if close:
        listed = ", ".join(shown(name) for name in close)
        raise LookalikeError(
            f"{shown(text)} looks like {listed}, which the ledger knows",
            "use that name, or add --new to say that it is another source",
            close,
        )


def proposition(connection: sa.Connection, text: str) -> Found:
    """A proposition by slug, number, or a part of its slug or text that no other has."""
    return _slugged(connection, schema.proposition, "text", text)


def event(connection: sa.Connection, text: str) -> Found:
    """An event by slug, number, or a part of its slug or title that no other has."""
    return _slugged(connection, schema.event, "title", text)


def document(connection: sa.Connection, text: str) -> Found:
    """A document by slug, number, address, or a part of its slug or title that no other has."""
    table = schema.document
    rows = connection.execute(
        sa.select(table.c.id, table.c.slug).where(table.c.url == text).order_by(table.c.id)
    ).all()
    if len(rows) == 1:
        return Found(*rows[0])
    return _slugged(connection, table, "title", text)


#: No row's number has more digits: databases count to 2**63.
_LONGEST_NUMBER = 18

#: How each kind of thing is looked up.
FINDERS: dict[str, Callable[[sa.Connection, str], Found]] = {
    "source": source,
    "proposition": proposition,
    "event": event,
    "document": document,
}


def _source_names(connection: sa.Connection) -> dict[str, Found]:
    """Every name a source goes by, aliases and merged names too, and the source it means."""
    own, alias = schema.source, schema.source_alias
    known: dict[str, Found] = {}
    rows = connection.execute(
        sa.select(own.c.id, own.c.name, own.c.merged_into_id).order_by(own.c.id)
    ).all()
    by_id = {row.id: Found(row.id, row.name) for row in rows}
    merged = {row.id: row.merged_into_id for row in rows}

    def final(number: int) -> Found:
        return by_id[merged[number] or number]

    for row in rows:
        known[row.name] = final(row.id)
    aliases = sa.select(alias.c.source_id, alias.c.name).order_by(alias.c.id)
    for source_id, name in connection.execute(aliases):
        known.setdefault(name, final(source_id))
    return known


def _exactly(text: str, known: dict[str, Found]) -> Found | None:
    if text in known:
        return known[text]
    wanted = names.folded(text)
    same = {found for name, found in known.items() if names.folded(name) == wanted}
    return same.pop() if len(same) == 1 else None


def _number(connection: sa.Connection, table: sa.Table, name: str, text: str) -> Found | None:
    digits = text.removeprefix("#")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > _LONGEST_NUMBER:
        return None
    row = connection.execute(
        sa.select(table.c.id, table.c[name]).where(table.c.id == int(digits))
    ).one_or_none()
    return Found(*row) if row else None


def _slugged(connection: sa.Connection, table: sa.Table, words: str, text: str) -> Found:
    row = connection.execute(
        sa.select(table.c.id, table.c.slug).where(table.c.slug == text)
    ).one_or_none()
    if row:
        return Found(*row)
    if found := _number(connection, table, "slug", text):
        return found
    known: dict[str, Found] = {}
    for each in connection.execute(
        sa.select(table.c.id, table.c.slug, table.c[words]).order_by(table.c.id)
    ):
        match = Found(each.id, each.slug)
        known[each.slug] = match
        known.setdefault(each[2], match)
    return _exactly(text, known) or _one(text, known, table.name, f"{table.name} list")


def _one(text: str, known: dict[str, Found], what: str, listing: str) -> Found:
    """The one row whose names hold `text` as a part."""
    wanted = names.folded(text)
    holds: dict[Found, str] = {}
    for name, found in known.items():
        if wanted and wanted in names.folded(name):
            holds.setdefault(found, name)
    if len(holds) == 1:
        return next(iter(holds))
    if holds:
        fitting = sorted(found.name for found in holds)
        raise AmbiguousError(
            f"{shown(text)} fits {len(fitting)} {what}s: {_some(fitting)}",
            "say more of it, or its number",
            fitting,
        )
    return _none(text, known, what, listing)


def _none(text: str, known: dict[str, Found], what: str, listing: str = "") -> Found:
    close = list(dict.fromkeys(known[name].name for name in names.close(text, known)))
    hint = f"did you mean {_some(close)}?" if close else f"`ledger {listing or what + ' list'}`"
    raise NotFoundError(f"there is no {what} {shown(text)}", hint, close)


def _some(found: Sequence[str], most: int = 5) -> str:
    listed = ", ".join(shown(name) for name in found[:most])
    return listed + (f" and {len(found) - most} more" if len(found) > most else "")


def taken_slugs(connection: sa.Connection, table: str) -> set[str]:
    """The slugs that rows of a table have."""
    column = schema.VERSIONED[table][0].c.slug
    return set(connection.execute(sa.select(column).order_by(column)).scalars())


def suggestions(connection: sa.Connection, what: str) -> list[tuple[str, str]]:
    """Every name that `what` goes by with a few words on it: for completion and for asking."""
    if what == "source":
        return [
            (name, "" if found.name == name else f"= {found.name}")
            for name, found in sorted(_source_names(connection).items())
        ]
    if what == "claim":
        return _claim_suggestions(connection)
    table = schema.VERSIONED[what][0]
    words = table.c.text if what == "proposition" else table.c.title
    rows: Iterable[Any] = connection.execute(sa.select(table.c.slug, words).order_by(table.c.slug))
    return [(row[0], row[1]) for row in rows]


def _claim_suggestions(connection: sa.Connection) -> list[tuple[str, str]]:
    claim_, source_, proposition_ = schema.claim, schema.source, schema.proposition
    rows = connection.execute(
        sa.select(claim_.c.id, source_.c.name, claim_.c.stance, proposition_.c.slug)
        .join_from(claim_, source_, claim_.c.source_id == source_.c.id)
        .join(proposition_, claim_.c.proposition_id == proposition_.c.id)
        .order_by(claim_.c.id.desc())
        .limit(500)
    )
    return [(str(row.id), f"{row.name} {row.stance} {row.slug}") for row in rows]
