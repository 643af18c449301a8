"""Every rule on a row: one row that breaks it and one that keeps it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import rules
from ledger.errors import Problem
from ledger.model import LARGEST_COUNT, Kind, Precision

CLAIM = {"proposition_id": 1, "source_id": 1, "stance": "asserts", "status": "unreviewed"}
EVENT = {"slug": "clash", "title": "The clash"}
FACT = {"slug": "they-came", "text": "They came", "kind": "fact"}
COUNT = {"slug": "killed", "text": "Killed", "kind": "count", "unit": "people"}
DOCUMENT = {"slug": "article", "title": "The article"}
DAY = date(2018, 2, 8)


def columns(problems: list[Problem]) -> set[str]:
    return {problem.column for problem in problems}


def of_claim(kind: str | None, values: dict[str, object]) -> set[str]:
    return columns([*rules.claim_problems({**CLAIM, **values}, kind)])


def of(table: str, row: dict[str, object], **values: object) -> set[str]:
    return columns([*rules.PROBLEMS[table]({**row, **values})])


@pytest.mark.parametrize(
    ("column", "bad", "good"),
    [
        ("proposition_id", {"proposition_id": None}, {"proposition_id": 7}),
        ("source_id", {"source_id": None}, {"source_id": 7}),
        ("stance", {"stance": None}, {"stance": "denies"}),
        ("stance", {"stance": "Denies"}, {"stance": "no-comment"}),
        ("basis", {"basis": "guessed"}, {"basis": "witnessed"}),
        ("attribution", {"attribution": "anonymous"}, {"attribution": "unnamed"}),
        (
            "stated_precision",
            {"stated_on": DAY, "stated_precision": "hour"},
            {"stated_on": DAY, "stated_precision": "day"},
        ),
        ("stated_precision", {"stated_on": DAY}, {}),
        ("stated_on", {"stated_precision": "day"}, {}),
        (
            "stated_on",
            {"stated_on": DAY, "stated_precision": "month"},
            {"stated_on": date(2018, 2, 1), "stated_precision": "month"},
        ),
        (
            "stated_on",
            {"stated_on": date(2018, 2, 1), "stated_precision": "year"},
            {"stated_on": date(2018, 1, 1), "stated_precision": "year"},
        ),
        (
            "stated_on",
            {"stated_on": date(218, 2, 8), "stated_precision": "day"},
            {"stated_on": rules.EARLIEST, "stated_precision": "day"},
        ),
        ("status", {"status": "true", "because": "x"}, {"status": "refuted", "because": "x"}),
        ("because", {"status": "confirmed"}, {"status": "confirmed", "because": "two origins"}),
        ("because", {"status": "confirmed", "because": "  "}, {"status": "unreviewed"}),
        ("quote", {"quote_prefix": "he said"}, {"quote": "no", "quote_prefix": "he said"}),
        ("answers_id", {"id": 3, "answers_id": 3}, {"id": 3, "answers_id": 2}),
        ("repeats_id", {"id": 3, "repeats_id": 3}, {"id": 3, "repeats_id": 2}),
        ("via_id", {"via_id": 1}, {"via_id": 2}),
        ("low", {"low": 3}, {}),
        ("wording", {"wording": "dozens"}, {"wording": None}),
    ],
)
def test_a_claim_on_a_fact(column: str, bad: dict[str, object], good: dict[str, object]) -> None:
    assert of_claim(Kind.FACT, bad) == {column}
    assert of_claim(Kind.FACT, good) == set()


@pytest.mark.parametrize(
    ("column", "bad", "good"),
    [
        ("wording", {}, {"wording": "many"}),
        ("low", {"low": -1}, {"low": 0}),
        ("low", {"low": True}, {"low": 1}),
        ("low", {"low": LARGEST_COUNT + 1}, {"low": LARGEST_COUNT}),
        ("high", {"high": "14"}, {"high": 14}),
        ("high", {"high": 1.5}, {"low": 1, "high": 2}),
        ("low", {"low": 15, "high": 14}, {"low": 14, "high": 14}),
        ("wording", {"stance": "concedes"}, {"stance": "cannot-confirm"}),
    ],
)
def test_a_claim_on_a_count(column: str, bad: dict[str, object], good: dict[str, object]) -> None:
    assert of_claim(Kind.COUNT, bad) == {column}
    assert of_claim(Kind.COUNT, good) == set()


def test_a_denial_of_a_count_need_not_say_how_many() -> None:
    assert of_claim(Kind.COUNT, {"stance": "denies"}) == set()


@pytest.mark.parametrize(
    ("table", "row", "column", "bad", "good"),
    [
        ("source", {}, "name", {}, {"name": "TASS"}),
        ("source", {}, "name", {"name": "   "}, {"name": "A"}),
        ("source", {}, "name", {"name": " TASS"}, {"name": "Agence France-Presse"}),
        ("source", {}, "name", {"name": "1917"}, {"name": "1917 Group"}),
        ("source", {"name": "A"}, "kind", {"kind": "army"}, {"kind": "armed-actor"}),
        ("source", {"name": "A"}, "reliability", {"reliability": "G"}, {"reliability": "F"}),
        (
            "source",
            {"name": "A"},
            "member_of_id",
            {"id": 2, "member_of_id": 2},
            {"id": 2, "member_of_id": 1},
        ),
        ("source_alias", {"source_id": 1}, "name", {}, {"name": "DoD"}),
        ("source_alias", {"name": "DoD"}, "source_id", {}, {"source_id": 1}),
        ("event", {"title": "T"}, "slug", {}, {"slug": "clash"}),
        ("event", {"title": "T"}, "slug", {"slug": "a clash"}, {"slug": "a-clash"}),
        ("event", {"title": "T"}, "slug", {"slug": "-clash"}, {"slug": "столкновение"}),
        ("event", {"title": "T"}, "slug", {"slug": "a--clash"}, {"slug": "हिन्दी-2"}),
        ("event", {"title": "T"}, "slug", {"slug": "2018"}, {"slug": "n-2018"}),
        ("event", {"slug": "clash"}, "title", {}, {"title": "T"}),
        (
            "event",
            EVENT,
            "ended_on",
            {"started_on": DAY, "ended_on": date(2018, 2, 7)},
            {"started_on": DAY, "ended_on": DAY},
        ),
        ("event", EVENT, "started_on", {"started_on": date(18, 2, 8)}, {"started_on": DAY}),
        (
            "event",
            EVENT,
            "latitude",
            {"latitude": "35,4", "longitude": "40"},
            {"latitude": "35.4", "longitude": "-40"},
        ),
        (
            "event",
            EVENT,
            "latitude",
            {"latitude": "٣٥", "longitude": "40"},
            {"latitude": "35", "longitude": "40"},
        ),
        (
            "event",
            EVENT,
            "latitude",
            {"latitude": "90.1", "longitude": "40"},
            {"latitude": "-90", "longitude": "180"},
        ),
        ("event", EVENT, "latitude", {"longitude": "40"}, {}),
        ("proposition", {"slug": "p", "kind": "fact"}, "text", {}, {"text": "They came"}),
        ("proposition", {**FACT, "kind": None}, "kind", {}, {"kind": "fact"}),
        ("proposition", FACT, "kind", {"kind": "opinion"}, {"kind": "fact"}),
        ("proposition", {**COUNT, "unit": None}, "unit", {}, {"unit": "people"}),
        ("proposition", FACT, "unit", {"unit": "people"}, {}),
        ("proposition", FACT, "finding_low", {"finding_low": 3}, {}),
        ("proposition", COUNT, "finding_low", {"finding_low": 3, "finding_high": 2}, {}),
        (
            "proposition",
            COUNT,
            "finding_low",
            {"verdict": "open", "finding_low": 3},
            {"verdict": "supported", "because": "graves", "finding_low": 3},
        ),
        (
            "proposition",
            COUNT,
            "finding_high",
            {"finding_high": 3},
            {"verdict": "refuted", "because": "graves", "finding_high": 3},
        ),
        ("source", {}, "name", {"name": "\u200b"}, {"name": "B"}),
        ("source", {}, "name", {"name": "A\u202eB"}, {"name": "نیروی\u200cدریایی"}),
        ("source", {}, "name", {"name": "A\u200dB"}, {"name": "ක්\u200dරි"}),
        ("source", {}, "name", {"name": "A\x9b2J"}, {"name": "é"}),
        ("source_alias", {"source_id": 1}, "name", {"name": "A\u200f"}, {"name": "\u06dd1"}),
        ("source", {}, "name", {"name": "\u3164"}, {"name": "한"}),
        ("source", {}, "name", {"name": "\u2800\u2060\u00a0\ufeff\u115f"}, {"name": "⠓"}),
        ("event", {**EVENT, "title": None}, "title", {"title": "\u202e"}, {"title": "…"}),
        ("proposition", FACT, "verdict", {"verdict": "true", "because": "x"}, {"verdict": "open"}),
        (
            "proposition",
            FACT,
            "because",
            {"verdict": "mixed", "because": " "},
            {"verdict": "mixed", "because": "both"},
        ),
        ("document", {"slug": "d"}, "title", {}, {"title": "T"}),
        ("document", DOCUMENT, "sha256", {"sha256": "A" * 64}, {"sha256": "a" * 64}),
        ("document", DOCUMENT, "language", {"language": "English!"}, {"language": "ar-SY"}),
        ("document", DOCUMENT, "url", {"url": "example.org"}, {"url": "https://example.org/a"}),
        ("document", DOCUMENT, "archive_url", {"archive_url": "x y"}, {"archive_url": "urn:x:y"}),
        ("document", DOCUMENT, "published_on", {"published_on": date(1, 1, 1)}, {}),
        ("evidence", {"on_claim_id": 2}, "claim_id", {}, {"claim_id": 1}),
        ("evidence", {"claim_id": 1}, "on_claim_id", {}, {"on_document_id": 2}),
        (
            "evidence",
            {"claim_id": 1},
            "on_claim_id",
            {"on_claim_id": 2, "on_document_id": 2},
            {"on_claim_id": 2},
        ),
        ("evidence", {"claim_id": 1}, "on_claim_id", {"on_claim_id": 1}, {"on_claim_id": 2}),
    ],
)
def test_a_row_of_any_other_table(
    table: str,
    row: dict[str, object],
    column: str,
    bad: dict[str, object],
    good: dict[str, object],
) -> None:
    assert of(table, row, **bad) == {column}
    assert of(table, row, **good) == set()


@pytest.mark.parametrize("text", ["a\0b", "half a \ud83d pair", "\udcff"])
def test_text_that_no_database_holds_is_refused(text: str) -> None:
    assert columns([*rules.text_problems({"note": text, "id": 1})]) == {"note"}
    assert "bytes that are no text" in str([*rules.text_problems({"name": "bad\udcff"})])
    assert not [*rules.text_problems({"note": "😀 \u202e \x1b[0m", "id": 1})]


def test_all_breaches_are_told_at_once() -> None:
    wrong = {"stance": "says", "basis": "guess", "low": 3, "status": "?"}
    assert of_claim(Kind.FACT, wrong) == {
        "stance",
        "basis",
        "low",
        "status",
        "because",
    }


def test_what_is_wrong_is_quoted_safely() -> None:
    assert rules.shown("\x1b[31mred\u202e\n") == "“\\x1b[31mred\\u202e\\n”"
    assert rules.shown("x" * 100) == "“" + "x" * 59 + "…”"


@given(st.text())
def test_nothing_unprintable_is_ever_shown(text: str) -> None:
    assert rules.shown(text).isprintable()


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2018-02-08", date(2018, 2, 8), Precision.DAY),
        ("2018-02", date(2018, 2, 1), Precision.MONTH),
        ("2018", date(2018, 1, 1), Precision.YEAR),
        ("2020-02-29", date(2020, 2, 29), Precision.DAY),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(text: str, day: date, precision: Precision) -> None:
    assert rules.stated(text) == (day, precision)
    row = {**CLAIM, "stated_on": day, "stated_precision": precision.value}
    assert not [*rules.claim_problems(row, Kind.FACT)]


@pytest.mark.parametrize(
    "text",
    ["", "08.02.2018", "2018-2-8", "2018-13", "2019-02-29", "0000", "20180208", "2018-02-08T00:00",
     "٢٠١٨", "yesterday", "-018", "2018-02-0\n"],
)  # fmt: skip
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        rules.stated(text)


def test_a_day_is_a_whole_date() -> None:
    assert rules.day("2018-02-08") == DAY
    with pytest.raises(ValueError, match="names no day"):
        rules.day("2018-02")
