"""`ledger sql`, by the line, the file and the prompt."""

import csv
import io
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from click.testing import CliRunner, Result
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from ledger import journal
from ledger.cli import cli
from ledger.cli.sql_prompt import Names, history_path, is_whole
from ledger.query import Known
from ledger.sqlwords import FUNCTIONS, RELATIONS
from ledger.store import Store
from tests.build import NOON, a_claim
from tests.places import address, contents

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "


@pytest.fixture
def told(store: Store) -> Store:
    """A ledger of two entries: the ministry asserts, then the Kremlin denies."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, quote="They came, “all” of them")
    with journal.entry(store, recorded_by="omar", recorded_at=NOON) as draft:
        a_claim(draft, source="Kremlin", stance="denies")
    return store


def sql(store: Store, *arguments: str, typed: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["--db", address(store), "sql", *arguments], input=typed)


def test_a_statement_is_answered_in_every_format(told: Store) -> None:
    asked = "SELECT claim, source, via FROM claims"
    assert "Kremlin" in sql(told, asked).stdout
    assert list(csv.reader(io.StringIO(sql(told, asked, "-f", "csv").stdout))) == [
        ["claim", "source", "via"],
        ["1", "Ministry", ""],
        ["2", "Kremlin", ""],
    ]
    rows = [
        {"claim": 1, "source": "Ministry", "via": None},
        {"claim": 2, "source": "Kremlin", "via": None},
    ]
    assert json.loads(sql(told, asked, "-f", "json").stdout) == rows
    lines = sql(told, asked, "-f", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert "| 2 | Kremlin |  |" in sql(told, asked, "-f", "md").stdout


@pytest.mark.sqlite("statements in SQLite's own SQL; of a server see tests/sql")
def test_an_answer_without_rows_keeps_its_columns(told: Store) -> None:
    asked = "SELECT source FROM claims WHERE 1 = 0"
    assert sql(told, asked).stdout == ""
    assert sql(told, asked).stderr == "no rows\n"
    assert sql(told, asked, "-f", "csv").stdout == "source\n"
    assert sql(told, asked, "-f", "json").stdout == "[]\n"


def test_the_statement_may_come_from_a_file_or_standard_input(told: Store, tmp_path: Path) -> None:
    file = tmp_path / "asked.sql"
    file.write_bytes("\ufeff-- how many\nSELECT count(*) AS n FROM claims;\n".encode())
    assert sql(told, "-i", str(file), "-f", "csv").stdout == "n\n2\n"
    asked = file.read_bytes()
    assert sql(told, "-", "-f", "csv", typed=asked).stdout == "n\n2\n"
    assert sql(told, "-i", "-", "-f", "csv", typed=asked).stdout == "n\n2\n"


def test_a_file_that_is_no_text_is_refused_with_the_place(told: Store, tmp_path: Path) -> None:
    file = tmp_path / "asked.sql"
    file.write_bytes(b"SELECT '\xff'")
    refused = sql(told, "-i", str(file))
    assert refused.exit_code == 1
    assert "is not UTF-8: see byte 9" in refused.stderr
    missing = sql(told, "-i", str(tmp_path / "none.sql"))
    assert missing.exit_code == 1
    assert "cannot read" in missing.stderr


def test_parameters_are_given_by_name(told: Store) -> None:
    asked = "SELECT claim FROM claims WHERE source = :who AND claim > :n"
    answer = sql(told, asked, "-p", "who", "Kremlin", "-p", "n", "1", "-f", "csv")
    assert answer.stdout == "claim\n2\n"
    missing = sql(told, asked, "-p", "who", "Kremlin")
    assert missing.exit_code == 1
    assert "needs a value for :n" in missing.stderr
    assert "-p n VALUE" in missing.stderr


def test_as_of_an_entry(told: Store) -> None:
    asked = "SELECT source FROM claims"
    assert sql(told, asked, "--as-of", "1", "-f", "csv").stdout == "source\nMinistry\n"


@pytest.mark.sqlite("statements in SQLite's own SQL; of a server see tests/sql")
def test_an_attempt_to_write_is_refused_with_exit_status_1(told: Store) -> None:
    before = contents(told)
    for attempt in ("DELETE FROM claim", "WITH x AS (SELECT 1) DELETE FROM claim"):
        refused = sql(told, attempt)
        assert refused.exit_code == 1
        assert refused.stdout == ""
        assert "only reads" in refused.stderr
        assert "ledger add" in refused.stderr
    assert contents(told) == before


def test_a_wrong_statement_writes_no_file(told: Store, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert sql(told, "SELECT sorce FROM claims", "-o", str(out)).exit_code == 1
    assert not out.exists()
    assert sql(told, "SELECT source FROM claims", "-o", str(out)).exit_code == 0
    assert out.read_text().splitlines() == ["source", "Ministry", "Kremlin"]


def test_columns_of_one_name_lose_no_value(told: Store) -> None:
    asked = "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a"
    assert json.loads(sql(told, asked, "-f", "json").stdout) == [
        {"a": 1, "a_3": 2, "a_2": 3, "a_4": 4}
    ]
    assert sql(told, asked, "-f", "csv").stdout == "a,a,a_2,a\n1,2,3,4\n"
    assert sql(told, asked).stdout.split()[-4:] == ["1", "2", "3", "4"]


def test_hostile_names_of_columns_are_data_too(told: Store) -> None:
    asked = 'SELECT 1 AS "[red]x\x1b[31m", 2 AS "=cmd|x"'
    table = sql(told, asked).stdout
    assert "\x1b" not in table
    assert "[red]x␛[31m" in table
    assert sql(told, asked, "-f", "csv").stdout.splitlines()[0].endswith("'=cmd|x")
    assert "=cmd\\|x" in sql(told, asked, "-f", "md").stdout.splitlines()[0]


@pytest.mark.sqlite("statements in SQLite's own SQL; of a server see tests/sql")
def test_what_json_cannot_say_is_said_as_text(told: Store) -> None:
    asked = {
        "sqlite": "SELECT 9e999 AS a, x'00ff' AS b",
        "postgresql": "SELECT 'inf'::float8 AS a, '\\x00ff'::bytea AS b",
    }[told.dialect]
    answer = sql(told, asked, "-f", "json").stdout
    assert json.loads(answer) == [{"a": "inf", "b": "00ff"}]


def test_rows_are_capped_where_that_is_asked_and_in_a_table(told: Store) -> None:
    asked = NUMBERS + "SELECT i FROM n LIMIT 1200"
    table = sql(told, asked)
    assert table.stdout.split()[-1] == "1000"
    assert "only the first 1,000 rows" in table.stderr
    assert sql(told, asked, "--max-rows", "0").stdout.split()[-1] == "1200"
    assert sql(told, asked, "-f", "csv").stdout.split()[-1] == "1200"
    capped = sql(told, asked, "-f", "csv", "--max-rows", "7")
    assert capped.stdout.split()[-1] == "7"
    assert "only the first 7 rows" in capped.stderr


def test_a_statement_that_takes_too_long_is_stopped(told: Store) -> None:
    stopped = sql(told, NUMBERS + "SELECT count(*) FROM n", "--timeout", "0.2")
    assert stopped.exit_code == 1
    assert "stopped after 0.2 seconds" in stopped.stderr
    assert "--timeout" in stopped.stderr


@pytest.mark.sqlite("statements in SQLite's own SQL; of a server see tests/sql")
def test_an_answer_and_its_memory_have_limits_that_can_be_set(told: Store) -> None:
    asked = NUMBERS + "SELECT format('%1000s', i) AS x FROM n LIMIT 3000"
    large = sql(told, asked, "-f", "csv", "--max-size", "2")
    assert large.exit_code == 1
    assert large.stdout == ""
    assert "larger than 2 MiB" in large.stderr
    assert "--max-size" in large.stderr
    assert sql(told, asked, "-f", "csv", "--max-size", "0").stdout.count("\n") == 3001
    if told.dialect == "postgresql":
        return  # a server sorts on its disk what its memory does not hold
    hungry = "WITH x AS MATERIALIZED (" + asked + ") SELECT count(*) FROM x a, x b ORDER BY a.x"
    stopped = sql(told, hungry, "--max-memory", "1")
    assert stopped.exit_code == 1
    assert "more memory than 1 MiB" in stopped.stderr
    assert "--max-memory" in stopped.stderr


@pytest.mark.sqlite("statements in SQLite's own SQL; of a server see tests/sql")
def test_a_cell_that_no_screen_holds_is_cut_and_says_so(told: Store) -> None:
    asked = "SELECT replace(format('%300000s', 0), ' ', 'an é ') AS long"
    table = sql(told, asked)
    assert "… (1,499,996 characters; other formats have all)" in " ".join(table.stdout.split())
    assert len(table.stdout) < 20_000
    assert len(json.loads(sql(told, asked, "-f", "json").stdout)[0]["long"]) == 1_499_996


def test_what_has_no_end_is_no_statement(told: Store) -> None:
    for endless in (sql(told, "-i", "/dev/zero"), sql(told, "-", typed=b" " * (1 << 21))):
        assert endless.exit_code == 1
        assert "longer than any statement: over 1 MiB" in endless.stderr


def test_the_schema_tells_every_view_and_column() -> None:
    shown = CliRunner().invoke(cli, ["--db", "no-such.db", "sql", "--schema"])
    assert shown.exit_code == 0
    for relation in RELATIONS:
        assert f"{relation.name}: {relation.meaning}" in shown.stdout
    rows = CliRunner().invoke(cli, ["sql", "--schema", "-f", "json"]).stdout
    assert [row["view"] for row in json.loads(rows)] == [
        relation.name for relation in RELATIONS for _ in relation.columns
    ]


def test_the_schema_of_one_view(told: Store, tmp_path: Path) -> None:
    assert sql(told, "--schema", "stance").stdout.startswith("stance: ")
    assert sql(told, "--schema", "aliases", "-f", "csv").stdout.splitlines() == [
        "view,column,meaning",
        "aliases,alias,the other name",
        "aliases,source,the source's name",
        "aliases,id,the source's number",
    ]
    assert sql(told, "--schema", "stance", "-o", str(tmp_path / "s.txt")).exit_code == 0
    assert (tmp_path / "s.txt").read_text().startswith("stance: ")
    wrong = sql(told, "--schema", "clams")
    assert wrong.exit_code == 1
    assert "did you mean claims?" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "give a statement in quotes, -i FILE, or -"),
        (("SELECT", "1"), "put the statement in quotes"),
        (("SELECT 1", "-i", "x.sql"), "not both"),
        (("--schema", "-i", "x.sql"), "--schema takes no --input"),
        (("SELECT 1", "--timeout", "-1"), "--timeout"),
        (("SELECT 1", "--max-size", "-1"), "--max-size"),
        (("SELECT 1", "--max-memory", "lots"), "--max-memory"),
        (("SELECT 1", "--timeout", "nan"), "'nan' is no time (0: no limit)"),
        (("SELECT 1", "--timeout", "inf"), "'inf' is no time (0: no limit)"),
        (("SELECT 1", "-f", "xml"), "--format"),
    ],
)
def test_wrong_usage_is_exit_status_2(told: Store, arguments: tuple[str, ...], says: str) -> None:
    wrong = sql(told, *arguments)
    assert wrong.exit_code == 2
    assert says in wrong.stderr


def test_help_ends_with_an_example() -> None:
    shown = CliRunner().invoke(cli, ["sql", "--help"], terminal_width=80).stdout.rstrip()
    last = "ledger sql \"SELECT source, stance FROM claims WHERE side = 'denies'\""
    assert shown.endswith(last)


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("", True),
        ("SELECT 1", False),
        ("SELECT 1;", True),
        ("SELECT ';", False),
        ("SELECT 1 -- ;", False),
        (".schema", True),
        ("quit", True),
        ("  ", True),
    ],
)
def test_enter_ends_what_is_whole(typed: str, whole: bool) -> None:
    assert is_whole(typed) is whole


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("SELECT * FROM cla", "claims"),
        ("SELECT * FROM claims WHERE non", "non_denial_of"),
        ("SELECT * FROM claims c WHERE c.prop", "proposition"),
        ("SELECT * FROM sources AS s WHERE s.rel", "reliability"),
        ("SELECT stance.me", "meaning"),
        ("sel", "SELECT"),
        ("SELECT row_n", "row_number("),
        (".sch", ".schema"),
        (".format j", "json"),
        (".schema sta", "stance"),
    ],
)
def test_names_are_completed(typed: str, first: str) -> None:
    found = Names(Known(RELATIONS, FUNCTIONS)).get_completions(Document(typed), CompleteEvent())
    assert next(completion.text for completion in found) == first


def test_the_history_is_in_the_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert history_path() == Path("/state/claim-ledger/sql_history")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/maria")
    assert history_path() == Path("/home/maria/.local/state/claim-ledger/sql_history")


class Terminal:
    """The prompt on a terminal of its own."""

    def __init__(self, store: Store, state: Path, *arguments: str) -> None:
        environment = os.environ | {
            "XDG_STATE_HOME": str(state),
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "TERM": "xterm",
        }
        environment.pop("COLUMNS", None)
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "ledger", "--db", address(store), "sql", *arguments],
            env=environment,
            encoding="utf-8",
            dimensions=(50, 120),
            timeout=60,  # matters only where something is broken
        )
        self.expect("to read only", "ledger>")

    def expect(self, *seen: str) -> None:
        for text in seen:
            self.child.expect_exact(text)

    def insist(self, control: str, seen: "str | type[pexpect.EOF]") -> None:
        """Press Ctrl and a key until it tells: between two prompts nobody reads it, and it is lost.

        Whatever else is typed then waits for the next prompt.
        """
        for _ in range(120):
            self.child.sendcontrol(control)
            if self.child.expect([seen, pexpect.TIMEOUT], timeout=0.5) == 0:
                return
        pytest.fail(f"Ctrl-{control} does nothing: {self.child.before}")

    def type(self, line: str) -> None:
        self.child.send(f"{line}\r")


@pytest.fixture
def terminal(told: Store, tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(told, tmp_path / "state")
    yield opened
    opened.child.close(force=True)


@pytest.mark.sqlite("statements in SQLite's own SQL; of a server see tests/sql")
def test_the_prompt_answers_over_many_lines_and_goes_on_after_an_error(terminal: Terminal) -> None:
    terminal.type("SELECT 'an' || 'swer' AS a,")
    terminal.expect("...>")
    terminal.type("count(*) FROM claims;")
    terminal.expect("answer", "1 row", "ledger>")
    terminal.type("SELECT sorce FROM claims;")
    terminal.expect("sorce", "did you mean source?", "ledger>")
    terminal.type("DELETE FROM claim;")
    terminal.expect("DELETE is not allowed", "ledger>")
    terminal.type(".format json")
    terminal.expect("ledger>")
    terminal.type("SELECT 'an' || 'swer' AS a;")
    terminal.expect('[{"a": "answer"}]', "ledger>")
    terminal.type(".formt csv")
    terminal.expect("did you mean .format?", "ledger>")
    terminal.type(".schema stance")
    terminal.expect("what a source can do", "ledger>")
    terminal.type(".views")
    terminal.expect("One row a change of status", "ledger>")
    terminal.type(".help")
    terminal.expect("so does Ctrl-D", "ledger>")
    terminal.type(".quit")
    terminal.child.expect(pexpect.EOF)
    terminal.child.close()
    assert terminal.child.exitstatus == 0


def test_ctrl_c_ends_the_line_or_the_statement_and_ctrl_d_the_prompt(terminal: Terminal) -> None:
    terminal.child.send("SELECT nothing")
    terminal.expect("nothing")
    terminal.insist("c", "ledger>")
    terminal.type(NUMBERS + "SELECT 'run' || 'ning', i FROM n WHERE i < 0;")
    terminal.insist("c", "stopped")
    terminal.expect("ledger>")
    terminal.insist("d", pexpect.EOF)
    terminal.child.close()
    assert terminal.child.exitstatus == 0


def test_the_prompt_completes_a_name(terminal: Terminal) -> None:
    terminal.child.send("SELECT 'x' AS x FROM assessm\t")
    terminal.type(";")
    terminal.expect("no rows", "ledger>")


def test_history_is_kept_for_its_owner_alone(told: Store, tmp_path: Path) -> None:
    state = tmp_path / "state"
    first = Terminal(told, state, "-f", "csv")
    first.type("SELECT 'k' || 'ept' AS k;")
    first.expect("kept", "ledger>")
    first.child.close(force=True)
    second = Terminal(told, state, "-f", "csv")
    second.type("\x1b[A")  # the arrow upwards
    second.expect("kept", "ledger>")
    second.child.close(force=True)
    file = state / "claim-ledger" / "sql_history"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().endswith("+SELECT 'k' || 'ept' AS k;\n")


def test_a_prompt_without_a_place_for_its_history_still_opens(told: Store, tmp_path: Path) -> None:
    blocked = tmp_path / "state"
    blocked.write_text("a file where the folder should be")
    terminal = Terminal(told, blocked)
    terminal.type("SELECT 'an' || 'swer';")
    terminal.expect("answer", "ledger>")
    terminal.child.close(force=True)


def test_a_prompt_on_no_ledger_says_so_at_once(tmp_path: Path) -> None:
    child = pexpect.spawn(
        sys.executable, ["-m", "ledger", "--db", str(tmp_path / "no.db"), "sql"], encoding="utf-8"
    )
    child.expect_exact("there is no ledger at")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
