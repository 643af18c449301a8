"""Reports on a screen."""

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


def test_joined_names_stand_line_by_line_and_one_that_holds_the_joint_on_one(run: Run) -> None:
    run("add", "they-came", "Al; Bo", "asserts", "--new")
    run("add", "they-came", "Gazette", "asserts")
    lines = run("report", "versus", "--proposition", "they-came").stdout.splitlines()
    assert sum("“Al; Bo”" in line for line in lines) == 1
    assert not any("Al; Bo" in line and "Gazette" in line for line in lines)


def test_an_empty_report_says_which_filter_left_nothing(run: Run) -> None:
    assert (
        "nothing fits --from --to"
        in run("report", "versus", "--from", "2001", "--to", "2002").stderr
    )
    assert "nothing is contested" in run("report", "versus", "--contested").stderr
