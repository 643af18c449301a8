"""The stance matrix: sources by propositions, in each cell the side that the source is on now."""

from collections import Counter
from typing import Any, Unpack

import pandas as pd
import sqlalchemy as sa

from ledger.charts import look
from ledger.errors import LedgerError
from ledger.reports.docket import docket, fitting
from ledger.reports.filters import Filters
from ledger.reports.frames import text

COLUMNS = {
    "source": "who speaks",
    "proposition": "slug of the proposition",
    "text": "the sentence in question",
    "contested": "true where positions on it cannot all be right",
    "stance": "the stance that the source holds now",
    "side": "the way it points: affirms, denies, withholds, reports, withdraws",
}

#: How many sources and propositions can be read.
MOST = 80

_CELL = 30


def stances(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """What every source holds on every proposition now: the input of `matrix`.

    `filters` as in `ledger.reports.filters.Filters`; `source`, `side`, `stance`, `status`, `first`
    and `last` choose positions. One row a position, by proposition as reports order them, then by
    date and name; contested bool, the rest str or None. Raises NotFoundError for a filter that
    names nothing.
    """
    read = docket(connection, **filters)
    held = read.positions[fitting(read.positions, read.chosen)]
    held = held[held["proposition"].isin(read.propositions.index)]
    order = {number: place for place, number in enumerate(read.propositions.index)}
    held = held.assign(order=held["proposition"].map(order)).sort_values("order", kind="stable")
    about = read.propositions.loc[held["proposition"].to_numpy()]
    return pd.DataFrame(
        {
            "source": text(held["name"]),
            "proposition": text(about["proposition"]),
            "text": text(about["text"]),
            "contested": about["contested"].astype(bool).to_numpy(),
            "stance": text(held["stance"]),
            "side": text(held["side"]),
        }
    )


def matrix(frame: pd.DataFrame, title: str = "Who says what on what") -> Any:
    """The chart of a frame with COLUMNS: an altair.LayerChart.

    Propositions are columns in the order of the frame, sources rows, those on most propositions
    first. LedgerError for more than MOST of either, or where Altair is missing.
    """
    alt = look.library()
    about = [str(name) for name in frame["proposition"].unique()]
    spoken = Counter(map(str, frame["source"]))
    sources = sorted(spoken, key=lambda source: -spoken[source])
    for found, what, option in ((about, "propositions", "event"), (sources, "sources", "source")):
        if len(found) > MOST:
            raise LedgerError(
                f"that would be {len(found):,} {what}; a chart shows {MOST}",
                f"narrow it with --{option}, --side or --contested",
            )
    contested = set(frame.loc[frame["contested"], "proposition"])
    at = {name: place for place, name in enumerate(about)}
    row = {name: place for place, name in enumerate(sources)}
    cells = [
        {"x": at[each["proposition"]], "y": row[each["source"]],
         **{name: each[name] for name in ("source", "proposition", "text", "stance", "side")}}
        for each in frame.to_dict("records")
    ]  # fmt: skip
    marked = " (contested)"
    heads = [
        {"x": at[name], "words": look.lines(name, 34, most=1) + marked * (name in contested)}
        for name in about
    ]
    labels = [look.lines(name, 32) for name in sources]
    names = [{"y": line - look.rise(label) / _CELL, "words": label}
             for line, label in enumerate(labels)]  # fmt: skip
    x = alt.X("x:Q", axis=None, scale=_places(len(about)))
    y = alt.Y("y:Q", axis=None, scale=_places(len(sources), reverse=True))
    tips = [alt.Tooltip(f"{name}:N") for name in ("source", "stance", "proposition", "text")]
    sides = [cell["side"] for cell in cells]
    colour, shape = (look.by_side(channel, sides) for channel in ("color", "shape"))
    frames = [{"x": place - 0.5, "y": line - 0.5, "x2": place + 0.5, "y2": line + 0.5}
              for place in at.values() for line in row.values()]  # fmt: skip
    size = f"{_counted(sources, 'source')}, {_counted(about, 'proposition')}"
    none = "nobody has taken a position"
    layers = [
        alt.Chart(look.values(frames))
        .mark_rect(fill=None, stroke=look.LINE, strokeWidth=0.7)
        .encode(x, y, x2="x2", y2="y2"),
        alt.Chart(look.values(cells))
        .mark_square(size=(_CELL - 2) ** 2, opacity=0.16)
        .encode(x, y, color=colour, tooltip=tips),
        alt.Chart(look.values(cells))
        .mark_point(filled=True, size=120, opacity=1)
        .encode(x, y, color=colour, shape=shape, tooltip=tips),
        look.text(names, align="right").encode(y=y, x=alt.value(-8)),
        look.text(heads, align="left", angle=315).encode(x=x, y=alt.value(-10)),
    ]
    said = (f"{cell['source']} {cell['stance']} {cell['proposition']}" for cell in cells)
    return look.finished(
        layers,
        title=title,
        below=f"{size}; of each source its newest stance" if cells else none,
        about=f"{title}: {'; '.join(said)}",
        width=_CELL * max(len(about), 1),
        height=_CELL * max(len(sources), 1),
    )


def _places(number: int, **more: Any) -> Any:
    return look.library().Scale(domain=[-0.5, max(number, 1) - 0.5], nice=False, **more)


def _counted(found: list[str], word: str) -> str:
    return f"{len(found)} {word}{'' if len(found) == 1 else 's'}"
