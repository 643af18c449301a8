"""From which entry on something is new: what an analyst holds of the last report, as a number.

A date, an entry's number, a head that was printed under a report, or a checkpoint. A head or a
checkpoint that this ledger does not hold is refused, never guessed at.
"""

import re
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from ledger import history, pins, schema
from ledger.errors import AmbiguousError, InvalidError, LedgerError, NotFoundError, Problem
from ledger.notes import Checkpoint
from ledger.rules import EARLIEST, shown, stated

#: A head by its first digits: fewer than these might be a word or a number.
_FEWEST = 6
_HASH = re.compile(r"[0-9a-fA-F]{6,64}")

Since = str | int | date | datetime | Checkpoint


def entry_since(connection: sa.Connection, since: Since) -> int:
    """The number of the newest entry that is no news; 0 where all of them are.

    `since` is an entry's number (what it wrote is known); a day, a month or a year (news from its
    first moment on, UTC) or a moment with a time zone (news after it); a head: an entry's hash, or
    its first 6 digits or more; a checkpoint. Text may be any of these but a checkpoint. Raises
    NotFoundError for an entry, and LedgerError for a head or checkpoint, that is not in this
    ledger; AmbiguousError where two hashes begin so; InvalidError for any other text.
    """
    if isinstance(since, Checkpoint):
        return _checkpoint(connection, since)
    if isinstance(since, str):
        return _text(connection, since.strip())
    if isinstance(since, int):
        return history.entry_as_of(connection, since)
    return _moment(connection, since)


def _text(connection: sa.Connection, text: str) -> int:
    if text.isdecimal() and text.isascii():
        return _number(connection, text)
    try:
        return _moment(connection, stated(text)[0])
    except ValueError:
        pass
    if _HASH.fullmatch(text):
        return _head(connection, text.lower())
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        told = f"{shown(text)} is no date, entry or head"
        problem = Problem("since", told, "2026-11-20, 7, or the hash that `ledger head` prints")
        raise InvalidError("the changes cannot be told from there", [problem]) from None
    return _moment(connection, moment)


def _number(connection: sa.Connection, digits: str) -> int:
    """An entry's number; or, past the newest one, the beginning of a hash, which may be digits."""
    try:
        return history.entry_as_of(connection, int(digits[:18]))
    except NotFoundError as error:
        if len(digits) >= _FEWEST and (found := _beginning(connection, digits)):
            return found[0]
        if len(digits) == 64:
            raise _not_here(f"no entry has the head {digits}", digits) from None
        if len(digits) == 4 and int(digits) >= EARLIEST.year:
            hint = f"{error.hint}; a year is no date here: {digits}-01-01"
            raise NotFoundError(error.message, hint) from None
        raise


def _moment(connection: sa.Connection, moment: date | datetime) -> int:
    if isinstance(moment, datetime):
        return history.entry_as_of(connection, moment)
    if moment == date.min:
        return 0
    return history.entry_as_of(connection, moment - timedelta(days=1))


def _head(connection: sa.Connection, digits: str) -> int:
    found = _beginning(connection, digits)
    if len(found) > 1:
        numbers = [f"entry {number}" for number in found]
        raise AmbiguousError(
            f"{len(found)} heads begin with {digits}: {', '.join(numbers)}",
            "say more of it, or the entry's number",
            numbers,
        )
    if not found:
        raise _not_here(f"no entry has the head {digits}{'' if len(digits) == 64 else '…'}", digits)
    return found[0]


def _beginning(connection: sa.Connection, digits: str) -> list[int]:
    """The entries whose hash begins so, a few at most."""
    entry = schema.entry
    question = sa.select(entry.c.id).where(entry.c.hash.startswith(digits, autoescape=True))
    return list(connection.execute(question.order_by(entry.c.id).limit(5)).scalars())


def _not_here(message: str, digits: str) -> LedgerError:
    told = f"`ledger verify --head {digits}` tells more" if len(digits) == 64 else ""
    why = "it is another ledger's, or was cut off or rewritten"
    return LedgerError(message, f"{why}; {told or '`ledger log` shows the entries'}")


def _checkpoint(connection: sa.Connection, kept: Checkpoint) -> int:
    for fault in pins.checkpoint_faults(connection, kept.size, kept.root):
        raise LedgerError(fault.what, "`ledger verify --checkpoint FILE` tells more")
    return kept.size
