"""When two claims are the same claim: by content, never by number.

A claim's content is all that it says, with what it answers and repeats taken by their content too,
however deep. Status, its reason and the analyst's note are judgement about a claim, not content.
"""

from collections import deque
from collections.abc import Hashable, Sequence

#: The fields of a claim that are its content, apart from its two links.
CONTENT = (
    "proposition_id",
    "source_id",
    "stance",
    "basis",
    "low",
    "high",
    "wording",
    "quote",
    "quote_prefix",
    "quote_suffix",
    "document_id",
    "via_id",
    "attribution",
    "stated_on",
    "stated_precision",
)

#: What a claim answers and what it repeats, as places in the same list of claims.
Links = tuple[int | None, int | None]


def identities(contents: Sequence[Hashable], links: Sequence[Links]) -> list[int]:
    """One number for each claim: equal where all that can be reached from two claims is equal.

    What hangs on nothing circular is numbered from the ends of its links inwards, once each.
    Circles (A repeats B, B repeats A) are legal, and are told apart by refining the numbers until
    no more differ, as in partition refinement (Hopcroft 1971, in its simple form).
    """
    numbered: dict[Hashable, int] = {}

    def number(key: Hashable) -> int:
        return numbered.setdefault(key, len(numbered))

    found: list[int | None] = [None] * len(contents)
    waiting = [len({link for link in pair if link is not None}) for pair in links]
    pointing: dict[int, list[int]] = {}
    for place, pair in enumerate(links):
        for link in {link for link in pair if link is not None}:
            pointing.setdefault(link, []).append(place)
    ready = deque(place for place, count in enumerate(waiting) if not count)
    while ready:
        place = ready.popleft()
        ends = tuple(None if link is None else found[link] for link in links[place])
        found[place] = number((contents[place], ends))
        for other in pointing.get(place, ()):
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)

    circling = [place for place, known in enumerate(found) if known is None]
    now = {place: number((contents[place], "circle")) for place in circling}
    while circling:
        finer = {
            place: number(
                (
                    "finer",
                    now[place],
                    *(
                        None if link is None else (found[link] is None, now.get(link, found[link]))
                        for link in links[place]
                    ),
                )
            )
            for place in circling
        }
        settled = len(set(finer.values())) == len(set(now.values()))
        now = finer
        if settled:
            break
    return [now[place] if known is None else known for place, known in enumerate(found)]
