"""The sentences of a dossier, which every rendering says alike; plain text without markup."""

from collections.abc import Iterable

from ledger.dossier.values import Camp, Document, Dossier, Proposition, Said, Stamp
from ledger.model import SIDE_OF, Kind, Side, Verdict
from ledger.reports.glance import Holder

#: How many sources a line names; it says how many more there are.
NAMED = 6

#: How many pairs of figures are listed; all are counted.
PAIRS = 100

#: Chains of origins are indented so deep and no deeper: browsers nest 512 elements at most.
DEEPEST = 12

#: What is said where the chain of origins has no links.
ALONE = "Each source is an origin of its own, as far as the ledger knows: none repeats another."

#: What is said of a ledger without an entry.
NOTHING = "Nothing had been recorded, so there is nothing to check."

#: What the check does.
CHECKING = (
    "The command is run on the ledger that this was made of, or on a copy of it. It recomputes "
    "every entry, and says whether the ledger holds this head and whether anything up to it was "
    "altered. What is quoted here is the ledger's; whether it is true is the reader's to judge."
)

#: What a camp is called.
HEADINGS = {
    Side.AFFIRMS: "Affirms",
    Side.DENIES: "Denies",
    Side.WITHHOLDS: "Withholds",
    Side.REPORTS: "Reports without a side",
    Side.WITHDRAWS: "Retracts",
}

#: What a sentence on a camp begins with.
LEADS = {
    Side.AFFIRMS: "Affirmed by",
    Side.DENIES: "Denied by",
    Side.WITHHOLDS: "Withheld by",
    Side.REPORTS: "Reported by",
    Side.WITHDRAWS: "Retracted by",
}

#: The sides that are told even where nobody stands on them.
MAIN = (Side.AFFIRMS, Side.DENIES, Side.WITHHOLDS)

_EMPTY = {
    Side.AFFIRMS: "Nobody affirms it.",
    Side.DENIES: "Nobody denies it.",
    Side.WITHHOLDS: "Nobody withholds.",
}


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its word: `1 claim`, `3 claims`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Iterable[str]) -> str:
    """Words as a sentence has them: `a`, `a and b`, `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def asked(proposition: Proposition) -> str:
    """What kind of thing is in question."""
    if proposition.kind == Kind.FACT.value:
        return "a fact: it can be affirmed or denied"
    among = f", among {proposition.population}" if proposition.population else ""
    return f"a count, in {proposition.unit}{among}"


def held_words(held: Holder, kind: str) -> str:
    """What a source holds beyond its side: the figure, or exactly what it denies."""
    words = figure(held.range, held.wording)
    if SIDE_OF[held.stance] is Side.DENIES:
        words = denied(held.range, held.wording, kind)
    elif held.stance not in ("asserts",):
        words = ", ".join(filter(None, (held.stance.replace("-", " "), words)))
    if held.instead:
        words = ", ".join(filter(None, (words, f"answering {held.instead} without denying it")))
    return words


def figure(range_: str | None, wording: str | None) -> str:
    """A figure with the source's own words for it; nothing where there is none."""
    own = f"“{wording}”" if wording else ""
    if range_ in (None, "in words"):
        return own
    return f"{range_} ({own})" if own else str(range_)


def denied(range_: str | None, wording: str | None, kind: str) -> str:
    """Exactly what a denial rejects."""
    if kind == Kind.FACT.value:
        return ""
    if range_ == "all":
        return "that there was even one"
    if range_ == "some figure":
        return "a figure, without naming one"
    if range_ in (None, "in words"):
        return f"{figure(None, wording)}, which gives no range" if wording else ""
    return f"exactly {figure(range_, wording)}"


def taken(stance: str, range_: str | None) -> str:
    """A stance that was taken, with its figure: `asserts 101+`, `denies exactly 24–999`."""
    return " ".join(filter(None, (stance, figured(stance, range_))))


def figured(stance: str, range_: str | None, wording: str | None = None) -> str:
    """The figure that a stance gives, or exactly what it rejects; nothing where it has none."""
    if SIDE_OF[stance] is Side.DENIES and (range_ or wording):
        return denied(range_, wording, Kind.COUNT.value)
    return figure(range_, wording)


def said_words(claim: Said, kind: str) -> str:
    """What a claim does, in words: `asserts 101+ (“more than 100”)`."""
    if claim.side is Side.DENIES:
        return " ".join(filter(None, (claim.stance, denied(claim.range, claim.wording, kind))))
    return " ".join(filter(None, (claim.stance, figure(claim.range, claim.wording))))


def standing(proposition: Proposition) -> str:
    """Whether it is contested, and why not."""
    affirmed, denied_ = (bool(proposition.camp(side).held) for side in MAIN[:2])
    if proposition.contested:
        if denied_ and affirmed:
            return "Contested: what its sources say cannot all be right."
        return "Contested: the figures affirmed cannot all be right."
    if not proposition.claims:
        return "Nobody has said anything on it yet."
    if affirmed and denied_:
        return "Not contested: what is denied leaves what is affirmed standing."
    if affirmed:
        return "Not contested: nobody denies it."
    if denied_:
        return "Not contested: nobody affirms it."
    return "Not contested: nobody affirms or denies it."


def origins(proposition: Proposition) -> str:
    """How many independent origins each side has; nothing where nobody takes a side."""
    verbs = {Side.AFFIRMS: "affirming", Side.DENIES: "denying", Side.WITHHOLDS: "withholding"}
    told = [
        f"{camp.origins:,} {verbs[side]}" for side in MAIN if (camp := proposition.camp(side)).held
    ]
    circle = " Sources rest on one another in a circle." if proposition.circular else ""
    return (f"Independent origins: {listed(told)}." if told else "") + circle


def verdict(proposition: Proposition) -> str:
    """The finding, in a few words."""
    if proposition.verdict == Verdict.OPEN.value:
        return "not settled"
    found = f": {proposition.finding}" if proposition.finding else ""
    return f"{proposition.verdict}{found}"


def sources_of(camp: Camp) -> str:
    """How many sources a camp has, and origins where that is another thing."""
    number = counted(len(camp.held), "source")
    if camp.side not in MAIN:
        return number
    return f"{number}, {counted(camp.origins, 'independent origin')}"


def empty(side: Side) -> str:
    """What is said where nobody stands on a side; nothing for those that need not be told."""
    return _EMPTY.get(side, "")


def who(claim: Said) -> str:
    """What the source of a claim is."""
    about = [claim.source_kind, claim.member_of and f"member of {claim.member_of}"]
    about += [claim.source_side and f"side {claim.source_side}"]
    if claim.attribution != "named":
        about.append(f"attribution {claim.attribution}")
    if claim.basis != "unknown":
        about.append(f"knows it as {claim.basis}")
    return ", ".join(part for part in about if part)


def when(claim: Said) -> str:
    """When a claim was said, or that nobody tells."""
    if claim.said_on:
        return claim.said_on
    published = claim.document.published_on if claim.document else None
    return f"not known; published {published}" if published else "not known"


def later(claim: Said) -> str:
    """What became of a claim, where its source has spoken since."""
    if claim.newer is None:
        return ""
    return (
        f"No longer held: the source has said something else since, in claim {claim.newer}."
        if claim.replaced
        else f"Said again in claim {claim.newer}."
    )


def shifted(claim: Said) -> str:
    """That a claim took its source to another side."""
    if claim.shift is None:
        return ""
    unsure = "; the dates do not tell which came first" if claim.shift.unsure else ""
    after = f", after {claim.shift.after}" if claim.shift.after else ""
    before = taken(claim.shift.before, claim.shift.before_range)
    return f"{before} → {taken(claim.stance, claim.range)}{after}{unsure}"


def chained(proposition: Proposition) -> bool:
    """Whether the chain of origins says more than that each source is an origin of its own."""
    by_origin: dict[int, set[str]] = {}
    for branch in proposition.chain:
        if branch.depth or branch.circular:
            return True
        if branch.origin is not None:
            by_origin.setdefault(branch.origin, set()).add(branch.source)
    return any(len(sources) > 1 for sources in by_origin.values())


def published(document: Document) -> str:
    """By whom a document was published, and when."""
    return ", ".join(filter(None, (document.publisher, document.published_on or "no date")))


def pinned(stamp: Stamp) -> str:
    """What the head at the foot is good for."""
    return (
        f"All that is said here stands in the ledger up to entry {stamp.entry}. The hash of that "
        "entry, the head, pins all of it: any later change to what had been recorded gives another."
    )


def size(dossier: Dossier) -> str:
    """How much there is in it, in a line."""
    contested = sum(each.contested for each in dossier.propositions)
    settled = sum(each.verdict != Verdict.OPEN.value for each in dossier.propositions)
    waiting = sum(len(each.unreviewed) for each in dossier.propositions)
    told = [
        counted(dossier.claims, "claim"),
        f"{waiting:,} of them unreviewed",
        counted(sum(1 for source in dossier.sources if source.claims), "source"),
        counted(len(dossier.documents), "document"),
    ]
    if dossier.event:
        propositions = counted(len(dossier.propositions), "proposition")
        told = [propositions, f"{contested:,} contested", f"{settled:,} settled", *told]
    return ", ".join(told)
