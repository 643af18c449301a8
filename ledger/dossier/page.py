"""A dossier as one HTML page that loads nothing, runs nothing and reads well on paper.

Every text is shown with its control characters visible, then escaped; what may run from right to
left is isolated. Only http and https addresses become links.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup, escape

from ledger.dossier import telling
from ledger.dossier.values import Branch, Dossier
from ledger.formats.page import policy
from ledger.formats.values import plain
from ledger.model import Side
from ledger.visible import visible


def html(dossier: Dossier) -> str:
    """The page, whole."""
    pages = templates("ledger.dossier")
    style = pages.get_template("style.css").render()  # it has nothing to fill in
    return pages.get_template("page.html").render(
        dossier=dossier,
        style=Markup(style),  # noqa: S704 - our own, and its hash is in the policy
        policy=policy(style),
        speaker=own,
        claim_at="#c{}".format,
        claim_on=lambda number, proposition: f"claim {number}",  # it may not be in the dossier
        titled=lambda event: own(event.title),
    )


def web_address(url: str | None) -> str | None:
    """An address that may become a link: http or https, with a host, nothing unseen in it."""
    if not url or url != visible(url) or any(char.isspace() for char in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def nested(chain: Sequence[Branch]) -> Iterator[tuple[Branch, bool, Markup]]:
    """Each branch, whether a list opens before it, and the tags that end what it ends."""
    depths = [min(branch.depth, telling.DEEPEST) for branch in chain]
    above = -1
    for branch, depth, below in zip(chain, depths, [*depths[1:], -1], strict=True):
        closing = "" if below > depth else "</li>" + "</ul></li>" * (depth - max(below, 0))
        closing += "</ul>" if below < 0 else ""
        yield branch, depth > above, Markup(closing)  # noqa: S704 - made of nothing but tags
        above = depth


def own(text: Any) -> Markup:
    """A name or text of the ledger, isolated where it may run from right to left."""
    shown = visible(plain(text), lines=True)
    return escape(shown) if shown.isascii() else Markup("<bdi>{}</bdi>").format(shown)


def _shown(value: Any) -> Any:
    if isinstance(value, Markup) or not isinstance(value, str):
        return "" if value is None else value
    return visible(value, lines=True)


@cache
def templates(*packages: str) -> jinja2.Environment:
    """The templates of packages, under the one strict policy for what is put into a page.

    Text is made visible and escaped, a name that is missing is an error, and `own`, `plain`, `web`
    and `nested` are at hand.
    """
    pages = jinja2.Environment(
        autoescape=True,
        finalize=_shown,
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(each) for each in packages]),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    pages.filters |= {"own": own, "plain": plain, "web": web_address, "nested": nested}
    pages.globals |= {"say": telling, "sides": tuple(Side), "markup": Markup}
    return pages
