"""`ledger show CLAIM`: the whole story of one claim on one screen."""

from collections.abc import Iterator, Sequence

import click
import sqlalchemy as sa

from ledger import lookup, views
from ledger.canonical import timestamp
from ledger.cli import types
from ledger.cli.options import Reader, reading
from ledger.cli.output import Sheet, plain
from ledger.cli.story import tell_story
from ledger.reports.record import record_before
from ledger.standing import standing
from ledger.story import Row, Story, Version, story


@click.command("show", epilog="Example:  ledger show 24")
@click.argument("claim", type=types.Name("claim"))
@reading()
def show_command(desk: Reader, claim: str) -> None:
    """Tell the whole story of CLAIM.

    Who says what, where, when and in which words; through whom; what it answers and what answers
    it; its status, and every change of status with who, when and why.
    """
    with desk.open() as connection:
        found = story(connection, lookup.claim(connection, claim))
        if desk.format not in (None, "table"):
            row, view = found.row, views.CLAIMS
            desk.write(
                Sheet(list(row), [list(row.values())], kinds=view.kinds, meanings=view.columns)
            )
            return
        lines = list(_story(connection, found))
    tell_story(lines)


def _story(connection: sa.Connection, found: Story) -> Iterator[tuple[str, str]]:
    """The story, heading by heading; an empty heading goes on with the one before."""
    row = found.row
    yield f"claim {row['claim']}", f"{row['source']} {row['stance']} {row['proposition']}"
    yield "", _number_said(found)
    yield "in question", f"{row['proposition_text']} ({row['kind']})"
    about = lookup.proposition(connection, row["proposition"]).id
    yield "", f"now {standing(connection, about)}"
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
    yield from _chain(found)
    yield from _judged(connection, found)


def _number_said(found: Story) -> str:
    if not found.count:
        return ""
    verb = "rejects" if found.row["side"] == "denies" else "says"
    return f"{verb} {found.count} ({found.row['unit']})"


def _who(row: Row) -> str:
    about = [row["source_kind"], row["member_of"] and f"member of {row['member_of']}"]
    about += [row["source_side"] and f"side {row['source_side']}"]
    about += [None if row["attribution"] == "named" else f"attribution {row['attribution']}"]
    about += [None if row["basis"] == "unknown" else f"knows it as {row['basis']}"]
    told_ = ", ".join(part for part in about if part)
    return f"{row['source']} ({told_})" if told_ else row["source"]


def _quoted(row: Row) -> str:
    before = f"…{row['quote_prefix']}" if row["quote_prefix"] else ""
    after = f"{row['quote_suffix']}…" if row["quote_suffix"] else ""
    return f"{before}“{row['quote']}”{after}"


def _chain(found: Story) -> Iterator[tuple[str, str]]:
    if found.answers:
        yield "answers", str(found.answers)
        if other := found.row["non_denial_of"]:
            yield "", f"but denies something else: it says nothing against {other}"
    if found.repeats:
        yield "repeats", str(found.repeats)
    for mentions, heading in (
        (found.answered_by, "answered by"),
        (found.repeated_by, "repeated by"),
    ):
        for mention in mentions:
            yield heading, str(mention)
            heading = ""


def _judged(connection: sa.Connection, found: Story) -> Iterator[tuple[str, str]]:
    row = found.row
    yield "status", row["status"] + _why(row["because"])
    heading = "assessed"
    for change in found.assessed:
        yield (
            heading,
            (
                f"{plain(change.at)}  {change.by}: {change.before} → "
                f"{change.after} (entry {change.entry})" + _why(change.because)
            ),
        )
        heading = ""
    heading = "rests on"
    for ground in found.grounds:
        yield heading, (ground.document or str(ground.claim)) + _why(ground.note)
        heading = ""
    record = record_before(connection, row["claim"])
    if record.decided:
        yield "record", f"{row['source']} until then: {record}"
    yield "recorded", _recorded(found.versions)
    for came in found.came:
        by = f"{plain(came.at)} by {came.by}, as claim {came.claim}"
        yield "came from", f"another ledger's entry {came.entry}, {by}"
        yield "", f"that entry's hash is {came.hash}"


def _why(because: str | None) -> str:
    return f" – {because}" if because else ""


def _recorded(versions: Sequence[Version]) -> str:
    """When and by whom the first version was, and the newest where there are more."""
    first, last = versions[0], versions[-1]
    told = f"{timestamp(first.at)} by {first.by} (entry {first.entry})"
    if len(versions) > 1:
        told += f"; version {len(versions)} {timestamp(last.at)} by {last.by}"
    return told
