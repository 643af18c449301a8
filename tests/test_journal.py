"""The one writer: entries, versions, checks against neighbours, and that all of it verifies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from ledger import chain, history, journal, lookup, migrate, schema
from ledger.errors import InvalidError, NotFoundError
from ledger.model import RELIABILITIES, STANCES, STATUSES, Verdict
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source, an_event
from tests.conftest import COSTLY
from tests.places import Places, contents


@contextmanager
def entry(store: Store, days: float = 0, **given: Any) -> Iterator[journal.Draft]:
    moment = NOON + timedelta(days=days)
    with journal.entry(store, **{"recorded_by": "maria", "recorded_at": moment, **given}) as draft:
        yield draft


def rows(store: Store, table: sa.Table) -> list[dict[str, Any]]:
    with store.reader() as connection:
        query = sa.select(table).order_by(*table.primary_key)
        return [dict(row) for row in connection.execute(query).mappings()]


def refused(draft: journal.Draft, table: str, **values: journal.Value) -> dict[str, str]:
    """What is wrong with a row, by column; it must leave nothing."""
    before = draft.rows
    with pytest.raises(InvalidError) as caught:
        draft.insert(table, values)
    assert draft.rows == before
    return {problem.column: problem.what for problem in caught.value.problems}


def sound(store: Store) -> None:
    with store.reader() as connection:
        assert not list(chain.verify(connection))


def test_a_change_moves_the_old_version_to_history(store: Store) -> None:
    with entry(store) as draft:
        claim = a_claim(draft, stance="denies")
    with entry(store, 1, recorded_by="jan") as draft:
        assert journal.assess(draft, claim, "doubtful", "leans against")
    (now,) = rows(store, schema.claim)
    (then,) = rows(store, schema.claim_history)
    assert (now["status"], now["because"], now["entry_id"]) == ("doubtful", "leans against", 2)
    assert (then["status"], then["because"], then["entry_id"]) == ("unreviewed", None, 1)
    assert then["until_entry_id"] == 2
    assert [row["recorded_by"] for row in rows(store, schema.entry)] == ["maria", "jan"]
    sound(store)


def test_an_entry_that_writes_nothing_is_not_made(store: Store) -> None:
    with entry(store):
        pass
    with entry(store) as draft:
        claim = a_claim(draft)
    with entry(store) as draft:
        assert not journal.assess(draft, claim, "unreviewed", None)
        assert not draft.update("claim", claim, {"note": None, "because": ""})
    assert len(rows(store, schema.entry)) == 1


def test_an_exception_leaves_nothing(store: Store) -> None:
    before = contents(store)
    with pytest.raises(KeyError), entry(store) as draft:  # noqa: PT012 - raised at the end
        a_claim(draft)
        raise KeyError
    assert contents(store) == before


def test_several_entries_are_kept_together_or_not_at_all(store: Store) -> None:
    with journal.transaction(store) as opened:
        for name in ("TASS", "CBS"):
            with opened.entry(recorded_by="maria", recorded_at=NOON) as draft:
                a_source(draft, name)
    with pytest.raises(KeyError), journal.transaction(store) as opened:  # noqa: PT012 - at the end
        with opened.entry(recorded_by="maria", recorded_at=NOON) as draft:
            a_source(draft, "BBC")
        raise KeyError
    assert [row["name"] for row in rows(store, schema.source)] == ["TASS", "CBS"]
    assert [row["id"] for row in rows(store, schema.entry)] == [1, 2]
    sound(store)


def test_a_clock_that_was_set_back_does_not_turn_history_round(store: Store) -> None:
    with entry(store, 1) as draft:
        a_source(draft, "TASS")
    with entry(store, 0) as draft:
        a_source(draft, "CBS")
        assert draft.clock_behind == timedelta(days=1)
    times = [row["recorded_at"] for row in rows(store, schema.entry)]
    assert times == [NOON + timedelta(days=1)] * 2
    sound(store)


def test_times_are_kept_in_whole_seconds_of_utc(store: Store) -> None:
    east = datetime.fromisoformat("2026-03-01T15:00:00.999999+03:00")
    with entry(store, recorded_at=east) as draft:
        document = a_document(draft, retrieved_at=east)
    with entry(store, 1) as draft:
        assert not draft.update("document", document, {"retrieved_at": NOON})
    assert rows(store, schema.entry)[0]["recorded_at"] == NOON
    assert rows(store, schema.document)[0]["retrieved_at"] == NOON
    sound(store)


@pytest.mark.parametrize(
    "given",
    [
        {"recorded_by": ""},
        {"recorded_by": "  "},
        {"recorded_by": "a\0b"},
        {"message": "\ud800"},
        {"recorded_at": datetime(2026, 3, 1)},  # noqa: DTZ001 - the point of the test
    ],
)
def test_an_entry_needs_an_analyst_and_a_moment_with_a_zone(
    store: Store, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidError), entry(store, **given):
        pass


def test_text_is_stored_exactly_as_it_came(store: Store) -> None:
    text = "  \r\n\t“quoted” \u202e\x1b[31m e\u0301 é 😀 =1+1 '; DROP TABLE claim; --  "
    with entry(store, message=text) as draft:
        a_source(draft, note=text)
    assert rows(store, schema.source)[0]["note"] == text
    assert rows(store, schema.entry)[0]["message"] == text
    sound(store)


def test_empty_text_is_nothing(store: Store) -> None:
    with entry(store) as draft:
        number = a_source(draft, note="", side="")
    with entry(store) as draft:
        draft.update("source", number, {"note": "x"})
    with entry(store) as draft:
        draft.update("source", number, {"note": ""})
    assert rows(store, schema.source)[0]["note"] is None
    sound(store)


def test_many_rows_at_once_are_what_one_after_another_would_be(
    store: Store, places: Places
) -> None:
    one_by_one = places.empty()
    claims: list[dict[str, journal.Value]] = [
        {"proposition_id": 1, "source_id": 1, "stance": "asserts", "low": low, "wording": str(low)}
        for low in range(2500)
    ]
    with entry(store) as draft:
        a_count(draft), a_source(draft)
        assert draft.insert_all("claim", claims) == 2500
    with entry(one_by_one) as draft:
        a_count(draft), a_source(draft)
        for values in claims:
            draft.insert("claim", values)
    assert rows(store, schema.claim) == rows(one_by_one, schema.claim)
    assert rows(store, schema.entry) == rows(one_by_one, schema.entry)
    sound(store)
    places.done(one_by_one)


ASSESSED: journal.Values = {"status": "unverified", "because": "one origin"}

#: By table: changes of many rows at once, and whether their order or their number matters.
MANY: dict[str, list[tuple[str, list[tuple[int, journal.Values]]]]] = {
    "claim": [
        ("the same columns", [(number, ASSESSED) for number in range(1, 1201)]),
        (
            "other columns",
            [(3, {"low": None, "note": "x"}), (1, ASSESSED), (2, {"low": 9}), (4, {"note": ""})],
        ),
        ("the same row twice, the same", [(1, ASSESSED), (1, ASSESSED)]),
        ("none", []),
    ],
    "event": [
        ("a slug that is passed on", [(1, {"slug": "c"}), (2, {"slug": "a"})]),
        ("a day", [(1, {"started_on": date(2018, 2, 7)}), (2, {"title": "Another"})]),
    ],
    "source": [("in a ring's order", [(2, {"member_of_id": None}), (1, {"member_of_id": 2})])],
}


def filled(store: Store) -> None:
    with entry(store) as draft:
        a_count(draft), a_source(draft, "A"), a_source(draft, "B", member_of_id=1)
        an_event(draft, "a"), an_event(draft, "b")
        claim: journal.Values = {"proposition_id": 1, "source_id": 1, "stance": "asserts"}
        draft.insert_all("claim", ({**claim, "low": n, "wording": str(n)} for n in range(1200)))


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        pytest.param(table, changes, id=f"{table}: {told}")
        for table, cases in MANY.items()
        for told, changes in cases
    ],
)
def test_many_changes_at_once_are_what_one_after_another_would_be(
    store: Store, places: Places, table: str, changes: list[tuple[int, journal.Values]]
) -> None:
    filled(store)
    one_by_one = places.empty()
    places.fill(one_by_one, store)
    with entry(store, 1) as draft:
        wrote = draft.update_all(table, changes)
    with entry(one_by_one, 1) as draft:
        assert sum(draft.update(table, *each) for each in changes) == wrote
    for each in (*schema.VERSIONED[table], schema.entry):
        assert rows(store, each) == rows(one_by_one, each)
    sound(store)
    places.done(one_by_one)


@pytest.mark.parametrize(
    ("table", "changes", "what"),
    [
        ("claim", [(1, ASSESSED), (2, {"status": "confirmed"})], "needs a reason"),
        ("claim", [(1, ASSESSED), (1, {"status": "unreviewed"})], "written it already"),
        ("event", [(1, {"slug": "c"}), (2, {"slug": "c"})], "is the name of event 1"),
        ("source", [(2, {"member_of_id": None}), (1, {"member_of_id": 1})], "member of itself"),
        ("claim", [(1, ASSESSED), (1201, ASSESSED)], "there is no claim 1201"),
    ],
)
def test_what_one_change_may_not_many_at_once_may_not_either(
    store: Store, table: str, changes: list[tuple[int, journal.Values]], what: str
) -> None:
    filled(store)
    with pytest.raises((InvalidError, NotFoundError)) as caught, entry(store) as draft:
        draft.update_all(table, changes)
    error = caught.value
    told = [str(error), *(map(str, error.problems) if isinstance(error, InvalidError) else ())]
    assert what in "; ".join(told)
    assert [row["id"] for row in rows(store, schema.entry)] == [1]


def test_sources_do_not_become_members_of_one_another_at_once(store: Store) -> None:
    with entry(store) as draft:
        a_source(draft, "A"), a_source(draft, "B")
    with pytest.raises(InvalidError), entry(store) as draft:
        draft.update_all("source", [(1, {"member_of_id": 2}), (2, {"member_of_id": 1})])
    ring: list[journal.Values] = [
        {"name": "C", "member_of_id": 4},
        {"name": "D", "member_of_id": 3},
    ]
    with pytest.raises(InvalidError), entry(store) as draft:
        draft.insert_all("source", ring)


class TestNeighbours:
    """Rules that need a look at the other rows."""

    def test_a_name_is_taken_once_among_sources_and_aliases(self, draft: journal.Draft) -> None:
        number = a_source(draft, "Pentagon")
        draft.insert("source_alias", {"source_id": number, "name": "DoD"})
        assert refused(draft, "source", name="Pentagon") == {
            "name": "“Pentagon” is the name of source 1"
        }
        assert refused(draft, "source", name="DoD") == {
            "name": "“DoD” is the name of source alias 1"
        }
        for name in ("Pentagon", "DoD"):
            assert "name" in refused(draft, "source_alias", source_id=number, name=name)

    def test_a_slug_is_taken_once(self, draft: journal.Draft) -> None:
        an_event(draft, "clash"), a_document(draft, "article"), a_fact(draft, "they-came")
        an_event(draft, "article")  # a slug is a name among its own kind
        assert "slug" in refused(draft, "event", slug="clash", title="Another")
        assert "slug" in refused(draft, "document", slug="article", title="Another")
        assert "slug" in refused(draft, "proposition", slug="they-came", text="x", kind="fact")

    def test_a_name_is_taken_once_among_many_rows_at_once(self, draft: journal.Draft) -> None:
        a_source(draft, "Pentagon")
        for names in (["TASS", "TASS"], ["CBS", "Pentagon"]):
            with pytest.raises(InvalidError):
                draft.insert_all("source", [{"name": name} for name in names])

    def test_a_name_is_not_changed_into_one_that_is_taken(self, store: Store) -> None:
        with entry(store) as draft:
            a_source(draft, "Pentagon"), a_source(draft, "TASS")
        with entry(store) as draft:
            with pytest.raises(InvalidError, match="cannot be recorded"):
                draft.update("source", 2, {"name": "Pentagon"})
            draft.update("source", 2, {"name": "Tass"})
        sound(store)

    def test_a_claim_needs_its_proposition_first(self, draft: journal.Draft) -> None:
        a_source(draft)
        told = refused(draft, "claim", proposition_id=9, source_id=1, stance="asserts", low=3)
        assert told == {"proposition_id": "there is no proposition 9"}

    def test_other_links_may_come_in_any_order_but_must_be_there_at_the_end(
        self, store: Store
    ) -> None:
        with entry(store) as draft:
            claim = a_claim(draft, answers_id=2, document_id=1)
            a_claim(draft, stance="denies", answers_id=claim)
            a_document(draft)
        sound(store)
        with pytest.raises(InvalidError) as caught, entry(store) as draft:
            a_claim(draft, via=77, document_id=99)
        assert [(each.column, each.what) for each in caught.value.problems] == [
            ("document_id", "claim 3 names document 99, which is not there"),
            ("via_id", "claim 3 names source 77, which is not there"),
        ]
        assert len(rows(store, schema.claim)) == 2

    def test_a_quote_must_stand_in_the_attached_text(self, store: Store) -> None:
        text = "He said: “We did not come.” And again: “We did not come.”"
        with entry(store) as draft:
            document = a_document(draft, text=text)
            a_claim(draft, document_id=document, quote="We did  not come")
            with pytest.raises(InvalidError) as caught:
                a_claim(draft, document_id=document, quote="We never came")
            with pytest.raises(InvalidError):
                a_claim(draft, document_id=document, quote="We did", quote_prefix="She said: “")
            a_claim(draft, document_id=a_document(draft, "other"), quote="We never came")
        assert str(caught.value.problems[0]) == (
            "quote: “We never came” is not in the document's attached text"
            " (allowed: the words exactly as printed)"
        )

    def test_a_text_is_attached_only_if_it_holds_the_quotes(self, store: Store) -> None:
        with entry(store) as draft:
            document = a_document(draft)
            a_claim(draft, document_id=document, quote="We did not come")
        with entry(store) as draft:
            with pytest.raises(InvalidError) as caught:
                draft.update("document", document, {"text": "Another article."})
            assert draft.update("document", document, {"text": "“We did not come.”"})
        assert "claim 1" in caught.value.problems[0].what

    def test_a_proposition_with_claims_keeps_its_kind(self, store: Store) -> None:
        with entry(store) as draft:
            fact, free = a_fact(draft), a_fact(draft, "free")
            a_claim(draft, on=fact)
        count = {"kind": "count", "unit": "people"}
        with entry(store) as draft:
            with pytest.raises(InvalidError) as caught:
                draft.update("proposition", fact, count)
            assert draft.update("proposition", free, count)
            a_claim(draft, on=free, low=3)
        assert [problem.column for problem in caught.value.problems] == ["kind"]

    def test_no_source_is_a_member_of_itself_through_others(self, store: Store) -> None:
        with entry(store) as draft:
            army = a_source(draft, "Army")
            brigade = a_source(draft, "Brigade", member_of_id=army)
            company = a_source(draft, "Company", member_of_id=brigade)
        with entry(store) as draft, pytest.raises(InvalidError, match="cannot be recorded"):
            draft.update("source", army, {"member_of_id": company})

    @pytest.mark.parametrize(
        ("table", "column", "value"),
        [
            ("source", "name", 5),
            ("source", "note", b"bytes"),
            ("claim", "stated_on", "2018-02-08"),
            ("claim", "stated_on", NOON),
            ("claim", "low", "5"),
            ("claim", "low", 5.0),
            ("claim", "source_id", True),
            ("claim", "source_id", 2**53),
            ("document", "retrieved_at", date(2018, 2, 8)),
            ("document", "retrieved_at", datetime(2018, 2, 8)),  # noqa: DTZ001 - the point
            ("source", "colour", "blue"),
            ("source", "leaf", "x"),
        ],
    )
    def test_a_value_of_another_type_is_refused(
        self, draft: journal.Draft, table: str, column: str, value: Any
    ) -> None:
        # SQLite would store it, and its leaf would not be the one that was hashed.
        a_fact(draft), a_source(draft)
        whole: dict[str, dict[str, journal.Value]] = {
            "source": {"name": "TASS"},
            "claim": {"proposition_id": 1, "source_id": 1, "stance": "asserts"},
            "document": {"slug": "article", "title": "T"},
        }
        assert column in refused(draft, table, **{**whole[table], column: value})


def test_a_row_is_written_once_in_an_entry(store: Store) -> None:
    with entry(store) as draft:
        claim = a_claim(draft)
        with pytest.raises(InvalidError, match="twice in one entry"):
            journal.assess(draft, claim, "confirmed", "why")
    sound(store)


def test_a_row_that_is_not_there_is_not_changed(draft: journal.Draft) -> None:
    with pytest.raises(NotFoundError, match="there is no claim 7"):
        draft.update("claim", 7, {"note": "x"})


def test_a_status_is_assessed_and_not_corrected(store: Store) -> None:
    with entry(store) as draft:
        claim = a_claim(draft)
    with entry(store) as draft:
        with pytest.raises(InvalidError):
            journal.correct(draft, claim, {"status": "confirmed", "because": "x"})
        assert journal.correct(draft, claim, {"note": "mended"})


def test_an_entry_that_failed_may_be_mended_and_go_on(store: Store) -> None:
    with entry(store) as draft:
        with pytest.raises(InvalidError):
            a_claim(draft, stance="shouts")
        assert a_claim(draft) == 1
    sound(store)


class TestMerger:
    """Two names that turn out to be one source."""

    def test_everything_names_the_one_that_is_left(self, store: Store) -> None:
        with entry(store) as draft:
            one, two = a_source(draft, "Pentagon"), a_source(draft, "The Pentagon")
            mattis = a_source(draft, "Mattis", member_of_id=two)
            document = a_document(draft, publisher_id=two)
            alias = draft.insert("source_alias", {"source_id": two, "name": "DoD"})
            said = a_claim(draft, source=two)
            relayed = a_claim(draft, source=mattis, via=two)
        with entry(store) as draft:
            counts = journal.merge_sources(draft, two, one)
        assert counts == {"source": 1, "document": 1, "claim": 2, "source_alias": 1}
        claims = {row["id"]: row for row in rows(store, schema.claim)}
        assert claims[said]["source_id"] == claims[relayed]["via_id"] == one
        assert rows(store, schema.document)[document - 1]["publisher_id"] == one
        assert rows(store, schema.source_alias)[alias - 1]["source_id"] == one
        assert rows(store, schema.source)[mattis - 1]["member_of_id"] == one
        with store.reader() as connection:
            for name in ("Pentagon", "The Pentagon", "DoD", "#2"):
                assert lookup.source(connection, name) == lookup.Found(one, "Pentagon")
            known = connection.exec_driver_sql("SELECT alias, source FROM aliases ORDER BY 1").all()
        assert known == [("DoD", "Pentagon"), ("The Pentagon", "Pentagon")]
        sound(store)

    def test_a_merger_of_mergers_still_leads_to_the_one_that_is_left(self, store: Store) -> None:
        with entry(store) as draft:
            for name in ("a-one", "b-two", "c-three"):
                a_source(draft, name)
            draft.insert("source_alias", {"source_id": 1, "name": "uno"})
        with entry(store) as draft:
            journal.merge_sources(draft, 1, 2)
        with entry(store) as draft:
            journal.merge_sources(draft, 2, 3)
        with store.reader() as connection:
            for name in ("a-one", "b-two", "c-three", "uno", "1", "2"):
                assert lookup.source(connection, name).id == 3
            known = connection.exec_driver_sql("SELECT alias, id FROM aliases ORDER BY 1").all()
        assert known == [("a-one", 3), ("b-two", 3), ("uno", 3)]
        sound(store)

    @pytest.mark.parametrize(("one", "into"), [(1, 1), (2, 3), (3, 2)])
    def test_what_is_one_already_is_not_merged_again(
        self, store: Store, one: int, into: int
    ) -> None:
        with entry(store) as draft:
            for name in ("a-one", "b-two", "c-three"):
                a_source(draft, name)
        with entry(store) as draft:
            journal.merge_sources(draft, 2, 1)
        with entry(store) as draft, pytest.raises(InvalidError, match="cannot be merged"):
            journal.merge_sources(draft, one, into)

    def test_no_claim_becomes_relayed_by_its_own_source(self, store: Store) -> None:
        with entry(store) as draft:
            a_claim(draft, source="TASS", via="Tass agency")
        before = contents(store)
        with pytest.raises(InvalidError), entry(store) as draft:
            journal.merge_sources(draft, 1, 2)
        assert contents(store) == before

    def test_a_member_that_is_merged_into_its_organisation(self, store: Store) -> None:
        with entry(store) as draft:
            whole = a_source(draft, "Ministry")
            part = a_source(draft, "Ministry press office", member_of_id=whole)
        with entry(store) as draft:
            journal.merge_sources(draft, whole, part)
        assert rows(store, schema.source)[part - 1]["member_of_id"] is None
        sound(store)


class Ledger(RuleBasedStateMachine):
    """Whatever analysts do, in whatever order, the chain verifies and nothing is lost."""

    sources = Bundle("sources")
    propositions = Bundle("propositions")
    claims = Bundle("claims")
    places: Places
    empty: Store

    @initialize()
    def begin(self) -> None:
        self.store = self.empty
        self.places.clear(self.store)
        self.versions = 0

    @contextmanager
    def entry(self) -> Iterator[journal.Draft]:
        with entry(self.store) as draft:
            yield draft
            written = draft.rows
        self.versions += written

    @rule(target=sources, name=st.text("abc", min_size=1, max_size=3))
    def add_source(self, name: str) -> Any:
        try:
            with self.entry() as draft:
                return a_source(draft, name)
        except InvalidError:
            return multiple()

    @rule(target=propositions, slug=st.text("abc", min_size=1, max_size=3), count=st.booleans())
    def add_proposition(self, slug: str, *, count: bool) -> Any:
        try:
            with self.entry() as draft:
                return a_count(draft, slug) if count else a_fact(draft, slug)
        except InvalidError:
            return multiple()

    @rule(
        target=claims,
        source=sources,
        proposition=propositions,
        stance=st.sampled_from([stance.code for stance in STANCES]),
        low=st.one_of(st.none(), st.integers(0, 500)),
        said=st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2030, 1, 1))),
        note=st.one_of(st.none(), st.text(max_size=10)),
    )
    def add_claim(
        self,
        source: int,
        proposition: int,
        stance: str,
        low: int | None,
        said: date | None,
        note: str | None,
    ) -> Any:
        try:
            with self.entry() as draft:
                day = None if said is None else said.isoformat()
                return a_claim(
                    draft,
                    source=source,
                    on=proposition,
                    stance=stance,
                    low=low,
                    said=day,
                    note=note,
                )
        except InvalidError:
            return multiple()

    @rule(
        claim=claims,
        status=st.sampled_from([status.code for status in STATUSES]),
        because=st.sampled_from([None, "why", "why else"]),
    )
    def assess(self, claim: int, status: str, because: str | None) -> None:
        try:
            with self.entry() as draft:
                journal.assess(draft, claim, status, because)
        except InvalidError:
            assert because is None

    @rule(claim=claims, note=st.text(max_size=5), answers=claims)
    def correct(self, claim: int, note: str, answers: int) -> None:
        try:
            with self.entry() as draft:
                journal.correct(draft, claim, {"note": note, "answers_id": answers})
        except InvalidError:
            assert claim == answers or "\0" in note

    @rule(
        proposition=propositions,
        verdict=st.sampled_from([verdict.value for verdict in Verdict]),
        low=st.one_of(st.none(), st.integers(0, 9)),
    )
    def settle(self, proposition: int, verdict: str, low: int | None) -> None:
        try:
            with self.entry() as draft:
                journal.settle(draft, proposition, verdict, because="why", low=low)
        except InvalidError:
            assert low is not None

    @rule(one=sources, into=sources, grade=st.sampled_from(RELIABILITIES))
    def merge_or_grade(self, one: int, into: int, grade: str) -> None:
        try:
            with self.entry() as draft:
                journal.merge_sources(draft, one, into)
        except InvalidError:
            with self.entry() as draft:
                draft.update("source", one, {"reliability": grade})

    @invariant()
    def it_verifies_and_every_version_is_there(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.reader() as connection:
            assert not list(chain.verify(connection))
            kept = sum(
                connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for pair in schema.VERSIONED.values()
                for table in pair
            )
        assert kept == self.versions


def test_whatever_is_done_in_whatever_order_verifies(store: Store, places: Places) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Ledger.places, Ledger.empty = places, store
    run_state_machine_as_test(
        Ledger,
        settings=settings(COSTLY, stateful_step_count=12),
    )


def test_the_template_is_an_empty_ledger(store: Store) -> None:
    assert migrate.current(store) == schema.REVISION
    with store.reader() as connection:
        assert history.head(connection).entry == 0


def test_utc_is_what_moments_come_back_in(store: Store) -> None:
    with entry(store) as draft:
        a_source(draft)
    assert rows(store, schema.entry)[0]["recorded_at"].tzinfo is UTC


def not_closed(store: Store, change: Callable[[journal.Draft], object]) -> list[str]:
    """What an entry is refused for when it is closed; it leaves nothing."""
    before = contents(store)
    with pytest.raises(InvalidError) as caught, entry(store) as draft:
        change(draft)
    assert contents(store) == before
    return [f"{problem.column}: {problem.what}" for problem in caught.value.problems]


def update(number: int, **changes: journal.Value) -> Callable[[journal.Draft], object]:
    return lambda draft: journal.correct(draft, number, changes)


def test_a_claim_repeats_only_what_says_the_same(store: Store) -> None:
    with entry(store) as draft:
        first = a_claim(draft, source="Wire")
        a_fact(draft, "they-went")
        a_source(draft, "Outlet")
        passed_on = a_claim(draft, source="Outlet", stance="relays", repeats_id=first)
        a_claim(draft, source="Paper", stance="denies", repeats_id=passed_on)
        a_claim(draft, source="Radio", stance="concedes", repeats_id=first)
    assert not_closed(
        store,
        lambda draft: a_claim(draft, source="Outlet", on="they-went", repeats_id=first),
    ) == ["repeats_id: claim 5 repeats claim 1, which is on another proposition"]
    assert not_closed(
        store, lambda draft: a_claim(draft, source="Outlet", stance="no-comment", repeats_id=first)
    ) == ["repeats_id: claim 5 repeats claim 1, which is of another side (asserts, not no-comment)"]
    assert not_closed(store, update(4, stance="denies")) == [
        "repeats_id: claim 4 repeats claim 1, which is of another side (asserts, not denies)"
    ]


def test_a_claim_that_is_repeated_is_not_moved_away(store: Store) -> None:
    with entry(store) as draft:
        first = a_claim(draft, source="Wire")
        elsewhere = a_fact(draft, "they-went")
        a_claim(draft, source="Outlet", repeats_id=first)
    assert not_closed(store, update(first, proposition_id=elsewhere)) == [
        "repeats_id: claim 2 repeats claim 1, which is on another proposition"
    ]
    assert not_closed(store, update(first, stance="denies")) == [
        "repeats_id: claim 2 repeats claim 1, which is of another side (denies, not asserts)"
    ]
    with entry(store) as draft:  # together they may go
        for number in (first, 2):
            journal.correct(draft, number, {"proposition_id": elsewhere})
    with entry(store) as draft:
        journal.assess(draft, first, "withdrawn", "entered twice")
    sound(store)


def test_a_retraction_takes_back_what_its_source_has_said(store: Store) -> None:
    nothing = "takes back what its source has not said on this proposition by then"
    with entry(store) as draft:
        a_claim(draft, source="Wire", said="2018-02-08")
        a_claim(draft, source="Paper", on="they-went")
        a_claim(draft, source="Wire", stance="retracts", stated_on=date(2018, 2, 1),
                stated_precision="month")  # fmt: skip
    wrong: list[dict[str, Any]] = [{"on": "they-went"}, {"source": "Paper"}, {"said": "2018-02-07"}]
    for given in wrong:
        retracting = partial(a_claim, **{"source": "Wire", "stance": "retracts", **given})
        assert not_closed(store, retracting) == [f"stance: claim 4 {nothing}"]
    changed: list[dict[str, Any]] = [
        {"source_id": 2},
        {"proposition_id": 2},
        {"stance": "retracts"},
        {"stated_on": date(2018, 3, 1)},
    ]
    for changes in changed:
        found = not_closed(store, update(1, **changes))
        assert f"stance: claim 3 {nothing}" in found
    with entry(store) as draft:
        journal.assess(draft, 1, "withdrawn", "entered in error")
        journal.correct(draft, 3, {"note": "kept"})
    with entry(store) as draft:
        journal.merge_sources(draft, 1, 2)
    sound(store)


def test_what_is_yet_to_come_has_not_been_said(store: Store) -> None:
    with entry(store) as draft:
        what = refused(draft, "document", slug="d", title="D", published_on=date(2026, 3, 3))
        assert what == {"published_on": "2026-03-03 is later than today, 2026-03-01"}
        a_document(draft, "d", published_on=date(2026, 3, 2))
        a_claim(draft, said="2026-03-02")
        with pytest.raises(InvalidError, match="cannot be recorded") as caught:
            a_claim(draft, said="2026-03-03")
        assert [problem.column for problem in caught.value.problems] == ["stated_on"]


def test_a_proposition_that_was_not_there_yet_is_found_when_it_is(draft: journal.Draft) -> None:
    source = a_source(draft)
    claim: journal.Values = {"proposition_id": 1, "source_id": source, "stance": "asserts"}
    assert "proposition_id" in refused(draft, "claim", **claim)
    new: journal.Values = {"slug": "they-came", "text": "They came.", "kind": "fact"}
    assert draft.insert_all("proposition", [new]) == 1
    assert draft.insert("claim", claim) == 1
