"""What a file is that is no CSV, by how it begins, and how its bytes may have been written.

A guess is only ever told to the analyst: nothing is read by it.
"""

import io
import re
import zipfile
from typing import BinaryIO
from unicodedata import category

from ledger.errors import BadFileError
from ledger.exchange.unfolding import hold_archive

#: How every SQLite database begins; https://www.sqlite.org/fileformat2.html
DATABASE = b"SQLite format 3\0"

_AS_UTF8 = "save it as UTF-8"
_AS_CSV = "save the sheet as CSV (UTF-8)"
_UNPACK = "unpack it, or pack it by gzip"

#: Beginnings that give another kind of file away, and what to do about it; the longest first.
_OTHERS = {
    b"\xff\xfe\0\0": ("in UTF-32", _AS_UTF8),
    b"\0\0\xfe\xff": ("in UTF-32", _AS_UTF8),
    b"\xff\xfe": ("in UTF-16", _AS_UTF8),
    b"\xfe\xff": ("in UTF-16", _AS_UTF8),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", _AS_CSV),
    DATABASE: (
        "a SQLite database",
        "a ledger: name its file itself, `ledger import other.db`; else export CSV from it",
    ),
    b"%PDF": ("a PDF", "name a CSV file"),
    b"{\\rtf": ("RTF, a text document", _AS_CSV),
    b"\x1f\x8b": ("packed by gzip twice", "unpack it once"),
    b"BZh": ("packed by bzip2", _UNPACK),
    b"\xfd7zXZ\0": ("packed by xz", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("packed by zstd", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("packed by 7-Zip", _UNPACK),
    b"Rar!\x1a\x07": ("packed by RAR", _UNPACK),
    b"\x89PNG": ("a picture", "name a CSV file"),
    b"\xff\xd8\xff": ("a picture", "name a CSV file"),
    b"GIF8": ("a picture", "name a CSV file"),
}
#: The same behind blank space, in any capitals.
_MARKUP = (
    (re.compile(rb"\s*<\?xml", re.I), "XML", "save the sheet as CSV (UTF-8) or as .xlsx"),
    (
        re.compile(rb"\s*<(?:!doctype|html|head|body|table|div|meta)\b", re.I),
        "HTML, a page",
        "save its table as CSV (UTF-8)",
    ),
    (
        re.compile(rb"\s*\["),
        "a JSON array",
        "write one object a line: `jq -c '.[]' FILE | ledger import -`",
    ),
)
#: Two letters of a header are enough to tell how wide a character is.
_LETTERS = re.compile(rb"(?:[ -~]\0){2}|(?:\0[ -~]){2}")
_WIDE = re.compile(rb"(?:[ -~]\0{3}){2}|(?:\0{3}[ -~]){2}")


def refuse_other(first: bytes, name: str) -> None:
    """Raise BadFileError where a file begins as one of another kind does."""
    for start, (what, instead) in _OTHERS.items():
        if first.startswith(start):
            raise BadFileError(f"{name} is {what}, not CSV", hint=instead)
    text = first.removeprefix(b"\xef\xbb\xbf")
    for pattern, what, instead in _MARKUP:
        if pattern.match(text):
            raise BadFileError(f"{name} is {what}, not CSV", hint=instead)
    for pattern, what in ((_WIDE, "UTF-32"), (_LETTERS, "UTF-16")):
        if pattern.match(first):
            raise BadFileError(f"{name} is in {what}, not CSV", hint=_AS_UTF8)


def refuse_archive(stream: BinaryIO, name: str) -> None:
    """Raise BadFileError where a ZIP archive, which a workbook is too, holds no workbook.

    Or one that unfolds to more than is sane.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            inside = archive.namelist()
            hold_archive(archive, stream.seek(0, io.SEEK_END), name)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return  # who reads workbooks says what is wrong
    finally:
        stream.seek(0)
    if not any(each.startswith("xl/") for each in inside):
        raise BadFileError(
            f"{name} is a ZIP archive, and no workbook",
            hint="unpack it and name the file in it, or save the sheet as .xlsx or CSV (UTF-8)",
        )


#: Encodings that tables are found in, and the ten letters that are written most in their script.
_ENCODINGS = {
    "windows-1251": "оеаинтсрвл",
    "koi8-r": "оеаинтсрвл",
    "windows-1256": "اليمونرتبة",
    "windows-1255": "יוהלאתרבשמ",
    "windows-1253": "αοιετσνηυρ",
}


def guess(line: bytes) -> str:
    """What the bytes of a line that is no UTF-8 look like; empty where they look like nothing.

    A script of its own is told by whole words of it, half or more of whose letters are its most
    frequent ones. A letter between ASCII ones, as in “déjà”, is Latin, and most often Windows-1252.
    """
    shares: dict[str, float] = {}
    for encoding, frequent in _ENCODINGS.items():
        try:
            found = re.findall(r"\w+", line.decode(encoding))
        except UnicodeDecodeError:
            continue
        words = [word for word in found if not word.isascii()]
        letters = [char for word in words for char in word if not char.isascii()]
        if len(letters) > 3 and len(letters) > 2 * len(words):
            shares[encoding] = sum(char in frequent for char in letters) / len(letters)
    if shares and (most := max(shares, key=shares.__getitem__)) and shares[most] >= 0.5:
        return most.upper().replace("WINDOWS", "Windows")
    try:
        odd = [char for char in line.decode("windows-1252") if not char.isascii()]
    except UnicodeDecodeError:
        return ""
    letter = [char for char in odd if category(char) in ("Ll", "Lu")]
    return "Windows-1252" if len(odd) < len(line) / 4 and 2 * len(letter) > len(odd) else ""
