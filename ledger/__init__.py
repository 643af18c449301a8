"""The claim-versus-denial fact ledger: who says what, who denies exactly what, and what is known.

`ledger.open("ledger.db")` opens a ledger for notebooks; the command line is `ledger`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.notebook import Ledger
    from ledger.notebook import open_ledger as open  # noqa: A004 - `ledger.open` reads as it should

__all__ = ["Ledger", "__version__", "open"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load the notebook's door when it is first asked for: it brings pandas with it."""
    if name in ("open", "Ledger"):
        from ledger import notebook

        return notebook.open_ledger if name == "open" else notebook.Ledger
    raise AttributeError(f"module 'ledger' has no attribute {name!r}")
