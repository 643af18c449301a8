"""The ledger that is harmed, what is done to it, and what is looked at afterwards."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from ledger import journal, migrate, schema, sqlite, verification
from ledger.errors import LedgerError
from ledger.store import SQLiteStore, Store
from tests.build import NOON, a_fact, a_source

#: Rows of the file that is imported; enough for the fast lane, and several pages.
ROWS = 60

#: Of whom each import writes all rows, or none.
IMPORTED = "imported"


@dataclass
class Harm:
    """What was found after so many times of harm; all counts but `tries` are to be 0."""

    tries: int = 0
    lost: int = 0  #: acknowledged claims that are not there
    partial: int = 0  #: imports, upgrades and files that are there by half
    broken: int = 0  #: ledgers that do not verify
    unclear: int = 0  #: endings that were not a success and did not say what to do
    orphans: int = 0  #: processes that were left
    told: list[str] = field(default_factory=list)  #: what went wrong
    refusals: set[str] = field(default_factory=set)  #: in which words it was refused

    @property
    def sound(self) -> bool:
        return not (self.lost or self.partial or self.broken or self.unclear or self.orphans)

    def note(self, what: str) -> None:
        if what not in self.told:
            self.told.append(what)


def base(folder: Path) -> Path:
    """Make the ledger that each test begins with: two propositions, two sources."""
    store = SQLiteStore(folder / "ledger.db")
    migrate.create(store)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_fact(draft, "they-came")
        a_fact(draft, "they-went")
        a_source(draft, "Ministry", kind="government")
        a_source(draft, "Gazette", kind="outlet")
    return store.path


def older(folder: Path, to: str = schema.REVISIONS[0]) -> Path:
    """Make a ledger of the first schema, to be upgraded."""
    migrate.create(SQLiteStore(folder / "ledger.db"), to=to)
    return folder / "ledger.db"


def revision(path: Path) -> str | None:
    """The schema that the ledger says it has."""
    return migrate.current(SQLiteStore(path))


def add(number: int) -> list[str]:
    """The command that records claim `number`."""
    return [
        "add", "they-came", "Ministry", "denies", "--quote", f"it is not so, said {number} times",
    ]  # fmt: skip


def importing(folder: Path, rows: int = ROWS) -> list[str]:
    """The command that imports a file of claims, which is made here."""
    lines = [f"they-went,Gazette,asserts,{IMPORTED} {number}" for number in range(rows)]
    (folder / "claims.csv").write_text(
        "\n".join(["proposition,source,stance,note", *lines]) + "\n", encoding="utf-8"
    )
    return ["import", "claims.csv"]


def emptied(folder: Path) -> Path:
    """The folder, with nothing in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    return folder


def made(folder: Path, make: Callable[[Path], object]) -> dict[str, bytes]:
    """The files that each try begins with."""
    make(emptied(folder))
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def again(files: dict[str, bytes], folder: Path) -> Path:
    """The folder, with those files and no others."""
    emptied(folder)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def claims(path: Path) -> tuple[list[int], int]:
    """Which claims of `add` are there, and how many rows that were imported."""
    with _opened(path).reader() as connection:
        said = connection.execute(
            sa.select(schema.claim.c.quote, schema.claim.c.note).order_by(schema.claim.c.id)
        ).all()
    added = [int(quote.split()[-2]) for quote, _ in said if quote]
    return added, sum(bool(note and note.startswith(IMPORTED)) for _, note in said)


def faults(path: Path) -> list[str]:
    """What `verify` finds wrong with the ledger, the file included."""
    try:
        with _opened(path).reader() as connection:
            damage = [*sqlite.damage(connection, indexes=True)]
            return damage or [str(fault) for fault in verification.faults(connection)]
    except LedgerError as error:
        return [error.message]


@cache
def _opened(path: Path) -> Store:
    """One store for every ledger that comes to stand there: its statements are compiled once."""
    return SQLiteStore(path)


def judge(
    harm: Harm, path: Path, *, added: Sequence[int], imports: int, rows: int = ROWS, at: str
) -> None:
    """Look at a ledger after harm: `added` and so many `imports` were acknowledged."""
    harm.tries += 1
    if wrong := faults(path):
        harm.broken += 1
        harm.note(f"{at}: {wrong[0]}")
        return
    there, imported = claims(path)
    if missing := {*added} - {*there}:
        harm.lost += len(missing)
        harm.note(f"{at}: lost claims {sorted(missing)}")
    if len(there) != len({*there}):
        harm.partial += 1
        harm.note(f"{at}: recorded twice: {there}")
    if imported % rows:
        harm.partial += 1
        harm.note(f"{at}: {imported} rows of imports of {rows}")
    if imported < imports * rows:
        harm.lost += imports * rows - imported
        harm.note(f"{at}: {imports} imports acknowledged, {imported} rows there")


def beside(path: Path) -> list[str]:
    """What lies beside the ledger that a command may have left."""
    return sorted(
        each.name
        for each in path.parent.iterdir()
        if each.name.startswith((f"{path.name}-", f".{path.name}"))
    )
