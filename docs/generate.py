"""Writes the pages of docs/ that are the code's own words; --check says which are out of date.

python docs/generate.py           write them
python docs/generate.py --check   exit 1 if any differs from what the code says
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from ledger import model, reports, views, wording
from ledger.checks import CHECKS
from ledger.checks.finding import Check
from ledger.cli import COMMANDS, cli
from ledger.exchange import claimreview, descriptor, tables
from ledger.exchange.cells import Cell
from ledger.reports.policies import POLICIES

HERE = Path(__file__).parent
MADE = "<!-- Written by docs/generate.py from the code; change it there. -->\n"


def cell(text: object) -> str:
    return "–" if text is None else str(text).replace("|", "\\|")


def table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [" | ".join(headings)]
    lines.append(" | ".join("---" for _ in lines[0].split(" | ")))
    lines += [" | ".join(cell(value) for value in row) for row in rows]
    return "".join(f"| {line} |\n" for line in lines)


def words_page() -> Iterator[str]:
    yield "# The words\n\nThe vocabularies, as the reference tables and the program hold them.\n"
    yield "\n## Stances\n\nTable `stance`.\n\n"
    yield table(
        ("stance", "side", "the source", "example"),
        ((f"`{s.code}`", s.side, s.meaning, s.example) for s in model.STANCES),
    )
    yield "\n## Verification status of a claim\n\nTable `status`, with its counterparts in the "
    yield "Admiralty credibility scale, Airwars' grades, AVeriTeC and rumour research.\n\n"
    yield table(
        ("status", "meaning", "admiralty", "airwars", "averitec", "rumour"),
        (
            (f"`{s.code}`", s.meaning, s.admiralty, s.airwars, s.averitec, s.rumour)
            for s in model.STATUSES
        ),
    )
    for title, values in (
        ("Verdicts on a proposition", model.Verdict),
        ("Kinds of proposition", model.Kind),
        ("Kinds of source", model.SourceKind),
        ("Basis: how a source knows", model.Basis),
        ("Attribution: how plainly the speaker is named", model.Attribution),
        ("Precision of a date", model.Precision),
        ("Reliability of a source (Admiralty)", model.RELIABILITIES),
    ):
        yield f"\n## {title}\n\n{', '.join(f'`{value}`' for value in values)}\n"


def wording_page() -> Iterator[str]:
    yield "# What number words mean\n\nThe one table of conventions by which `--wording` becomes "
    yield "a range. `--low` and `--high` always come first; what no row covers stays open and is "
    yield "said to. The words themselves are kept with the claim.\n\nWhat can be read in two ways "
    yield "is not read at all: “20 to 30,000” may begin at twenty thousand, “one to two hundred” "
    yield "at a hundred, and “10 100” may be two figures.\n\n"
    yield table(
        ("words", "meaning", "example", "gives"),
        (
            (", ".join(c.words), c.meaning, c.example, wording.parse(c.example))
            for c in wording.CONVENTIONS
        ),
    )
    yield "\n## Words that are a range of their own\n\n"
    yield table(("words", "gives"), wording.vague_words())


def views_page() -> Iterator[str]:
    yield "# The public views\n\nThe stable interface for SQL, CSV and other tools. "
    yield "`ledger sql --schema` prints the same.\n"
    for view in views.SQLITE_VIEWS:
        yield f"\n## {view.name}\n\n{view.meaning}\n\n"
        yield table(("column", "meaning"), ((f"`{c}`", m) for c, m in view.columns.items()))


def reports_page() -> Iterator[str]:
    yield "# The reports\n\nEach is one question, a row per what it says, and the same columns in "
    yield "every format.\n"
    for report in reports.REPORTS.values():
        yield from report_section(report, report.name)
        if report.name == "counts":
            yield from policies_section()
        for flag, variant in report.variants.items():
            yield from report_section(variant, f"{report.name} --{flag}")


def report_section(report: reports.Report, title: str) -> Iterator[str]:
    yield f"\n## {title}\n\n{report.meaning}\n\n"
    if report.options:
        yield table(
            ("option", "meaning"),
            (
                (f"`--{o.name.replace('_', '-')}`", f"{o.meaning} {words_of(o)}".strip())
                for o in report.options
            ),
        )
        yield "\n"
    yield table(("column", "meaning"), ((f"`{c}`", m) for c, m in report.columns.items()))


def policies_section() -> Iterator[str]:
    yield "\n### The policies\n\nEach takes one figure from an independent origin, the newest that "
    yield "it gives; an end that is open below is 0. None is right: `--compare` shows what hangs "
    yield "on the choice.\n\n"
    yield table(
        ("policy", "takes", "whose rule it is"),
        ((f"`{p.name}`", p.meaning, p.source) for p in POLICIES.values()),
    )


def words_of(option: reports.Option) -> str:
    return f"One of {', '.join(f'`{word}`' for word in option.words)}." if option.words else ""


def files_page() -> Iterator[str]:
    yield "# Files\n\nWhat `ledger export` writes and `ledger import` takes: UTF-8 CSV by RFC 4180"
    yield ", with a header, lines that end in LF (any line end is taken). `ledger export -o FILE` "
    yield "writes claims.csv in its wide form, every column below; `ledger export FOLDER` writes "
    yield "each table into a file of its own, and `seeds/` is such a folder. Only the required "
    yield "columns must be there, in any order. `claim`, `answers` and `repeats` hold the file's "
    yield "own numbers.\n\nA cell that a spreadsheet would run as a formula is led by an "
    yield "apostrophe, which import takes off again; `--raw` writes and reads the exact text.\n\n"
    yield "Imported into an empty ledger, a file or folder of such tables gives equal rows: every "
    yield "public view holds the same, numbers included, but for who recorded it and when, and the "
    yield "journal's entries (a package keeps those too, see below). The one file also leaves out "
    yield "attached texts, grounds, accepted findings and every assessment but a claim's last, and "
    yield "of sources that were merged it keeps the names alone, so that later numbers close up; "
    yield "`ledger export` says so where it happens. What no claim describes has a row without a "
    yield "stance: before the claims where it must come first to keep its number, else after.\n"
    yield from package_section()
    for each in tables.TABLES:
        cells = {c.name: c for s in each.subjects for c in s.columns}
        cells |= {c.name: c for c in each.own}
        yield f"\n## {each.file}\n\n"
        yield table(
            ("column", "cell", ""),
            (
                (
                    f"`{name}`",
                    cells[name].cell if name in cells else Cell.TEXT,
                    "required"
                    if name in each.required
                    else "written where needed"
                    if name in each.sparing
                    else "",
                )
                for name in each.columns
            ),
        )
    yield from standards_section()


def package_section() -> Iterator[str]:
    yield "\n## The package\n\n`ledger export FOLDER` makes the folder a [Frictionless Data "
    yield "Package](https://datapackage.org/) (v2, readable as v1), with all that the ledger holds:"
    yield "\n\n"
    yield table(
        ("file", "holds"),
        (
            (f"`{descriptor.FILE}`", ("a schema for each table: types, constraints, keys, the "
             "vocabularies as categories; bytes and SHA-256 of each file. Name, licence and day of "
             "making are those given with `--name`, `--license`, `--created`; none is made up.")),
            ("`claims.csv`, `sources.csv` …", ("what the ledger says now, by names: the tables "
             "below. An assessment of a claim is in `assessments.csv`, its text in `texts/`.")),
            (f"`{descriptor.HISTORY}/{descriptor.ENTRIES}.csv`", ("every entry of the journal: "
             "number, time, analyst, message and hashes.")),
            (f"`{descriptor.HISTORY}/claim.csv` …", ("every version of every row of the stored "
             "tables (see [the hash](hash.md)), by numbers, with the entry that wrote it; in the "
             "order of entries, then numbers. `text_file` stands for a document's text.")),
        ),
    )  # fmt: skip
    yield "\nIn its property `claimLedger` the descriptor says the head, how many entries there "
    yield "are and whether cells are `disarmed` or `raw`.\n\n"
    yield "`ledger import FOLDER` of a package\n\n"
    yield "- into an **empty** ledger records its history again: the same entries by the same "
    yield "analysts at the same times, each held against its hash, to the same head. What differs "
    yield "is refused, with the entry's number, and nothing is kept. So is a package of which a "
    yield "file was changed: to import edited tables, take `datapackage.json` away.\n"
    yield "- into a ledger that **holds something** is an import of its tables like any other: one "
    yield "entry, by you, now; what is there already is not added again.\n\n"
    yield "`--no-history` leaves the history out, for whoever may have the claims but not who "
    yield "recorded what and when; into an empty ledger that gives equal rows and another head. "
    yield "`--as-of` makes the package of an earlier day, with the head of that day.\n"


def standards_section() -> Iterator[str]:
    yield "\n## Other standards\n\nEach says on standard error what it could not carry.\n\n### "
    yield "ClaimReview\n\n`ledger export -f claimreview --publisher NAME --url PAGE -o FILE.json` "
    yield "writes [schema.org ClaimReview](https://schema.org/ClaimReview) in JSON-LD, with what "
    yield "Google requires and recommends: one review for each claim that affirms a settled "
    yield "proposition, at `PAGE#claim-N`. Open propositions, and claims that deny or withhold, "
    yield "are left out and counted. The rating is the claim's status, from 1 (worst) to 5 "
    yield "(best): Admiralty credibility turned round.\n\n"
    yield table(("status", "ratingValue"), ((f"`{s}`", r) for s, r in claimreview.scale()))
    yield "\n`ledger import FILE.json` reads ClaimReview, ours and others': one, a list, a "
    yield "`@graph` or a `DataFeed`. A review becomes a fact that is in question, a claim by the "
    yield "author of what is reviewed, and the document in which it appeared (or, where none is "
    yield "named, the review itself, whose author relays it). A rating in our words, or plainly "
    yield "true, false, fake or unproven, becomes the claim's status; any other is kept in its "
    yield "note, since nobody else's scale is ours. Verdicts are not set: they are yours.\n\n### "
    yield "STIX\n\n`ledger export -f stix -o FILE.json` writes a STIX 2.1 bundle (`pip install "
    yield '"claim-ledger[stix]"`): sources and analysts as Identity, propositions as Report, '
    yield "claims as Note, findings as Opinion. A note's confidence is the Admiralty credibility "
    yield "of its claim's status by the scale of STIX 2.1, appendix A (1 is 90, 2 is 70, 3 is 50, "
    yield "4 is 30, 5 is 10; none where it cannot be judged). Ids are made of the ledger's first "
    yield "hash and what they name: two exports are equal, and ids stay as the ledger "
    yield "grows.\n\n### Parquet\n\n`ledger export -f parquet FOLDER` writes the view `claims` "
    yield "event by event, as `event=SLUG/part-0.parquet` (of no event: "
    yield "`event=__HIVE_DEFAULT_PARTITION__`), which pyarrow, DuckDB and Spark read as one "
    yield "table.\n"


def cli_page() -> Iterator[str]:
    yield "# The command line\n\nEvery help page, as `--help` prints it.\n"
    top = click.Context(cli, info_name="ledger")
    yield from help_of(top)
    for commands in COMMANDS.values():
        for name in commands:
            command = cli.get_command(top, name)
            assert command is not None
            context = click.Context(command, info_name=name, parent=top)
            yield from help_of(context)
            if isinstance(command, click.Group):
                for child in command.list_commands(context):
                    found = command.get_command(context, child)
                    assert found is not None
                    yield from help_of(click.Context(found, info_name=child, parent=context))


def help_of(context: click.Context) -> Iterator[str]:
    yield f"\n## {context.command_path}\n\n```text\n"
    context.terminal_width = context.max_content_width = 100
    yield "\n".join(line.rstrip() for line in context.get_help().splitlines())
    yield "\n```\n"


def checks_page() -> Iterator[str]:
    yield "# The checks\n\nWhat `ledger check` looks at; `ledger check --list` prints the same. "
    yield "A **fault** cannot be right, a **doubt** may be wrong, a **hint** is what was left out. "
    yield "A finding that is as it should be is accepted, with a reason that the ledger keeps: "
    yield "`ledger check accept CHECK SUBJECT --because …`. It is accepted while it reads as it "
    yield "did: when the row comes to say something else, or the check finds something else on it, "
    yield "it is open again. `ledger check reopen` takes an acceptance back; the view "
    yield "`acceptances` holds them all.\n\n"
    yield table(
        ("check", "", "on", "finds", "why"),
        (
            (f"`{c.name}`", c.severity, ", ".join(c.tables), doc_of(c), c.why)
            for c in CHECKS.values()
        ),
    )


def doc_of(check: Check) -> str:
    return " ".join((check.look.__doc__ or "").split())


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "words.md": words_page,
    "wording.md": wording_page,
    "views.md": views_page,
    "reports.md": reports_page,
    "files.md": files_page,
    "checks.md": checks_page,
    "cli.md": cli_page,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for name, page in PAGES.items():
        text = MADE + "".join(page())
        path = HERE / name
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"out of date: {', '.join(stale)}; run python docs/generate.py\n")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
