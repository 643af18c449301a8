"""How every chart looks: colours with a shape each, names on their lines, one legend, one font.

Colours are those that Okabe and Ito chose to be told apart by the colour-blind (Color Universal
Design, jfly.uni-koeln.de/color, 2008). No meaning hangs on a colour alone: each side also has a
shape, and charts say stances in words.
"""

import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.errors import LedgerError
from ledger.model import Side
from ledger.visible import visible

#: The colour of each side.
COLOURS = {
    Side.AFFIRMS: "#0072B2",
    Side.DENIES: "#D55E00",
    Side.WITHHOLDS: "#E69F00",
    Side.REPORTS: "#009E73",
    Side.WITHDRAWS: "#CC79A7",
}

#: The shape of each side: Vega's words, and for a denial a cross as a path.
SHAPES = {
    Side.AFFIRMS: "circle",
    Side.DENIES: "M-.9,-.5L-.5,-.9L0,-.4L.5,-.9L.9,-.5L.4,0L.9,.5L.5,.9L0,.4L-.5,.9L-.9,.5L-.4,0Z",
    Side.WITHHOLDS: "square",
    Side.REPORTS: "triangle-up",
    Side.WITHDRAWS: "diamond",
}

INK, QUIET, LINE = "#222222", "#5f5f5f", "#d9d9d9"

#: The first of these that a reader's machine has.
FONT = "Noto Sans, DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif"

Rows = Sequence[Mapping[str, Any]]


def library() -> Any:
    """Altair; LedgerError where it is missing."""
    try:
        import altair
    except ImportError:
        raise LedgerError(
            "charts need the Altair library, which is not installed",
            'pip install "claim-ledger[charts]"',
        ) from None
    return altair


def lines(text: str, width: int, most: int = 2) -> str:
    """A text as a label: on at most `most` lines of `width` columns, cut with a mark (…)."""
    shown = " ".join(visible(text).split())
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in shown)
    columns = width // 2 if wide * 2 > len(shown) else width
    found = textwrap.wrap(shown, columns, max_lines=most, placeholder="…", break_on_hyphens=False)
    if found[-1:] == ["…"]:  # of a word that had to be broken
        found[-2:] = [f"{(found[-2] if len(found) > 1 else shown[:columns])[:-1]}…"]
    return "\n".join(found)


def values(rows: Rows) -> Any:
    """Rows as the data of a layer, each text with its control characters visible."""
    return library().Data(
        values=[
            {
                name: visible(value, lines=True) if isinstance(value, str) else value
                for name, value in row.items()
            }
            for row in rows
        ]
    )


#: Pixels from one line of a label to the next.
_LEADING = 13


def rise(label: str) -> float:
    """How many pixels up a label's first line stands, so that all of them stand about the place."""
    return label.count("\n") * _LEADING / 2


def text(rows: Rows, **mark: Any) -> Any:
    """A layer of text: the field `words`, its line breaks kept; x and y are to be encoded."""
    style = {"fontSize": 11, "color": INK, "baseline": "middle", "lineBreak": "\n"}
    drawn = style | {"lineHeight": _LEADING} | mark
    return library().Chart(values(rows)).mark_text(**drawn).encode(text="words:N")


def by_side(channel: str, found: Iterable[str], *, legend: bool = True) -> Any:
    """The encoding of the field `side` as colour or shape, with a legend of the sides found."""
    alt = library()
    present = set(found)
    sides = [side for side in Side if side.value in present]
    table: Mapping[Side, str] = SHAPES if channel == "shape" else COLOURS
    scale = alt.Scale(domain=[side.value for side in sides], range=[table[side] for side in sides])
    drawn = (
        alt.Legend(title=None, orient="bottom", symbolSize=110, symbolOpacity=1) if legend else None
    )
    return {"shape": alt.Shape, "color": alt.Color, "fill": alt.Fill}[channel](
        "side:N", scale=scale, legend=drawn
    )


def finished(layers: Sequence[Any], *, title: str, below: str, about: str, **size: Any) -> Any:
    """The layers as one chart. `below` stands under the title, `about` is for those who hear it."""
    alt = library()
    # Vega warns of a layer without data, and a chart without any layer has no size.
    told = [layer for layer in layers if layer.data.values]
    nothing = text([{"words": below}], align="left").encode(x=alt.value(0), y=alt.value(12))
    return (
        alt.layer(*(told or [nothing]))
        .properties(
            title=alt.Title(
                lines(title, 100).split("\n"),
                subtitle=lines(below, 120, most=3).split("\n"),
                anchor="start",
                frame="bounds",
            ),
            description=visible(about),
            background="white",
            padding=12,
            **size,
        )
        .configure(font=FONT)
        .configure_mark(aria=False)  # what is to be heard stands in the description
        .configure_view(stroke=None)
        .configure_title(
            fontSize=15, subtitleFontSize=11, subtitleColor=QUIET, color=INK, offset=14
        )
        .configure_axis(
            labelColor=QUIET, titleColor=QUIET, titleFontWeight="normal", gridColor=LINE,
            domainColor=LINE, tickColor=LINE, labelFontSize=11, titleFontSize=11,
        )
        .configure_legend(labelFontSize=11, labelColor=INK, symbolStrokeWidth=0)
    )  # fmt: skip
