"""Hostile text made visible: what would steer a screen or a page is shown as a mark instead.

Control and format characters (escape sequences, text direction, zero width) become `⟨U+202E⟩`, the
common C0 ones their Unicode pictures. Everything a reader reads stays as it is, but text that no
screen holds is cut, and says so.
"""

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

#: Characters of one text that a screen shows; wrapping ten million takes minutes.
LONGEST = 2_000


def cut(text: str) -> str:
    """`text` as a screen shows it: no more than LONGEST characters, and how many there are."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}… ({len(text):,} characters; other formats have all)"


def visible(text: str, *, lines: bool = False) -> str:
    """`text` with every unseen character as a mark; line breaks stay if `lines`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_mark(char, lines) for char in text)


def _mark(char: str, lines: bool) -> str:
    if unicodedata.category(char) not in _UNSEEN or (lines and char == "\n"):
        return char
    code = ord(char)
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"
