"""Writes a ledger as a STIX 2.1 bundle, by the `stix2` library.

Sources and analysts are identities, a proposition is a report, a claim on it a note by its analyst
that quotes its source, a finding an opinion on the report. A note's confidence is its claim's
Admiralty credibility by the scale of STIX 2.1, appendix A; what cannot be judged has none. Ids are
UUIDs (version 5) of what they name in this ledger, so that two exports are equal.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TextIO
from uuid import NAMESPACE_OID, UUID, uuid5

import sqlalchemy as sa

from ledger import schema, views
from ledger.errors import LedgerError
from ledger.exchange.exporting import Exported
from ledger.exchange.uncarried import left_out
from ledger.model import STATUSES, WITHDRAWN, Range, Verdict

#: The scale's own words for each credibility; 6, “cannot be judged”, has no confidence.
_CREDIBILITY = {
    "1": "1 - Confirmed by other sources",
    "2": "2 - Probably True",
    "3": "3 - Possibly True",
    "4": "4 - Doubtful",
    "5": "5 - Improbable",
}
_ADMIRALTY = {each.code: each.admiralty for each in STATUSES}

#: What an analyst who settled a proposition thinks of it (opinion-enum).
_OPINIONS = {
    Verdict.SUPPORTED: "agree",
    Verdict.REFUTED: "disagree",
    Verdict.MIXED: "neutral",
    Verdict.UNPROVABLE: "neutral",
}

#: identity-class-ov, by the kind of source.
_CLASSES = {
    "person": "individual",
    "witness": "individual",
    "unnamed": "individual",
    "organisation": "organization",
    "government": "organization",
    "outlet": "organization",
    "armed-actor": "group",
    None: "unknown",
}

Row = Mapping[str, Any]


def export_stix(connection: sa.Connection, stream: TextIO) -> Exported:
    """Write the bundle, its objects in the order of their kinds and numbers.

    Raises LedgerError where the ledger is empty, or the library is missing.
    """
    library = _library()
    first = connection.execute(
        sa.select(schema.entry.c.hash).order_by(schema.entry.c.id).limit(1)
    ).scalar()
    if first is None:
        raise LedgerError("the ledger is empty: there is no bundle to write", "`ledger add`")
    # The first entry's hash tells this ledger from every other, and stays when it grows.
    made = _Maker(connection, library, uuid5(NAMESPACE_OID, first))
    objects = [*made.analysts(), *made.sources(), *made.matters()]
    bundle = library.Bundle(objects=objects, id=made.id("bundle", "ledger"))
    stream.write(bundle.serialize(indent=1, ensure_ascii=False) + "\n")
    return Exported(made.counts, tuple(_notes(connection)))


def _library() -> Any:
    try:
        import stix2
    except ImportError:
        raise LedgerError(
            "stix needs the stix2 library, which is not installed",
            'pip install "claim-ledger[stix]"',
        ) from None
    return stix2


class _Maker:
    """Makes the objects of one ledger; `counts` says how many of each."""

    def __init__(self, connection: sa.Connection, library: Any, namespace: UUID) -> None:
        self._connection = connection
        self._stix = library
        self._namespace = namespace
        self._source_ids = {row["source"]: row["id"] for row in self._rows(views.SOURCES, "id")}
        self._documents = {row["document"]: row for row in self._rows(views.DOCUMENTS, "id")}
        self.counts = dict.fromkeys(("identities", "reports", "notes", "opinions"), 0)

    def id(self, kind: str, name: object) -> str:
        """The id of an object: of a kind, for what is so called here."""
        return f"{kind}--{uuid5(self._namespace, f'{kind}/{name}')}"

    def analysts(self) -> Iterator[Any]:
        """An identity for everybody who recorded."""
        entry = schema.entry
        first = sa.func.min(entry.c.recorded_at, type_=entry.c.recorded_at.type)
        query = sa.select(entry.c.recorded_by, first).group_by(entry.c.recorded_by)
        for name, moment in self._connection.execute(query.order_by(entry.c.recorded_by)):
            yield self._identity(self._analyst(name), name, "individual", moment, moment)

    def sources(self) -> Iterator[Any]:
        """An identity for every source; its reliability and side as labels."""
        recorded = self._recorded("source")
        for row in self._rows(views.SOURCES, "id"):
            labels = [
                f"{what}:{row[column]}"
                for what, column in (("admiralty-reliability", "reliability"), ("side", "side"))
                if row[column] is not None
            ]
            told = {"description": row["note"], "labels": labels or None}
            kind = _CLASSES[row["kind"]]
            yield self._identity(
                self._source(row["source"]), row["source"], kind, *recorded[row["id"]], **told
            )

    def matters(self) -> Iterator[Any]:
        """Each proposition as a report, with the notes of its claims and the opinion on it."""
        claims: dict[str, list[Row]] = {}
        for row in self._rows(views.CLAIMS, "claim"):
            if row["status"] != WITHDRAWN:
                claims.setdefault(row["proposition"], []).append(row)
        recorded, noted = self._recorded("proposition"), self._recorded("claim")
        for row in self._rows(views.PROPOSITIONS, "id"):
            report = self.id("report", row["id"])
            created, modified = recorded[row["id"]]
            notes = [
                self._note(claim, report, *noted[claim["claim"]])
                for claim in claims.get(row["proposition"], ())
            ]
            opinions = [] if row["verdict"] == Verdict.OPEN else [self._opinion(row, report)]
            analyst = self._analyst(row["recorded_by"])
            within = [each.id for each in (*notes, *opinions)]
            self.counts["reports"] += 1
            yield self._stix.Report(
                id=report,
                created_by_ref=analyst,
                created=created,
                modified=modified,
                published=created,
                name=row["text"],
                description=_unless_empty(row["unit"], row["population"], row["note"]),
                labels=None if row["event"] is None else [f"event:{row['event']}"],
                object_refs=within or [analyst],
            )
            yield from (*notes, *opinions)

    def _note(self, claim: Row, report: str, created: datetime, modified: datetime) -> Any:
        self.counts["notes"] += 1
        document = self._documents.get(claim["document"])
        return self._stix.Note(
            id=self.id("note", claim["claim"]),
            created_by_ref=self._analyst(claim["recorded_by"]),
            created=created,
            modified=modified,
            abstract=f"{claim['source']} {claim['stance']}",
            content=_said(claim),
            authors=[claim["source"]],
            confidence=_confidence(claim["status"]),
            labels=[f"stance:{claim['stance']}", f"status:{claim['status']}"],
            external_references=_references(document),
            object_refs=[report, self._source(claim["source"])],
        )

    def _opinion(self, row: Row, report: str) -> Any:
        self.counts["opinions"] += 1
        found = "" if row["finding_low"] is None and row["finding_high"] is None else (
            f" ({Range(row['finding_low'], row['finding_high'])})"
        )  # fmt: skip
        moment = _moment(row["recorded_at"])
        return self._stix.Opinion(
            id=self.id("opinion", row["id"]),
            created_by_ref=self._analyst(row["recorded_by"]),
            created=moment,
            modified=moment,
            explanation=f"{row['verdict']}{found}: {row['because']}",
            authors=[row["recorded_by"]],
            opinion=_OPINIONS[row["verdict"]],
            object_refs=[report],
        )

    def _identity(
        self, number: str, name: str, kind: str, created: Any, modified: Any, **more: Any
    ) -> Any:
        self.counts["identities"] += 1
        return self._stix.Identity(
            id=number,
            created=created,
            modified=modified,
            name=name,
            identity_class=kind,
            **{key: value for key, value in more.items() if value is not None},
        )

    def _analyst(self, name: str) -> str:
        return self.id("identity", f"analyst/{name}")

    def _source(self, name: str) -> str:
        return self.id("identity", f"source/{self._source_ids.get(name, name)}")

    def _rows(self, view: views.View, key: str) -> list[Row]:
        table = view.table
        rows = self._connection.execute(sa.select(table).order_by(table.c[key])).mappings()
        return [dict(row) for row in rows]

    def _recorded(self, name: str) -> dict[int, tuple[datetime, datetime]]:
        """When each row of a table was first recorded, and last."""
        now, then = schema.VERSIONED[name]
        both = sa.union_all(*(sa.select(table.c.id, table.c.entry_id) for table in (now, then)))
        version = both.subquery()
        first, last = schema.entry.alias(), schema.entry.alias()
        ends = (
            sa.select(
                version.c.id,
                sa.func.min(version.c.entry_id).label("first"),
                sa.func.max(version.c.entry_id).label("last"),
            )
            .group_by(version.c.id)
            .subquery()
        )
        query = (
            sa.select(ends.c.id, first.c.recorded_at, last.c.recorded_at)
            .join(first, first.c.id == ends.c.first)
            .join(last, last.c.id == ends.c.last)
            .order_by(ends.c.id)
        )
        return {number: (one, two) for number, one, two in self._connection.execute(query)}


def _said(claim: Row) -> str:
    """The claim in words: who, stance, what, how many, and the words quoted."""
    counted = claim["low"] is not None or claim["high"] is not None
    return "".join(
        (
            f"{claim['source']} {claim['stance']}: {claim['proposition_text']}",
            f" [{Range(claim['low'], claim['high'])}]" if counted else "",
            f" “{claim['quote']}”" if claim["quote"] else "",
            f" (said {claim['stated_on']})" if claim["stated_on"] else "",
            f"; {claim['status']}: {claim['because']}" if claim["because"] else "",
        )
    )


def _confidence(status: str) -> int | None:
    from stix2.confidence.scales import admiralty_credibility_to_value

    grade = _CREDIBILITY.get(_ADMIRALTY.get(status) or "")
    return None if grade is None else int(admiralty_credibility_to_value(grade))


def _references(document: Row | None) -> list[dict[str, str]] | None:
    if document is None:
        return None
    told = {"source_name": document["title"], "url": document["url"]}
    if told["url"] is None:
        told = {"source_name": document["title"], "external_id": document["document"]}
    return [told]


def _unless_empty(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None


def _moment(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _notes(connection: sa.Connection) -> list[str]:
    """What a bundle has no place for."""

    def count(query: sa.Select[Any]) -> int:
        return int(connection.execute(query).scalar_one())

    def rows(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return count(sa.select(sa.func.count()).select_from(table).where(*where))

    claim = schema.claim
    linked = sa.or_(claim.c.answers_id.is_not(None), claim.c.repeats_id.is_not(None))
    return left_out(
        (rows(claim, claim.c.status == WITHDRAWN), "withdrawn claim", ""),
        (rows(claim, linked), "link between claims", "the claims themselves are there"),
        (rows(schema.document, schema.document.c.text.is_not(None)), "attached text", ""),
        (rows(schema.evidence), "ground", ""),
        (rows(schema.acceptance), "accepted finding", ""),
        (rows(schema.receipt), "receipt", "`ledger export FOLDER` keeps them"),
        (rows(schema.claim_history), "earlier version", "`ledger export FOLDER` keeps them"),
    )
