"""The lints of the craft: what an experienced recorder or fact-checker would ask about.

Each check is a pure function of the Case, with a stable name and a sentence of why. They read and
judge nothing into the ledger; a finding that is as it should be is accepted, with a reason
(`ledger.checks.acceptance`).
"""

from collections.abc import Iterable, Iterator

from ledger.checks import answers, dates, figures, judgements, records, speakers
from ledger.checks.case import Case
from ledger.checks.finding import Check, Finding, Severity
from ledger.uncollected import uncollected

#: Every check by name, in the order in which findings are told.
CHECKS: dict[str, Check] = {
    check.name: check
    for severity in Severity
    for family in (judgements, answers, dates, figures, records, speakers)
    for check in family.CHECKS
    if check.severity is severity
}


def findings(case: Case, only: Iterable[str] = CHECKS) -> list[Finding]:
    """What the checks named find, in the order of CHECKS and then of the rows' numbers."""
    wanted = set(only)
    with uncollected():
        return [
            finding
            for name, check in CHECKS.items()
            if name in wanted
            for finding in _found(case, check)
        ]


def _found(case: Case, check: Check) -> Iterator[Finding]:
    for found in sorted(
        check.look(case), key=lambda each: (check.tables.index(each.table), each.id)
    ):
        yield Finding(
            check=check,
            table=found.table,
            id=found.id,
            subject=case.subject(found.table, found.id),
            about=case.about(found.table, found.id),
            what=found.what,
            to_do=found.to_do,
        )
