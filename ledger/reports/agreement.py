"""Agreement: how much the reports of one thing differ, so how much hangs on the way to sum them up.

The aggregation diagnostics of the R package `eventreport` 0.1.1 (Sebastian van Baalen and Kristine
Höglund, “Trials and Triangulations: Analyzing Aggregation Sensitivity in Event Data on Political
Violence”, International Studies Quarterly 70(1), 2026, sqag014, doi.org/10.1093/isq/sqag014;
`aggregation_diagnostics`), in the ledger's words:

- What they call an event is a proposition: the one thing that several sources tell of.
- What they call an event report is what a source holds on it, its position: the newest of its
  claims, as every other report counts it. `each` says otherwise: `claim` takes every claim by
  itself, as they take every article; `origin` takes ten outlets that relay one story as one.
- Their variables are the side taken, the stance taken and, of the figures that are affirmed of a
  count, the low and the high end, unit by unit. A denied figure says what a count is not, and words
  that give no range say nothing that could differ: neither is compared. The ledger holds ranges
  and no best figure, so there is no `best`. An open end is a value of its own (R's NA): it counts
  where values are told apart, not where numbers are needed.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import sqlalchemy as sa

from ledger import schema
from ledger.errors import NotFoundError
from ledger.model import SourceKind
from ledger.reports import measures
from ledger.reports.filters import Chosen, Filters, choose
from ledger.reports.measures import Group
from ledger.reports.tallies import NUMBERS, WORDS, Measured, Of, tallies
from ledger.rules import shown

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "of": "what is compared within: slug of the event or proposition, side or kind of the source; "
    "missing for all together, and for what has none",
    "variable": "what is compared: side or stance taken; low or high end of an affirmed figure",
    "unit": "what is counted, for low and high: figures of different units are never put together",
    "propositions": "how many propositions are told of at all (a whole number)",
    "compared": "how many of them by two reports or more, so that they could disagree",
    "reports": "how many reports there are of them: positions, claims or origins",
    "divergence": "divergence score: how many different values a proposition gets beside one, "
    "on average; 0: all agree",
    "normalised": "normalised divergence: that, as a share of the different values that all of "
    "them together get, 0 to 1",
    "mean_sd": "mean standard deviation within a proposition, in the unit; of those with two "
    "numbers or more",
    "mean_range": "mean range within a proposition, largest less smallest, in the unit",
    "disagreeing": "share of the propositions that get two values or more, 0 to 1",
    "modal_confidence": "modal confidence: the share of a proposition's reports that give its "
    "commonest value, on average, 0 to 1",
}

#: What a table on a screen shows of it, with the headings.
BRIEF = {
    "of": "of",
    "{variable}; {unit}": "compared",
    "{compared} of {propositions}": "told twice",
    "divergence": "score",
    "normalised": "norm.",
    "mean_sd": "sd",
    "mean_range": "range",
    "disagreeing": "differ",
    "modal_confidence": "modal",
}

#: What the columns hold that hold no text, as `ledger.formats` names it.
KINDS = dict.fromkeys(("propositions", "compared", "reports"), "whole") | dict.fromkeys(
    ("divergence", "normalised", "mean_sd", "mean_range", "disagreeing", "modal_confidence"), "real"
)

#: What the rows may be of, and what may count as one report.
BY = ("all", "event", "proposition", "side", "kind")
EACH = ("position", "claim", "origin")

#: The digits after the point that a measure is told with.
PLACES = 3

Row = tuple[Any, ...]


def agreement(
    connection: sa.Connection,
    *,
    by: str = "all",
    each: str = "position",
    **filters: Unpack[Filters],
) -> "pd.DataFrame":
    """Tell how much the reports of one proposition differ, on average over propositions.

    `by` (of BY) says what a row is of: all propositions, those of one event, one proposition, or
    what sources on one side, or of one kind, say among themselves. `each` (of EACH) says what one
    report is. `filters` as in `ledger.reports.filters.Filters`: event, proposition and contested
    choose propositions, the others choose which reports are compared.

    One row a thing (events and propositions in order of recording, sides by name, kinds in order of
    the vocabulary; what has none last) and variable (side, stance, then low and high of each unit,
    by name). Columns as COLUMNS tells: text is str or None, numbers of things Int64, measures
    Float64, rounded to 3 places, missing where nothing can be measured. Formulas: `eventreport`,
    see this module and `ledger.reports.measures`. Raises NotFoundError for a filter that names
    nothing.
    """
    from ledger.reports.answered import answered

    return answered(COLUMNS, KINDS, rows(connection, by=by, each=each, **filters))


def rows(
    connection: sa.Connection,
    *,
    by: str = "all",
    each: str = "position",
    **filters: Unpack[Filters],
) -> list[Row]:
    """The rows of `agreement` as plain values, without a frame."""
    chosen = choose(connection, **filters)
    _asked("by", by, BY)
    _asked("each", each, EACH)
    if each == "origin" or chosen.contested is not None:
        from ledger.reports.compared import compared  # pandas, where origins or contest are asked

        measured = compared(connection, by, each, **filters)
    else:
        measured = tallied(connection, chosen, by, each)
    names = _names(connection, by)
    order = {key: place for place, key in enumerate([*names, None])}
    found = sorted(measured.items(), key=lambda pair: (order[pair[0].key], *_place(pair[0])))
    return [_row(names.get(of.key), of, *values) for of, values in found]


def _asked(option: str, given: str, words: Sequence[str]) -> None:
    if given not in words:
        raise NotFoundError(f"there is no {option} {shown(given)}", f"one of {', '.join(words)}")


def _place(of: Of) -> tuple[bool, str, int]:
    """Where a variable stands: side and stance first, then low and high of one unit together."""
    return of.variable in NUMBERS, of.unit or "", (*WORDS, *NUMBERS).index(of.variable)


def tallied(connection: sa.Connection, chosen: Chosen, by: str, each: str) -> Measured:
    """The groups of each thing and variable, and how many values they give together."""
    groups: dict[Of, list[Group]] = {}
    values: dict[Of, set[Any]] = {}
    for tally in tallies(connection, chosen, by, each):
        numeric = tally.of.variable in NUMBERS
        groups.setdefault(tally.of, []).append(measures.group(tally.counts, numeric=numeric))
        values.setdefault(tally.of, set()).update(tally.counts)
    return {of: (found, len(values[of])) for of, found in groups.items()}


def _names(connection: sa.Connection, by: str) -> dict[Any, str]:
    """What the things are called, in the order in which they are told."""
    if by == "all":
        return {}
    if by == "kind":
        return {kind.value: kind.value for kind in SourceKind}
    if by == "side":
        sides = sa.select(schema.source.c.side).where(schema.source.c.side.is_not(None)).distinct()
        found = connection.execute(sides.order_by(schema.source.c.side)).scalars()
        return {side: side for side in found}
    table = schema.event if by == "event" else schema.proposition
    question = sa.select(table.c.id, table.c.slug)
    if by == "proposition":
        question = question.order_by(table.c.event_id.asc().nulls_last(), table.c.id)
    else:
        question = question.order_by(table.c.id)
    return {row.id: row.slug for row in connection.execute(question)}


def _row(name: str | None, of: Of, groups: Sequence[Group], values: int) -> Row:
    measured = (
        measures.divergence(groups),
        measures.normalised(groups, values),
        measures.mean_deviation(groups),
        measures.mean_range(groups),
        measures.disagreement(groups),
        measures.modal_confidence(groups),
    )
    return (
        name,
        of.variable,
        of.unit,
        len(groups),
        sum(group.reports > 1 for group in groups),
        sum(group.reports for group in groups),
        *(None if each is None else round(each, PLACES) for each in measured),
    )
