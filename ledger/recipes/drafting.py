"""Drafts a recipe for a table from its header and first rows, for the analyst to finish.

Every guess bears the mark `LOOK`. The draft is sound as it is: what it says can be checked and
tried at once.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import PurePath
from typing import BinaryIO

from ledger.errors import BadFileError, BadRow
from ledger.exchange import opening, tables
from ledger.exchange.batches import Batches
from ledger.recipes import reading
from ledger.recipes.guessing import STANCES, Column, Guess, guessed
from ledger.recipes.jsonrecords import JsonRecords
from ledger.recipes.language import Input
from ledger.recipes.listing import json_cell

#: So many rows are looked at.
_ROWS = 200


def draft(stream: BinaryIO, name: str) -> str:
    """A recipe for the table in a file, as TOML; `name` is what errors call the file.

    Raises BadFileError where there is no table in it.
    """
    header, rows, delimiter = _looked_at(stream, name)
    guess = guessed(header, rows)
    if not guess.columns:
        raise BadFileError(
            f"{name} has no column that a recipe could name",
            hint="give its columns names of their own, without braces and bars",
        )
    text = "\n".join(_draft(guess, PurePath(name).stem, delimiter)) + "\n"
    reading.read(text, f"the draft for {name}")
    return text


def _looked_at(stream: BinaryIO, name: str) -> tuple[list[str], list[list[str]], str]:
    stream, start = opening.unpacked(stream, name)
    bad: list[BadRow] = []
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        records = JsonRecords(stream, name, bad, Input())
        found = [record for record in islice(records.objects(), _ROWS) if isinstance(record, dict)]
        keys = list(dict.fromkeys(key for record in found for key in record))
        return keys, [[json_cell(record.get(key)) for key in keys] for record in found], ""
    line = start.split(b"\n", 1)[0]
    delimiter = next(
        (m for m in (";", "|") if m.encode() in line and b"," not in line and b"\t" not in line), ""
    )
    read = (
        Batches(stream, name, bad, mark=delimiter)
        if delimiter
        else opening.records(stream, name, bad)
    )
    rows: list[list[str]] = []
    for batch in read:
        rows += batch.rows
        if len(rows) > _ROWS:
            break
    if not rows:
        raise BadFileError(f"{name} is empty", bad, "a table begins with a header")
    width = len(rows[0])
    return rows[0], [cells for cells in rows[1 : _ROWS + 1] if len(cells) == width], delimiter


def _draft(guess: Guess, stem: str, delimiter: str) -> Iterator[str]:
    yield "# A draft, from the header and the first rows. Lines that bear LOOK are guesses."
    yield f"title = {_quoted(stem)}  # LOOK: what the data is called"
    yield 'about = ""'
    yield 'homepage = ""'
    yield 'licence = ""\n'
    yield "[input]"
    listed = ",\n".join(f"    {_quoted(column.name)}" for column in guess.columns)
    yield f"columns = [\n{listed},\n]"
    yield "# optional = []  # columns that the file may lack"
    yield '# empty = ["NA", "-1"]  # cells that mean nothing'
    yield f"delimiter = {_quoted(delimiter)}\n" if delimiter else ""
    yield from _values(guess)
    figures = [name for name in (guess.low, guess.best, guess.high) if name]
    if len(figures) > 1:
        yield "[[check]]"
        yield f"order = {_quoted(' <= '.join(figures))}\n"
    yield "[things]"
    yield "# LOOK: rows that say otherwise of an event, source or document than one before are bad;"
    yield "# with the next line they are counted, and the first stands."
    yield '# first = ["event", "source", "document"]'
    yield "# settled = true  # names of sources that look alike are different sources\n"
    yield from _claims(guess)


def _values(guess: Guess) -> Iterator[str]:
    if stance := guess.meant.get("stance"):
        yield f"[values.{_free(guess, 'stance')}]"
        yield f"from = {_quoted(stance.name)}"
        yield "# LOOK: theirs = ours; docs/words.md tells what ours mean."
        yield _map(stance, STANCES, "relays")
    source = guess.meant.get("source")
    if (day := guess.meant.get("date")) and not (source and source.reports):
        yield f"[values.{_free(guess, 'day')}]"
        yield f"from = {_quoted(day.name)}  # LOOK: is this when it was said?"
        yield 'type = "date"'
        if day.formats:
            yield f"formats = [{_quoted(day.formats[0])}]"
        yield ""
    if source and source.reports:
        yield "# “Reuters (2011-01-10) Thirty-three dead …”: who, when, what."
        yield f"[values.{_free(guess, 'report')}]"
        yield f"from = {_quoted(source.name)}"
        yield r"pattern = '(?P<outlet>.+?)\s*\((?P<date>\d{4}(?:-\d{2}){0,2})\)\s*(?P<title>.*)'"
        yield ""
    if verdict := guess.meant.get("verdict"):
        yield f"[values.{_free(guess, 'verdict')}]"
        yield f"from = {_quoted(verdict.name)}"
        yield "# LOOK: theirs = open, supported, refuted, mixed or unprovable."
        yield _map(verdict, _VERDICTS, "open")


def _map(column: Column, known: Mapping[str, str], otherwise: str) -> str:
    """What each cell of a column means: as known, or otherwise."""
    pairs = (
        f"{_quoted(cell)} = {_quoted(known.get(cell, otherwise))}"
        for cell in sorted({cell.lower() for cell in column.cells})[:_MAPPED]
    )
    return f"map = {{ {', '.join(pairs)} }}\n"


#: So many different cells of a column are drafted a meaning.
_MAPPED = 30

_VERDICTS = {"true": "supported", "supported": "supported", "correct": "supported",
             "false": "refuted", "refuted": "refuted", "mixed": "mixed", "mixture": "mixed",
             "half-true": "mixed"}  # fmt: skip


def _claims(guess: Guess) -> Iterator[str]:
    meant, about = guess.meant, guess.identity
    counts = _counts(guess)
    title = _hole(meant["text"]) if "text" in meant and not counts else ""
    yield "[every]"
    yield f"event = {_quoted(_hole(about))}  # LOOK"
    yield f"event_title = {_quoted(f'Event {_hole(about)}')}"
    if "place" in meant:
        yield f"event_place = {_quoted(_hole(meant['place']))}"
    source = meant.get("source")
    by_report = source is not None and source.reports
    report = _free(guess, "report")
    named = (
        f"{{{report}.outlet}}" if by_report else _hole(source) if source else "LOOK: who says so"
    )
    yield f"source = {_quoted(named)}  # LOOK: who says so"
    taken = f"{{{_free(guess, 'stance')}}}" if "stance" in meant else "asserts"
    yield f"stance = {_quoted(taken)}"
    if by_report:
        yield f'document = "{{{report}|key}}"'
        yield f'document_title = "{{{report}.title}}"'
        yield f'stated_on = "{{{report}.date}}"'
    else:
        if "url" in meant or "title" in meant:
            where = _name(meant.get("url") or meant["title"])
            yield f"document = {_quoted(f'{{{where}|key}}')}"
            heading = meant.get("title") or meant["url"]
            yield f"document_title = {_quoted(_hole(heading))}"
        if "url" in meant:
            yield f"document_url = {_quoted(_hole(meant['url']))}"
        if "date" in meant:
            yield f'stated_on = "{{{_free(guess, "day")}}}"  # LOOK'
    rest = [c for c in guess.columns if c not in (*meant.values(), about)
            and c.name not in counts and c.name not in (guess.low, guess.high)]  # fmt: skip
    pieces = "".join(f"[; {_label(c)}: {_hole(c)}]" for c in rest[:8])
    if pieces:
        yield f"note = {_quoted(pieces.replace('[; ', '[', 1))}  # LOOK: what else is worth keeping"
    yield ""
    for name, (what, low, high) in counts.items():
        yield "[[claim]]"
        yield f"when = {{ has = [{_quoted(name)}] }}"
        yield f"proposition = {_quoted(f'{_hole(about)}-{what}')}"
        asked = f"How many people were {what} in event {_hole(about)}?"
        yield f"proposition_text = {_quoted(asked)}  # LOOK"
        yield 'kind = "count"'
        yield f"unit = {_quoted(f'people {what}')}"
        yield f"low = {_quoted(f'{{{tables.plain_name(low)}}}')}"
        yield f"high = {_quoted(f'{{{tables.plain_name(high)}}}')}\n"
    if not counts:
        yield "[[claim]]"
        text = title or f"LOOK: what row {_hole(about)} says"
        where = f"{{{_name(meant['text'])}|key}}" if title else f"{_hole(about)}-fact"
        yield f"proposition = {_quoted(where)}  # LOOK"
        yield f"proposition_text = {_quoted(text)}"
        yield 'kind = "fact"'
        if "verdict" in meant:
            yield f'verdict = "{{{_free(guess, "verdict")}}}"'
            why = f"{_label(meant['verdict'])}: {_hole(meant['verdict'])}"
            yield f"finding_because = {_quoted(why)}"


def _counts(guess: Guess) -> dict[str, tuple[str, str, str]]:
    """The columns with figures: of what, and which columns have the lowest and the highest."""
    found: dict[str, tuple[str, str, str]] = {}
    for what in ("killed", "injured"):
        if column := guess.meant.get(what):
            mine = column.name in (guess.low, guess.best, guess.high)
            low = guess.low if mine and guess.low else column.name
            high = guess.high if mine and guess.high else column.name
            found[column.name] = (what, low, high)
    return found


def _name(column: Column) -> str:
    return tables.plain_name(column.name)


def _free(guess: Guess, name: str) -> str:
    """A name for a value that no column has."""
    taken = {_name(column) for column in guess.columns}
    while name in taken:
        name = f"the_{name}"
    return name


def _label(column: Column) -> str:
    """A column's name as text in a template."""
    return "".join(char * 2 if char in "[]{}" else char for char in _name(column))


def _hole(column: Column) -> str:
    return f"{{{column.name}}}"


def _quoted(text: str) -> str:
    """A text as TOML has it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
