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


def test_an_option_that_a_variant_does_not_take_is_refused_and_not_passed_over(run: Run) -> None:
    for asked in (("--compare", "--policy", "lowest"), ("--conflicts", "--without-denied")):
        refused = run("report", "counts", *asked, ok=2)
        assert f"{asked[0]} takes no {asked[1]}" in refused.stderr
    run("report", "counts", "--compare", "--without-denied")


def test_help_says_what_the_filters_of_a_report_choose(run: Run) -> None:
    told = {
        "versus": "Only propositions on which this source speaks.",
        "timeline": "Only claims by this source.",
        "sources": "Only this source.",
        "agreement": "Only reports by this source.",
        "changes": "Only changes about this source.",
    }
    for report, words in told.items():
        assert words in " ".join(run("report", report, "--help").stdout.split())
