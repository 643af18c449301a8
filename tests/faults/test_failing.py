"""A disk that fails, is full or may not be written to is told of in words, and nothing is lost."""

from pathlib import Path

import pytest

from tests.faults import failing
from tests.faults.conftest import strace
from tests.faults.test_powercuts import sound


@strace
@pytest.mark.parametrize("name", failing.COMMANDS)
def test_a_write_a_sync_or_a_name_that_fails_is_told(name: str, tmp_path: Path) -> None:
    assert sound(failing.of_every_call(tmp_path / "disk", name, most=1))


@pytest.mark.parametrize("name", failing.COMMANDS)
def test_a_file_that_may_not_grow_is_told(name: str, tmp_path: Path) -> None:
    assert sound(failing.of_small_files(tmp_path / "disk", name, every=200_000))


@pytest.mark.parametrize("name", failing.COMMANDS)
def test_a_full_disk_is_told(name: str, tmp_path: Path) -> None:
    if not failing.can_mount(tmp_path / "disk"):
        pytest.skip("only root makes small disks, and not everywhere")
    assert sound(failing.of_small_disks(tmp_path, name, every=400_000))


@pytest.mark.parametrize("name", failing.COMMANDS)
def test_a_folder_that_is_read_only_is_told(name: str) -> None:
    assert sound(failing.of_a_folder_that_is_read_only(name))
