"""The recipes that come with ledger, and those in files: found by name or path."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from ledger import names
from ledger.errors import LedgerError, NotFoundError
from ledger.recipes import reading
from ledger.recipes.language import Recipe
from ledger.rules import shown

_ENDING = ".toml"


def shipped() -> Iterator[str]:
    """The names of the recipes that come with ledger, in their order."""
    found = (file.name for file in resources.files("ledger.recipes").iterdir())
    yield from sorted(name.removesuffix(_ENDING) for name in found if name.endswith(_ENDING))


def text(name: str) -> str:
    """What stands in a recipe: one that comes with ledger by its name, else a file by its path.

    Raises NotFoundError where there is none, with what is close; LedgerError where it cannot be
    read.
    """
    known = list(shipped())
    if name in known:
        return (resources.files("ledger.recipes") / f"{name}{_ENDING}").read_text("utf-8")
    path = Path(name)
    if not path.is_file():
        near = names.close(name, known, most=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise NotFoundError(
            f"there is no recipe {shown(name)}",
            f"{hint}name a file, or one of {', '.join(known)}",
            near,
        )
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise LedgerError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LedgerError(f"{path} is no UTF-8", "save it as UTF-8") from None


def recipe(name: str) -> Recipe:
    """A recipe by its name or path; as `text` and `reading.read` raise."""
    return reading.read(text(name), name)
