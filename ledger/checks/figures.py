"""Checks of counts: the range stored, and the source's own number words."""

from collections.abc import Iterator
from functools import cache

from ledger import wording
from ledger.checks.case import Case, quoted
from ledger.checks.finding import Check, Found, Severity


def vague_without_words(case: Case) -> Iterator[Found]:
    """Ranges that are no exact figure, an end open or the ends apart, without the words said."""
    for claim in case.standing:
        if claim.range is not None and claim.low != claim.high and claim.wording is None:
            yield Found(
                "claim",
                claim.id,
                "a range, without the words it was given in",
                "add the source's own number words: `ledger correct --wording`",
            )


def words_without_range(case: Case) -> Iterator[Found]:
    """Number words that stand for no range yet."""
    for claim in case.standing:
        if claim.wording is not None and claim.range is None:
            yield Found(
                "claim",
                claim.id,
                f"{quoted(claim.wording)} stands for no range",
                "say what it means to you: `ledger correct --low --high`",
            )


def range_against_words(case: Case) -> Iterator[Found]:
    """Ranges that share no number with what their own words mean by the conventions."""
    meaning = cache(wording.parse)
    for claim in case.standing:
        if claim.wording is None or claim.range is None:
            continue
        meant = meaning(claim.wording)
        if meant is not None and not meant.meets(claim.range):
            yield Found(
                "claim",
                claim.id,
                f"{quoted(claim.wording)} means {meant}",
                "correct the range or the words: one of them is a slip",
            )


CHECKS = (
    Check(
        "vague-without-words",
        Severity.FAULT,
        ("claim",),
        "A range is the analyst's reading: without the words nobody can read them again.",
        vague_without_words,
    ),
    Check(
        "words-without-range",
        Severity.HINT,
        ("claim",),
        "A count that has words and no range is left out of every sum and comparison.",
        words_without_range,
    ),
    Check(
        "range-against-words",
        Severity.DOUBT,
        ("claim",),
        "A figure outside what its own words can mean is most often a typing error.",
        range_against_words,
    ),
)
