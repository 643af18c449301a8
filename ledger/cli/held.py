"""What somebody outside holds: options for heads, checkpoints and keys, and reading their files."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ledger import history
from ledger.cli.options import words
from ledger.cli.types import DAYS_AGO, days_ago
from ledger.errors import FormatError, LedgerError
from ledger.notes import (
    LONGEST_NOTE,
    Checkpoint,
    Note,
    SignerKey,
    VerifierKey,
    read_checkpoint,
    read_note,
    read_signer_key,
    read_verifier_key,
    signature_problems,
)
from ledger.rules import shown

if TYPE_CHECKING:
    import sqlalchemy as sa

F = TypeVar("F", bound=Callable[..., Any])

#: More than any proof has, but for one with a long document's text in it.
LONGEST = 64 << 20


class HeadHash(click.ParamType[str]):
    """An entry's hash, as `ledger head` prints it."""

    name = "hash"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Its 64 digits in lower case."""
        digits = str(value).strip().lower()
        if len(digits) != 64 or set(digits) - set("0123456789abcdef"):
            self.fail(
                f"{shown(value)} is no head (allowed: the 64 digits that ledger head prints)",
                param,
                ctx,
            )
        return digits


class Since(click.ParamType[str | Checkpoint]):
    """What is held of an earlier report: a date, entry or head as text, or a checkpoint's file."""

    name = "date|entry|head|file"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | Checkpoint:
        """The text, today and yesterday as the days they are; of a file the checkpoint in it."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # converted already
        if value in DAYS_AGO:
            return days_ago(value).isoformat()
        if re.fullmatch("[0-9a-fA-F-]*", value) or not Path(value).is_file():
            return value
        return checkpoint_file(value)[1]


@dataclass(frozen=True)
class Held:
    """A head, or a checkpoint and what is wrong with its signature, or nothing."""

    head: str | None = None
    checkpoint: Checkpoint | None = None
    signed_by: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What is held, in words."""
        if self.checkpoint is None:
            return f"the head {self.head}"
        by = f"signed by {self.signed_by}" if self.signed_by else "its signature not checked"
        return f"the checkpoint of {shown(self.checkpoint.origin)} ({by})"


def holding(command: F) -> F:
    """Make a command one that takes what is held: --head, --checkpoint, --verifier-key."""
    for option in (
        click.option("--verifier-key", metavar="KEY|FILE", help="Who must have signed it."),
        click.option("--checkpoint", metavar="FILE", help="A signed checkpoint that was kept."),
        click.option("--head", type=HeadHash(), metavar="HASH", help="A head that was kept."),
    ):
        command = option(command)
    return command


def held(head: str | None, checkpoint: str | None, verifier_key: str | None) -> Held:
    """What the options say; a usage error for a key without a checkpoint, or for both."""
    if verifier_key and not checkpoint:
        raise click.UsageError("--verifier-key says who signed a --checkpoint")
    if head and checkpoint:
        raise click.UsageError("hold it against a --head or a --checkpoint, not both")
    if not checkpoint:
        return Held(head)
    note, found = checkpoint_file(checkpoint)
    if not verifier_key:
        words(
            "the signature of the checkpoint was not checked: say who signed it with --verifier-key"
        )
        return Held(checkpoint=found)
    key = verifier(verifier_key)
    problems = tuple(f"the checkpoint: {each}" for each in signature_problems(note, key))
    return Held(None, found, f"{shown(key.name)}, key {key.id.hex()}", problems)


def pinned_faults(connection: "sa.Connection", kept: Held) -> Iterator[history.Fault]:
    """What of the ledger is not as it was when the head or checkpoint was made."""
    from ledger import pins

    for what in kept.problems:
        yield history.Fault(None, None, None, what)
    if kept.head is not None:
        yield from pins.head_faults(connection, kept.head)
    if kept.checkpoint is not None:
        yield from pins.checkpoint_faults(connection, kept.checkpoint.size, kept.checkpoint.root)


def pinned_entries(connection: "sa.Connection", kept: Held) -> int:
    """Of how many entries the head or checkpoint speaks, from the first; 0 for neither."""
    from ledger import pins

    if kept.checkpoint is not None:
        return kept.checkpoint.size
    return pins.entry_of(connection, kept.head) or 0 if kept.head else 0


def checkpoint_file(path: str) -> tuple[Note, Checkpoint]:
    """The checkpoint in a file, and the note that it is; LedgerError where there is none."""
    note = named(path, lambda: read_note(file_bytes(path, LONGEST_NOTE)))
    return note, named(path, lambda: read_checkpoint(note.text))


def signer(path: str) -> SignerKey:
    """The signer key in a file."""
    return named(path, lambda: read_signer_key(_one_line(path)))


def verifier(given: str) -> VerifierKey:
    """A verifier key: written out, or in a file; a signer key's file will do too."""
    if given.count("+") >= 2 and not Path(given).exists():
        return read_verifier_key(given)

    def read() -> VerifierKey:
        line = _one_line(given)
        if line.startswith("PRIVATE+KEY+"):
            return read_signer_key(line).verifier()
        return read_verifier_key(line)

    return named(given, read)


def _one_line(path: str) -> str:
    try:
        text = file_bytes(path, 10_000).decode().strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(text.splitlines()) != 1:
        raise FormatError("this is no key", "`ledger key new FILE` makes one")
    return text


def file_bytes(path: str, longest: int = LONGEST) -> bytes:
    """A file's bytes, - being standard input; LedgerError where it cannot be read, or is long."""
    try:
        with click.open_file(path, "rb") as stream:
            data: bytes = stream.read(longest + 1)
    except OSError as error:
        raise LedgerError(f"cannot read {path}: {error.strerror}", "name another file") from None
    if len(data) > longest:
        raise LedgerError(f"{path} is longer than what it should be", "name another file")
    return data


T = TypeVar("T")


def named(path: str, read: Callable[[], T]) -> T:
    """What `read` gives; what it refuses is told with the file's name."""
    try:
        return read()
    except FormatError as error:
        raise FormatError(f"{path}: {error.message}", error.hint) from None
