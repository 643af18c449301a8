"""Describes a folder of tables as a Frictionless Data Package: `datapackage.json`.

Follows Data Package v2 (https://datapackage.org/standard/data-package/): a schema for each table
with types, constraints, keys and, for the vocabularies, categories; bytes and SHA-256 of each file.
What v1 knows by another name is said in a way that both take: a category is also an `enum`, and a
table that refers to itself names itself "". Knows files and columns, and no ledger.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger import model, schema, views
from ledger.canonical import timestamp
from ledger.exchange.cells import OPEN, Cell
from ledger.exchange.gathering import POINTS_TO
from ledger.exchange.tables import Column, Table

#: The descriptor's file in a folder, and the property in which the ledger says its own.
FILE = "datapackage.json"
OWN = "claimLedger"

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

#: Where the history is in a folder, and the table of its entries.
HISTORY = "history"
ENTRIES = "entries"

#: The categories of the columns that hold words of a vocabulary, by stored column.
_CATEGORIES: dict[str, list[dict[str, str]]] = {
    "stance": [{"value": each.code, "label": each.meaning} for each in model.STANCES],
    "status": [{"value": each.code, "label": each.meaning} for each in model.STATUSES],
    **{
        column: [{"value": str(word), "label": str(word)} for word in words]
        for column, words in (
            ("basis", model.Basis),
            ("attribution", model.Attribution),
            ("verdict", model.Verdict),
            ("reliability", model.RELIABILITIES),
            ("stated_precision", model.Precision),
            ("proposition.kind", model.Kind),
            ("source.kind", model.SourceKind),
        )
    },
}

_TYPES: dict[Cell, dict[str, Any]] = {
    Cell.TEXT: {"type": "string"},
    Cell.WHOLE: {"type": "integer", "constraints": {"minimum": 0}},
    Cell.BOUND: {
        "type": "integer",
        "constraints": {"minimum": 0},
        "missingValues": ["", OPEN],
    },
    Cell.DAY: {"type": "date"},
    Cell.STATED: {
        "type": "string",
        "constraints": {"pattern": "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"},
    },
    Cell.MOMENT: {"type": "datetime"},
    Cell.NAMES: {"type": "string"},
}

#: What names a row of each readable table, and the stored table whose rows those are.
_KEYS = {
    "sources": ("name", "source"),
    "events": ("slug", "event"),
    "documents": ("slug", "document"),
    "propositions": ("slug", "proposition"),
    "claims": ("claim", "claim"),
}
_KEY_OF = {stored: (name, key) for name, (key, stored) in _KEYS.items()}

#: The view that tells what the columns of a table mean.
_VIEWS = {view.name: view for view in views.VIEWS}

#: What fields point to, claims among them.
_POINTS_TO = {
    **POINTS_TO,
    **dict.fromkeys(("answers_id", "repeats_id", "claim_id", "on_claim_id", "claim"), "claim"),
}

_CHUNK = 1 << 20
_NO_NAME = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class About:
    """What whoever hands a package on says of it, each left out where it is None.

    `name` is a short one, `license` an Open Definition or SPDX code such as CC-BY-4.0, `created` a
    moment with a zone.
    """

    name: str | None = None
    license: str | None = None
    created: datetime | None = None


def described(
    folder: Path,
    written: Iterable[tuple[Table, Sequence[str]]],
    texts: Iterable[str],
    *,
    about: About,
    own: Mapping[str, Any],
    history: bool,
) -> dict[str, Any]:
    """The descriptor of a folder whose files are written.

    `written` are the readable tables with the columns that they have, `texts` the paths of texts
    in the folder, `own` what a ledger says in its own property.
    """
    readable = [*written]
    there = {table.name for table, _ in readable}
    resources = [
        _resource(folder, table.file, table.name, _readable(table, columns, there))
        for table, columns in readable
    ]
    if history:
        resources.append(_resource(folder, f"{HISTORY}/{ENTRIES}.csv", ENTRIES, _entries()))
        for name in schema.VERSIONED:
            path = f"{HISTORY}/{name}.csv"
            resources.append(_resource(folder, path, f"{name}-versions", _versions(name)))
    for number, path in enumerate(texts, 1):
        resources.append(
            {
                "name": f"text-{number}",
                "path": path,
                "format": "txt",
                "mediatype": "text/plain",
                "encoding": "utf-8",
                **fingerprint(folder / path),
            }
        )
    return {
        "$schema": PROFILE,
        **({"name": plain_name(about.name), "title": about.name} if about.name else {}),
        **({"licenses": [{"name": about.license}]} if about.license else {}),
        **({"created": timestamp(about.created)} if about.created else {}),
        OWN: dict(own),
        "resources": resources,
    }


def plain_name(name: str) -> str:
    """A name as Data Package v1 takes it: small letters, digits, and . _ - between them."""
    return _NO_NAME.sub("-", name.lower()).strip("-") or "ledger"


def fingerprint(file: Path) -> dict[str, Any]:
    """A file's `bytes` and `hash`, as a descriptor has them."""
    digest, size = sha256(), 0
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"bytes": size, "hash": f"sha256:{digest.hexdigest()}"}


def _resource(folder: Path, path: str, name: str, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "path": path,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **fingerprint(folder / path),
        "schema": {"missingValues": [""], **told},
    }


def _readable(table: Table, columns: Sequence[str], there: set[str]) -> dict[str, Any]:
    """The schema of a table that people read: names instead of numbers."""
    cells = {column.name: column for column in table.own}
    subject = table.subjects[0].table if len(table.subjects) == 1 else ""
    for each in table.subjects if subject else ():
        cells[each.name] = Column(each.name, each.name)
        cells |= {column.name: column for column in each.columns}
    key, stored = _KEYS.get(table.name, ("", ""))
    view = _VIEWS.get(table.name)
    fields = [
        _field(
            cells[name].name,
            _TYPES[cells[name].cell],
            _categories(stored or subject, cells[name].field),
            view.columns.get(name, "") if view else "",
            required=name in table.required or name == key,
        )
        for name in columns
    ]
    keys = [
        {
            "fields": [name],
            "reference": {
                "resource": "" if target == table.name else target,
                "fields": [target_key],
            },
        }
        for name in columns
        if (linked := _POINTS_TO.get(cells[name].field)) is not None and name != key
        for target, target_key in (_KEY_OF[linked],)
        if target in there
    ]
    told: dict[str, Any] = {"fields": fields}
    if key:
        told["primaryKey"] = [key]
    if keys:
        told["foreignKeys"] = keys
    return told


def history_columns(table: str) -> list[str]:
    """The columns of a table of versions: the entry, the number, then all that was recorded."""
    own = [column.name for column in schema.VERSIONED[table][0].c]
    rest = [name for name in own if name not in ("id", "entry_id", "leaf")]
    if table == "document":
        rest[rest.index("text")] = "text_file"
    return ["entry_id", "id", *rest]


def _versions(table: str) -> dict[str, Any]:
    stored = schema.VERSIONED[table][0].c
    fields = [
        _field(
            name,
            _TYPES[cell_of(stored[name].type)] if name in stored else {"type": "string"},
            _categories(table, name),
            "",
            required=name in stored and not stored[name].nullable,
        )
        for name in history_columns(table)
    ]
    # The same row stands once for each of its versions: only with its entry has it one place.
    return {
        "fields": fields,
        "primaryKey": ["id", "entry_id"],
        "foreignKeys": [
            {"fields": ["entry_id"], "reference": {"resource": ENTRIES, "fields": ["id"]}}
        ],
    }


def _entries() -> dict[str, Any]:
    meanings = {"id": views.ENTRIES.columns["entry"], **views.ENTRIES.columns}
    fields = [
        _field(
            column.name,
            _TYPES[cell_of(column.type)],
            None,
            meanings.get(column.name, ""),
            required=not column.nullable,
        )
        for column in schema.entry.c
    ]
    return {"fields": fields, "primaryKey": ["id"]}


def cell_of(kind: sa.types.TypeEngine[Any]) -> Cell:
    """What the cells of a stored column are."""
    if isinstance(kind, schema.Moment):
        return Cell.MOMENT
    if isinstance(kind, sa.Date):
        return Cell.DAY
    return Cell.WHOLE if isinstance(kind, sa.Integer) else Cell.TEXT


def _categories(table: str, field: str) -> list[dict[str, str]] | None:
    return _CATEGORIES.get(f"{table}.{field}") or _CATEGORIES.get(field)


def _field(
    name: str,
    told: Mapping[str, Any],
    categories: list[dict[str, str]] | None,
    meaning: str,
    *,
    required: bool,
) -> dict[str, Any]:
    constraints: dict[str, Any] = {**told.get("constraints", {})}
    if categories:
        constraints["enum"] = [each["value"] for each in categories]
    if required:
        constraints["required"] = True
    return {
        "name": name,
        **{key: value for key, value in told.items() if key != "constraints"},
        **({"description": meaning} if meaning else {}),
        **({"categories": categories} if categories else {}),
        **({"constraints": constraints} if constraints else {}),
    }
