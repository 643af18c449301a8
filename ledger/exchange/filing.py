"""Turns the claims of a flat file into rows of the ledger: named, checked beside one another, told
from those that are there, written.

The rules are those of `claiming`, and so are the results; what differs is that no row is held for
longer than its batch. A row with which anything may be amiss is drafted the slow way.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from operator import eq
from typing import Any, Literal

import sqlalchemy as sa

from ledger import bulk, quotes, rules, schema
from ledger.bulk import Columns
from ledger.errors import BadRow
from ledger.exchange.claiming import said_in_ledger
from ledger.exchange.describing import Described, Fields
from ledger.exchange.drafting import LINKS, Drafting, difference_notes, vague_note
from ledger.exchange.flat import FIELDS, STANCES, Flat, Row, claim_row
from ledger.exchange.known import Known, chunks
from ledger.exchange.matching import there
from ledger.exchange.naming import Naming
from ledger.exchange.shelving import Shelved, as_stored, by_column
from ledger.journal import Draft
from ledger.model import SIDE_OF, UNREVIEWED, Kind, Side

#: A claim's columns as they are stored, without its number, its entry and its leaf.
_COLUMNS = tuple(
    column.name for column in schema.claim.c if column.name not in ("id", "entry_id", "leaf")
)
_AFFIRMS = frozenset(stance for stance, side in SIDE_OF.items() if side is Side.AFFIRMS)
_ANSWERS = _COLUMNS.index("answers_id")
_DAY, _STATUS = (FIELDS.index(name) for name in ("stated_on", "status"))

#: A claim as it is stored, in the order of _COLUMNS.
Stored = tuple[Any, ...]

#: A batch's size, and its claims made ready where a glance was enough.
Glance = tuple[int, bulk.Ready | Literal[False] | None]


class Filing:
    """What a flat file comes to in a ledger: `write` does it, and what is `bad` is known after.

    `present` counts what is there by table, `notes` are for the analyst; both are whole once all
    rows have been gone through. With `write` False they are gone through all the same.
    """

    def __init__(self, flat: Flat, draft: Draft, *, new: bool) -> None:
        self.flat = flat
        self.notes: list[str] = []
        self.claims = 0
        self._draft = draft
        self._today = draft.recorded_at.date()
        self._known = Known(draft.connection)
        self.naming = Naming(flat.gathered, draft, self._known, new=new)
        self._first = draft.next_id("claim")
        self.shelved = Shelved(flat.shelves, self.naming, self._known, draft)
        self.described = Described(flat.gathered, self.naming, self._known, self._today)
        self.shelved.kinds.take_in(self.described.kinds_told)
        self.described.kinds = self.shelved.kinds
        self.present = {**self.described.present, "claim": 0, "evidence": 0, "acceptance": 0}
        for table, count in self.shelved.present.items():
            self.present[table] += count
        self._drafted_bad: list[BadRow] = []
        self._repeats_bad: list[BadRow] = []
        self._retracting_bad: list[BadRow] = []
        self._drafting = Drafting(
            self.naming, self.described, self._today, flat.numbers, self._drafted_bad
        )
        self._numbers = {
            table: self.naming.numbers(table, names) for table, names in flat.names.items()
        }
        kinds = self.described.kinds
        self._counts = bytes(
            [kinds.get(number) == Kind.COUNT for number in self._numbers["proposition"]]
        )
        self._facts = bytes([not count for count in self._counts])
        self._suspects: dict[int, Fields] = {
            place: self._drafting.drafted(row) for place, row in flat.suspects.items()
        }
        latest = (self._today + rules.AHEAD).isoformat()
        self._ahead = {day for day in flat.days if day > latest}
        self._with_text = self._known.documents_with_text()
        self._vague: dict[str, list[int]] = {}
        self._ids: array[int] | None = None

    @property
    def bad(self) -> list[BadRow]:
        """Every bad row that was found so far."""
        unseen: list[BadRow] = []
        self.naming.refused_unseen(unseen)
        return [
            *self.flat.gathered.bad,
            *self.described.bad,
            *self.flat.twice,
            *self._drafted_bad,
            *self._repeats_bad,
            *self._retracting_bad,
            *unseen,
        ]

    # Claims.

    def match(self) -> None:
        """Find which claims are there by content, and so what number each gets."""
        wanted = {
            number
            for number in self._numbers["proposition"]
            if number > 0 and not self.naming.is_new("proposition", number)
        }
        wanted |= {
            number
            for fields in self._suspects.values()
            if isinstance(number := fields.get("proposition_id"), int) and number > 0
        }
        if not wanted or self._first == 1:
            return
        self._ids = there(
            self._draft.connection,
            wanted,
            (self._settled(row, place) for place, row in self._placed()),
            self.flat.numbers,
            self._first,
        )

    def _placed(self) -> Iterator[tuple[int, Row | None]]:
        place = 0
        for batch in self.flat.spool:
            for row in batch:
                yield place, row
                place += 1

    @property
    def asks_of_each(self) -> bool:
        """Whether each row is asked whether it is a claim that is there already."""
        return self._ids is not None

    def go_through(
        self,
        write: Callable[[bulk.Ready], None] | None,
        progress: Callable[[str, int, int], None] = lambda *_: None,
        glances: Iterator[Glance] | None = None,
    ) -> None:
        """Check every row and `write` the new ones, number and entry included, while none is bad.

        After this, `bad`, `present`, `notes` and `claims` are whole. `glances` are its own, made
        elsewhere.
        """
        place = 0
        for index, (size, plain) in enumerate(glances or self.glances(ready=write is not None)):
            new, some = size, plain or None
            if plain is None:
                columns = self._gone_through(self.flat.spool[index], place)
                new = len(columns["id"])
                if new and write is not None and not self._failed:
                    some = bulk.ready("claim", columns)
            place += size
            self.claims += new
            self.present["claim"] += size - new
            if write is not None and some is not None and not self._failed:
                write(some)
            progress("written" if write else "checked", place, self.flat.count)
        self._check_retractions()
        self.notes += [vague_note(words, *told) for words, told in self._vague.items()]

    def glances(self, *, ready: bool) -> Iterator[Glance]:
        """Of each batch its size, and where it is plain its claims made ready; else None.

        False where it is plain and they are not to be `ready`.
        """
        for size, columns in self.plains():
            if columns is None:
                yield size, None
            else:
                yield size, bulk.ready("claim", columns) if ready else False

    def plains(self) -> Iterator[tuple[int, Columns | None]]:
        """Of each batch its size, and what `plain` says of it."""
        place = 0
        for batch in self.flat.spool:
            yield len(batch), self.plain(batch, place)
            place += len(batch)

    def _gone_through(self, batch: Sequence[Row | None], start: int) -> Columns:
        """The new claims of a batch, row by row."""
        first, entry = self._first, self._draft.id
        new: list[Stored] = []
        found: list[tuple[int, int, Row | None]] = []
        for place, row in enumerate(batch, start=start):
            settled = self._checked(row, place)
            number = first + place if self._ids is None else self._ids[place]
            if number < first:
                found.append((number, place, row))
            else:
                new.append((number, *settled, entry))
                self._note_vague(row, place)
        if found:
            self._note_differences(found)
        return by_column(("id", *_COLUMNS, "entry_id"), new)

    def plain(self, batch: Sequence[Row | None], start: int) -> Columns | None:
        """The new claims of a batch in which each is new and nothing amiss, column by column.

        None where that is not so, or cannot be told at a glance. `start` is the place of its first
        row. Nothing of this filing changes, so that it may be done in a process of its own.
        """
        if self._ids is not None or not batch or None in batch:
            return None
        rows = dict(zip(FIELDS, zip(*batch, strict=True), strict=True))
        numbers = self._numbers
        on = [*map(numbers["proposition"].__getitem__, rows["proposition_id"])]
        by = [*map(numbers["source"].__getitem__, rows["source_id"])]
        # In the place of -1, for nothing, stands the last; a refused name is less than nothing.
        documents, relays = (
            array("l", [*numbers["document"], 0]),
            array("l", [*numbers["source"], 0]),
        )
        inside = [*map(documents.__getitem__, rows["document_id"])]
        via = [*map(relays.__getitem__, rows["via_id"])]
        # What the rows are like, each sort of them once: of a count or not, by which stance, and
        # whether it says how many.
        counted = map(self._counts.__getitem__, rows["proposition_id"])
        without = [
            low is None and high is None and words is None
            for low, high, words in zip(rows["low"], rows["high"], rows["wording"], strict=True)
        ]
        unasked = any(
            count and stance in _AFFIRMS if nothing else not count
            for count, stance, nothing in set(zip(counted, rows["stance"], without, strict=True))
        )
        if (
            unasked
            or min(min(column) for column in (on, by, inside, via)) < 0
            or any(map(eq, by, via))
            or not self._ahead.isdisjoint(rows["stated_on"])
            or not self._with_text.isdisjoint(inside)
            or any(rows["vague"])
        ):
            return None
        links: dict[str, list[int | None]] = {}
        for name in LINKS:
            ends = links[name] = [None] * len(batch)
            for at, number in enumerate(rows[name]):
                if number is not None and (ends_at := self._home(number)) is None:
                    return None
                if number is not None:
                    ends[at] = ends_at
        for at, number in enumerate(rows["repeats_id"]):
            if number is not None and self._not_repeated(start + at, number):
                return None
        first = self._first + start
        return {
            **rows,
            **links,
            "id": range(first, first + len(batch)),
            "entry_id": [self._draft.id] * len(batch),
            "proposition_id": on,
            "source_id": by,
            "document_id": [number or None for number in inside],
            "via_id": [number or None for number in via],
            "status": [status or UNREVIEWED for status in rows["status"]],
        }

    @property
    def _failed(self) -> bool:
        return bool(
            self._drafted_bad
            or self._repeats_bad
            or self.flat.gathered.bad
            or self.described.bad
            or self.flat.twice
        )

    def _settled(self, row: Row | None, place: int) -> Stored:
        """A row as it will be stored, its links still the file's numbers."""
        if row is None:
            return _of_fields(self._suspects[place])
        (
            _, _, on, by, stance, basis, low, high, words, quote, prefix, suffix, document, via,
            attribution, answers, repeats, day, precision, status, because, note, _,
        ) = row  # fmt: skip
        numbers = self._numbers
        return (
            numbers["proposition"][on], numbers["source"][by], stance, basis, low, high, words,
            quote, prefix, suffix, None if document < 0 else numbers["document"][document],
            None if via < 0 else numbers["source"][via], attribution, answers, repeats, day,
            precision, status or UNREVIEWED, because, note,
        )  # fmt: skip

    def _checked(self, row: Row | None, place: int) -> Stored:
        """As `_settled`, checked and its links settled."""
        settled = self._settled(row, place)
        (
            on, by, stance, _, low, high, words, quote, prefix, suffix, document, via, _, answers,
            repeats, day, *_,
        ) = settled  # fmt: skip
        if row is not None:
            if low is None and high is None and words is None:
                amiss = bool(self._counts[row[2]]) and stance in _AFFIRMS
            else:
                amiss = bool(self._facts[row[2]])
            amiss = (
                amiss
                or on < 0
                or by < 0
                or via == by
                or (document is not None and document < 0)
                or (via is not None and via < 0)
                or (day is not None and day in self._ahead)
                or (
                    quote is not None
                    and document in self._with_text
                    and not self._stands(document, quote, prefix, suffix)
                )
                or (answers is not None and answers not in self.flat.numbers)
                or (repeats is not None and repeats not in self.flat.numbers)
            )
            if amiss:
                fields = self._suspects[place] = self._drafting.drafted(claim_row(self.flat, row))
                settled = _of_fields(fields)
        if repeats is not None:
            self._check_repeats(place, repeats)
        if answers is not None or repeats is not None:
            return (*settled[:_ANSWERS], self._home(answers), self._home(repeats),
                    *settled[_ANSWERS + 2 :])  # fmt: skip
        return settled

    def _home(self, number: int | None) -> int | None:
        """The number in the ledger of the claim that the file calls so."""
        place = self.flat.numbers.get(number)
        if place is None:
            return None
        return self._first + place if self._ids is None else self._ids[place]

    def _stands(self, document: int, quote: str, prefix: str | None, suffix: str | None) -> bool:
        text = self.described.text(document)
        return text is None or quotes.occurrences(text, quote, prefix, suffix) > 0

    def _of(self, place: int) -> Fields:
        """The proposition (-1: refused) and stance of a row, as rules ask for them."""
        if (fields := self._suspects.get(place)) is not None:
            return fields
        return {
            "proposition_id": self._numbers["proposition"][self.flat.propositions[place]],
            "stance": STANCES[self.flat.stances[place]],
        }

    def _not_repeated(self, place: int, repeats: int) -> str:
        """Why the row at `place` cannot repeat the claim that the file calls so; else nothing."""
        at = self.flat.numbers.get(repeats)
        if at is None:
            return ""
        mine, other = self._of(place), self._of(at)
        if -1 in (mine.get("proposition_id"), other.get("proposition_id")):
            return ""
        return rules.no_repeat(mine, other)

    def _check_repeats(self, place: int, repeats: int) -> None:
        if why := self._not_repeated(place, repeats):
            row = self.flat.place(place, "repeats")
            what = f"the row repeats claim {repeats}, {why}"
            self._repeats_bad.append(row.bad(what, rules.REPEATABLE))

    def _check_retractions(self) -> None:
        """See that what is taken back was said: in the file, or else in the ledger."""
        withdrawing = [STANCES.index(stance) for stance in rules.WITHDRAWING]
        suspects = self._suspects
        if not any(place in self.flat.stances for place in withdrawing) and not any(
            fields.get("stance") in rules.WITHDRAWING for fields in suspects.values()
        ):
            return
        waiting: list[tuple[int, Fields]] = []
        said: dict[tuple[Any, Any], set[date | None]] = defaultdict(set)
        for place, row in self._placed():
            fields = suspects.get(place)
            if fields is None and row is not None:
                fields = {
                    "proposition_id": self._numbers["proposition"][row[2]],
                    "source_id": self._numbers["source"][row[3]],
                    "stance": row[4],
                    "stated_on": None if row[_DAY] is None else date.fromisoformat(row[_DAY]),
                    "stated_precision": row[_DAY + 1],
                }
            fields = fields or {}
            spoken = fields.get("proposition_id", -1), fields.get("source_id", -1)
            if fields.get("stance") in rules.SPEAKING:
                said[spoken].add(fields.get("stated_on"))
            elif fields.get("stance") in rules.WITHDRAWING and -1 not in spoken:
                waiting.append((place, fields))
        on = sorted({fields["proposition_id"] for _, fields in waiting})
        for proposition, source, day in said_in_ledger(self._draft.connection, on):
            said[proposition, source].add(day)
        for place, fields in waiting:
            days = said[fields["proposition_id"], fields["source_id"]]
            if not any(rules.comes_after(fields, day) for day in days):
                problem = rules.nothing_retracted("the row")
                row_at = self.flat.place(place, "stance")
                self._retracting_bad.append(row_at.bad(problem.what, problem.allowed))

    # Notes.

    def _note_vague(self, row: Row | None, place: int) -> None:
        if row is not None and place not in self._suspects:
            words = row[8] if row[-1] else None
        else:
            fields = self._suspects[place]
            words = fields["wording"] if id(fields) in self._drafting.vague else None
        if words is not None:
            self._vague.setdefault(words, [self.flat.line_of(place), 0])[1] += 1

    def _note_differences(self, found: list[tuple[int, int, Row | None]]) -> None:
        """Tell what rows say otherwise than the claims that are there: number, place, row."""
        table, standing = schema.claim, dict[int, Fields]()
        columns = (table.c.id, table.c.status, table.c.because, table.c.note)
        for some in chunks([number for number, *_ in found]):
            query = sa.select(*columns).where(table.c.id.in_(some)).order_by(table.c.id)
            standing |= {
                row["id"]: dict(row) for row in self._draft.connection.execute(query).mappings()
            }
        for number, place, row in found:
            if row is None or place in self._suspects:
                fields = self._suspects[place]
                status, because, note = map(fields.get, ("status", "because", "note"))
            else:
                status, because, note = row[_STATUS : _STATUS + 3]
            said: Fields = {"note": note}
            if status is not None or because is not None:
                said |= {"status": status or UNREVIEWED, "because": because}
            self.notes += difference_notes(self.flat.line_of(place), said, standing[number])


def _of_fields(fields: Fields) -> Stored:
    """A row that was drafted the slow way, as it is stored."""
    whole = {**fields, "status": fields.get("status") or UNREVIEWED}
    return tuple(as_stored(whole.get(name)) for name in _COLUMNS)
