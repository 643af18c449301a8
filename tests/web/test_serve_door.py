"""The door of `ledger serve`: what is open, what every answer carries; nothing is written."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from ledger.store import open_store
from ledger.web.door import HEADERS, POLICY
from tests.sql.attacks import DEFINITIONS, DISGUISES, FILES, LOCKS, SETTINGS, WRITES
from tests.web.visitor import HOST, Visitor, visiting

ROOT = Path(__file__).resolve().parents[2]

#: What is there for readers, one address a kind.
OPEN = (
    "/",
    "/ledger/board",
    "/ledger/board.csv",
    "/ledger/board.json",
    "/ledger/event/clash",
    "/ledger/proposition/russians-killed",
    "/ledger/source/Kremlin",
    "/ledger/claim/24",
    "/ledger/changes",
    "/ledger/search?q=mercenaries",
    "/ledger/names",
    "/ledger/data",
    "/ledger/data.csv",
    "/ledger/sql",
    "/ledger/sql?sql=SELECT+1",
    "/ledger/sql.csv?sql=SELECT+1",
    "/ledger/sql.json?sql=SELECT+1",
    "/ledger/style.css",
    "/data/claims",
    "/data/claims.json",
    "/data/stance",
)

#: What Datasette offers beside that, and other ways to what is inside.
CLOSED = (
    "/-/versions", "/-/versions.json", "/-/plugins", "/-/settings", "/-/config", "/-/metadata",
    "/-/threads", "/-/databases", "/-/actor", "/-/auth-token?token=x", "/-/logout",
    "/-/permissions", "/-/messages", "/-/allow-debug", "/-/patterns", "/-/static/app.css",
    "/-/static/../app.py", "/-/static-plugins/x/y", "/favicon.ico", "/:memory:", "/_memory",
    "/_internal", "/_internal/databases", "/data", "/data.json", "/data.db", "/data/",
    "/data/claims.csv", "/data/claims.db", "/data/claims.blob", "/data/claims/1", "/data/texts",
    "/data/claim", "/data/claim_history", "/data/sqlite_master", "/data/sqlite_schema",
    "/data/claim_text", "/data/alembic_version", "/data/stance/asserts", "/data/CLAIMS",
    "/data/claims%00", "/data/%63laims", "/ledger.db", "/ledger/../data", "/ledger/a/b/c",
    "//evil.example/", "/.git/config", "/index.html", "/.json", "",
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The shipped ledger, in a folder of its own."""
    return Path(shutil.copy(ROOT / "ledger.db", tmp_path / "ledger.db"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped ledger, for tests that only read."""
    return Path(shutil.copy(ROOT / "ledger.db", tmp_path_factory.mktemp("shared") / "ledger.db"))


@pytest.fixture(scope="module")
def visitor(shared: Path) -> Iterator[Visitor]:
    with visiting(open_store(shared)) as opened:
        yield opened


def test_the_front_page_is_the_board(visitor: Visitor) -> None:
    page = visitor.get("/")
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.body == visitor.get("/ledger/board").body
    assert "russians-killed" in page.text


def test_the_first_page_of_the_shipped_ledger_is_small(visitor: Visitor) -> None:
    size = len(visitor.get("/").body) + len(visitor.get("/ledger/style.css").body)
    assert size < 100_000


@pytest.mark.parametrize("address", OPEN)
def test_every_page_answers_and_says_who_may_use_it(visitor: Visitor, address: str) -> None:
    answer = visitor.get(address)
    assert answer.status == 200, answer.text
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "set-cookie" not in answer.headers
    assert not any(name.startswith("access-control") for name in answer.headers)
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    told = visitor.get(address, method="HEAD")
    assert told.body == b""
    assert told.headers == answer.headers


def test_the_policy_lets_nothing_run() -> None:
    assert "script-src" not in POLICY
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'; ")


@pytest.mark.parametrize("address", CLOSED)
def test_what_is_not_needed_is_closed(visitor: Visitor, address: str) -> None:
    answer = visitor.get(address)
    assert answer.status == 404, answer.text
    assert answer.headers["content-security-policy"] == POLICY
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "x"])
def test_a_ledger_is_only_read_here(visitor: Visitor, method: str) -> None:
    for address in ("/", "/ledger/sql?sql=SELECT+1", "/data/claims"):
        answer = visitor.get(address, method=method)
        assert answer.status == 405
        assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8044", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8045",
        "localhost", "10.0.0.1:8044", "127.0.0.1:8044.evil.example", "localhost.evil.example:8044",
        "127.0.0.1@evil.example:8044", "127.0.0.1:8044, evil.example", "2130706433:8044",
        "127.1:8044", "", " ", "[::1]", "[evil]:8044", "ledger.example",
    ],
)  # fmt: skip
def test_a_server_that_is_called_by_another_name_is_not_this_one(
    visitor: Visitor, host: str
) -> None:
    answer = visitor.get_all("/", host=host)[0]
    assert answer.status == 400
    assert "board" not in answer.text


@pytest.mark.parametrize("host", [HOST, "localhost:8044", "LOCALHOST:8044", "[::1]:8044"])
def test_it_answers_to_its_own_names(visitor: Visitor, host: str) -> None:
    assert visitor.get_all("/", host=host)[0].status == 200


def test_a_proxys_name_is_given_to_it(shared: Path) -> None:
    with visiting(open_store(shared), "ledger.example", "other.example:8443") as known:
        for host, status in (
            ("ledger.example", 200),
            ("Ledger.Example:8044", 200),
            ("other.example:8443", 200),
            ("other.example", 400),
            ("ledger.example.evil.example", 400),
        ):
            assert known.get_all("/", host=host)[0].status == status, host


def test_another_sites_page_may_link_here_and_do_nothing_else(visitor: Visitor) -> None:
    for site in ("cross-site", "same-site"):
        for mode in ("no-cors", "cors", "websocket"):
            asked = visitor.get("/data/claims.json", sec_fetch_site=site, sec_fetch_mode=mode)
            assert asked.status == 403
        assert visitor.get("/", sec_fetch_site=site, sec_fetch_mode="navigate").status == 200
    assert visitor.get("/", sec_fetch_site="same-origin", sec_fetch_mode="cors").status == 200


def test_cookies_and_tokens_say_nothing_here(visitor: Visitor) -> None:
    plain = visitor.get("/data/claims")
    told = visitor.get("/data/claims", cookie="ds_actor=x; ds_messages=x", authorization="Bearer x")
    assert told.body == plain.body
    assert told.headers == plain.headers


@pytest.mark.parametrize(
    "query",
    [
        "sql=SELECT+1", "_where=1=1", "_search=x", "_search_quote=x", "_searchmode=raw",
        "_fts_table=claim_text", "_fts_pk=rowid", "_trace=1", "_context=1", "_timelimit=99999",
        "_ttl=99999", "_json=quote", "_stream=on", "_dl=on", "_label=x", "_extra=x", "_shape=x",
        "_through=%7B%22table%22%3A%22claim%22%2C%22column%22%3A%22id%22%2C%22value%22%3A1%7D",
        "_facet_array=quote", "_facet_date=stated_on", "_facet=id", "_facet=%7B%7D", "_next=-1",
        "_next=x", "_size=-1", "_sort=rowid", "_sort=claim%5D%3B--", "_col=leaf", "nonexistent=1",
        "claim__glob=*", "claim__like=%25", "claim__arraycontains=1", "_facet=side&" * 9, "x=%ff",
        "=", "a&" * 99,
    ],
)  # fmt: skip
def test_a_table_is_asked_for_nothing_else_than_it_offers(visitor: Visitor, query: str) -> None:
    answer = visitor.get(f"/data/claims?{query}")
    assert answer.status == 400, answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_an_address_has_an_end(visitor: Visitor) -> None:
    assert visitor.get("/ledger/sql?sql=" + "x" * 20_000).status == 414


def _state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_nothing_that_is_asked_in_sql_changes_a_byte(path: Path) -> None:
    before = _state(path.parent)
    statements = [*WRITES, *DISGUISES, *DEFINITIONS, *SETTINGS, *LOCKS, *FILES]
    assert len(statements) > 80
    with visiting(open_store(path)) as visitor:
        for sql in statements[::6]:
            asked = urlencode({"sql": sql})
            assert visitor.get(f"/ledger/sql?{asked}").status == 400, sql
            assert visitor.get(f"/ledger/sql.csv?{asked}").status == 400, sql
            assert visitor.get(f"/data/claims?claim={quote(sql)}").status in (200, 400)
            for address in ("/", "/data/claims", "/ledger/claim/1", "/data"):
                assert visitor.get(f"{address}?{asked}").status in (200, 400, 404)
    assert _state(path.parent) == before
