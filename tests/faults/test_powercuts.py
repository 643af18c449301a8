"""After a power cut, whatever the disk kept of what was not synced, all that was told is there."""

from pathlib import Path

from tests.faults import cutting
from tests.faults.conftest import strace
from tests.faults.ledgers import Harm


def sound(harm: Harm) -> bool:
    assert harm.sound, harm
    return harm.tries > 0


@strace
def test_a_power_cut_loses_no_acknowledged_claim_and_keeps_no_half_import(tmp_path: Path) -> None:
    assert sound(cutting.of_adds(tmp_path / "cuts", 30, seed=1, commands=9))


@strace
def test_without_waiting_for_the_folder_a_power_cut_would_lose_claims(tmp_path: Path) -> None:
    harm = cutting.of_adds(tmp_path / "cuts", 20, seed=1, commands=5, synchronous="FULL")
    assert harm.lost
    assert not harm.broken


@strace
def test_without_any_waiting_a_power_cut_would_break_the_ledger(tmp_path: Path) -> None:
    assert cutting.of_adds(tmp_path / "cuts", 12, seed=1, commands=5, synchronous="OFF").broken


@strace
def test_a_power_cut_leaves_the_old_schema_or_the_new_one(tmp_path: Path) -> None:
    assert sound(cutting.of_upgrade(tmp_path / "cuts", 6, seed=1))


@strace
def test_a_power_cut_leaves_a_whole_new_ledger_or_none(tmp_path: Path) -> None:
    assert sound(cutting.of_new(tmp_path / "cuts", 10, seed=1))


@strace
def test_a_power_cut_leaves_a_whole_backup_or_none(tmp_path: Path) -> None:
    assert sound(cutting.of_backup(tmp_path / "cuts", 10, seed=1))
