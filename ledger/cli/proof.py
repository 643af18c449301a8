"""`prove` and `verify-proof`: one claim, and what shows that it was recorded."""

import shutil
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from ledger import lookup
from ledger.cli import types
from ledger.cli.held import LONGEST, Held, checkpoint_file, file_bytes, held, holding, named
from ledger.cli.options import Moment, Reader, database, db_option, words
from ledger.cli.story import MARGIN, tell_story
from ledger.errors import LedgerError
from ledger.placing import placed
from ledger.proofs import (
    Proof,
    ProvenRow,
    Row,
    checkpoint_problems,
    head_problems,
    header_hash,
    problems,
    read_proof,
    written,
)
from ledger.store import open_store
from ledger.visible import visible


@click.command("prove", epilog="Example:  ledger prove 25")
@click.argument("claim", type=types.Name("claim"))
@db_option
@click.option("--as-of", type=Moment(), help="As the ledger stood then: a date or entry.")
@click.option("--checkpoint", metavar="FILE", help="As it stood at this checkpoint, and for it.")
@click.option("--alone", is_flag=True, help="Without the proposition and sources it names.")
@click.option("--document", is_flag=True, help="With its document, and the text attached to it.")
@click.option(
    "--links/--no-links",
    default=None,
    help="With every entry up to the head; else if they are fewer than 1,000.",
)
@click.option("-o", "--output", metavar="FILE", help="Where to write it; - is the screen.")
@click.pass_context
def prove_command(
    ctx: click.Context,
    *,
    claim: str,
    db: str | None,
    as_of: object,
    checkpoint: str | None,
    alone: bool,
    document: bool,
    links: bool | None,
    output: str | None,
) -> None:
    """Write the proof that CLAIM was recorded: JSON that is checked without the ledger.

    Whoever holds a head or a checkpoint of this ledger gives it to `ledger verify-proof`. The proof
    shows the claim, its proposition and its sources whole, notes and all, and nothing else.
    """
    from ledger import pins

    if as_of is not None and checkpoint:
        raise click.UsageError("a --checkpoint says itself as of when; leave out --as-of")
    desk = Reader(open_store(database(ctx, db)), as_of, None, output, False)  # type: ignore[arg-type]  # Moment gives what Reader takes
    if checkpoint:
        _, kept = checkpoint_file(checkpoint)
        with desk.open() as connection:
            for fault in pins.checkpoint_faults(connection, kept.size, kept.root):
                raise LedgerError(
                    f"{checkpoint} is not of this ledger as it stands: {fault.what}",
                    "`ledger verify --checkpoint` says more",
                )
        desk = replace(desk, as_of=kept.size)
    with desk.open() as connection:
        number = lookup.claim(connection, claim)
        proof = pins.proof_of_claim(connection, number, alone=alone, document=document, links=links)
    text = written(proof)
    if output in (None, "-"):
        click.echo(text, nl=False)
        return
    try:
        with placed(Path(str(output))) as stream:
            stream.write(text)
    except OSError as error:
        raise LedgerError(f"cannot write {output}: {error.strerror}", "name another file") from None
    rows = ", ".join(proven.name for proven in proof.rows)
    words(f"wrote the proof of {rows}, as of entry {proof.size}, to {output}")


@click.command("verify-proof", epilog="Example:  ledger prove 25 | ledger verify-proof -")
@click.argument("file")
@holding
def verify_proof_command(
    file: str, head: str | None, checkpoint: str | None, verifier_key: str | None
) -> None:
    """Check the proof in FILE, without any ledger; say what it proves and what it does not.

    Exit status 3 if it does not hold. Without a head or checkpoint that you had from elsewhere it
    shows only that the proof fits together, and anybody can make one that does.
    """
    proof = named(file, lambda: read_proof(file_bytes(file, LONGEST)))
    kept = held(head, checkpoint, verifier_key)
    wrong = [*_problems(proof, kept)]
    if wrong:
        for each in wrong:
            click.echo(visible(each))
        words(f"{file} proves nothing: {len(wrong)} steps do not hold", colour="red")
        click.get_current_context().exit(3)
    for proven in proof.rows:
        if header := proof.header(proven.entry):
            _tell_row(proven, header)
    tell_story(_meaning(proof, kept))


def _problems(proof: Proof, kept: Held) -> Iterator[str]:
    yield from kept.problems
    within = [*problems(proof)]
    yield from within
    if within:
        return
    if kept.head is not None:
        yield from head_problems(proof, kept.head)
    if kept.checkpoint is not None:
        yield from checkpoint_problems(proof, kept.checkpoint.size, kept.checkpoint.root)


def _tell_row(proven: ProvenRow, header: Row) -> None:
    """Every column of a row, and the entry that recorded it."""
    tell_story([(proven.table, str(proven.row["id"]))])
    width = max(60, shutil.get_terminal_size((100, 24)).columns)
    for column, value in proven.row.items():
        if column not in ("id", "entry_id"):
            # What goes on in the next line hangs deeper, so that no text passes for a column.
            told = visible(f"{column}: {value}")
            margin, deeper = " " * MARGIN, " " * (MARGIN + 4)
            click.echo(
                textwrap.fill(
                    told,
                    width,
                    initial_indent=margin,
                    subsequent_indent=deeper,
                    break_on_hyphens=False,
                )
            )
    recorded = f"entry {proven.entry}, {header['recorded_at']} by {header['recorded_by']}"
    message = f" “{header['message']}”" if "message" in header else ""
    tell_story([("recorded", visible(recorded + message))])


def _meaning(proof: Proof, kept: Held) -> Iterator[tuple[str, str]]:
    names = ", ".join(proven.name for proven in proof.rows)
    if kept.head is None and kept.checkpoint is None:
        newest = proof.headers[-1]
        yield "fits", f"{names}: each step of the proof leads to the next, and they lead to"
        if newest["id"] == proof.size:
            yield "", f"head {header_hash(newest)} (entry {proof.size})"
        yield "", f"root {proof.root.hex()} of the tree of {proof.size} entries"
        yield "proves", "nothing yet: anybody can make such a file. Hold it against a head or a"
        yield "", "checkpoint that you had from elsewhere: --head HASH, --checkpoint FILE"
        return
    yield "proves", f"{names}: recorded as shown, in the ledger that {kept.name} stands for"
    yield "not", "that it is true"
    yield "", "that it still stood then: a later entry may hold a newer version"
    yield "", "that time and analyst are right: they are as the ledger says"
