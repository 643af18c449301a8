"""What number words mean: the one table of conventions, from "more than 100" to a Range.

Reporters write "dozens"; a count needs two ends. Each convention stands once in CONVENTIONS and is
printed in docs/wording.md; what no convention covers gives None, and the analyst sets the range.
"""

import re
from dataclasses import dataclass

from ledger.model import LARGEST_COUNT, Range

_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SMALL = {word: value for value, word in enumerate(_ONES, start=1)}
_SMALL |= {word: value * 10 for value, word in enumerate(_TENS, start=2)}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}

#: Words that stand for a range of their own.
_VAGUE = {
    "no": (0, 0),
    "none": (0, 0),
    "nobody": (0, 0),
    "no one": (0, 0),
    "zero": (0, 0),
    "nil": (0, 0),
    "not one": (0, 0),
    "not a single": (0, 0),
    "a": (1, 1),
    "an": (1, 1),
    "a single": (1, 1),
    "only one": (1, 1),
    "a pair": (2, 2),
    "a couple": (2, 2),
    "both": (2, 2),
    "half a dozen": (6, 6),
    "some": (1, None),
    "an unknown number": (1, None),
    "an unspecified number": (1, None),
    "a number": (2, None),
    "a few": (3, 9),
    "a handful": (3, 9),
    "several": (3, 9),
    "tens": (20, 99),
    "dozens": (24, 99),
    "scores": (40, 99),
    "hundreds": (200, 999),
    "thousands": (2_000, 9_999),
    "tens of thousands": (20_000, 99_999),
    "hundreds of thousands": (200_000, 999_999),
    "millions": (2_000_000, 9_999_999),
}

#: How far "about" reaches to each side, in per cent of the figure: about 100 is 90 to 110.
ABOUT_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Convention:
    """One row of the table: words a source uses, with N for its figure, and what they mean."""

    words: tuple[str, ...]
    meaning: str
    example: str


#: The table as a person reads it. `example` is one of its words with a figure put in.
CONVENTIONS: tuple[Convention, ...] = (
    Convention(("more than N", "over N", "above N", "upwards of N", "in excess of N", "N-plus"),
               "N + 1 to open", "more than 100"),
    Convention(("at least N", "no fewer than N", "no less than N", "a minimum of N", "N or more",
                "N+"),
               "N to open", "at least 100"),
    Convention(("fewer than N", "less than N", "under N", "below N"),
               "open to N − 1", "fewer than 100"),
    Convention(("at most N", "up to N", "as many as N", "no more than N", "not more than N",
                "a maximum of N", "N or fewer", "N or less"),
               "open to N", "up to 100"),
    Convention(("about N", "around N", "some N", "roughly N", "approximately N", "circa N", "~N",
                "an estimated N", "N or so"),
               f"N − {ABOUT_PERCENT} % to N + {ABOUT_PERCENT} %", "about 100"),
    Convention(("nearly N", "almost N", "close to N", "just under N"),
               f"N − {ABOUT_PERCENT} % to N − 1", "nearly 100"),
    Convention(("N to M", "N-M", "N–M", "between N and M", "from N to M"),
               "N to M", "5 to 14"),
    Convention(("X and Y", "X or Y", "X, or Y"),
               "the span of both", "dozens or hundreds"),
    Convention(("N", "exactly N", "only N", "just N"), "N to N", "42"),
)  # fmt: skip

_ABOVE = r"more than|over|above|upwards? of|in excess of"
_FLOOR = r"at least|no fewer than|no less than|not fewer than|not less than|a minimum of|minimum"
_BELOW = r"fewer than|less than|under|below"
_CEILING = (
    r"at most|up to|as many as|no more than|not more than|a maximum of|maximum|a high of"
)
_ABOUT = r"about|around|some|roughly|approximately|approx\.?|circa|ca?\.|~|an estimated|estimated"
_NEARLY = r"nearly|almost|close to|just under"
_EXACT = r"exactly|precisely|only|just|a total of|altogether"
_SPACE = re.compile(r"\s+")
_DIGITS = re.compile(r"\d{1,3}(?:[,.\u00a0\u202f ]\d{3})+|\d+")


def parse(wording: str) -> Range | None:
    """The range that `wording` stands for, or None where no convention covers it.

    Case, extra spaces and thousands separators do not matter. Words around the figure ("people",
    "killed") are not read: give the number words alone.

    >>> str(parse("more than 100")), str(parse("dozens and hundreds")), parse("many")
    ('101+', '24–999', None)
    """
    text = _SPACE.sub(" ", wording).strip(" .,;:\"'“”‘’").casefold()
    if not text:
        return None
    try:
        return _qualified(text) or _joined(text)
    except ValueError:  # upside down ("14 to 5") or past the largest count: not ours to guess
        return None


def _qualified(text: str) -> Range | None:
    """A figure, a vague word, or either with one qualifier before or after it."""
    if text in _VAGUE:
        return Range(*_VAGUE[text])
    if (figure := _figure(text)) is not None:
        return Range(figure, figure)
    for pattern, build in _FORMS:
        if match := pattern.fullmatch(text):
            inner = _VAGUE_FIGURES.get(match["n"]) or _exact(match["n"])
            if inner is not None:
                return build(inner)
    return None


def _joined(text: str) -> Range | None:
    """Two parts: "5 to 14" runs from one to the other, "dozens or scores" spans both."""
    if match := re.fullmatch(r"(?:between |from )?(.+?)(?: to | and |\s?[-–—]\s?)(.+)", text):
        low, high = _figure(match[1]), _figure(match[2])
        if low is not None and high is not None:
            return Range(low * _scale_left_out(low, match[2]), high)
    for joint in (" and ", ", or ", " or "):
        left, found, right = text.partition(joint)
        if found:
            first, second = parse(left), parse(right.removeprefix("even "))
            if first is not None and second is not None:
                return first.span(second)
    return None


def _scale_left_out(low: int, high_words: str) -> int:
    """What "two" lacks in "two to three hundred": the scale word that only the second part has."""
    scale = _SCALES.get(high_words.split()[-1], 1)
    return scale if low < scale else 1


def _figure(text: str) -> int | None:
    """A number in digits ("1,200") or in words ("two hundred and five", "a dozen")."""
    text = text.strip()
    if _DIGITS.fullmatch(text):
        number = int(re.sub(r"\D", "", text))
        return number if number <= LARGEST_COUNT else None
    if match := re.fullmatch(r"(a|\w+) (dozen|score)", text):
        times = 1 if match[1] == "a" else _figure(match[1])
        return None if times is None else times * {"dozen": 12, "score": 20}[match[2]]
    return _spelt(text.replace("-", " ").split())


def _spelt(words: list[str]) -> int | None:
    total = group = 0
    seen = False
    for position, word in enumerate(words):
        if word in _SMALL:
            group += _SMALL[word]
        elif word == "hundred" and (group or words[:position] == ["a"]):
            group = (group or 1) * 100
        elif word in ("thousand", "million") and (group or words[:position] == ["a"]):
            total, group = total + (group or 1) * _SCALES[word], 0
        elif (word == "and" and seen) or (word == "a" and position == 0 and len(words) > 1):
            continue
        else:
            return None
        seen = True
    return total + group if seen else None


def _exact(text: str) -> Range | None:
    figure = _figure(text)
    return None if figure is None else Range(figure, figure)


def _low(inner: Range) -> int:
    return inner.low or 0


def _high(inner: Range) -> int:
    return _low(inner) if inner.high is None else inner.high


def _reach(figure: int) -> int:
    return figure * ABOUT_PERCENT // 100


def _about(inner: Range) -> Range:
    if inner.low != inner.high:  # "about dozens" is no vaguer than "dozens"
        return inner
    return Range(_low(inner) - _reach(_low(inner)), _high(inner) + _reach(_high(inner)))


#: Vague words that a qualifier may stand before: "at least several", "up to dozens".
_VAGUE_FIGURES = {word: Range(*ends) for word, ends in _VAGUE.items() if ends[1] is not None}

_FORMS = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"(?:{_ABOVE}) (?P<n>.+)", lambda r: Range(_low(r) + 1, None)),
        (r"(?P<n>.+?)[ -]plus", lambda r: Range(_low(r) + 1, None)),
        (rf"(?:{_FLOOR}) (?P<n>.+)", lambda r: Range(_low(r), None)),
        (r"(?P<n>.+?)(?:\+| or more| and more)", lambda r: Range(_low(r), None)),
        (rf"(?:{_BELOW}) (?P<n>.+)", lambda r: Range(None, _high(r) - 1)),
        (rf"(?:{_CEILING}) (?P<n>.+)", lambda r: Range(None, _high(r))),
        (r"(?P<n>.+?) or (?:fewer|less)", lambda r: Range(None, _high(r))),
        (rf"(?:{_ABOUT}) ?(?P<n>.+)", _about),
        (r"(?P<n>.+?) or so", _about),
        (rf"(?:{_NEARLY}) (?P<n>.+)", lambda r: Range(_low(r) - _reach(_low(r)), _high(r) - 1)),
        (rf"(?:{_EXACT}) (?P<n>.+)", lambda r: r),
    )
)
