"""Signed notes and checkpoints: texts that other programs can read, and who signed them.

Follows C2SP signed-note (c2sp.org/signed-note, Ed25519, signature type 0x01), C2SP tlog-checkpoint
(c2sp.org/tlog-checkpoint), and for keys the encodings of Go's golang.org/x/mod/sumdb/note. Knows
no database. The cryptography library is loaded where a signature is made or checked.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ledger.errors import FormatError, LedgerError
from ledger.rules import shown

_ED25519 = b"\x01"

#: More than any real note has; whoever sends more wants to keep the reader busy.
MOST_SIGNATURES = 100
LONGEST_NOTE = 1 << 20


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may have signed: a name, and the 32 bytes of an Ed25519 public key."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The key's 4-byte ID, which a signature line begins with."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public
        return sha256(named).digest()[:4]

    def __str__(self) -> str:
        """As others take it: `name+ID+base64`."""
        return f"{self.name}+{self.id.hex()}+{_encoded(_ED25519 + self.public)}"


@dataclass(frozen=True, slots=True)
class SignerKey:
    """Who signs: a name, and the 32 secret bytes of an Ed25519 private key, which no repr shows."""

    name: str
    secret: bytes = field(repr=False)

    def verifier(self) -> VerifierKey:
        """The key to give to those who verify."""
        private = _ed25519().Ed25519PrivateKey.from_private_bytes(self.secret)
        return VerifierKey(self.name, private.public_key().public_bytes_raw())

    def text(self) -> str:
        """As the key's own file holds it, without the line's end: `PRIVATE+KEY+name+ID+base64`."""
        number = self.verifier().id.hex()
        return f"PRIVATE+KEY+{self.name}+{number}+{_encoded(_ED25519 + self.secret)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's name and 4-byte ID, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text, with its last line end, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's tree at one size: whose, how many leaves, and the 32-byte root.

    `extensions` are further lines, whose meaning is the writer's; this program writes none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The note's text."""
        lines = (self.origin, str(self.size), _encoded(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def check_name(name: str) -> None:
    """Refuse what cannot name a key: FormatError."""
    if not _is_name(name):
        raise FormatError(
            f"{shown(name)} cannot name a key",
            "no spaces, no plus sign, no control characters; best like example.org/our-ledger",
        )


def _is_name(name: str) -> bool:
    # A lone surrogate is no UTF-8; control characters may not stand in a note at all.
    return (
        name != ""
        and not any(char.isspace() or char < " " or "\ud800" <= char <= "\udfff" for char in name)
        and "+" not in name
    )


def read_verifier_key(text: str) -> VerifierKey:
    """The key that `name+ID+base64` is; FormatError where it is none, or not an Ed25519 key."""
    name, _, rest = text.strip().partition("+")
    key = VerifierKey(name, _key_bytes(rest))
    if not _is_name(name) or rest.partition("+")[0] != key.id.hex():
        raise FormatError(f"{shown(text)} is no verifier key: its parts do not fit", _KEY_HINT)
    return key


def read_signer_key(text: str) -> SignerKey:
    """The key that `PRIVATE+KEY+name+ID+base64` is; FormatError where it is none."""
    private, _, rest = text.strip().partition("PRIVATE+KEY+")
    name, _, rest = rest.partition("+")
    if private or not _is_name(name):
        raise FormatError("this is no signer key", "`ledger key new FILE` makes one")
    try:
        key = SignerKey(name, _key_bytes(rest))
    except FormatError:  # without what it quotes: that is the secret
        raise FormatError("the signer key is damaged", "use a copy of its file") from None
    if rest.partition("+")[0] != key.verifier().id.hex():
        raise FormatError("the signer key is damaged: its ID is another's", "use a copy of it")
    return key


_KEY_HINT = "it is written name+8 hexadecimal digits+base64, as `ledger key show` prints it"


def _key_bytes(text: str) -> bytes:
    """The 32 bytes of a key from `ID+base64`."""
    number, _, written = text.partition("+")
    raw = _decoded(written)
    if not re.fullmatch("[0-9a-f]{8}", number) or raw is None or len(raw) != 33:
        raise FormatError(f"{shown(text)} is no part of a key", _KEY_HINT)
    if raw[:1] != _ED25519:
        raise FormatError("the key is not an Ed25519 key", "signature type 1 is all that is read")
    return raw[1:]


def sign(text: str, key: SignerKey) -> str:
    """A signed note: the text, which must end its last line, and the key's signature under it."""
    if not text.endswith("\n") or any(char < " " and char != "\n" for char in text):
        raise ValueError("a note is lines of text without control characters")
    private = _ed25519().Ed25519PrivateKey.from_private_bytes(key.secret)
    signature = private.sign(text.encode())
    return f"{text}\n{signature_line(key.verifier(), signature)}\n"


def signature_line(key: VerifierKey, signature: bytes) -> str:
    """The line that stands under a note for a key's signature, without its end."""
    return f"— {key.name} {_encoded(key.id + signature)}"


def read_note(data: bytes) -> Note:
    """The note that these bytes are; FormatError where they are none. Checks no signature."""
    try:
        whole = data.decode() if len(data) <= LONGEST_NOTE else ""
    except UnicodeDecodeError:
        whole = ""
    text, gap, below = whole.rpartition("\n\n")
    lines = below.split("\n")
    if (
        not gap
        or lines.pop() != ""
        or not 1 <= len(lines) <= MOST_SIGNATURES
        or any(char < " " and char != "\n" for char in whole)
    ):
        raise FormatError("this is no signed note", _NOTE_HINT)
    return Note(f"{text}\n", tuple(_signature(line) for line in lines))


_NOTE_HINT = "a text, an empty line, and lines that begin with “— ”: c2sp.org/signed-note"


def _signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, written = rest.partition(" ")
    raw = _decoded(written)
    if dash != "—" or not _is_name(name) or raw is None or len(raw) < 5:
        raise FormatError(f"{shown(line)} is no signature line", _NOTE_HINT)
    return Signature(name, raw[:4], raw[4:])


def signature_problems(note: Note, key: VerifierKey) -> Iterator[str]:
    """Why a note is not to be trusted as signed by `key`; nothing if it is.

    Signatures of other keys are passed over, as the specification says. LedgerError where the
    cryptography library is missing.
    """
    of_key = [line for line in note.signatures if (line.name, line.key_id) == (key.name, key.id)]
    if not of_key:
        yield f"it is not signed by {shown(key.name)}, key {key.id.hex()}"
    for line in of_key:
        if not _is_signature(line.signature, note.text.encode(), key.public):
            yield f"the signature of {shown(key.name)}, key {key.id.hex()}, is not of this text"


def _is_signature(signature: bytes, text: bytes, public: bytes) -> bool:
    module = _ed25519()
    from cryptography.exceptions import InvalidSignature

    try:
        module.Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text is; FormatError where it is none."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or "" in lines:
        raise FormatError("this note is no checkpoint", _CHECKPOINT_HINT)
    origin, size, written, *extensions = lines
    root = _decoded(written)
    if not re.fullmatch("0|[1-9][0-9]{0,18}", size) or root is None or len(root) != 32:
        raise FormatError("this note is no checkpoint", _CHECKPOINT_HINT)
    return Checkpoint(origin, int(size), root, tuple(extensions))


_CHECKPOINT_HINT = (
    "its lines are the log's name, the number of entries and the root in base64: "
    "c2sp.org/tlog-checkpoint"
)


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes | None:
    """Standard base64, written in the one way that encoding gives; None for anything else."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _encoded(raw) == text else None


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise LedgerError(
            "signatures need the cryptography library, which is not installed",
            'pip install "claim-ledger[sign]"',
        ) from None
    return ed25519
