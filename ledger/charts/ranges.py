"""What is claimed of a count: each source's range as dots and a bar, the denied ones hatched.

An end that is open is drawn as open: the bar fades towards an arrow, and the words beside it say
so. The finding, if there is any, is a band behind all rows.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack

import pandas as pd
import sqlalchemy as sa

from ledger import lookup
from ledger.charts import look
from ledger.errors import LedgerError, NotFoundError
from ledger.model import Kind, Range, Side
from ledger.reports import reading
from ledger.reports.docket import docket, fitting
from ledger.reports.filters import Filters
from ledger.reports.frames import plain_rows, text, whole
from ledger.reports.said import as_exact, said
from ledger.rules import shown
from ledger.visible import visible

COLUMNS = {
    "source": "who speaks",
    "stance": "the stance it holds",
    "side": "the way it points: affirms, denies, withholds, reports, withdraws",
    "low": "lowest number said or rejected; missing: open, or no number was named",
    "high": "highest number said or rejected; missing: open, or no number was named",
    "wording": "the source's own number words",
    "since": "when it was said: a day, month or year; else the day of publication",
}

#: How many rows of a chart can be read.
MOST_ROWS = 100

_WIDTH = 440
_FADE = 24  # pieces that a bar fades in


@dataclass(frozen=True, slots=True)
class Asked:
    """What the ranges are of: the question, its unit and verdict, and the finding's ends."""

    text: str
    unit: str = ""
    verdict: str = "open"
    low: int | None = None
    high: int | None = None

    @property
    def found(self) -> Range | None:
        """The range found; None where none was."""
        return None if self.low is None and self.high is None else Range(self.low, self.high)


def claimed(connection: sa.Connection, **filters: Unpack[Filters]) -> tuple[pd.DataFrame, Asked]:
    """What sources hold on a count now, and what is asked: the input of `ranges`.

    `filters` as in `ledger.reports.filters.Filters`; `proposition` must be among them, the others
    choose positions. One row a position, as COLUMNS tells: low and high Int64, the rest str or
    None; sorted by side, in the order of the vocabulary, then by range, date and name. Raises
    NotFoundError for a filter that names nothing, LedgerError where the proposition is no count.
    """
    read = docket(connection, **filters)
    number = lookup.proposition(connection, str(filters["proposition"])).id
    told = reading.propositions(connection, read.chosen).to_dict("index")
    about: Any = told.get(number)
    if about and about["kind"] != Kind.COUNT.value:
        raise LedgerError(
            f"{shown(about['proposition'])} is a fact: no numbers are claimed of it",
            f"ledger chart positions --proposition {about['proposition']}",
        )
    if number not in read.propositions.index:
        raise NotFoundError(
            f"nothing that is said of {shown(filters['proposition'])} fits",
            "leave a filter out",
        )
    held = read.positions
    held = held[fitting(held, read.chosen) & (held["proposition"] == number).to_numpy()]
    frame = pd.DataFrame(
        {
            "source": text(held["name"]),
            "stance": text(held["stance"]),
            "side": text(held["side"]),
            "low": whole(held["low"]),
            "high": whole(held["high"]),
            "wording": text(said(connection, held["claim"].tolist())["wording"]),
            "since": text(as_exact(held)),
        }
    )
    low, high = (None if bound != bound else int(bound) for bound in (about["low"], about["high"]))
    return _ordered(frame), Asked(about["text"], about["unit"] or "", about["verdict"], low, high)


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    places = {side.value: place for place, side in enumerate(Side)}
    keyed = frame.assign(
        place=frame["side"].map(places),
        from_=frame["low"].astype("Float64").fillna(-1.0),
        to=frame["high"].astype("Float64").fillna(math.inf),
    )
    keyed = keyed.sort_values(["place", "from_", "to", "since", "source"], na_position="last")
    return keyed[list(COLUMNS)].reset_index(drop=True)


def ranges(frame: pd.DataFrame, asked: Asked) -> Any:
    """The chart of a frame with COLUMNS: an altair.LayerChart.

    LedgerError for more than MOST_ROWS rows, or where Altair is missing.
    """
    if len(frame) > MOST_ROWS:
        raise LedgerError(
            f"{len(frame):,} sources give figures; a chart shows {MOST_ROWS}",
            "narrow it with --side, --source or --from and --to",
        )
    rows = [_Row(place, *cells) for place, cells in enumerate(_plain(frame), 1)]
    if asked.found:
        rows.insert(0, _Row(0, "Finding", asked.verdict, "", asked.found, "", None))
    scale = _Scale.of([row.extent for row in rows])
    drawn = _Drawn(scale, tall=48 if any(row.name.count("\n") > 1 for row in rows) else 36)
    for row in rows:
        drawn.add(row)
    top = 0 if asked.found else 1
    return look.finished(
        _layers(drawn, scale, (top - 0.5, top + len(rows) - 0.5), asked),
        title=asked.text,
        below=_below(rows, asked),
        about=f"Ranges claimed of: {asked.text}. "
        + "; ".join(f"{row.source} {row.words}" for row in rows),
        width=_WIDTH,
        height=drawn.tall * max(len(rows), 1),
    )


def _below(rows: Sequence["_Row"], asked: Asked) -> str:
    """The line under the title: the finding, and what the marks mean that are there."""
    told = ["not settled" if asked.verdict == "open" else f"finding: {asked.verdict}"]
    if asked.found:
        told[0] += f", {asked.found}"
    if not rows:
        told.append("nobody has claimed a figure")
    if any(row.side == Side.DENIES.value and row.extent for row in rows):
        told.append("hatched: denied")
    if any(row.extent and None in (row.extent.low, row.extent.high) for row in rows):
        told.append("fading to an arrow: open")
    return " · ".join(told)


def _plain(frame: pd.DataFrame) -> Iterator[tuple[str, str, str, Range | None, str, str | None]]:
    for source, stance, side, low, high, wording, since in plain_rows(frame[list(COLUMNS)]):
        ends: Any = (low, high)
        range_ = None if ends == (None, None) else Range(*ends)
        words = str(wording) if wording else ""
        yield str(source), str(stance), str(side), range_, words, str(since) if since else None


#: What a denial is of that names no number.
_UNNUMBERED = {"denies": " that there was even one", "disputes": " some figure"}


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the chart; `place` counts from the top."""

    place: int
    source: str
    stance: str
    side: str
    range: Range | None
    wording: str
    since: str | None

    @property
    def extent(self) -> Range | None:
        """What is drawn: of a flat denial, which names no number, all from 1 on."""
        if self.range is None and self.stance == "denies" and not self.wording:
            return Range(1, None)
        return self.range

    @property
    def name(self) -> str:
        """Who speaks, and when, as a label."""
        return look.lines(self.source, 30) + (f"\n{self.since}" if self.since else "")

    @property
    def words(self) -> str:
        """What the row says, in words: asserts 101 or more (“more than 100”)."""
        said = f" (“{self.wording}”)" if self.wording else ""
        if self.range is None:
            none = _UNNUMBERED.get(self.stance, ", no figure")
            return f"{self.stance}{said or none}"
        low, high = self.range.low, self.range.high
        if low is None:
            number = f"{high:,} or fewer, open below"
        elif high is None:
            number = f"{low:,} or more, open above"
        else:
            number = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        return f"{self.stance} {number}{said}"


@dataclass(frozen=True, slots=True)
class _Scale:
    """The number axis: linear, or by powers of ten where the figures are far apart."""

    first: float
    last: float
    log: bool

    @classmethod
    def of(cls, found: Sequence[Range | None]) -> "_Scale":
        ends = [end for each in found if each for end in (each.low, each.high) if end is not None]
        most = max(ends, default=9) or 1
        least = min((end for end in ends if end > 0), default=1)
        log = most > 40 * least
        begins_low = not log or min(ends) < 1 or any(each and each.low is None for each in found)
        first = 0 if begins_low else 10 ** math.floor(math.log10(least))
        open_ = any(each and each.high is None for each in found)
        wider = (3 if open_ else 1.5) if log else (1.35 if open_ else 1.1)
        room = max(most * wider, most + 1)
        return cls(float(first), float(room), log)

    def at(self, share: float) -> float:
        """The number at a share of the axis, 0 to 1."""
        ends = [math.log1p(end) if self.log else end for end in (self.first, self.last)]
        point = ends[0] + share * (ends[1] - ends[0])
        return math.expm1(point) if self.log else point

    def share(self, number: float) -> float:
        """Where a number stands on the axis, 0 to 1."""
        ends = [math.log1p(end) if self.log else end for end in (self.first, self.last, number)]
        return (ends[2] - ends[0]) / (ends[1] - ends[0])

    def ticks(self) -> list[int] | None:
        """Where the axis has its numbers; None where evenly."""
        if not self.log:
            return None if self.last > 10 else list(range(int(self.last) + 1))
        powers = [10**power for power in range(math.ceil(math.log10(self.last)) + 1)]
        many = [factor * power for power in powers for factor in (1, 2, 5)]
        chosen = many if len(powers) - math.log10(max(self.first, 1)) < 5 else powers
        return [number for number in (0, *chosen) if self.first <= number <= self.last]


@dataclass(slots=True)
class _Drawn:
    """The marks, gathered row by row."""

    scale: _Scale
    tall: int
    bars: list[dict[str, Any]] = field(default_factory=list)
    hatches: list[dict[str, Any]] = field(default_factory=list)
    dots: list[dict[str, Any]] = field(default_factory=list)
    arrows: list[dict[str, Any]] = field(default_factory=list)
    names: list[dict[str, Any]] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    none: list[dict[str, Any]] = field(default_factory=list)

    def add(self, row: _Row) -> None:
        """Draw one row."""
        told = {"y": row.place, "side": row.side, "source": row.source, "says": row.words}
        for texts, words in ((self.names, row.name), (self.words, look.lines(row.words, 38))):
            texts.append(told | {"words": words, "y": row.place - look.rise(words) / self.tall})
        extent = row.extent
        if extent is None:
            self.none.append(told | {"words": "no range" if row.wording else "no figure"})
            return
        denied = row.side == Side.DENIES.value
        for start, end, strength in self._pieces(extent):
            shape = {"x": start, "x2": end, "strength": strength}
            thick = 0.3 if denied else 3 / self.tall
            self.bars.append(told | shape | {"y": row.place - thick, "y2": row.place + thick})
        if denied:
            self.hatches += [told | line for line in self._hatching(row.place, extent)]
        edges = ((extent.low, -90, self.scale.first), (extent.high, 90, self.scale.last))
        for bound, angle, edge in edges:
            if bound is None:
                self.arrows.append(told | {"x": edge, "angle": angle, "end": "open"})
            elif row.range is not None:  # who denies every figure names none
                self.dots.append(told | {"x": bound})

    def _pieces(self, extent: Range) -> Iterator[tuple[float, float, float]]:
        """The bar in pieces, each with its strength: it fades towards an end that is open."""
        low, high = (
            self.scale.share(end) if end is not None else None for end in (extent.low, extent.high)
        )
        if low is not None and high is not None:
            yield self.scale.at(low), self.scale.at(high), 1.0
            return
        start, end = (low or 0.0), (1.0 if high is None else high)
        for piece in range(_FADE):
            part = [start + (end - start) * (piece + step) / _FADE for step in (0, 1)]
            middle = _strength(extent, (piece + 0.5) / _FADE)
            yield self.scale.at(part[0]), self.scale.at(part[1]), middle

    def _hatching(self, place: int, extent: Range) -> Iterator[dict[str, Any]]:
        """Slanted lines over the extent, six pixels apart, within it."""
        start = self.scale.share(extent.low) if extent.low is not None else 0.0
        end = self.scale.share(extent.high) if extent.high is not None else 1.0
        tall = 0.6 * self.tall / _WIDTH
        at, step = start - tall, 7 / _WIDTH
        while at < end:
            left, right = max(at, start), min(at + tall, end)
            if right > left:
                yield {
                    "strength": _strength(extent, (left - start) / (end - start)),
                    "x": self.scale.at(left),
                    "x2": self.scale.at(right),
                    "y": place + 0.3 - 0.6 * (left - at) / tall,
                    "y2": place + 0.3 - 0.6 * (right - at) / tall,
                }
            at += step


def _strength(extent: Range, share: float) -> float:
    """How strong a bar is at a share of its length: less towards an open end."""
    if None not in (extent.low, extent.high):
        return 1.0
    away = 1 - share if extent.low is None else share
    return round(1 - 0.85 * away, 3)


def _layers(drawn: _Drawn, scale: _Scale, rows: tuple[float, float], asked: Asked) -> list[Any]:
    alt = look.library()
    axis = alt.Axis(
        title=(visible(asked.unit) or "number") + (" (logarithmic)" if scale.log else ""),
        format=",d", tickCount=6, **({"values": ticks} if (ticks := scale.ticks()) else {}),
    )  # fmt: skip
    form = {"type": "symlog"} if scale.log else {}
    x = alt.X(
        "x:Q", axis=axis, scale=alt.Scale(domain=[scale.first, scale.last], nice=False, **form)
    )
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=list(rows), reverse=True, nice=False))
    sides = [row["side"] for row in drawn.names if row["side"]]
    colour = look.by_side("color", sides, legend=False)
    tips = [alt.Tooltip("source:N"), alt.Tooltip("says:N")]

    def chart(found: list[dict[str, Any]]) -> Any:
        return alt.Chart(look.values(found))

    strength = alt.Opacity("strength:Q", scale=None, legend=None)
    plain = [bar for bar in drawn.bars if bar["side"] not in ("", Side.DENIES.value)]
    denied = [bar for bar in drawn.bars if bar["side"] == Side.DENIES.value]
    layers = []
    if asked.found:
        layers += _found(chart, drawn, (x, y), rows, scale)
    layers += [
        chart(denied).mark_rect(fillOpacity=0.16).encode(
            x, y, x2="x2", y2="y2", color=colour, opacity=strength, tooltip=tips
        ),
        chart(drawn.hatches).mark_rule(strokeWidth=1.4).encode(
            x, y, x2="x2", y2="y2", color=colour, opacity=strength, tooltip=tips
        ),
        chart(plain).mark_rect().encode(
            x, y, x2="x2", y2="y2", color=colour, opacity=strength, tooltip=tips
        ),
        chart(drawn.arrows).mark_point(shape="triangle", filled=True, size=90, opacity=1).encode(
            x, y, color=alt.condition("datum.side == ''", alt.value(look.INK), colour),
            angle=alt.Angle("angle:Q", scale=None), tooltip=tips,
        ),
        chart([dot for dot in drawn.dots if dot["side"]]).mark_point(
            filled=True, size=85, opacity=1
        ).encode(
            x, y, color=colour, shape=look.by_side("shape", sides, legend=False), tooltip=tips,
        ),
        look.text(drawn.names, align="right").encode(y=y, x=alt.value(-12)),
        look.text(drawn.words, align="left").encode(y=y, x=alt.value(_WIDTH + 14)),
        look.text(drawn.none, align="left", color=look.QUIET, fontStyle="italic").encode(
            y=y, x=alt.value(6)
        ),
    ]  # fmt: skip
    return layers


def _found(chart: Any, drawn: _Drawn, on: Any, rows: tuple[float, float], scale: _Scale) -> Any:
    """The finding: a band behind all rows, and its own row in black."""
    own = [bar for bar in drawn.bars if not bar["side"]]
    first, last = own[0]["x"], own[-1]["x2"]
    band = [{"x": first, "x2": last, "y": rows[0], "y2": rows[1]}]
    x, y = on
    yield (
        chart(band)
        .mark_rect(
            color=look.INK, fillOpacity=0.07, stroke=look.INK, strokeOpacity=0.35, strokeDash=[4, 3]
        )
        .encode(x, y, x2="x2", y2="y2")
    )
    yield chart(own).mark_rect(color=look.INK).encode(x, y, x2="x2", y2="y2")
    dots = [dot for dot in drawn.dots if not dot["side"]]
    yield (
        chart(dots)
        .mark_point(shape="diamond", filled=True, size=110, color=look.INK, opacity=1)
        .encode(x, y)
    )
