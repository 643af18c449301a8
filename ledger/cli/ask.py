"""Asking on a terminal for what is missing, with suggestions; never asked without one.

Every question has a flag that answers it beforehand.
"""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from ledger.cli.options import words
from ledger.errors import LedgerError

T = TypeVar("T")


def on_terminal() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(
    label: str,
    check: Callable[[str], T],
    *,
    suggestions: Sequence[tuple[str, str]] = (),
    optional: bool = False,
) -> T | None:
    """Ask until `check` takes the answer; None for an empty one if it is `optional`.

    `suggestions` are values with a few words on each. What `check` raises as LedgerError or
    ValueError is told, and the question comes again. Ctrl-C and Ctrl-D give up: click.Abort.
    """
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import FuzzyCompleter, WordCompleter
    from prompt_toolkit.output import create_output

    meanings = dict(suggestions)
    completer = FuzzyCompleter(
        WordCompleter(list(meanings), meta_dict=meanings, sentence=True), enable_fuzzy=True
    )
    session: PromptSession[str] = PromptSession(output=create_output(sys.stderr))
    shown_label = f"{label} (optional): " if optional else f"{label}: "
    while True:
        try:
            answer = session.prompt(
                shown_label, completer=completer, complete_while_typing=bool(meanings)
            ).strip()
        except (EOFError, KeyboardInterrupt):
            raise click.Abort from None
        if not answer:
            if optional:
                return None
            continue
        try:
            return check(answer)
        except LedgerError as error:
            words(f"  {error.message}" + (f" – {error.hint}" if error.hint else ""))
        except ValueError as error:
            words(f"  {error}")


def ask_word(label: str, words_: Sequence[str], meanings: dict[str, str] | None = None) -> str:
    """Ask for one of a few words."""
    told = meanings or {}

    def check(answer: str) -> str:
        if answer not in words_:
            raise ValueError(f"one of: {', '.join(words_)}")
        return answer

    found = ask(label, check, suggestions=[(word, told.get(word, "")) for word in words_])
    return str(found)


def confirm(question: str, *, default: bool = False) -> bool:
    """Ask yes or no, on standard error."""
    return click.confirm(question, default=default, err=True)
