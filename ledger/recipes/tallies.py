"""Counts what a recipe left out or replaced, so that nothing is dropped without a word."""

from dataclasses import dataclass


@dataclass(slots=True)
class _Counted:
    many: int
    line: int
    example: str


class Tally:
    """How often something was done, and where first."""

    def __init__(self) -> None:
        self._counted: dict[str, _Counted] = {}

    def count(self, what: str, line: int, example: str = "") -> None:
        """Count one; `what` is told behind the number: `rows left out: …`."""
        counted = self._counted.setdefault(what, _Counted(0, line, example))
        counted.many += 1

    def notes(self) -> list[str]:
        """A sentence for each thing that was done."""
        return [
            f"{counted.many:,} {_one(what) if counted.many == 1 else what} "
            f"(first: line {counted.line}{', ' if counted.example else ''}{counted.example})"
            for what, counted in self._counted.items()
        ]


def _one(what: str) -> str:
    noun, _, rest = what.partition(" ")
    verbs = (("make ", "makes "), ("are ", "is "), ("describe ", "describes "))
    for many, one in verbs:
        if rest.startswith(many):
            rest = one + rest.removeprefix(many)
    return f"{noun.removesuffix('s')} {rest}".replace("kept as they stand", "kept as it stands")
