"""The plugin by which Datasette serves a ledger: its routes, what its tables mean, what is closed.

It is registered by `ledger.web.serving` and by nobody else, and has nothing to say in a Datasette
that is no LedgerDatasette.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.resources import files
from typing import IO, Any
from urllib.parse import parse_qsl

from datasette.app import Datasette
from datasette.facets import ColumnFacet
from datasette.utils.asgi import Base400, Request, Response
from datasette.views.base import DatasetteError
from datasette.views.table import TableView
from pluggy import HookimplMarker

from ledger.errors import BusyError, LedgerError, NotFoundError
from ledger.web import look, tables
from ledger.web.asking import Asked, Asking
from ledger.web.book import Book
from ledger.web.guarding import LedgerDatabase, guard
from ledger.web.kept import Reply
from ledger.web.links import Served, Stamp
from ledger.web.pages import Page
from ledger.web.reading import CSS, TYPES, Pages
from ledger.web.tables import DATABASE

#: Marks what Datasette calls.
hookimpl = HookimplMarker("datasette")

#: What Datasette is set to; https://docs.datasette.io/en/stable/settings.html
SETTINGS: Mapping[str, object] = {
    "default_allow_sql": False,  # ours runs in a process of its own
    "allow_download": False,
    "allow_csv_stream": False,
    "suggest_facets": False,  # each would read the whole table
    "default_cache_ttl": 0,
    "sql_time_limit_ms": 1_000,
    "facet_time_limit_ms": 500,
    "default_page_size": 50,
    "max_returned_rows": 1_000,
    "num_sql_threads": 3,
}

#: What pages have that are not on a site: forms, and tables of Datasette's.
_SHEET = files("ledger.web") / "static" / "served.css"

#: How often a table is read anew because somebody recorded meanwhile.
_TRIES = 10

#: Bytes of a file that are sent at once.
_PIECE = 256 * 1024


class LedgerDatasette(Datasette):  # type: ignore[misc]  # Datasette tells no types
    """A Datasette that serves one Book, called `name`, with our pages and its tables."""

    def __init__(self, book: Book, name: str, *, frames: str) -> None:
        self.pages = Pages(book, name)
        self.asking = Asking(book)
        super().__init__(
            [], settings=dict(SETTINGS), metadata=tables.metadata(name), template_dir=frames
        )
        self.remove_database("_memory")
        if book.path is not None:
            self.add_database(LedgerDatabase(self, book, self.executor), name=DATABASE)

    async def refresh_schemas(self) -> None:
        """Datasette would keep a list of all tables, for pages that are closed here."""

    def close(self) -> None:
        """Let threads and connections go."""
        self.pages.close()
        self.asking.close()
        self.executor.shutdown(wait=False, cancel_futures=True)
        if DATABASE in self.databases:
            self.databases[DATABASE].close()


class _File(Response):  # type: ignore[misc]  # Datasette tells no types
    """An answer that is read from a file while it is sent."""

    def __init__(self, file: IO[bytes], type_: str, name: str) -> None:
        super().__init__(b"", headers=_attached(name), content_type=type_)
        self._file = file

    async def asgi_send(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Send it piece by piece, and close the file."""

        async def on(message: dict[str, Any]) -> None:
            await send({**message, "more_body": True} if "body" in message else message)

        with self._file as file:
            await super().asgi_send(on)
            while piece := file.read(_PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _attached(name: str) -> dict[str, str]:
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-cache",
    }


@hookimpl
def register_routes(datasette: Datasette) -> Sequence[tuple[str, Callable[..., Any]]]:
    """Our pages, before Datasette's own."""
    if not isinstance(datasette, LedgerDatasette):
        return ()
    return (
        (r"/$", _board),
        (r"/ledger/style\.css$", _style),
        (r"/ledger/sql(?:\.(?P<ending>csv|json))?$", _sql),
        (r"/ledger/data(?:\.(?P<ending>csv|json))?$", _data),
        (r"/ledger/(?P<path>.+)$", _page),
        (rf"/(?P<database>{DATABASE})/(?P<table>[a-z]+)(?:\.(?P<format>json))?$", _table),
    )


async def _board(request: Request, datasette: LedgerDatasette) -> Response:
    return _response(request, await datasette.pages.page("board", _query(request)))


async def _page(request: Request, datasette: LedgerDatasette) -> Response:
    path = request.url_vars["path"]
    return _response(request, await datasette.pages.page(path, _query(request)))


async def _style(request: Request) -> Response:
    return _response(request, Reply(look.stylesheet().encode() + _SHEET.read_bytes(), CSS))


async def _data(request: Request, datasette: LedgerDatasette) -> Response:
    ending = request.url_vars["ending"] or "html"
    return _response(request, await datasette.pages.data(_query(request), ending))


async def _sql(request: Request, datasette: LedgerDatasette) -> Response:
    given = dict(_query(request))
    sql, as_of = given.pop("sql", ""), given.pop("as-of", "") or None
    head, ending = given.pop("head", "") or None, request.url_vars["ending"]
    asked = Asked(sql, as_of, head, given)
    try:
        if ending:
            file = await datasette.asking.file(asked, ending)
            return _File(file, TYPES[ending], f"ledger.{ending}")
        text, status = await datasette.asking.page(asked, datasette.pages.name)
        return _response(request, Reply(text.encode(), TYPES["html"], status))
    except LedgerError as error:
        told = datasette.pages.refusal(error, asked.where, as_of, ending=ending or "html")
        return _response(request, await told)


async def _table(request: Request, datasette: LedgerDatasette) -> Response:
    """Datasette's own page, of a ledger that was looked over if another one is there now."""
    if DATABASE not in datasette.databases:
        raise NotFoundError("these tables need a ledger in a file", "ask its views in SQL")
    await datasette.pages.head()
    if "_filter_" in request.query_string:  # the form, which leads on to an address
        return await TableView(datasette).get(request)

    async def made() -> Reply:
        answer = await _of_one_state(request, datasette)
        body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
        return Reply(body, answer.content_type, answer.status)

    # Datasette writes its own host into what it answers.
    asked = (request.host, request.path, request.query_string)
    return _response(request, await datasette.pages.kept_by_head(asked, made))


async def _of_one_state(request: Request, datasette: LedgerDatasette) -> Response:
    """Datasette's answer: it reads rows, counts them and counts values one after the other.

    Where somebody has recorded meanwhile it is asked again. Raises BusyError where that never ends.
    """
    head = await datasette.pages.head()
    for _ in range(_TRIES):
        try:
            answer = await TableView(datasette).get(request)
        except (ValueError, OverflowError, sqlite3.ProgrammingError):
            # A number that SQLite does not hold, a list that is no JSON.
            raise DatasetteError("a column cannot be compared with that", status=400) from None
        before, head = head, await datasette.pages.head()
        if head == before:
            return answer
    raise BusyError("the ledger is being written to all the time", "ask again in a moment")


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.query_string, keep_blank_values=True)


def _response(request: Request, reply: Reply) -> Response:
    """A reply, or that who asks has it already (RFC 9110, 13.1.2)."""
    headers = {"etag": reply.tag, "cache-control": "no-cache"}
    if reply.status != 200:
        headers = {"cache-control": "no-store"}
    elif reply.tag in request.headers.get("if-none-match", ""):
        return Response(b"", 304, headers, reply.type)
    if reply.name:
        headers |= _attached(reply.name)
    headers["content-length"] = str(len(reply.body))
    return Response(reply.body, reply.status, headers, reply.type)


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Every connection to the ledger only reads."""
    if isinstance(datasette, LedgerDatasette) and database == DATABASE:
        guard(conn)


@hookimpl
def permission_allowed(datasette: Datasette, action: str, resource: Any) -> bool | None:
    """The tables that are shown may be looked at; nothing else may be done."""
    if not isinstance(datasette, LedgerDatasette):
        return None
    if action == "view-table":
        return resource[0] == DATABASE and resource[1] in tables.SHOWN
    return action == "view-instance" or (action == "view-database" and resource == DATABASE)


@hookimpl
def register_facet_classes() -> Sequence[type]:
    """Counts of a column's values; those of dates and arrays are not needed."""
    return (ColumnFacet,)


@hookimpl
def extra_template_vars(
    datasette: Datasette, template: str
) -> Callable[[], Awaitable[dict[str, Any]]] | None:
    """What the template of a table is made by."""
    if not isinstance(datasette, LedgerDatasette) or template != "table.html":
        return None

    async def found() -> dict[str, Any]:
        head = await datasette.pages.head()
        of = Stamp(head.entry, head.hash, head.recorded_at)
        links = Served()

        def page(*, query: Mapping[str, Any], **found: Any) -> str:
            where = tables.where(query)
            told = tables.table(links, **found)
            body = look.rendered(
                "table.html",
                table=told,
                links=links,
                page=where,
                long=tables.LONG,
                wide=tables.WIDE,
            )
            return look.document(
                Page(where, told.name, body, of), links, ledger=datasette.pages.name
            )

        return {"ledger_page": page}

    return found


@hookimpl
def forbidden(datasette: Datasette, request: Request, message: str) -> Response | None:
    """What may not be looked at is not there."""
    if not isinstance(datasette, LedgerDatasette):
        return None
    return Response.text("there is no such page here; begin at /\n", 404)


@hookimpl
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response]] | None:
    """What goes wrong with a table, in words; the rest is a fault of ours, and said so."""
    if not isinstance(datasette, LedgerDatasette):
        return None

    async def told() -> Response:
        error, status = _told(exception)
        ending = request.path.rpartition(".")[2]
        refusal = datasette.pages.refusal(error, None, None, ending=ending, status=status)
        return _response(request, await refusal)

    return told


def _told(exception: Exception) -> tuple[LedgerError, int | None]:
    """What went wrong, and its status where that does not follow from the kind of error."""
    if isinstance(exception, LedgerError):
        return exception, None
    if isinstance(exception, DatasetteError):
        if exception.title == "SQL Interrupted":
            words = "the table cannot be shown so within a second"
            hint = "filter it, sort it by another column, or ask in SQL, which has ten"
            return LedgerError(words, hint), 400
        return LedgerError(str(exception.message), "see the columns under “The data”"), 400
    if isinstance(exception, Base400):
        return LedgerError(str(exception) or "there is no such page"), exception.status
    import traceback

    traceback.print_exception(exception)
    return LedgerError("this page failed, which is a fault of the program"), 500
