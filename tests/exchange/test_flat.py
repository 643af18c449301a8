"""The fast lane and the slow one: the same rows, the same head, the same words for what is bad."""

import io
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger import schema
from ledger.errors import BadFileError
from ledger.exchange import cellar, flat, sheets, shelving
from ledger.exchange.cellar import Cellar
from ledger.exchange.gathering import Gathered
from ledger.exchange.importing import import_gathered, import_stream
from ledger.exchange.numbering import Numbers
from ledger.store import Store
from tests.build import NOON
from tests.exchange.conftest import Pair

#: What stands in the cells of a column: what is sound often, what is not now and then.
CELLS: dict[str, list[str]] = {
    "claim": ["1", "2", "3", "4", "5", "007", "1x", "9" * 20, ""],
    "proposition": ["killed", "killed", "came", "came", "p-3", "", "no slug", "7"],
    "source": ["Pentagon", "Pentagon", "Ministry", "الوزارة", "The Pentagon", " x", "", "12", "A"],
    "stance": ["asserts", "asserts", "denies", "relays", "retracts", "concedes", "shouts", ""],
    "basis": ["", "told", "unknown", "guessed"],
    "low": ["", "", "5", "open", "x", "99999999999999999"],
    "high": ["", "", "7", "3", "open"],
    "wording": ["", "dozens", "many", "=1+1", "no"],
    "quote": ["", "we came", "", "a,b", '"so"', "two\nlines", "'=1", "'tis"],
    "quote_prefix": ["", "", "", "and"],
    "document": ["", "doc-1", "doc-1", "doc-2", "bad slug", "11"],
    "via": ["", "", "Ministry", "Pentagon", "Agency", "reuters"],
    "attribution": ["", "named", "nobody"],
    "answers": ["", "", "", "1", "2", "3", "44", "-"],
    "repeats": ["", "", "", "1", "2", "3"],
    "stated_on": ["", "2018-02-08", "2018-02", "2018", "2018-13", "1066-10-14", "2999-01-01"],
    "status": ["", "unreviewed", "refuted", "wrong"],
    "because": ["", "seen", " "],
    "note": ["", "=1", "-5", "\u2028", "n"],
    "proposition_text": ["", "How many?", "How many?"],
    "kind": ["", "count", "count", "fact", "guess"],
    "unit": ["", "people"],
    "event": ["", "clash", "", "raid"],
    "event_title": ["", "The clash", "The clash"],
    "source_kind": ["", "", "outlet", "thing"],
    "source_member_of": ["", "", "Pentagon", "Agency"],
    "source_aliases": ["", "", "DoD; A", "Reuters"],
    "document_title": ["", "A report", "A report", "\u3164"],
    "document_url": ["", "https://example.org/1", "https://example.org/é", "nowhere"],
    "publisher": ["", "", "Agency", "The Agency"],
    "published_on": ["", "2018-02-08", "2018-02", "2999-01-01", "1066-10-14"],
    "language": ["", "en", "ar-SY", "?"],
    "retrieved_at": ["", "2018-02-08T14:30:00Z", "2018-02-08T14:30:00+02:00", "noon"],
}
#: What will do in every row, whatever stands in the others.
SOUND: dict[str, list[str]] = {
    "proposition": ["killed", "killed", "wounded"],
    "source": ["Pentagon", "Ministry", "الوزارة"],
    "stance": ["asserts", "denies", "concedes"],
    "basis": ["", "told"],
    "low": ["5", "005", "0"],
    "high": ["", "7", "open"],
    "wording": ["", "dozens", "many", "=1+1"],
    "quote": CELLS["quote"],
    "quote_prefix": [""],
    "document": ["doc-1", "doc-2"],
    "via": ["", "Agency", "Reuters"],
    "attribution": ["", "named"],
    "answers": ["", "1", "2"],
    "repeats": [""],
    "stated_on": ["", "2018-02-08", "2018-02", "2018"],
    "status": ["", "unreviewed", "refuted"],
    "because": ["seen"],
    "note": CELLS["note"],
    "proposition_text": ["How many?"],
    "kind": ["count"],
    "unit": ["people"],
    "event": ["clash"],
    "event_title": ["The clash"],
    "source_kind": ["", "outlet"],
    "source_member_of": ["", "The state"],
    "source_aliases": [""],
    "document_title": ["A report"],
    "document_url": ["https://example.org/1", ""],
    "publisher": ["", "Agency"],
    "published_on": ["2018-02-08"],
    "language": ["en"],
    "retrieved_at": ["2018-02-08T14:30:00Z"],
}
ALWAYS = ("proposition", "source", "stance")


@st.composite
def files(draw: st.DrawFn) -> str:
    """A small file of claims; two times in three most of it will do."""
    cells = draw(st.sampled_from([CELLS, SOUND, SOUND]))
    optional = [name for name in CELLS if name not in ALWAYS]
    header = [*ALWAYS, *draw(st.lists(st.sampled_from(optional), unique=True, max_size=14))]
    if cells is SOUND:
        told = ["claim", "proposition_text", "kind", "unit", "document_title", "low", "because"]
        header = list(dict.fromkeys([*header, *told, "event", "event_title", "document"]))
    text = io.StringIO(newline="")
    text.write(",".join(header) + "\n")
    last = draw(st.integers(2, 6))
    for number in range(1, last + 1):
        row = []
        for name in header:
            if cells is SOUND and draw(st.integers(0, 150)) == 150:
                cell = draw(st.sampled_from(CELLS[name]))
            elif name == "claim":
                cell = str(last if draw(st.integers(0, 80)) == 80 else number)
            else:
                cell = draw(st.sampled_from(cells[name]))
            if cells is SOUND and name == "answers" and cell == str(number):
                cell = ""
            quoted = any(mark in cell for mark in ',"\n')
            row.append('"' + cell.replace('"', '""') + '"' if quoted else cell)
        text.write(",".join(row) + draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n"])))
        if draw(st.integers(0, 80)) == 79:
            text.write(draw(st.sampled_from(["too,few\n", 'a "stray,quote,x\n', "nul\0,,\n"])))
    return text.getvalue()


def outcome(run: Any) -> Any:
    """What an import did, or what it said."""
    try:
        done = run()
    except BadFileError as error:
        return error.message, error.hint, error.rows
    return done


def rows(store: Store) -> dict[str, list[Any]]:
    """Every row as it is stored, leaf and entry included."""
    with store.reader() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(sa.select(table).order_by(table.c.id))
            ]
            for table in (schema.entry, *(table for table, _ in schema.VERSIONED.values()))
        }


@given(st.lists(files(), min_size=1, max_size=2), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_file_is_taken_alike_by_either_lane(
    emptied: Pair, texts: list[str], new: bool, raw: bool
) -> None:
    fast, slow = emptied()
    common: dict[str, Any] = {
        "recorded_by": "maria",
        "recorded_at": NOON,
        "message": "m",
        "new": new,
    }
    for text in texts:
        data = text.encode()

        def slowly(data: bytes = data) -> Any:
            gathered = Gathered()
            sheets.read(gathered, io.BytesIO(data), "f.csv", raw=raw)
            return import_gathered(slow, gathered, name="f.csv", **common)

        ours = outcome(
            lambda data=data: import_stream(fast, io.BytesIO(data), "f.csv", raw=raw, **common)
        )
        assert ours == outcome(slowly)
        assert rows(fast) == rows(slow)


@given(st.lists(files(), min_size=1, max_size=2), st.integers(1, 3))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_is_taken_alike_where_little_is_remembered(
    emptied: Pair, texts: list[str], remembered: int
) -> None:
    fast, slow = emptied()
    common: dict[str, Any] = {"recorded_by": "maria", "recorded_at": NOON, "message": "m"}
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(flat, "_REMEMBERED", remembered)
        limits.setattr(cellar, "_AT_ONCE", 1)
        limits.setattr(shelving, "_AT_ONCE", 1)
        for text in texts:
            gathered = Gathered()
            sheets.read(gathered, io.BytesIO(text.encode()), "f.csv")
            ours = outcome(
                lambda text=text: import_stream(fast, io.BytesIO(text.encode()), "f.csv", **common)
            )
            assert ours == outcome(
                lambda gathered=gathered: import_gathered(
                    slow, gathered, name="f.csv", new=False, **common
                )
            )
            assert rows(fast) == rows(slow)


@given(files(), st.integers(1, 3), st.sampled_from(["event", "proposition", "source", "document"]))
@example(
    "proposition,source,stance,document,publisher\np-1,A,shouts,one,Agency\np-1,A,shouts,one,Wire\n",
    1,
    "document",
)  # a row that is read fast, and slowly after all
@settings(max_examples=60, deadline=None)
def test_what_differs_from_what_stands_is_counted_alike(
    text: str, remembered: int, first: str
) -> None:
    slow, fast = Gathered(), Gathered()
    slow.first_stands = fast.first_stands = frozenset({first})
    sheets.read(slow, io.BytesIO(text.encode()), "f.csv")
    opened = sheets.OpenSheet(fast, io.BytesIO(text.encode()), "f.csv")
    with (
        pytest.MonkeyPatch.context() as limits,
        closing(flat.Flat(fast, "f.csv", opened.header)) as lane,
    ):
        limits.setattr(flat, "_REMEMBERED", remembered)
        for batch in opened.batches():
            lane.take(batch, marked=opened.marked)
    assert fast.differing == slow.differing


TOLD = st.lists(st.lists(st.text(max_size=3), max_size=3).map(tuple), max_size=12)


@given(TOLD, st.sets(st.integers(0, 11)), st.integers(0, 40))
def test_what_is_put_down_is_read_back(
    told: list[tuple[str, ...]], taken: set[int], at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as limits, closing(Cellar()) as kept:
        limits.setattr(cellar, "_AT_ONCE", at_once)
        for each in told:
            kept.append(each)
            assert kept[len(kept) - 1] == each
        for at in taken & {*range(len(told))}:
            kept[at] = None
        left = [None if at in taken else each for at, each in enumerate(told)]
        assert [*kept] == [kept[at] for at in range(len(told))] == left


@given(st.lists(st.integers(0, 6) | st.integers(2**61, 2**64), max_size=8))
def test_a_number_is_found_where_it_was_first(given: list[int]) -> None:
    numbers, at = Numbers(), dict[int, int]()
    for place, number in enumerate(given):
        assert numbers.add(number, place) == at.get(number)
        at.setdefault(number, place)
    assert all(numbers.get(number) == at.get(number) for number in [*range(8), *given])
