"""What number words mean: the one table of conventions, from "more than 100" to a Range.

Reporters write "dozens"; a count needs two ends. Each convention stands once in CONVENTIONS and is
printed in docs/wording.md; what no convention covers gives None, and the analyst sets the range. A
wrong range is worse than none: what can be read in two ways is not read at all.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from ledger.model import LARGEST_COUNT, Range

# fmt: off
_UNITS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
_BELOW_100 = {word: value for value, word in enumerate(_UNITS, start=1)}
for _ten, _word in enumerate(_TENS, start=2):
    _BELOW_100[_word] = _ten * 10
    for _one, _unit in enumerate(_UNITS[:9], start=1):
        _BELOW_100[f"{_word}-{_unit}"] = _BELOW_100[f"{_word} {_unit}"] = _ten * 10 + _one

_SCALES = {"dozen": 12, "score": 20, "hundred": 100, "thousand": 1_000, "million": 1_000_000}

#: Words that say how many and stand alone.
_FIXED = {
    "no": 0,
    "none": 0,
    "nobody": 0,
    "no one": 0,
    "no-one": 0,
    "zero": 0,
    "nil": 0,
    "not one": 0,
    "not a single": 0,
    "a": 1,
    "an": 1,
    "a single": 1,
    "both": 2,
}
#: Words that stand for no more than that there were any.
_OPEN = {
    "some": Range(1, None),
    "an unknown number": Range(1, None),
    "an unspecified number": Range(1, None),
    "a number": Range(2, None),
}
#: Words that stand for a range.
_VAGUE = {
    "a few": Range(3, 9),
    "a handful": Range(3, 9),
    "several": Range(3, 9),
    "tens": Range(20, 99),
    "dozens": Range(24, 99),
    "scores": Range(40, 99),
    "hundreds": Range(200, 999),
    "thousands": Range(2_000, 9_999),
    "tens of thousands": Range(20_000, 99_999),
    "hundreds of thousands": Range(200_000, 999_999),
    "millions": Range(2_000_000, 9_999_999),
}

#: How far "about" reaches to each side, in per cent of the figure, rounded up to a whole number:
#: about 100 is 90 to 110, and about 5 is 4 to 6.
ABOUT_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Convention:
    """One row of the table: words a source uses, with N for its figure, and what they mean."""

    words: tuple[str, ...]
    meaning: str
    example: str


#: The table as a person reads it. `example` is one of its words with a figure put in.
CONVENTIONS: tuple[Convention, ...] = (
    Convention(("more than N", "over N", "well over N", "above N", "upwards of N",
                "in excess of N", "N-plus"),
               "N + 1 to open", "more than 100"),
    Convention(("at least N", "no fewer than N", "no less than N", "as few as N",
                "a minimum of N", "N or more", "N+"),
               "N to open", "at least 100"),
    Convention(("fewer than N", "less than N", "under N", "below N"),
               "open to N − 1", "fewer than 100"),
    Convention(("at most N", "up to N", "as many as N", "no more than N", "not more than N",
                "a maximum of N", "N or fewer", "N or less"),
               "open to N", "up to 100"),
    Convention(("about N", "around N", "some N", "roughly N", "approximately N", "circa N", "~N",
                "an estimated N", "N or so"),
               f"N − {ABOUT_PERCENT} % to N + {ABOUT_PERCENT} %, rounded outwards", "about 100"),
    Convention(("nearly N", "almost N", "close to N", "just under N"),
               f"N − {ABOUT_PERCENT} % to N − 1", "nearly 100"),
    Convention(("N to M", "N-M", "N–M", "between N and M", "from N to M", "N or M"),
               "N to M", "5 to 14"),
    Convention(("at least N and at most M", "more than N but fewer than M"),
               "what both allow", "at least 5 and at most 14"),
    Convention(("N", "exactly N", "only N", "just N", "a total of N"), "N to N", "42"),
    Convention(("dozens or hundreds", "dozens and hundreds", "dozens to hundreds",
                "dozens or even hundreds", "dozens, if not hundreds"),
               "the span of both", "dozens and hundreds"),
)  # fmt: skip


def vague_words() -> list[tuple[str, Range]]:
    """Each word that is a range of its own, and the range, from the least on."""
    counted = {word: Range(count, count) for word, count in _FIXED.items()}
    known = {**counted, "a pair": Range(2, 2), "a couple": Range(2, 2), **_OPEN, **_VAGUE}
    return sorted(known.items(), key=lambda pair: (pair[1].low or 0, pair[1].high or LARGEST_COUNT))


_ABOVE = r"(?:(?:well|far) )?(?:more than|over|above)|upwards? of|in excess of"
_FLOOR = (
    r"at least|no fewer than|no less than|not fewer than|not less than|as few as"
    r"|a minimum of|minimum"
)
_BELOW = r"fewer than|less than|under|below"
_CEILING = r"at most|up to|as many as|no more than|not more than|a maximum of|maximum|a high of"
_ABOUT = r"about|around|some|roughly|approximately|approx\.?|circa|ca?\.|~|an estimated|estimated"
_NEARLY = r"nearly|almost|close to|just under"
_EXACT = r"exactly|precisely|only|just|a total of|altogether"
_SPACE = re.compile(r"\s+")
#: The spaces that only ever stand inside a number: no-break, figure, thin, narrow no-break.
_INSIDE = re.compile(r"(?<=\d)[\u00a0\u2007\u2009\u202f](?=\d{3}(?!\d))")
#: Number words are short; what has more characters is a text.
_LONGEST = 200
_SEPARATED = re.compile(r"(?!0)\d{1,3}([,.'’])\d{3}(?:\1\d{3})*")
#: A common space may stand between two figures ("10 100"), but no figure begins with 0.
_SPACED = re.compile(r"(?!0)\d{1,3}(?: \d{3})* 0\d{2}")
_DASH = re.compile("[–—]")
_DIGITS = re.compile(r"0|(?!0)\d{1,20}")
_DECIMAL = re.compile(r"\d{1,12}\.\d{1,6}")
_SCALED = re.compile(r"(.+?) (thousand|million)(?: (and )?(.+))?")
_HUNDREDS = re.compile(r"(.+) hundred(?: (?:and )?(.+))?")
_TIMES = re.compile(r"(.+) (dozen|score|hundred|thousand|million)")


def parse(wording: str) -> Range | None:
    """The range that `wording` stands for, or None where no convention covers it.

    Case, extra spaces and thousands separators do not matter. Words around the figure ("people",
    "killed") are not read: give the number words alone.

    >>> str(parse("more than 100")), str(parse("dozens and hundreds")), parse("many")
    ('101+', '24–999', None)
    """
    if len(wording) > _LONGEST:
        return None
    text = _SPACE.sub(" ", _INSIDE.sub("’", wording)).casefold().strip(" \"'“”‘’").rstrip(" .,;:")
    try:
        return _plain(text) or _OPEN.get(text) or _qualified(text) or _joined(text)
    except ValueError:  # upside down ("14 to 5") or past the largest count: not ours to guess
        return None


def _plain(text: str) -> Range | None:
    """A figure, or a word that stands for a closed range."""
    if text in _VAGUE:
        return _VAGUE[text]
    figure = _figure(text)
    return None if figure is None else Range(figure, figure)


def _qualified(text: str) -> Range | None:
    """A figure or vague word with one qualifier before or after it."""
    for pattern, build in _FORMS:
        if match := pattern.fullmatch(text):
            inner = _plain(match["n"].strip())
            if inner is not None and match["n"].strip() not in _FIXED:
                return build(inner)
    return None


def _joined(text: str) -> Range | None:
    """Two parts: "5 to 14" runs from one to the other, "dozens or scores" spans both.

    A joint may also stand inside a number ("one hundred and five"), so every place to divide is
    tried; where more than one gives an answer, there is none.
    """
    if _plain(_DASH.sub("-", text)):  # "fifty–one hundred": 5,100, or from 50 on
        return None
    answers = set(_answers(text))
    return answers.pop() if len(answers) == 1 else None


def _answers(text: str) -> Iterator[Range]:
    between = text.removeprefix("between ")
    if between != text:
        for left, right in _divided(between, r" and | to | ?[-–—] ?"):
            yield from _run(left, right)
        return
    for left, right in _divided(text.removeprefix("from "), r" to | ?[-–—] ?"):
        if left != "zero" or " to " in text:  # "zero-five" is how a match ends
            yield from _run(left, right)
    for left, right in _divided(text, r",? or(?: even)? "):
        yield from _run(left, right, _ALTERNATIVES)
        if right in _ALTERNATIVES:  # "one or none"
            yield from _run(right, left, _ALTERNATIVES)
    for joint in (r" to ", r" and |,? or(?: even)? |,? if not |, even "):
        for left, right in _divided(text, joint):
            yield from _span(left, right, rising=joint == " to ")
    for left, right in _divided(text, r",? (?:and|but) |, "):
        first, second = _qualified(left), _qualified(right)
        if first and second and first.high is None and second.low is None:
            yield Range(first.low, second.high)


def _divided(text: str, joint: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(joint, text):
        yield text[: found.start()], text[found.end() :]


#: Words without a digit in them that can be an end of a run: "zero to five", but no "A-10" and no
#: "five-nil"; and those that "or" can join besides.
_ENDS = frozenset({"zero"})
_ALTERNATIVES = frozenset({"zero", "no", "none", "nil", "nobody", "both"})


def _run(left: str, right: str, words: frozenset[str] = _ENDS) -> Iterator[Range]:
    """From a figure to a higher one, or to a vague word for more; nothing if it reads two ways."""
    low, high = (
        None if part in _FIXED and part not in words else _figure(part) for part in (left, right)
    )
    if low is not None and right in _VAGUE and low <= (_VAGUE[right].low or 0):
        yield from _span_from(Range(low, low), right)
    if low is None or high is None or low >= high:
        return
    shared = low * _shared_scale(left, right)
    if low < shared < high and low > 1:
        yield Range(shared, high)
    elif not any(low < low * scale < high for scale in _scales_left_out(left, low, right, high)):
        yield Range(low, high)


def _span(left: str, right: str, *, rising: bool) -> Iterator[Range]:
    """From the one vague word to the other; of a word and itself nobody knows how far it goes."""
    first, second = _VAGUE.get(left), _VAGUE.get(right)
    if first and second and first != second:
        if rising and (first.low or 0) > (second.low or 0):
            return
        yield from _span_from(first, right)


def _span_from(first: Range, right: str) -> Iterator[Range]:
    """On to a vague word; not in "tens or hundreds of thousands", where both may be thousands."""
    head, _, of = right.partition(" of ")
    if not of or (first.low or 0) >= (_VAGUE[head].low or 0):
        yield first.span(_VAGUE[right])


def _shared_scale(left: str, right: str) -> int:
    """What "two" lacks in "two to three hundred": the scale that only the second part has; or 1.

    "a hundred" has none to share, and of "two thousand six hundred" nobody can say which.
    """
    had, has = _trailing_scales(left), _trailing_scales(right)
    many = right.split()[: -len(has)] if has else []
    if many in ([], ["a"]) or _SCALES.keys() & set(many) or has[: len(had)] != had:
        return 1
    return prod(_SCALES[word] for word in has[len(had) :])


def _trailing_scales(text: str) -> list[str]:
    words = text.split()
    start = len(words)
    while start and words[start - 1] in _SCALES:
        start -= 1
    return words[start:]


def _scales_left_out(left: str, low: int, right: str, high: int) -> Iterator[int]:
    """What the first part may lack, nobody knows: "one to two hundred", "two to 3,000", "2-300"."""
    had = [_SCALES[word] for word in left.split() if word in _SCALES]
    if low >= 1_000 or (had and had[-1] != 100):
        return
    for word in right.split():
        if _SCALES.get(word, 0) > (100 if had else 0):
            yield _SCALES[word]
    if _in_digits(right) is not None and high % 100 == 0:
        if high % 1_000 and high < 10_000 and low < 100:
            yield 100
        yield 1_000
        yield 1_000_000


def _figure(text: str) -> int | None:
    """A number in digits ("1,200", "1.5 million") or words ("two hundred and five", "a dozen")."""
    if text in _FIXED:
        return _FIXED[text]
    number = _in_digits(text)
    if number is None:
        number = _times(text)
    if number is None:
        number = _spelt(text, LARGEST_COUNT)
    return number if number is not None and number <= LARGEST_COUNT else None


def _in_digits(text: str) -> int | None:
    if _SEPARATED.fullmatch(text) or _SPACED.fullmatch(text):
        return int(re.sub(r"\D", "", text))
    return int(text) if _DIGITS.fullmatch(text) else None


def _times(text: str) -> int | None:
    """A figure and a scale: "2 dozen", "1.5 million", "half a dozen"."""
    if text == "half a dozen":
        return 6
    if text in ("a pair", "a couple"):
        return 2
    match = _TIMES.fullmatch(text)
    if match is None:
        return None
    many: Fraction | int | None = _in_digits(match[1])
    if match[2] in ("thousand", "million") and _DECIMAL.fullmatch(match[1]):
        many = Fraction(match[1])  # "1.500 million" is one and a half, not fifteen hundred
    elif match[2] in ("dozen", "score") and many is None:
        many = 1 if match[1] == "a" else _BELOW_100.get(match[1])
    if many is None:
        return None
    product = many * _SCALES[match[2]]
    return int(product) if product == int(product) else None


def _spelt(text: str, below: int) -> int | None:
    """A number in words that is less than `below`, each scale word smaller than the one before."""
    match = _SCALED.fullmatch(text)
    if match is None:
        number = _below_thousands(text)
    else:
        many = 1 if match[1] == "a" else _below_thousands(match[1])
        rest: int | None = 0
        if match[4] is not None:
            rest = _BELOW_100.get(match[4]) if match[3] else _spelt(match[4], _SCALES[match[2]])
            if match[2] == "million" and not match[3] and match[4] in _UNITS[:9]:
                rest = None  # "two million five" may be 2,500,000
        if many is None or many >= 1_000 or rest is None:
            return None
        number = many * _SCALES[match[2]] + rest
    return number if number is not None and number < below else None


def _below_thousands(text: str) -> int | None:
    """Up to "nine hundred and ninety-nine", and the "fifteen hundred" that people say."""
    match = _HUNDREDS.fullmatch(text)
    if match is None:
        return _BELOW_100.get(text)
    many = 1 if match[1] == "a" else _BELOW_100.get(match[1])
    rest = 0 if match[2] is None else _BELOW_100.get(match[2])
    return None if many is None or rest is None else many * 100 + rest


def _low(inner: Range) -> int:
    return inner.low or 0


def _high(inner: Range) -> int:
    return _low(inner) if inner.high is None else inner.high


def _figure_of(inner: Range) -> int:
    """The one number of a figure; ValueError for a vague word: nobody says "nearly dozens"."""
    if inner.low is None or inner.low != inner.high:
        raise ValueError("a vague word is no figure")
    return inner.low


def _reach(figure: int) -> int:
    return -(-figure * ABOUT_PERCENT // 100)


def _about(inner: Range) -> Range:
    if inner.low != inner.high:  # "about dozens" is no vaguer than "dozens"
        return inner
    figure = _figure_of(inner)
    return Range(figure - _reach(figure), figure + _reach(figure))


def _nearly(inner: Range) -> Range:
    figure = _figure_of(inner)
    if figure < 2:  # "nearly one" is not none
        raise ValueError("nothing is nearly one")
    return Range(figure - _reach(figure), figure - 1)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[Range], Range]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"(?:{_ABOVE}) (?P<n>.+)", lambda inner: Range(_figure_of(inner) + 1, None)),
        (r"(?P<n>.+?)[ -]plus", lambda inner: Range(_figure_of(inner) + 1, None)),
        (rf"(?:{_FLOOR}) (?P<n>.+)", lambda inner: Range(_low(inner), None)),
        (r"(?P<n>.+?)(?: ?\+| or more| and more)", lambda inner: Range(_low(inner), None)),
        (rf"(?:{_BELOW}) (?P<n>.+)", lambda inner: Range(None, _figure_of(inner) - 1)),
        (rf"(?:{_CEILING}) (?P<n>.+)", lambda inner: Range(None, _high(inner))),
        (r"(?P<n>.+?) or (?:fewer|less)", lambda inner: Range(None, _high(inner))),
        (rf"(?:{_ABOUT}) (?P<n>.+)", _about),
        (r"(?:~|ca?\.)(?P<n>.+)", _about),
        (r"(?P<n>.+?) or so", _about),
        (rf"(?:{_NEARLY}) (?P<n>.+)", _nearly),
        (rf"(?:{_EXACT}) (?P<n>.+)", lambda inner: inner),
    )
)
