"""Text as it is looked up is the same however it is typed, in any script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.folding import searchable, tokens

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MULLER"),
        ("Straße", "STRASSE"),
        ("İstanbul ısı", "istanbul isi"),
        ("Łódź, Øst, Æon", "lodz ost aeon"),
        ("МОСКВА ёлка", "москва елка"),
        ("Ηράκλειτος", "ΗΡΑΚΛΕΙΤΟΣ"),
        ("قُتِلَ", "قتل"),
        ("أحمد مدرسة", "احمد مدرسه"),
        ("کشته", "كشته"),
        ("שָׁלוֹם", "שלום"),
        ("١٢", "12"),
        ("ＴＡＳＳ １２", "tass 12"),
        ("don’t", "don't"),
        ("м’ясо", "м\u02bcясо"),
        ("ceasefire\u00ad", "ceasefire"),
    ],
)
def test_two_spellings_are_one(one: str, other: str) -> None:
    assert searchable(one) == searchable(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("汉字在Kherson句子里", "汉 字 在 kherson 句 子 里"),
        ("東京は大きい", "東 京 は 大 き い"),
        ("ภาษาไทย", "ภ า ษ า ไ ท ย"),
    ],
)
def test_letters_are_words_where_there_is_no_space_between_words(text: str, words: str) -> None:
    assert searchable(text) == words


def test_a_syllable_of_hangul_is_a_word() -> None:
    assert len(searchable("한국어는").split()) == 4
    assert searchable("한국어는").startswith(searchable("한국"))


def test_vowel_signs_belong_to_their_word() -> None:
    assert len(searchable("हिन्दी में").split()) == 2
    assert searchable("है") != searchable("हो")


@given(TEXT)
def test_composed_or_not_is_the_same(text: str) -> None:
    forms = {searchable(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
    assert len(forms) == 1


@given(TEXT)
def test_folded_text_is_folded(text: str) -> None:
    assert searchable(searchable(text)) == searchable(text)


@given(TEXT.map(lambda text: unicodedata.normalize("NFD", text)))
def test_tokens_are_the_words_at_their_places(text: str) -> None:
    found = list(tokens(text))
    assert " ".join(token.text for token in found) == searchable(text)
    places = [(token.start, token.end) for token in found]
    assert places == sorted(places)
    assert all(start < end for start, end in places)
    # A character may hold two words: ¼ is 1 and 4.
    assert all(each.text in searchable(text[each.start : each.end]) for each in found)
