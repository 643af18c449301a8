"""Takes the keys of a TOML table one by one, and finds fault with those that nobody takes.

Every fault is kept with its table and key, so that a recipe is mended in one go.
"""

from collections.abc import Iterable
from typing import Any

from ledger import names
from ledger.errors import Problem
from ledger.recipes.templates import Template, parsed
from ledger.rules import shown


class Faults(list[Problem]):
    """What is wrong with a recipe."""

    def add(self, where: str, what: str, allowed: str = "") -> None:
        """Keep a fault; `where` is table and key."""
        self.append(Problem(where, what, allowed))


class Keys:
    """One table of a recipe; `where` is what faults call it."""

    def __init__(self, table: Any, where: str, faults: Faults) -> None:
        self.where = where
        self.faults = faults
        self._known: list[str] = []
        self._table: dict[str, Any] = {}
        if isinstance(table, dict):
            self._table = table
        elif table is not None:
            faults.add(where, f"is {_kind(table)}", "a table")

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def take(self, key: str, kind: type | tuple[type, ...], what: str) -> Any:
        """A key's value, None where it is not there or is no `kind`, of which `what` are words."""
        self._known.append(key)
        value = self._table.get(key)
        # True is a number to Python, and none to anybody else.
        if value is None or (isinstance(value, kind) and isinstance(value, bool) == (kind is bool)):
            return value
        self.faults.add(self.at(key), f"is {_kind(value)}", what)
        return None

    def text(self, key: str, default: str = "") -> str:
        """A key's text."""
        found = self.take(key, str, "text")
        return default if found is None else str(found)

    def flag(self, key: str) -> bool:
        """Whether a key is true."""
        return bool(self.take(key, bool, "true or false"))

    def texts(self, key: str, *, single: bool = False) -> tuple[str, ...]:
        """A key's list of texts; a text alone where it may be `single`."""
        found = self.take(key, (list, str) if single else list, "a list of texts")
        if isinstance(found, str):
            return (found,)
        if found is not None and not all(isinstance(each, str) for each in found):
            self.faults.add(self.at(key), "holds what is no text", 'a list of texts: ["a", "b"]')
            return ()
        return tuple(found or ())

    def one_of(self, key: str, allowed: Iterable[str], default: str) -> str:
        """A key's word out of those that are allowed."""
        words = tuple(allowed)
        found = self.text(key, default)
        if found not in words:
            self.faults.add(self.at(key), *unknown(found, words))
            return default
        return found

    def template(self, key: str) -> Template | None:
        """A key's template; a whole number stands for its digits."""
        found = self.take(key, (str, int), "text")
        if found is None:
            return None
        try:
            return parsed(str(found))
        except ValueError as error:
            self.faults.add(self.at(key), str(error))
            return None

    def table(self, key: str) -> dict[str, Any]:
        """A key's table."""
        return self.take(key, dict, "a table: { a = … }") or {}

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A key's table of texts; of numbers, their digits."""
        found = self.table(key)
        pairs = []
        for name, value in found.items():
            if isinstance(value, bool) or not isinstance(value, str | int):
                self.faults.add(f"{self.at(key)}.{name}", f"is {_kind(value)}", "text")
            else:
                pairs.append((name, str(value)))
        return tuple(pairs)

    def rest(self) -> dict[str, Any]:
        """What no key was taken of."""
        return {key: value for key, value in self._table.items() if key not in self._known}

    def done(self, more: Iterable[str] = ()) -> None:
        """Find fault with the keys that were not taken."""
        known = (*self._known, *more)
        for key in self.rest():
            if key not in more:
                self.faults.add(self.at(key), *unknown(key, known, "key"))

    def at(self, key: str) -> str:
        """A key as faults name it."""
        return f"{self.where} {key}" if self.where else key


def unknown(word: str, known: Iterable[str], kind: str = "") -> tuple[str, str]:
    """That a word is not known, and what is close or what there is."""
    words = list(dict.fromkeys(known))
    near = names.close(word, words, most=1)
    what = f"this {kind} is not known" if kind else f"{shown(word)} is not known"
    return what, f"did you mean {near[0]}?" if near else ", ".join(words)


def _kind(value: Any) -> str:
    kinds = {str: "text", bool: "true or false", int: "a number", float: "a number",
             list: "a list", dict: "a table"}  # fmt: skip
    return kinds.get(type(value), "a date")
