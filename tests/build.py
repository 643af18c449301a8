"""Builders: each makes a row that is sound, with only what the test says set apart.

They write into an open `journal.Draft` and return the row's number. Sources, propositions and
events that are named by text are made where they do not exist yet.
"""

from datetime import UTC, date, datetime

import sqlalchemy as sa

from ledger import rules, schema
from ledger.journal import Draft, Value

#: What may be changed in a row of a table that has no note.
SPARE = {"source_alias": "name", "acceptance": "because", "receipt": "their_recorded_by"}

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def a_source(draft: Draft, name: str = "Ministry", **values: Value) -> int:
    return draft.insert("source", {"name": name, **values})


def an_event(draft: Draft, slug: str = "clash", **values: Value) -> int:
    return draft.insert("event", {"slug": slug, "title": f"The event {slug}", **values})


def a_document(draft: Draft, slug: str = "article", **values: Value) -> int:
    return draft.insert("document", {"slug": slug, "title": f"The document {slug}", **values})


def a_fact(draft: Draft, slug: str = "they-came", **values: Value) -> int:
    return draft.insert(
        "proposition", {"slug": slug, "text": f"It is so: {slug}", "kind": "fact", **values}
    )


def a_count(draft: Draft, slug: str = "killed", **values: Value) -> int:
    return draft.insert(
        "proposition",
        {
            "slug": slug,
            "text": f"How many: {slug}",
            "kind": "count",
            "unit": "people killed",
            **values,
        },
    )


def a_claim(
    draft: Draft,
    *,
    source: str | int = "Ministry",
    on: str | int = "they-came",
    stance: str = "asserts",
    via: str | int | None = None,
    said: str | None = None,
    **values: Value,
) -> int:
    """A claim by `source` on the proposition `on` (names or numbers), said on the day `said`."""
    given: dict[str, Value] = {
        "proposition_id": _proposition(draft, on),
        "source_id": _source(draft, source),
        "via_id": None if via is None else _source(draft, via),
        "stance": stance,
        **values,
    }
    if said is not None:
        given |= {"stated_on": date.fromisoformat(said), "stated_precision": "day"}
    return draft.insert("claim", given)


def an_acceptance(draft: Draft, **values: Value) -> int:
    """An acceptance of a finding on what `values` name (`claim_id`, `source_id` …)."""
    given: dict[str, Value] = {
        "check_name": "confirmed-with-one-origin",
        "finding": "confirmed on one origin",
        "because": "the footage shows it",
        **values,
    }
    return draft.insert("acceptance", given)


def as_name(text: str) -> str:
    """The text without what no name may hold."""
    while char := rules.unseen(text):
        text = text.replace(char, "")
    return text.strip()


def a_receipt(draft: Draft, **values: Value) -> int:
    """A receipt of an entry of another ledger, and of its first source as the first here."""
    given: dict[str, Value] = {
        "their_entry": 1,
        "their_hash": "ab" * 32,
        "their_recorded_at": NOON,
        "their_recorded_by": "tom",
        "kind": "source",
        "how": "new",
        "first": 1,
        "their_first": 1,
        "many": 1,
        **values,
    }
    return draft.insert("receipt", given)


def _source(draft: Draft, named: str | int) -> int:
    if isinstance(named, int):
        return named
    table = schema.source
    found = draft.connection.execute(sa.select(table.c.id).where(table.c.name == named)).scalar()
    return found or a_source(draft, named)


def _proposition(draft: Draft, named: str | int) -> int:
    if isinstance(named, int):
        return named
    table = schema.proposition
    found = draft.connection.execute(sa.select(table.c.id).where(table.c.slug == named)).scalar()
    return found or a_fact(draft, named)
