"""A table of files as strangers make them, each with what must come of it.

A case is the bytes of one file of claims: refused with these words, at this line and column where
there is one; or taken, and then these values stand in the ledger exactly.
"""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

#: A file of one claim that is sound: what a case changes, it says.
SOUND = {
    "claim": "1",
    "proposition": "killed",
    "source": "Ministry",
    "stance": "asserts",
    "low": "5",
    "quote": "five died",
    "stated_on": "2018-02-08",
    "note": "seen",
    "proposition_text": "How many were killed?",
    "kind": "count",
    "unit": "people",
}


@dataclass(frozen=True)
class Case:
    """A file and what must come of it: `told` (words, line, column), or `kept` values of claims."""

    name: str
    data: bytes
    told: str = ""
    line: int | None = None
    column: str = ""
    kept: tuple[Mapping[str, object], ...] = field(default_factory=tuple)

    @property
    def legitimate(self) -> bool:
        """Whether it is to be taken."""
        return bool(self.kept)


def cell(text: str) -> str:
    """A cell as a careful program writes it."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


def table(*rows: dict[str, str], mark: str = ",", end: str = "\n", header: str = "") -> str:
    """A file of these rows."""
    names = dict.fromkeys(name for row in rows for name in row)
    lines = [header or mark.join(names)]
    lines += [mark.join(cell(row.get(name, "")) for name in names) for row in rows]
    return end.join(lines) + end


def one(**cells: str) -> bytes:
    """The sound file with other cells."""
    return table(SOUND | cells).encode()


def two(**cells: str) -> bytes:
    """A sound row in line 2, and a second one with other cells in line 3."""
    second = SOUND | {"claim": "2", "source": "Gazette", "quote": "they say five"}
    return table(SOUND, second | cells).encode()


TEXT = table(SOUND)
HEADER, ROW = TEXT.splitlines()


def renamed(**names: str) -> bytes:
    """The sound file with columns called otherwise."""
    return table({names.get(name, name): value for name, value in SOUND.items()}).encode()


def zipped(name: str) -> bytes:
    """An archive of one file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, TEXT)
    return stream.getvalue()


def _kinds() -> Iterator[Case]:
    """Files of another kind, encoding or shape: named as what they are."""
    both = "\n".join([HEADER, ROW.replace("seen", "déjà vu, où"), ROW.replace("1,", "2,", 1)])
    russian = TEXT.replace("seen", "по словам министерства обороны")
    arabic = TEXT.replace("seen", "وزارة الدفاع")
    yield Case("UTF-16 LE with BOM", TEXT.encode("utf-16"), "in UTF-16")
    yield Case("UTF-16 BE with BOM", b"\xfe\xff" + TEXT.encode("utf-16-be"), "in UTF-16")
    yield Case("UTF-16 LE without BOM", TEXT.encode("utf-16-le"), "in UTF-16")
    yield Case("UTF-16 BE without BOM", TEXT.encode("utf-16-be"), "in UTF-16")
    yield Case("UTF-32", TEXT.encode("utf-32"), "in UTF-32")
    yield Case("an archive", zipped("claims.csv"), "a ZIP archive, and no workbook")
    yield Case("a text document", zipped("word/document.xml"), "a ZIP archive, and no workbook")
    yield Case("a damaged archive", b"PK\x03\x04 no archive", "no workbook that can be read")
    yield Case("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel")
    yield Case("HTML", b"<!DOCTYPE html>\n<html><table><tr><td>1</table>", "is HTML")
    yield Case("HTML, a table alone", b"\n<table>\n<tr><td>1</td></tr></table>", "is HTML")
    yield Case("XML", b'<?xml version="1.0"?>\n<claims/>', "is XML")
    yield Case("RTF", b"{\\rtf1\\ansi claims}", "is RTF")
    yield Case("PDF", b"%PDF-1.7\n%\xe2\xe3", "a PDF")
    yield Case("a database", b"SQLite format 3\0" + bytes(84), "a SQLite database")
    yield Case("bzip2", b"BZh91AY&SY" + bytes(20), "packed by bzip2")
    yield Case("xz", b"\xfd7zXZ\0" + bytes(20), "packed by xz")
    yield Case("zstd", b"\x28\xb5\x2f\xfd" + bytes(20), "packed by zstd")
    yield Case("gzip, cut off", gzip.compress(TEXT.encode())[:60], "cut off or damaged")
    yield Case("gzip twice", gzip.compress(gzip.compress(TEXT.encode())), "packed by gzip twice")
    yield Case("a JSON array", json.dumps([SOUND]).encode(), "a JSON array")
    yield Case("a pretty JSON array", json.dumps([SOUND], indent=1).encode(), "a JSON array")
    yield Case("a picture", b"\x89PNG\r\n\x1a\n" + bytes(20), "a picture")
    yield Case("empty", b"", "is empty")
    yield Case("a BOM alone", b"\xef\xbb\xbf", "is empty")
    yield Case("blank lines alone", b"\n\n\n", "is empty")
    yield Case("Windows-1252", both.encode("cp1252"), "looks like Windows-1252", 2)
    yield Case("Windows-1251", russian.encode("cp1251"), "looks like Windows-1251", 2)
    yield Case("KOI8-R", russian.encode("koi8-r"), "looks like KOI8-R", 2)
    yield Case("Windows-1256", arabic.encode("cp1256"), "looks like Windows-1256", 2)
    yield Case("one bad byte", two(note="th@y").replace(b"@", b"\xff"), "(0xff) is no UTF-8", 3)
    bare = table(SOUND, SOUND | {"claim": "2", "note": "th@y"}, end="\r").encode()
    yield Case("a bad byte behind CR", bare.replace(b"@", b"\xff"), "(0xff) is no UTF-8", 3)
    yield Case("a character cut short", one(note="th@").replace(b"@", b"\xd9"), "no UTF-8", 2)
    yield Case("a surrogate as UTF-8", one(note="@").replace(b"@", b"\xed\xa0\x80"), "no UTF-8", 2)
    yield Case("an overlong NUL", one(note="@").replace(b"@", b"\xc0\x80"), "no UTF-8", 2)
    yield Case("a remark first", b"# our claims\n" + TEXT.encode(), "begins with a remark")
    yield Case("sep=;", b"sep=;\n" + TEXT.encode(), "a mark of spreadsheets")
    spaces = TEXT.replace(",", " ").encode()
    yield Case("spaces between", spaces, "is missing", 1, "stance")
    yield Case("colons between", TEXT.replace(",", ":").encode(), "is missing", 1, "stance")
    strange = table({"a": "1", "b": "2"}, mark=";").encode()
    yield Case("semicolons between strange columns", strange, "parted by semicolons")


def _headers() -> Iterator[Case]:
    """Headers that will not do."""
    for name, old in (("a column twice", "note"), ("a column twice, in capitals", "Note")):
        data = TEXT.replace("quote", old, 1).encode()
        yield Case(name, data, "names this column twice", 1, "note")
    yield Case("a column without a name", renamed(note=""), "has no name", 1, "header")
    yield Case("a column that nobody knows", renamed(note="colour"), "not known", 1, "colour")
    yield Case("a column misspelt", renamed(stance="stanse"), "did you mean stance", 1, "stanse")
    yield Case("a column in Cyrillic letters", renamed(note="nоte"), "mean note", 1, "nоte")
    yield Case("a column with a zero-width space", renamed(note="no\u200bte"), "mean note", 1,
               "no\\u200bte")  # fmt: skip
    yield Case("a column in full width", renamed(note="ｎｏｔｅ"), "mean note", 1, "ｎｏｔｅ")
    yield Case("no stance", renamed(stance="basis"), "is missing", 1, "stance")
    yield Case("no header", (ROW + "\n").encode(), "is missing", 1, "proposition")
    yield Case("an escape in the header", renamed(note="\x1b[2Jnote"), "not known", 1,
               "\\x1b[2jnote")  # fmt: skip
    yield Case("NUL in the header", TEXT.replace("note", "no\0te").encode(), "NUL", 1, "row")


def _shapes() -> Iterator[Case]:
    """Rows and quotes that are out of order."""
    yield Case("a short row", (TEXT + "2,killed\n").encode(), "has 2 cells", 3, "row")
    yield Case("a long row", (TEXT + ROW + ",more\n").encode(), "has 12 cells", 3, "row")
    yield Case("a decimal comma", (TEXT + ROW.replace("5", "5,0", 1) + "\n").encode(),
               "has 12 cells", 3, "row")  # fmt: skip
    stray = TEXT + ROW.replace("five died", 'he said "five" died') + "\n"
    yield Case("a stray quote", stray.encode(), "a quote mark stands in cell 6", 3, "row")
    after = TEXT + ROW.replace("five died", '"five" died') + "\n"
    yield Case("text after a quote", after.encode(), "the closing quote mark of cell 6",
               3, "row")  # fmt: skip
    never = TEXT + ROW.replace("five died", '"five died') + "\n" + ROW + "\n" + ROW + "\n"
    yield Case("an unclosed quote", never.encode(), "opens cell 6 and is never closed", 3, "row")
    late = TEXT + ROW.replace("five died", '"five\ndied"').replace("seen", '"seen') + "\n" + ROW
    yield Case("an unclosed quote in the second line of a record", late.encode(),
               "opens cell 8 and is never closed", 4, "row")  # fmt: skip
    swallowed = TEXT + ROW.replace("five died", '"five died') + "\n"
    swallowed += ROW.replace("1,", "2,", 1).replace("five died", '"five" died') + "\n"
    yield Case("a quote closed rows later", swallowed.encode(),
               "text follows the closing quote mark of cell 6", 3, "row")  # fmt: skip
    backslash = TEXT + ROW.replace("five died", '"he said \\"five\\""') + "\n"
    yield Case("quotes behind backslashes", backslash.encode(), "text follows", 3, "row")
    yield Case("NUL in a cell", one(quote="fi\0ve"), "NUL", 2, "row")
    yield Case("curly quotes around a comma", (TEXT + ROW.replace("five died", "“five, died”")
               + "\n").encode(), "has 12 cells", 3, "row")  # fmt: skip
    yield Case("twelve spaces for a stance", one(stance=" " * 12), "not known", 2, "stance")


def _names() -> Iterator[Case]:
    """Names that hold what nobody sees, or that look like another."""
    for name, char in (
        ("an escape", "\x1b"), ("a bell", "\x07"), ("a backspace", "\x08"), ("a tab", "\t"),
        ("a line end", "\n"), ("C1 CSI", "\x9b"), ("NEL", "\x85"), ("DEL", "\x7f"),
        ("a zero-width space", "\u200b"), ("a word joiner", "\u2060"), ("a BOM inside", "\ufeff"),
        ("a soft hyphen", "\u00ad"), ("right-to-left override", "\u202e"),
        ("an isolate", "\u2066"), ("a right-to-left mark", "\u200f"), ("a tag", "\U000e0041"),
        ("a line separator", "\u2028"), ("a zero-width joiner between letters", "\u200d"),
        ("a private character", "\ue000"),
    ):  # fmt: skip
        yield Case(f"{name} in a source", one(source=f"Min{char}istry"), "nobody sees", 2, "source")
    yield Case("an override in a relay", two(via="Agen\u202ecy"), "nobody sees", 3, "via")
    yield Case("an escape in an alias", one(source_aliases="MoD; M\x1bD"), "nobody sees", 2,
               "source_aliases")  # fmt: skip
    yield Case("an override in a membership", one(source_member_of="St\u202eate"), "nobody sees", 2,
               "source_member_of")  # fmt: skip
    yield Case("an override in a slug", one(proposition="kil\u202eled"), "will not do", 2,
               "proposition")  # fmt: skip
    yield Case("a name of spaces", one(source="\u2003\u3000"), "is missing", 2, "source")
    yield Case("a name that nobody sees", one(source="\u3164\u200b"), "", 2, "source")
    yield Case("a padded name", one(source=" Ministry"), "begins or ends with a space", 2, "source")
    yield Case("a name padded by a no-break space", one(source="Ministry\u00a0"),
               "begins or ends with a space", 2, "source")  # fmt: skip
    yield Case("a number for a name", one(source="43139"), "number", 2, "source")
    yield Case("an Arabic number for a name", one(source="٤٣١"), "number", 2, "source")
    yield Case("a Cyrillic look-alike", two(source="Мinistry"), "Ministry", 3, "source")
    yield Case("a Greek look-alike", two(source="Μinistry"), "Ministry", 3, "source")
    yield Case("a full-width look-alike", two(source="Ｍｉｎｉｓｔｒｙ"), "", None, "",
               ({"source": "Ministry"}, {"source": "Ministry"}))  # fmt: skip
    yield Case("a look-alike with an article", two(source="The Ministry"), "Ministry", 3, "source")
    yield Case("a look-alike with an accent", two(source="Minístry"), "Ministry", 3, "source")


def _dates() -> Iterator[Case]:
    """Days that are none, or that may be two."""
    for name, text, told in (
        ("a spreadsheet's serial", "43139", "a spreadsheet's number for 2018-02-08"),
        ("an ambiguous day", "08/02/2018", "may be 2018-02-08 or 2018-08-02"),
        ("a day first", "23/02/2018", "2018-02-23"),
        ("a month first", "02/23/2018", "2018-02-23"),
        ("dots", "08.02.2018", "may be 2018-02-08 or 2018-08-02"),
        ("slashes, year first", "2018/02/08", "2018-02-08"),
        ("a two-figure year", "8-2-18", "is no date"),
        ("words", "8 February 2018", "is no date"),
        ("no such day", "2018-02-30", "no date in the calendar"),
        ("no leap year", "2019-02-29", "no date in the calendar"),
        ("month 13", "2018-13-01", "no date in the calendar"),
        ("year 0", "0000-01-01", "no date in the calendar"),
        ("far ahead", "2999-01-01", "later than today"),
        ("too long ago", "1066-10-14", "too long ago"),
        ("a moment", "2018-02-08T14:30:00Z", "is no date"),
        ("full-width digits", "２０１８-０２-０８", "is no date"),
        ("Arabic digits", "٢٠١٨-٠٢-٠٨", "is no date"),
        ("padded", " 2018-02-08", "is no date"),
        ("a typographic minus", "2018−02−08", "is no date"),
    ):
        yield Case(f"date: {name}", one(stated_on=text), told, 2, "stated_on")
    yield Case("date: published ahead", one(document="d", document_title="D",
               published_on="2999-01-01"), "later than today", 2, "published_on")  # fmt: skip
    yield Case("date: a serial of publication", one(document="d", document_title="D",
               published_on="43139"), "spreadsheet's number", 2, "published_on")  # fmt: skip
    yield Case("a moment without its zone", one(document="d", document_title="D",
               retrieved_at="2018-02-08T14:30:00"), "is no time", 2, "retrieved_at")  # fmt: skip


def _numbers() -> Iterator[Case]:
    """Counts that are none."""
    for name, text in (
        ("a comma", "1,000"), ("a point", "1.000"), ("a space", "1 000"),
        ("a narrow space", "1\u202f000"), ("an apostrophe", "1'000"), ("an exponent", "1e3"),
        ("NaN", "NaN"), ("infinity", "inf"), ("negative", "-5"), ("plus", "+5"),
        ("a fraction", "5.5"), ("a whole float", "5.0"), ("full width", "５"), ("Arabic", "٥"),
        ("superscript", "⁵"), ("Roman", "Ⅴ"), ("hexadecimal", "0x5"), ("an underscore", "1_000"),
        ("40 digits", "9" * 40), ("20 digits", "9" * 20), ("5,000 digits", "9" * 5000),
        ("words", "five"), ("a formula", "=5"), ("a trailing space", "5 "), ("null", "null"),
        ("a spreadsheet's error", "#VALUE!"),
    ):  # fmt: skip
        yield Case(f"number: {name}", one(low=text), "", 2, "low")
    yield Case("number: upside down", one(low="7", high="5"), "above", 2, "low")
    yield Case("number: of a claim", one(claim="1x"), "no whole number", 2, "claim")


def _rows() -> Iterator[Case]:
    """Rows that contradict another, or say what cannot be."""
    yield Case("a number twice", two(claim="1"), "is the number of line 2 too", 3, "claim")
    yield Case("an answer to nobody", two(answers="44"), "", 3, "answers")
    yield Case("an answer to itself", two(answers="2"), "itself", 3, "answers")
    yield Case("a thing told twice otherwise", two(kind="fact"), "line 2", 3, "kind")
    yield Case("a stance that is none", one(stance="shouts"), "not known", 2, "stance")
    yield Case("a stance in capitals", one(stance="Asserts"), "not known", 2, "stance")
    yield Case("a stance in Cyrillic letters", one(stance="аsserts"), "not known", 2, "stance")
    yield Case("a status without a reason", one(status="refuted"), "needs a reason", 2, "because")
    yield Case("an address that is none", one(document="d", document_title="D",
               document_url="javascript alert"), "will not do", 2, "document_url")  # fmt: skip
    yield Case("a count for a fact", one(kind="fact", unit=""), "asks yes or no", 2, "low")
    yield Case("no source", one(source=""), "is missing", 2, "source")


def _legitimate() -> Iterator[Case]:
    """What is well formed stays as it is, however strange it looks."""
    sound = {"source": "Ministry", "quote": "five died", "low": 5}
    for name, data in (
        ("plain", TEXT.encode()),
        ("a BOM", b"\xef\xbb\xbf" + TEXT.encode()),
        ("CRLF", table(SOUND, end="\r\n").encode()),
        ("CR", table(SOUND, end="\r").encode()),
        ("no final newline", TEXT.rstrip("\n").encode()),
        ("blank lines", TEXT.replace("\n", "\n\n").encode() + b"\n\n"),
        ("a padded header", (" , ".join(HEADER.upper().split(",")) + f"\n{ROW}\n").encode()),
        ("every cell in quotes", "".join(
            ",".join(f'"{part}"' for part in line.split(",")) + "\n" for line in (HEADER, ROW)
        ).encode()),
        ("tabs between", table(SOUND, mark="\t").encode()),
        ("semicolons between", table(SOUND, mark=";").encode()),
        ("bars between", table(SOUND, mark="|").encode()),
        ("semicolons, BOM and CRLF, as spreadsheets save",
         b"\xef\xbb\xbf" + table(SOUND, mark=";", end="\r\n").encode()),
        ("gzip", gzip.compress(TEXT.encode())),
        ("JSON lines", json.dumps(SOUND).encode()),
        ("an empty row of commas", (TEXT + "," * HEADER.count(",") + "\n").encode()),
        ("a leading zero in a count", one(low="005")),
    ):  # fmt: skip
        yield Case(name, data, kept=(sound,))
    for name, text in (
        ("a leading zero", "007"), ("NA", "NA"), ("null", "null"), ("nan", "NaN"),
        ("a formula", "=1+1"), ("a command", "=cmd|' /C calc'!A0"), ("an at sign", "@SUM(1)"),
        ("minus", "-5 dead"), ("an apostrophe", "'tis"), ("a range", "1-2"), ("a fraction", "3/4"),
        ("Arabic", "قال خمسة"), ("Arabic with marks", "قَالَ"), ("Cyrillic", "Министерство обороны"),
        ("Chinese", "国防部"), ("a combining mark", "e\u0301te\u0301"), ("composed", "été"),
        ("emoji", "👩‍👩‍👧"), ("Hebrew and numbers", "נהרגו 5"), ("quoted newlines", "five\ndied"),
        ("quoted CRLF", "five\r\ndied"), ("quotes", 'he said "five"'), ("a comma", "five, died"),
        ("an escape", "\x1b[31mred"), ("an override", "abc\u202edef"), ("C1", "a\x9b2Jb"),
        ("a zero-width space", "a\u200bb"), ("spaces around", " five "), ("a tab", "five\tdied"),
        ("a backslash", "C:\\new"), ("HTML", "<script>alert(1)</script>"), ("SQL", "'; DROP TABLE"),
        ("semicolons", "a; b"), ("a date", "08/02/2018"), ("line separator", "a\u2028b"),
        ("a BOM inside", "a\ufeffb"), ("10 MB", "x" * 10_000_000), ("full width", "５"),
    ):  # fmt: skip
        yield Case(f"quote: {name}", one(quote=text), kept=({"quote": text},))
    for text in (
        "Министерство обороны", "الوزارة", "国防部", "e\u0301tat", "état", "نیروی\u200cدریایی",
        "ක්\u200dරි", "O'Neill", "Al-Sham", "=Ministry", "@ministry", "50 Cent", "Ministry (new)",
        "<b>Ministry</b>", "Ministry & Sons", "Co., Ltd", 'The "Ministry"', "M.O.D.", "Żółć",
        "Ⅴ corps", "👩\u200d🔬",
    ):  # fmt: skip
        yield Case(f"name: {text!a}", one(source=text), kept=({"source": text},))
    rows = ({"source": "Ministry"}, {"source": "Gazette"})
    yield Case("the same row twice", (TEXT + ROW + "\n").replace("\n1,", "\n,").encode(),
               kept=({"source": "Ministry"}, {"source": "Ministry"}))  # fmt: skip
    yield Case("a number of its own of 20 digits", one(claim="9" * 20), kept=({"claim": 1},))
    yield Case("two rows that disagree", two(low="7"), kept=rows)
    for text in ("2018", "2018-02", "2018-02-08", "2020-02-29"):
        yield Case(f"date: {text}", one(stated_on=text), kept=({"stated_on": text},))
    yield Case("the largest count", one(low="9007199254740991"), kept=({"low": 2**53 - 1},))


CASES = (
    *_kinds(), *_headers(), *_shapes(), *_names(), *_dates(), *_numbers(), *_rows(), *_legitimate(),
)  # fmt: skip
