"""The reports: nouns, each one idea, with its COLUMNS and a DataFrame.

REPORTS says which there are without loading any: a report's module, and pandas with it, comes
when the report is asked for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

#: The filters that every report takes; `ledger.reports.filters.Filters` tells what each means.
FILTERS = (
    "event",
    "proposition",
    "source",
    "side",
    "stance",
    "status",
    "first",
    "last",
    "contested",
)


@dataclass(frozen=True, slots=True)
class Option:
    """What may be asked of one report alone.

    A flag, unless `words` says which words are allowed (the first is the default unless `required`
    or `default` says else), or `kind` that it takes free text (`text`), a number
    (`whole`), or what is held of an earlier report (`since`, as `ledger.reports.since.Since`).
    """

    name: str
    meaning: str
    words: tuple[str, ...] = ()
    kind: str = "flag"
    default: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Where a report lives and what it tells, in one line.

    `needs_today`: it reckons days up to a `today` that the caller gives. `parts` prefixes the
    names of its column tables, where a module holds two reports. Of the columns that a table shows
    the first `grouped` say only what the row above does not; `nothing` is said where there is no
    row and no filter. A `tree` is drawn as one on a screen. `options` are handed to its
    function. `variants` are reports of other columns that a flag turns it into, such as
    `versus --long`; a variant takes the options of its report too if it names them. Of a `plain`
    one the module has `rows` and KINDS beside the function: SQL sums it up, and pandas need not
    load for it; of a `bundled` one `bundles`, which gives its frame part by part.
    `chooses` names what the filters choose.
    """

    name: str
    module: str
    function: str
    meaning: str
    needs_today: bool = False
    parts: str = ""
    grouped: int = 0
    tree: bool = False
    nothing: str = "nothing to report: the ledger holds nothing of the kind yet"
    options: tuple[Option, ...] = ()
    variants: "Mapping[str, Report]" = field(default_factory=dict)
    plain: bool = False
    bundled: bool = False
    chooses: str = "propositions"

    def answer(
        self, connection: "sa.Connection", **given: Any
    ) -> "tuple[Iterable[tuple[Any, ...]], Mapping[str, str]]":
        """Its rows as plain Python values, and the kinds of its columns; `given` as for `frame`.

        The rows may be read from `connection` while they are taken.
        """
        if self.plain:
            module = import_module(self.module)
            return module.rows(connection, **given), module.KINDS
        if self.bundled:
            frames = import_module(self.module).bundles(connection, **given)
            first = next(frames)
            return chain.from_iterable(map(self.rows, chain([first], frames))), self.kinds(first)
        frame = self.frame(connection, **given)
        return self.rows(frame), self.kinds(frame)

    def frame(self, connection: "sa.Connection", **given: Any) -> "pd.DataFrame":
        """The report's frame; `given` are filters, and `today` where it needs one."""
        found: pd.DataFrame = getattr(import_module(self.module), self.function)(
            connection, **given
        )
        return found

    def rows(self, frame: "pd.DataFrame") -> "Iterator[tuple[Any, ...]]":
        """The rows of its frame as plain values: None, bool, int, float, str, aware datetime."""
        from ledger.reports.frames import plain_rows

        return plain_rows(frame)

    def kinds(self, frame: "pd.DataFrame") -> dict[str, str]:
        """What its frame's columns hold that hold no text, as `ledger.formats` names it."""
        words = {"i": "whole", "f": "real", "b": "flag", "M": "moment"}
        kinds = zip(frame.columns, (words.get(dtype.kind) for dtype in frame.dtypes), strict=True)
        return {name: kind for name, kind in kinds if kind}

    @property
    def columns(self) -> "Mapping[str, str]":
        """Its columns in order: name → meaning, with the unit."""
        return self._table("COLUMNS")

    @property
    def brief(self) -> "Mapping[str, str]":
        """The columns that a table on a screen shows: name → heading."""
        return self._table("BRIEF")

    @property
    def narrow(self) -> "Mapping[str, str]":
        """What a table shows instead on a screen that `brief` does not fit; empty: the same."""
        found: Mapping[str, str] = getattr(import_module(self.module), self.parts + "NARROW", {})
        return found

    def _table(self, which: str) -> "Mapping[str, str]":
        found: Mapping[str, str] = getattr(import_module(self.module), self.parts + which)
        return found


REPORTS: dict[str, Report] = {
    report.name: report
    for report in (
        Report(
            "versus",
            "ledger.reports.versus",
            "versus",
            "Each proposition: who affirms, who denies and who withholds, side by side.",
            variants={
                "long": Report(
                    "long",
                    "ledger.reports.held",
                    "held",
                    "One row a position instead: each source's words, and what they rest on; the "
                    "filters choose positions.",
                    grouped=2,
                ),
            },
        ),
        Report(
            "counts",
            "ledger.reports.counts",
            "counts",
            "Each count: every figure claimed, what one would make of them, and who conflicts.",
            options=(
                Option(
                    "policy",
                    "The rule that makes one estimate of the figures; docs/reports.md tells each.",
                    words=(
                        "widest",
                        "lowest",
                        "highest",
                        "median",
                        "mode",
                        "most-reliable",
                        "latest",
                    ),
                ),
                Option("without_denied", "Take what is denied out of the estimate."),
            ),
            variants={
                "compare": Report(
                    "compare",
                    "ledger.reports.comparing",
                    "compare",
                    "Every policy's estimate side by side, to see what hangs on the choice.",
                    parts="COMPARE_",
                    options=(Option("without_denied", "Take what is denied out of each."),),
                ),
                "conflicts": Report(
                    "conflicts",
                    "ledger.reports.comparing",
                    "pairs",
                    "The figures that cannot both be right, pair by pair.",
                    parts="PAIRS_",
                    grouped=1,
                    nothing="no two figures conflict",
                ),
            },
        ),
        Report(
            "status",
            "ledger.reports.status",
            "status",
            "The work queue: the claims that wait for a judgement, most contested first.",
            needs_today=True,
            chooses="claims",
            nothing="nothing waits for a judgement",
            options=(
                Option(
                    "order",
                    "The most contested first, the longest waiting, the longest untouched, or "
                    "what nobody has looked at.",
                    words=("contested", "oldest", "untouched", "unreviewed"),
                ),
                Option("by", "Only what this analyst touched last.", kind="text"),
                Option("days", "Only what has waited so many days or more.", kind="whole"),
            ),
        ),
        Report(
            "positions",
            "ledger.reports.positions",
            "positions",
            "Each source's stance over time on each proposition, and where it changed sides.",
            grouped=2,
            bundled=True,
            chooses="positions",
            variants={
                "shifts": Report(
                    "shifts",
                    "ledger.reports.positions",
                    "shifts",
                    "Only the changes of side, newest first.",
                    parts="SHIFTS_",
                    nothing="nobody has changed sides on anything",
                )
            },
        ),
        Report(
            "timeline",
            "ledger.reports.timeline",
            "timeline",
            "What was said when, in order and by side; a month is not its first day.",
            grouped=2,
            chooses="claims",
        ),
        Report(
            "origins",
            "ledger.reports.lineage",
            "lineage",
            "Who has it from whom: the claims on each proposition as a tree, and how many "
            "independent origins they are.",
            tree=True,
            bundled=True,
        ),
        Report(
            "changes",
            "ledger.reports.changes",
            "changes",
            "What is new since the last report: claims, shifts, statuses, findings, and all else.",
            grouped=1,
            chooses="changes",
            nothing="nothing was recorded since then",
            options=(
                Option(
                    "since",
                    "What is known: up to before a date, or to an entry, a head that was printed "
                    "(its first digits do), or a checkpoint FILE.",
                    kind="since",
                    required=True,
                ),
            ),
        ),
        Report(
            "totals",
            "ledger.reports.status",
            "status_totals",
            "How the statuses stand: claims by status, with four other schemes' words for it.",
            parts="TOTALS_",
            chooses="claims",
        ),
        Report(
            "sources",
            "ledger.reports.sources",
            "sources",
            "Each source's record: what it said, what became of it, whether its grade fits.",
            plain=True,
            chooses="sources",
        ),
        Report(
            "agreement",
            "ledger.reports.agreement",
            "agreement",
            "How much the reports of one thing differ, and so hang on how they are summed up.",
            options=(
                Option(
                    "by",
                    "What a row is of; side and kind are the source's.",
                    words=("all", "event", "proposition", "side", "kind"),
                ),
                Option(
                    "each",
                    "What one report is: what a source holds, each claim, or each origin.",
                    words=("position", "claim", "origin"),
                ),
            ),
            plain=True,
            chooses="reports",
        ),
    )
}
