"""A source's record as the command line gives it: in its report, and beside a claim."""

import subprocess
import sys

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


def test_show_tells_the_record_from_before_the_claim_and_nothing_found_since(run: Run) -> None:
    first = run("add", "they-came", "Gazette", "asserts").stdout.split()[1].rstrip(":")
    run("settle", "they-came", "supported", "--because", "found so")
    next_ = run("add", "they-were-sent", "Gazette", "asserts").stdout.split()[1].rstrip(":")
    run("settle", "they-were-sent", "refuted", "--because", "found so")
    told = "Gazette until then: borne out on 1 of 1 (21–100 %), undecided on 1"
    assert told in run("show", next_).stdout
    assert "until then" not in run("show", first).stdout


def test_the_record_as_of_an_entry_knows_only_what_was_found_by_then(run: Run) -> None:
    run("add", "they-came", "Gazette", "asserts")
    run("settle", "they-came", "refuted", "--because", "found so")
    now = run("report", "sources", "--source", "Gazette", "--format", "csv").stdout
    then = run("report", "sources", "--source", "Gazette", "--format", "csv", "--as-of", "2").stdout
    assert "borne out on 0 of 1" in now
    assert "borne out" not in then


def test_agreement_takes_its_grouping_and_refuses_another(run: Run) -> None:
    told = run("report", "agreement", "--by", "event", "--each", "claim").stdout
    assert "clash" in told
    assert "colour" in run("report", "agreement", "--by", "colour", ok=2).stderr


@pytest.mark.parametrize("report", ["agreement", "sources"])
def test_what_sql_sums_up_is_told_without_pandas(clash: str, report: str) -> None:
    code = (
        "import sys; from ledger.cli import cli\n"
        f"cli(['--db', {str(clash)!r}, 'report', {report!r}], standalone_mode=False)\n"
        "sys.exit('pandas' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_the_table_calls_a_denial_that_was_left_so_and_no_shift_of_any_kind(run: Run) -> None:
    run("add", "they-came", "Gazette", "denies", "--said-on", "2018-02-08")
    run("add", "they-came", "Gazette", "concedes", "--said-on", "2018-02-10")
    told = " ".join(run("report", "sources", "--source", "Gazette").stdout.split())
    assert "denials left" in told
    assert "after days" in told
