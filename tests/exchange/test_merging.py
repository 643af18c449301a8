"""Another analyst's ledger comes in: what is new, what differs, and whose it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger import copying, history, journal, schema, verification
from ledger.errors import InvalidError
from ledger.exchange.deciding import ConflictError, Decision, Decisions
from ledger.exchange.differing import MATTERS
from ledger.exchange.merging import merge_path
from ledger.exchange.taking import Imported
from ledger.store import SQLiteStore, Store
from tests.build import NOON, a_claim
from tests.conftest import COSTLY
from tests.exchange.conftest import Pair, public
from tests.exchange.ledgers import build, ledgers

OURS = Decisions(Decision.OURS)
#: What a merge leaves in their ledger: earlier judgements, and what they received themselves.
LEFT = ("assessments", "receipts")

#: What a matter holds that says nothing.
NOTHING = (None, "unreviewed", "open", "unknown")


def merge(ours: Store, theirs: Store, **options: Any) -> Imported:
    given_ = {"recorded_by": "maria", "recorded_at": NOON, "new": True, **options}
    with in_a_file(theirs) as path:
        return merge_path(ours, path, **given_)


@contextmanager
def in_a_file(store: Store) -> Iterator[Path]:
    """Where the ledger's file is: one that is on a server is copied into one."""
    if store.path:
        yield store.path
        return
    with TemporaryDirectory() as folder:
        path = Path(folder, "copy.db")
        copying.copy(store, SQLiteStore(path))
        yield path


def decided(ours: Store, theirs: Store, choose: Callable[[Any], Decision]) -> Imported:
    """Merge, deciding every conflict as `choose` has it."""
    single: dict[tuple[str, ...], Decision] = {}
    for _ in range(6):
        try:
            return merge(ours, theirs, decisions=Decisions(None, single))
        except ConflictError as error:
            single |= {each.key: choose(each) for each in error.conflicts}
    raise AssertionError("there is always another conflict")


def either(conflict: Any) -> Decision:
    return Decision.BOTH if conflict.may_be_two else Decision.OURS


def counts(store: Store) -> dict[str, int]:
    with store.reader() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, (table, _) in schema.VERSIONED.items()
        }


def is_sound(store: Store) -> bool:
    with store.reader() as connection:
        return not list(verification.faults(connection))


def rows(store: Store, table: str) -> dict[int, dict[str, Any]]:
    with store.reader() as connection:
        target = schema.VERSIONED[table][0]
        found = connection.execute(sa.select(target).order_by(target.c.id)).mappings()
        return {row["id"]: dict(row) for row in found}


def without_texts(ledger: dict[str, Any]) -> dict[str, Any]:
    """Their quotes need not stand in our texts, nor ours in theirs."""
    documents = [{**row, "text": None, "sha256": None} for row in ledger["document"]]
    return {**ledger, "document": documents}


def without_aliases(ledger: dict[str, Any]) -> dict[str, Any]:
    """Where another name of one is a source of its own on the other side, two become one."""
    return {**ledger, "source_alias": [], "merge": None}


PLAIN = ledgers().map(without_texts)


def two(emptied: Pair, mine: dict[str, Any], other: dict[str, Any]) -> tuple[Store, Store]:
    """Our ledger and theirs."""
    ours, theirs = emptied()
    build(ours, mine)
    build(theirs, other)
    return ours, theirs


@COSTLY
@given(ledger=ledgers())
def test_an_empty_ledger_takes_all_of_another(ledger: dict[str, Any], emptied: Pair) -> None:
    ours, theirs = emptied()
    build(theirs, ledger)
    merge(ours, theirs, new=False)
    here, there = public(ours), public(theirs)
    assert {name: here[name] for name in here if name not in LEFT} == {
        name: there[name] for name in there if name not in LEFT
    }
    assert is_sound(ours)


@COSTLY
@given(mine=PLAIN, other=PLAIN)
def test_what_was_merged_is_not_merged_again(
    mine: dict[str, Any], other: dict[str, Any], emptied: Pair
) -> None:
    ours, theirs = two(emptied, mine, other)
    try:
        decided(ours, theirs, either)
    except InvalidError:
        assume(False)
    before = counts(ours)
    again = merge(ours, theirs)
    assert not again.entries
    assert not any(again.added.values())
    assert counts(ours) == before
    assert is_sound(ours)


@COSTLY
@given(mine=PLAIN.map(without_aliases), other=PLAIN.map(without_aliases))
def test_there_and_back_is_no_echo(
    mine: dict[str, Any], other: dict[str, Any], emptied: Pair
) -> None:
    ours, theirs = two(emptied, mine, other)
    try:
        decided(theirs, ours, either)
        decided(ours, theirs, either)
    except InvalidError:
        assume(False)
    # Of sources two there may be one here, by names that are the same but for case.
    for table in ("claim", "document", "proposition", "event"):
        assert counts(ours)[table] == counts(theirs)[table]
    before = counts(ours), counts(theirs)
    assert not any(merge(ours, theirs).added.values())
    assert not any(merge(theirs, ours).added.values())
    assert (counts(ours), counts(theirs)) == before


@COSTLY
@given(mine=PLAIN, other=PLAIN)
def test_what_we_said_is_never_changed_unasked(
    mine: dict[str, Any], other: dict[str, Any], emptied: Pair
) -> None:
    ours, theirs = two(emptied, mine, other)
    before = {table: rows(ours, table) for table in MATTERS}
    try:
        merge(ours, theirs)
    except (ConflictError, InvalidError):
        with ours.reader() as connection:
            assert history.head(connection).entry == max(
                row["entry_id"] for table in before.values() for row in table.values()
            )
    for table, matters in MATTERS.items():
        after = rows(ours, table)
        for number, row in before[table].items():
            for matter in matters:
                if any(row[name] not in NOTHING for name in matter.columns):
                    assert all(row[name] == after[number][name] for name in matter.columns)


@COSTLY
@given(base=PLAIN, data=st.data())
def test_two_copies_that_went_on_come_together(
    base: dict[str, Any], data: st.DataObject, emptied: Pair, tmp_path_factory: Any
) -> None:
    """Each assesses claims of its own and adds one: nothing is doubled, nothing asked."""
    ours, theirs = emptied()
    build(ours, base)
    build(theirs, base)
    claims = [*rows(ours, "claim")]
    his = {number for number in claims if data.draw(st.booleans())}
    for store, who, numbers in ((ours, "maria", {*claims} - his), (theirs, "tom", his)):
        with journal.entry(store, recorded_by=who, recorded_at=NOON) as draft:
            for number in numbers:
                journal.assess(draft, number, "confirmed", f"{who} saw it")
            a_claim(draft, source=f"{who}'s source", on=f"{who}-says")
    merge(ours, theirs)
    found = rows(ours, "claim")
    assert len(found) == len(claims) + 2
    for number in claims:
        assert found[number]["because"] == f"{'tom' if number in his else 'maria'} saw it"
    assert not merge(ours, theirs).entries
    assert is_sound(ours)
