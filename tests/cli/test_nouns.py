"""Sources, events, propositions and documents."""

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


def test_each_noun_adds_lists_shows_and_edits(run: Run) -> None:
    run("source", "add", "Red Crescent", "--kind", "organisation", "--side", "none")
    run("event", "add", "Shelling of the market", "--started-on", "2018-02-20")
    run("proposition", "add", "The market was shelled", "--kind", "fact", "--event", "shelling")
    run("document", "add", "A bulletin", "--publisher", "Red Crescent", "--published-on",
        "2018-02-21")  # fmt: skip
    for noun, name, shown in (
        ("source", "Red Crescent", "organisation"),
        ("event", "shelling-of-the-market", "2018-02-20"),
        ("proposition", "market-was-shelled", "shelling-of-the-market"),
        ("document", "bulletin", "Red Crescent"),
    ):
        assert name in run(noun, "list").stdout
        assert shown in run(noun, "show", name).stdout
        assert "note: – → seen" in run(noun, "edit", name, "--note", "seen").stdout
        assert "note: seen → –" in run(noun, "edit", name, "--clear", "note").stdout


def test_a_look_alike_is_not_added_unless_it_is_meant(run: Run) -> None:
    assert "looks like “Gazette”" in run("source", "add", "The Gazette", ok=1).stderr
    run("source", "add", "The Gazette", "--new")


def test_a_new_name_is_held_up_to_the_others_as_an_added_one_is(run: Run) -> None:
    for noun, row, option, other in (
        ("source", "Ministry", "--rename", "The Gazette"),
        ("event", "storm", "--title", "Event Clash"),
        ("document", "bulletin", "--title", "Document Article"),
    ):
        run(noun, "add", row, ok=1 if noun == "source" else 0)
        told = run(noun, "edit", row, option, other, ok=1).stderr
        assert "which the ledger has" in told
        assert "--new" in told
        assert other in run(noun, "edit", row, option, other, "--new").stdout
    run("source", "edit", "Jim Mattis", "--rename", "JIM MATTIS")
    run("source", "alias", "Gazette", "Courier")
    taken = run("source", "edit", "Government", "--rename", "Courier", "--new", ok=1).stderr
    assert "“Courier” is another name of “Gazette”" in taken
    assert "“Courier” is another name of “Gazette”" in run("source", "add", "Courier", ok=1).stderr


def test_what_an_edit_both_sets_and_clears_is_wrong_use(run: Run) -> None:
    both = run("source", "edit", "Gazette", "--note", "x", "--clear", "note", ok=2)
    assert "--note and --clear note: the one or the other" in both.stderr


def test_an_alias_given_twice_or_known_is_told_once(run: Run) -> None:
    assert run("source", "alias", "Gazette", "A1", "A1").stdout == "Gazette is also A1\n"
    told = run("source", "alias", "Gazette", "Gazette", "A2").stdout
    assert told == "Gazette is a name of Gazette already\nGazette is also A2\n"


def test_an_alias_means_the_source(run: Run) -> None:
    run("source", "alias", "Jim Mattis", "Mad Dog", "SecDef")
    assert "Jim Mattis asserts" in run("add", "they-came", "secdef", "asserts").stdout
    assert "Mad Dog, SecDef" in run("source", "show", "Jim Mattis").stdout
    assert "is the name of “Gazette”" in run("source", "alias", "Ministry", "Gazette", ok=1).stderr


def test_merging_moves_the_claims_and_keeps_the_name(run: Run) -> None:
    result = run("source", "merge", "Ministry", "Government", "--yes")
    assert "Ministry is now Government" in result.stdout
    assert "Government" in run("show", "2").stdout
    assert "Government denies" in run("add", "they-came", "Ministry", "denies").stdout
    assert "Ministry" not in run("source", "list").stdout
    assert "Ministry" in run("source", "list", "--as-of", "1").stdout
    assert (
        "cannot be merged into itself"
        in run("source", "merge", "Ministry", "Government", "--yes", ok=1).stderr
    )


def test_help_has_the_right_article(run: Run) -> None:
    assert "Record an event;" in run("event", "add", "--help").stdout
    assert "Record a source;" in run("source", "add", "--help").stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [("bad\udcff", "holds bytes that are no text"), ("\u200b", "is missing"), ("ㅤ", "is missing")],
)
def test_a_name_that_nobody_can_read_is_refused(run: Run, name: str, said: str) -> None:
    assert said in run("source", "add", name, ok=1).stderr


def test_an_edit_that_says_nothing_is_wrong_use(run: Run) -> None:
    assert "say what to change" in run("source", "edit", "Gazette", ok=2).stderr


def test_a_bad_grade_date_or_place_is_told(run: Run) -> None:
    assert (
        "is not one of A, B" in run("source", "edit", "Gazette", "--reliability", "G", ok=2).stderr
    )
    assert "names no day" in run("event", "edit", "clash", "--started-on", "2018-02", ok=2).stderr
    assert (
        "off the map"
        in run("event", "edit", "clash", "--latitude", "99", "--longitude", "1", ok=1).stderr
    )
    assert "unit: is missing" in run("proposition", "add", "Hurt", "--kind", "count", ok=1).stderr


def test_a_document_is_checked_against_its_text(run: Run) -> None:
    good = "The Gazette wrote: more than 100 died.\n"
    assert "1 quote found" in run("document", "check", "article", "-", typed=good).stdout
    bad = run("document", "check", "article", "-", typed="nothing here", ok=3)
    assert "more than 100 died" in bad.stdout
    run("document", "attach", "article", "-", typed=good)
    assert "1 quote found" in run("document", "check", "article").stdout
    assert run("document", "attach", "article", "-", typed="other", ok=1).stderr


def test_a_quote_that_stands_twice_is_remarked_on_and_no_fault(run: Run) -> None:
    twice = "More: more than 100 died. Again: more than 100 died.\n"
    found = run("document", "check", "article", "-", typed=twice).stdout
    assert "stands there 2 times: add the text just before or after it" in " ".join(found.split())
    assert "1 quote found" in found
    run("correct", "1", "--quote-prefix", "Again:")
    assert "2 times" not in run("document", "check", "article", "-", typed=twice).stdout
