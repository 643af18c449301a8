"""`ledger show CLAIM`: the whole story of one claim on one screen."""

from collections.abc import Iterator, Sequence
from typing import Any

import click
import sqlalchemy as sa

from ledger import lookup, schema, views
from ledger.canonical import timestamp
from ledger.cli import types
from ledger.cli.claims import told
from ledger.cli.options import Reader, reading
from ledger.cli.output import Sheet, plain
from ledger.cli.story import tell_story
from ledger.reports.record import record_before
from ledger.standing import standing


@click.command("show", epilog="Example:  ledger show 24")
@click.argument("claim", type=types.Name("claim"))
@reading()
def show_command(desk: Reader, claim: str) -> None:
    """Tell the whole story of CLAIM.

    Who says what, where, when and in which words; through whom; what it answers and what answers
    it; its status, and every change of status with who, when and why.
    """
    with desk.open() as connection:
        number = lookup.claim(connection, claim)
        row = _claim(connection, number)
        if desk.format not in (None, "table"):
            rows, kinds, meanings = [list(row.values())], views.CLAIMS.kinds, views.CLAIMS.columns
            desk.write(Sheet(list(row), rows, kinds=kinds, meanings=meanings))
            return
        lines = list(_story(connection, row))
    tell_story(lines)


def _claim(connection: sa.Connection, number: int) -> dict[str, Any]:
    claims = views.CLAIMS.table
    found = connection.execute(sa.select(claims).where(claims.c.claim == number))
    return dict(found.mappings().one())


def _story(connection: sa.Connection, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The story, heading by heading; an empty heading goes on with the one before."""
    yield f"claim {row['claim']}", f"{row['source']} {row['stance']} {row['proposition']}"
    yield "", _number_said(row)
    yield "in question", f"{row['proposition_text']} ({row['kind']})"
    yield "", f"now {standing(connection, _proposition_id(connection, row))}"
    if row["event"]:
        yield "event", row["event"]
    yield "who", _who(row)
    if row["via"]:
        yield "through", row["via"]
    if row["document"]:
        yield "where", f"{row['document_title']} ({row['document']})"
    yield "said on", row["stated_on"] or "not known"
    if row["quote"]:
        yield "words", _quoted(row)
    if row["note"]:
        yield "note", row["note"]
    yield from _chain(connection, row)
    yield from _judged(connection, row)


def _number_said(row: dict[str, Any]) -> str:
    count = told(row)
    if not count:
        return ""
    verb = "rejects" if row["side"] == "denies" else "says"
    return f"{verb} {count} ({row['unit']})"


def _who(row: dict[str, Any]) -> str:
    about = [row["source_kind"], row["member_of"] and f"member of {row['member_of']}"]
    about += [row["source_side"] and f"side {row['source_side']}"]
    about += [None if row["attribution"] == "named" else f"attribution {row['attribution']}"]
    about += [None if row["basis"] == "unknown" else f"knows it as {row['basis']}"]
    told_ = ", ".join(part for part in about if part)
    return f"{row['source']} ({told_})" if told_ else row["source"]


def _quoted(row: dict[str, Any]) -> str:
    before = f"…{row['quote_prefix']}" if row["quote_prefix"] else ""
    after = f"{row['quote_suffix']}…" if row["quote_suffix"] else ""
    return f"{before}“{row['quote']}”{after}"


def _chain(connection: sa.Connection, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if row["answers"] is not None:
        yield "answers", _one_line(connection, row["answers"])
        if row["non_denial_of"]:
            yield "", (f"but denies something else: it says nothing against {row['non_denial_of']}")
    if row["repeats"] is not None:
        yield "repeats", _one_line(connection, row["repeats"])
    for column, heading in (("answers", "answered by"), ("repeats", "repeated by")):
        for number in _pointing_at(connection, column, row["claim"]):
            yield heading, _one_line(connection, number)
            heading = ""


def _pointing_at(connection: sa.Connection, column: str, number: int) -> Sequence[int]:
    claim = schema.claim
    select = sa.select(claim.c.id).where(claim.c[f"{column}_id"] == number).order_by(claim.c.id)
    return connection.execute(select).scalars().all()


def _one_line(connection: sa.Connection, number: int) -> str:
    row = _claim(connection, number)
    count = told(row)
    withdrawn = " – withdrawn" if row["status"] == "withdrawn" else ""
    return (
        f"{number}: {row['source']} {row['stance']} {row['proposition']}"
        f"{f' ({count})' if count else ''}{withdrawn}"
    )


def _judged(connection: sa.Connection, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    because = f" – {row['because']}" if row["because"] else ""
    yield "status", f"{row['status']}{because}"
    assessments = views.ASSESSMENTS.table
    heading = "assessed"
    for change in connection.execute(
        sa.select(assessments)
        .where(assessments.c.claim == row["claim"])
        .order_by(assessments.c.entry)
    ):
        yield (
            heading,
            (
                f"{_moment(change.assessed_at)}  {change.assessed_by}: {change.from_status} → "
                f"{change.to_status} (entry {change.entry})" + _why(change.because)
            ),
        )
        heading = ""
    grounds = views.GROUNDS.table
    heading = "rests on"
    for ground in connection.execute(
        sa.select(grounds)
        .where(grounds.c.claim == row["claim"])
        .order_by(grounds.c.entry, grounds.c.on_claim.nulls_last(), grounds.c.on_document)
    ):
        on = ground.on_document or _one_line(connection, ground.on_claim)
        yield heading, on + (f" – {ground.note}" if ground.note else "")
        heading = ""
    record = record_before(connection, row["claim"])
    if record.decided:
        yield "record", f"{row['source']} until then: {record}"
    yield "recorded", _recorded(connection, row["claim"])
    yield from _came(connection, row["claim"])


def _why(because: str | None) -> str:
    return f" – {because}" if because else ""


def _recorded(connection: sa.Connection, number: int) -> str:
    """When and by whom the first version was, and the newest where there are more."""
    entry, current, past = schema.entry, schema.claim, schema.claim_history
    versions = sa.union_all(
        sa.select(current.c.entry_id).where(current.c.id == number),
        sa.select(past.c.entry_id).where(past.c.id == number),
    ).subquery()
    rows = connection.execute(
        sa.select(entry.c.id, entry.c.recorded_at, entry.c.recorded_by)
        .join_from(entry, versions, entry.c.id == versions.c.entry_id)
        .order_by(entry.c.id)
    ).all()
    first = rows[0]
    told_ = f"{timestamp(first.recorded_at)} by {first.recorded_by} (entry {first.id})"
    if len(rows) > 1:
        last = rows[-1]
        told_ += f"; version {len(rows)} {timestamp(last.recorded_at)} by {last.recorded_by}"
    return told_


def _came(connection: sa.Connection, number: int) -> Iterator[tuple[str, str]]:
    """From which ledger's entry the claim came, where it was recorded in another one first."""
    receipts = views.RECEIPTS.table
    query = sa.select(receipts).where(
        receipts.c.kind == "claim",
        receipts.c.how == "new",
        receipts.c.first <= number,
        receipts.c.last >= number,
    )
    for row in connection.execute(query.order_by(receipts.c.id)):
        there, when = row.their_first + number - row.first, plain(row.their_recorded_at)
        by = f"{when} by {row.their_recorded_by}, as claim {there}"
        yield "came from", f"another ledger's entry {row.their_entry}, {by}"
        yield "", f"that entry's hash is {row.their_hash}"


def _moment(value: Any) -> str:
    return plain(value)


def _proposition_id(connection: sa.Connection, row: dict[str, Any]) -> int:
    return lookup.proposition(connection, row["proposition"]).id
