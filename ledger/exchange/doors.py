"""Which door a file comes in by, where it is not a table of claims: told by what it is.

A package comes into an empty ledger with its whole history. All else is for `importing`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger import history
from ledger.exchange import reviews, unpacking
from ledger.exchange.importing import Imported, import_path
from ledger.store import Store


def door(store: Store, path: Path) -> Callable[..., Imported]:
    """What takes a file or folder in: it is called as `import_path` is."""
    if path.is_dir() and (package := unpacking.found(path)):
        if package.entries and _is_empty(store):
            return lambda *_, **__: unpacking.replay(store, package)

        def take(*given: Any, raw: bool = False, **options: Any) -> Imported:
            return import_path(*given, raw=raw or package.raw, **options)

        return take
    return reviews.import_reviews if reviews.found(path) else import_path


def _is_empty(store: Store) -> bool:
    with store.reader() as connection:
        return not history.head(connection).entry
