"""Reading claims, judging them and mending them."""

import csv
import io
import json
import sqlite3

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


def test_list_narrows_by_every_filter(run: Run) -> None:
    def found(*flags: str) -> list[str]:
        rows = csv.DictReader(io.StringIO(run("list", "-f", "csv", *flags).stdout))
        return [row["claim"] for row in rows]

    assert found() == ["1", "2"]
    assert found("--side", "denies") == ["2"]
    assert found("--source", "Gazette") == ["1"]
    assert found("--event", "clash") == ["1", "2"]
    assert found("--document", "article") == ["1"]
    assert found("--from", "2018-02-09") == ["2"]
    assert found("--to", "2018-02-09") == ["1"]
    assert found("--from", "2018-02", "--to", "2018-02") == ["1", "2"]
    assert found("--to", "2018-01") == []
    assert found("--status", "confirmed") == []
    assert found("--limit", "1") == ["2"]


def test_nothing_found_is_said_and_prints_no_table(run: Run) -> None:
    result = run("list", "--status", "refuted")
    assert result.stdout == ""
    assert "no claim fits" in result.stderr


def test_show_tells_the_whole_story(run: Run) -> None:
    run("assess", "1", "unverified", "--because", "one origin", "--rests-on", "2",
        "--rests-on", "article")  # fmt: skip
    run("assess", "1", "contested", "--because", "now denied")
    shown = run("show", "1").stdout
    for part in (
        "Gazette asserts killed",
        "101+ “more than 100” (people killed)",
        "affirmed by 1 source",
        "“more than 100 died”",
        "answered by  2: Ministry denies they-were-sent",
        "contested – now denied",
        "maria: unreviewed → unverified (entry 2) – one origin",
        "unverified → contested (entry 3) – now denied",
        "rests on     2: Ministry denies",
        "2026-03-01T12:00:00Z by maria (entry 1)",
    ):
        assert part in shown, part


def test_show_cuts_what_no_screen_holds_and_says_so(run: Run) -> None:
    run("correct", "1", "--note", "so it was said, " * 100_000)
    shown = run("show", "1").stdout
    assert "… (1,600,000 characters; other formats have all)" in " ".join(shown.split())
    assert len(shown) < 10_000


@pytest.mark.parametrize("altered", ["SELECT 1 AS claim", "SELECT * FROM nowhere"])
@pytest.mark.sqlite("files are altered in the sqlite3 shell; of a server see tests/postgresql")
def test_views_that_are_not_the_programs_are_told(run: Run, clash: str, altered: str) -> None:
    with sqlite3.connect(clash) as connection:
        connection.execute("DROP VIEW claims")
        connection.execute("DROP VIEW sources")
        connection.execute(f"CREATE VIEW claims AS {altered}")
    connection.close()
    asked = ("sql", "SELECT * FROM sources")
    for command in (("show", "1"), ("list",), ("source", "show", "1"), asked):
        told = run(*command, ok=1).stderr
        assert "was altered by another hand" in told
        assert "verify` says which" in told
    run("verify", ok=3)


@pytest.mark.sqlite("files are altered in the sqlite3 shell; of a server see tests/postgresql")
def test_a_view_that_shows_no_row_of_a_claim_is_told(run: Run, clash: str) -> None:
    with sqlite3.connect(clash) as connection:
        (view,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'claims'")
        connection.execute("DROP VIEW claims")
        made = view[0].partition(" AS ")[2]
        connection.execute(f"CREATE VIEW claims AS SELECT * FROM ({made}) WHERE claim <> 1")
    connection.close()
    told = run("show", "1", ok=1).stderr
    assert "was altered by another hand" in told
    assert "verify` says which" in told


def test_show_marks_a_denial_of_something_else(run: Run) -> None:
    assert "it says nothing against killed" in run("show", "2").stdout


def test_show_in_json_is_one_object(run: Run) -> None:
    (claim,) = json.loads(run("show", "1", "-f", "json").stdout)
    assert (claim["claim"], claim["low"], claim["high"]) == (1, 101, None)


def test_an_unknown_claim_is_told_the_newest(run: Run) -> None:
    assert "there is no claim 9" in run("show", "9", ok=1).stderr


def test_a_status_needs_a_reason(run: Run) -> None:
    assert "missing: --because" in run("assess", "1", "confirmed", ok=2).stderr
    assert "needs a reason" in run("assess", "1", "confirmed", "-b", " ", ok=1).stderr


def test_several_claims_are_assessed_in_one_entry_or_none(run: Run) -> None:
    run("assess", "1", "9", "refuted", "-b", "x", ok=1)
    assert "refuted" not in run("list").stdout
    run("assess", "1", "2", "refuted", "-b", "x")
    assert run("list").stdout.count("refuted") == 2


def test_assessing_again_changes_nothing(run: Run) -> None:
    run("assess", "1", "refuted", "-b", "x")
    assert "nothing changed" in run("assess", "1", "refuted", "-b", "x").stdout
    assert run("sql", "-f", "csv", "SELECT count(*) FROM entries").stdout.split()[-1] == "2"


def test_a_withdrawn_claim_is_kept_and_left_out(run: Run) -> None:
    run("withdraw", "1", "-b", "entered twice")
    assert "more than 100" not in run("list").stdout
    assert "more than 100" in run("list", "--status", "withdrawn").stdout
    run("assess", "1", "unreviewed")
    assert "more than 100" in run("list").stdout


def test_correct_says_what_changed_and_keeps_the_version_before(run: Run) -> None:
    result = run("correct", "1", "--wording", "dozens", "--said-on", "2018-02", "--clear", "quote")
    assert "low: 101 → 24" in result.stdout
    assert "high: – → 99" in result.stdout
    assert "stated_precision: day → month" in result.stdout
    assert "quote: more than 100 died → –" in result.stdout
    assert "101" in run("list", "--as-of", "1").stdout
    assert "version 2" in run("show", "1").stdout


@pytest.mark.parametrize(
    ("option", "value", "cleared"),
    [
        ("--low", "5", "low"),
        ("--via", "Gazette", "via"),
        ("--said-on", "2018", "said-on"),
        ("--quote", "died", "quote"),
        ("--quote-prefix", "so", "quote"),
        ("--quote-prefix", "so", "quote-prefix"),
    ],
)
def test_what_is_both_set_and_cleared_is_wrong_use(
    run: Run, option: str, value: str, cleared: str
) -> None:
    for words in ((option, value, "--clear", cleared), ("--clear", cleared, option, value)):
        told = run("correct", "1", *words, ok=2).stderr
        assert f"{option} and --clear {cleared}: the one or the other" in told


def test_a_new_quote_may_drop_what_stood_before_the_old_one(run: Run) -> None:
    run("correct", "1", "--quote-prefix", "so")
    told = run("correct", "1", "--quote", "100 died", "--clear", "quote-prefix").stdout
    assert "quote_prefix: so → –" in told


def test_correct_without_a_change_is_wrong_use(run: Run) -> None:
    assert "say what to mend" in run("correct", "1", ok=2).stderr
    assert "says so already" in run("correct", "1", "--wording", "more than 100").stdout


def test_settle_records_a_finding(run: Run) -> None:
    assert "missing: --because" in run("settle", "killed", "supported", ok=2).stderr
    result = run("settle", "killed", "supported", "--low", "100", "--high", "120", "-b", "graves")
    assert "killed is supported, 100–120" in result.stdout
    refused = run("settle", "they-came", "supported", "--low", "1", "-b", "x", ok=1)
    assert "belongs to a count" in refused.stderr


def test_an_open_question_has_no_range_found(run: Run) -> None:
    told = run("settle", "killed", "open", "--low", "5", ok=1).stderr
    assert "finding_low: is found, though the verdict is open" in told
    run("settle", "killed", "supported", "--low", "5", "-b", "graves")
    run("settle", "killed", "open")


def test_search_folds_case_and_wants_every_word(run: Run) -> None:
    assert "Gazette" in run("search", "MORE THAN", "died").stdout
    assert run("search", "more", "nowhere").stdout == ""


def test_as_of_answers_as_the_ledger_stood_then(run: Run) -> None:
    run("source", "edit", "Gazette", "--rename", "Courier")
    assert "Courier" in run("list").stdout
    assert "Gazette" in run("list", "--as-of", "1").stdout
    assert "Gazette" in run("list", "--as-of", "2026-03-01").stdout
    assert "nothing had been recorded by then" in run("list", "--as-of", "2026-02-28").stderr
    assert "there is no entry 9" in run("list", "--as-of", "9", ok=1).stderr
    assert "2018-12-31" not in run("list", "--as-of", "9", ok=1).stderr
    year = run("list", "--as-of", "2018", ok=1).stderr
    assert "a year is no date here: 2018-12-31" in year
    for day in ("today", "yesterday"):
        run("list", "--as-of", day)


def test_search_says_what_was_hit_and_marks_it(run: Run) -> None:
    assert "quote: more than 100 [died]" in run("search", "die*").stdout
    assert "proposition: " in run("search", "proposition:killed").stdout
    row = next(csv.DictReader(run("search", "GAZETTE", "-f", "csv").stdout.splitlines()))
    assert (row["claim"], row["hit"], row["snippet"]) == ("1", "source", "[Gazette]")
    run("source", "alias", "Gazette", "The Daily", "--new")
    assert "alias: The [Daily]" in run("search", "daily").stdout


def test_search_understands_operators_and_filters(run: Run) -> None:
    assert run("search", "died OR sent", "-f", "csv").stdout.count("\n") == 3
    assert run("search", "died OR sent", "--side", "denies", "-f", "csv").stdout.count("\n") == 2
    assert "sent" not in run("search", "died OR sent NOT ministry").stdout
    assert "the first 1 found" in run("search", "died OR sent", "-n", "1").stderr
    assert "died* finds words that begin so" in run("search", "died", "nowhere").stderr


def test_search_refuses_what_it_cannot_read(run: Run) -> None:
    assert "a quotation mark is not closed" in run("search", '"died', ok=1).stderr
    assert "NOT alone finds nothing" in run("search", "NOT died", ok=1).stderr
