"""From what was typed to what is meant: a row that exists, or a new one that is meant to be new.

Reads only: a new row is described here and made in the entry. Where there is a person to ask, an
unknown or look-alike name is asked about; else it is an error that says which flag settles it.
"""

from dataclasses import dataclass, field

import sqlalchemy as sa

from ledger import lookup, names
from ledger.cli.ask import ask, ask_word, confirm, on_terminal
from ledger.errors import LookalikeError, NotFoundError
from ledger.journal import Draft, Value
from ledger.lookup import Found
from ledger.model import Kind, SourceKind
from ledger.rules import shown


@dataclass
class New:
    """A row to be made in the entry, and the name it will go by."""

    table: str
    name: str
    values: dict[str, Value] = field(default_factory=dict)


Meant = Found | New


def number(draft: Draft, meant: Meant | None, made: dict[tuple[str, str], int]) -> int | None:
    """The number of what is meant; a new row is made once and remembered in `made`."""
    if meant is None or isinstance(meant, Found):
        return meant.id if meant else None
    key = (meant.table, meant.name)
    if key not in made:
        values = dict(meant.values)
        if "slug" in values and values["slug"] is None:
            values["slug"] = names.slug(
                meant.name, lookup.taken_slugs(draft.connection, meant.table)
            )
        made[key] = draft.insert(meant.table, values)
    return made[key]


def source(connection: sa.Connection, text: str, *, new: bool, kind: str | None = None) -> Meant:
    """The source meant by `text`; a new one if `new`, or if the person at the terminal says so."""
    try:
        return lookup.source(connection, text, part=False)
    except NotFoundError as error:
        unknown = error
    if new:
        return New("source", text, {"name": text, "kind": kind})
    close = _lookalikes(connection, text) or unknown.close or _parts(connection, text)
    if on_terminal():
        return _asked_source(connection, text, close, kind)
    if isinstance(unknown, NotFoundError) and close:
        listed = ", ".join(shown(name) for name in close)
        raise LookalikeError(
            f"there is no source {shown(text)}; it looks like {listed}",
            "use that name, or add --new to record another source",
            close,
        )
    raise NotFoundError(unknown.message, "add --new to record a new source; `ledger source list`")


def _lookalikes(connection: sa.Connection, text: str) -> tuple[str, ...]:
    try:
        lookup.new_source(connection, text)
    except LookalikeError as error:  # a name and its alias are one source: named once
        found = (lookup.source(connection, name, part=False).name for name in error.close)
        return tuple(dict.fromkeys(found))
    return ()


def _parts(connection: sa.Connection, text: str) -> tuple[str, ...]:
    """The names that hold what was typed: “Mattis” for “Jim Mattis”."""
    try:
        return (lookup.source(connection, text).name,)
    except NotFoundError as error:
        return error.close


def _asked_source(
    connection: sa.Connection, text: str, close: tuple[str, ...], kind: str | None
) -> Meant:
    for name in close:
        if confirm(f"“{text}” is not in the ledger. Do you mean “{name}”?", default=True):
            return lookup.source(connection, name)
    if not confirm(f"Record “{text}” as a new source?"):
        raise NotFoundError(f"there is no source {shown(text)}", "nothing was recorded")
    chosen = kind or ask_word("What kind of source", [each.value for each in SourceKind])
    return New("source", text, {"name": text, "kind": chosen})


def proposition(
    connection: sa.Connection, text: str, *, new: bool, values: dict[str, Value]
) -> Meant:
    """The proposition meant by `text`; a new one, of that sentence, if it is meant to be new."""
    try:
        return lookup.proposition(connection, text)
    except NotFoundError as error:
        unknown = error
    sentence: dict[str, Value] = {"slug": None, "text": text, **values}
    if new:
        if values.get("kind") is None:
            raise NotFoundError(
                f"a new proposition {shown(text)} needs its kind",
                "--kind fact (yes or no), or --kind count with --unit",
            )
        return New("proposition", text, sentence)
    if on_terminal() and confirm(f"{unknown.message}. Record it as a new proposition?"):
        return New("proposition", text, _asked_proposition(connection, sentence))
    raise NotFoundError(
        unknown.message,
        f"{unknown.hint}; a new one: --new --kind fact|count, or `ledger proposition add`",
        unknown.close,
    )


def _asked_proposition(connection: sa.Connection, values: dict[str, Value]) -> dict[str, Value]:
    asked = dict(values)
    if asked.get("kind") is None:
        asked["kind"] = ask_word(
            "Kind", [kind.value for kind in Kind], {"fact": "yes or no", "count": "how many"}
        )
    if asked["kind"] == Kind.COUNT and asked.get("unit") is None:
        asked["unit"] = ask("Unit, such as “people killed”", str)
        asked["population"] = ask("Among whom", str, optional=True)
    if asked.get("event_id") is None:
        known = lookup.suggestions(connection, "event")
        if known:
            found = ask(
                "Event",
                lambda answer: lookup.event(connection, answer),
                suggestions=known,
                optional=True,
            )
            asked["event_id"] = found.id if found else None
    return asked


def document(connection: sa.Connection, text: str, *, new: bool) -> Meant:
    """The document meant by `text`; if `new`, one of that title or address."""
    try:
        return lookup.document(connection, text)
    except NotFoundError as error:
        unknown = error
    if not new and not (
        on_terminal() and confirm(f"{unknown.message}. Record it as a new document?")
    ):
        raise NotFoundError(
            unknown.message,
            f"{unknown.hint}; a new one: --new, or `ledger document add`",
            unknown.close,
        )
    address = text if "://" in text else None
    return New("document", text, {"slug": None, "title": text, "url": address})
