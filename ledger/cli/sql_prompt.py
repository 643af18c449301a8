"""The SQL prompt: asks for statements until it is left, and shows each answer.

An error or Ctrl-C ends the statement, never the prompt. What was typed is kept in a history file
that only its owner can read. Nothing here reads the ledger: `ledger.cli.sql` answers.
"""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from ledger import history, query
from ledger.cli import tell
from ledger.cli.options import Reader, words
from ledger.cli.output import FORMATS
from ledger.cli.sql import Asked, answer, in_format, show_schema
from ledger.errors import LedgerError, QueryError
from ledger.sqlwords import KEYWORDS, Relation
from ledger.statement import did_you_mean

#: The prompt's own commands, and what help says of them.
COMMANDS = {
    ".help": "this",
    ".views": "the views, in a line each",
    ".schema": "every view and column; .schema claims tells one view",
    ".format": f"how answers are shown: {', '.join(FORMATS)}",
    ".quit": "leave; so does Ctrl-D",
}
_LEAVING = (".quit", ".exit", "quit", "exit", "\\q")
_BARE = ("help", *_LEAVING)


def converse(desk: Reader, asked: Asked) -> None:
    """Ask for statements and answer them until the analyst leaves."""
    with desk.open() as connection:
        entry = history.head(connection).entry
    words(f"{desk.store.name} as of entry {entry}, to read only. End a statement with ;")
    words("Tab completes, Ctrl-C stops, .help tells more, .quit or Ctrl-D leaves.")
    session: PromptSession[str] = PromptSession(
        history=kept_history(),
        multiline=True,
        prompt_continuation="   ...> ",
        completer=Names(query.known(desk.store)),
        complete_while_typing=False,
        key_bindings=_keys(),
    )
    while True:
        typed = ""
        try:
            typed = session.prompt("ledger> ").strip()
            if typed.rstrip(";").lower() in _LEAVING:
                return
            desk = _done(desk, typed, asked)
        except LedgerError as error:
            tell(error)
        except click.UsageError as error:
            words(error.message)
        except KeyboardInterrupt:
            if typed:
                words("stopped")
        except EOFError:
            return


def _done(desk: Reader, typed: str, asked: Asked) -> Reader:
    """Do what was typed; the desk at which the next thing is done."""
    if not typed:
        return desk
    if typed.startswith(".") or typed.lower() in _BARE:
        command, *arguments = typed.rstrip(";").split()
        return _commanded(desk, command.lower(), arguments)
    answer(desk, typed, {}, asked, tell=desk.format in (None, "table"))
    return desk


def _commanded(desk: Reader, command: str, arguments: list[str]) -> Reader:
    if command in (".help", "help"):
        _list(COMMANDS.items())
    elif command == ".views":
        _list((each.name, each.meaning) for each in query.known(desk.store).relations)
    elif command == ".schema":
        show_schema(in_format(desk, "table"), tuple(arguments))
    elif command == ".format":
        return _in_format(desk, arguments)
    else:
        raise QueryError(
            f"there is no command {command}",
            did_you_mean(command, list(COMMANDS)) or f"there are {', '.join(COMMANDS)}",
        )
    return desk


def _in_format(desk: Reader, arguments: list[str]) -> Reader:
    if len(arguments) != 1 or arguments[0] not in FORMATS:
        raise QueryError("say how answers are to be shown", f".format {' | '.join(FORMATS)}")
    return in_format(desk, arguments[0])


def _list(lines: Iterable[tuple[str, str]]) -> None:
    pairs = list(lines)
    widest = max(len(name) for name, _ in pairs)
    for name, said in pairs:
        click.echo(f"  {name.ljust(widest)}  {said}")


def is_whole(typed: str) -> bool:
    """Whether Enter ends what was typed: a command, nothing, or statements closed by `;`."""
    bare = typed.strip()
    return (
        not bare
        or bare.startswith(".")
        or bare.lower() in _BARE
        or sqlite3.complete_statement(bare)
    )


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state and buffer.complete_state.current_completion:
            buffer.complete_state = None  # Enter takes the word that was chosen
        elif is_whole(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys


def history_path() -> Path:
    """Where statements are kept: in the user's state folder (XDG base directories)."""
    state = os.environ.get("XDG_STATE_HOME") or ""
    folder = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return folder / "claim-ledger" / "sql_history"


def kept_history() -> History:
    """The history of earlier prompts; only of this one, where no file can be kept."""
    try:
        path = history_path()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600))
        path.chmod(0o600)
    except (OSError, RuntimeError) as error:
        words(f"no history is kept: {error}")
        return InMemoryHistory()
    return _Kept(str(path))


class _Kept(FileHistory):
    def store_string(self, string: str) -> None:
        """Keep one statement; a full disk does not end the prompt."""
        with suppress(OSError):
            super().store_string(string)


_WORD = re.compile(r"[\w.]+\Z")
_LAID_OUT = re.compile(r"\b(?:FROM|JOIN|,)\s+(\w+)(?:\s+AS)?\s+(\w+)", re.IGNORECASE)


class Names(Completer):
    """Completes views, columns, functions and keywords; columns of what is named come first."""

    def __init__(self, known: query.Known) -> None:
        self._known = known

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """What the word before the cursor may become."""
        before = document.text_before_cursor
        if before.lstrip().startswith("."):
            yield from self._commands(before.lstrip())
            return
        found = _WORD.search(before)
        word = found[0] if found else ""
        owner, dot, start = word.rpartition(".")
        text = document.text
        candidates = _columns(self._owner(owner, text)) if dot else self._names(text)
        seen = set()
        for name, meaning in candidates:
            if name.lower().startswith(start.lower()) and name not in seen:
                seen.add(name)
                yield Completion(name, -len(start), display_meta=meaning)

    def _commands(self, before: str) -> Iterator[Completion]:
        command, space, start = before.partition(" ")
        choices: Iterable[str] = COMMANDS
        if space:
            named = [relation.name for relation in self._known.relations]
            choices = {".format": FORMATS, ".schema": named}.get(command, ())
        typed = start if space else command
        for choice in choices:
            if choice.startswith(typed):
                yield Completion(choice, -len(typed), display_meta=COMMANDS.get(choice, ""))

    def _owner(self, name: str, statement: str) -> list[Relation]:
        """The view that a name or its short form stands for in a statement."""
        short = {alias.lower(): whole for whole, alias in _LAID_OUT.findall(statement)}
        meant = short.get(name.lower(), name).lower()
        return [relation for relation in self._known.relations if relation.name == meant]

    def _names(self, statement: str) -> Iterator[tuple[str, str]]:
        relations = self._known.relations
        used = set(re.findall(r"\w+", statement.lower()))
        named = [relation for relation in relations if relation.name in used]
        rest = [relation for relation in relations if relation.name not in used]
        functions = sorted(name for name in self._known.functions if name[0].isalpha())
        return chain(
            _columns(named),
            ((relation.name, relation.meaning) for relation in relations),
            ((keyword, "") for keyword in KEYWORDS),
            () if named else _columns(rest),
            ((f"{function}(", "function") for function in functions),
        )


def _columns(relations: list[Relation]) -> Iterator[tuple[str, str]]:
    return chain.from_iterable(relation.columns.items() for relation in relations)
