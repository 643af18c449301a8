"""Killed at any moment, a command leaves all of what it told of, and nothing by half."""

from pathlib import Path

import pytest

from ledger import ahead
from tests.faults import kills
from tests.faults.test_powercuts import sound


def test_a_killed_add_loses_no_acknowledged_claim(tmp_path: Path) -> None:
    assert sound(kills.of_adds(tmp_path / "kills", 6, seed=1))


def test_a_killed_import_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    assert sound(kills.of_imports(tmp_path / "kills", 6, seed=1))


def test_a_killed_upgrade_leaves_the_old_schema_or_the_new_one(tmp_path: Path) -> None:
    assert sound(kills.of_upgrades(tmp_path / "kills", 6, seed=1))


def test_a_ledger_whose_making_was_killed_is_whole_or_not_there(tmp_path: Path) -> None:
    assert sound(kills.of_new(tmp_path / "kills", 5, seed=1))


def test_a_killed_backup_is_whole_or_not_there(tmp_path: Path) -> None:
    assert sound(kills.of_backups(tmp_path / "kills", 4, seed=1))


@pytest.mark.skipif(not ahead.is_worth_it(), reason="there is one core")
def test_an_import_of_two_processes_ends_with_either(tmp_path: Path) -> None:
    assert sound(kills.of_imports(tmp_path / "first", 1, seed=1, rows=kills.MANY))
    assert sound(kills.of_helpers(tmp_path / "second", 1, seed=1))
