"""Positions over time: a lane for each source on each proposition, its steps, its shifts of side.

What is drawn is what is known of a date: a day is a mark, a month a mark in the middle of a pale
bar that is as long as the month. Steps without a date stand before the axis, under “no date”.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ledger.charts import look
from ledger.errors import LedgerError

if TYPE_CHECKING:
    import pandas as pd

#: How many lanes can be read.
MOST_LANES = 100

_WIDTH, _LANE, _HEAD = 520, 36, 30
_DAY = 86_400_000  # milliseconds
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 12_000)  # that may lie between two ticks


def lanes(frame: "pd.DataFrame", title: str = "Positions over time") -> Any:
    """The chart of the report `positions` (`ledger.reports.positions`): an altair.LayerChart.

    A lane is a source on a proposition, in the order of the report; each step has its side's
    colour and shape, and its words at the right. LedgerError for more than MOST_LANES lanes, or
    where Altair is missing.
    """
    steps = list(_steps(frame))
    lanes_ = [list(lane) for _, lane in groupby(steps, lambda step: (step.about, step.source))]
    if len(lanes_) > MOST_LANES:
        raise LedgerError(
            f"that would be {len(lanes_):,} lanes; a chart shows {MOST_LANES}",
            "narrow it with --event, --proposition or --source",
        )
    drawn = _Drawn(_Time.of(steps))
    for (text, _), group in groupby(lanes_, lambda lane: (lane[0].text, lane[0].about)):
        drawn.head(text)
        for lane in group:
            drawn.add(lane)
    told = [f"{step.source} {step.words} ({step.since or 'no date'})" for step in steps]
    return look.finished(
        list(_layers(drawn)),
        title=title,
        below=_below(steps),
        about=f"{title}: {'; '.join(told)}",
        width=_WIDTH,
        height=max(drawn.y, _LANE),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a lane; `first` and `last` are the days that its date may mean."""

    about: str
    text: str
    source: str
    stance: str
    side: str
    range: str | None
    since: str | None
    first: date | None
    last: date | None
    shift: bool
    unsure: bool

    @property
    def words(self) -> str:
        """The stance, and what it is about: denies 24–999."""
        return f"{self.stance} {self.range}" if self.range else self.stance


def _steps(frame: "pd.DataFrame") -> Iterator[_Step]:
    names = (
        "proposition", "text", "source", "stance", "side", "range", "since",
        "earliest_on", "latest_on", "shift", "unsure",
    )  # fmt: skip
    for row in zip(*(frame[name].tolist() for name in names), strict=True):
        *texts, range_, since, first, last, shift, unsure = row
        about, text, source, stance, side = map(str, texts)
        yield _Step(
            about, text, source, stance, side, _text(range_), _text(since),
            _day(first), _day(last), bool(shift), bool(unsure),
        )  # fmt: skip


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _below(steps: Sequence[_Step]) -> str:
    """The line under the title: what there is, and what its marks mean."""
    if not steps:
        return "nobody has taken a position"
    shifts = sum(step.shift for step in steps)
    told = ["no shift of side" if not shifts else f"{shifts} shift{'s' * (shifts > 1)} of side"]
    if shifts:
        told.append("ringed: a shift")
    if any(step.first != step.last for step in steps):
        told.append("pale bar: said at some time in it")
    if any(step.unsure for step in steps):
        told.append("?: the dates leave the order open")
    return " · ".join(told)


@dataclass(frozen=True, slots=True)
class _Time:
    """The axis: from the first day to the last in milliseconds, with a place for “no date”."""

    first: float
    last: float
    dated: bool
    undated: bool

    @classmethod
    def of(cls, steps: Iterable[_Step]) -> "_Time":
        steps = list(steps)
        days = [day for step in steps for day in (step.first, step.last) if day]
        first = min(days, default=date(2000, 1, 1))
        last = max(days, default=first) + timedelta(days=1)
        margin = max((last - first).days * 0.04, 1)
        return cls(
            _at(first) - margin * _DAY,
            _at(last) + margin * _DAY,
            bool(days),
            any(step.first is None for step in steps),
        )

    def share(self, part: float) -> float:
        """What a part of the dated axis is, in milliseconds."""
        return part * (self.last - self.first)

    @property
    def domain(self) -> list[float]:
        """The axis' ends, the place for “no date” within them."""
        return [self.first - (self.share(0.2) if self.undated else 0), self.last]

    @property
    def gutter(self) -> float:
        """Where the place for “no date” ends."""
        return self.domain[0] + self.share(0.17)

    def ticks(self) -> tuple[list[float], str]:
        """Where the axis has its dates, seven at most, and how they are written."""
        first, last = (
            datetime.fromtimestamp(end / 1000, UTC).date() for end in (self.first, self.last)
        )
        days = (last - first).days
        if days <= 70:
            step = max(1, -(-days // 7))
            shown = [first + timedelta(days=day) for day in range(1, days + 1, step)]
            return [_at(day) for day in shown], "%Y-%m-%d"
        months = 12 * (last.year - first.year) + last.month - first.month
        each = next(each for each in _MONTHS if months <= 7 * each)
        number = 12 * first.year + first.month - 1
        starts = range(number - number % each + each, number + months + 1, each)
        shown = [date(start // 12, start % 12 + 1, 1) for start in starts]
        return [_at(day) for day in shown], "%Y-%m" if each < 12 else "%Y"

    def place(self, step: _Step, number: int, of: int) -> float:
        """Where the `number`th of `of` steps that share a date stands: within it, in order."""
        if step.first is None or step.last is None:
            return self.domain[0] + self.share(0.16) * (number + 1) / (of + 1)
        first, last = _at(step.first), _at(step.last + timedelta(days=1))
        if of > 1 and last - first < self.share(0.03) * of:
            middle = (first + last) / 2
            return middle + self.share(0.03) * (number - (of - 1) / 2)
        return first + (last - first) * (number + 1) / (of + 1)


def _at(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000


@dataclass(slots=True)
class _Drawn:
    """The marks, gathered lane by lane; `y` is how far down the next one begins, in pixels."""

    time: _Time
    y: float = 0
    heads: list[dict[str, Any]] = field(default_factory=list)
    names: list[dict[str, Any]] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    tracks: list[dict[str, Any]] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    dots: list[dict[str, Any]] = field(default_factory=list)
    shifts: list[dict[str, Any]] = field(default_factory=list)

    def head(self, text: str) -> None:
        """Begin a proposition."""
        self.heads.append({"words": look.lines(text, 110, most=1), "y": self.y + _HEAD / 2 + 3})
        self.y += _HEAD

    def add(self, lane: Sequence[_Step]) -> None:
        """Draw one lane."""
        y = self.y + _LANE / 2
        self.y += _LANE
        name = look.lines(lane[0].source, 30)
        path = look.lines(_path(lane), 46, most=3)
        self.names.append({"words": name, "y": y - look.rise(name)})
        self.words.append({"words": path, "y": y - look.rise(path)})
        self.tracks.append({"y": y, "x": self.time.domain[0], "x2": self.time.last})
        places = list(self._places(lane))
        for step, x, after in zip(lane, places, [*places[1:], self.time.last], strict=True):
            said = {
                "y": y, "x": x, "side": step.side, "source": step.source, "stance": step.words,
                "since": step.since or "no date", "shift": "yes" if step.shift else "no",
            }  # fmt: skip
            last = after == self.time.last
            until = after if step.first else min(after, self.time.gutter)
            self.held.append(said | {"x2": until, "strength": 0.35 if last else 0.8})
            self.dots.append(said)
            if step.first and step.last and step.first != step.last:
                ends = (_at(step.first), _at(step.last + timedelta(days=1)))
                self.spans.append(said | {"x": ends[0], "x2": ends[1], "y": y - 8, "y2": y + 8})
            if step.shift:
                words = "shift ?" if step.unsure else "shift"
                beside = self.shifts and self.shifts[-1]["y"] == y and self.shifts[-1]
                near = beside and x - beside["x"] < self.time.share(0.1) and beside["beside"] < y
                self.shifts.append(said | {"words": words, "beside": y + (16 if near else -15)})

    def _places(self, lane: Sequence[_Step]) -> Iterator[float]:
        """Where each step stands, never before the one that it follows."""
        found = -1e18
        for _, same in groupby(lane, lambda step: (step.first, step.last)):
            steps = list(same)
            for number, step in enumerate(steps):
                found = max(
                    self.time.place(step, number, len(steps)), found + self.time.share(0.02)
                )
                yield found


def _path(lane: Sequence[_Step]) -> str:
    """A lane in words: denies 24–999, then shift to concedes 14+."""
    to = {(True, False): "shift to ", (True, True): "shift (order not sure) to "}
    return ", then ".join(to.get((step.shift, step.unsure), "") + step.words for step in lane)


def _layers(drawn: _Drawn) -> Iterator[Any]:
    alt = look.library()
    time = drawn.time
    ticks, written = time.ticks()
    # The axis counts milliseconds, so that no time zone moves a day.
    labels = f"utcFormat(datum.value, '{written}')"
    axis = alt.Axis(title=None, values=ticks, labelExpr=labels, aria=False) if time.dated else None
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(domain=time.domain, nice=False))
    scale = alt.Scale(domain=[0, max(drawn.y, _LANE)], reverse=True, nice=False)
    y = alt.Y("y:Q", axis=None, scale=scale)
    sides = [dot["side"] for dot in drawn.dots]
    colour, shape = (look.by_side(channel, sides) for channel in ("color", "shape"))
    tips = [alt.Tooltip(f"{name}:N") for name in ("source", "stance", "since", "shift")]

    def chart(found: list[dict[str, Any]]) -> Any:
        return alt.Chart(look.values(found))

    if time.undated:
        gutter = [{"x": time.domain[0], "x2": time.gutter}]
        yield chart(gutter).mark_rect(color="#f3f3f3").encode(x, x2="x2")
        word = [{"words": "no date", "x": time.domain[0] + time.share(0.085)}]
        yield look.text(word, color=look.QUIET).encode(x, y=alt.value(max(drawn.y, _LANE) + 12))
    yield chart(drawn.tracks).mark_rule(color=look.LINE).encode(x, y, x2="x2")
    yield (
        chart(drawn.spans)
        .mark_rect(fillOpacity=0.22)
        .encode(x, y, x2="x2", y2="y2", color=colour, tooltip=tips)
    )
    yield (
        chart(drawn.held)
        .mark_rule(strokeWidth=5)
        .encode(
            x, y, x2="x2", color=colour, tooltip=tips,
            opacity=alt.Opacity("strength:Q", scale=None, legend=None),
        )
    )  # fmt: skip
    yield (
        chart(drawn.shifts)
        .mark_point(shape="circle", size=330, color=look.INK, strokeWidth=1.6, opacity=1)
        .encode(x, y)
    )
    yield (
        chart(drawn.dots)
        .mark_point(filled=True, size=110, opacity=1)
        .encode(x, y, color=colour, shape=shape, tooltip=tips)
    )
    yield look.text(drawn.shifts, fontSize=10, fontWeight="bold").encode(
        x, y=alt.Y("beside:Q", scale=scale, axis=None)
    )
    yield look.text(drawn.heads, align="left", fontWeight="bold", fontSize=12).encode(
        y=y, x=alt.value(-200)
    )
    yield look.text(drawn.names, align="right").encode(y=y, x=alt.value(-12))
    yield look.text(drawn.words, align="left").encode(y=y, x=alt.value(_WIDTH + 14))
