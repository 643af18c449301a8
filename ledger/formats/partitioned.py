"""Parquet in parts: a folder for each value of one column, as Hive has it (`event=clash/`).

pyarrow, DuckDB, Spark and pandas read such a folder as one table and take the column from the
folders' names. Each part is written as it comes, a batch of rows at a time.
"""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from ledger.errors import LedgerError
from ledger.formats import Answer
from ledger.formats.columnar import write_parquet
from ledger.placing import placed_folder

#: What Hive calls the part in which the column is missing.
NOTHING = "__HIVE_DEFAULT_PARTITION__"


def write_partitioned(folder: Path, column: str, parts: Iterable[tuple[str | None, Answer]]) -> int:
    """Write each part, by its value of `column`, which its answer leaves out; how many there were.

    Raises LedgerError where the folder holds something, or cannot be written to.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise LedgerError(f"{folder} is not empty", "name an empty folder, or a new one")
        written = 0
        with placed_folder(folder) as made:
            for value, answer in parts:
                part = made / f"{column}={_plain(value)}"
                part.mkdir()
                with (part / "part-0.parquet").open("xb") as stream:
                    write_parquet(stream, answer)
                written += 1
    except OSError as error:
        raise LedgerError(
            f"cannot write {error.filename or folder}: {error.strerror}", "name another folder"
        ) from None
    return written


def _plain(value: str | None) -> str:
    """A value as the name of a folder; readers undo %2F and the like."""
    if value is None:
        return NOTHING
    return value if all(char.isalnum() or char in "-_" for char in value) else quote(value, safe="")
