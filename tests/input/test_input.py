"""Every file of the table comes out as it says, whichever way it is read."""

import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ledger.errors import BadFileError, LedgerError
from ledger.exchange import halves, sheets
from ledger.exchange.gathering import Gathered
from ledger.exchange.importing import import_gathered, import_stream
from ledger.exchange.taking import File, Recording, take
from ledger.store import Store
from tests.build import NOON
from tests.exchange.conftest import Pair
from tests.exchange.test_flat import outcome, rows
from tests.input.cases import CASES, Case

COMMON: dict[str, Any] = {"recorded_by": "maria", "recorded_at": NOON, "message": "m"}


def named(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", [each for each in CASES if not each.legitimate], ids=named)
def test_what_is_amiss_is_refused_and_its_place_is_named(store: Store, case: Case) -> None:
    with pytest.raises(LedgerError) as refused:
        import_stream(store, io.BytesIO(case.data), "f.csv", **COMMON)
    error = refused.value
    found = error.rows if isinstance(error, BadFileError) else ()
    told = [str(row.problem) for row in found]
    assert any(case.told in each for each in [error.message, error.hint, *told]), told or error
    if case.line is not None:
        assert (case.line, case.column or "row") in [(r.line, r.problem.column) for r in found]
    assert "Traceback" not in error.message
    with store.reader() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM entry")).scalar() == 0


@pytest.mark.parametrize("case", [each for each in CASES if each.legitimate], ids=named)
def test_what_is_legitimate_is_stored_exactly(store: Store, case: Case) -> None:
    import_stream(store, io.BytesIO(case.data), "f.csv", **COMMON)
    with store.reader() as connection:
        kept = connection.execute(sa.text("SELECT * FROM claims ORDER BY claim")).mappings().all()
    assert len(kept) == len(case.kept)
    for row, values in zip(kept, case.kept, strict=True):
        assert {name: row[name] for name in values} == values


@pytest.mark.parametrize("case", [each for each in CASES if len(each.data) < 100_000], ids=named)
def test_every_way_of_reading_says_the_same(
    emptied: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    fast, other = emptied()
    path = tmp_path / "f.csv"
    path.write_bytes(case.data)

    def slowly() -> Any:
        gathered = Gathered()
        sheets.read(gathered, io.BytesIO(case.data), "f.csv")
        return import_gathered(other, gathered, name="f.csv", new=False, **COMMON)

    def in_halves() -> Any:
        with path.open("rb") as stream:
            file = File(stream, "f.csv", False, "f.csv", len(case.data))
            return take(other, file, Recording("maria", NOON, "m", new=False, dry_run=False))

    def at_once() -> Any:
        return import_stream(fast, io.BytesIO(case.data), "f.csv", **COMMON)

    def said(run: Any) -> Any:
        try:
            return outcome(run)
        except LedgerError as error:
            return error.message, error.hint

    ours = said(at_once)
    assert ours == said(slowly)
    assert rows(fast) == rows(other)
    fast, other = emptied()
    monkeypatch.setattr(halves, "_LARGE", 0)
    monkeypatch.setattr(halves, "is_worth_it", lambda: True)
    assert said(in_halves) == ours
