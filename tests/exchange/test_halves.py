"""A file read in two halves at once, and in one: the same rows, the same head, the same words."""

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import ahead
from ledger.exchange import halves
from ledger.exchange.taking import File, Recording, take
from ledger.store import Store
from ledger.uncollected import uncollected
from tests.build import NOON
from tests.exchange.conftest import Pair
from tests.exchange.test_flat import files, outcome, rows

RECORDING = Recording("maria", NOON, "m", new=False, dry_run=False)
HEADER = "claim,proposition,source,stance,quote,proposition_text,kind,document,document_title,via\n"


@pytest.fixture(autouse=True)
def _small_files_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halves, "_LARGE", 0)
    monkeypatch.setattr(halves, "is_worth_it", lambda: True)


def sound(many: int, quote: str = "said, and\nsaid") -> str:
    """A file of claims with which nothing is amiss."""
    return HEADER + "".join(
        f'{number},p-{number % 7},Source {number % 5},asserts,"{quote} {number}",It was so.,fact,'
        f"d-{number // 3},Title {number // 3},Agency {number % 3}\n"
        for number in range(1, many + 1)
    )


def read(path: Path, text: str, *, raw: bool = False) -> Any:
    path.write_bytes(text.encode())
    with path.open("rb") as stream, uncollected():
        return halves.read(stream.fileno(), "f.csv", raw=raw, progress=lambda *_: None)


@given(st.lists(files(), min_size=1, max_size=2), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_file_is_taken_alike_in_halves_and_in_one(
    emptied: Pair,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    texts: list[str],
    raw: bool,
) -> None:
    monkeypatch.setattr(ahead, "is_worth_it", lambda: False)  # in this process: it is quicker
    in_halves, in_one = emptied()
    path = tmp_path / "f.csv"

    def taken(store: Store, file: File) -> Any:
        return outcome(lambda: take(store, file, RECORDING))

    for text in texts:
        data = text.encode()
        path.write_bytes(data)
        with path.open("rb") as stream:
            ours = taken(in_halves, File(stream, "f.csv", raw, "f.csv", len(data)))
        assert ours == taken(in_one, File(io.BytesIO(data), "f.csv", raw, "f.csv"))
        assert rows(in_halves) == rows(in_one)


@pytest.mark.parametrize("quote", ["said", 'said ""so"",\n""and""', "line\r\nline", "الوزارة"])
def test_what_is_sound_is_read_by_two_processes(emptied: Pair, tmp_path: Path, quote: str) -> None:
    text = sound(60, quote)
    flat = read(tmp_path / "f.csv", text)
    assert flat is not None
    assert flat.count == 60
    assert [flat.line_of(place) for place in range(60)] == [
        2 + place * (1 + quote.count("\n")) for place in range(60)
    ]
    assert len({row[9] for batch in flat.spool for row in batch}) == 60
    flat.close()


@pytest.mark.parametrize(
    "text",
    [
        sound(40) + "too,few\n",
        sound(40) + sound(3).removeprefix(HEADER),  # their numbers are taken
        sound(40).replace('"said, and\nsaid 31"', 'a "stray'),
        sound(40).replace("asserts", "shouts"),
        HEADER + sound(40).removeprefix(HEADER).replace('"', "'").replace("\n", " "),
    ],
    ids=["short", "twice", "stray", "bad", "no line end"],
)
def test_what_is_not_is_left_to_one(tmp_path: Path, text: str) -> None:
    assert read(tmp_path / "f.csv", text) is None


def test_halves_that_contradict_one_another_are_left_to_one(tmp_path: Path) -> None:
    flat = read(tmp_path / "f.csv", sound(40))
    assert flat is not None
    flat.close()
    # Each half by itself says one thing of it.
    apart = sound(40).replace("1,p-1,", "1,apart,", 1).replace("40,p-5,", "40,apart,")
    assert read(tmp_path / "f.csv", apart.replace("It was so.", "It was not.", 1)) is None


def test_what_is_only_described_in_the_second_half_is_taken(emptied: Pair, tmp_path: Path) -> None:
    alone = "".join(f",lone-{number},,,,Was it so?,fact,,,\n" for number in range(8))
    text = sound(20) + alone + sound(40).removeprefix(sound(20))
    flat = read(tmp_path / "f.csv", text)
    assert flat is not None
    assert [name for name in flat.names["proposition"] if name.startswith("lone")] == [
        f"lone-{number}" for number in range(8)
    ]
    assert [flat.names["proposition"][at] for at in flat.propositions[20:]] == [
        f"p-{number % 7}" for number in range(21, 41)
    ]
    flat.close()


def test_a_file_that_is_packed_is_read_in_one(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(sound(40).encode()))
    with path.open("rb") as stream:
        assert halves.read(stream.fileno(), "f", raw=False, progress=lambda *_: None) is None
