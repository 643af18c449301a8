"""The filters that listings and reports share, and what they narrow a list of claims to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import click
import sqlalchemy as sa

from ledger import lookup
from ledger.cli import types
from ledger.model import WITHDRAWN, Precision
from ledger.rules import stated_text

F = TypeVar("F", bound=Callable[..., Any])

_FILTERS = (
    click.option("--event", type=types.Name("event"), help="Only claims about this event."),
    click.option("-p", "--proposition", type=types.Name("proposition"),
                 help="Only claims on this proposition."),
    click.option("-s", "--source", type=types.Name("source"), help="Only what this source says."),
    click.option("--side", type=types.SIDE, help="Only stances that point this way."),
    click.option("-t", "--stance", type=types.STANCE, help="Only this stance."),
    click.option("--status", type=types.STATUS, help="Only claims of this status."),
    click.option("-d", "--document", type=types.Name("document"), help="Only from this document."),
    click.option("--from", "first", type=types.StatedOn(), help="Said on or after this date."),
    click.option("--to", "last", type=types.StatedOn(), help="Said on or before this date."),
)  # fmt: skip


def claim_filters(command: F) -> F:
    """Add the options that narrow a list of claims."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@dataclass(frozen=True)
class Narrowed:
    """Conditions on the view `claims`, from the filters' options."""

    conditions: list[sa.ColumnElement[bool]]

    @classmethod
    def by(cls, connection: sa.Connection, claims: sa.TableClause, **given: Any) -> "Narrowed":
        """Look the names up; NotFoundError for one that is not in the ledger."""
        conditions: list[sa.ColumnElement[bool]] = []
        for name, find in lookup.FINDERS.items():
            if given.get(name):
                conditions.append(claims.c[name] == find(connection, given[name]).name)
        for name in ("side", "stance", "status"):
            if given.get(name):
                conditions.append(claims.c[name] == given[name])
        if given.get("status") != WITHDRAWN:
            conditions.append(claims.c.status != WITHDRAWN)
        for name, keep in (("first", _not_before), ("last", _not_after)):
            if given.get(name):
                conditions.append(keep(claims.c.stated_on, given[name]))
        return cls(conditions)


def _not_before(stated_on: sa.ColumnElement[Any], bound: tuple[date, Precision]) -> Any:
    """Keep what may have been said on or after: a month counts while any day of it may."""
    text = stated_text(*bound)
    return sa.or_(stated_on >= text, sa.literal(text).startswith(stated_on))


def _not_after(stated_on: sa.ColumnElement[Any], bound: tuple[date, Precision]) -> Any:
    """Keep what may have been said on or before: 2018-02 lasts to its end."""
    text = stated_text(*bound)
    return sa.or_(stated_on <= text, stated_on.startswith(text))
