"""Many writers at once lose nothing and stand in one order; backups meanwhile are whole."""

from pathlib import Path

import pytest

from tests.faults import clocks, crowds
from tests.faults.test_powercuts import sound


def test_writers_at_once_are_all_recorded(tmp_path: Path) -> None:
    assert sound(crowds.of_writers(tmp_path / "crowd", 4, 5))


def test_backups_meanwhile_are_of_one_moment(tmp_path: Path) -> None:
    assert sound(crowds.of_backups(tmp_path / "crowd", 3))


@pytest.mark.skipif(not clocks.has_faketime(), reason="faketime is not installed")
def test_under_a_clock_that_is_set_back_commands_keep_one_order(tmp_path: Path) -> None:
    assert sound(clocks.of_adds(tmp_path / "clock", 3, seed=1))


def test_moments_that_go_back_keep_one_order(tmp_path: Path) -> None:
    assert sound(clocks.of_entries(tmp_path / "clock", 20, seed=1))
