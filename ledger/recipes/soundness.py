"""Whether a recipe that can be read makes sense: names that are there, words that are known."""

from collections.abc import Iterator

from ledger.errors import Problem
from ledger.exchange import tables
from ledger.model import (
    RELIABILITIES,
    SIDE_OF,
    STATUSES,
    Attribution,
    Basis,
    Kind,
    SourceKind,
    Verdict,
)
from ledger.recipes.language import FILE, KEY, LINE, WHOLE, Block, Listed, Recipe
from ledger.recipes.templates import Template
from ledger.recipes.tomlkeys import unknown
from ledger.recipes.values import Value

#: The words that stand in a column, where it has a vocabulary.
VOCABULARIES: dict[str, tuple[str, ...]] = {
    "stance": tuple(SIDE_OF),
    "basis": tuple(Basis.__members__.values()),
    "attribution": tuple(Attribution.__members__.values()),
    "status": tuple(status.code for status in STATUSES),
    "kind": tuple(Kind.__members__.values()),
    "verdict": tuple(Verdict.__members__.values()),
    "source_kind": tuple(SourceKind.__members__.values()),
    "source_reliability": tuple(RELIABILITIES),
}


def faults(recipe: Recipe) -> Iterator[Problem]:
    """Everything that is wrong between the parts of a recipe."""
    try:
        order(recipe)
    except ValueError as error:
        yield Problem("[values]", str(error), "values that need no other to be there first")
        return
    known = {*_given(recipe), *(part for value in recipe.values for part in value.parts)}
    yield from _clashes(recipe)
    for where, name, own in _asked(recipe):
        listed = next((each for each in recipe.lists if each.has(name)), None)
        if listed is not None:
            part = name.removeprefix(listed.name).removeprefix(".")
            parts = [part for part, _ in listed.columns]
            if listed.split != "json" and part not in parts:
                meant = ", ".join(
                    f"{listed.name}.{each}" if each else listed.name for each in parts
                )
                yield Problem(where, f"{{{name}}} is no part of the list", meant)
        elif name not in (known if not own else _given(recipe)):
            what, meant = unknown(name, sorted(known), "name")
            yield Problem(where, f"{{{name}}}: {what}", meant)
    for block in recipe.blocks:
        yield from _block_faults(recipe, block)


def _given(recipe: Recipe) -> set[str]:
    """The columns that are there."""
    more = (FILE, LINE, KEY, WHOLE) if recipe.input.records else (FILE, LINE)
    return {*recipe.input.columns, *recipe.input.optional, *more}


def _clashes(recipe: Recipe) -> Iterator[Problem]:
    columns = {*recipe.input.columns, *recipe.input.optional}
    listed = {each.name for each in recipe.lists}
    for value in recipe.values:
        if value.name in columns and value.name not in value.names:
            yield Problem(
                f"[values.{value.name}]", "is called as a column that it is not made of", "another"
            )
        if value.name in listed:
            yield Problem(f"[values.{value.name}]", "is called as a list", "another name")
    for each in recipe.lists:
        if each.name in columns and each.name not in _columns_of(each):
            yield Problem(f"[lists.{each.name}]", "is called as a column", "another name")


def _asked(recipe: Recipe) -> Iterator[tuple[str, str, bool]]:
    """Every name that something asks for: where, and whether a column alone will do."""
    for value in recipe.values:
        for name in value.names:
            yield f"[values.{value.name}]", name, name in value.parts
    for listed in recipe.lists:
        for column in _columns_of(listed):
            if column not in _given(recipe):
                # A list is of cells, or of what a value made of them.
                yield f"[lists.{listed.name}]", column, column == listed.name
    for place, skip in enumerate(recipe.skips, start=1):
        for name in skip.condition.names:
            yield f"[[skip]] {place}", name, False
    for place, check in enumerate(recipe.checks, start=1):
        for name in check.condition.names:
            yield f"[[check]] {place}", name, False
    for block in recipe.blocks:
        for key, template in block.templates():
            for name in template.names:
                yield f"{block.place} {key}", name, False
        for name in block.when.names if block.when else ():
            yield f"{block.place} when", name, False


def _columns_of(listed: Listed) -> tuple[str, ...]:
    """The columns that a list names; those that are numbered may be there or not."""
    if listed.wide is not None:
        return listed.wide
    return () if listed.numbered else tuple(column for _, column in listed.columns)


def items(recipe: Recipe) -> dict[str, str]:
    """The list of whose items a name is made, for each name of a value that is made of one.

    Raises ValueError where that is more than one.
    """
    found: dict[str, str] = {}

    def of(name: str) -> set[str]:
        return {found[name]} if name in found else {li.name for li in recipe.lists if li.has(name)}

    for value in order(recipe):
        lists = {each for name in value.names if name not in value.parts for each in of(name)}
        if len(lists) > 1:
            raise ValueError(f"{value.name} is made of items of two lists")
        for part in value.parts if lists else ():
            found[part] = next(iter(lists))
    return found


def order(recipe: Recipe) -> tuple[Value, ...]:
    """The values in an order in which each is made of what is there; ValueError where none is."""
    made: dict[str, Value] = {}
    waiting = list(recipe.values)
    names = {part for value in waiting for part in value.parts}
    done: set[str] = set()
    while waiting:
        ready = [
            value
            for value in waiting
            if all(n not in names or n in done or n in value.parts for n in value.names)
        ]
        if not ready:
            raise ValueError(f"{' and '.join(v.name for v in waiting)} are made of one another")
        for value in ready:
            made[value.name] = value
            done |= set(value.parts)
            waiting.remove(value)
    return tuple(made.values())


def _block_faults(recipe: Recipe, block: Block) -> Iterator[Problem]:
    lists = [each.name for each in recipe.lists]
    if block.each and block.each not in lists:
        yield Problem(f"{block.place} each", *unknown(block.each, lists, "list"))
        return
    made_of = items(recipe)
    asked = [(key, name) for key, template in block.templates() for name in template.names]
    asked += [("when", name) for name in (block.when.names if block.when else ())]
    for key, name in asked:
        listed = made_of.get(name) or next((li.name for li in recipe.lists if li.has(name)), "")
        if listed and listed != block.each:
            yield Problem(
                f"{block.place} {key}", f"{{{name}}} is of the list {listed}", f'each = "{listed}"'
            )
    for subject in tables.CLAIMS.subjects:
        told = [column.name for column in subject.columns if column.name in block.columns]
        # An event may be told of by itself: `event` is a column of propositions too.
        told = [name for name in told if name != "event"]
        if told and subject.name not in block.columns:
            yield Problem(f"{block.place} {told[0]}", f"says of no {subject.name}", subject.name)
    if "proposition_text" in block.columns and "kind" not in block.columns:
        yield Problem(f"{block.place} kind", "is missing", ", ".join(VOCABULARIES["kind"]))
    for column, words in VOCABULARIES.items():
        if column in block.columns:
            for word in _words(recipe, block.columns[column]):
                if word not in words:
                    yield Problem(f"{block.place} {column}", *unknown(word, words))


def _words(recipe: Recipe, template: Template) -> Iterator[str]:
    """The words that a template may give, as far as that is told by the recipe alone."""
    if template.constant is not None:
        yield template.constant
    value = next((each for each in recipe.values if each.name == template.plain), None)
    if value is not None and value.mapped and value.kind == "text":
        yield from (word for _, word in value.mapped if word)
        yield from (word for word in (value.default,) if word)
