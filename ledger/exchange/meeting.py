"""Finds which row here each row of another ledger is, or that it is new, and what number it gets.

What is not known by where it comes from is met by what it goes by: a source by its name or one of
its other names, an event, proposition or document by its slug, a document also by its text's hash
or its address, a claim by its content.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.errors import BadRow, Problem
from ledger.exchange.deciding import Conflict, Decisions
from ledger.exchange.differing import Comparison, Row, rows
from ledger.exchange.kinship import Kin
from ledger.exchange.known import Known, Spellings
from ledger.exchange.matching import there
from ledger.exchange.numbering import Numbers
from ledger.journal import Draft
from ledger.rules import shown
from ledger.stored import raw as as_stored
from ledger.stored import rows_of

#: In the place of a number: a row there that has no counterpart here and gets none.
LEFT = -1

_CLAIM = [c.name for c in schema.claim.c if c.name not in ("id", "entry_id", "leaf")]
#: The links of a claim that are numbers of things, by their place among its columns.
_THINGS = {
    _CLAIM.index(f"{name}_id"): table
    for name, table in (
        ("proposition", "proposition"),
        ("source", "source"),
        ("document", "document"),
        ("via", "source"),
    )
}


class Meeting:
    """The numbers here of the rows there: `ids`, by table; from `first` on they are new.

    `new` counts those, `refused` are sources whose names look like others', `notes` are for the
    analyst; `slugs` has the slugs of things that get another here; `aliases` are names of theirs
    that become other names of sources here.
    """

    def __init__(
        self,
        draft: Draft,
        theirs: sa.Connection,
        kin: Kin,
        decisions: Decisions,
        name: str,
        *,
        new: bool,
    ) -> None:
        self.ids = {table: array("q", numbers) for table, numbers in kin.ids.items()}
        self.first = {table: draft.next_id(table) for table in schema.VERSIONED}
        self.new = dict.fromkeys(schema.VERSIONED, 0)
        self.refused: list[BadRow] = []
        self.notes: list[str] = []
        self.slugs: dict[tuple[str, int], str] = {}
        self.aliases: list[Row] = []
        self._ours, self._theirs = draft.connection, theirs
        self._kin, self._decisions = kin, decisions
        self._file = name
        self._lookalikes_pass = new
        self._heard: dict[int, tuple[bool, int]] = {}
        self.known = Known(draft.connection)
        self.compared = Comparison(draft.connection, theirs, kin, self.known, self.ids, decisions)

    def add(self, table: str, number: int) -> None:
        """Give a row there the next number here."""
        self.ids[table][number] = self.first[table] + self.new[table]
        self.new[table] += 1

    def is_new(self, table: str, number: int) -> bool:
        """Whether a row there is yet to be written here."""
        return self.ids[table][number] >= self.first[table]

    def met(self, table: str) -> Callable[[Row], bool]:
        """Whether a row there is one here, and says something that was not seen before."""
        ids, first, seen = self.ids[table], self.first[table], self._kin.seen

        def has(row: Row) -> bool:
            return 0 < ids[row["id"]] < first and row["entry_id"] > seen

        return has

    # Sources and their names.

    def sources(self) -> None:
        """Meet the sources, by name, but for case and spaces, and by their other names."""
        others: dict[int, list[str]] = {}
        for row in rows(self._theirs, "source_alias"):
            others.setdefault(row["source_id"], []).append(row["name"])
        spellings: Spellings | None = None  # costs a folding of every name
        taken = {self.known.final(number) for number in self.ids["source"] if number}
        # A name is plainer than another name, so those that are met by it go before.
        taken |= {
            self.known.sources[row["name"]]
            for row in rows(self._theirs, "source")
            if row["name"] in self.known.sources
        }
        for row in rows(self._theirs, "source"):
            number, name = row["id"], row["name"]
            if self.ids["source"][number]:
                self._hear(self.ids["source"][number], number, plainly=True)
                continue
            meant = self.known.own.get(name, self.known.sources.get(name))
            close: list[str] = []
            if meant is None:
                spellings = spellings or Spellings(self.known.sources)
                close = [] if self._lookalikes_pass else spellings.lookalikes(name)
                meant = self._spelt(spellings.folded(name))
                if meant is None:
                    meant = self._called(others.get(number, ()), taken)
                    if meant is not None:
                        self.aliases.append({"source_id": self.known.final(meant), "name": name})
                if meant is not None:
                    called = self._name_of(meant)
                    self.notes.append(f"source {shown(name)} there is {shown(called)} here")
            if meant is not None:
                self.ids["source"][number] = meant
                self._hear(meant, number, plainly=self.known.own.get(name) == meant)
                taken.add(self.known.final(meant))
                continue
            if close:
                listed = ", ".join(map(shown, close))
                what = f"{shown(name)} looks like {listed}, which is known here"
                allowed = "`ledger source alias` here if they are one, or --new: it is another"
                self.refused.append(BadRow(self._file, number, Problem("source", what, allowed)))
            self.add("source", number)

    def _hear(self, here: int, there: int, *, plainly: bool) -> None:
        """Choose the one that is heard on a source here, where several there are it."""
        before = self._heard.get(here)
        if before is None or (plainly and not before[0]):
            self._heard[here] = plainly, there

    def is_heard(self, table: str, here: int, there: int) -> bool:
        """Whether a row there is the one that is heard on a row here."""
        return table != "source" or self._heard[here][1] == there

    def _spelt(self, same: set[str]) -> int | None:
        """The one source that names equal but for case and spaces mean, if it is one."""
        meant = {self.known.sources[name] for name in same}
        return meant.pop() if len(meant) == 1 else None

    def _called(self, names: Sequence[str], taken: set[int]) -> int | None:
        """The source that these names mean, the first of them that means one.

        Not one that is another source of theirs already: they would be two there, and one here.
        """
        meant = (self.known.sources[each] for each in names if each in self.known.sources)
        return next((number for number in meant if number not in taken), None)

    def _name_of(self, number: int) -> str:
        return next((name for name, own in self.known.own.items() if own == number), "")

    def names(self) -> None:
        """Meet the other names of sources; one that means another source here is a conflict."""
        table = schema.source_alias
        own = {
            row.name: row.id
            for row in self._ours.execute(sa.select(table.c.id, table.c.name).order_by(table.c.id))
        }
        ids = self.ids["source_alias"]
        for row in rows(self._theirs, "source_alias"):
            number, name = row["id"], row["name"]
            if ids[number]:
                continue
            meant = self.known.sources.get(name)
            if meant is None:
                self.add("source_alias", number)
                continue
            ids[number] = own.get(name, LEFT)
            wanted = self.compared.link("source", row["source_id"])
            if meant != wanted and row["entry_id"] > self._kin.seen and name not in own:
                # It is a source of its own here; what is only another name is compared as such.
                self._two_here(row, meant)

    def _two_here(self, row: Row, meant: int) -> None:
        newest = self._ours.execute(
            sa.select(schema.source.c.entry_id).where(schema.source.c.id == meant)
        ).scalar_one()
        compared = self.compared
        owner = self._theirs.execute(
            sa.select(schema.source.c.name).where(schema.source.c.id == row["source_id"])
        ).scalar_one()
        ours = compared.side(self._ours, f"source {self._name_of(meant)}", newest)
        theirs = compared.side(self._theirs, f"another name of {owner}", row["entry_id"])
        if compared.refuse(Conflict("source_alias", row["name"], "source", ours, theirs)):
            compared.must_be_merged(row["name"], owner)

    # Things that go by slugs.

    def things(self, table: str) -> None:
        """Meet the events, propositions or documents, by slug; documents by text and address."""
        ids, slugs = self.ids[table], self.known.slugs[table]
        taken = {number for number in ids if number}
        texts: _Texts | None = None
        for row in rows(self._theirs, table):
            if ids[row["id"]]:
                continue
            number = slugs.get(row["slug"])
            if number is not None:
                if number not in taken and not self._are_two(table, number, row):
                    ids[row["id"]] = number
                    taken.add(number)
                    continue
                self.slugs[table, row["id"]] = self._free(table, row["slug"])
            elif table == "document":
                texts = texts or _Texts(self._ours)
                number = texts.same(row)
                if number is not None and number not in taken:
                    ids[row["id"]] = number
                    taken.add(number)
                    slug = next(slug for slug, own in slugs.items() if own == number)
                    what = f"document {shown(row['slug'])} there is {shown(slug)} here"
                    self.notes.append(f"{what}: the same text or address")
                    continue
            self.add(table, row["id"])

    def _are_two(self, table: str, number: int, theirs: Row) -> bool:
        """Whether it was decided that a slug means two things."""
        if not self._decisions.both(table, theirs["slug"]):
            return False
        ours = next(rows(self._ours, table, lambda c: c.id == number))
        both = [
            each
            for each in self.compared.conflicts_of(table, ours, theirs)
            if self._decisions.single.get(each.key) == "both"
        ]
        self._decisions.met += len(both)
        return bool(both)

    def _free(self, table: str, slug: str) -> str:
        """A slug that nothing has, here or there."""
        target = schema.VERSIONED[table][0].c
        number = 2
        while True:
            chosen = f"{slug}-{number}"
            query = sa.select(target.id).where(target.slug == chosen)
            given = {given for (of, _), given in self.slugs.items() if of == table}
            if (
                chosen not in self.known.slugs[table]
                and chosen not in given
                and self._theirs.execute(query).first() is None
            ):
                return chosen
            number += 1

    # Claims.

    def claims(self) -> None:
        """Meet the claims by content, with what they answer and repeat taken by content too."""
        ids, first = self.ids["claim"], self.first["claim"]
        asked = bytearray(0 if number else 1 for number in ids)
        asked[0] = 0
        if not any(asked):
            return
        taken = bytearray(first)
        for number in ids:
            if 0 < number < first:
                taken[number] = 1
        found: Iterator[int] = iter(())
        if first > 1:
            wanted = self._wanted(asked)
            places = Numbers()
            for place, number in enumerate(number for number, flag in enumerate(asked) if flag):
                places.add(number, place)
            found = iter(there(self._ours, wanted, self._contents(asked), places, first))
        for number, flag in enumerate(asked):
            if not flag:
                continue
            same = next(found, first)
            if ids[number]:
                continue  # it was only asked for because another points to it
            if same < first and not taken[same]:
                ids[number], taken[same] = same, 1
            else:
                self.add("claim", number)

    def _wanted(self, asked: bytearray) -> set[int]:
        """The propositions here that claims asked for are on; those they point to are asked too."""
        table = schema.claim.c
        links: dict[int, list[int]] = {}
        wanted: set[int] = set()
        query = sa.select(
            *as_stored((table.id, table.proposition_id, table.answers_id, table.repeats_id))
        ).order_by(table.id)
        kin = any(self._kin.ids["claim"])
        for number, proposition, *ends in rows_of(self._theirs, query):
            if kin and ends != [None, None]:
                links[number] = [end for end in ends if end is not None]
            if asked[number]:
                wanted.add(self.ids["proposition"][proposition])
        waiting = [number for number in links if asked[number]]
        while waiting:
            for end in links.get(waiting.pop(), ()):
                if not asked[end]:
                    asked[end] = 1
                    waiting.append(end)
        return {number for number in wanted if number < self.first["proposition"]}

    def _contents(self, asked: bytearray) -> Iterator[list[Any]]:
        """The claims asked for as they would be stored, their links to claims as they are there."""
        table = schema.claim.c
        query = sa.select(*as_stored(table[name] for name in ("id", *_CLAIM))).order_by(table.id)
        link = self.compared.link
        for number, *row in rows_of(self._theirs, query):
            if asked[number]:
                for place, target in _THINGS.items():
                    if row[place] is not None:
                        row[place] = link(target, row[place])
                yield row

    # What hangs on them.

    def grounds(self) -> None:
        """Meet the grounds of statuses, by all that they say."""
        if all(self.ids["evidence"][1:]):
            return
        columns = ("claim_id", "on_claim_id", "on_document_id", "note")
        here: dict[tuple[Any, ...], list[int]] = {}
        if self.first["evidence"] > 1:
            for row in rows(self._ours, "evidence"):
                here.setdefault(tuple(row[name] for name in columns), []).append(row["id"])
        ids = self.ids["evidence"]
        taken = {number for number in ids if number}
        for row in rows(self._theirs, "evidence"):
            if ids[row["id"]]:
                continue
            mapped = self.compared.here("evidence", row)
            same = here.get(tuple(mapped[name] for name in columns), [])
            free = next((number for number in same if number not in taken), None)
            if free is None:
                self.add("evidence", row["id"])
            else:
                ids[row["id"]] = free
                taken.add(free)

    def acceptances(self) -> None:
        """Meet accepted findings: of the same check, on the same row."""
        columns = ("check_name", *(f"{subject}_id" for subject in schema.SUBJECTS))
        here = {
            tuple(row[name] for name in columns): row["id"]
            for row in rows(self._ours, "acceptance")
        }
        ids = self.ids["acceptance"]
        for row in rows(self._theirs, "acceptance"):
            if ids[row["id"]]:
                continue
            mapped = self.compared.here("acceptance", row)
            found = here.get(tuple(mapped[name] for name in columns))
            if found is None:
                self.add("acceptance", row["id"])
            else:
                ids[row["id"]] = found


class _Texts:
    """Which documents here have a text or an address."""

    def __init__(self, connection: sa.Connection) -> None:
        table = schema.document.c
        self._texts: dict[str, int] = {}
        self._addresses: dict[str, tuple[int, str | None]] = {}
        query = sa.select(table.id, table.sha256, table.url).order_by(table.id)
        for number, digest, url in connection.execute(query):
            if digest is not None:
                self._texts.setdefault(digest, number)
            if url is not None:
                self._addresses.setdefault(url, (number, digest))

    def same(self, row: Row) -> int | None:
        """The document of the same text; else of the same address, if its text is no other."""
        if (number := self._texts.get(row["sha256"])) is not None:
            return number
        number, digest = self._addresses.get(row["url"], (None, None))
        return None if digest and row["sha256"] and digest != row["sha256"] else number
