"""A question is read as it was meant, or refused in words that say what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import QueryError
from ledger.searchwords import FIELDS, MOST_TERMS, And, Node, Or, Term, joined, read


def word(text: str, field: str | None = None) -> Term:
    return Term((text,), field=field)


A, B, C = word("a"), word("b"), word("c")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("a NOT b", And((A,), (B,))),
        ("a AND NOT (b OR c)", And((A,), (Or((B, C)),))),
        ('"A  b" c', And((Term(("a", "b")), C))),
        ("“a b”", Term(("a", "b"))),
        ("a*", Term(("a",), beginning=True)),
        ('"a b"*', Term(("a", "b"), beginning=True)),
        ("quote:a", word("a", "quote")),
        ("quote:(a OR b)", Or((word("a", "quote"), word("b", "quote")))),
        ('Source:"a b"', Term(("a", "b"), field="source")),
        ("not and or", And((word("not"), word("and"), word("or")))),
        ("12:30", Term(("12", "30"))),
        ("https://a.b/c", Term(("https", "a", "b", "c"))),
        ("汉字", Term(("汉", "字"))),
    ],
)
def test_a_question_is_read(text: str, meant: Node) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no word to look for"),
        ("()", "no word to look for"),
        ('"a', "quotation mark is not closed"),
        ("(a", "parenthesis is not closed"),
        ("a)", r"a \) too many"),
        ("NOT a", "NOT alone finds nothing"),
        ("a OR NOT b", "NOT alone finds nothing"),
        ("a OR", "nothing after OR"),
        ("AND a", "nothing before AND"),
        ("a AND AND b", "nothing after AND"),
        ("a NOT", "nothing after NOT"),
        ("*", "stands at the end of a word"),
        ("a*b", "stands at the end of a word"),
        ("!?", "no letter and no digit"),
        ("quote:", "followed by no word"),
        ("qoute:a", "no field “qoute”"),
        ('colour:"a"', "no field “colour”"),
        ("(" * 40 + "a" + ")" * 40, "parentheses in one another"),
        ("a " * (MOST_TERMS + 1), "words to look for"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(QueryError, match=told) as refused:
        read(text)
    assert refused.value.hint


PIECES = st.sampled_from(
    ["a", "b*", '"', '"c d"', "(", ")", "AND", "OR", "NOT", ":", "*", "-", "^", "{", "}", "+", "'",
     *(f"{field}:" for field in FIELDS), "NEAR(a b)", "汉字", "é", "\\", ";", "--"]
)  # fmt: skip
QUESTIONS = st.lists(PIECES | st.text(max_size=3), max_size=12).map(" ".join) | st.text()


@given(QUESTIONS)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except QueryError as error:
        assert error.hint  # noqa: PT017 - whatever is refused says what to do


def test_an_argument_of_several_plain_words_is_a_phrase() -> None:
    assert joined(["more than", "died"]) == '"more than" died'
    assert joined(["a OR b", "quote:x y", "(c d)"]) == "a OR b quote:x y (c d)"
