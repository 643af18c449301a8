"""What a merge makes of this and that: names, slugs, texts, corrections, judgements, origins."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import copying, journal, schema
from ledger.errors import BadFileError, InvalidError, LedgerError
from ledger.exchange.deciding import (
    ConflictError,
    Decision,
    Decisions,
    read_decisions,
    write_conflicts,
)
from ledger.exchange.taking import Imported
from ledger.journal import Draft, Value
from ledger.store import SQLiteStore, Store
from ledger.views import RECEIPTS
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source, an_event
from tests.exchange.conftest import Fresh
from tests.exchange.test_merging import counts, is_sound, merge, rows

Record = Callable[[Store, Callable[[Draft], Any]], None]


def by(store: Store, who: str, *steps: Callable[[Draft], Any]) -> None:
    """Each step an entry by `who`."""
    for step in steps:
        with journal.entry(store, recorded_by=who, recorded_at=NOON) as draft:
            step(draft)


def copied(store: Store, path: Path) -> Store:
    target = SQLiteStore(path)
    copying.copy(store, target)
    return target


def claims(store: Store) -> dict[int, dict[str, Any]]:
    return rows(store, "claim")


def receipts(store: Store, **where: object) -> list[Any]:
    view = RECEIPTS.table
    query = sa.select(view).where(*(view.c[name] == value for name, value in where.items()))
    with store.reader() as connection:
        return [*connection.execute(query.order_by(view.c.id))]


@pytest.fixture
def theirs(fresh: Fresh) -> Store:
    return fresh()


# Names and slugs.


def test_a_source_is_met_by_another_name_of_ours(store: Store, theirs: Store) -> None:
    def pentagon(draft: Draft) -> None:
        number = a_source(draft, "US Department of Defense")
        draft.insert("source_alias", {"source_id": number, "name": "Pentagon"})

    by(store, "maria", pentagon)
    by(theirs, "tom", lambda draft: a_claim(draft, source="Pentagon"))
    done = merge(store, theirs)
    assert done.added["source"] == 0
    assert claims(store)[1]["source_id"] == 1


def test_a_source_is_met_by_another_name_of_theirs_which_becomes_one_of_ours(
    store: Store, theirs: Store
) -> None:
    def department(draft: Draft) -> None:
        number = a_source(draft, "US Department of Defense")
        draft.insert("source_alias", {"source_id": number, "name": "Pentagon"})

    by(store, "maria", lambda draft: a_source(draft, "Pentagon"))
    by(theirs, "tom", department)
    done = merge(store, theirs)
    assert "“US Department of Defense” there is “Pentagon” here" in done.notes[0]
    assert [row["name"] for row in rows(store, "source").values()] == ["Pentagon"]
    (alias,) = rows(store, "source_alias").values()
    assert (alias["name"], alias["source_id"]) == ("US Department of Defense", 1)
    assert not merge(store, theirs).entries


def test_a_name_that_only_looks_like_ours_is_asked_about(store: Store, theirs: Store) -> None:
    by(store, "maria", lambda draft: a_source(draft, "Jim Mattis"))
    by(theirs, "tom", lambda draft: a_source(draft, "Jim Matis"))
    with pytest.raises(BadFileError) as caught:
        merge(store, theirs, new=False)
    assert "“Jim Matis” looks like “Jim Mattis”" in str(caught.value.rows[0].problem)
    assert counts(store)["source"] == 1
    assert merge(store, theirs, new=True).added["source"] == 1


def test_their_other_name_that_is_a_source_of_ours_is_a_conflict(
    store: Store, theirs: Store
) -> None:
    def one(draft: Draft) -> None:
        number = a_source(draft, "Pentagon")
        draft.insert("source_alias", {"source_id": number, "name": "DoD"})

    by(store, "maria", lambda draft: (a_source(draft, "Pentagon"), a_source(draft, "DoD")))
    by(theirs, "tom", one)
    with pytest.raises(ConflictError) as caught:
        merge(store, theirs)
    (conflict,) = caught.value.conflicts
    assert (conflict.ours.said, conflict.theirs.said) == (
        "source DoD",
        "another name of Pentagon",
    )
    with pytest.raises(LedgerError, match="are one source there, and two here"):
        merge(store, theirs, decisions=Decisions(Decision.THEIRS))
    merge(store, theirs, decisions=Decisions(Decision.OURS))
    assert not merge(store, theirs).entries


def test_a_merger_of_theirs_waits_for_one_of_ours(store: Store, theirs: Store) -> None:
    def two(draft: Draft) -> None:
        a_source(draft, "CBS")
        a_source(draft, "CBS News")

    by(store, "maria", two)
    by(theirs, "tom", two, lambda draft: journal.merge_sources(draft, 2, 1))
    with pytest.raises(ConflictError) as caught:
        merge(store, theirs)
    assert [each.matter for each in caught.value.conflicts] == ["merged_into"]
    by(store, "maria", lambda draft: journal.merge_sources(draft, 2, 1))
    merge(store, theirs)
    assert counts(store)["source"] == 2


def test_sources_that_were_merged_there_come_merged(store: Store, theirs: Store) -> None:
    by(
        theirs,
        "tom",
        lambda draft: (a_source(draft, "CBS"), a_source(draft, "CBS News")),
        lambda draft: a_claim(draft, source="CBS News"),
        lambda draft: journal.merge_sources(draft, 2, 1),
    )
    merge(store, theirs)
    assert rows(store, "source")[2]["merged_into_id"] == 1
    assert claims(store)[1]["source_id"] == 1


def test_the_same_slug_for_two_things_is_a_conflict_that_may_be_both(
    store: Store, theirs: Store
) -> None:
    by(store, "maria", lambda draft: a_document(draft, "article", title="On the clash"))

    def quoted(draft: Draft) -> None:
        a_document(draft, "article", title="On the strike")
        a_claim(draft, document_id=1, quote="It was so.")

    by(theirs, "tom", quoted)
    with pytest.raises(ConflictError) as caught:
        merge(store, theirs)
    (conflict,) = caught.value.conflicts
    assert conflict.may_be_two
    both = Decisions(None, {conflict.key: Decision.BOTH})
    merge(store, theirs, decisions=both)
    assert [row["slug"] for row in rows(store, "document").values()] == ["article", "article-2"]
    assert claims(store)[1]["document_id"] == 2
    # It is known from now on: no conflict, and nothing new.
    assert not merge(store, theirs).entries


def test_the_same_text_under_another_slug_is_the_same_document(store: Store, theirs: Store) -> None:
    digest = sha256(b"text").hexdigest()
    by(store, "maria", lambda draft: a_document(draft, "ours", sha256=digest))
    by(theirs, "tom", lambda draft: a_document(draft, "theirs", title="The document ours",
                                               sha256=digest))  # fmt: skip
    done = merge(store, theirs)
    assert counts(store)["document"] == 1
    assert "“theirs” there is “ours” here" in done.notes[0]


def test_the_same_address_with_another_text_is_another_document(
    store: Store, theirs: Store
) -> None:
    url = "https://example.org/1"
    for each, slug in ((store, "ours"), (theirs, "theirs")):
        digest = sha256(slug.encode()).hexdigest()
        by(each, "x", lambda draft, slug=slug, digest=digest: a_document(  # type: ignore[misc]
            draft, slug, url=url, sha256=digest))  # fmt: skip
    merge(store, theirs)
    assert counts(store)["document"] == 2


# Texts.


def test_a_text_that_is_attached_there_comes_along(store: Store, theirs: Store) -> None:
    text = "They said: it was so."
    digest = sha256(text.encode()).hexdigest()
    by(store, "maria", lambda draft: a_document(draft, sha256=digest))

    def attached(draft: Draft) -> None:
        a_document(draft, text=text, sha256=digest)
        a_document(draft, "more", text="More.", sha256=sha256(b"More.").hexdigest())
        a_claim(draft, document_id=1, quote="it was so")

    by(theirs, "tom", attached)
    done = merge(store, theirs)
    assert done.changed["document"] == 1
    assert [row["text"] for row in rows(store, "document").values()] == [text, "More."]
    assert not merge(store, theirs).entries


def test_a_text_that_does_not_hold_our_quotes_stays_there(store: Store, theirs: Store) -> None:
    by(
        store,
        "maria",
        lambda draft: (a_document(draft), a_claim(draft, document_id=1, quote="so it was")),
    )
    digest = sha256(b"It was so.").hexdigest()
    by(theirs, "tom", lambda draft: a_document(draft, text="It was so.", sha256=digest))
    done = merge(store, theirs)
    assert rows(store, "document")[1]["text"] is None
    assert any("“so it was” of claim 1 is not in it" in note for note in done.notes)


def test_a_quote_that_our_text_does_not_hold_is_refused(store: Store, theirs: Store) -> None:
    digest = sha256(b"It was so.").hexdigest()
    by(store, "maria", lambda draft: a_document(draft, text="It was so.", sha256=digest))
    by(
        theirs,
        "tom",
        lambda draft: (a_document(draft), a_claim(draft, document_id=1, quote="so it was")),
    )
    with pytest.raises(InvalidError, match="nothing was imported") as caught:
        merge(store, theirs)
    assert "“so it was” is not in the document's attached text" in str(caught.value.problems[0])
    assert counts(store)["claim"] == 0


# Copies that went their own ways.


@pytest.fixture
def copy(store: Store, tmp_path: Path) -> Store:
    """Tom's copy of a ledger of three claims."""

    def three(draft: Draft) -> None:
        an_event(draft)
        a_count(draft)
        a_claim(draft, on="killed", low=5, quote="five")
        a_claim(draft, stance="denies", on="killed", source="Kremlin", answers_id=1)
        a_claim(draft, on="killed", source="Gazette", stance="relays", repeats_id=1)

    by(store, "maria", three)
    return copied(store, tmp_path / "tom.db")


def test_a_correction_there_is_no_new_claim(store: Store, copy: Store) -> None:
    by(copy, "tom", lambda draft: journal.correct(draft, 1, {"quote": "some five"}))
    done = merge(store, copy)
    assert done.changed["claim"] == 1
    assert counts(store)["claim"] == 3
    assert claims(store)[1]["quote"] == "some five"


def test_a_correction_here_is_not_undone(store: Store, copy: Store) -> None:
    by(store, "maria", lambda draft: journal.correct(draft, 1, {"quote": "some five"}))
    by(copy, "tom", lambda draft: journal.assess(draft, 1, "unverified", "one origin"))
    merge(store, copy)
    row = claims(store)[1]
    assert (row["quote"], row["status"], row["because"]) == (
        "some five",
        "unverified",
        "one origin",
    )


def test_two_judgements_of_one_claim_are_a_conflict(store: Store, copy: Store) -> None:
    by(store, "maria", lambda draft: journal.assess(draft, 1, "confirmed", "video"))
    by(copy, "tom", lambda draft: journal.assess(draft, 1, "refuted", "the video is older"))
    with pytest.raises(ConflictError) as caught:
        merge(store, copy)
    (conflict,) = caught.value.conflicts
    assert (conflict.ours.said, conflict.ours.by, conflict.ours.entry) == (
        "confirmed: video",
        "maria",
        2,
    )
    assert (conflict.theirs.said, conflict.theirs.by) == ("refuted: the video is older", "tom")
    assert claims(store)[1]["status"] == "confirmed"
    merge(store, copy, decisions=Decisions(Decision.THEIRS))
    assert claims(store)[1]["because"] == "the video is older"
    with store.reader() as connection:
        who = connection.execute(
            sa.text("SELECT assessed_by FROM assessments WHERE claim = 1 ORDER BY entry DESC")
        ).scalar()
    assert who == "maria"  # whose decision it was


def test_a_decision_for_ours_is_remembered(store: Store, copy: Store) -> None:
    by(store, "maria", lambda draft: journal.assess(draft, 1, "confirmed", "video"))
    by(copy, "tom", lambda draft: journal.assess(draft, 1, "refuted", "the video is older"))
    done = merge(store, copy, decisions=Decisions(Decision.OURS))
    assert len(done.entries) == 1
    assert not any(done.added.values())
    assert not merge(store, copy).entries
    # Until he says something else.
    by(copy, "tom", lambda draft: journal.assess(draft, 1, "refuted", "the shadows are wrong"))
    with pytest.raises(ConflictError):
        merge(store, copy)


def test_findings_grades_and_edits_follow_who_moved(store: Store, copy: Store) -> None:
    by(
        copy,
        "tom",
        lambda draft: journal.settle(draft, 1, "supported", because="counted", low=5, high=5),
        lambda draft: draft.update("source", 1, {"reliability": "B"}),
        lambda draft: draft.update("event", 1, {"slug": "clash-of-february"}),
    )
    merge(store, copy)
    assert rows(store, "proposition")[1]["finding_high"] == 5
    assert rows(store, "source")[1]["reliability"] == "B"
    assert rows(store, "event")[1]["slug"] == "clash-of-february"
    by(store, "maria", lambda draft: journal.settle(draft, 1, "open", because=None))
    assert not merge(store, copy).entries  # he has said nothing since


def test_links_lead_to_the_claims_here(store: Store, copy: Store) -> None:
    by(store, "maria", lambda draft: a_claim(draft, on="they-came"))
    by(
        copy,
        "tom",
        lambda draft: a_claim(draft, on="killed", source="Wagner", stance="denies", answers_id=1),
        lambda draft: a_claim(draft, on="killed", source="TASS", stance="denies", repeats_id=4),
        lambda draft: draft.insert("evidence", {"claim_id": 4, "on_claim_id": 5, "note": "n"}),
    )
    merge(store, copy)
    found = claims(store)
    assert [found[number]["answers_id"] for number in (5, 6)] == [1, None]
    assert found[6]["repeats_id"] == 5
    (ground,) = rows(store, "evidence").values()
    assert (ground["claim_id"], ground["on_claim_id"]) == (5, 6)
    assert is_sound(store)


def test_what_was_withdrawn_there_is_withdrawn_here(store: Store, copy: Store) -> None:
    by(
        copy,
        "tom",
        lambda draft: journal.withdraw(draft, 2, "misread"),
        lambda draft: a_claim(draft, on="killed", source="Wagner", stance="denies"),
        lambda draft: journal.withdraw(draft, 4, "entered twice"),
    )
    merge(store, copy)
    assert [row["status"] for row in claims(store).values()] == [
        "unreviewed", "withdrawn", "unreviewed", "withdrawn",
    ]  # fmt: skip


def test_what_is_undone_here_does_not_come_back(store: Store, copy: Store) -> None:
    from ledger import undo

    by(copy, "tom", lambda draft: a_claim(draft, on="killed", source="Wagner", stance="denies"))
    merge(store, copy)
    by(store, "maria", lambda draft: undo.reverse(draft, 2, because="not ours"))
    assert not merge(store, copy).entries
    assert claims(store)[4]["status"] == "withdrawn"


# Whose it was.


def test_a_receipt_names_the_entry_that_a_claim_came_from(store: Store, copy: Store) -> None:
    by(copy, "tom", lambda draft: a_claim(draft, on="they-came", source="Wagner", stance="denies"))
    by(store, "maria", lambda draft: a_claim(draft, on="killed", source="Wagner", stance="denies"))
    merge(store, copy)
    (receipt,) = receipts(store, kind="claim")
    assert (receipt.how, receipt.first, receipt.last, receipt.their_first) == ("new", 5, 5, 4)
    assert (receipt.their_entry, receipt.their_recorded_by) == (2, "tom")
    with copy.reader() as connection:
        digest = connection.execute(
            sa.select(schema.entry.c.hash).where(schema.entry.c.id == 2)
        ).scalar()
    assert receipt.their_hash == digest


def test_the_entry_says_which_ledger_came_in(store: Store, copy: Store) -> None:
    by(copy, "tom", lambda draft: a_claim(draft, on="they-came"))
    merge(store, copy, message="the week's work")
    with store.reader() as connection:
        message = connection.execute(
            sa.select(schema.entry.c.message).where(schema.entry.c.id == 2)
        ).scalar()
    assert message is not None
    assert message.startswith("the week's work (merge of tom.db, head ")
    assert message.endswith("2 entries by maria, tom)")


def test_many_claims_of_one_entry_take_one_receipt(store: Store, theirs: Store) -> None:
    def many(draft: Draft) -> None:
        a_count(draft)
        for low in range(300):
            a_claim(draft, on="killed", low=low)

    by(theirs, "tom", many)
    merge(store, theirs)
    (receipt,) = receipts(store, kind="claim")
    assert (receipt.first, receipt.last) == (1, 300)


def test_what_came_from_a_third_ledger_keeps_its_origin(
    store: Store, theirs: Store, fresh: Fresh
) -> None:
    third = fresh()
    by(theirs, "tom", lambda draft: a_claim(draft, source="Wagner"))
    by(third, "ana", lambda draft: a_claim(draft, source="TASS"))
    merge(theirs, third, recorded_by="tom")
    merge(store, theirs)
    told = {row.their_recorded_by: row.first for row in receipts(store, kind="claim", how="new")}
    assert told == {"tom": 1, "ana": 2}
    # And so the third's own ledger brings nothing more, though the claim was corrected here.
    by(store, "maria", lambda draft: journal.correct(draft, 2, {"quote": "We were there."}))
    assert not any(merge(store, third).added.values())
    assert counts(store)["claim"] == 2


def test_a_claim_that_came_from_us_and_was_corrected_here_does_not_come_back(
    store: Store, theirs: Store
) -> None:
    by(store, "maria", lambda draft: a_claim(draft, quote="They did."))
    merge(theirs, store, recorded_by="tom")
    by(store, "maria", lambda draft: journal.correct(draft, 1, {"quote": "They did so."}))
    assert not merge(store, theirs).entries
    assert counts(store)["claim"] == 1
    # He moved on from what he had of us: that is news.
    by(theirs, "tom", lambda draft: journal.assess(draft, 1, "doubtful", "no witness"))
    merge(store, theirs)
    assert claims(store)[1]["because"] == "no witness"
    assert claims(store)[1]["quote"] == "They did so."


# Decisions in a file.


def test_decisions_are_read_back_from_the_file(store: Store, copy: Store, tmp_path: Path) -> None:
    by(
        store,
        "maria",
        lambda draft: (
            journal.assess(draft, 1, "confirmed", "=video\r\nand more"),
            journal.assess(draft, 2, "doubtful", "why"),
        ),
    )
    by(
        copy,
        "tom",
        lambda draft: (
            journal.assess(draft, 1, "refuted", "-5"),
            journal.assess(draft, 2, "confirmed", "because"),
        ),
    )
    file = tmp_path / "conflicts.csv"
    with pytest.raises(ConflictError) as caught:
        merge(store, copy, conflicts=file)
    assert len(caught.value.conflicts) == 2
    lines = file.read_text().splitlines(keepends=True)
    file.write_text(lines[0] + "theirs" + "".join(lines[1:]))
    with pytest.raises(ConflictError) as caught:
        merge(store, copy, decisions=Decisions(None, read_decisions(file)))
    assert len(caught.value.conflicts) == 1
    merge(store, copy, decisions=Decisions(Decision.OURS, read_decisions(file)))
    assert [claims(store)[number]["status"] for number in (1, 2)] == ["refuted", "doubtful"]


def test_a_decision_on_what_nobody_says_any_more_is_none(
    store: Store, copy: Store, tmp_path: Path
) -> None:
    by(store, "maria", lambda draft: journal.assess(draft, 1, "confirmed", "video"))
    by(copy, "tom", lambda draft: journal.assess(draft, 1, "refuted", "older"))
    with pytest.raises(ConflictError) as caught:
        merge(store, copy)
    seen = Decisions(None, {caught.value.conflicts[0].key: Decision.THEIRS})
    by(store, "maria", lambda draft: journal.assess(draft, 1, "confirmed", "a second video"))
    with pytest.raises(ConflictError):
        merge(store, copy, decisions=seen)


def test_what_is_no_decision_is_told_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "conflicts.csv"
    write_conflicts(file, [])
    assert read_decisions(file) == {}
    file.write_text("decision,kind,name,matter,ours,theirs\nmine,claim,1,status,a,b\n")
    with pytest.raises(BadFileError) as caught:
        read_decisions(file)
    assert "“mine” is no decision" in str(caught.value.rows[0].problem)
    file.write_text("a,b\n1,2\n")
    with pytest.raises(BadFileError, match="is no file of conflicts"):
        read_decisions(file)


def test_a_dry_run_tells_all_and_writes_nothing(store: Store, copy: Store) -> None:
    by(
        copy,
        "tom",
        lambda draft: a_claim(draft, on="they-were-sent", source="Wagner", stance="denies"),
        lambda draft: journal.assess(draft, 1, "doubtful", "no witness"),
    )
    before = counts(store)
    told: Imported = merge(store, copy, dry_run=True)
    assert (told.added["claim"], told.added["source"], told.changed["claim"]) == (1, 1, 1)
    assert told.names["source"] == ("Wagner",)
    assert told.changes[0].startswith("claim 1 (Ministry on killed): status unreviewed → doubtful")
    assert counts(store) == before


def test_a_fact_there_and_a_count_here_are_not_made_one(store: Store, theirs: Store) -> None:
    by(store, "maria", lambda draft: (a_fact(draft, "killed"), a_claim(draft, on="killed")))
    by(theirs, "tom", lambda draft: (a_count(draft), a_claim(draft, on="killed", low=3)))
    with pytest.raises(ConflictError) as caught:
        merge(store, theirs)
    assert {each.matter for each in caught.value.conflicts} == {"text", "kind"}
    single = {each.key: Decision.BOTH for each in caught.value.conflicts}
    merge(store, theirs, decisions=Decisions(None, single))
    assert [row["slug"] for row in rows(store, "proposition").values()] == ["killed", "killed-2"]


def test_very_many_claims_come_in_with_guards_and_indexes(store: Store, theirs: Store) -> None:
    def many(draft: Draft) -> None:
        number, source = a_count(draft), a_source(draft, "Ministry")
        claim: dict[str, Value] = {
            "proposition_id": number,
            "source_id": source,
            "stance": "asserts",
        }
        draft.insert_all("claim", ({**claim, "low": low} for low in range(5_001)))

    by(theirs, "tom", many)
    assert merge(store, theirs).added["claim"] == 5_001
    assert is_sound(store)


def test_things_that_each_side_gave_another_slug_keep_it(store: Store, theirs: Store) -> None:
    by(store, "maria", lambda draft: a_document(draft, "article", title="On the clash"))
    by(theirs, "tom", lambda draft: a_document(draft, "article", title="On the strike"))
    with pytest.raises(ConflictError) as caught:
        merge(theirs, store)
    both = {each.key: Decision.BOTH for each in caught.value.conflicts}
    merge(theirs, store, decisions=Decisions(None, both))
    # That they are two is known from now on, here too.
    assert merge(store, theirs).added["document"] == 1
    # article-2 is a slug there, and so not taken for another thing here.
    for home, guest, second in ((theirs, store, "article-2"), (store, theirs, "article-3")):
        assert not merge(home, guest).entries
        assert [row["slug"] for row in rows(home, "document").values()] == ["article", second]


def test_two_sources_of_theirs_are_not_made_one_by_a_name_that_both_sides_use(
    store: Store, theirs: Store
) -> None:
    def ours(draft: Draft) -> None:
        number = a_source(draft, "Pentagon")
        draft.insert("source_alias", {"source_id": number, "name": "the military"})

    def two(draft: Draft) -> None:
        a_source(draft, "Pentagon")
        number = a_source(draft, "Syrian Arab Army")
        draft.insert("source_alias", {"source_id": number, "name": "the military"})

    by(store, "maria", ours)
    by(theirs, "tom", two)
    with pytest.raises(ConflictError) as caught:
        merge(store, theirs)
    (conflict,) = caught.value.conflicts
    assert (conflict.kind, conflict.ours.said, conflict.theirs.said) == (
        "source_alias",
        "Pentagon",
        "Syrian Arab Army",
    )
    merge(store, theirs, decisions=Decisions(Decision.THEIRS))
    assert rows(store, "source_alias")[1]["source_id"] == 2


def test_of_two_sources_that_are_one_here_the_one_of_that_name_is_heard(
    store: Store, theirs: Store
) -> None:
    def ours(draft: Draft) -> None:
        number = a_source(draft, "Pentagon")
        draft.insert("source_alias", {"source_id": number, "name": "DoD"})

    by(store, "maria", ours)
    by(
        theirs,
        "tom",
        lambda draft: (a_source(draft, "DoD", side="Red"), a_source(draft, "Pentagon", side="US")),
    )
    merge(store, theirs)
    assert rows(store, "source")[1]["side"] == "US"
    assert not merge(store, theirs).entries
