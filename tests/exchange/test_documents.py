from hashlib import sha256

import pytest

from ledger import journal
from ledger.errors import InvalidError, NotFoundError
from ledger.exchange.documents import attach, check_document
from ledger.store import Store
from tests.build import NOON, a_claim, a_document

TEXT = "“They came at dawn,” he said. Nobody came.\nThey came at dawn, again.".encode()


@pytest.fixture
def article(store: Store) -> Store:
    """A document with two quotes, one of which stands in it twice."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        number = a_document(draft, "article", sha256=sha256(TEXT).hexdigest())
        a_claim(draft, document_id=number, quote="They came at dawn")
        a_claim(draft, document_id=number, quote="Nobody   came", stance="denies")
    return store


def attach_to(store: Store, data: bytes) -> bool:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        return attach(draft, 1, data)


def test_every_quote_is_looked_for_in_the_file(article: Store) -> None:
    with article.reader() as connection:
        findings = check_document(connection, 1, TEXT)
    assert [(finding.claim, finding.found, finding.holds) for finding in findings] == [
        (None, None, True), (1, 2, True), (2, 1, True),
    ]  # fmt: skip
    assert "2 times" in findings[1].what
    assert [finding.doubtful for finding in findings] == [False, True, False]


def test_another_text_does_not_hold(article: Store) -> None:
    with article.reader() as connection:
        findings = check_document(connection, 1, TEXT.replace(b"Nobody", b"Somebody"))
    assert [finding.holds for finding in findings] == [False, True, False]


def test_without_a_file_the_attached_text_is_looked_at(article: Store) -> None:
    with article.reader() as connection, pytest.raises(NotFoundError, match="not attached"):
        check_document(connection, 1)
    assert attach_to(article, TEXT)
    with article.reader() as connection:
        assert all(finding.holds for finding in check_document(connection, 1))


def test_a_text_of_another_hash_is_not_attached(article: Store) -> None:
    with pytest.raises(InvalidError) as refused:
        attach_to(article, TEXT + b" More.")
    assert [problem.column for problem in refused.value.problems] == ["sha256"]


def test_a_text_without_a_quote_is_not_attached_and_the_claim_is_named(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, document_id=a_document(draft), quote="Nobody came")
    with pytest.raises(InvalidError) as refused:
        attach_to(store, b"Somebody came.")
    assert [str(problem) for problem in refused.value.problems] == [
        "quote: “Nobody came” of claim 1 is not in it"
    ]


def test_attaching_records_the_hash_where_there_was_none(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_document(draft)
    attach_to(store, TEXT)
    with store.reader() as connection:
        assert "as recorded" in check_document(connection, 1)[0].what


@pytest.mark.parametrize("data", [b"caf\xe9", b"nul\0", b""])
def test_what_is_no_text_is_not_attached(article: Store, data: bytes) -> None:
    with pytest.raises(InvalidError):
        attach_to(article, data)
