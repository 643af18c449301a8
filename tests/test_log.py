"""What the log tells of entries, and what a version changed."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from ledger import journal, log, lookup, schema, versions
from ledger.changes import Difference, Names, described, differences
from ledger.log import Asked
from ledger.store import Store
from tests.build import (
    NOON,
    SPARE,
    a_claim,
    a_count,
    a_document,
    a_fact,
    a_receipt,
    a_source,
    an_event,
)
from tests.tampering import by_hand


def told(store: Store, asked: Asked | None = None, *, rows: int = 20) -> dict[int, list[str]]:
    with store.reader() as connection:
        found = log.log(connection, asked or Asked(), limit=None, rows=rows)
        return {logged.entry: logged.rows for logged in found}


def newest(store: Store) -> list[str]:
    return next(iter(told(store).values()))


@pytest.fixture
def story(store: Store) -> Store:
    """Entries 1 to 4 by maria and ben on four days: two claims, an assessment, an edit."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON, message="first") as draft:
        a_source(draft, "Kremlin")
        a_claim(draft, source="Kremlin", on="they-came", stance="denies")
    with journal.entry(
        store, recorded_by="ben", recorded_at=NOON + timedelta(days=1), message="second"
    ) as draft:
        a_claim(draft, source="Pentagon", on="they-came", via="Kremlin")
    with journal.entry(store, recorded_by="maria", recorded_at=NOON + timedelta(days=2)) as draft:
        journal.assess(draft, 1, "unverified", "one origin")
        draft.insert("evidence", {"claim_id": 1, "on_claim_id": 2})
    with journal.entry(store, recorded_by="ben", recorded_at=NOON + timedelta(days=3)) as draft:
        pentagon = lookup.source(draft.connection, "Pentagon").id
        draft.update("source", pentagon, {"reliability": "B"})
    return store


def test_entries_come_newest_first_with_what_each_wrote(story: Store) -> None:
    assert told(story) == {
        4: ["source Pentagon edited: reliability – → B"],
        3: ["claim 1 assessed: unreviewed → unverified", "claim 1 rests on claim 2"],
        2: ["claim 2 added: Pentagon asserts they-came", "source Pentagon added"],
        1: [
            "claim 1 added: Kremlin denies they-came",
            "proposition they-came added",
            "source Kremlin added",
        ],
    }


def test_added_and_changed_are_counted_apart(story: Store) -> None:
    with story.reader() as connection:
        counted = [each.counted for each in log.log(connection, Asked(), limit=None, rows=0)]
    assert counted == [
        "1 source changed",
        "1 claim changed, 1 ground added",
        "1 claim added, 1 source added",
        "1 claim added, 1 proposition added, 1 source added",
    ]


@pytest.mark.parametrize(
    ("asked", "entries"),
    [
        (Asked(claim=1), [3, 1]),
        (Asked(claim=2), [2]),
        (Asked(sources=[1]), [3, 2, 1]),
        (Asked(sources=[2]), [4, 2]),
        (Asked(recorded_by="ben"), [4, 2]),
        (Asked(recorded_by="be"), []),
        (Asked(first=date(2026, 3, 2)), [4, 3, 2]),
        (Asked(last=date(2026, 3, 2)), [2, 1]),
        (Asked(first=date(2026, 3, 2), last=date(2026, 3, 2)), [2]),
        (Asked(last=date.max), [4, 3, 2, 1]),
        (Asked(entry=3), [3]),
        (Asked(claim=1, sources=[1], recorded_by="maria", last=date(2026, 3, 1)), [1]),
    ],
)
def test_a_filter_keeps_the_entries_that_fit(
    story: Store, asked: Asked, entries: list[int]
) -> None:
    assert list(told(story, asked)) == entries
    with story.reader() as connection:
        assert log.count(connection, asked) == len(entries)


def test_a_row_is_found_in_the_entry_it_was_written_in_though_it_was_changed_since(
    story: Store,
) -> None:
    assert told(story, Asked(claim=1))[1] == ["claim 1 added: Kremlin denies they-came"]


def test_as_of_an_entry_the_log_ends_there_and_names_are_of_then(story: Store) -> None:
    with journal.entry(story, recorded_by="ben", recorded_at=NOON) as draft:
        draft.update("source", 1, {"name": "The Kremlin"})
    with story.reader(as_of=3) as connection:
        found = list(log.log(connection, Asked(), limit=None, rows=20))
    assert [each.entry for each in found] == [3, 2, 1]
    assert found[2].rows[0] == "claim 1 added: Kremlin denies they-came"
    assert newest(story) == ["source The Kremlin edited: name Kremlin → “The Kremlin”"]


def test_a_limit_is_kept_over_pages(store: Store) -> None:
    with journal.transaction(store) as together:
        for number in range(230):
            with together.entry(recorded_by="maria", recorded_at=NOON) as draft:
                a_source(draft, f"Source {number}")
    with store.reader() as connection:
        found = [each.entry for each in log.log(connection, Asked(), limit=210, rows=1)]
        assert len(list(log.log(connection, Asked(), limit=None, rows=1))) == 230
    assert found == list(range(230, 20, -1))


def test_of_a_large_entry_the_first_rows_are_read_and_the_rest_is_counted(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        draft.insert_all("source", ({"name": f"Source {number}"} for number in range(3_000)))
    asked: list[int] = []
    with store.reader() as connection:

        @sa.event.listens_for(connection.engine, "after_cursor_execute")
        def _(_: object, cursor: object, *__: object) -> None:
            asked.append(1)

        (found,) = log.log(connection, Asked(), limit=None, rows=3)
    assert found.counted == "3,000 sources added"
    assert found.rows == [f"source Source {number} added" for number in range(3)]
    assert len(asked) < 40


@pytest.mark.sqlite("it reads how SQLite plans a question")
def test_every_question_about_an_entry_goes_by_an_index(store: Store) -> None:
    """Nothing reads a table from end to end, whatever the ledger holds."""
    plans: list[str] = []
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft)
    with store.reader() as connection:
        statements: list[tuple[str, object]] = []

        @sa.event.listens_for(connection, "before_cursor_execute")
        def _(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
            statements.append((statement, parameters))

        list(log.log(connection, Asked(), limit=5, rows=5))
        for statement, parameters in list(statements):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
            plans += [row[3] for row in plan if "entry" not in row[3].split()[1:2]]
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN")]


def described_newest(store: Store) -> str:
    (line,) = newest(store)
    return line


@pytest.mark.parametrize(
    ("table", "changes", "line"),
    [
        ("claim", {"low": 7}, "claim 1 corrected: low 5 → 7"),
        ("claim", {"source_id": 2}, "claim 1 corrected: source Ministry → Gazette"),
        ("claim", {"status": "withdrawn", "because": "twice"}, "claim 1 withdrawn: twice"),
        ("claim", {"because": "one"}, "claim 1 still unreviewed: because – → one"),
        (
            "claim",
            {"stated_on": date(2018, 2, 1), "stated_precision": "month"},
            "claim 1 corrected: stated_on – → 2018-02",
        ),
        (
            "proposition",
            {"verdict": "supported", "finding_low": 3, "because": "seen"},
            "proposition killed settled: open → supported, finding_low – → 3",
        ),
        ("proposition", {"note": "n"}, "proposition killed edited: note – → n"),
        ("source", {"merged_into_id": 2}, "source Ministry merged into Gazette"),
        ("source_alias", {"source_id": 2}, "alias MoD edited: source Ministry → Gazette"),
        ("document", {"text": "word " * 99}, None),
    ],
)
def test_a_change_is_told_in_a_line(
    store: Store, table: str, changes: dict[str, journal.Value], line: str | None
) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_source(draft, "Ministry")
        a_source(draft, "Gazette")
        a_count(draft, "killed")
        a_document(draft, "article")
        draft.insert("source_alias", {"source_id": 1, "name": "MoD"})
        a_claim(draft, source=1, on="killed", low=5)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        draft.update(table, 1, changes)
    found = described_newest(store)
    assert found == line if line else len(found) < 100


def test_a_hostile_name_cannot_break_the_line(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, source="A | claim 2 withdrawn", quote="\u202e" * 3)
        draft.insert("source_alias", {"source_id": 1, "name": "B C"})
    with by_hand(store) as raw:
        raw.execute("UPDATE source SET name = ?", ("A\x1b[31m\nclaim 2 withdrawn",))
        raw.execute("UPDATE source_alias SET name = ?", ("B\nC",))
    for line in newest(store):
        assert line.isprintable()


def test_versions_of_a_claim_differ_field_by_field_with_names_spelt_out(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_document(draft, "article")
        a_claim(draft, source="Ministry", on="they-came", document_id=1, said="2018-02-08")
        a_claim(draft, source="Gazette", on="they-came", stance="denies")
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        journal.correct(draft, 1, {"via_id": 2, "answers_id": 2, "document_id": None})
    with store.reader() as connection:
        names = Names(connection)
        first, second = versions.of_row(connection, "claim", 1)
        added = {each.field: each.after for each in differences(names, first)}
        assert added == {
            "proposition": "they-came",
            "source": "Ministry",
            "stance": "asserts",
            "basis": "unknown",
            "document": "article",
            "attribution": "named",
            "stated_on": "2018-02-08",
            "status": "unreviewed",
        }
        assert differences(names, second) == [
            Difference("document", "article", None),
            Difference("via", None, "Gazette"),
            Difference("answers", None, 2),
        ]
        assert first.before is None
        assert second.before == first.row


def test_a_row_that_is_not_there_has_no_versions(store: Store) -> None:
    with store.reader() as connection:
        assert versions.of_row(connection, "claim", 1) == []


def test_every_table_has_a_line_for_a_new_row_and_for_a_changed_one(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        an_event(draft)
        a_fact(draft)
        a_document(draft)
        a_claim(draft)
        draft.insert("source_alias", {"source_id": 1, "name": "MoD"})
        draft.insert("evidence", {"claim_id": 1, "on_document_id": 1})
        accepted = {"check_name": "alone", "finding": "stands alone", "because": "known"}
        draft.insert("acceptance", {"claim_id": 1, **accepted})
        a_receipt(draft)
    mended: dict[str, journal.Values] = {
        "source_alias": {"name": "MOD"},
        "acceptance": {"taken_back": "not known"},
    }
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for table in schema.VERSIONED:
            draft.update(table, 1, mended.get(table, {SPARE.get(table, "note"): "n"}))
    with store.reader() as connection:
        for table in schema.VERSIONED:
            lines = [
                described(Names(connection), each) for each in versions.of_row(connection, table, 1)
            ]
            assert len(set(lines)) == 2
            assert "→" in lines[1] or table == "acceptance"
