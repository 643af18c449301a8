"""What an import would do, and what becomes of the rows that it cannot take."""

import csv
import io
from pathlib import Path

import pytest

from ledger.errors import BadFileError
from ledger.exchange.importing import import_path, import_stream
from ledger.store import Store
from tests.exchange.conftest import Fresh, take_into, wide

HEADER = "claim,proposition,source,stance,answers,note,proposition_text,kind\n"
GOOD = "1,came,Pentagon,asserts,,ok,They came.,fact\n"
BAD = HEADER + GOOD + (
    "2,came,Ministry,shouts,1,no such stance,They came.,fact\n"
    "3,came,Ministry,denies,2,names one that is left out,They came.,fact\n"
    "4,came,Agency,denies\n"
    '5,came,Agency,de"nies,,a stray mark,They came.,fact\n'
    "6,came,Agency,denies,1,fine,They came.,fact\n"
)  # fmt: skip
MENDED = BAD.replace("shouts", "denies").replace("Agency,denies\n", "Agency,denies,,,,\n").replace(
    'de"nies', "denies"
)  # fmt: skip


def rejects(path: Path) -> list[list[str]]:
    with path.open(newline="") as stream:
        return list(csv.reader(stream))


def test_the_good_rows_are_taken_and_the_others_written_with_their_reasons(
    store: Store, tmp_path: Path
) -> None:
    done = take_into(store, BAD, rejects=tmp_path / "bad.csv")
    assert (done.added["claim"], done.rejected) == (2, 4)
    header, *rows = rejects(tmp_path / "bad.csv")
    assert header == ["reason", *HEADER.strip().split(",")]
    assert [row[1:5] for row in rows] == [
        ["1", "came", "Pentagon", "asserts"],  # taken, and named by the next
        ["2", "came", "Ministry", "shouts"],
        ["3", "came", "Ministry", "denies"],
        ["4", "came", "Agency", "denies"],
        ["5", "came", "Agency", 'de"nies'],
    ]
    assert "“shouts” is not known" in rows[1][0]
    assert "has 4 cells where the header has 8" in rows[3][0]


def test_rejects_that_were_mended_are_imported_as_they_are(
    store: Store, tmp_path: Path, fresh: Fresh
) -> None:
    take_into(store, BAD, rejects=tmp_path / "bad.csv")
    text = (tmp_path / "bad.csv").read_text()
    reasons = [row[0] for row in rejects(tmp_path / "bad.csv")]
    mended = text.replace("Ministry,shouts", "Ministry,denies").replace(
        "Agency,denies\n", "Agency,denies,,,,\n"
    )
    done = take_into(store, mended.replace('de"nies', "denies"))
    assert (done.added["claim"], done.present["claim"]) == (4, 1)
    assert len(reasons) == 6
    whole = fresh()
    take_into(whole, MENDED)
    claims = [sorted(row.split(",", 1)[1].split(",stated", 1)[0].split(",")[:3]
              for row in wide(each).splitlines()[1:]) for each in (store, whole)]  # fmt: skip
    assert claims[0] == claims[1]


def test_without_bad_rows_there_are_no_rejects(store: Store, tmp_path: Path) -> None:
    done = take_into(store, HEADER + GOOD, rejects=tmp_path / "bad.csv")
    assert (done.added["claim"], done.rejected) == (1, 0)
    assert not (tmp_path / "bad.csv").exists()


def test_rejects_that_cannot_be_written_keep_the_rest_out(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="nothing was imported"):
        take_into(store, BAD, rejects=tmp_path / "none" / "bad.csv")
    assert take_into(store, HEADER + GOOD).added["claim"] == 1


def test_a_dry_run_tells_and_does_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text(HEADER + GOOD)
    told = import_path(store, tmp_path / "claims.csv", recorded_by="maria", dry_run=True)
    assert told.entries == ()
    assert told.added["claim"] == 1
    assert (told.names["source"], told.names["proposition"]) == (("Pentagon",), ("came",))
    done = import_path(store, tmp_path / "claims.csv", recorded_by="maria")
    assert done.added == told.added
    again = import_path(store, tmp_path / "claims.csv", recorded_by="maria", dry_run=True)
    assert (sum(again.added.values()), again.present["claim"]) == (0, 1)


def test_a_dry_run_tells_look_alikes(store: Store) -> None:
    take_into(store, HEADER + GOOD)
    with pytest.raises(BadFileError) as refused:
        take_into(store, HEADER + GOOD.replace("Pentagon", "The Pentagon"), dry_run=True)
    assert "looks like “Pentagon”" in refused.value.rows[0].problem.what


def test_a_dry_run_tells_how_many_would_be_rejected(store: Store, tmp_path: Path) -> None:
    told = take_into(store, BAD, dry_run=True, rejects=tmp_path / "bad.csv")
    assert (told.added["claim"], told.rejected) == (2, 4)
    assert not (tmp_path / "bad.csv").exists()


def test_progress_is_told_to_the_end(store: Store) -> None:
    told: list[tuple[str, int, int]] = []
    data = (HEADER + GOOD).encode()
    import_stream(
        store, io.BytesIO(data), "f.csv", recorded_by="maria", progress=lambda *at: told.append(at)
    )
    assert told[0][:2] == ("read", len(data))
    assert told[-1] == ("written", 1, 1)
