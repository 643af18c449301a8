"""An entry taken back: what was is again, what was added is withdrawn or stays, and all is kept."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger import chain, history, journal, lookup, schema, views
from ledger.errors import InTheWayError, InvalidError, LedgerError, NotFoundError
from ledger.journal import Draft
from ledger.store import Store
from ledger.undo import TAKEN_BACK, Undone, reverse
from tests.build import NOON, a_claim, a_document, a_fact, a_source
from tests.conftest import COSTLY
from tests.places import Places, address


def record(store: Store, *steps: Callable[[Draft], object]) -> int:
    """One entry of these steps; its number."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for step in steps:
            step(draft)
    return draft.id


def undo(store: Store, entry: int) -> Undone:
    with journal.entry(store, recorded_by="ben", recorded_at=NOON) as draft:
        return reverse(draft, entry, because=f"undo of entry {entry}")


def row(store: Store, table: str, number: int) -> dict[str, Any]:
    target = schema.VERSIONED[table][0]
    with store.reader() as connection:
        found = connection.execute(sa.select(target).where(target.c.id == number))
        return dict(found.mappings().one())


def head(store: Store) -> int:
    with store.reader() as connection:
        return history.head(connection).entry


def assess(status: str, because: str | None) -> Callable[[Draft], object]:
    return lambda draft: journal.assess(draft, 1, status, because)


def test_a_change_goes_back_to_the_version_before(store: Store) -> None:
    record(store, a_claim)
    wrong = record(store, assess("confirmed", "seen"))
    assert undo(store, wrong) == Undone(1, {}, [])
    assert (row(store, "claim", 1)["status"], row(store, "claim", 1)["because"]) == (
        "unreviewed",
        None,
    )
    assert row(store, "claim", 1)["entry_id"] == wrong + 1


def test_a_new_claim_is_withdrawn_and_what_it_brought_stays(store: Store) -> None:
    added = record(store, lambda draft: a_claim(draft, source="Nobody", on="they-came"))
    undone = undo(store, added)
    assert row(store, "claim", 1)["status"] == "withdrawn"
    assert row(store, "claim", 1)["because"] == "undo of entry 1"
    assert undone.stays == {"proposition": 1, "source": 1}
    assert undone.left == ["proposition they-came", "source Nobody"]


def test_a_new_ground_is_marked_as_taken_back_and_keeps_its_note(store: Store) -> None:
    record(store, a_claim, a_claim)
    ground: journal.Values = {"claim_id": 1, "on_claim_id": 2, "note": "same footage"}
    added = record(
        store, assess("confirmed", "seen"), lambda draft: draft.insert("evidence", ground)
    )
    undo(store, added)
    note = row(store, "evidence", 1)["note"]
    assert note == f"{TAKEN_BACK}undo of entry {added} (it said: same footage)"
    undo(store, head(store))
    assert row(store, "evidence", 1)["note"] == "same footage"


def test_an_entry_that_only_added_what_stays_is_refused(store: Store) -> None:
    added = record(store, a_source, a_fact)
    with pytest.raises(LedgerError, match="nothing to undo: it added 1 proposition, 1 source"):
        undo(store, added)
    assert head(store) == added


@pytest.mark.parametrize("entry", [0, 2, 10**18])
def test_an_entry_that_is_not_there_is_named(store: Store, entry: int) -> None:
    record(store, a_source)
    with pytest.raises(NotFoundError, match=f"there is no entry {entry}"):
        undo(store, entry)


def test_a_later_entry_that_changed_a_row_stands_in_the_way_and_is_named(store: Store) -> None:
    first = record(store, a_claim, a_claim)
    later = record(store, assess("confirmed", "seen"))
    with pytest.raises(InTheWayError, match=rf"entry {later} has changed claim 1 since") as caught:
        undo(store, first)
    assert caught.value.entry == later
    assert head(store) == later
    assert row(store, "claim", 2)["status"] == "unreviewed"


def test_with_the_later_entry_undone_nothing_stands_in_the_way(store: Store) -> None:
    first = record(store, a_claim)
    later = record(store, assess("confirmed", "seen"))
    undo(store, later)
    undo(store, first)
    assert row(store, "claim", 1)["status"] == "withdrawn"


def test_an_undo_is_undone_and_done_again(store: Store) -> None:
    record(store, a_claim)
    wrong = record(store, assess("confirmed", "seen"))
    undo(store, wrong)
    undo(store, head(store))
    assert row(store, "claim", 1)["status"] == "confirmed"
    undo(store, wrong)
    assert row(store, "claim", 1)["status"] == "unreviewed"


def test_an_entry_is_not_undone_twice(store: Store) -> None:
    added = record(store, a_claim)
    undo(store, added)
    with pytest.raises(InTheWayError, match="entry 2 has changed claim 1 since"):
        undo(store, added)


def test_a_merger_is_undone(store: Store) -> None:
    record(
        store,
        lambda draft: a_claim(draft, source="Pentagon"),
        lambda draft: a_claim(draft, source="The Pentagon"),
        lambda draft: draft.insert("source_alias", {"source_id": 2, "name": "DoD"}),
        lambda draft: a_document(draft, publisher_id=2),
    )
    before = seen(store)
    merged = record(store, lambda draft: journal.merge_sources(draft, 2, 1))
    assert seen(store) != before
    undo(store, merged)
    assert seen(store) == before


def test_a_name_that_was_taken_since_is_not_given_back(store: Store) -> None:
    record(store, lambda draft: a_source(draft, "TASS"))
    renamed = record(store, lambda draft: draft.update("source", 1, {"name": "ITAR-TASS"}))
    record(store, lambda draft: a_source(draft, "TASS"))
    with pytest.raises(InvalidError, match="source ITAR-TASS would break the rules") as caught:
        undo(store, renamed)
    assert "is the name of source 2" in str(caught.value.problems[0])
    assert head(store) == 3


def test_rows_that_go_back_only_in_one_order_do(store: Store) -> None:
    """A was a member of B; the entry turned that around, source by source."""
    record(
        store,
        lambda draft: a_source(draft, "B"),
        lambda draft: a_source(draft, "A", member_of_id=1),
    )
    turned = record(
        store,
        lambda draft: draft.update("source", 2, {"member_of_id": None}),
        lambda draft: draft.update("source", 1, {"member_of_id": 2}),
    )
    undo(store, turned)
    assert row(store, "source", 2)["member_of_id"] == 1
    assert row(store, "source", 1)["member_of_id"] is None
    turned_back = head(store)
    undo(store, turned_back)
    assert row(store, "source", 1)["member_of_id"] == 2


def test_a_large_entry_is_undone_by_a_few_statements(store: Store) -> None:
    record(store, lambda draft: a_claim(draft, source="A", on="they-came"))
    claim: journal.Values = {"proposition_id": 1, "source_id": 1, "stance": "asserts"}
    claims = [claim] * 1_200
    added = record(store, lambda draft: draft.insert_all("claim", claims))
    with journal.entry(store, recorded_by="ben", recorded_at=NOON) as draft:
        asked: list[str] = []
        sa.event.listen(draft.connection, "before_cursor_execute", lambda *said: asked.append("x"))
        assert reverse(draft, added, because="undo").wrote == 1_200
    assert len(asked) < 200
    with store.reader() as connection:
        table = schema.claim
        standing = sa.select(sa.func.count()).where(table.c.status != "withdrawn")
        assert connection.execute(standing).scalar() == 1
        assert list(chain.verify(connection)) == []


#: What a version says of the journal, and not of the world.
JOURNAL = {"entry", "recorded_at", "recorded_by"}

#: The public views that tell how things are, and the columns that name a row of each.
STATE = (
    (views.CLAIMS, ["claim"]),
    (views.PROPOSITIONS, ["id"]),
    (views.SOURCES, ["id"]),
    (views.ALIASES, ["alias"]),
    (views.EVENTS, ["id"]),
    (views.DOCUMENTS, ["id"]),
    (views.POSITIONS, ["proposition", "source"]),
    (views.GROUNDS, ["claim", "on_claim", "on_document"]),
)

Seen = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


def seen(store: Store) -> Seen:
    """The rows of every public view that tells how things are, by their names."""
    found: Seen = {}
    with store.reader() as connection:
        for view, key in STATE:
            columns = [column for column in view.table.c if column.name not in JOURNAL]
            rows = connection.execute(sa.select(*columns).order_by(*columns)).mappings()
            found[view.name] = {tuple(row[name] for name in key): dict(row) for row in rows}
    return found


def _any_of(draft: Draft, table: str, place: int) -> int:
    numbers = schema.VERSIONED[table][0].c.id
    known = draft.connection.execute(sa.select(numbers).order_by(numbers)).scalars().all()
    return int(known[place % len(known)])


def _source(draft: Draft, a: int, b: int) -> None:
    a_source(draft, f"Source {draft.next_id('source')}", member_of_id=_any_of(draft, "source", a))


def _claim(draft: Draft, a: int, b: int) -> None:
    a_claim(
        draft,
        source=_any_of(draft, "source", a),
        on=_any_of(draft, "proposition", b),
        stance=("asserts", "denies")[a % 2],
        answers_id=_any_of(draft, "claim", b),
    )


def _assess(draft: Draft, a: int, b: int) -> None:
    status = ("unreviewed", "unverified", "confirmed", "withdrawn")[b % 4]
    journal.assess(draft, _any_of(draft, "claim", a), status, f"because {b % 3}")


def _correct(draft: Draft, a: int, b: int) -> None:
    changes: journal.Values = {
        "source_id": _any_of(draft, "source", b),
        "stance": ("asserts", "no-comment")[b % 2],
    }
    journal.correct(draft, _any_of(draft, "claim", a), changes)


def _settle(draft: Draft, a: int, b: int) -> None:
    verdict = ("open", "supported", "refuted")[b % 3]
    journal.settle(draft, _any_of(draft, "proposition", a), verdict, because=f"b{b}")


def _edit(draft: Draft, a: int, b: int) -> None:
    changes: journal.Values = {"reliability": "ABC"[b % 3], "member_of_id": b % 3 or None}
    draft.update("source", _any_of(draft, "source", a), changes)


def _merge(draft: Draft, a: int, b: int) -> None:
    journal.merge_sources(draft, _any_of(draft, "source", a), _any_of(draft, "source", b))


def _rest(draft: Draft, a: int, b: int) -> None:
    ends = (_any_of(draft, "claim", a), _any_of(draft, "claim", b))
    ground = schema.evidence
    known = sa.select(ground.c.id).where(
        ground.c.claim_id == ends[0], ground.c.on_claim_id == ends[1]
    )
    if draft.connection.execute(known).first() is None:
        draft.insert("evidence", {"claim_id": ends[0], "on_claim_id": ends[1]})


def _alias(draft: Draft, a: int, b: int) -> None:
    name = f"Alias {draft.next_id('source_alias')}"
    draft.insert("source_alias", {"name": name, "source_id": _any_of(draft, "source", a)})


STEPS = (_source, _claim, _assess, _correct, _settle, _edit, _merge, _rest, _alias, _assess)
ENTRIES = st.lists(
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=4,
    ),
    min_size=1,
    max_size=6,
)


def play(store: Store, steps: list[tuple[Any, int, int]]) -> int | None:
    """Record the steps as one entry; its number, or None where they cannot be one."""
    try:
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            for step, a, b in steps:
                step(draft, a, b)
    except LedgerError:
        return None
    return draft.id if draft.rows else None


@COSTLY
@given(entries=ENTRIES)
def test_undo_of_the_newest_entry_gives_back_every_view(
    store: Store, places: Places, entries: list[list[tuple[Any, int, int]]]
) -> None:
    places.clear(store)
    record(
        store,
        lambda draft: a_claim(draft, source="One", on="they-came"),
        lambda draft: a_claim(draft, source="Two", on="they-went"),
    )
    for steps in entries[:-1]:
        play(store, steps)
    before = seen(store)
    wrote = play(store, entries[-1])
    if wrote is None:
        return
    after = seen(store)
    with suppress(LedgerError):
        undo(store, wrote)
    if head(store) == wrote:  # it only added what stays, so that nothing can be undone
        assert {
            view: {key: rows[key] for key in before[view]} for view, rows in after.items()
        } == before
        return
    undone = seen(store)
    for view, rows in before.items():
        assert {key: undone[view].get(key) for key in rows} == rows, view
    assert undone["positions"] == before["positions"]
    new = undone["claims"].keys() - before["claims"].keys()
    assert all(undone["claims"][key]["status"] == "withdrawn" for key in new)
    with store.reader() as connection:
        assert list(chain.verify(connection)) == []
        undo_entry = history.head(connection).entry
    undo(store, undo_entry)
    assert seen(store) == after


def test_a_status_given_again_rests_again_on_what_was_taken_back(store: Store) -> None:
    """The command line finds the ground that is there already, and clears the mark."""
    from click.testing import CliRunner

    from ledger.cli import cli

    record(store, a_claim, a_claim)
    words = ["--db", address(store), "--as", "maria", "assess", "1", "confirmed"]
    words += ["--because", "seen", "--rests-on", "2"]
    assert CliRunner().invoke(cli, words).exit_code == 0
    undo(store, head(store))
    assert row(store, "evidence", 1)["note"].startswith(TAKEN_BACK)
    assert CliRunner().invoke(cli, words).exit_code == 0
    assert row(store, "evidence", 1)["note"] is None
    with store.reader() as connection:
        assert lookup.claim(connection, "2") == 2
        count = sa.select(sa.func.count()).select_from(schema.evidence)
        assert connection.execute(count).scalar() == 1
