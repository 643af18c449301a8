"""The files of tests/input/cases.py through other importers: what is let through, what is named.

    python benchmarks/awkward.py [--peers VENV]

VENV is a virtual environment with sqlite-utils, csvkit and frictionless; without it, and without
the sqlite3 shell, those rows are left out. A file that is amiss is let through where a program
takes it without a word. Of those refused the place counts as named where what was said holds the
line or row (either way of counting), and the column's name or number. Prints a Markdown table.
"""

import argparse
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ledger import migrate  # noqa: E402
from ledger.errors import BadFileError, LedgerError  # noqa: E402
from ledger.exchange.importing import import_stream  # noqa: E402
from ledger.store import open_store  # noqa: E402
from tests.input.cases import CASES, HEADER, Case  # noqa: E402

#: Whether a file was taken without a word, and what was said.
Outcome = tuple[bool, str]

COLUMNS = HEADER.split(",")
SCHEMA = {
    "fields": [
        {"name": "claim", "type": "integer"},
        {"name": "proposition", "type": "string", "constraints": {"required": True}},
        {"name": "source", "type": "string", "constraints": {"required": True}},
        {"name": "stance", "type": "string", "constraints": {"required": True, "enum": [
            "asserts", "concedes", "denies", "disputes", "retracts"]}},
        {"name": "low", "type": "integer", "constraints": {"minimum": 0}},
        {"name": "quote", "type": "string"},
        {"name": "stated_on", "type": "date"},
        {"name": "note", "type": "string"},
        {"name": "proposition_text", "type": "string"},
        {"name": "kind", "type": "string", "constraints": {"enum": ["count", "fact"]}},
        {"name": "unit", "type": "string"},
    ],
    "primaryKey": ["claim"],
}  # fmt: skip

#: Run by the peers' Python: reads lines of JSON, each a path, and answers each with one.
WORKER = r"""
import contextlib, io, json, sys, traceback
def frictionless_(path):
    from frictionless import Schema, Resource, system
    import os
    with system.use_context(trusted=True):
        report = Resource(path=os.path.basename(path), basepath=os.path.dirname(path),
            schema=Schema.from_descriptor(json.loads(sys.argv[2]))).validate()
    errors = [e for t in report.tasks for e in t.errors]
    places = [(getattr(e, "row_number", ""), getattr(e, "field_name", "")) for e in errors]
    said = "; ".join(f"{e.message} row {r} {f}" for e, (r, f) in zip(errors, places))
    said += "; ".join(e.message for e in report.errors)
    return report.valid, said
def sqlite_utils_(path):
    from click.testing import CliRunner
    from sqlite_utils.cli import cli
    done = CliRunner().invoke(cli, ["insert", path + ".db", "claims", path, "--csv"])
    return done.exit_code == 0, done.output + str(done.exception or "")
def csvclean_(path):
    from csvkit.utilities.csvclean import CSVClean
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(err):
        try:
            tool = CSVClean(["-a", path], output_file=out, error_file=err)
            tool.run(); code = 0
        except SystemExit as e:
            code = e.code
    return not code and not err.getvalue(), err.getvalue()
run = globals()[sys.argv[1].replace("-", "_") + "_"]
for line in sys.stdin:
    stdout = sys.stdout
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            taken, said = run(json.loads(line))
    except BaseException as e:
        taken, said = False, f"{type(e).__name__}: {e}"
    print(json.dumps([taken, said[:5000]]), file=stdout, flush=True)
"""


def ours(folder: Path) -> Callable[[Path], Outcome]:
    """The importer of this program, on an empty ledger each time."""
    empty = folder / "empty.db"
    migrate.create(open_store(empty))

    def run(path: Path) -> Outcome:
        store = open_store(shutil.copy(empty, folder / "one.db"))
        try:
            data = io.BytesIO(path.read_bytes())
            import_stream(store, data, "f.csv", recorded_by="maria", message="m")
        except BadFileError as error:
            rows = [f"line {row.line}, {row.problem}" for row in error.rows]
            return False, "; ".join([error.message, *rows])
        except LedgerError as error:
            return False, error.message
        return True, ""

    return run


def shell(path: Path) -> Outcome:
    """The sqlite3 shell's .import."""
    done = subprocess.run(
        ["sqlite3", ":memory:", ".mode csv", f".import {path} claims"],
        capture_output=True,
        check=False,
    )
    said = (done.stdout + done.stderr).decode(errors="replace")
    return done.returncode == 0 and not said, said


def peer(python: Path, name: str) -> Callable[[Path], Outcome]:
    """A program of the peers' environment, started once."""
    process = subprocess.Popen(
        [python, "-c", WORKER, name, json.dumps(SCHEMA)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def run(path: Path) -> Outcome:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(str(path)) + "\n")
        process.stdin.flush()
        taken, said = json.loads(process.stdout.readline())
        return taken, said

    return run


def named(case: Case, said: str) -> tuple[bool, bool]:
    """Whether the line of a case was said, and its column."""
    line = case.line or 0
    lines = any(re.search(rf"(?<!\d){each}(?!\d)", said) for each in {line, max(line - 1, 1)})
    column = case.column
    if column in ("", "row", "header"):
        return lines, True
    at = COLUMNS.index(column) + 1 if column in COLUMNS else 0
    return lines, column in said or (at > 0 and f'position "{at}"' in said)


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path)
    peers = parser.parse_args().peers
    amiss = [case for case in CASES if not case.legitimate]
    placed = [case for case in amiss if case.line is not None]
    sound = [case for case in CASES if case.legitimate]
    print(
        f"{len(CASES)} files: {len(amiss)} amiss, {len(placed)} of them at a line;"
        f" {len(sound)} legitimate\n"
    )
    print("| importer | let through | line named | line and column named | legitimate refused |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = {"`ledger import`": ours(folder)}
        if shutil.which("sqlite3"):
            programs["`sqlite3 .import`"] = shell
        if peers:
            python = peers / "bin" / "python"
            programs["`sqlite-utils insert --csv`"] = peer(python, "sqlite-utils")
            programs["`csvclean -a`"] = peer(python, "csvclean")
            programs["Frictionless, with a schema"] = peer(python, "frictionless")
        for program, run in programs.items():
            told: dict[str, Outcome] = {}
            for number, case in enumerate(CASES):
                path = folder / f"{number}.csv"
                path.write_bytes(case.data)
                told[case.name] = run(path)
                path.unlink()
            through = sum(told[case.name][0] for case in amiss)
            places = [named(case, told[case.name][1]) for case in placed if not told[case.name][0]]
            refused = sum(not told[case.name][0] for case in sound)
            print(
                f"| {program} | {through} of {len(amiss)} | {sum(line for line, _ in places)} of"
                f" {len(placed)} | {sum(all(both) for both in places)} of {len(placed)} |"
                f" {refused} of {len(sound)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
