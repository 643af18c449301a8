"""What a row must satisfy: pure functions that yield problems and raise nothing.

`add`, `correct`, `import` and the seeds all ask here, so a rule is written once. The functions see
one row (and the few facts about its neighbours that a rule needs) and no database.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from unicodedata import category

from ledger.errors import Problem
from ledger.model import (
    LARGEST_COUNT,
    RELIABILITIES,
    SIDE_OF,
    STATUSES,
    UNREVIEWED,
    Attribution,
    Basis,
    Kind,
    Precision,
    Side,
    SourceKind,
    Verdict,
)

Row = Mapping[str, object]

_HALF = re.compile("[\ud800-\udfff]")
#: What Python makes of bytes on a command line that are no UTF-8.
_BYTES = re.compile("[\udc80-\udcff]")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_COORDINATE = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,8})?")
_CHECK = re.compile(r"[a-z]+(?:-[a-z]+)*")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")

#: Dates before printing began are typing errors, and PostgreSQL and Python agree from year 1 on.
EARLIEST = date(1400, 1, 1)
#: How far the date where somebody speaks or prints may be ahead of the date in UTC.
AHEAD = timedelta(days=1)


def shown(value: object, longest: int = 60) -> str:
    """A value as an error may quote it: in quotes, control and format characters escaped, cut."""
    text = str(value)
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    body = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
    return f"“{body}”"


def text_problems(row: Row) -> Iterator[Problem]:
    """Text that no database holds faithfully: NUL characters and lone surrogates."""
    for column, value in row.items():
        if not isinstance(value, str):
            continue
        if "\0" in value:
            yield Problem(column, f"{shown(value)} holds a NUL character", "text without NUL")
        if _BYTES.search(value):
            yield Problem(column, f"{shown(value)} holds bytes that are no text", "UTF-8")
        elif _HALF.search(value):
            yield Problem(column, f"{shown(value)} holds half a character", "whole Unicode text")


#: Characters that are drawn as nothing, though they are letters, marks or symbols to Unicode.
_UNDRAWN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def blank(text: str) -> bool:
    """Whether nobody sees anything of it: spaces, control and format characters, blank letters."""
    return all(category(char)[0] == "Z" or category(char) in ("Cc", "Cf") or char in _UNDRAWN
               for char in text)  # fmt: skip


def _required(row: Row, *columns: str) -> Iterator[Problem]:
    for column in columns:
        value = row.get(column)
        if value is None or (isinstance(value, str) and blank(value)):
            yield Problem(column, "is missing")


def _one_of(row: Row, column: str, allowed: Iterable[str]) -> Iterator[Problem]:
    value = row.get(column)
    if value is not None and value not in (words := tuple(allowed)):
        yield Problem(column, f"{shown(value)} is not known", ", ".join(words))


def _vocabulary(row: Row, column: str, words: type[StrEnum]) -> Iterator[Problem]:
    return _one_of(row, column, words.__members__.values())


def _matches(row: Row, column: str, pattern: re.Pattern[str], allowed: str) -> Iterator[Problem]:
    value = row.get(column)
    if value is not None and not pattern.fullmatch(str(value)):
        yield Problem(column, f"{shown(value)} will not do", allowed)


def is_count(value: object) -> bool:
    """Whether `value` is a whole number that can be stored and hashed the same way everywhere."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT


def _bounds(row: Row, low: str, high: str) -> Iterator[Problem]:
    bounds = {column: row.get(column) for column in (low, high)}
    sound = True
    for column, value in bounds.items():
        if value is not None and not is_count(value):
            sound = False
            yield Problem(
                column, f"{shown(value)} is no count", f"a whole number, 0 to {LARGEST_COUNT}"
            )
    first, last = bounds.values()
    if sound and isinstance(first, int) and isinstance(last, int) and first > last:
        yield Problem(low, f"{first} is above {high} {last}", f"{low} at most {high}")


def _dates(row: Row, *columns: str) -> Iterator[Problem]:
    for column in columns:
        value = row.get(column)
        if isinstance(value, date) and value < EARLIEST:
            yield Problem(column, f"{value} is too long ago", f"{EARLIEST} or later")


def ahead_problems(
    row: Row, today: date, changed: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """Days on which something was said or published that are yet to come on `today`, in UTC.

    Where `changed` names columns the others are left alone: what stands there is not said now.
    """
    for column in ("stated_on", "published_on"):
        value = row.get(column)
        if isinstance(value, date) and value > today + AHEAD and column in (changed or {column}):
            yield Problem(column, f"{value} is later than today, {today}", "a day that has come")


def last_day(first: date, precision: object) -> date:
    """The last day that a date of that precision may mean; `first` is the first."""
    if precision == Precision.YEAR:
        return first.replace(month=12, day=31)
    if precision == Precision.MONTH:
        return first.replace(day=monthrange(first.year, first.month)[1])
    return first


def no_repeat(claim: Row, other: Row) -> str:
    """Why a claim cannot repeat the claim `other`; empty where it can, or where a word is unknown.

    It would be of `other`'s origin, so it must say the same or pass it on.
    """
    if claim.get("proposition_id") != other.get("proposition_id"):
        return "which is on another proposition"
    stances = [str(row.get("stance")) for row in (claim, other)]
    own, others = (SIDE_OF.get(stance) for stance in stances)
    if own is others or None in (own, others) or Side.REPORTS in (own, others):
        return ""
    return f"which is of another side ({stances[1]}, not {stances[0]})"


#: What a claim may repeat, as a problem says it.
REPEATABLE = "a claim of its side on its proposition; what contradicts a claim answers it"

#: The stances that take an earlier claim back, and those that can be taken back.
WITHDRAWING = tuple(stance for stance, side in SIDE_OF.items() if side is Side.WITHDRAWS)
SPEAKING = tuple(stance for stance, side in SIDE_OF.items() if side is not Side.WITHDRAWS)


def comes_after(claim: Row, said: date | None) -> bool:
    """Whether a retraction may be of a claim whose first possible day is `said` (None: unknown)."""
    first = claim.get("stated_on")
    if said is None or not isinstance(first, date):
        return True
    return said <= last_day(first, claim.get("stated_precision"))


def nothing_retracted(claim: str) -> Problem:
    """That the retraction `claim` (as a sentence begins) has no claim that it could take back."""
    what = f"{claim} takes back what its source has not said on this proposition by then"
    return Problem("stance", what, "the earlier claim, or another stance")


def claim_problems(claim: Row, kind: str | None) -> Iterator[Problem]:
    """What is wrong with a claim, given the `kind` of its proposition (None: not known)."""
    yield from _required(claim, "proposition_id", "source_id", "stance")
    yield from _one_of(claim, "stance", SIDE_OF)
    yield from _vocabulary(claim, "basis", Basis)
    yield from _vocabulary(claim, "attribution", Attribution)
    yield from _vocabulary(claim, "stated_precision", Precision)
    yield from _bounds(claim, "low", "high")
    yield from _dates(claim, "stated_on")
    yield from _stated_problems(claim)
    yield from status_problems(claim)
    yield from _range_problems(claim, kind)
    if claim.get("quote") is None and (claim.get("quote_prefix") or claim.get("quote_suffix")):
        yield Problem("quote", "is missing, though text around it is given")
    number = claim.get("id")
    for link in ("answers_id", "repeats_id"):
        if number is not None and claim.get(link) == number:
            yield Problem(link, "a claim cannot point to itself", "another claim's number")
    if claim.get("via_id") is not None and claim.get("via_id") == claim.get("source_id"):
        yield Problem("via_id", "the source itself is no relay", "another source, or nothing")


def _stated_problems(claim: Row) -> Iterator[Problem]:
    day, precision = claim.get("stated_on"), claim.get("stated_precision")
    if (day is None) != (precision is None):
        missing = "stated_precision" if precision is None else "stated_on"
        yield Problem(missing, "is missing: a day and its precision go together")
    if isinstance(day, date) and (
        (precision == Precision.MONTH and day.day != 1)
        or (precision == Precision.YEAR and (day.month, day.day) != (1, 1))
    ):
        yield Problem("stated_on", f"{day} is more exact than a {precision}", "its first day")


def _range_problems(claim: Row, kind: str | None) -> Iterator[Problem]:
    # The words first: a range may have been made from them.
    given = [column for column in ("wording", "low", "high") if claim.get(column) is not None]
    if kind == Kind.FACT and given:
        yield Problem(
            given[0],
            f"{shown(claim[given[0]])} is a count, but the proposition asks yes or no",
            "a count proposition, or no count",
        )
    affirms = SIDE_OF.get(str(claim.get("stance"))) is Side.AFFIRMS
    if kind == Kind.COUNT and affirms and not given:
        yield Problem(
            "wording",
            "the proposition asks how many, and the claim does not say",
            "low and high, or the source's own number words",
        )


def status_problems(claim: Row) -> Iterator[Problem]:
    """A status that is unknown, or that is not `unreviewed` and gives no reason."""
    yield from _one_of(claim, "status", [status.code for status in STATUSES])
    status, because = claim.get("status"), claim.get("because")
    if status not in (None, UNREVIEWED) and (not isinstance(because, str) or blank(because)):
        yield Problem("because", f"the status {shown(status)} needs a reason", "why, in a sentence")


def source_problems(source: Row) -> Iterator[Problem]:
    """What is wrong with a source."""
    yield from _required(source, "name")
    yield from _name_problems(source, "name")
    yield from _vocabulary(source, "kind", SourceKind)
    yield from _one_of(source, "reliability", RELIABILITIES)
    if source.get("id") is not None and source.get("member_of_id") == source.get("id"):
        yield Problem("member_of_id", "a source cannot be a member of itself", "another source")


def _name_problems(row: Row, column: str) -> Iterator[Problem]:
    name = row.get(column)
    if isinstance(name, str) and name != name.strip():
        yield Problem(column, f"{shown(name)} begins or ends with a space", "the name alone")
    if isinstance(name, str) and name.strip().isdecimal():
        yield Problem(column, f"{shown(name)} would be read as a number", "a name with letters")
    if isinstance(name, str) and (char := unseen(name)):
        what = f"{shown(name)} holds U+{ord(char):04X}, which nobody sees"
        yield Problem(column, what, "the name without it")


#: Joiners that the spelling of Persian, of Indian scripts and of emoji asks for, and signs of
#: Arabic and Syriac that are drawn though Unicode counts them among the format characters.
_JOINERS = "\u200c\u200d"
_DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")


def unseen(name: str) -> str:
    """The first character of a name that nobody sees, and that makes it another; empty if none.

    Control and format characters, ends of lines, and what Unicode leaves to private use. Joiners
    stay where the letters around them are joined: between two that are not ASCII.
    """
    if name.isascii() and name.isprintable():
        return ""
    for place, char in enumerate(name):
        if category(char) not in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp") or char in _DRAWN:
            continue
        around = name[place - 1 : place] + name[place + 1 : place + 2]
        if char not in _JOINERS or len(around) < 2 or around[0].isascii() or around[1].isascii():
            return char
    return ""


def alias_problems(alias: Row) -> Iterator[Problem]:
    """What is wrong with a source's alias."""
    yield from _required(alias, "name", "source_id")
    yield from _name_problems(alias, "name")


def _slug_problems(row: Row) -> Iterator[Problem]:
    yield from _required(row, "slug")
    slug = row.get("slug")
    if isinstance(slug, str) and slug.strip() and not _is_slug(slug):
        yield Problem("slug", f"{shown(slug)} will not do", "letters, digits and single hyphens")
    yield from _name_problems(row, "slug")


def _is_slug(text: str) -> bool:
    # A vowel sign of Devanagari or Thai is a mark (category M), which str.isalnum does not know.
    return all(
        part
        and part[0].isalnum()
        and all(char.isalnum() or category(char).startswith("M") for char in part)
        for part in text.split("-")
    )


def event_problems(event: Row) -> Iterator[Problem]:
    """What is wrong with an event."""
    yield from _slug_problems(event)
    yield from _required(event, "title")
    yield from _dates(event, "started_on", "ended_on")
    started, ended = event.get("started_on"), event.get("ended_on")
    if isinstance(started, date) and isinstance(ended, date) and ended < started:
        yield Problem(
            "ended_on", f"{ended} is before it started ({started})", f"{started} or later"
        )
    for column, most in (("latitude", 90), ("longitude", 180)):
        value = event.get(column)
        yield from _matches(event, column, _COORDINATE, "decimal degrees, such as 35.42")
        if (
            value is not None
            and _COORDINATE.fullmatch(str(value))
            and abs(float(str(value))) > most
        ):
            yield Problem(column, f"{shown(value)} is off the map", f"-{most} to {most}")
    if (event.get("latitude") is None) != (event.get("longitude") is None):
        yield Problem("latitude", "a place needs both latitude and longitude", "both, or neither")


def proposition_problems(proposition: Row) -> Iterator[Problem]:
    """What is wrong with a proposition and the finding on it."""
    yield from _slug_problems(proposition)
    yield from _required(proposition, "text", "kind")
    yield from _vocabulary(proposition, "kind", Kind)
    yield from _vocabulary(proposition, "verdict", Verdict)
    yield from _bounds(proposition, "finding_low", "finding_high")
    kind, verdict = proposition.get("kind"), proposition.get("verdict")
    if kind == Kind.COUNT:
        yield from _required(proposition, "unit")
    if kind == Kind.FACT:
        for column in ("unit", "population", "finding_low", "finding_high"):
            if proposition.get(column) is not None:
                yield Problem(column, "belongs to a count, and the proposition asks yes or no")
    elif verdict in (None, Verdict.OPEN):
        found = [end for end in ("finding_low", "finding_high") if proposition.get(end) is not None]
        if found:
            allowed = "a verdict such as supported, or no range"
            yield Problem(found[0], "is found, though the verdict is open", allowed)
    because = proposition.get("because")
    if verdict not in (None, Verdict.OPEN) and (not isinstance(because, str) or blank(because)):
        yield Problem(
            "because", f"the verdict {shown(verdict)} needs a reason", "why, in a sentence"
        )


def document_problems(document: Row) -> Iterator[Problem]:
    """What is wrong with a document."""
    yield from _slug_problems(document)
    yield from _required(document, "title")
    yield from _dates(document, "published_on")
    yield from _matches(document, "sha256", _SHA256, "64 hexadecimal digits, lower case")
    yield from _matches(document, "language", _LANGUAGE, "a language tag, such as en or ar-SY")
    for column in ("url", "archive_url"):
        yield from _matches(document, column, _URL, "an address with its scheme, such as https://…")


def evidence_problems(evidence: Row) -> Iterator[Problem]:
    """What is wrong with a link from a claim to what it rests on."""
    yield from _required(evidence, "claim_id")
    ends = [evidence.get("on_claim_id"), evidence.get("on_document_id")]
    if sum(end is not None for end in ends) != 1:
        yield Problem("on_claim_id", "a claim rests on one claim or one document at a time")
    if evidence.get("on_claim_id") is not None and ends[0] == evidence.get("claim_id"):
        yield Problem("on_claim_id", "a claim cannot rest on itself", "another claim's number")


def acceptance_problems(acceptance: Row) -> Iterator[Problem]:
    """What is wrong with the acceptance of a finding."""
    yield from _required(acceptance, "check_name", "finding", "because")
    yield from _matches(acceptance, "check_name", _CHECK, "small letters and single hyphens")
    subjects = [f"{table}_id" for table in ("claim", "source", "proposition", "event", "document")]
    if sum(acceptance.get(column) is not None for column in subjects) != 1:
        yield Problem(subjects[0], "a finding is on one row", f"one of {', '.join(subjects)}")


#: The tables of which a receipt names rows.
RECEIVED = (
    "acceptance", "claim", "document", "event", "evidence", "proposition", "source", "source_alias",
)  # fmt: skip


def receipt_problems(receipt: Row) -> Iterator[Problem]:
    """What is wrong with the receipt of another ledger's rows."""
    yield from _required(receipt, "their_entry", "their_hash", "their_recorded_at", "many")
    yield from _required(receipt, "their_recorded_by")
    yield from _matches(receipt, "their_hash", _SHA256, "64 hexadecimal digits, lower case")
    yield from _one_of(receipt, "kind", RECEIVED)
    yield from _one_of(receipt, "how", ("new", "same"))
    for column in ("their_entry", "first", "their_first", "many"):
        value = receipt.get(column)
        if value is not None and (not is_count(value) or (value == 0 and column != "many")):
            yield Problem(column, f"{shown(value)} is no number of a row", "1 or more")
    told = [receipt.get(column) is not None for column in ("kind", "how", "first", "their_first")]
    if any(told) != all(told) or any(told) != bool(receipt.get("many")):
        yield Problem("many", "rows are named by kind, how, first and their_first", "all, or none")


#: The rules of each table but `claim`, whose rules also ask for its proposition's kind.
PROBLEMS: dict[str, Callable[[Row], Iterator[Problem]]] = {
    "source": source_problems,
    "source_alias": alias_problems,
    "event": event_problems,
    "proposition": proposition_problems,
    "document": document_problems,
    "evidence": evidence_problems,
    "acceptance": acceptance_problems,
    "receipt": receipt_problems,
}


def stated(text: str) -> tuple[date, Precision]:
    """`2018-02-08`, `2018-02` or `2018` as the first day it may mean, and how exact it is.

    Raises ValueError, in words for the analyst, for anything else and for days that do not exist.
    """
    shapes = ((4, Precision.YEAR, "-01-01"), (7, Precision.MONTH, "-01"), (10, Precision.DAY, ""))
    for length, precision, rest in shapes:
        if len(text) == length and re.fullmatch(r"\d{4}(-\d{2}){0,2}", text, re.ASCII):
            try:
                return date.fromisoformat(text + rest), precision
            except ValueError:
                raise ValueError(f"{shown(text)} is no date in the calendar") from None
    meant = _days_meant(text)
    if meant and text.isdecimal():
        raise ValueError(
            f"{shown(text)} is a spreadsheet's number for {meant[0]} (allowed: the day)"
        )
    may_be = f": it may be {' or '.join(meant)}" if meant else ""
    allowed = "2018-02-08, 2018-02 or 2018"
    raise ValueError(f"{shown(text)} is no date{may_be} (allowed: {allowed})")


#: Days that a spreadsheet counts from, and numbers of days that are told as such: 1954 to 2064.
_SERIAL_FROM, _SERIALS = date(1899, 12, 30), range(20_000, 60_000)
_OTHERWISE = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})", re.ASCII)


def _days_meant(text: str) -> list[str]:
    """The days that a date of another form may mean: a spreadsheet's number, 08/02/2018."""
    if re.fullmatch(r"\d{5}", text, re.ASCII) and int(text) in _SERIALS:
        return [(_SERIAL_FROM + timedelta(int(text))).isoformat()]
    if not (found := _OTHERWISE.fullmatch(text)):
        return []
    one, two, three = (int(found[group]) for group in (1, 3, 4))
    orders = [(one, two, three)] if len(found[1]) == 4 else []
    if len(found[4]) == 4:
        orders = [(three, two, one), (three, one, two)]
    meant = []
    for year, month, day in orders:
        try:
            meant.append(date(year, month, day).isoformat())
        except ValueError:
            continue
    return list(dict.fromkeys(meant))


def stated_text(begins: date, precision: Precision) -> str:
    """The reverse of `stated`: 2018-02-08, 2018-02 or 2018."""
    length = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}[precision]
    return begins.isoformat()[:length]


def day(text: str) -> date:
    """`2018-02-08` as a date; ValueError, in words, for anything else."""
    found, precision = stated(text)
    if precision is not Precision.DAY:
        raise ValueError(f"{shown(text)} names no day (allowed: 2018-02-08)")
    return found
