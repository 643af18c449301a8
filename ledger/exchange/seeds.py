"""Writes the shipped data into a new ledger: the same entries, and so the same head, everywhere.

`seeds/ledger.toml` says which tables each entry holds, when and by whom it was recorded. Nothing
here asks for the time or depends on the machine.
"""

import tomllib
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from ledger import journal
from ledger.errors import BadFileError
from ledger.exchange import sheets
from ledger.exchange.gathering import Gathered
from ledger.exchange.importing import Plan, assess_all
from ledger.store import Store

#: The stored tables behind each table of the folder.
_STORED = {
    "sources": ("source", "source_alias"),
    "events": ("event",),
    "documents": ("document",),
    "propositions": ("proposition",),
    "claims": ("claim",),
    "grounds": ("evidence",),
    "acceptances": ("acceptance",),
}


def seed(store: Store) -> list[int]:
    """Fill a ledger that was just created with the shipped data; the numbers of its entries.

    Raises BadFileError where the shipped data itself is at fault.
    """
    with as_file(files("ledger.seeds")) as folder:
        return seed_from(store, folder)


def seed_from(store: Store, folder: Path) -> list[int]:
    """As `seed`, from any folder of tables that has a `ledger.toml`."""
    gathered = Gathered()
    sheets.read_folder(gathered, folder)
    told: list[dict[str, Any]] = tomllib.loads(
        (folder / "ledger.toml").read_text(encoding="utf-8")
    )["entry"]
    plan: Plan | None = None
    entries: list[int] = []
    with journal.transaction(store) as opened:
        for entry in told:
            with opened.entry(
                recorded_by=entry["recorded_by"],
                recorded_at=entry["recorded_at"],
                message=entry["message"],
            ) as draft:
                plan = plan or Plan(gathered, draft, new=True, name=str(folder))
                stored = [name for table in entry["tables"] for name in _STORED.get(table, ())]
                plan.write(draft, stored)
                if "assessments" in entry["tables"] and plan.rounds:
                    assess_all(draft, plan.rounds.pop(0))
                entries.append(draft.id)
        written = {f"{table}.csv" for entry in told for table in entry["tables"]}
        if plan is None or plan.rounds or gathered.records.keys() - written:
            raise BadFileError(f"{folder}: ledger.toml leaves some of the tables unwritten")
    return entries
