"""Holds a document's text against what is recorded of it, and attaches it to the ledger."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from ledger import quotes, schema
from ledger.errors import InvalidError, NotFoundError, Problem
from ledger.journal import Draft
from ledger.rules import shown


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `claim` and `quote` where it is a claim's quote, else None.

    `found` is how often the quote stands in the text; `what` says it in words; `holds` is whether
    it is as recorded. A quote that stands more than once holds, though nobody knows which is meant.
    """

    claim: int | None
    quote: str | None
    found: int | None
    what: str
    holds: bool

    @property
    def doubtful(self) -> bool:
        """Whether the quote stands in the text more than once, also with what is around it."""
        return self.found is not None and self.found > 1


def check_document(
    connection: sa.Connection, document_id: int, data: bytes | None = None
) -> list[Finding]:
    """Look at a document's hash, then at every quote that claims took from it, by claim number.

    `data` is the text as it was published; without it the attached text is looked at.
    Raises NotFoundError where there is no such document, or no text, and InvalidError where `data`
    is no UTF-8.
    """
    row = _document(connection, document_id)
    if data is None:
        if row["text"] is None:
            raise NotFoundError(
                f"the text of {row['slug']} is not attached",
                f"name its file: `ledger document check {row['slug']} FILE`",
            )
        data = str(row["text"]).encode()
    text = _decoded(data)
    return [_hash_finding(row["sha256"], data), *_quote_findings(connection, document_id, text)]


def attach(draft: Draft, document_id: int, data: bytes) -> bool:
    """Keep the text of a document in the ledger; whether that changed anything.

    Its SHA-256 is recorded, or must be the recorded one. Raises InvalidError where it is not, where
    `data` is no UTF-8 or empty, and where a quote is not in it, naming every such claim.
    """
    row = _document(draft.connection, document_id)
    text, digest = _decoded(data), sha256(data).hexdigest()
    problems = []
    if not text:
        problems.append(Problem("text", "is empty", "the text as published"))
    if row["sha256"] not in (None, digest):
        problems.append(
            Problem("sha256", f"of this text is {digest}, and {row['sha256']} is recorded")
        )
    problems += [
        Problem("quote", f"{shown(finding.quote)} of claim {finding.claim} is not in it")
        for finding in _quote_findings(draft.connection, document_id, text)
        if not finding.holds
    ]
    if problems:
        raise InvalidError(
            f"this text cannot be attached to {row['slug']}",
            problems,
            "attach the text as it was published, or correct what was recorded",
        )
    return draft.update("document", document_id, {"text": text, "sha256": digest})


def _document(connection: sa.Connection, document_id: int) -> Any:
    table = schema.document
    row = (
        connection.execute(
            sa.select(table.c.slug, table.c.sha256, table.c.text).where(table.c.id == document_id)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFoundError(f"there is no document {document_id}", "`ledger document list`")
    return row


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"byte {error.start} (0x{data[error.start]:02x}) is no UTF-8"
        raise InvalidError(
            "this file is no UTF-8 text", [Problem("text", what, "text in UTF-8")]
        ) from None
    if "\0" in text:
        what = f"holds a NUL character at {text.index(chr(0))}"
        raise InvalidError("this file is no text", [Problem("text", what, "text in UTF-8")])
    return text


def _hash_finding(recorded: str | None, data: bytes) -> Finding:
    digest = sha256(data).hexdigest()
    if recorded is None:
        return Finding(None, None, None, f"SHA-256 {digest}; none is recorded", holds=True)
    if recorded == digest:
        return Finding(None, None, None, f"SHA-256 {digest}, as recorded", holds=True)
    what = f"SHA-256 {digest}; {recorded} is recorded: this is another text"
    return Finding(None, None, None, what, holds=False)


def _quote_findings(connection: sa.Connection, document_id: int, text: str) -> list[Finding]:
    table = schema.claim
    rows = connection.execute(
        sa.select(table.c.id, table.c.quote, table.c.quote_prefix, table.c.quote_suffix)
        .where(table.c.document_id == document_id, table.c.quote.is_not(None))
        .order_by(table.c.id)
    )
    findings = []
    for number, quote, prefix, suffix in rows:
        found = quotes.occurrences(text, quote, prefix, suffix)
        findings.append(Finding(number, quote, found, _in_words(found), holds=found > 0))
    return findings


def _in_words(found: int) -> str:
    if found > 1:
        return f"stands there {found} times: add the text just before or after it"
    return "found" if found else "not in the text"
