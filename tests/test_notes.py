"""Signed notes, keys and checkpoints, against notes that others have written and signed.

Sources: golang.org/x/mod/sumdb/note (documentation and note_test.go: PeterNeumann, EnochRoot);
c2sp.org/signed-note, c2sp.org/tlog-checkpoint and c2sp.org/tlog-cosignature (their examples);
hex.pm/packages/signed_note (example.com/foo).
"""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import notes
from ledger.errors import FormatError
from ledger.notes import Checkpoint, SignerKey

SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)
BY_ENOCH = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
BY_FOO = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmR"
    "KuwHjG1Yu72IneyaQM=\n"
)


def told(data: str, key: str) -> list[str]:
    note = notes.read_note(data.encode())
    return [*notes.signature_problems(note, notes.read_verifier_key(key))]


def test_we_sign_as_go_does_byte_for_byte() -> None:
    key = notes.read_signer_key(f"{SECRET}\n")
    assert notes.sign(TEXT, key) == f"{TEXT}\n{BY_PETER}"
    assert str(key.verifier()) == PETER
    assert key.text() == SECRET
    assert "81" not in repr(key)
    assert "secret" not in repr(key)


@pytest.mark.parametrize("key", [PETER, ENOCH])
def test_a_note_signed_twice_is_good_for_either_key(key: str) -> None:
    assert told(f"{TEXT}\n{BY_PETER}{BY_ENOCH}", key) == []


def test_a_note_of_another_implementation_is_good() -> None:
    assert told(f"This is an example message.\n\n{BY_FOO}", FOO) == []


def test_a_note_by_somebody_else_is_not_good() -> None:
    assert "not signed by" in told(f"{TEXT}\n{BY_ENOCH}", PETER)[0]
    # A line under the right name with another key's ID is another key's.
    forged = BY_ENOCH.replace("EnochRoot", "PeterNeumann")
    assert "not signed by" in told(f"{TEXT}\n{forged}", PETER)[0]


def test_an_altered_text_is_not_good() -> None:
    assert "not of this text" in told(f"{TEXT.replace('your', 'our')}\n{BY_PETER}", PETER)[0]


def test_one_bad_signature_by_the_key_spoils_the_note() -> None:
    raw = bytearray(base64.b64decode(BY_PETER.split(" ")[2]))
    raw[-1] ^= 1
    bad = f"— PeterNeumann {base64.b64encode(raw).decode()}\n"
    assert told(f"{TEXT}\n{BY_PETER}{bad}", PETER)
    short = f"— PeterNeumann {base64.b64encode(raw[:20]).decode()}\n"
    assert told(f"{TEXT}\n{short}", PETER)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        f"{TEXT}\n{BY_PETER[:-1]}".encode(),
        f"\x01{TEXT}\n{BY_PETER}".encode(),
        b"\xff" + f"{TEXT}\n{BY_PETER}".encode(),
        f"{TEXT}\n{BY_PETER}".replace("\n", "\r\n").encode(),
        f"{TEXT}\n{BY_PETER}Unexpected line.\n".encode(),
        f"{TEXT}\n{BY_PETER.replace('PeterNeumann', 'Bad Name')}".encode(),
        f"{TEXT}\n{BY_PETER.replace('PeterNeumann', 'a+b')}".encode(),
        f"{TEXT}\n{BY_PETER}".replace("PeterNeumann", "a\u2003b").encode(),
        f"{TEXT}\n{BY_PETER.replace('—', '-')}".encode(),
        f"{TEXT}\n{BY_PETER.replace('AM=', 'AN=')}".encode(),
        f"{TEXT}\n— PeterNeumann x08g\n".encode(),
        f"{TEXT}\n{BY_PETER * 101}".encode(),
        f"{'x' * notes.LONGEST_NOTE}\n\n{BY_PETER}".encode(),
    ],
)
def test_what_is_no_signed_note_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        notes.read_note(data)


def test_a_note_may_have_empty_lines_and_a_hundred_signatures() -> None:
    note = notes.read_note(f"one\n\ntwo\n\n{BY_PETER * 100}".encode())
    assert note.text == "one\n\ntwo\n"
    assert len(note.signatures) == 100


@pytest.mark.parametrize("key", [PETER, SECRET])
def test_every_part_and_every_mangling_of_a_key_is_refused(key: str) -> None:
    """As note_test.go: each substring, and each character moved on by one."""
    read = notes.read_signer_key if key == SECRET else notes.read_verifier_key
    read(key)
    parts = [key[i:j] for i in range(len(key)) for j in range(i + 1, len(key) + 1)]
    parts += [key[:i] + chr(ord(key[i]) + 1) + key[i + 1 :] for i in range(len(key))]
    parts.remove(key)
    for part in parts:
        with pytest.raises(FormatError):
            read(part)


@pytest.mark.parametrize(
    "key",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # too long
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # unknown algorithm
    ],
)
def test_keys_of_another_kind_are_refused(key: str) -> None:
    with pytest.raises(FormatError):
        notes.read_verifier_key(key)


def test_a_damaged_secret_is_not_quoted() -> None:
    with pytest.raises(FormatError) as refused:
        notes.read_signer_key(SECRET[:-4])
    assert "YEKF" not in refused.value.message + refused.value.hint


NAMES = st.text(min_size=1, max_size=20).filter(
    lambda name: not any(c.isspace() or c in "+" or c < " " for c in name) and name.isprintable()
)


@given(NAMES, st.binary(min_size=32, max_size=32), st.text().map(lambda t: f"{t}\n"))
def test_what_a_key_signs_it_verifies_and_no_other_does(
    name: str, secret: bytes, text: str
) -> None:
    key = SignerKey(name, secret)
    other = SignerKey(name, sha256(secret).digest()).verifier()
    if any(char < " " and char != "\n" for char in text):
        with pytest.raises(ValueError, match="control"):
            notes.sign(text, key)
        return
    note = notes.read_note(notes.sign(text, key).encode())
    assert note.text == text
    assert [*notes.signature_problems(note, key.verifier())] == []
    assert [*notes.signature_problems(note, other)]
    assert notes.read_signer_key(key.text()) == key
    assert notes.read_verifier_key(str(key.verifier())) == key.verifier()


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "\x1b[1m", "\ud800"])
def test_names_that_a_note_cannot_hold_are_refused(name: str) -> None:
    with pytest.raises(FormatError):
        notes.check_name(name)


#: The example of c2sp.org/tlog-cosignature, which begins with that of c2sp.org/tlog-checkpoint.
SOFA = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 \
jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBI\
fZ+qnA==
"""


def test_the_checkpoint_of_the_specification_is_read_and_written_back() -> None:
    note = notes.read_note(SOFA.encode())
    checkpoint = notes.read_checkpoint(note.text)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20852163
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.text() == note.text
    assert [line.name for line in note.signatures] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]


def test_extension_lines_are_kept_and_none_are_written() -> None:
    text = Checkpoint("o", 0, bytes(32)).text()
    assert len(text.splitlines()) == 3
    assert notes.read_checkpoint(f"{text}more\n").extensions == ("more",)
    assert notes.read_checkpoint(f"{text}more\n").text() == f"{text}more\n"


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        f"\n1\n{ROOT}\n",
        f"origin\n01\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n١\n{ROOT}\n",
        f"origin\n{10**20}\n{ROOT}\n",
        f"origin\n1\n{ROOT[:-4]}\n",
        f"origin\n1\n{ROOT[:-1]}\n",
        f"origin\n1\n{ROOT}\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        notes.read_checkpoint(text)
