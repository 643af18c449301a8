"""Agreement from the docket: where origins or contest are asked, which SQL alone cannot tell."""

from collections.abc import Callable, Hashable
from typing import Any, Unpack

import pandas as pd
import sqlalchemy as sa

from ledger import schema
from ledger.model import Side
from ledger.reports.docket import docket, fitting
from ledger.reports.filters import Filters
from ledger.reports.frames import read
from ledger.reports.measures import grouped
from ledger.reports.policies import own_words_last
from ledger.reports.tallies import NUMBERS, WORDS, Measured, Of


def compared(connection: sa.Connection, by: str, each: str, **filters: Unpack[Filters]) -> Measured:
    """The groups that `tallies` sums up, from the claims, positions or origins of the docket."""
    found = docket(connection, **filters)
    said = found.claims if each == "claim" else found.positions
    said = said[said["proposition"].isin(found.propositions.index)]
    said = said[fitting(said, found.chosen)]
    if each == "origin":
        said = own_words_last(said).drop_duplicates("origin", keep="last")
    keys = _keys(connection, by)(said)
    measured: Measured = {}
    for variable in WORDS:
        measured |= _measured(said, keys, pd.Series(None, index=said.index), variable)
    units = _units(connection)
    figures = said[
        (said["side"] == Side.AFFIRMS.value)
        & (said["low"].notna() | said["high"].notna())
        & said["proposition"].isin(units.index)
    ]
    for variable in NUMBERS:
        unit = figures["proposition"].map(units)
        measured |= _measured(figures, keys[figures.index], unit, variable)
    return measured


def _measured(
    said: pd.DataFrame, keys: "pd.Series[Any]", units: "pd.Series[Any]", variable: str
) -> Measured:
    reports: dict[Of, list[tuple[Hashable, Hashable]]] = {}
    columns = (keys, units, said["proposition"], said[variable])
    for key, unit, proposition, value in zip(*(each.tolist() for each in columns), strict=True):
        of = Of(_some(key), variable, _some(unit))
        reports.setdefault(of, []).append((proposition, _number(value)))
    return {
        of: (list(grouped(pairs).values()), len({value for _, value in pairs}))
        for of, pairs in reports.items()
    }


def _some(value: Any) -> Any:
    return None if value is None or value != value else value


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return None if value != value else int(value)
    return value


def _keys(connection: sa.Connection, by: str) -> Callable[[pd.DataFrame], "pd.Series[Any]"]:
    """What tells a claim's thing: for each row of a frame of claims its key."""
    if by == "all":
        return lambda said: pd.Series(None, index=said.index, dtype=object)
    if by == "proposition":
        return lambda said: said["proposition"]
    if by == "event":
        table, on = schema.proposition, "proposition"
        question = sa.select(table.c.id, table.c.event_id)
    else:
        table, on = schema.source, "source"
        question = sa.select(table.c.id, table.c[by])
    held = {row[0]: row[1] for row in connection.execute(question.order_by(table.c.id))}
    return lambda said: pd.Series(
        [held[number] for number in said[on].tolist()], index=said.index, dtype=object
    )


def _units(connection: sa.Connection) -> "pd.Series[Any]":
    """The unit of every count, by the proposition's number."""
    table = schema.proposition
    question = sa.select(table.c.id, table.c.unit).where(table.c.unit.is_not(None))
    return read(
        connection, question.order_by(table.c.id), {"id": "link", "unit": "word"}
    ).set_index("id")["unit"]
