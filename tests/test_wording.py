"""What number words mean, and that what can be read in two ways is not read at all."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.model import LARGEST_COUNT, Range
from ledger.wording import CONVENTIONS, parse, vague_words


@pytest.mark.parametrize(
    ("wording", "low", "high"),
    [
        # The examples of DESIGN, section 1.
        ("more than 100", 101, None),
        ("at least 100", 100, None),
        ("dozens", 24, 99),
        ("scores", 40, 99),
        ("hundreds", 200, 999),
        ("about 100", 90, 110),
        ("no", 0, 0),
        ("none", 0, 0),
        ("one", 1, 1),
        ("5 to 14", 5, 14),
        ("5-14", 5, 14),
        ("dozens and hundreds", 24, 999),
        # Figures.
        ("42", 42, 42),
        ("1,200", 1200, 1200),
        ("1\u00a0200", 1200, 1200),
        ("1\u2009200", 1200, 1200),
        ("10 000", 10_000, 10_000),
        ("1 200 000", 1_200_000, 1_200_000),
        ("10 050", 10_050, 10_050),
        ("1.200", 1200, 1200),
        ("1,200,300", 1_200_300, 1_200_300),
        ("one hundred and five", 105, 105),
        ("twenty-five", 25, 25),
        ("fifteen hundred", 1500, 1500),
        ("one million two hundred thousand and six", 1_200_006, 1_200_006),
        ("1.5 million", 1_500_000, 1_500_000),
        ("2 thousand", 2000, 2000),
        ("a dozen", 12, 12),
        ("two dozen", 24, 24),
        ("half a dozen", 6, 6),
        ("a hundred", 100, 100),
        # Qualified.
        ("More  than 100.", 101, None),
        ("“at least 100”", 100, None),
        ("a hundred or so", 90, 110),
        ("about 5", 4, 6),
        ("nearly 100", 90, 99),
        ("up to 100", None, 100),
        ("no more than 5", None, 5),
        ("fewer than 1", None, 0),
        ("100+", 100, None),
        ("one or more", 1, None),
        ("at least several", 3, None),
        ("up to dozens", None, 99),
        ("a total of 5", 5, 5),
        # Two parts.
        ("between 5 and 14", 5, 14),
        ("from 5 to 14", 5, 14),
        ("5 – 14", 5, 14),
        ("one or two", 1, 2),
        ("one or none", 0, 1),
        ("two or three hundred", 200, 300),
        ("two to three hundred thousand", 200_000, 300_000),
        ("two hundred to three hundred thousand", 200_000, 300_000),
        ("two hundred to three thousand", 200, 3000),
        ("2 to 3 million", 2_000_000, 3_000_000),
        ("2 to 2.5 million", 2_000_000, 2_500_000),
        ("between seven and eight hundred", 700, 800),
        ("ten to fifteen hundred", 1000, 1500),
        # "a hundred" shares no scale, and what would be its own end is no run.
        ("one to a hundred", 1, 100),
        ("one to one hundred", 1, 100),
        ("between one and a hundred", 1, 100),
        ("one or a hundred", 1, 100),
        ("from one to a thousand", 1, 1000),
        ("1 to 1 thousand", 1, 1000),
        ("one to a million", 1, 1_000_000),
        ("one to a dozen", 1, 12),
        ("one or a dozen", 1, 12),
        ("six to two dozen", 6, 24),
        ("one to half a dozen", 1, 6),
        ("1 to 1,000", 1, 1000),
        ("5 to 100", 5, 100),
        ("a hundred to two hundred thousand", 100_000, 200_000),
        ("two thousand to three hundred thousand", 2000, 300_000),
        ("two hundred to three hundred and fifty", 200, 350),
        ("2,000 to 30,000", 2000, 30_000),
        ("100 to 1,200", 100, 1200),
        ("zero to five", 0, 5),
        ("none or one", 0, 1),
        ("one or both", 1, 2),
        ("no-one", 0, 0),
        ("thousands or tens of thousands", 2000, 99_999),
        ("two million and five", 2_000_005, 2_000_005),
        ("between one hundred and five and two hundred", 105, 200),
        ("at least 5 but no more than 10", 5, 10),
        ("more than 100 and fewer than 200", 101, 199),
        ("dozens, if not hundreds", 24, 999),
        ("dozens or even hundreds", 24, 999),
    ],
)
def test_number_words_mean(wording: str, low: int | None, high: int | None) -> None:
    assert parse(wording) == Range(low, high)


@pytest.mark.parametrize(
    "wording",
    [
        "",
        "many",
        "few",
        "5 to 14 people",
        "14 to 5",
        "five and six",  # a sum or a span
        "5 and 14",
        "one two",
        "a five",
        "twenty and thirty",
        "one hundred and",
        "5 to 14 to 20",
        "2018-02-08",
        ".5",
        "1.5",
        "-5",
        "5-",
        "12,34",
        "1,200.300",
        "007",
        "0,123",
        "1,2000",
        "100%",
        "$100",
        "fewer than zero",
        "fewer than none",
        "more than a",
        "more than a few",  # people mean more by it than four
        "nearly dozens",
        "about 20 to 30",
        "some 20 or 30",
        "at least 5 to 14",
        "up to 100 or more",
        "over 100 or more",
        "at least about 100",
        "one and a half",
        "one hundred and five or six",  # 105 to 106, or 105 and 6
        "dozens and 5",
        "dozens and hundreds and thousands",
        "at least 10 and at most 5",
        f"more than {LARGEST_COUNT}",
        str(LARGEST_COUNT + 1),
        "two thousand thousand",
        "hundred and five",
        # One or one hundred; twenty or twenty thousand.
        "one to two hundred",
        "between one and two hundred",
        "one or two dozen",
        "1-2 million",
        "20-30,000",
        "20 to 30,000",
        "20–30 000",
        "20-30,500",
        "5-10,000",
        "200 to three hundred thousand",
        "fifty to one hundred thousand",
        "one to a hundred thousand",
        "2-300",
        "3-500",
        "12-1500",
        "two to 3,000",
        "between 20 and 30,000",
        "two to three hundred and fifty",
        "ten to twenty thousand five hundred",
        "tens or hundreds of thousands",
        "ten to hundreds of thousands",
        "two million five",
        "fifty–one hundred",
        # One figure or two.
        "50 100",
        "10 100",
        "100 200",
        "1 200",
        "12 345 678",
        "5\n100",
        # How a match ended, odds, a name.
        "four-zero",
        "five-nil",
        "3–nil",
        "one-no",
        "zero-five",
        "1-1",
        "fifty-fifty",
        "one to one",
        "A-10",
        "no-5",
        "no one or two",
        "a to five",
        "hundreds to dozens",
        "hundreds and hundreds",
        "nearly one",
    ],
)
def test_what_can_be_read_in_two_ways_or_none_is_left_to_the_analyst(wording: str) -> None:
    assert parse(wording) is None


def filled(words: str) -> str:
    """A convention's words with figures put in for N and M."""
    return re.sub(r"\bM\b", "300", re.sub(r"\bN\b", "200", words))


@pytest.mark.parametrize(
    ("words", "example"),
    [(words, convention.example) for convention in CONVENTIONS for words in convention.words],
)
def test_every_word_of_the_table_is_read_and_the_words_of_a_row_alike(
    words: str, example: str
) -> None:
    mine, rows = parse(filled(words)), parse(example)
    assert mine is not None
    assert rows is not None
    assert (mine.low is None, mine.high is None) == (rows.low is None, rows.high is None)


@pytest.mark.parametrize(
    ("meaning", "example", "given"),
    [(each.meaning, each.example, str(parse(each.example))) for each in CONVENTIONS],
)
def test_examples_of_the_table(meaning: str, example: str, given: str) -> None:
    expected = {
        "more than 100": "101+",
        "at least 100": "100+",
        "fewer than 100": "≤ 99",
        "up to 100": "≤ 100",
        "about 100": "90–110",
        "nearly 100": "90–99",
        "5 to 14": "5–14",
        "at least 5 and at most 14": "5–14",
        "42": "42",
        "dozens and hundreds": "24–999",
    }
    assert given == expected[example], meaning


def test_vague_words_are_read_as_they_are_listed() -> None:
    listed = dict(vague_words())
    assert listed["dozens"] == Range(24, 99)
    assert all(parse(word) == meant for word, meant in listed.items())


@given(
    st.integers(0, LARGEST_COUNT),
    st.sampled_from([",", ".", "\u00a0", "\u2009", "\u202f", "’"]),
)
def test_thousands_may_be_separated_by_any_one_separator(count: int, separator: str) -> None:
    assert parse(f"{count:,}".replace(",", separator)) == Range(count, count)


@given(st.integers(0, LARGEST_COUNT))
def test_a_common_space_separates_thousands_only_where_no_figure_could_follow(count: int) -> None:
    spaced = f"{count:,}".replace(",", " ")
    sure = " " not in spaced or spaced.rpartition(" ")[2].startswith("0")
    assert parse(spaced) == (Range(count, count) if sure else None)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_two_figures_span_from_the_lower_to_the_higher_or_nothing(one: int, two: int) -> None:
    expected = Range(one, two) if one < two else None
    found = {parse(f"{one} to {two}"), parse(f"between {one:,} and {two:,}"), parse(f"{one}–{two}")}
    short = 0 < one < 1_000 and two % 100 == 0  # "20 to 30,000"
    assert found == {expected} or (short and found == {None})


@given(st.integers(0, 10**12))
def test_about_a_figure_holds_the_figure(count: int) -> None:
    about = parse(f"about {count}")
    assert about is not None
    assert about.covers(Range(count, count))
    assert count == 0 or about != Range(count, count)


UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen"""
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def in_words(count: int) -> str:
    """English for a number below a million, with "and" as in British use."""
    units, tens = UNITS.split(), TENS.split()
    if count < 20:
        return units[count]
    if count < 100:
        return tens[count // 10 - 2] + (f"-{units[count % 10]}" if count % 10 else "")
    if count < 1000:
        rest = f" and {in_words(count % 100)}" if count % 100 else ""
        return f"{units[count // 100]} hundred{rest}"
    left, joint = count % 1000, " and " if count % 1000 < 100 else " "
    return f"{in_words(count // 1000)} thousand" + (f"{joint}{in_words(left)}" if left else "")


@given(st.integers(0, 999_999))
def test_numbers_in_words_are_what_they_say(count: int) -> None:
    assert parse(in_words(count)) == Range(count, count)
    assert parse(in_words(count).replace("-", " ").upper()) == Range(count, count)


PIECES = """a one two five twenty hundred thousand million dozen dozens hundreds and or to - – , .
    even if not more less than at least most about up between from 5 14 1,200 100 + no none some
    few several so plus over under ~ c."""
NUMBERISH = st.lists(st.sampled_from(PIECES.split()), max_size=8).map(" ".join)


@given(st.one_of(st.text(), NUMBERISH))
def test_nothing_raises_on_arbitrary_text(text: str) -> None:
    found = parse(text)
    assert found is None or isinstance(found, Range)


@pytest.mark.parametrize(
    "text", ["one and " * 20_000, "9" * 100_000, "a " * 100_000, "1" + ",000" * 50_000]
)
def test_long_text_is_no_number_and_takes_no_time(text: str) -> None:
    assert parse(text) is None
