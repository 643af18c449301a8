"""Reads a recipe from TOML, and says everything that is wrong with it at once."""

import codecs
import re
import tomllib

from ledger.errors import InvalidError, LedgerError
from ledger.exchange import tables
from ledger.recipes import blocks, soundness
from ledger.recipes.conditions import alike
from ledger.recipes.language import CELL, COLUMN, NUMBER, Check, Input, Listed, Recipe, Skip
from ledger.recipes.tomlkeys import Faults, Keys
from ledger.recipes.values import (
    ANY,
    EMPTY,
    EMPTY_CELL,
    OTHERWISE,
    REJECT,
    SKIP,
    TYPES,
    Value,
    told_by,
)

#: What a refused recipe is told to be read by.
HINT = "docs/recipes.md says what a recipe may hold; `ledger recipe show maverick` is one"

_TOP = (
    "title", "about", "homepage", "licence", "input", "values", "lists", "check", "skip", "every",
    "claim", "describe", "things",
)  # fmt: skip


def read(text: str, name: str) -> Recipe:
    """A recipe of its text; `name` is what errors call it.

    Raises LedgerError where it is no TOML, InvalidError with all that is wrong with it.
    """
    try:
        top = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"{name} is no TOML: {error}", HINT) from None
    faults = Faults()
    recipe = _recipe(Keys(top, "", faults), name, text, faults)
    if not faults:
        faults += soundness.faults(recipe)
    if faults:
        raise InvalidError(f"{name} is no sound recipe", faults, HINT)
    return recipe


def _recipe(top: Keys, name: str, text: str, faults: Faults) -> Recipe:
    title = top.text("title")
    if not title.strip():
        faults.add("title", "is missing", "what the data is called")
    about, homepage, licence = (top.text(key) for key in ("about", "homepage", "licence"))
    read = _input(Keys(top.take("input", dict, "a table"), "[input]", faults))
    values = tuple(
        _value(name, Keys(table, f"[values.{name}]", faults))
        for name, table in top.table("values").items()
    )
    lists = tuple(
        _list(name, Keys(table, f"[lists.{name}]", faults))
        for name, table in top.table("lists").items()
    )
    skips = tuple(_skip(keys) for keys in _several(top, "skip", faults))
    checks = tuple(_check(keys) for keys in _several(top, "check", faults))
    made = blocks.read(
        Keys(top.take("every", dict, "a table"), "[every]", faults),
        list(_several(top, "describe", faults)),
        list(_several(top, "claim", faults)),
    )
    things = Keys(top.take("things", dict, "a table"), "[things]", faults)
    first = things.texts("first")
    subjects = [subject.table for subject in tables.CLAIMS.subjects]
    for word in first:
        if word not in subjects:
            faults.add(things.at("first"), f"“{word}” is none of them", ", ".join(subjects))
    settled = things.flag("settled")
    things.done()
    top.done(_TOP)
    return Recipe(
        name, title, about, homepage, licence, read, values, lists, skips, checks, made,
        frozenset(first), settled, text,
    )  # fmt: skip


def _several(top: Keys, key: str, faults: Faults) -> list[Keys]:
    found = top.take(key, (list, dict), f"tables: [[{key}]]")
    if isinstance(found, dict):
        faults.add(f"[{key}]", "stands in single brackets", f"[[{key}]]")
        found = [found]
    many = len(found or ()) > 1
    return [
        Keys(table, f"[[{key}]] {place}" if many else f"[[{key}]]", faults)
        for place, table in enumerate(found or (), start=1)
    ]


def _input(keys: Keys) -> Input:
    columns = keys.texts("columns")
    if not columns:
        keys.faults.add(keys.at("columns"), "is missing", "the columns that the file must have")
    encoding = keys.text("encoding", "utf-8")
    try:
        codecs.lookup(encoding)
    except LookupError:
        keys.faults.add(keys.at("encoding"), f"“{encoding}” is not known", "utf-8, windows-1252 …")
    delimiter = keys.text("delimiter")
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        keys.faults.add(keys.at("delimiter"), "will not do", "one character, such as ;")
    found = Input(
        tuple(map(tables.plain_name, columns)),
        tuple(map(tables.plain_name, keys.texts("optional"))),
        frozenset(text.strip() for text in keys.texts("empty")),
        encoding,
        delimiter,
        keys.texts("records", single=True),
        keys.text("remarks"),
        keys.text("files", "*"),
    )
    keys.done()
    both = [*found.columns, *found.optional]
    for name in dict.fromkeys(name for name in both if both.count(name) > 1):
        keys.faults.add(keys.at("columns"), f"name “{name}” twice", "once")
    return found


def _value(name: str, keys: Keys) -> Value:
    sources = tuple(map(tables.plain_name, keys.texts("from", single=True)))
    text = keys.template("text")
    if bool(sources) == (text is not None):
        keys.faults.add(keys.where, "has no source" if not sources else "has two sources",
                        "from or text, one of them")  # fmt: skip
    pattern = _pattern(keys)
    choices = keys.pairs("map")
    if_empty = keys.text("if_empty")
    if any(not key.strip() for key, _ in choices):
        if if_empty:
            keys.faults.add(keys.at("if_empty"), 'stands beside "" in the map', "one of them")
        if_empty = EMPTY_CELL
    kind = keys.one_of("type", TYPES, "text")
    formats = keys.texts("formats")
    for form in formats:
        try:
            told_by(form)
        except ValueError as error:
            keys.faults.add(keys.at("formats"), f"“{form}” {error}", "such as %Y-%m-%d")
    precision, thousands = keys.template("precision"), keys.text("thousands")
    for key, there, needed in (
        ("formats", formats, "date"), ("precision", precision, "date"),
        ("thousands", thousands, "number"),
    ):  # fmt: skip
        if there and kind != needed:
            keys.faults.add(keys.at(key), f"belongs to a {needed}", f'type = "{needed}"')
    default = keys.take("default", (str, int), "text")
    if default is not None and "otherwise" in keys:
        keys.faults.add(keys.at("otherwise"), "stands beside default", "one of them")
    value = Value(
        tables.plain_name(name),
        sources,
        text,
        if_empty,
        pattern,
        tuple(key for key, _ in choices if key.strip() not in ("", ANY)),
        tuple((alike(key) or EMPTY_CELL, value) for key, value in choices),
        kind,
        formats,
        precision,
        thousands,
        keys.one_of("otherwise", OTHERWISE, REJECT),
        None if default is None else str(default),
        keys.template("carried"),
    )
    keys.done()
    return value


def _pattern(keys: Keys) -> re.Pattern[str] | None:
    text = keys.text("pattern")
    if not text:
        return None
    try:
        return re.compile(text, re.DOTALL)
    except re.error as error:
        keys.faults.add(keys.at("pattern"), f"is no regular expression: {error}")
        return None


def _list(name: str, keys: Keys) -> Listed:
    name = tables.plain_name(name)
    source = tables.plain_name(keys.text("from"))
    columns, numbered = _of_parts(keys, "columns"), _of_parts(keys, "numbered")
    wide = keys.texts("wide", single=True)
    if sum(map(bool, (source, columns, numbered, wide))) != 1:
        none = not (source or columns or numbered or wide)
        keys.faults.add(keys.where, "has no source" if none else "has two sources",
                        "from, columns, wide or numbered, one of them")  # fmt: skip
    if bare := [column for _, column in numbered if column.count(NUMBER) != 1]:
        keys.faults.add(keys.at("numbered"), f"“{bare[0]}” has no place for the number",
                        f"one {NUMBER} in each")  # fmt: skip
    if wide:
        keys.done()
        named = () if wide == ("*",) else tuple(map(tables.plain_name, wide))
        return Listed(name, ((COLUMN, ""), (CELL, "")), wide=named)
    if numbered:
        keys.done()
        return Listed(name, numbered, numbered=True)
    split = keys.text("split", ";")
    if not split or (split == "json" and columns):
        keys.faults.add(keys.at("split"), "will not do", 'such as ";", or "json" with from')
    uneven = keys.one_of("uneven", (REJECT, SKIP, "whole", "first", EMPTY), REJECT)
    keys.done()
    return Listed(name, (("", source),) if source else columns, split, uneven)


def _of_parts(keys: Keys, key: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (tables.plain_name(part), tables.plain_name(column)) for part, column in keys.pairs(key)
    )


def _skip(keys: Keys) -> Skip:
    condition = blocks.read_condition(
        Keys(keys.take("if", dict, "a table"), keys.at("if"), keys.faults)
    )
    if not condition.names:
        keys.faults.add(keys.at("if"), "is missing", "the condition on which a row is left out")
    because = keys.text("because")
    if not because.strip():
        keys.faults.add(keys.at("because"), "is missing", "why, in a few words")
    keys.done()
    return Skip(condition, because)


def _check(keys: Keys) -> Check:
    because = keys.text("because")
    otherwise = keys.one_of("otherwise", (REJECT, SKIP), REJECT)
    condition = blocks.read_condition(keys)
    if not condition.names:
        keys.faults.add(keys.where, "checks nothing", "order, has, lacks, is or is_not")
    return Check(condition, because, otherwise)
