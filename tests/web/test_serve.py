"""`ledger serve`: pages as the ledger is now or was then, Datasette's tables, and SQL."""

import asyncio
import csv
import io
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import sqlalchemy as sa
from datasette.views.table import TableView

from ledger import confining, journal, query
from ledger.confining import Limits
from ledger.errors import QueryError, StoreError
from ledger.store import Store, open_store
from ledger.web import asking, plugin, reading
from ledger.web.asking import Asked, Asking
from ledger.web.book import Book
from ledger.web.clock import LateError, limited
from ledger.web.plugin import LedgerDatasette
from tests.build import NOON, a_claim
from tests.sql.attacks import FOREVER, LONG_STEPS
from tests.web.visitor import Visitor, book_of, path_of, visiting

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Somebody at the shipped ledger, to read."""
    folder = tmp_path_factory.mktemp("shared")
    path = shutil.copy(ROOT / "ledger.db", folder / "ledger.db")
    with visiting(open_store(path)) as opened:
        yield opened


def said(store: Store, source: str, *, on: str = "they-came", **values: object) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, source=source, on=on, **values)  # type: ignore[arg-type]  # a test's own


def test_an_entry_is_seen_at_the_next_request(store: Store) -> None:
    with visiting(store) as visitor:
        assert "There is no proposition yet" in visitor.get("/").text
        for source in ("Ministry", "Hospital"):
            said(store, source)
            assert source in visitor.get("/").text
            assert source in ask(visitor, "SELECT source FROM claims")
            if store.path:
                assert source in visitor.get("/data/claims").text
                assert source in visitor.get("/data/claims.json").text
        assert "Hospital" not in visitor.get("/?as-of=1").text
        assert "Hospital" in visitor.get("/?as-of=2").text
        assert visitor.get("/?as-of=3").status == 404
        for never in ("then", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00"):
            assert visitor.get(f"/?as-of={never}").status == 400
            assert visitor.get(f"/ledger/changes?since={never}").status == 400
        assert "Hospital" in visitor.get("/ledger/changes?since=0001-01-01").text


def test_who_has_a_page_already_is_told_so(store: Store) -> None:
    said(store, "Ministry")
    with visiting(store) as visitor:
        tag = visitor.get("/").headers["etag"]
        again = visitor.get("/", if_none_match=tag)
        assert (again.status, again.body) == (304, b"")
        said(store, "Hospital")
        assert visitor.get("/", if_none_match=tag).status == 200


def test_a_permanent_link_says_what_the_page_said(store: Store) -> None:
    said(store, "Ministry")
    with visiting(store) as visitor:
        head = head_of(store)
        link = f"/ledger/board?{urlencode({'as-of': 1, 'head': head})}"
        before = visitor.get(link).text
        said(store, "Hospital")
        assert visitor.get(link).text == before
        for address in ("board?", "data?", "sql?sql=SELECT+1&"):
            assert 'role="alert"' not in visitor.get(f"/ledger/{address}as-of=1&head={head}").text
            assert 'role="alert"' in visitor.get(f"/ledger/{address}as-of=1&head={'0' * 64}").text


def head_of(store: Store) -> str:
    return book_of(store).head().hash


@pytest.mark.sqlite("it is about the file that is served")
def test_a_ledger_that_was_altered_is_not_served(store: Store) -> None:
    said(store, "Ministry")
    with visiting(store) as visitor:
        assert visitor.get("/data/claims").status == 200
        with closing(sqlite3.connect(path_of(store))) as raw:
            raw.execute("DROP TRIGGER claim_keep")
        for address in (
            "/", "/ledger/claim/1", "/ledger/claim/1.json", "/data/claims", "/data/claims.json",
            "/ledger/sql?sql=SELECT+1", "/ledger/sql.csv?sql=SELECT+1", "/ledger/data",
        ):  # fmt: skip
            answer = visitor.get(address)
            assert answer.status == 503, address
            assert "altered by another hand" in answer.text
            assert str(path_of(store).parent) not in answer.text
            assert "Ministry" not in answer.text


@pytest.mark.sqlite("a server's readers wait for nobody")
def test_while_another_program_holds_the_ledger_readers_are_told_so(store: Store) -> None:
    said(store, "Ministry")
    book = Book(lambda: open_store(path_of(store), busy_seconds=0.05))
    addresses = ["/", "/ledger/names.json", "/data/claims", "/ledger/sql?sql=SELECT+1"]
    with visiting(store, book=book) as visitor:
        with closing(sqlite3.connect(path_of(store), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            for answer in visitor.get_all(*addresses * 3):
                assert answer.status == 503
                assert "busy" in answer.text
        assert {answer.status for answer in visitor.get_all(*addresses)} == {200}


@pytest.mark.sqlite("it is about the file that is served")
def test_another_ledger_that_took_its_place_is_looked_over(
    store: Store, template: Path, tmp_path: Path
) -> None:
    said(store, "Ministry")
    other = Path(shutil.copy(template, tmp_path / "other.db"))
    said(open_store(other), "Hospital")
    with visiting(store) as visitor:
        assert "Ministry" in visitor.get("/data/sources").text
        other.replace(path_of(store))
        for address in ("/", "/data/sources"):
            assert "Hospital" in visitor.get(address).text
            assert "Ministry" not in visitor.get(address).text
        path_of(store).write_bytes(b"no ledger")
        assert visitor.get("/").status == 503
        path_of(store).rename(tmp_path / "ledger-2.db")
        said_so = visitor.get("/data/sources").text
        assert "there is no ledger" in said_so
        assert "ledger-2.db" not in said_so


def test_of_many_who_ask_at_once_all_are_answered(visitor: Visitor) -> None:
    addresses = ["/", "/ledger/claim/24", "/data/claims", "/ledger/sql?sql=SELECT+1"] * 4
    answers = visitor.get_all(*addresses)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers[::4]}) == 1


@pytest.mark.sqlite("a server keeps its own clock")
def test_a_page_that_takes_long_is_given_up(store: Store) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with store.reader() as connection:
        with pytest.raises(LateError, match="takes longer than 0 seconds"), limited(connection, 0):
            connection.exec_driver_sql(endless)
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_an_answer_that_is_too_large_is_refused(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST", 100)
    for ending in ("csv", "json"):
        answer = visitor.get(f"/ledger/source/Wagner.{ending}")
        assert answer.status == 400
        assert "larger than 100 characters" in answer.text


def test_on_a_server_views_are_asked_in_sql(store: Store) -> None:
    with visiting(store) as visitor:
        assert visitor.get("/data/claims").status == (200 if store.path else 404)
        assert ('href="/data/claims"' in visitor.get("/ledger/data").text) == bool(store.path)
        assert ask(visitor, "SELECT count(*) AS n FROM claims", ".csv") == "n\n0\n"


def test_what_no_text_holds_is_not_looked_for(store: Store) -> None:
    with visiting(store) as visitor:
        for path in ("source/~00", "proposition/a%00b", "event/~00", "claim/%00"):
            assert visitor.get(f"/ledger/{path}").status == 404
        for asked in ("/?event=%00", "/ledger/search?q=a%00b", "/ledger/sql?sql=SELECT+:x&x=%00"):
            assert visitor.get(asked).status == 400


def test_what_is_not_there_is_said_with_the_way_on(visitor: Visitor) -> None:
    for address in ("/ledger/claim/999", "/ledger/source/Kremlim", "/ledger/nothing/x"):
        answer = visitor.get(address)
        assert answer.status == 404
        assert 'href="/ledger/board"' in answer.text


def test_what_was_not_there_yet_is_told_of_that_day_with_the_way_to_now(store: Store) -> None:
    said(store, "Ministry")
    said(store, "Hospital")
    with visiting(store) as visitor:
        answer = visitor.get("/ledger/claim/2?as-of=1")
        assert answer.status == 404
        assert "As the ledger stood at entry 1" in answer.text
        assert '<a href="/ledger/claim/2">As it stands now</a>' in answer.text
        assert 'href="/ledger/board?as-of=1"' in answer.text
        for nothing in (".csv", ".json", "Permanent link", "aria-current", "`ledger "):
            assert nothing not in answer.text
        assert 'href="/ledger/board"' in visitor.get("/ledger/claim/2?as-of=9").text


def test_what_is_kept_of_several_pages_is_called_after_each(visitor: Visitor) -> None:
    for address, name in (
        ("board.csv", "board.csv"),
        ("claim/24.json", "claim-24.json"),
        ("proposition/russians-killed.csv", "proposition-russians-killed.csv"),
    ):
        told = visitor.get(f"/ledger/{address}").headers["content-disposition"]
        assert told == f'attachment; filename="{name}"'


def test_a_program_is_told_in_json_what_is_wrong(visitor: Visitor) -> None:
    for address, status in (
        ("/ledger/claim/999.json", 404),
        ("/ledger/nothing/x.json", 404),
        ("/ledger/board.json?as-of=then", 400),
        ("/ledger/sql.json?sql=SELEC", 400),
    ):
        answer = visitor.get(address)
        assert answer.status == status, address
        assert answer.json()["status"] == status
        assert answer.json()["error"]


def test_who_comes_when_too_many_wait_is_told_to_come_later(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_WAITING", 0)
    answer = visitor.get("/ledger/sql?sql=SELECT+1")
    assert answer.status == 503
    assert "ask again in a minute" in answer.text


# --- Datasette's tables ---


def test_a_table_is_filtered_counted_and_sorted(visitor: Visitor) -> None:
    page = visitor.get("/data/claims?side=denies&_facet=source&_sort_desc=claim").text
    rows = visitor.get("/data/claims.json?side=denies&_sort_desc=claim&_shape=objects").json()
    numbers = [row["claim"] for row in rows["rows"]]
    assert numbers == sorted(numbers, reverse=True)
    assert f"{len(numbers)} rows" in page
    assert 'aria-sort="descending"' in page
    for number in numbers:
        assert f'<a href="/ledger/claim/{number}">{number}</a>' in page
    assert (
        'href="/data/claims?side=denies&amp;_facet=source&amp;_sort_desc=claim&amp;source=' in page
    )


@pytest.mark.parametrize(
    "query",
    ["claim__in=[", "claim__notin=[[]]", "low__in=[{}]", f"claim__lt={'9' * 400}", "low__gt=²"],
)
def test_what_a_column_cannot_be_compared_with_is_said(visitor: Visitor, query: str) -> None:
    for ending in ("", ".json"):
        answer = visitor.get(f"/data/claims{ending}?{quote(query, safe='=')}")
        assert answer.status == 400
        assert "cannot be compared" in answer.text


@pytest.mark.sqlite("Datasette reads files")
def test_a_table_is_of_one_state(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody records after its rows are read, and before the page says of which entry it is."""
    left = ["Hospital", "Gazette"]

    class Meanwhile(TableView):  # type: ignore[misc]  # Datasette tells no types
        async def get(self, request: object) -> object:
            answer = await super().get(request)
            if left:
                said(store, left.pop())
            return answer

    monkeypatch.setattr(plugin, "TableView", Meanwhile)
    with visiting(store) as visitor:
        page = visitor.get("/data/claims").text
    assert "Hospital" in page
    assert "Gazette" in page
    assert "entry 2" in page


def test_the_form_of_a_table_leads_to_what_it_says(visitor: Visitor) -> None:
    form = "_filter_column=source&_filter_op=contains&_filter_value=Mattis"
    answer = visitor.get(f"/data/claims?{form}")
    assert answer.status == 302
    assert answer.headers["location"] == "/data/claims?source__contains=Mattis"
    found = visitor.get(answer.headers["location"]).text
    assert "Jim Mattis" in found
    assert "<option selected>source</option>" in found


@pytest.mark.sqlite("Datasette reads files")
def test_long_tables_are_turned_page_by_page(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for number in range(120):
            a_claim(draft, source=f"Source {number}")
    with visiting(store) as visitor:
        found: list[int] = []
        address: str | None = "/data/claims.json"
        while address:
            answer = visitor.get(address).json()
            found += [row[0] for row in answer["rows"]]
            address = answer["next_url"] and "/data" + answer["next_url"].partition("/data")[2]
        assert sorted(found) == [*range(1, 121)]
        assert 'rel="next"' in visitor.get("/data/claims").text


def test_every_table_that_is_told_of_is_there(visitor: Visitor) -> None:
    page = visitor.get("/ledger/data").text
    for name in ("claims", "propositions", "sources", "aliases", "events", "documents", "positions",
                 "assessments", "grounds", "acceptances", "receipts", "entries", "stance",
                 "status"):  # fmt: skip
        assert f'href="/data/{name}"' in page
        assert visitor.get(f"/data/{name}").status == 200, name


def test_the_same_as_sql_gives_all_rows_of_a_table(visitor: Visitor) -> None:
    page = visitor.get("/data/claims?side=denies&_size=1").text
    (link,) = {part.partition('"')[0] for part in page.split('href="')[1:] if "sql.csv" in part}
    rows = list(csv.DictReader(io.StringIO(visitor.get(link.replace("&amp;", "&")).text)))
    assert len(rows) == 3
    assert {row["side"] for row in rows} == {"denies"}


@pytest.mark.sqlite("Datasette reads files")
def test_datasettes_connections_do_nothing_but_read(store: Store) -> None:
    said(store, "Ministry")
    before = path_of(store).read_bytes()

    async def tried() -> None:
        datasette = LedgerDatasette(book_of(store), "The ledger", frames="")
        database = datasette.databases["data"]
        assert (await database.execute("SELECT claim FROM claims")).rows[0][0] == 1
        for sql in (
            "INSERT INTO stance VALUES ('x', 'denies', 'x', 'x')", "DELETE FROM claim",
            "UPDATE claim SET status = 'confirmed'", "CREATE TEMP TABLE x (y)", "DROP VIEW claims",
            f"ATTACH '{store.path}2' AS x", "VACUUM INTO 'x.db'", "PRAGMA query_only = OFF",
            "PRAGMA writable_schema = ON", "PRAGMA journal_mode = WAL", "BEGIN IMMEDIATE",
            "SELECT load_extension('x')", "SELECT * FROM pragma_database_list",
            "SELECT zeroblob(1000000000)", "SELECT * FROM json_each('[1]')",
            "SELECT * FROM claim_text('x')", "SELECT readfile('/etc/passwd')",
        ):  # fmt: skip
            with pytest.raises(sqlite3.DatabaseError, match=r"authoriz|prohibited|no such|vtable"):
                await database.execute(sql, log_sql_errors=False)
        with pytest.raises(StoreError, match="only read"):
            await database.execute_write("DELETE FROM claim")
        datasette.close()

    asyncio.run(tried())
    assert path_of(store).read_bytes() == before
    assert [each.name for each in path_of(store).parent.iterdir()] == ["ledger.db"]


# --- SQL ---


def ask(visitor: Visitor, sql: str, ending: str = "", **given: str) -> str:
    return visitor.get(f"/ledger/sql{ending}?{urlencode({'sql': sql, **given})}").text


def test_a_question_in_sql_is_answered_as_page_csv_and_json(visitor: Visitor) -> None:
    sql = (
        "SELECT source, count(*) AS n FROM claims WHERE side = :side GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    page = ask(visitor, sql, side="withholds")
    assert '<td dir="auto" data-head="source">Wagner</td>' in page
    assert 'name="side"' in page
    rows = list(csv.reader(io.StringIO(ask(visitor, sql, ".csv", side="withholds"))))
    assert rows[0] == ["source", "n"]
    assert rows[1] == ["Wagner", "3"]
    answer = visitor.get(f"/ledger/sql.json?{urlencode({'sql': sql, 'side': 'withholds'})}").json()
    assert answer["rows"][0] == {"source": "Wagner", "n": 3}
    assert answer["entry"] >= 1


def test_a_question_in_sql_is_answered_as_of_then(store: Store) -> None:
    said(store, "Ministry")
    said(store, "Hospital")
    with visiting(store) as visitor:
        sql = "SELECT source FROM claims ORDER BY claim"
        assert ask(visitor, sql, ".csv", **{"as-of": "1"}) == "source\nMinistry\n"
        assert ask(visitor, sql, ".csv") == "source\nMinistry\nHospital\n"


def test_an_answer_is_of_the_entry_that_it_names(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody records between the look at the head and the statement."""
    ask_, left = query.ask, ["Hospital", "Gazette"]

    def meanwhile(*asked: Any, **told: Any) -> Any:
        if left:
            said(store, left.pop())
        return ask_(*asked, **told)

    said(store, "Ministry")
    monkeypatch.setattr(query, "ask", meanwhile)
    with visiting(store) as visitor:
        sql = urlencode({"sql": "SELECT count(*) AS n FROM claims"})
        for address in (f"/ledger/sql.json?{sql}", f"/ledger/sql.json?{sql}&as-of=1"):
            told = visitor.get(address).json()
            assert told["rows"] == [{"n": told["entry"]}]


def test_what_is_wrong_with_a_statement_is_said(visitor: Visitor) -> None:
    for sql, words in (
        ("SELECT sorce FROM claims", "did you mean source?"),
        ("DELETE FROM claim", "ad-hoc SQL only reads the ledger"),
        ("SELECT <script>", "&lt;script&gt;"),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT :x", "fill it in above"),
        ("SELECT :head", "call it otherwise"),
    ):
        assert words in ask(visitor, sql)
        assert visitor.get(f"/ledger/sql.csv?{urlencode({'sql': sql})}").status == 400


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(visitor: Visitor) -> None:
    assert ask(visitor, "SELECT '=1+1' AS x", ".csv") == "x\n'=1+1\n"


def test_a_page_shows_a_thousand_rows_and_a_file_has_all(visitor: Visitor) -> None:
    numbers = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n LIMIT 1500)"
    sql = f"{numbers} SELECT i FROM n"
    assert "The first 1,000 rows" in ask(visitor, sql)
    assert ask(visitor, sql, ".csv").count("\n") == 1501


def test_a_small_statement_makes_no_page_or_file_of_any_size(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name of 4,000 letters at each of 20,000 cells; a text twelve times as long when shown."""
    numbers = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n LIMIT 200)"
    named, all_of_it = f'SELECT i AS "{"c" * 4_000}" FROM n', ",".join("*" * 100)
    wide = f"{numbers}, t AS ({named}) SELECT {all_of_it} FROM t"
    assert len(ask(visitor, wide)) < 10_000_000
    assert len(ask(visitor, "SELECT printf('%.*c', 9000000, char(1))")) < 100_000
    long = f"{numbers} SELECT {','.join(['printf(0)'] * 20)} FROM n"
    monkeypatch.setattr(asking, "MOST_SHOWN", 20_000)
    assert "the CSV below has all" in ask(visitor, long)
    monkeypatch.setattr(asking, "LARGEST_FILE", 1_000_000)
    assert visitor.get(f"/ledger/sql.json?{urlencode({'sql': wide})}").status == 400


@pytest.mark.parametrize("sql", [FOREVER + "SELECT max(i) FROM n", LONG_STEPS[0]])
def test_what_runs_is_ended_with_the_server(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    monkeypatch.setattr(asking, "FILE_LIMITS", Limits(seconds=None))

    async def tried() -> None:
        door = Asking(Book(lambda: open_store(ROOT / "ledger.db")))
        runs = asyncio.create_task(door.file(Asked(sql), "csv"))
        while not confining._ENDS:
            await asyncio.sleep(0.01)
        door.close()
        with pytest.raises(QueryError, match="did not survive"):
            await runs

    asyncio.run(tried())


@pytest.mark.sqlite("what takes SQLite long")
def test_a_page_is_given_up_when_the_server_is_stopped(store: Store) -> None:
    endless = FOREVER + "SELECT max(i) FROM n"
    with store.reader() as connection:
        with limited(connection, 3_600):
            confining.end_all()
            with pytest.raises(sa.exc.OperationalError, match="interrupted"):
                connection.exec_driver_sql(endless)
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


@pytest.mark.sqlite("what takes SQLite long")
def test_a_statement_that_takes_long_is_stopped_and_others_wait_their_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PAGE_LIMITS", Limits(seconds=0.3, rows=10))

    async def tried() -> list[object]:
        door = Asking(book_of(store))
        slow = [door.page(Asked(sql), "The ledger") for sql in LONG_STEPS[:3]]
        many = [door.page(Asked("SELECT 1"), "The ledger") for _ in range(asking.MOST_WAITING)]
        found = await asyncio.gather(*slow, *many, return_exceptions=True)
        door.close()
        return [*found]

    found = asyncio.run(tried())
    assert all(isinstance(each, tuple) and "was stopped after" in each[0] for each in found[:3])
    busy = [each for each in found if isinstance(each, asking.BusyError)]
    assert len(busy) == 3
    assert all(each[1] == 200 for each in found[3:] if isinstance(each, tuple))
