"""Texts as tsvectors: whatever they are, no phrase is lost to what one vector holds."""

from struct import unpack_from

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.folding import searchable
from ledger.searchwords import Term
from ledger.words.tsvector import (
    LONGEST,
    PIECE,
    WEIGHTS,
    folded,
    is_rough,
    occurrences,
    pieces,
    query,
    runs,
    vector,
)

WORDS = ["the", "river", "Straße", "汉字"]
#: Short texts, some of long words, and long ones in which a few words stand hundreds of times.
TEXTS = st.lists(st.sampled_from([*WORDS, "x" * 700, "y" * 1_500]), max_size=6).map(
    " ".join
) | st.builds(
    lambda words, often: " ".join(words * often),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.integers(100, 300),
)


def held(sent: bytes) -> dict[str, list[tuple[int, str]]]:
    """The words of a vector, each with its places and their fields."""
    found: dict[str, list[tuple[int, str]]] = {}
    (count,), at = unpack_from(">i", sent), 4
    for _ in range(count):
        end = sent.index(b"\0", at)
        (many,) = unpack_from(">H", sent, end + 1)
        places = unpack_from(f">{many}H", sent, end + 3)
        found[sent[at:end].decode()] = [
            (each & 0x3FFF, WEIGHTS[3 - (each >> 14)]) for each in places
        ]
        at = end + 3 + 2 * many
    assert at == len(sent)
    assert len(found) == count
    return found


def stored(texts: list[str | None]) -> list[tuple[int, str]]:
    """What is stored of texts: vectors with their first places, as the database tells them."""
    _, whole, parts = vector(texts)
    return [
        (
            first,
            " ".join(
                f"'{word}':{','.join(f'{at}{field}'.removesuffix('D') for at, field in places)}"
                for word, places in held(sent).items()
            ),
        )
        for first, sent in parts or [(1, whole)]
    ]


@given(st.lists(st.none() | TEXTS, min_size=4, max_size=4))
def test_no_vector_passes_what_one_holds(texts: list[str | None]) -> None:
    count, whole, parts = vector(texts)
    assert count == sum(len(searchable(text).split()) for text in texts if text)
    assert not (held(whole) and parts)
    for _, sent in parts or [(1, whole)]:
        assert len(sent) < 1 << 20
        for word, places in held(sent).items():
            assert 0 < len(word.encode()) < 2_046
            assert 0 < len(places) < 256
            numbers = [place for place, _ in places]
            assert numbers == sorted(set(numbers))
            assert 0 < numbers[0] <= numbers[-1] < 16_383


@given(st.lists(st.none() | TEXTS, min_size=4, max_size=4), st.data())
def test_whatever_a_text_holds_up_to_the_longest_phrase_stands_whole_in_a_part(
    texts: list[str | None], data: st.DataObject
) -> None:
    field = data.draw(st.integers(0, 3))
    words = folded(texts[field] or "")
    if not words:
        return
    start = data.draw(st.integers(0, len(words) - 1))
    phrase = words[start : start + data.draw(st.integers(1, LONGEST))]
    while len([piece for word in phrase for piece in pieces(word)]) > LONGEST:
        phrase.pop()
    often = sum(words[at : at + len(phrase)] == phrase for at in range(len(words)))
    term = Term(tuple(phrase), False, ("quote", "wording", "note", "because")[field])
    assert not is_rough(term)
    assert occurrences(term, stored(texts)) == often


def test_no_phrase_goes_from_one_field_to_the_next() -> None:
    texts: list[str | None] = ["the river", "river bank", None, "bank"]
    assert occurrences(Term(("river",)), stored(texts)) == 2
    assert occurrences(Term(("river", "river")), stored(texts)) == 0
    assert occurrences(Term(("bank", "bank")), stored(texts)) == 0


def test_a_field_is_a_weight() -> None:
    _, written, _ = vector(["one", "two", "three", "four"])
    places = {"one": [(1, "A")], "two": [(3, "B")], "three": [(5, "C")], "four": [(7, "D")]}
    assert held(written) == places
    assert query(Term(("one", "tw"), True, "wording")) == "('one':B <-> 'tw':*B)"


@given(st.text("xy", min_size=1, max_size=3 * PIECE), st.integers(1, 3 * PIECE))
def test_a_long_word_is_found_by_any_beginning_of_it(word: str, length: int) -> None:
    beginning = word[:length]
    there = stored([f"{word} {word}"])
    assert occurrences(Term((beginning,), beginning=True), there) == 2
    assert occurrences(Term((beginning,)), there) == 2 * (beginning == word)
    assert occurrences(Term((word, beginning), beginning=True), there) == 1


@pytest.mark.parametrize("length", [LONGEST, LONGEST + 1, 3 * LONGEST])
def test_a_longer_phrase_is_asked_for_in_runs(length: int) -> None:
    words = tuple(f"w{number}" for number in range(length))
    found = list(runs(Term(words, beginning=True)))
    assert is_rough(Term(words)) == (length > LONGEST) == (len(found) > 1)
    asked = " <-> ".join(found).split(" <-> ")
    assert asked == [f"'{word}'" for word in words[:-1]] + [f"'{words[-1]}':*"]
