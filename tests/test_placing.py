"""Files that come into their place whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from ledger.placing import placed, placed_folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_stood_there_stays_until_the_new_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "answer.csv"
    path.write_text("old")
    with placed(path) as stream:
        stream.write("new")
        stream.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert names(tmp_path) == {"answer.csv"}


def test_what_fails_on_the_way_leaves_what_stood_there_and_nothing_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "answer.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), placed(path) as stream:  # noqa: PT012
        stream.write("new")
        1 / 0  # noqa: B018 - it fails
    assert path.read_text() == "old"
    assert names(tmp_path) == {"answer.csv"}


def test_a_file_keeps_its_permissions_and_a_link_its_target(tmp_path: Path) -> None:
    path, link = tmp_path / "answer.csv", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with placed(link) as stream:
        stream.write("new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_secret_is_its_owners_from_the_first_byte_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "our.key"
    with placed(path, text=False, new=True) as stream:
        stream.write(b"secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError), placed(path, new=True) as stream:
        stream.write("other")
    assert path.read_bytes() == b"secret"
    assert names(tmp_path) == {"our.key"}


def test_a_folder_comes_with_all_its_files_or_with_none(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    with pytest.raises(ZeroDivisionError), placed_folder(target) as part:  # noqa: PT012
        (part / "claims.csv").write_text("claim\n")
        1 / 0  # noqa: B018 - it fails
    assert names(tmp_path / "deep") == set()
    with placed_folder(target) as part:
        (part / "claims.csv").write_text("claim\n")
        assert not target.exists()
    assert names(target) == {"claims.csv"}


def test_a_folder_that_is_there_keeps_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("mine")
    inode = tmp_path.stat().st_ino
    with placed_folder(tmp_path) as part:
        (part / "texts").mkdir()
        (part / "texts" / "article.txt").write_text("text")
    assert names(tmp_path) == {"README", "texts"}
    assert tmp_path.stat().st_ino == inode


def test_an_error_names_the_place_and_not_the_part(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(OSError) as told, placed_folder(target) as part:  # noqa: PT011 - any
        os.mkdir(part / "texts" / "deeper")  # noqa: PTH102 - it fails
    assert told.value.filename == str(target / "texts" / "deeper")
