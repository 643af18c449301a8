"""Completion in bash for names with spaces and signs in them: “Jim Mattis” completes as one word.

zsh and fish quote what they are given; click's script for bash does not, and its `read` takes one
level of backslashes off.
"""

import os
import re

from click.shell_completion import BashComplete, CompletionItem, add_completion_class

_SIGN = re.compile(r"([^\w@%+=:,./-])")


class QuotingBashComplete(BashComplete):
    """click's bash completion, with values escaped as a person would type them."""

    def format_completion(self, item: CompletionItem) -> str:
        """The item for click's script: its kind and its escaped value."""
        value = str(item.value)
        typed = value if item.type != "plain" or _in_quotes() else _SIGN.sub(r"\\\1", value)
        return f"{item.type},{typed.replace(chr(92), chr(92) * 2)}"


def _in_quotes() -> bool:
    """Whether the word that is being typed begins with a quote, which bash closes by itself."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    at = os.environ.get("COMP_CWORD", "")
    word = words[int(at)] if at.isdecimal() and int(at) < len(words) else ""
    return word[:1] in ("'", '"')


def install() -> None:
    """Put it in the place of click's own."""
    add_completion_class(QuotingBashComplete, "bash")
