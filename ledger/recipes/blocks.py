"""Reads what a row makes: `[every]`, `[[claim]]` and `[[describe]]`, as blocks of templates."""

from typing import Any

from ledger.exchange import tables
from ledger.recipes.conditions import Condition, ordered
from ledger.recipes.language import Block
from ledger.recipes.templates import Template
from ledger.recipes.tomlkeys import Keys

#: The columns of claims.csv that a block may fill; a claim's number is given by its `id`.
COLUMNS = tuple(column for column in tables.CLAIMS.columns if column != "claim")
LINKS = ("answers", "repeats")
#: What a description may tell of: the columns of propositions and events.
DESCRIBING = tuple(
    column
    for subject in tables.CLAIMS.subjects
    if subject.table in ("proposition", "event")
    for column in (subject.name, *(each.name for each in subject.columns))
)


def read(every: Keys, describe: list[Keys], claim: list[Keys]) -> tuple[Block, ...]:
    """The blocks of a recipe, descriptions first."""
    shared = {column: found for column in COLUMNS if (found := every.template(column))}
    for key in ("when", "each", "id"):
        if key in every:
            every.faults.add(every.at(key), "belongs to a claim", "[[claim]]")
    every.done(("when", "each", "id"))
    if not claim and not describe:
        every.faults.add("[[claim]]", "is missing", "a claim that a row makes")
    described = {column: shared[column] for column in DESCRIBING if column in shared}
    return (
        *(_block(keys, described, DESCRIBING) for keys in describe),
        *(_block(keys, shared, COLUMNS) for keys in claim),
    )


def _block(keys: Keys, shared: dict[str, Template], allowed: tuple[str, ...]) -> Block:
    own = {column: keys.template(column) for column in allowed}
    both = {**shared, **{column: found for column, found in own.items() if found is not None}}
    filled = {column: found for column, found in both.items() if found.parts}
    when = None
    if "when" in keys:
        when = read_condition(
            Keys(keys.take("when", dict, "a table"), keys.at("when"), keys.faults)
        )
    each = tables.plain_name(keys.text("each"))
    number = keys.template("id") if allowed is COLUMNS else None
    keys.done()
    needed = ("proposition", "source", "stance") if allowed is COLUMNS else ()
    for column in needed:
        if column not in filled:
            keys.faults.add(keys.at(column), "is missing", "in the claim or in [every]")
    if not filled and allowed is DESCRIBING:
        keys.faults.add(keys.where, "describes nothing", "a proposition or event")
    links = {link: filled.pop(link) for link in LINKS if link in filled}
    return Block(keys.where, filled, when, each, number, links)


def read_condition(keys: Keys) -> Condition:
    """The condition that a table holds."""
    order = keys.text("order")
    try:
        ordered(order)
    except ValueError as error:
        keys.faults.add(keys.at("order"), str(error))
        order = ""
    found = Condition(
        tuple(map(tables.plain_name, keys.texts("has"))),
        tuple(map(tables.plain_name, keys.texts("lacks"))),
        _lists(keys, "is"),
        _lists(keys, "is_not"),
        order.lower(),
    )
    keys.done()
    return found


def _lists(keys: Keys, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, Any] = keys.table(key)
    inside = Keys(found, keys.at(key), keys.faults)
    return tuple((tables.plain_name(name), inside.texts(name, single=True)) for name in found)
