"""The charts of a dossier as SVG that may stand within a page: shapes and texts, nothing else.

An SVG is taken apart and only elements and attributes that draw are put together again, whatever
the library wrote; colours that are ink, paper or line become classes, so that a dark page has them
dark. What cannot be drawn is told in a note; a dossier never fails for want of a drawing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from xml.etree import ElementTree

import sqlalchemy as sa

from ledger.dossier.gathering import Subject
from ledger.dossier.values import Dossier, Drawing, Proposition
from ledger.errors import LedgerError
from ledger.model import Kind

#: How many counts of an event are drawn, and of how many positions together: one takes 20 ms.
MOST_DRAWN, MOST_ROWS = 24, 400

_SVG = "{http://www.w3.org/2000/svg}"

#: What a chart is drawn with.
ELEMENTS = frozenset(("svg", "g", "path", "line", "rect", "text", "tspan"))
ATTRIBUTES = frozenset(
    (
        "d", "display", "dx", "dy", "fill", "fill-opacity", "font-size", "font-style",
        "font-weight", "height", "opacity", "stroke", "stroke-dasharray", "stroke-miterlimit",
        "stroke-opacity", "stroke-width", "text-anchor", "transform", "viewBox", "width", "x",
        "x2", "y", "y2", "x1", "y1",
    )
)  # fmt: skip

#: The colours that a page has its own of, as classes.
_INKS = {"#222222": "ink", "#5f5f5f": "quiet", "#d9d9d9": "line", "white": "paper"}


@dataclass(frozen=True, slots=True)
class Sketch:
    """A chart of which all was read: `chart` makes it, and asks the ledger nothing more.

    `caption` says what it shows, `of` the slug of what it is of, if that is to be told.
    """

    caption: str
    chart: Callable[[], Any]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Sketches:
    """The charts of a proposition before they are drawn; `notes` tell which are left out, and why.

    To draw takes seconds, for which nobody need be kept from recording.
    """

    charts: tuple[Sketch, ...] = ()
    notes: tuple[str, ...] = ()

    def drawn(self) -> tuple[tuple[Drawing, ...], tuple[str, ...]]:
        """The charts, as far as they can be drawn, and all notes."""
        notes = [*self.notes]
        return tuple(_drawn(self.charts, notes)), tuple(notes)


def drawn(connection: sa.Connection, dossier: Dossier, about: Subject) -> Dossier:
    """The dossier with its charts, as far as they can be drawn; notes tell what was left out."""
    notes = missing()
    if notes:
        return replace(dossier, notes=(*dossier.notes, *notes))
    whole = tuple(_drawn(_whole(connection, dossier, about, notes), notes))
    wanted = _wanted(dossier)
    propositions = tuple(
        replace(
            each,
            drawings=tuple(_drawn(_of_one(connection, each, dossier.event is None, notes), notes)),
        )
        if each.number in wanted
        else each
        for each in dossier.propositions
    )
    left = sum(map(_tells, dossier.propositions)) - len(wanted)
    if dossier.event and left > 0:
        notes.append(
            f"Of the counts {len(wanted)} are drawn, the contested ones first, and {left:,} are "
            "not; `ledger dossier PROPOSITION` draws one."
        )
    return replace(
        dossier, drawings=whole, propositions=propositions, notes=(*dossier.notes, *notes)
    )


def sketched(connection: sa.Connection, about: Proposition, *, over_time: bool = True) -> Sketches:
    """The charts of one proposition, those of positions `over_time` only if that is wanted."""
    notes: list[str] = []
    charts: tuple[Sketch, ...] = ()
    if _tells(about) or (over_time and _turns(about)):
        notes = missing()
        if not notes:
            charts = tuple(_of_one(connection, about, over_time, notes))
    return Sketches(charts, tuple(notes))


def missing() -> list[str]:
    """What is missing to draw charts, in a note; nothing where they can be drawn.

    Nothing is drawn for that: what draws has threads, and a process that has some is not copied.
    """
    try:
        from ledger.charts import files, look

        look.library()
        files.library()
    except LedgerError as error:
        return [f"The charts are left out: {error.message}. {error.hint}"]
    return []


def _tells(proposition: Proposition) -> bool:
    """Whether a chart of its figures would say something."""
    return proposition.kind == Kind.COUNT.value and any(
        held.range for camp in proposition.camps for held in camp.held
    )


def _wanted(dossier: Dossier) -> set[int]:
    """The numbers of the propositions that are drawn."""
    if dossier.event is None:
        return {each.number for each in dossier.propositions}
    telling = [each for each in dossier.propositions if _tells(each)]
    telling.sort(key=lambda each: not each.contested)
    wanted: set[int] = set()
    rows = 0
    for each in telling:
        more = sum(len(camp.held) for camp in each.camps)
        if len(wanted) < MOST_DRAWN and rows + more <= MOST_ROWS:
            rows += more
            wanted.add(each.number)
    return wanted


def _whole(
    connection: sa.Connection, dossier: Dossier, about: Subject, notes: list[str]
) -> Iterator[Sketch]:
    """The charts of an event: the matrix of stances, and positions over time."""
    if dossier.event is None or not dossier.claims:
        return
    from ledger.charts.matrix import MOST, matrix, stances

    caption = "Who stands where on what"
    speaking = {claim.source for each in dossier.propositions for claim in each.claims}
    if max(len(dossier.propositions), len(speaking)) > MOST:
        notes.append(_too_large(caption, MOST, "sources or propositions"))
    else:
        frame = stances(connection, **about.filters)
        yield Sketch(caption, lambda: matrix(frame, "Who stands where"))
    yield from _over_time(connection, dossier.propositions, about, notes)


def _turns(*propositions: Proposition) -> bool:
    """Whether there are two dates to tell apart."""
    return len({claim.since for each in propositions for claim in each.in_order}) > 1


def _too_large(caption: str, most: int, what: str) -> str:
    return f"The chart “{caption}” is left out: it would have more than {most} {what}."


def _of_one(
    connection: sa.Connection, about: Proposition, alone: bool, notes: list[str]
) -> Iterator[Sketch]:
    """The charts of one proposition; positions over time only where it stands alone."""
    if _tells(about):
        from ledger.charts.ranges import claimed, ranges

        frame, asked = claimed(connection, proposition=about.slug)
        yield Sketch("The figures claimed and denied", lambda: ranges(frame, asked), about.slug)
    if alone:
        subject = Subject("proposition", about.number, about.slug)
        yield from _over_time(connection, (about,), subject, notes)


def _over_time(
    connection: sa.Connection,
    propositions: tuple[Proposition, ...],
    about: Subject,
    notes: list[str],
) -> Iterator[Sketch]:
    """Positions over time, if there is any."""
    if not _turns(*propositions):
        return
    from ledger.charts.lanes import MOST_LANES, lanes
    from ledger.reports.positions import positions

    caption = "Positions over time"
    speaking = {(each.slug, claim.source) for each in propositions for claim in each.claims}
    if len(speaking) > MOST_LANES:
        notes.append(_too_large(caption, MOST_LANES, "lanes"))
        return
    frame = positions(connection, **about.filters)
    yield Sketch(caption, lambda: lanes(frame))


def _drawn(sketches: Iterable[Sketch], notes: list[str]) -> Iterator[Drawing]:
    from ledger.charts import files

    for each in sketches:
        try:
            svg, width = inert(files.svg(each.chart()))
        except LedgerError as error:
            on = f" of {each.of}" if each.of else ""
            notes.append(f"The chart “{each.caption}”{on} is left out: {error.message}.")
        else:
            yield Drawing(each.caption, svg, width)


def inert(svg: str) -> tuple[str, int]:
    """An SVG with only what draws, and its width in pixels."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - made by our own library, and no DTD
    return "".join(_kept(root, outermost=True)), round(float(root.get("width", "0")))


def _kept(element: ElementTree.Element, *, outermost: bool = False) -> Iterator[str]:
    name = element.tag.removeprefix(_SVG)
    if name not in ELEMENTS or _unseen(element):
        return
    given = {key: value for key, value in element.attrib.items() if key in ATTRIBUTES}
    classes = []
    for paint in ("fill", "stroke"):
        if (ink := _INKS.get(given.get(paint, ""))) is not None:
            classes.append(f"{paint}-{ink}")
    if classes:
        given["class"] = " ".join(classes)
    # Beside its caption and the words of the page a chart has nothing to say to those who hear.
    head = ' aria-hidden="true" focusable="false"' if outermost else ""
    head += "".join(f' {key}="{escape(value)}"' for key, value in given.items())
    body = escape(element.text or "", quote=False) if name in ("text", "tspan") else ""
    body += "".join(part for child in element for part in _kept(child))
    yield f"<{name}{head}>{body}</{name}>"


def _unseen(element: ElementTree.Element) -> bool:
    """What draws nothing: the library's empty backgrounds."""
    return element.get("display") == "none" or element.get("d") in ("", "M0,0h0v0h0Z")
