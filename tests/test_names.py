"""When two names are one, and the short names that are made of long ones."""

from string import ascii_lowercase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger import names, rules
from ledger.names import close, folded, key, lookalikes, skeleton, slug

CYRILLIC_PENTAGON = "Реntаgоn"  # Р, е, а and о are Cyrillic


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Pentagon", "Pentagon"),
        ("the  pentagon", "Pentagon."),
        ("U.S. Army", "U S Army"),
        ("CBS-News", "CBS News"),
        ("José Núñez", "Jose Nunez"),
        ("Straße", "STRASSE"),
        ("ＣＢＳ", "CBS"),
        ("Pent\u200bagon", "Pentagon"),
        ("مُحَمَّد", "محمد"),  # Arabic with and without its vowel points
        ("Семён", "Семен"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pentagon", "Kremlin"),
        ("A", "The"),
        ("محمد", "محمود"),
        ("हिन्दी", "हिन्दू"),  # vowel signs make another word
        ("ガザ", "カサ"),  # voicing makes another word
        ("ไทย", "ไทยุ"),
    ],
)
def test_names_that_differ_have_two_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_a_cyrillic_lookalike_has_the_skeleton_of_the_latin_name() -> None:
    assert key(CYRILLIC_PENTAGON) != key("Pentagon")
    assert skeleton(CYRILLIC_PENTAGON) == skeleton("The Pentagon") == "pentagon"


@pytest.mark.parametrize(
    "new", ["The Pentagon", CYRILLIC_PENTAGON, "Pentagn", "PENTAGON", "Pеntagon"]
)
def test_a_name_that_seems_new_is_held_up_against_the_one_that_is_known(new: str) -> None:
    assert lookalikes(new, ["Kremlin", "Pentagon", "CBS News"]) == ["Pentagon"]


@pytest.mark.parametrize("new", ["Pentagon", "Jim Mattis", "Syrian Observatory", "علي"])
def test_a_name_that_is_new_or_the_very_same_is_no_lookalike(new: str) -> None:
    assert lookalikes(new, ["Kremlin", "Pentagon", "CBS News", "محمود"]) == []


def test_numbered_sources_are_not_one() -> None:
    assert lookalikes("Witness 2", ["Witness 1", "Witness 12"]) == []
    assert lookalikes("witness 1.", ["Witness 1"]) == ["Witness 1"]


def test_the_same_key_comes_before_what_is_only_near() -> None:
    found = lookalikes("The Ministry of Defence", ["Ministry of Defense", "Ministry of Defence"])
    assert found == ["Ministry of Defence", "Ministry of Defense"]


def test_a_mistyped_name_finds_the_few_it_may_mean() -> None:
    known = ["Pentagon", "Kremlin", "Russian defence ministry", "TASS"]
    assert close("Pentagn", known) == ["Pentagon"]
    assert close("defense ministry", known) == ["Russian defence ministry"]
    assert close("zzz", known) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("matis", "Jim Mattis"),
        ("kremln", "Kremlin"),
        ("contractrs-killed", "contractors-killed"),
        ("cbs", "CBS News"),
        ("drone", "tank-drone-strike"),
        ("administration officials", "Two U.S. administration officials"),
        ("Pentagon spokesman", "Pentagon"),
        ("外交部", "俄罗斯外交部"),
    ],
)
def test_what_is_misspelt_or_a_part_is_found(typed: str, meant: str) -> None:
    assert close(typed, MIXED, most=1) == [meant]


@pytest.mark.parametrize(
    "typed",
    [
        "Was it raining?",
        "Did the clash happen at night?",
        "What is the meaning of this",
        "They ate bread and drank wine in town",
        "A spokesman for the ministry of agriculture",
        "Greenpeace",
        "is it so",
        "a",
    ],
)
def test_a_text_unlike_any_finds_none(typed: str) -> None:
    assert close(typed, MIXED) == []


#: Names short and long, slugs and sentences, as a ledger has them side by side.
MIXED = (
    "Kremlin",
    "Jim Mattis",
    "CBS News",
    "TASS",
    "Ionov",
    "Pentagon",
    "俄罗斯外交部",
    "Two U.S. administration officials",
    "Russian Foreign Ministry",
    "Unnamed accounts of Russian contractors killed",
    "contractors-killed",
    "tank-drone-strike",
    "wagner-task",
    "accounts-of-clash",
    "russians-in-syria",
    "A drone of the United States or of the coalition it leads destroyed a tank in eastern Syria.",
    "It was Wagner that hired the men, and its task was to guard oil fields.",
)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Pro-government fighters killed", "pro-government-fighters-killed"),
        ("The clash near Khasham, 7 February", "clash-near-khasham-7-february"),
        ("Été à Paris", "ete-a-paris"),
        ("Сергей Шойгу", "сергей-шойгу"),
        ("한국", "한국"),
        ("हिन्दी", "हिन्दी"),
        ("2018", "n-2018"),
        ("?!", "untitled"),
        ("", "untitled"),
    ],
)
def test_a_slug_is_short_and_typeable(text: str, made: str) -> None:
    assert slug(text) == made


def test_a_slug_ends_with_a_whole_word() -> None:
    made = slug("It was the United States that led the strike on the tank at the crossing")
    assert made == "it-was-the-united-states-that-led-the-strike-on"
    assert len(made) <= 48


@given(st.lists(st.text(max_size=12), max_size=30))
def test_slugs_are_unique_and_pass_the_rules(texts: list[str]) -> None:
    taken: list[str] = []
    for text in texts:
        taken.append(slug(text, taken))
    assert len(set(taken)) == len(taken)
    for made in taken:
        row = {"slug": made, "title": "A title"}
        assert not [each for each in rules.event_problems(row) if each.column == "slug"], made


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=40))
def test_no_name_raises(text: str) -> None:
    assert isinstance(skeleton(text), str)
    assert lookalikes(text, [text]) == []


ALIKE = st.sampled_from(
    [CYRILLIC_PENTAGON, "Pentagon", "The Pentagon", "pentagon.", "Pentagons", "Witness 1",
     "Witness 2",
     "Witnes 1", "Russian Defense Ministry", "Russian Defence Ministry", "TASS", "Tass", "!", "?"]
) | st.text("ab Ж1.", min_size=1, max_size=12)  # fmt: skip


@example(["1", "a.1"])  # the key “a 1” begins like an article, and the key of that is “1”
@given(st.lists(ALIKE, max_size=9, unique=True))
def test_pairs_of_look_alikes_are_those_found_name_by_name(known: list[str]) -> None:
    pairs = [frozenset(pair) for pair in names.alike(known)]
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) == {
        frozenset((name, other))
        for name in known
        for other in names.lookalikes(name, known, most=len(known) + 1)
    }


def test_pairs_are_found_among_more_names_than_are_compared_at_once() -> None:
    known = [f"{first}{second}" for first in ascii_lowercase for second in ascii_lowercase]
    known += ["Ministry of Defence", "Ministry of Defense"]
    assert list(names.alike(known)) == [("Ministry of Defence", "Ministry of Defense")]
