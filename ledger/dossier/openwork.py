"""What is still to be done: the findings of `ledger check` on what a dossier holds."""

from dataclasses import replace
from datetime import date
from shlex import quote

import sqlalchemy as sa

from ledger import schema
from ledger.checks import findings
from ledger.checks.acceptance import State, Weighed, weighed
from ledger.checks.case import Case
from ledger.checks.narrowing import narrowed
from ledger.dossier.gathering import Subject
from ledger.dossier.values import Dossier, Doubt

#: The checks read the whole ledger; from so many claims on that is no aside any more.
MOST_CLAIMS = 50_000


def checked(connection: sa.Connection, dossier: Dossier, about: Subject, today: date) -> Dossier:
    """The dossier with the findings on its claims and what they name that nobody has accepted.

    `today` is the day after which a date lies in the future. In a ledger of more than MOST_CLAIMS
    claims nothing is checked, and a note says so.
    """
    number = sa.select(sa.func.count()).select_from(schema.claim)
    if connection.execute(number).scalar_one() > MOST_CLAIMS:
        command = f"ledger check --{about.kind} {quote(about.slug)}"
        note = f"The checks were not run, since the ledger is large: `{command}` runs them."
        return replace(dossier, notes=(*dossier.notes, note))
    case = Case(connection, today)
    claims = {each.claim for prop in dossier.propositions for each in prop.claims}
    found = weighed(connection, narrowed(case, findings(case), claims, {about.kind: about.id}))
    on: dict[int, list[Doubt]] = {}
    other: list[Doubt] = []
    for finding in found:
        if finding.state is not State.ACCEPTED:
            _place(finding, case, on, other)
    return replace(
        dossier,
        doubts=tuple(other),
        propositions=tuple(
            replace(each, doubts=tuple(on.get(each.number, ()))) for each in dossier.propositions
        ),
    )


def _place(weighed_: Weighed, case: Case, on: dict[int, list[Doubt]], other: list[Doubt]) -> None:
    finding = weighed_.finding
    doubt = Doubt(finding.check.severity.value, finding.subject, finding.what, finding.to_do)
    if finding.table == "claim":
        on.setdefault(case.claims[finding.id].proposition_id, []).append(doubt)
    elif finding.table == "proposition":
        on.setdefault(finding.id, []).append(doubt)
    else:
        other.append(doubt)
