"""Disarms text that a spreadsheet would run as a formula, and takes the mark off again.

Follows OWASP's rule on CSV injection: a cell that begins with = + - @, a tab, a line break, or a
full-width twin of these, is led by an apostrophe, which spreadsheets read as “this is text”. White
space before the sign counts as nothing. A plain number such as -5 or +35.42 runs nothing and stays.

The mark can always be taken off again: a text that is dangerous behind apostrophes of its own is
given one more, and only such a text loses one. For every text, `rearm(disarm(text)) == text`; text
that merely begins with an apostrophe (’tis, 'so-called') is left alone by both.
"""

import re

_MARK = "'"
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
_NUMBER = re.compile(r"'*[+-]\d+(?:\.\d+)?", re.ASCII)


def disarm(text: str) -> str:
    """The text as a cell that no spreadsheet runs."""
    return _MARK + text if _dangerous(text) else text


def rearm(cell: str) -> str:
    """The text that `disarm` made this cell of."""
    return cell[1:] if cell.startswith(_MARK) and _dangerous(cell) else cell


def _dangerous(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None
