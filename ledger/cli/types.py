"""What commands take: words of a vocabulary, names in the ledger, dates; each completes itself."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import Any

import click
from click.shell_completion import CompletionItem

from ledger import model
from ledger.errors import LedgerError
from ledger.model import Precision
from ledger.rules import blank, day, shown, stated


class Word(click.ParamType[str]):
    """One word of a vocabulary; a word that is close to one is told which."""

    name = "word"

    def __init__(self, words: Iterable[str], meanings: dict[str, str] | None = None) -> None:
        self.words = tuple(words)
        self.meanings = meanings or {}

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """The words themselves where they are few."""
        joined = "|".join(self.words)
        return f"[{joined}]" if len(joined) <= 60 else None

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word as the ledger spells it: case and underscores do not matter."""
        word = str(value).strip().casefold().replace("_", "-").replace(" ", "-")
        by_fold = {each.casefold(): each for each in self.words}
        if word in by_fold:
            return by_fold[word]
        close = get_close_matches(word, by_fold, n=1)
        meant = f" Did you mean {by_fold[close[0]]!r}?" if close else ""
        self.fail(f"{shown(value)} is not one of {', '.join(self.words)}.{meant}", param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The words that begin so, with their meanings."""
        return [
            CompletionItem(word, help=self.meanings.get(word))
            for word in self.words
            if word.startswith(incomplete)
        ]


STANCE = Word(
    [stance.code for stance in model.STANCES],
    {stance.code: f"{stance.side}: {stance.meaning}" for stance in model.STANCES},
)
STATUS = Word(
    [status.code for status in model.STATUSES],
    {status.code: status.meaning for status in model.STATUSES},
)
SIDE = Word([side.value for side in model.Side])
KIND = Word([kind.value for kind in model.Kind])
SOURCE_KIND = Word([kind.value for kind in model.SourceKind])
BASIS = Word([basis.value for basis in model.Basis])
ATTRIBUTION = Word([attribution.value for attribution in model.Attribution])
VERDICT = Word([verdict.value for verdict in model.Verdict])
RELIABILITY = Word(model.RELIABILITIES)


class Name(click.ParamType[str]):
    """A source, proposition, event, document or claim, by any name it has; looked up later."""

    def __init__(self, what: str) -> None:
        self.name = what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text as typed; empty text names nothing."""
        text = str(value).strip()
        if not text:
            self.fail(f"names no {self.name}", param, ctx)
        return text

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The names in the ledger that begin with, or hold, what is typed; none without one."""
        from ledger import lookup
        from ledger.cli.options import database
        from ledger.names import folded
        from ledger.store import open_store

        try:
            with open_store(database(ctx, ctx.params.get("db"))).reader() as connection:
                known = lookup.suggestions(connection, self.name)
        except LedgerError:
            return []
        wanted = folded(incomplete)
        begin = [each for each in known if folded(each[0]).startswith(wanted)]
        return [CompletionItem(name, help=words or None) for name, words in begin[:200]]


DAYS_AGO = {"today": 0, "yesterday": 1}


def days_ago(word: str) -> date:
    """The day that a word of DAYS_AGO means here."""
    return date.today() - timedelta(days=DAYS_AGO[word])  # noqa: DTZ011 - the analyst's own day


class ClaimsThen(Name):
    """Claims, any number of them, before one word: both are offered, as either may come."""

    def __init__(self, word: Word) -> None:
        super().__init__("claim")
        self._word = word

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The claims, and the words that may follow them."""
        following = self._word.shell_complete(ctx, param, incomplete)
        return [*following, *super().shell_complete(ctx, param, incomplete)]


class StatedOn(click.ParamType[tuple[date, Precision]]):
    """A day, a month or a year; `today` and `yesterday` are days."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, Precision]:
        """The first day it may mean, and how exact it is."""
        if isinstance(value, tuple):
            return value
        try:
            return (days_ago(value), Precision.DAY) if value in DAYS_AGO else stated(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Day(click.ParamType[date]):
    """A day, and nothing less exact."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day."""
        if isinstance(value, date):
            return value
        try:
            return days_ago(value) if value in DAYS_AGO else day(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Wording(click.ParamType[str]):
    """Number words, and not none."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The words as typed."""
        text = str(value)
        if blank(text):
            self.fail("is missing: give the source's own number words, or no --wording", param, ctx)
        return text


class Count(click.ParamType[int]):
    """A whole number that counts something: `1200` or `1,200`."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        if isinstance(value, int):
            return value
        digits = str(value).replace(",", "").replace("_", "")
        if not (digits.isascii() and digits.isdecimal()):
            self.fail(f"{shown(value)} is no count (allowed: 0, 5, 1200 …)", param, ctx)
        if len(digits) > 99 or int(digits) > model.LARGEST_COUNT:  # int() refuses 5,000 digits
            self.fail(f"{shown(value)} is too large (at most {model.LARGEST_COUNT})", param, ctx)
        return int(digits)


class Instant(click.ParamType[datetime]):
    """A moment; one without a time zone is taken as UTC."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment, in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{shown(value)} is no moment (allowed: 2018-02-20T09:00:00Z)", param, ctx)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
