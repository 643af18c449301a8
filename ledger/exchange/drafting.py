"""Makes the values to be stored of one row that makes a claim, and says what is wrong with them.

Each row by itself, beside its proposition and its document: what rows are to one another (what they
repeat, what is there already) is for `claiming`.
"""

from collections.abc import Container
from datetime import date

from ledger import quotes, rules, wording
from ledger.errors import BadRow
from ledger.exchange.cells import OPEN
from ledger.exchange.describing import Described, Fields
from ledger.exchange.gathering import ClaimRow
from ledger.exchange.naming import Naming
from ledger.exchange.tables import CLAIM
from ledger.model import Attribution, Basis, Kind
from ledger.rules import shown

COLUMN = {column.field: column.name for column in CLAIM} | {"stated_precision": "stated_on"}
LINKS = ("answers_id", "repeats_id")
_NAMES = ("proposition_id", "source_id", "via_id", "document_id")


class Drafting:
    """What drafts rows: `numbers` are the files' own numbers of their claims.

    Bad rows go to `bad`. `vague` has the identity of each draft whose words no convention covers.
    """

    def __init__(
        self,
        naming: Naming,
        described: Described,
        today: date,
        numbers: Container[object],
        bad: list[BadRow],
    ) -> None:
        self.vague: set[int] = set()
        self._naming = naming
        self._described = described
        self._today = today
        self._at = numbers
        self._bad = bad

    def drafted(self, row: ClaimRow) -> Fields:
        """The row's values as they are stored, its links still the files' numbers."""
        fields: Fields = {
            "basis": Basis.UNKNOWN.value,
            "attribution": Attribution.NAMED.value,
            **row.values,
        }
        for field in _NAMES:
            if field in fields:
                here = row.place(COLUMN[field])
                number = self._naming.reference(field, str(fields[field]), here, self._bad)
                # Minus one keeps a refused name from being told as a missing one too.
                fields[field] = -1 if number is None else number
        if isinstance(stated := fields.get("stated_on"), tuple):
            fields["stated_on"], precision = stated
            fields["stated_precision"] = precision.value
        kind = self._described.kinds.get(fields.get("proposition_id", -1))
        self._set_range(fields, kind)
        self._check(row, fields, kind)
        return fields

    def _set_range(self, fields: Fields, kind: str | None) -> None:
        given = [fields.pop(end, None) for end in ("low", "high")]
        for end, value in zip(("low", "high"), given, strict=True):
            if value is not None and value != OPEN:
                fields[end] = value
        words = fields.get("wording")
        if given != [None, None] or words is None or kind == Kind.FACT:
            return
        meant = wording.parse(words)
        if meant is None:
            self.vague.add(id(fields))
        else:
            ends = {"low": meant.low, "high": meant.high}
            fields |= {end: value for end, value in ends.items() if value is not None}

    def _check(self, row: ClaimRow, fields: Fields, kind: str | None) -> None:
        for problem in (
            *rules.text_problems(fields),
            *rules.claim_problems(fields, kind),
            *rules.ahead_problems(fields, self._today),
        ):
            column = COLUMN.get(problem.column, problem.column)
            if column not in row.spoilt:
                self._bad.append(row.place(column).bad(problem.what, problem.allowed))
        for field in LINKS:
            if fields.get(field) is not None and fields[field] not in self._at:
                self._tell_stray(row, field, fields[field])
        quote, document = fields.get("quote"), fields.get("document_id")
        if quote is None or document in (None, -1):
            return
        text = self._described.text(document)
        around = fields.get("quote_prefix"), fields.get("quote_suffix")
        if text is not None and not quotes.occurrences(text, quote, *around):
            self._bad.append(
                row.place("quote").bad(
                    f"{shown(quote)} is not in the document's attached text",
                    "the words exactly as printed",
                )
            )

    def _tell_stray(self, row: ClaimRow, field: str, number: int) -> None:
        self._bad.append(
            row.place(COLUMN[field]).bad(
                f"no claim of this file has the number {number}",
                "a number in the column claim" if self._at else "a column claim with numbers",
            )
        )


def vague_note(words: str, line: int, often: int) -> str:
    """That no convention covers a wording, which stands so often, in `line` first."""
    more = f" and {often - 1} more" if often > 1 else ""
    return (
        f"no convention covers the wording {shown(words)} (line {line}{more}): its "
        "range is left open; give low and high where it is known"
    )


def difference_notes(line: int, said: Fields, there: Fields) -> list[str]:
    """What a row says of status, reason and note that the claim it finds there does not."""
    notes = []
    for field, value in said.items():
        if value is not None and value != there[field]:
            have = "nothing" if there[field] is None else shown(there[field])
            notes.append(
                f"line {line}: {field} {shown(value)}, but claim {there['id']} has {have}; "
                "not changed"
            )
    return notes
