"""Checks a claim-ledger's SQLite file with the standard library alone, without the program.

    python verify_ledger.py ledger.db [--head HASH] [--checkpoint FILE] [--verifier-key KEY]

A second reading of docs/hash.md and docs/checkpoints.md: leaves, roots, links, joints, and the head
or signed checkpoint that you kept. Prints a line a fault, and exits with 3 if there is one. It does
not check the vocabularies, the foreign keys and the guards.
"""

import argparse
import base64
import itertools
import json
import pathlib
import sqlite3
import sys
from hashlib import sha256, sha512

ENTRY = ("id", "recorded_at", "recorded_by", "message", "root", "previous", "hash")
TABLES = "acceptance claim document event evidence proposition receipt source source_alias".split()  # noqa: SIM905
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def canonical(values):
    """RFC 8785 for text and whole numbers; nothing for what no ledger writes."""
    kept = {key: value for key, value in values.items() if value is not None}
    if not all(type(v) is str or (type(v) is int and abs(v) < 2**53) for v in kept.values()):
        return b""
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "surrogatepass")  # bytes that were no UTF-8 fit no leaf


def root(leaves):  # RFC 6962, section 2.1
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + root(leaves[:left]) + root(leaves[left:])).digest()


def versions(db, table, order):
    """Every version of a table's rows; by no index, which may have been tampered with."""
    names = [column[1] for column in db.execute(f"PRAGMA table_info({table}_history)")]
    own = ", ".join("NULL" if name == "until_entry_id" else name for name in names)
    query = f"SELECT {', '.join(names)} FROM {table}_history NOT INDEXED UNION ALL SELECT {own}"
    for values in db.execute(f"{query} FROM {table} NOT INDEXED ORDER BY {order}"):
        yield dict(zip(names, values, strict=True))


def faults(db, links):
    """What is wrong, as (entry, table, row, what); each entry's own hash is added to `links`."""
    streams = {table: versions(db, table, "entry_id, id") for table in TABLES}
    ahead = {table: next(stream, None) for table, stream in streams.items()}
    for values in db.execute(f"SELECT {', '.join(ENTRY)} FROM entry NOT INDEXED ORDER BY id"):
        entry, leaves = dict(zip(ENTRY, values, strict=True)), []
        number, digest = entry["id"], entry.pop("hash")
        for table, stream in streams.items():
            while row := ahead[table]:
                if type(row["entry_id"]) is int and row["entry_id"] > number:
                    break
                ahead[table] = next(stream, None)
                if row["entry_id"] != number:
                    yield row["entry_id"], table, row["id"], "belongs to no entry"
                    continue
                stored, _ = row.pop("leaf"), row.pop("until_entry_id")
                text = canonical({**row, "table": table})
                leaves.append(sha256(b"\0" + text).digest())
                if not text or leaves[-1] != stored:
                    yield number, table, row["id"], "was altered: its leaf does not fit"
        if root(leaves).hex() != entry["root"]:
            yield number, None, None, "its rows do not give its root"
        if (number, entry["previous"]) != (len(links) + 1, links[-1] if links else "0" * 64):
            yield number, None, None, "does not follow the entry before it"
        links.append(sha256(canonical(entry)).hexdigest())
        if links[-1] != digest:
            yield number, None, None, "was altered: its hash does not fit"
    for table, stream in streams.items():
        for row in itertools.chain(filter(None, [ahead[table]]), stream):
            yield row["entry_id"], table, row["id"], "belongs to no entry"
        by_row = itertools.chain(versions(db, table, "id, entry_id"), [{"id": None}])
        for row, after in itertools.pairwise(by_row):
            if row["until_entry_id"] != (after["entry_id"] if after["id"] == row["id"] else None):
                yield row["entry_id"], table, row["id"], "does not end where the next one begins"


def point(data):
    """The x and y of an Ed25519 point: RFC 8032, section 5.1.3."""
    y, sign = int.from_bytes(data, "little") & 2**255 - 1, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("no point of the curve")
    return (x if x & 1 == sign else P - x), y


def plus(one, other):
    (x, y), (u, v) = one, other
    t = D * x * u * y * v % P
    return (x * v + y * u) * pow(1 + t, -1, P) % P, (y * v + x * u) * pow(1 - t, -1, P) % P


def times(number, one):
    found = (0, 1)
    for bit in f"{number:b}":
        found = plus(plus(found, found), one if bit == "1" else (0, 1))
    return found


def signed(text, line, key):
    """Whether a line of a C2SP signed note is the signature of a verifier key, name+ID+base64."""
    (name, number, public), (dash, signer, raw) = key.split("+", 2), line.split(" ")
    raw, public = base64.b64decode(raw), base64.b64decode(public)[1:]
    if (dash, signer, raw[:4].hex(), len(raw)) != ("—", name, number, 68):
        return False
    h = int.from_bytes(sha512(raw[4:36] + public + text.encode()).digest(), "little")
    s, base = int.from_bytes(raw[36:], "little"), point(bytes([88] + 31 * [102]))
    return s < L and times(s, base) == plus(point(raw[4:36]), times(h % L, point(public)))


def checkpoint_faults(links, note, key):
    text, _, lines = note.rpartition("\n\n")
    size, wanted = text.split("\n")[1:3]
    leaves = [sha256(b"\0" + bytes.fromhex(digest)).digest() for digest in links[: int(size)]]
    if len(leaves) < int(size) or base64.b64encode(root(leaves)).decode() != wanted:
        yield f"1 to {size}", None, None, "these are not the entries of the checkpoint"
    if not key:
        print("the signature was not checked: say who signed with --verifier-key", file=sys.stderr)
    elif not any(signed(f"{text}\n", line, key) for line in lines.splitlines()):
        yield f"1 to {size}", None, None, f"the checkpoint is not signed by {key}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for option in ("ledger", "--head", "--checkpoint", "--verifier-key"):
        parser.add_argument(option)
    given, links = parser.parse_args(), []
    db = sqlite3.connect(f"{pathlib.Path(given.ledger).absolute().as_uri()}?mode=ro", uri=True)
    db.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    found = list(faults(db, links))
    if given.head and given.head not in links:
        found.append((f"with the hash {given.head}", None, None, "is not there"))
    if given.checkpoint:
        note = pathlib.Path(given.checkpoint).read_bytes().decode()
        found += checkpoint_faults(links, note, given.verifier_key)
    for entry, table, row, what in found:
        print(ascii(f"entry {entry}{f', {table} {row}' if table else ''}: {what}")[1:-1])
    print(f"{len(links)} entries, {len(found)} faults; head {links[-1] if links else None}")
    sys.exit(3 if found else 0)
