"""How pages look: the frame that all have, their templates, and their one style sheet.

The policy for what is put into a page is the dossier's: every text visible, then escaped, and
isolated where it may run from right to left. No script, no style within a page, nothing from
elsewhere.
"""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ledger.dossier.page import templates
from ledger.errors import InvalidError, LedgerError
from ledger.web.links import Links, Stamp, Where
from ledger.web.pages import Page

if TYPE_CHECKING:
    import jinja2

#: What a page may load: the style sheet beside it (`file:` where no server is), and where its
#: forms may lead. A server says the same in a header.
POLICY = "default-src 'none'; style-src 'self' file:; base-uri 'none'; form-action 'self'"


def document(page: Page, links: Links, *, ledger: str = "The ledger") -> str:
    """A page as a whole HTML document; `ledger` is what the ledger is called in its heading."""
    return rendered("frame.html", page=page, links=links, ledger=ledger, policy=POLICY)


#: What a refusal is headed with, by its status.
_REFUSED = {404: "Not found", 503: "Not now", 500: "It failed"}


def refused(
    error: LedgerError,
    where: Where | None,
    links: Links,
    of: Stamp,
    *,
    status: int = 404,
    ledger: str = "The ledger",
) -> str:
    """The document that says why a page is not to be had, and what to do."""
    problems = [str(each) for each in error.problems] if isinstance(error, InvalidError) else []
    title = _REFUSED.get(status, "This cannot be shown")
    body = rendered("refused.html", error=error, problems=problems, links=links, title=title)
    page = Page(where or Where("board"), title, body, of, found=False)
    return document(page, links, ledger=ledger)


def rendered(name: str, **values: Any) -> str:
    """A template of ours with these values."""
    return _pages().get_template(name).render(**values)


@cache
def _pages() -> "jinja2.Environment":
    pages = templates("ledger.web", "ledger.dossier")
    pages.globals |= {"at": Where}
    return pages


@cache
def stylesheet() -> str:
    """The style sheet of every page: the dossier's, and what pages have beside it."""
    own = files("ledger.web") / "static" / "pages.css"
    dossier = files("ledger.dossier") / "templates" / "style.css"
    return dossier.read_text(encoding="utf-8") + own.read_text(encoding="utf-8")
