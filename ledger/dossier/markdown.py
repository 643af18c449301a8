"""A dossier as Markdown, from the same values and sentences as the page; charts are left to that.

Every text is shown with its control characters visible and in one line, and what Markdown, or the
HTML that it becomes, would take for its own is escaped. Only http and https addresses are links.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ledger.dossier import telling
from ledger.dossier.page import web_address
from ledger.dossier.values import (
    Camp,
    Change,
    Document,
    Dossier,
    Doubt,
    Event,
    Figures,
    Proposition,
    Said,
    Stamp,
)
from ledger.formats.values import plain
from ledger.model import Side
from ledger.visible import visible

_OWN = str.maketrans(
    {char: f"\\{char}" for char in "\\`*_{}[]#~|!"}
    | {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;"}
)


def markdown(dossier: Dossier) -> str:
    """The dossier, whole, as GitHub Flavored Markdown."""
    return "".join(f"{line}\n" for line in _lines(dossier))


def own(value: Any) -> str:
    """A text of the ledger in one line, with nothing in it that would be markup or a link."""
    shown = visible(" ".join(plain(value).split("\n"))).translate(_OWN)
    shown = shown.replace("://", "&#58;//").replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")
    backwards = any(unicodedata.bidirectional(char) in ("R", "AL") for char in shown)
    # Isolated, so that what follows it is not turned around.
    return f"\u2068{shown}\u2069" if backwards else shown


def _lines(dossier: Dossier) -> Iterator[str]:
    event, stamp = dossier.event, dossier.stamp
    yield f"# {own(dossier.title)}\n"
    yield f"Dossier on {'an event' if event else 'a proposition'}. {telling.size(dossier)}."
    recorded = f", recorded {plain(stamp.recorded_at)}" if stamp.recorded_at else ""
    as_of = f" (asked for as of {own(stamp.as_of)})" if stamp.as_of else ""
    yield f"The ledger as of entry {stamp.entry}{recorded}{as_of}.\n"
    for note in dossier.notes:
        yield f"> {own(note)}\n"
    if event:
        yield from _facts(_event(event))
        yield from _board(dossier.propositions)
        for number, each in enumerate(dossier.propositions, 1):
            yield f"## {number}. {own(each.text)}\n"
            yield from _section(each, "###", whole=event)
    else:
        yield from _section(dossier.propositions[0], "##", whole=None)
    if dossier.doubts:
        yield "## Open work on event, sources and documents\n"
        yield from _doubts(dossier.doubts)
    yield from _sources(dossier)
    yield from _documents(dossier.documents)
    yield from _foot(stamp)


def _facts(facts: Iterable[tuple[str, Any]]) -> Iterator[str]:
    for name, value in facts:
        if value:
            yield f"- **{name}:** {value}"
    yield ""


def _event(event: Event) -> Iterator[tuple[str, Any]]:
    where = f" ({own(event.where)})" if event.where else ""
    yield "Place", event.place and own(event.place) + where
    yield "Date", event.when
    yield "Note", event.note and own(event.note)
    yield "In the ledger", own(event.slug)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield _row(heads)
    yield _row("---" for _ in heads)
    yield from map(_row, rows)
    yield ""


def _board(propositions: Sequence[Proposition]) -> Iterator[str]:
    yield "## The board\n"
    if not propositions:
        yield "The ledger holds no proposition about this event yet.\n"
        return
    heads = ("In question", "Affirmed by", "Denied by", "Withheld by", "State")
    yield from _table(
        heads,
        (
            (
                f"{number}. {own(each.text)}",
                *(_on_board(each.camp(side), each.kind) for side in telling.MAIN),
                _state(each),
            )
            for number, each in enumerate(propositions, 1)
        ),
    )
    yield "In brackets: how many independent origins. Ten outlets that relay one story are one.\n"


def _on_board(camp: Camp, kind: str) -> str:
    return f"{_camp(camp, kind)} \\[{camp.origins}\\]" if camp.held else ""


def _state(about: Proposition) -> str:
    marks = [
        "**contested**" if about.contested else "",
        "**circular**" if about.circular else "",
        telling.verdict(about),
        f"answered by {own(about.answered_by)}" if about.answered_by else "",
    ]
    return "; ".join(filter(None, marks))


def _camp(camp: Camp, kind: str) -> str:
    told = []
    for held in camp.held[: telling.NAMED]:
        words = telling.held_words(held, kind)
        mark = " **(denies something else)**" if held.instead else ""
        told.append(own(held.source) + (f": {own(words)}" if words else "") + mark)
    if len(camp.held) > telling.NAMED:
        told.append(f"and {len(camp.held) - telling.NAMED:,} more")
    return "; ".join(told)


def _section(about: Proposition, level: str, *, whole: Event | None) -> Iterator[str]:
    yield from _facts(_in_short(about))
    yield f"{level} What is in question\n"
    yield from _facts(_question(about, whole))
    if about.claims:
        yield f"{level} Who says what\n"
        for side in Side:
            yield from _side(about, side, level)
    if about.figures:
        yield f"{level} The figures\n"
        yield from _figures(about.figures, about)
    if len(about.in_order) > 1:
        yield f"{level} In order of time\n"
        yield from (_dated(claim, about.kind) for claim in about.in_order)
        yield ""
    if about.claims:
        yield f"{level} Where it comes from\n"
        yield from _chain(about)
    yield f"{level} The verdict, and what was judged\n"
    because = f" – {own(about.because)}" if about.because else "."
    yield f"{telling.verdict(about).capitalize()}{because}\n"
    yield from _changes(about.changes)
    if about.unreviewed or about.doubts:
        yield f"{level} Open work\n"
    if about.unreviewed:
        numbers = ", ".join(map(str, about.unreviewed))
        yield f"{telling.counted(len(about.unreviewed), 'claim')} unreviewed: {numbers}.\n"
    yield from _doubts(about.doubts)


def _in_short(about: Proposition) -> Iterator[tuple[str, str]]:
    said = []
    for side in Side:
        camp = about.camp(side)
        if camp.held:
            said.append(f"{telling.LEADS[side]} {_camp(camp, about.kind)}.")
        elif words := telling.empty(side):
            said.append(words)
    if about.answered_by:
        said.append(f"Answered, but not denied, by {own(about.answered_by)}.")
    yield "Said", " ".join(said)
    yield "Standing", f"{telling.standing(about)} {telling.origins(about)}"
    because = f" – {own(about.because)}" if about.because else ""
    yield "Verdict", telling.verdict(about) + because


def _question(about: Proposition, whole: Event | None) -> Iterator[tuple[str, Any]]:
    yield "In question", own(about.text)
    yield "It is", own(telling.asked(about))
    if about.event and not whole:
        yield "Event", own(about.event.title)
        yield from (fact for fact in _event(about.event) if fact[0] in ("Place", "Date"))
    yield "Note", about.note and own(about.note)
    yield "In the ledger", own(about.slug)


def _side(about: Proposition, side: Side, level: str) -> Iterator[str]:
    camp, claims = about.camp(side), about.said(side)
    if not claims and side not in telling.MAIN:
        return
    yield f"{level}# {telling.HEADINGS[side]}\n"
    if camp.held:
        yield f"{telling.sources_of(camp)}\n"
    elif not claims:
        yield f"{telling.empty(side)}\n"
    for claim in claims:
        if not claim.bare:
            yield from _claim(claim, about.kind)
    bare = [_repeating(claim, about.kind) for claim in claims if claim.bare]
    if bare:
        yield f"{telling.counted(len(bare), 'claim')} merely repeating:\n"
        yield from bare
        yield ""


def _repeating(claim: Said, kind: str) -> str:
    words = own(telling.said_words(claim, kind))
    cited = f" \\[{claim.document.number}\\]" if claim.document else ""
    return (
        f"- **{own(claim.source)}** {words}, claim {claim.claim}, repeats claim {claim.repeats}; "
        f"said on: {telling.when(claim)}; {claim.status}{cited}"
    )


def _claim(claim: Said, kind: str) -> Iterator[str]:
    about = f" ({own(telling.who(claim))})" if telling.who(claim) else ""
    words = own(telling.said_words(claim, kind))
    yield f"- **{own(claim.source)}** {words}, claim {claim.claim}{about}\n"
    if claim.quote:
        before = f"…{own(claim.before)}" if claim.before else ""
        after = f"{own(claim.after)}…" if claim.after else ""
        yield f"  > {before}“{own(claim.quote)}”{after}\n"
    if claim.instead:
        instead = own(claim.instead)
        yield (
            f"  - **Denies something else:** it answers a claim on {instead} and says nothing "
            "against that."
        )
    if claim.shift:
        yield f"  - **Shift:** {own(telling.shifted(claim))}"
    if claim.circular:
        yield "  - **Circular:** it rests on sources that rest on one another."
    if claim.newer:
        yield f"  - {telling.later(claim)}"
    yield f"  - Said on: {telling.when(claim)}"
    if claim.via:
        yield f"  - By way of: {own(claim.via)}"
    if claim.document:
        document = claim.document
        date = document.published_on or "no date"
        yield f"  - In: {_linked(document)}, {date} \\[{document.number}\\]"
    if claim.answers:
        yield f"  - Answers: claim {claim.answers.claim}, {own(claim.answers.told)}"
    if claim.repeats:
        yield f"  - Repeats: claim {claim.repeats}"
    because = f" – {own(claim.because)}" if claim.because else ""
    yield f"  - Status: {claim.status}{because}"
    for ground in claim.grounds:
        yield f"  - Rests on: {own(ground)}"
    if claim.note:
        yield f"  - Note: {own(claim.note)}"
    yield ""


def _linked(document: Document) -> str:
    return _link(own(document.title), document.url)


def _link(words: str, url: str | None) -> str:
    """Words that lead to an address, where it is one of the web."""
    address = web_address(url)
    if address is None:
        return words
    for char, code in (("\\", "%5C"), ("<", "%3C"), (">", "%3E")):
        address = address.replace(char, code)
    return f"[{words}](<{address}>)"


def _figures(figures: Figures, about: Proposition) -> Iterator[str]:
    none = "no number is common to all"
    facts: list[tuple[str, Any]] = [
        ("Given by", telling.counted(figures.origins, "independent origin")),
        ("Span", f"{figures.span} {own(about.unit)}"),
        ("Shared", none if figures.shared == "none" else figures.shared),
    ]
    if not figures.depends:
        facts.append(("Estimate", f"{figures.estimates[0].estimate}, whichever rule is taken"))
    yield from _facts(facts)
    if figures.depends:
        yield "What each rule makes of them: it matters which is taken.\n"
        rows = ((each.policy, each.estimate or "none", each.meaning) for each in figures.estimates)
        yield from _table(("Rule", "Estimate", "It takes"), rows)
    if figures.clashes:
        first = telling.PAIRS
        more = f"; the first {first}" if len(figures.clashes) > first else ""
        pairs = telling.counted(len(figures.clashes), "pair")
        yield f"{pairs} of figures cannot both be right{more}.\n"
        clashes = (
            (f"{own(each.one)} (claim {each.claims[0]})",
             f"{own(each.other)} (claim {each.claims[1]})", each.how)
            for each in figures.clashes[:first]
        )  # fmt: skip
        yield from _table(("One", "Against", "How"), clashes)


def _dated(claim: Said, kind: str) -> str:
    published = "" if claim.said_on else " (published)"
    shift = f"; **shift** {own(telling.shifted(claim))}" if claim.shift else ""
    words = own(telling.said_words(claim, kind))
    return f"- {claim.since}{published}: {own(claim.source)} {words}, claim {claim.claim}{shift}"


def _chain(about: Proposition) -> Iterator[str]:
    if not telling.chained(about):
        yield f"{telling.ALONE}\n"
        return
    for branch in about.chain:
        origin = f"origin {branch.origin}" if branch.origin else "no longer held"
        parts = [
            " ".join(filter(None, (own(branch.source), branch.stance, own(branch.range)))),
            f"claim {branch.claim}",
            branch.since,
            origin,
            branch.link and own(branch.link),
            "**circular**" if branch.circular else None,
        ]
        indent = "  " * min(branch.depth, telling.DEEPEST)
        yield f"{indent}- {', '.join(part for part in parts if part)}"
    yield ""


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield "Nobody has judged it or any claim on it yet.\n"
        return
    rows = (
        (
            str(each.entry), plain(each.at), own(each.by), each.on if each.claim else "the verdict",
            own(each.before), own(each.after), own(each.because),
        )
        for each in changes
    )  # fmt: skip
    yield from _table(("Entry", "When", "Who", "On", "From", "To", "Why"), rows)


def _doubts(doubts: Sequence[Doubt]) -> Iterator[str]:
    for each in doubts:
        to_do = f" – {own(each.to_do)}" if each.to_do else ""
        yield f"- **{each.severity}** {own(each.on)}: {own(each.what)}{to_do}"
    if doubts:
        yield ""


def _sources(dossier: Dossier) -> Iterator[str]:
    if not dossier.sources:
        return
    yield "## Sources\n"
    heads = ("Source", "Kind", "Member of", "Side", "Reliability", "Claims here", "Note")
    rows = (
        (
            own(each.name), own(each.kind), own(each.member_of), own(each.side),
            each.reliability or "not graded", str(each.claims or "relays"), own(each.note),
        )
        for each in dossier.sources
    )  # fmt: skip
    yield from _table(heads, rows)


def _documents(documents: Sequence[Document]) -> Iterator[str]:
    if not documents:
        return
    yield "## Documents\n"
    for each in documents:
        yield f"{each.number}. *{own(each.title)}*. {own(telling.published(each))}."
        for what, url in (("Address", each.url), ("Archived", each.archive_url)):
            if url:
                yield f"   - {what}: {_link(own(url), url)}"
        if each.sha256:
            retrieved = f", retrieved {own(each.retrieved_at)}" if each.retrieved_at else ""
            yield f"   - SHA-256 of its text: `{own(each.sha256)}`{retrieved}"
    yield ""


def _foot(stamp: Stamp) -> Iterator[str]:
    yield "## How to check this\n"
    if not stamp.entry:
        yield f"{telling.NOTHING} Made {plain(stamp.made_at)}."
        return
    yield f"{telling.pinned(stamp)}\n"
    facts = [
        ("Head", f"`{stamp.head}`"),
        ("Entry", f"{stamp.entry}, recorded {plain(stamp.recorded_at)}"),
        ("As of", stamp.as_of and own(stamp.as_of)),
        ("This text", f"made {plain(stamp.made_at)}"),
        ("The same again", f"`{stamp.command} -o FILE.md`"),
        ("Check", f"`ledger verify --head {stamp.head}`"),
    ]
    yield from _facts(facts)
    yield telling.CHECKING
