"""HTML: one page with one table, for a person to read on a desk, on a phone or on paper.

The page is self-contained: no script, and a Content-Security-Policy that lets nothing be loaded but
its own style sheet, which it names by hash. Every text is escaped, shown with its control
characters visible, and isolated in its own direction. On a narrow screen, and on paper where there
are many columns, a row becomes a list of its columns.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from html import escape
from typing import IO, Any

from ledger.formats import Answer
from ledger.formats.values import plain
from ledger.visible import visible

#: From so many columns on a sheet of paper is too narrow for a row.
_MANY = 7

#: Texts from these lengths on ask for a wider column.
_SOME, _LONG = 20, 60

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --quiet: #595959; --line: #c9c9c9;
  --head: #f1f1f1; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #161616; --quiet: #a8a8a8;
  --line: #454545; --head: #262626; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.4 system-ui, sans-serif; }
h1 { font-size: 1.25rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
p, details { color: var(--quiet); margin: .75rem 0; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem 1rem; }
.frame { overflow: auto; max-height: 88vh; border: 1px solid var(--line); }
.frame:focus-visible { outline: 2px solid; outline-offset: 2px; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .35rem .6rem; text-align: start; vertical-align: top; white-space: pre-line;
  border-bottom: 1px solid var(--line); max-width: 42ch; overflow-wrap: break-word; }
thead th { position: sticky; top: 0; background: var(--head); white-space: nowrap; }
tbody th { font-weight: 600; }
.some { min-width: 16ch; } .long { min-width: 28ch; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
"""

#: A row as a list: each cell after its column's name. `{names}` is a rule a column.
_LISTED = """
.frame { border: 0; max-height: none; overflow: visible; }
table, tbody, tr, th, td { display: block; max-width: none; }
.some { min-width: 0; }
thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
tr { border: 1px solid var(--line); margin: 0 0 .75rem; padding: .3rem .6rem; break-inside: avoid; }
tbody th, td { display: grid; grid-template-columns: 8.5rem 1fr; border: 0; padding: .15rem 0;
  overflow-wrap: anywhere; }
tbody .long { display: block; min-width: 0; }
tbody .number { text-align: start; }
tbody th::before, td::before { display: block; color: var(--quiet); font-weight: 400; }
td:empty { display: none; }
"""

_PRINT = """
:root { --ink: #000; --paper: #fff; --quiet: #333; --line: #999; --head: #fff; }
body { padding: 0; font-size: 10pt; } .frame { max-height: none; overflow: visible; border: 0; }
thead { display: table-header-group; } thead th { position: static; white-space: normal; }
tr { break-inside: avoid; } details { display: none; }
"""


def write_html(stream: IO[str], answer: Answer) -> None:
    """Write the page, row by row; the number of rows stands below the table."""
    style = _style(answer.columns)
    title = _text(answer.title)
    stream.write(_head(title, style))
    stream.write(f'<h1 id="title">{_directed(answer.title)}</h1>\n')
    stream.write('<div class="frame" role="region" aria-labelledby="title" tabindex="0">\n')
    # A list made of a table by CSS is a table no more to some readers, unless it says so.
    stream.write('<table role="table" aria-labelledby="title">\n<thead role="rowgroup">')
    heads = (f'<th scope="col" role="columnheader">{_text(name)}</th>' for name in answer.columns)
    stream.write(f'<tr role="row">{"".join(heads)}</tr></thead>\n<tbody role="rowgroup">\n')
    number = 0
    for row in answer.rows:
        number += 1
        stream.write(f'<tr role="row">{"".join(_cells(row))}</tr>\n')
    stream.write("</tbody>\n</table>\n</div>\n")
    stream.write(f"<p>{_told(number) if number else _text(answer.empty)}</p>\n")
    stream.writelines(_meanings(answer))
    stream.write("</main>\n</body>\n</html>\n")


def policy(style: str) -> str:
    """The Content-Security-Policy of a page that holds this style sheet and loads nothing."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _head(title: str, style: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(style)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
    )


def _style(columns: Sequence[str]) -> str:
    names = "".join(
        f"tr > :nth-child({place})::before {{ content: {_css_string(name)}; }}\n"
        for place, name in enumerate(columns, 1)
    )
    # The header's own cells have no name above them.
    listed = f"{_LISTED}{names}thead th::before {{ content: none !important; }}\n"
    on_paper = _PRINT + (listed if len(columns) > _MANY else "")
    return (
        f"{_STYLE}@media screen and (max-width: 40rem) {{{listed}}}\n@media print {{{on_paper}}}\n"
    )


def _css_string(text: str) -> str:
    r"""Text as a string of CSS: all but letters and digits as `\1F `, so that nothing ends it."""
    body = "".join(
        char if char.isascii() and char.isalnum() else f"\\{ord(char):X} " for char in visible(text)
    )
    return f'"{body}"'


def _cells(row: Sequence[Any]) -> Iterator[str]:
    for place, value in enumerate(row):
        cell = ('<th scope="row" role="rowheader"', "</th>") if place == 0 else ("<td", "</td>")
        role = "" if place == 0 else ' role="cell"'
        yield f"{cell[0]}{role}{_class(value)}>{_directed(plain(value))}{cell[1]}"


def _class(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ' class="number"'
    if not isinstance(value, str) or len(value) < _SOME:
        return ""
    return ' class="some"' if len(value) < _LONG else ' class="long"'


def _directed(text: str) -> str:
    """A text, isolated where it may run from right to left."""
    return _text(text) if text.isascii() else f'<div dir="auto">{_text(text)}</div>'


def _text(text: str) -> str:
    return escape(visible(text, lines=True))


def _told(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _meanings(answer: Answer) -> Iterator[str]:
    told = [name for name in answer.columns if name in answer.meanings]
    if told:
        yield "<details>\n<summary>What the columns say</summary>\n<dl>\n"
        for name in told:
            yield f"<dt>{_text(name)}</dt><dd>{_text(answer.meanings[name])}</dd>\n"
        yield "</dl>\n</details>\n"
