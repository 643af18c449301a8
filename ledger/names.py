"""When two names are one: the normal form that names are compared by, look-alikes, slugs.

Text is stored exactly as it came; what stands here is only ever compared. No database.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations

_ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\S)")
_ACCENTED_LATIN = re.compile(r"([a-z])[\u0300-\u036f]+")
_NUMBERS = re.compile(r"\d+")

#: Unicode's combining classes (section 4.3) of what a spelling may leave out: the vowel points of
#: Hebrew and Arabic, and accents. Other classes make another letter: the nukta and virama of
#: Indian scripts, the voicing of kana, the vowels of Thai.
_ACCENTS = frozenset((*range(10, 37), *range(200, 241)))

#: From this similarity (0 to 100) on, two names are held up to the analyst as perhaps one.
NEAR = 88.0


def folded(name: str) -> str:
    """A name as it is looked up: compatibility forms, case and white space do not matter.

    Nor do characters that nobody sees, such as a zero-width space.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join("".join(char for char in text if not _unseen(char)).split())


def _unseen(char: str) -> bool:
    return unicodedata.category(char) == "Cf"


def key(name: str) -> str:
    """A name as it is compared: beyond `folded`, without a leading article, marks or stops.

    >>> key("The  Pentagon") == key("pentagon.")
    True
    """
    bare = _ARTICLE.sub("", folded(name))
    return _words(_bare_letters(bare)) or bare


def _words(text: str) -> str:
    """Letters, digits and the marks that belong to them, with one space for all between."""
    spelt = " "
    for char in text:
        # str.isalnum says no to the vowel signs of Devanagari, Thai and their kin.
        mark = unicodedata.category(char).startswith("M") and not spelt.endswith(" ")
        spelt += char if char.isalnum() or mark else " "
    return " ".join(spelt.split())


def _bare_letters(text: str) -> str:
    """Without accents and vowel points."""
    decomposed = unicodedata.normalize("NFKD", text)
    kept = (char for char in decomposed if unicodedata.combining(char) not in _ACCENTS)
    return unicodedata.normalize("NFC", "".join(kept))


def skeleton(name: str) -> str:
    """The key with each letter that only looks Latin replaced by the Latin letter it looks like.

    Follows the data of Unicode TR 39 (confusables), read the one way that matters here: a
    Cyrillic or Greek letter inside a name that a reader takes for a Latin one.
    """
    return key("".join(char if char.isascii() else _latin_twin(char) for char in name))


@lru_cache(maxsize=4096)
def _latin_twin(char: str) -> str:
    if not char.isalpha():
        return char
    from confusable_homoglyphs import confusables  # 0.9 MB of data, for such names alone

    found = confusables.is_confusable(char, greedy=True, preferred_aliases=[])
    for match in found or ():
        for twin in match["homoglyphs"]:
            if len(twin["c"]) == 1 and twin["c"].isascii() and twin["c"].isalpha():
                return str(twin["c"])
    return char


def lookalikes(name: str, known: Iterable[str], *, most: int = 5) -> list[str]:
    """The names in `known` that `name` may be a second spelling of, the nearest first.

    A name counts when its key or skeleton is the same, or when it is at least NEAR alike by
    rapidfuzz's ratio. The very same text is no look-alike.
    """
    from rapidfuzz import fuzz, process  # wanted only where a name is not known

    own_key, own_skeleton = key(name), skeleton(name)
    candidates = [other for other in dict.fromkeys(known) if other != name]
    same = [
        other for other in candidates if key(other) == own_key or skeleton(other) == own_skeleton
    ]
    # "Witness 1" and "Witness 2" are alike and yet two.
    counted = [other for other in candidates if _numbers(key(other)) == _numbers(own_key)]
    near = process.extract(  # the processor makes keys of both; a key of a key may be another
        name, counted, scorer=fuzz.ratio, processor=key, score_cutoff=NEAR, limit=most
    )
    return list(dict.fromkeys([*same, *(other for other, _, _ in near)]))[:most]


def alike(known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every pair of names in `known` of which one is a look-alike of the other, each pair once.

    What `lookalikes` would find name by name, at the cost of one folding a name: names are grouped
    by key, skeleton and the numbers in them, and only keys of like length are compared.
    """
    texts = list(dict.fromkeys(known))
    keys = {name: key(name) for name in texts}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    counted: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in texts:
        groups["key", keys[name]].append(name)
        groups["skeleton", skeleton(name)].append(name)
        counted[tuple(_numbers(keys[name]))].append(name)
    found: dict[frozenset[str], None] = {}
    for same in groups.values():
        found |= dict.fromkeys(map(frozenset, combinations(same, 2)))
    for group in counted.values():
        found |= dict.fromkeys(_near_pairs(group, keys))
    place = {name: number for number, name in enumerate(texts)}
    for pair in found:
        one, other = sorted(pair, key=place.__getitem__)
        yield one, other


#: How many names are compared with all others at once, which bounds the memory that it takes.
_ROWS = 256


def _near_pairs(group: list[str], keys: dict[str, str]) -> Iterator[frozenset[str]]:
    from rapidfuzz import fuzz, process

    ordered = sorted(group, key=lambda name: len(keys[name]))
    spelt = [keys[name] for name in ordered]
    lengths = [len(each) for each in spelt]
    for start in range(0, len(ordered), _ROWS):
        rows = spelt[start : start + _ROWS]
        # The ratio of two texts is at most 200 × the shorter's length over both lengths.
        longest = lengths[start + len(rows) - 1] * (200 - NEAR) / NEAR
        end = bisect_right(lengths, longest)
        scores = process.cdist(rows, spelt[start:end], scorer=fuzz.ratio, score_cutoff=NEAR)
        for row, column in zip(*(axis.tolist() for axis in scores.nonzero()), strict=True):
            if row < column:
                yield frozenset((ordered[start + row], ordered[start + column]))


def _numbers(text: str) -> list[str]:
    return _NUMBERS.findall(text)


#: From this score (0 to 100) on, a known name may be what was meant by another text.
_MEANT = 70.0
#: Two words are the same, misspelt, from this ratio on; shorter words than this say nothing.
_SPELT, _TELLING = 75.0, 3


def close(text: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """The few of `known` that somebody who typed `text` most likely meant; often none.

    That is what is spelt much like it as a whole (rapidfuzz's ratio), what holds it, or what most
    of its letters are shared with, word by word. A sentence of which a word or two stand in a known
    one is not meant for that one.
    """
    from rapidfuzz import fuzz, process

    own, keys = key(text), {name: key(name) for name in known}
    told = _telling(own)
    spellings = list(dict.fromkeys(word for each in keys.values() for word in _telling(each)))
    likeness = {
        word: {
            other: score
            for other, score, _ in process.extract(
                word, spellings, scorer=fuzz.ratio, score_cutoff=_SPELT, limit=None
            )
        }
        for word in set(told)
    }
    found = []
    for place, (name, other) in enumerate(keys.items()):
        whole, theirs = fuzz.ratio(own, other), _telling(other)
        said = _shared({w: max((likeness[w].get(t, 0) for t in theirs), default=0) for w in told})
        held = _shared({t: max((likeness[w].get(t, 0) for w in told), default=0) for t in theirs})
        part = 100.0 if len(own) >= _TELLING and own in other else said
        if (score := max(whole, part, (said + held) / 2)) >= _MEANT:
            found.append((-score, -whole, place, name))
    return [name for *_, name in sorted(found)[:most]]


def _telling(spelt: str) -> list[str]:
    """The words of a key that are long enough to tell it from others."""
    return [word for word in dict.fromkeys(spelt.split()) if len(word) >= _TELLING]


def _shared(scores: dict[str, float]) -> float:
    """The mean of the words' scores, each word counting by its letters."""
    letters = sum(map(len, scores))
    return sum(len(word) * score for word, score in scores.items()) / letters if letters else 0.0


def slug(text: str, taken: Iterable[str] = (), *, longest: int = 48) -> str:
    """A short typeable name for `text`: lower-case words and hyphens, whole words, unique.

    Letters of other scripts stay as they are. A slug that is in `taken` gets a number.

    >>> slug("Pro-government fighters killed", taken=["pro-government-fighters-killed"])
    'pro-government-fighters-killed-2'
    """
    words = _words(_typeable(_ARTICLE.sub("", folded(text)))).split() or ["untitled"]
    chosen = words[0][:longest]
    for word in words[1:]:
        if len(chosen) + 1 + len(word) > longest:
            break
        chosen = f"{chosen}-{word}"
    if chosen.isdecimal():  # a bare number would be read as a row's number
        chosen = f"n-{chosen}"
    in_use = set(taken)
    if chosen not in in_use:
        return chosen
    number = 2
    while f"{chosen}-{number}" in in_use:
        number += 1
    return f"{chosen}-{number}"


def _typeable(text: str) -> str:
    """Latin letters without their accents; every other letter as it is."""
    decomposed = _ACCENTED_LATIN.sub(r"\1", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", decomposed)
