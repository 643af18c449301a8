"""Text as it is looked up: words in small letters, without accents, in any script.

What stands here is made from stored text and put into an index, or made from a question and looked
for there; it is never shown. No database.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

#: Unicode's combining classes (section 4.3) of what a spelling may leave out: the vowel points of
#: Hebrew and Arabic, and accents. Other classes make another letter: the nukta and virama of
#: Indian scripts, the voicing of kana, the vowels of Thai.
_ACCENTS = frozenset((*range(10, 37), *range(200, 241)))

#: Letters that are one word's other spelling and that no decomposition of Unicode says so of.
_SPELT = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th",
        "æ": "ae", "œ": "oe",
        # Arabic as it is typed without care, and as Persian and Urdu keyboards have it; tatweel.
        "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "\u0640": "",
    }
)  # fmt: skip

#: Scripts that put no space between words, where each letter is taken for a word, and a word for
#: the phrase of its letters. Hangul has spaces, and endings that grow on to its words.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1100, 0x115F),  # Hangul, the consonant that begins a syllable
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3031, 0x312F),  # kana, Bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x9FFF),  # Chinese characters
    (0xA000, 0xA4CF),  # Yi
    (0xA980, 0xA9DF),  # Javanese
    (0xAA60, 0xAADF),  # Burmese, Tai Viet
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),  # kana
    (0x20000, 0x3FFFF),  # Chinese characters
)


class Token(NamedTuple):
    """A word of a text: folded, and where it stands there (first and past the last character)."""

    text: str
    start: int
    end: int


def searchable(text: str) -> str:
    """A text as it is put into an index: its words, folded, a space between each two.

    Case, accents, vowel points and width do not matter (`STRASSE` is `straße`, `قُتِلَ` is `قتل`),
    digits of any script are 0 to 9, and composed or not is the same. Where words have no spaces
    between them, each letter is a word.
    """
    letters = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    if _ENDS in letters:
        letters = _ALONE.sub(r"\1 ", letters)
    return " ".join(letters.replace(_JOINS, "").split())


def tokens(text: str) -> Iterator[Token]:
    """The words of a text with their places in it; folded, they are those of `searchable`."""
    if text.isascii():
        for found in _WORD.finditer(text):
            yield Token(found[0].lower(), found.start(), found.end())
        return
    word, start, end, ended = "", 0, 0, False
    for place, char in enumerate(text):
        joins = False
        for letter in unicodedata.normalize("NFKD", char).translate(_LETTERS):
            if letter == _ENDS:
                ended = True
            elif letter == _JOINS:
                joins = True
            else:
                if word and (letter == " " or (ended and not joins)):
                    yield Token(word, start, end)
                    word, ended = "", False
                if letter != " ":
                    word, start, end = word + letter, start if word else place, place + 1
                joins = False
    if word:
        yield Token(word, start, end)


_WORD = re.compile("[0-9A-Za-z]+")

#: Stand for themselves in no text, which holds no control characters once it is folded: a letter
#: ends a word here, unless what follows joins it.
_ENDS, _JOINS = "\1", "\2"
_ALONE = re.compile(f"{_ENDS}((?:{_JOINS}.)*)")


class _Letters(dict[int, str]):
    """What each character, decomposed, is folded to; worked out when it is first met."""

    def __missing__(self, number: int) -> str:
        folded = self[number] = _folded(chr(number))
        return folded


_LETTERS = _Letters()


def _folded(char: str) -> str:
    """What a character becomes: letters, nothing, or a space for what parts words."""
    if unicodedata.combining(char) in _ACCENTS or unicodedata.category(char) == "Cf":
        return ""
    small = unicodedata.normalize("NFKD", char.casefold()).translate(_SPELT)
    return "".join(map(_spelt, small))


def _spelt(char: str) -> str:
    if unicodedata.combining(char) in _ACCENTS:
        return ""
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    category = unicodedata.category(char)
    # A modifier letter that stands for an apostrophe parts words as the apostrophe does.
    if not (category[0] in "LNM" or category == "Co") or "\u02b9" <= char <= "\u02c1":
        return " "
    # SQLite knows the letters of some Unicode, and takes newer ones for what parts words.
    new = unicodedata.ucd_3_2_0.category(char) == "Cn"
    known = f"u{ord(char):05x}" if new else char
    if category[0] == "M" or "\u1160" <= char <= "\u11ff":  # marks; a Hangul syllable's rest
        return "".join(f"{_JOINS}{letter}" for letter in known)
    alone = any(low <= ord(char) <= high for low, high in _UNSPACED)
    return f" {known}{_ENDS}" if alone else known
