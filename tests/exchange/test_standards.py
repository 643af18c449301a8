"""ClaimReview, STIX and Parquet in parts: what they say, what they leave out, what is read back."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pytest
import sqlalchemy as sa
import stix2

from ledger import journal
from ledger.errors import BadFileError, LedgerError
from ledger.exchange.claimreview import export_claimreview, scale
from ledger.exchange.doors import door
from ledger.exchange.importing import Imported
from ledger.exchange.stix import export_stix
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source, an_event
from tests.cli.conftest import Run, run  # noqa: F401 - a fixture
from tests.exchange.conftest import Fresh, plain

PAGE = "https://example.org/reviews"


@pytest.fixture
def settled(store: Store) -> Store:
    """A count that was settled with three claims on it, one of them judged; a fact left open."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_source(draft, "Gazette", kind="outlet", reliability="B")
        a_source(draft, "Mattis", kind="person", side="United States")
        a_document(draft, "article", title="The <b>article</b>", url="https://example.org/1",
                   publisher_id=1, published_on=None)  # fmt: skip
        event = an_event(draft)
        a_count(draft, "killed", event_id=event, verdict="supported", finding_low=100,
                because="the lists agree")  # fmt: skip
        a_fact(draft, "they-came")
        a_claim(draft, source="Mattis", on="killed", low=101, wording="more than 100",
                quote="more than 100 died", document_id=1, said="2018-02-08",
                status="corroborated", because="two lists")  # fmt: skip
        a_claim(draft, source="Gazette", on="killed", low=101, repeats_id=1)
        a_claim(draft, source="Gazette", on="killed", stance="denies", low=24, high=99)
        a_claim(draft, source="Gazette", on="they-came", status="withdrawn", because="slip")
    return store


def reviews(store: Store, **options: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    given: dict[str, Any] = {"publisher": "Desk", "url": PAGE, **options}
    stream = io.StringIO()
    with store.reader() as connection:
        done = export_claimreview(connection, stream, **given)
    return json.loads(stream.getvalue()), done.notes


def bundle(store: Store, as_of: int | None = None) -> str:
    stream = io.StringIO()
    with store.reader(as_of=as_of) as connection:
        export_stix(connection, stream)
    return stream.getvalue()


def take(store: Store, folder: Path, told: Any, name: str = "reviews.json") -> Imported:
    file = folder / name
    file.write_text(told if isinstance(told, str) else json.dumps(told))
    return door(store, file)(store, file, recorded_by="omar", recorded_at=NOON)


def all_of(store: Store, query: str) -> list[tuple[Any, ...]]:
    with store.reader() as connection:
        return [tuple(map(plain, row)) for row in connection.execute(sa.text(query))]


def test_a_review_has_what_is_required_and_recommended(settled: Store) -> None:
    told, _ = reviews(settled)
    assert told["@context"] == "https://schema.org"
    assert told["@graph"][0] == {
        "@type": "ClaimReview",
        "@id": f"{PAGE}#claim-1",
        "url": f"{PAGE}#claim-1",
        "claimReviewed": "How many: killed: 101+",
        "author": {"@type": "Organization", "name": "Desk", "url": PAGE},
        "datePublished": "2026-03-01",
        "itemReviewed": {
            "@type": "Claim",
            "author": {"@type": "Person", "name": "Mattis"},
            "text": "more than 100 died",
            "datePublished": "2018-02-08",
            "appearance": {
                "@type": "CreativeWork",
                "name": "The <b>article</b>",
                "url": "https://example.org/1",
                "publisher": {"@type": "Organization", "name": "Gazette"},
            },
        },
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": 4,
            "bestRating": 5,
            "worstRating": 1,
            "alternateName": "corroborated",
            "ratingExplanation": "two lists",
        },
        "reviewBody": "supported: the lists agree",
    }


def test_what_nobody_judged_has_no_rating_and_what_is_left_out_is_told(settled: Store) -> None:
    told, notes = reviews(settled)
    (_, repeated) = told["@graph"]
    assert "reviewRating" not in repeated
    assert repeated["itemReviewed"]["firstAppearance"]["url"] == "https://example.org/1"
    assert notes == (
        "left out: 1 open proposition",
        "left out: 1 claim that did not affirm; a ClaimReview is of what was asserted",
        "without a rating: 1, unreviewed or contested",
    )
    assert dict(scale()) == {
        "unreviewed": "no rating", "confirmed": "5", "corroborated": "4", "unverified": "3",
        "contested": "no rating", "doubtful": "2", "refuted": "1",
        "unverifiable": "the word alone",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "flag"),
    [({"publisher": None}, "--publisher"), ({"url": None}, "--url"), ({"url": "x"}, "--url")],
)
def test_what_a_review_needs_is_asked_for_by_its_flag(
    settled: Store, options: dict[str, Any], flag: str
) -> None:
    with pytest.raises(LedgerError) as refused:
        reviews(settled, **options)
    assert flag in refused.value.hint


def test_our_own_reviews_are_read_and_read_once(
    settled: Store, fresh: Fresh, tmp_path: Path
) -> None:
    told, _ = reviews(settled)
    theirs = fresh()
    take(theirs, tmp_path, told)
    assert all_of(
        theirs, "SELECT source, proposition_text, stance, status, stated_on FROM claims"
    ) == [
        ("Mattis", "How many: killed: 101+", "asserts", "corroborated", "2018-02-08"),
        ("Gazette", "How many: killed: 101+", "asserts", "unreviewed", None),
    ]
    assert all_of(theirs, "SELECT title, url FROM documents") == [
        ("The <b>article</b>", "https://example.org/1")
    ]
    assert take(theirs, tmp_path, told).entries == ()


FOREIGN = {
    "@context": "http://schema.org",
    "@type": ["ClaimReview", "Review"],
    "datePublished": "2019-05-01T10:00:00+02:00",
    "url": "https://factcheck.example/earth",
    "claimReviewed": "=The earth is flat",
    "author": [{"@type": "Organization", "name": "Fact Desk"}],
    "itemReviewed": {
        "@type": "Claim",
        "author": {"@type": "Person", "name": "=A Blogger"},
        "datePublished": "2019-04",
    },
    "reviewRating": {"@type": "Rating", "ratingValue": "1", "bestRating": "5",
                     "alternateName": "False"},
}  # fmt: skip


@pytest.mark.parametrize(
    "wrapped",
    [FOREIGN, [FOREIGN], {"@graph": [{"@type": "WebPage"}, FOREIGN]},
     {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": [FOREIGN]}]}],
)  # fmt: skip
def test_a_foreign_review_becomes_a_claim_wherever_it_stands(
    store: Store, tmp_path: Path, wrapped: Any
) -> None:
    take(store, tmp_path, wrapped)
    assert all_of(
        store, "SELECT proposition_text, source, via, stated_on, status, because FROM claims"
    ) == [
        ("=The earth is flat", "=A Blogger", "Fact Desk", "2019-04", "refuted",
         "Fact Desk: False (1 of 5); https://factcheck.example/earth")
    ]  # fmt: skip
    assert all_of(store, "SELECT url, published_on FROM documents") == [
        ("https://factcheck.example/earth", "2019-05-01")
    ]


def test_a_rating_that_says_no_status_is_kept_as_a_note(store: Store, tmp_path: Path) -> None:
    rating = {"alternateName": "Half true", "ratingValue": 3, "bestRating": 5}
    take(store, tmp_path, {**FOREIGN, "reviewRating": rating, "itemReviewed": {}})
    assert all_of(store, "SELECT source, attribution, status, note FROM claims") == [
        ("Unidentified speaker", "uncertain", "unreviewed",
         "Fact Desk: Half true (3 of 5); https://factcheck.example/earth")
    ]  # fmt: skip


def test_a_date_that_is_none_is_left_out(store: Store, tmp_path: Path) -> None:
    item = {"author": "Somebody", "datePublished": "last week"}
    take(store, tmp_path, {**FOREIGN, "itemReviewed": item, "datePublished": "2019-13-45"})
    assert all_of(store, "SELECT source, stated_on FROM claims") == [("Somebody", None)]
    assert all_of(store, "SELECT published_on FROM documents") == [(None,)]


@pytest.mark.parametrize(
    "told",
    ['{"@type": "ClaimReview"', {"@type": "ClaimReview"}, {"x": "ClaimReview"},
     {"@type": "ClaimReview", "claimReviewed": ["\0", {}]}],
)  # fmt: skip
def test_a_review_that_says_nothing_is_refused(store: Store, tmp_path: Path, told: Any) -> None:
    with pytest.raises(BadFileError):
        take(store, tmp_path, told)
    assert not all_of(store, "SELECT 1 FROM entries")


def test_a_bundle_is_sound_and_always_the_same(settled: Store) -> None:
    text = bundle(settled)
    assert bundle(settled) == text
    found = stix2.parse(text)
    kinds = [each.type for each in found.objects]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "identity": 3, "report": 2, "note": 3, "opinion": 1,
    }  # fmt: skip
    there = {each.id for each in found.objects}
    for each in found.objects:
        assert {*getattr(each, "object_refs", ())} <= there
        assert getattr(each, "created_by_ref", each.id) in there
    notes = [each for each in found.objects if each.type == "note"]
    assert [getattr(each, "confidence", None) for each in notes] == [70, None, None]
    assert notes[0].authors == ["Mattis"]
    assert notes[0].external_references[0].url == "https://example.org/1"
    (opinion,) = (each for each in found.objects if each.type == "opinion")
    assert (opinion.opinion, opinion.explanation) == ("agree", "supported (100+): the lists agree")


def test_a_bundle_keeps_its_ids_as_the_ledger_grows(settled: Store) -> None:
    with journal.entry(settled, recorded_by="omar", recorded_at=NOON) as draft:
        journal.assess(draft, 2, "confirmed", "seen")
    before, after = (json.loads(bundle(settled, as_of=entry))["objects"] for entry in (1, 2))
    assert {each["id"] for each in before} < {each["id"] for each in after}


def test_an_empty_ledger_has_no_bundle(store: Store) -> None:
    with pytest.raises(LedgerError, match="the ledger is empty"):
        bundle(store)


def test_parquet_stands_in_a_folder_for_each_event(run: Run, settled: Store) -> None:  # noqa: F811
    done = run("export", "--format", "parquet", "out")
    assert "wrote 4 claims, 2 parts to out" in done.stderr
    table = pyarrow.dataset.dataset("out", partitioning="hive").to_table()
    rows = sorted(table.select(["claim", "event", "low"]).to_pylist(), key=lambda r: r["claim"])
    assert rows == [
        {"claim": 1, "event": "clash", "low": 101},
        {"claim": 2, "event": "clash", "low": 101},
        {"claim": 3, "event": "clash", "low": 24},
        {"claim": 4, "event": None, "low": None},
    ]
    assert "is not empty" in run("export", "--format", "parquet", "out", ok=1).stderr


def test_each_format_goes_where_it_can(run: Run, settled: Store) -> None:  # noqa: F811
    run("export", "--format", "parquet", ok=2)
    run("export", "--format", "stix", "out", ok=2)
    assert "--publisher" in run("export", "--format", "claimreview", ok=1).stderr
    told = run("export", "--format", "stix")
    assert json.loads(told.stdout)["type"] == "bundle"
    assert "left out: 1 withdrawn claim" in told.stderr
