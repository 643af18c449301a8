"""Which rows' findings are asked for: those on some claims, and on what these claims name."""

from collections.abc import Collection, Mapping

from ledger.checks.case import Case
from ledger.checks.finding import Finding


def narrowed(
    case: Case, findings: list[Finding], claims: Collection[int], named: Mapping[str, int]
) -> list[Finding]:
    """The findings on `claims`, on what they are about, by and in, and on what is `named`.

    `named` holds rows by their table; of an event its propositions count as named too, whether
    claims were made on them or not.
    """
    rows: dict[str, set[int | None]] = {
        table: set() for table in ("claim", "source", "proposition", "event", "document")
    }
    for number in claims:
        claim = case.claims[number]
        rows["claim"].add(number)
        rows["source"] |= {claim.source_id, claim.via_id}
        rows["proposition"].add(claim.proposition_id)
        rows["event"].add(case.propositions[claim.proposition_id].event_id)
        rows["document"].add(claim.document_id)
    for table, number in named.items():
        rows[table].add(number)
    if "event" in named:
        rows["proposition"] |= {
            each.id for each in case.propositions.values() if each.event_id == named["event"]
        }
    return [finding for finding in findings if finding.id in rows[finding.table]]
