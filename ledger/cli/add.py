"""`ledger add`: what people do all day. One line records a claim; what is missing is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import click
import sqlalchemy as sa

from ledger import lookup, schema, wording
from ledger.cli import naming, types
from ledger.cli.ask import ask, ask_word, on_terminal
from ledger.cli.claim_options import claim_options
from ledger.cli.naming import Meant, New
from ledger.cli.options import Writer, words, writing
from ledger.errors import LedgerError
from ledger.journal import Draft, Value
from ledger.model import SIDE_OF, Attribution, Kind, Precision, Range, Side, SourceKind
from ledger.rules import shown, stated
from ledger.standing import positions, standing
from ledger.visible import visible


@dataclass
class Given:
    """What the line says, before any of it is looked up."""

    proposition: str | None
    source: str | None
    stance: str | None
    new: bool
    values: dict[str, Any]
    proposition_values: dict[str, Any] = field(default_factory=dict)
    source_kind: str | None = None


@dataclass
class Intended:
    """A claim that is ready to be written."""

    proposition: Meant
    source: Meant
    via: Meant | None
    document: Meant | None
    stance: str
    values: dict[str, Value]


@click.command(
    "add",
    epilog="""Example:  ledger add russians-killed Kremlin cannot-confirm
    --quote "did not confirm any Russian deaths" --document article --new""",
)
@click.argument("proposition", type=types.Name("proposition"), required=False)
@click.argument("source", type=types.Name("source"), required=False)
@click.argument("stance", type=types.STANCE, required=False)
@click.option(
    "-p",
    "--proposition",
    "proposition_",
    type=types.Name("proposition"),
    help="Same as PROPOSITION: slug, number or part of its text.",
)
@click.option(
    "-s",
    "--source",
    "source_",
    type=types.Name("source"),
    help="Same as SOURCE: name, alias or number.",
)
@click.option("-t", "--stance", "stance_", type=types.STANCE, help="Same as STANCE.")
@claim_options
@click.option(
    "--new", is_flag=True, help="A name the ledger does not know is meant: record it as new."
)
@click.option("--source-kind", type=types.SOURCE_KIND, help="Kind of a new source.")
@click.option("--kind", type=types.KIND, help="Kind of a new proposition.")
@click.option("--unit", help="Unit of a new count, such as “people killed”.")
@click.option("--population", help="Among whom, for a new count.")
@click.option("--event", type=types.Name("event"), help="Event of a new proposition.")
@writing
def add_command(
    desk: Writer,
    *,
    proposition: str | None,
    source: str | None,
    stance: str | None,
    proposition_: str | None,
    source_: str | None,
    stance_: str | None,
    new: bool,
    source_kind: str | None,
    kind: str | None,
    unit: str | None,
    population: str | None,
    event: str | None,
    **values: Any,
) -> None:
    """Record a claim: SOURCE takes STANCE on PROPOSITION.

    A count takes --wording, the source's own number words, or --low and --high. On a terminal, what
    is missing is asked for; run it bare to be asked for everything.
    """
    given = Given(
        _either("proposition", proposition, proposition_),
        _either("source", source, source_),
        _either("stance", stance, stance_),
        new,
        values,
        {"kind": kind, "unit": unit, "population": population, "event": event},
        source_kind,
    )
    with desk.store.reader() as connection:
        intended = _understood(connection, _completed(connection, given))
    made: dict[tuple[str, str], int] = {}
    with desk.entry() as draft:
        claim = draft.insert(
            "claim",
            {
                **intended.values,
                "proposition_id": naming.number(draft, intended.proposition, made),
                "source_id": naming.number(draft, intended.source, made),
                "via_id": naming.number(draft, intended.via, made),
                "document_id": naming.number(draft, intended.document, made),
                "stance": intended.stance,
            },
        )
        row = draft.row("claim", claim)
        proposition_id = int(str(row["proposition_id"]))
        slug = draft.row("proposition", proposition_id)["slug"]
        name = draft.row("source", int(str(row["source_id"])))["name"]
        now = standing(draft.connection, proposition_id)
        remarks = list(_remarks(draft, claim, row))
    click.echo(visible(f"claim {claim}: {name} {intended.stance} {slug}{_range_told(row)}"))
    click.echo(f"now {now}")
    for remark in remarks:
        words(remark)


def _remarks(draft: Draft, claim: int, row: dict[str, Value]) -> Iterator[str]:
    """What an analyst would want to be told of the claim just written."""
    proposition_id, source_id = int(str(row["proposition_id"])), int(str(row["source_id"]))
    for twin in _twins(draft, row):
        yield f"claim {twin} says the same already; `ledger withdraw {claim}` takes this one out"
    newest, _ = positions(draft.connection, proposition_id).get(source_id, (claim, ""))
    if newest != claim:
        dated = draft.row("claim", newest)["stated_on"]
        told = f", said on {dated}" if dated else ""
        why = "is older" if row["stated_on"] else "has no date"
        yield f"the source's position stays claim {newest}{told}: this one {why}"


def _twins(draft: Draft, row: dict[str, Value]) -> list[int]:
    """The claims that say the very same; what the analyst makes of them does not count."""
    judged = ("id", "status", "because", "note", "basis", "attribution")
    table = schema.claim
    same = [
        table.c[name].is_not_distinct_from(value)
        for name, value in row.items()
        if name not in judged
    ]
    found = draft.connection.execute(
        sa.select(table.c.id).where(*same, table.c.id != row["id"]).order_by(table.c.id)
    )
    return list(found.scalars())


def _either(name: str, argument: str | None, option: str | None) -> str | None:
    if argument is not None and option is not None:
        raise click.UsageError(f"{name.upper()} is given twice, bare and as --{name}")
    return argument if argument is not None else option


def _range_told(row: dict[str, Value]) -> str:
    low, high, said = row["low"], row["high"], row["wording"]
    if low is None and high is None:
        return f" (“{said}”)" if said else ""
    range_ = Range(low, high)  # type: ignore[arg-type]  # the row is checked
    return f" ({range_}, “{said}”)" if said else f" ({range_})"


def _completed(connection: sa.Connection, given: Given) -> Given:
    """What the line leaves out, asked for; without a terminal an error that names all of it."""
    missing = [name for name in ("proposition", "source", "stance") if not getattr(given, name)]
    count = _says_no_number(connection, given)
    if not on_terminal():
        flags = [f"--{name}" for name in missing]
        flags += ["--wording (or --low and --high)"] if count else []
        if flags:
            raise click.UsageError(f"missing: {', '.join(flags)}")
        return given
    bare = len(missing) == 3
    completed = replace(given, values=dict(given.values))
    if not completed.proposition:
        completed.proposition = ask(
            "Proposition", str, suggestions=lookup.suggestions(connection, "proposition")
        )
    if not completed.source:
        completed.source = ask("Source", str, suggestions=lookup.suggestions(connection, "source"))
    if not completed.stance:
        completed.stance = ask_word("Stance", types.STANCE.words, types.STANCE.meanings)
    if _says_no_number(connection, completed) or (bare and _is_count(connection, completed)):
        _ask_number(completed)
    if bare:
        _ask_the_rest(connection, completed)
    return completed


def _kind(connection: sa.Connection, given: Given) -> str | None:
    if not given.proposition:
        return None
    try:
        found = lookup.proposition(connection, given.proposition)
    except LedgerError:
        return given.proposition_values.get("kind")
    table = schema.proposition
    return connection.execute(sa.select(table.c.kind).where(table.c.id == found.id)).scalar()


def _is_count(connection: sa.Connection, given: Given) -> bool:
    return _kind(connection, given) == Kind.COUNT


def _says_no_number(connection: sa.Connection, given: Given) -> bool:
    """Whether a number is wanted and not there: an affirming claim on a count."""
    said = any(given.values.get(name) is not None for name in ("low", "high", "wording"))
    affirms = SIDE_OF.get(given.stance or "") is Side.AFFIRMS
    return affirms and not said and _is_count(connection, given)


def _ask_number(given: Given) -> None:
    optional = SIDE_OF[str(given.stance)] is not Side.AFFIRMS
    given.values["wording"] = ask("How many, in the source's own words", str, optional=optional)


def _ask_the_rest(connection: sa.Connection, given: Given) -> None:
    """The optional ones, only where the command was run bare."""
    values = given.values
    for name, label, what in (
        ("quote", "Quote, as printed", None),
        ("document", "Document", "document"),
        ("via", "Relayed by", "source"),
        ("answers", "Answers claim number", "claim"),
    ):
        known = lookup.suggestions(connection, what) if what else ()
        if values.get(name) is None:
            values[name] = ask(label, str, suggestions=known, optional=True)
    if values.get("said_on") is None:
        values["said_on"] = ask("Said on (2018-02-08, 2018-02)", stated, optional=True)


def _understood(connection: sa.Connection, given: Given) -> Intended:
    """Everything that was named, looked up."""
    values = dict(given.values)
    proposition = naming.proposition(
        connection, str(given.proposition), new=given.new, values=_new_values(connection, given)
    )
    source = naming.source(connection, str(given.source), new=given.new, kind=given.source_kind)
    via, document = values.pop("via"), values.pop("document")
    answers, repeats = values.pop("answers"), values.pop("repeats")
    said_on: tuple[date, Precision] | None = values.pop("said_on")
    if said_on is not None:
        values["stated_on"], values["stated_precision"] = said_on[0], said_on[1].value
    if values.get("attribution") is None:
        values["attribution"] = _attribution(connection, source)
    range_from_words(values)
    return Intended(
        proposition,
        source,
        None if via is None else naming.source(connection, via, new=given.new),
        None if document is None else naming.document(connection, document, new=given.new),
        str(given.stance),
        {
            **values,
            "answers_id": None if answers is None else lookup.claim(connection, answers),
            "repeats_id": None if repeats is None else lookup.claim(connection, repeats),
        },
    )


def _new_values(connection: sa.Connection, given: Given) -> dict[str, Value]:
    event = given.proposition_values.get("event")
    return {
        "kind": given.proposition_values.get("kind"),
        "unit": given.proposition_values.get("unit"),
        "population": given.proposition_values.get("population"),
        "event_id": lookup.event(connection, event).id if event else None,
    }


def _attribution(connection: sa.Connection, source: Meant) -> str:
    """An unnamed source's words are unnamed; else named, unless the line says otherwise."""
    if isinstance(source, New):
        kind = source.values.get("kind")
    else:
        table = schema.source
        kind = connection.execute(sa.select(table.c.kind).where(table.c.id == source.id)).scalar()
    unnamed = kind == SourceKind.UNNAMED
    return (Attribution.UNNAMED if unnamed else Attribution.NAMED).value


def range_from_words(values: dict[str, Any]) -> None:
    """Fill low and high from the wording where they are not given.

    Says so where no convention covers the wording, and where what is given goes beyond it.
    """
    said, low, high = (values.get(name) for name in ("wording", "low", "high"))
    if said is None:
        return
    found = wording.parse(said)
    if low is not None or high is not None:
        upright = low is None or high is None or low <= high
        if found and upright and not found.covers(kept := Range(low, high)):
            words(
                f"{shown(said)} is {found} by convention (docs/wording.md); kept as given: {kept}"
            )
        return
    if found is None:
        words(
            f"no convention covers {shown(said)}: its range stays open; "
            "--low and --high set it (see docs/wording.md)"
        )
        return
    values["low"], values["high"] = found.low, found.high
