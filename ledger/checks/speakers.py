"""Checks of sources: whether two are one, and how well each is known."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from ledger import names, schema
from ledger.checks.case import Case, quoted
from ledger.checks.finding import Check, Found, Severity
from ledger.model import Attribution, SourceKind

#: From so many claims on, a source's reliability ought to have been graded.
MANY_CLAIMS = 10

#: So many look-alikes of one source are named.
_NAMED = 3


def sources_alike(case: Case) -> Iterator[Found]:
    """Sources whose names, aliases among them, may be two spellings of one.

    Found on the one recorded later.
    """
    alias = schema.source_alias
    owner: dict[str, int] = {}
    for source in case.sources.values():
        owner[source.name] = source.merged_into_id or source.id
    for name, number in case.connection.execute(
        sa.select(alias.c.name, alias.c.source_id).order_by(alias.c.id)
    ):
        owner.setdefault(name, case.sources[number].merged_into_id or number)
    alike: dict[int, set[int]] = defaultdict(set)
    for one, other in names.alike(owner):
        earlier, later = sorted((owner[one], owner[other]))
        if earlier != later:
            alike[later].add(earlier)
    for later, earlier_ones in sorted(alike.items()):
        first = sorted(earlier_ones)
        listed = ", ".join(quoted(case.sources[number].name) for number in first[:_NAMED])
        more = f" and {len(first) - _NAMED} more" if len(first) > _NAMED else ""
        yield Found(
            "source",
            later,
            f"it looks like {listed}{more}",
            f"if they are one: `ledger source merge {later} {first[0]}`",
        )


def never_graded(case: Case) -> Iterator[Found]:
    """Sources of ten claims and more whose reliability was never graded."""
    spoken = Counter(claim.source_id for claim in case.standing)
    for number, source in case.sources.items():
        if source.reliability is None and spoken[number] >= MANY_CLAIMS:
            yield Found(
                "source",
                number,
                f"{MANY_CLAIMS} claims or more, and no reliability",
                "grade it, F where it cannot be judged: `ledger source edit --reliability`",
            )


def unnamed_as_named(case: Case) -> Iterator[Found]:
    """Claims of unnamed sources whose attribution says that the speaker is named."""
    for claim in case.standing:
        if (
            claim.attribution == Attribution.NAMED
            and case.sources[claim.source_id].kind == SourceKind.UNNAMED
        ):
            yield Found(
                "claim",
                claim.id,
                "the source is unnamed, yet the attribution says named",
                "`ledger correct --attribution unnamed`, or uncertain",
            )


CHECKS = (
    Check(
        "sources-alike",
        Severity.DOUBT,
        ("source",),
        "One source under two spellings is counted as two independent ones.",
        sources_alike,
    ),
    Check(
        "never-graded",
        Severity.HINT,
        ("source",),
        "Whoever is quoted ten times weighs on every report, so the reader should know how far "
        "they are trusted.",
        never_graded,
    ),
    Check(
        "unnamed-as-named",
        Severity.DOUBT,
        ("claim",),
        "An official who would not be named answers for nothing, and a report must say so.",
        unnamed_as_named,
    ),
)
