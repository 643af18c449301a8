"""What people do all day, in one line."""

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


def test_one_line_records_a_claim_and_says_how_the_proposition_stands(run: Run) -> None:
    result = run("add", "they-came", "Gazette", "asserts", "--quote", "they came")
    assert result.stdout == (
        "claim 3: Gazette asserts they-came\nnow affirmed by 1 source, denied by 0, withheld by 0\n"
    )


def test_flags_say_the_same_as_bare_words(run: Run) -> None:
    run("add", "-p", "they-came", "-s", "Gazette", "-t", "denies")
    run("add", "they-came", "Gazette", "denies")
    assert run("list", "-p", "they-came", "-f", "csv").stdout.count("denies") == 4


def test_said_twice_is_refused(run: Run) -> None:
    result = run("add", "they-came", "Gazette", "denies", "--source", "Ministry", ok=2)
    assert "SOURCE is given twice" in result.stderr


def test_a_proposition_is_found_by_slug_number_or_part_of_its_text(run: Run) -> None:
    for named in ("they-were-sent", "3", "were-se"):
        assert "they-were-sent" in run("add", named, "Gazette", "questions").stdout


def test_words_become_a_range(run: Run) -> None:
    assert (
        "(24–99, “dozens”)"
        in run("add", "killed", "Ministry", "denies", "--wording", "dozens").stdout
    )


def test_words_without_a_convention_are_kept_and_said_to_be_open(run: Run) -> None:
    result = run("add", "killed", "Gazette", "asserts", "--wording", "a great many")
    assert "no convention covers “a great many”" in result.stderr
    assert "a great many" in run("show", "3").stdout


def test_what_is_said_already_is_told(run: Run) -> None:
    run("add", "they-came", "Gazette", "asserts", "--quote", "they came")
    told = run("add", "they-came", "Gazette", "asserts", "--quote", "they came").stderr
    assert "claim 3 says the same already" in told
    assert run("add", "they-came", "Gazette", "asserts", "--quote", "they did").stderr == ""


def test_a_claim_that_is_not_the_sources_newest_is_told(run: Run) -> None:
    told = run("add", "killed", "Gazette", "asserts", "--low", "5").stderr
    assert "the source's position stays claim 1, said on 2018-02-08: this one has no date" in told


def test_given_bounds_come_before_words(run: Run) -> None:
    assert "(100–120, “over 100”)" in run(
        "add", "killed", "Gazette", "asserts", "--wording", "over 100", "--low", "100",
        "--high", "120",
    ).stdout  # fmt: skip


def test_every_missing_flag_is_named_at_once(run: Run) -> None:
    assert "missing: --proposition, --source, --stance" in run("add", ok=2).stderr
    result = run("add", "-p", "killed", "-t", "asserts", ok=2)
    assert "missing: --source, --wording (or --low and --high)" in result.stderr


def test_an_unknown_source_is_refused_until_it_is_meant(run: Run) -> None:
    refused = run("add", "they-came", "Mukhabarat", "denies", ok=1)
    assert "there is no source “Mukhabarat”" in refused.stderr
    assert "--new" in refused.stderr
    run("add", "they-came", "Mukhabarat", "denies", "--new", "--source-kind", "organisation")
    assert "organisation" in run("source", "show", "Mukhabarat").stdout


@pytest.mark.parametrize("name", ["The Gazette", "gazzette", "Gаzette", "Mattis"])
def test_a_name_close_to_one_that_exists_is_held_up(run: Run, name: str) -> None:
    refused = run("add", "they-came", name, "denies", ok=1)
    assert "it looks like" in refused.stderr
    assert run("add", "they-came", name, "denies", "--new").exit_code == 0


def test_case_and_spaces_do_not_split_a_source(run: Run) -> None:
    assert "Jim Mattis denies" in run("add", "they-came", " jim  mattis", "denies").stdout


def test_a_wrong_stance_is_told_what_it_is_close_to(run: Run) -> None:
    result = run("add", "they-came", "Gazette", "denys", ok=2)
    assert "Did you mean 'denies'?" in result.stderr


def test_bounds_that_go_beyond_the_words_are_kept_and_told(run: Run) -> None:
    told = run("add", "killed", "Ministry", "denies", "--wording", "more than 100", "--low", "5")
    assert "(5+, “more than 100”)" in told.stdout
    assert "“more than 100” is 101+ by convention" in told.stderr
    assert "as given: 5+" in told.stderr
    within = ("--wording", "dozens", "--low", "30", "--high", "40")
    assert "convention" not in run("add", "killed", "Ministry", "denies", *within).stderr
    assert "5–14" in run("correct", "1", "--wording", "5 to 14", "--low", "4").stderr


@pytest.mark.parametrize("blank", ["", " ", "\u200b"])
def test_no_words_are_missing_words(run: Run, blank: str) -> None:
    for command in (("add", "killed", "Gazette", "asserts"), ("correct", "1")):
        told = run(*command, "--wording", blank, ok=2).stderr
        assert "is missing: give the source's own number words" in told
        assert "convention" not in told


@pytest.mark.parametrize(
    ("flags", "said", "status"),
    [
        (("--low", "9007199254740992"), "is too large (at most 9007199254740991)", 2),
        (("--low", "9" * 5_000), "is too large", 2),
        (("--said-on", "2018-02-30"), "no date in the calendar", 2),
        (("--said-on", "last week"), "allowed: 2018-02-08, 2018-02 or 2018", 2),
        (("--low", "x"), "is no count", 2),
        (("--low", "5"), "the proposition asks yes or no", 1),
        (("--wording", "dozens"), "wording: “dozens” is a count, but the proposition asks yes", 1),
        (("--answers", "99"), "there is no claim 99", 1),
        (("--document", "nowhere"), "there is no document “nowhere”", 1),
        (("--via", "Gazette"), "no relay", 1),
    ],
)
def test_wrong_use_is_told_in_words(
    run: Run, flags: tuple[str, ...], said: str, status: int
) -> None:
    result = run("add", "they-came", "Gazette", "asserts", *flags, ok=status)
    assert said in result.stderr
    assert "\n3," not in run("list", "-f", "csv").stdout


def test_low_above_high_is_refused(run: Run) -> None:
    result = run("add", "killed", "Gazette", "asserts", "--low", "9", "--high", "5", ok=1)
    assert "9 is above high 5" in result.stderr


def test_a_new_proposition_and_document_are_made_in_the_same_entry(run: Run) -> None:
    run("add", "The bridge was blown", "Gazette", "asserts", "--new", "--kind", "fact",
        "--event", "clash", "--document", "https://example.org/2", "-m", "bridge")  # fmt: skip
    shown = run("show", "3").stdout
    assert "the-bridge-was-blown" in shown or "bridge-was-blown" in shown
    assert "clash" in shown
    assert "https://example.org/2" in run("document", "list").stdout
    assert run("sql", "-f", "csv", "SELECT count(*) AS n FROM entries").stdout.split()[-1] == "2"


def test_an_unnamed_sources_claim_is_unnamed(run: Run) -> None:
    run("add", "they-came", "An official", "asserts", "--via", "Gazette")
    assert "attribution unnamed" in run("show", "3").stdout


def test_a_quote_that_is_not_in_the_attached_text_is_refused(run: Run, tmp_path: object) -> None:
    run("document", "attach", "article", "-", typed="It said more than 100 died.")
    refused = run("add", "they-came", "Gazette", "asserts", "-d", "article", "-q", "200 died", ok=1)
    assert "is not in the document's attached text" in refused.stderr
