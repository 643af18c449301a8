"""Finding a quote in a text: the W3C Web Annotation TextQuoteSelector, white space aside.

A selector is the exact words, and where they stand more than once the text just before and after.
Runs of white space count as one space on both sides, since line breaks are the page's and not the
speaker's; every other character must be the same.
"""

import re

_SPACE = re.compile(r"\s+")


def _even(text: str) -> str:
    return _SPACE.sub(" ", text)


def occurrences(text: str, quote: str, prefix: str | None = None, suffix: str | None = None) -> int:
    """How often `quote` stands in `text` just after `prefix` and just before `suffix`."""
    parts = [_even(part).strip() for part in (prefix or "", quote, suffix or "")]
    if not parts[1]:
        return 0
    wanted = " ?".join(re.escape(part) for part in parts if part)
    return len(re.findall(wanted, _even(text)))
