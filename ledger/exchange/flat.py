"""Reads a file of claims fast: what a row says is looked up rather than read, wherever it can be.

Vocabularies, days, ranges and descriptions stand in many rows; each is read and held against the
rules once. A row that is like no other, or with which anything may be amiss, is left to the slow
way: `sheets` reads it and `drafting` says what is wrong with it, in the same words.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain
from operator import itemgetter
from typing import Any

from ledger import rules
from ledger.errors import BadRow
from ledger.exchange import glances
from ledger.exchange.batches import Batch
from ledger.exchange.cells import OPEN
from ledger.exchange.gathering import ClaimRow, Gathered, Place
from ledger.exchange.numbering import Numbers
from ledger.exchange.reading import Record
from ledger.exchange.sheets import Sheet, uneven
from ledger.exchange.shelf import Shelf
from ledger.exchange.spool import Spool
from ledger.exchange.spreadsheet import rearm
from ledger.exchange.tables import CLAIM, CLAIMS, Subject
from ledger.model import SIDE_OF, UNREVIEWED, Precision

#: What a row has in the spool: its line, then its values, names by index (-1: none); `vague` says
#: that no convention covers its words.
FIELDS = (
    "line",
    "id",
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
    "answers_id",
    "repeats_id",
    "stated_on",
    "stated_precision",
    "status",
    "because",
    "note",
    "vague",
)
Row = tuple[Any, ...]

#: The stances by their place, so that a row's takes a byte.
STANCES = tuple(SIDE_OF)
_PLACE_OF = {stance: place for place, stance in enumerate(STANCES)}
#: In the place of a stance that is none.
NO_STANCE = 255

#: Lookups are begun anew when they have grown to this.
_MANY = 50_000
#: So many things of a table are remembered with what a row said of them last.
_REMEMBERED = 1 << 14

Told = tuple[str, ...]
#: What a row says of a thing: its table, index and name, the cells (None: it is only named), the
#: line.
Said = tuple[str, int, str, Told | None, int]
#: So much of the log waits in memory.
_LOGGED = 2_000
#: What `Flat.rest` tells, in values that marshal takes: the count, then arrays, and the days. One
#: by one: together they would be there three times while they go over.
Rest = Iterator[Any]


class Flat:
    """The claims of a file, as they were read.

    `names` has the names by table and index, `shelves` what is said of all but sources; `suspects`
    the rows that the slow way must look at, by place, for which the spool holds None. Each row's
    proposition (by index, -1 where it is not known) and stance (in STANCES) are in `propositions`
    and `stances`. `days` has every day on which something was said, `twice` the rows whose number
    another has. What rows say of things is put down in the `log`, if there is one, as often as it
    is new.
    """

    def __init__(
        self,
        gathered: Gathered,
        file: str,
        header: Sequence[str],
        leave: frozenset[int] = frozenset(),
        *,
        log: Spool | None = None,
    ) -> None:
        self.gathered = gathered
        self.file = file
        self.count = 0
        self.spool = Spool()
        self.numbers = Numbers()
        self.suspects: dict[int, ClaimRow] = {}
        self.propositions = array("l")
        self.stances = bytearray()
        self.days: set[str] = set()
        self.twice: list[BadRow] = []
        self.log = log
        self._logged: list[Said] = []
        self._leave = leave
        self._lines = array("l")
        self._sheet = Sheet(gathered, CLAIMS, file, list(header), None)
        self._header = list(header)
        self._width = len(header)
        at = {name: place for place, name in enumerate(header)}
        # A column that the file does not have is one more cell at the end, always empty.
        self._own = itemgetter(*(at.get(column.name, self._width) for column in CLAIM))
        self._astray = [place for place, _, _ in self._sheet.astray]
        self._subjects = {
            subject.table: (subject, _picked(places)) for subject, _, places in self._sheet.subjects
        }
        self._event_at = at.get("event", self._width)
        self._said: dict[str, dict[str, tuple[int, Told]]] = {
            "proposition": {},
            "event": {},
            "source": {},
        }
        self._sources: dict[str, int] = {}
        self.names: dict[str, list[str]] = {"source": []}
        self.shelves: dict[str, Shelf] = {}
        for table in ("event", "document", "proposition"):
            subject = self._subjects.get(table, (Subject(table, table, ()), None))[0]
            shelf = self.shelves[table] = Shelf(gathered, subject, file)
            self.names[table] = shelf.names
        self._words: dict[Told, glances.Words | None] = {}
        self._ranges: dict[Told, tuple[int | None, int | None, bool] | None] = {}
        self._stated: dict[str, tuple[str, str] | None] = {}

    def take(self, batch: Batch, *, marked: bool) -> None:
        """Take in records; `marked` where cells may bear the mark of a spreadsheet."""
        rows: list[Row | None] = []
        width, leave = self._width, self._leave
        for line, cells in zip(batch.lines, batch.rows, strict=True):
            if leave and line in leave:
                continue
            if len(cells) != width:
                self.gathered.bad.append(uneven(self.file, line, cells, self._header))
                continue
            if marked:
                cells = [rearm(cell) if cell[:1] == "'" else cell for cell in cells]
            cells.append("")
            row = self._fast(line, cells)
            if row is not None:
                self.propositions.append(row[2])
                self.stances.append(_PLACE_OF[row[4]])
            elif self._slow(line, cells):
                self.propositions.append(-1)
                self.stances.append(NO_STANCE)
            else:
                continue
            rows.append(row)
            self._lines.append(line)
            self.count += 1
        self.spool.add(rows)

    @property
    def is_plain(self) -> bool:
        """Whether no row so far takes more than was done with it."""
        return not (self.suspects or self.twice or self.gathered.bad)

    def rest(self) -> Rest:
        """What was read here, to be told to whoever read the rows before; they must be plain."""
        numbers, places = self.numbers.arrays()
        logged = array("q")
        if self.log is not None:
            self.log.add(self._logged)
            logged = self.log.ends
        yield self.count
        yield self._lines.tobytes()
        yield self.propositions.tobytes()
        yield bytes(self.stances)
        yield numbers.tobytes()
        yield places.tobytes()
        yield self.spool.ends.tobytes()
        yield logged.tobytes()
        yield sorted(self.days)

    def follow(self, spool: Spool, log: Spool, rest: Rest, lines: int) -> bool:
        """Take in the rows after these as another has read them, this one `lines` before him.

        As if they had been read here. He put them, and his log, into the two spools; `rest` tells
        where batches end. Whether that can be done: where they say otherwise than these, what is
        wrong is told by reading them here.
        """
        # By what he calls each thing, what it is called here; in the place of -1, for nothing,
        # stands the last.
        index: dict[str, array[int]] = defaultdict(lambda: array("l"))
        count, at_lines, propositions, stances, numbers, places, ends, logged, days = rest
        log.ends = array("q", logged)
        for table, at, name, told, line in chain.from_iterable(log):
            here = self._learnt(table, name, told, line + lines)
            if here < 0:
                return False
            if at == len(index[table]):
                index[table].append(here)
        of, by, inside = (index[table] for table in ("proposition", "source", "document"))
        for each in (of, by, inside):
            each.append(-1)

        def change(row: Row) -> Row:
            return (
                row[0] + lines, row[1], of[row[2]], by[row[3]], *row[4:12], inside[row[12]],
                by[row[13]], *row[14:],
            )  # fmt: skip

        for number, place in zip(array("q", numbers), array("q", places), strict=True):
            if self.numbers.add(number, place + self.count) is not None:
                return False
        spool.ends = array("q", ends)
        self.spool.follow(spool, change)
        self._lines.extend(line + lines for line in array("l", at_lines))
        self.propositions.extend(of[proposition] for proposition in array("l", propositions))
        self.stances += stances
        self.days |= set(days)
        self.count += count
        return True

    def _learnt(self, table: str, name: str, told: Told | None, line: int) -> int:
        """Learn what another has put down in his log; its index here, or -1 as for `_tell`."""
        if table == "document":
            shelf = self.shelves[table]
            at = shelf.index.get(name, -1)
            known = at >= 0 and shelf.says(at, told or ())
            return at if known else self._shelved(table, name, told or (), line)
        if told is None:
            at = self._sources.get(name, -1)
            return self._relay(name, line) if at < 0 else at
        entry = self._said[table].get(name)
        if entry is not None and entry[1] == told:
            return entry[0]
        return self._tell(self._subjects[table][0], name, told, line)

    def close(self) -> None:
        """Give back the room that it takes on the disk."""
        self.spool.close()
        if self.log is not None:
            self.log.close()
        self.clear()

    def forget(self) -> None:
        """Forget what only reading asks for; nothing is read after this."""
        for said in self._said.values():
            said.clear()
        self._words.clear()
        self._ranges.clear()
        self._stated.clear()

    def clear(self) -> None:
        """Give back the shelves' room alone."""
        for shelf in self.shelves.values():
            shelf.close()

    def _fast(self, line: int, cells: list[str]) -> Row | None:
        """The row as it is put into the spool; None where the slow way must look at it."""
        (
            number, proposition, source, stance, basis, low, high, words, quote, prefix, suffix,
            document, via, attribution, answers, repeats, stated, status, because, note,
        ) = self._own(cells)  # fmt: skip
        if (
            not proposition
            or not source
            or (self._astray and any(cells[place] for place in self._astray))
        ):
            return None
        # What it describes, in the order of the subjects: its words are known, or are learnt now.
        entry = self._said["proposition"].get(proposition)
        subject, told_of = self._subjects["proposition"]
        if entry is not None and entry[1] == told_of(cells):
            of = entry[0]
        elif (of := self._tell(subject, proposition, told_of(cells), line)) < 0:
            return None
        if (event := self._subjects.get("event")) is not None:
            subject, told_of = event
            if name := cells[self._event_at]:
                entry = self._said["event"].get(name)
                if (entry is None or entry[1] != told_of(cells)) and (
                    self._tell(subject, name, told_of(cells), line) < 0
                ):
                    return None
            elif any(told_of(cells)):
                return None
        entry = self._said["source"].get(source)
        subject, told_of = self._subjects["source"]
        if entry is not None and entry[1] == told_of(cells):
            by = entry[0]
        elif (by := self._tell(subject, source, told_of(cells), line)) < 0:
            return None
        inside = -1
        if document:
            shelf = self.shelves["document"]
            told = self._subjects["document"][1](cells)
            inside = shelf.index.get(document, -1)
            if inside < 0 or not shelf.says(inside, told):
                inside = self._shelved("document", document, told, line)
                if inside < 0:
                    return None
        elif "document" in self._subjects and any(self._subjects["document"][1](cells)):
            return None
        relay = -1
        if via:
            relay = self._sources.get(via, -1)
            if relay < 0:
                relay = self._relay(via, line)
        # What it says itself.
        try:
            known = self._words[stance, basis, attribution, status]
        except KeyError:
            known = glances.judged(stance, basis, attribution, status)
            self._words[stance, basis, attribution, status] = known
        if known is None:
            return None
        stance, basis, attribution, status = known
        if status not in (None, UNREVIEWED) and (not because or rules.blank(because)):
            return None
        lowest = highest = None
        vague = False
        if words or low or high:
            try:
                read = self._ranges[low, high, words]
            except KeyError:
                if len(self._ranges) > _MANY:
                    self._ranges.clear()
                read = self._ranges[low, high, words] = glances.ranged(low, high, words)
            if read is None:
                return None
            lowest, highest, vague = read
        day = precision = None
        if stated:
            try:
                said = self._stated[stated]
            except KeyError:
                said = self._stated[stated] = self._day(stated)
            if said is None:
                return None
            day, precision = said
        if not quote and (prefix or suffix):
            return None
        own = answered = repeated = None
        if number or answers or repeats:
            try:
                own, answered, repeated = (
                    glances.number(number),
                    glances.number(answers),
                    glances.number(repeats),
                )
            except ValueError:
                return None
            if own is not None and own in (answered, repeated):
                return None
            if own is not None and not self._count(own, line):
                own = None
        return (
            line, own, of, by, stance, basis, lowest, highest, words or None, quote or None,
            prefix or None, suffix or None, inside, relay, attribution, answered, repeated, day,
            precision, status, because or None, note or None, vague,
        )  # fmt: skip

    def _shelved(self, table: str, name: str, told: Told, line: int) -> int:
        """Learn what a row says of a thing on a shelf; its index, or -1 where that is not sound."""
        shelf = self.shelves[table]
        sound = shelf.tell(name, told, line)
        index = shelf.index[name]
        self._log(table, index, name, told, line)
        return index if sound else -1

    def _relay(self, name: str, line: int) -> int:
        """Take in the name of one who passed a claim on; its index."""
        self.gathered.thing("source", name, Place(self.file, line, "via"))
        index = self._source(name)
        self._log("source", index, name, None, line)
        return index

    def _log(self, *said: Any) -> None:
        """Put down what a row says of a thing (as in Said), if that is asked for."""
        if self.log is None:
            return
        self._logged.append(said)
        if len(self._logged) == _LOGGED:
            self.log.add(self._logged)
            self._logged = []

    def _tell(self, subject: Subject, name: str, told: Told, line: int) -> int:
        """Learn what a row says of a thing; its index, or -1 where that is not sound."""
        table = subject.table
        if (shelf := self.shelves.get(table)) is not None:
            index = shelf.index.get(name, -1)
            if (index < 0 or not shelf.says(index, told)) and (
                index := self._shelved(table, name, told, line)
            ) < 0:
                return -1
        else:
            bad = len(self.gathered.bad)
            self.gathered.learn(subject, name, told, Place(self.file, line, subject.name))
            if len(self.gathered.bad) > bad:
                return -1
            index = self._source(name)
            self._log(table, index, name, told, line)
        said = self._said[table]
        if table in self.gathered.first_stands and (
            name in said if shelf is None else shelf.cells.is_gone(index)
        ):
            return index  # what is said otherwise later is to be counted each time
        if shelf is not None and len(said) >= _REMEMBERED:
            said.clear()
        said[name] = (index, told)
        return index

    def _source(self, name: str) -> int:
        index = self._sources.setdefault(name, len(self.names["source"]))
        if index == len(self.names["source"]):
            self.names["source"].append(name)
        return index

    def _day(self, stated: str) -> tuple[str, str] | None:
        try:
            first, precision = rules.stated(stated)
        except ValueError:
            return None
        if first < rules.EARLIEST:
            return None
        self.days.add(first.isoformat())
        return first.isoformat(), precision.value

    def _count(self, number: int, line: int) -> bool:
        """Take in a row's own number; whether it is the first to have it."""
        first = self.numbers.add(number, self.count)
        if first is None:
            return True
        taken = f"{number} is the number of line {self.line_of(first)} too"
        self.twice.append(Place(self.file, line, "claim").bad(taken, "once"))
        return False

    def line_of(self, place: int) -> int:
        """The line of a row that was read before."""
        return self._lines[place]

    def place(self, place: int, column: str) -> Place:
        """A cell of a row that was read before."""
        return Place(self.file, self._lines[place], column)

    def _slow(self, line: int, cells: list[str]) -> bool:
        """Read a row the slow way; whether it makes a claim."""
        claims = self.gathered.claims
        self._sheet.take(Record(line, cells))
        self._put_down(line, cells)
        if not claims:
            return False
        row = claims.pop()
        self.suspects[self.count] = row
        number = row.values.get("id")
        if isinstance(number, int):
            self._count(number, line)
        return True

    def _put_down(self, line: int, cells: list[str]) -> None:
        """Put into the log what a row that was read the slow way says of things."""
        for table, (subject, told_of) in self._subjects.items():
            if self.log is not None and (name := cells[self._header.index(subject.name)]):
                shelf = self.shelves.get(table)
                index = self._source(name) if shelf is None else shelf.index[name]
                self._log(table, index, name, told_of(cells), line)


def _picked(places: Sequence[int]) -> Callable[[Sequence[str]], Told]:
    """What takes the cells at `places` out of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: tuple([cells[place] for place in places])


def claim_row(flat: Flat, row: Row) -> ClaimRow:
    """A row of the spool as the slow way reads it."""
    values = {
        field: value
        for field, value in zip(FIELDS[1:-1], row[1:-1], strict=True)
        if value is not None and value != -1
    }
    for field, table in (
        ("proposition_id", "proposition"),
        ("source_id", "source"),
        ("via_id", "source"),
        ("document_id", "document"),
    ):
        if field in values:
            values[field] = flat.names[table][values[field]]
    if "stated_on" in values:
        precision = Precision(values.pop("stated_precision"))
        values["stated_on"] = (date.fromisoformat(values["stated_on"]), precision)
    if "wording" in values and "low" not in values and "high" not in values and not row[-1]:
        values["low"] = OPEN
    return ClaimRow(flat.file, row[0], values, set())
