"""The door of what is served: what may come in, and what every answer carries.

It stands before Datasette and everything else as ASGI middleware, and is closed unless it was told
to be open: two methods, the hosts that are this server's, the paths and parameters that are named.
It knows neither the ledger nor what an answer says.
"""

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: What a page may load: the style sheet and pictures of this server, and forms that lead to it.
#: https://www.w3.org/TR/CSP3/
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

#: What every answer says. It is nobody else's to read, to frame or to take for another kind.
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

#: What is asked with: cookies and tokens have nothing to say here.
_UNHEARD = {b"cookie", b"authorization"}

#: What no answer says, whoever made it: cookies, and leave for other sites to read it.
_UNSAID = re.compile(rb"set-cookie|access-control-.*|server")

#: The longest address that is read, in bytes.
LONGEST_ADDRESS = 16_384

#: The most parameters of one address.
MOST_PARAMETERS = 40

#: Bytes that are sent at once: whoever takes them slowly has no more of an answer held for him.
_PIECE = 256 * 1024

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Hosts:
    """What this server is called in the Host of a request: at `port`, and by `names` besides.

    It is its loopback names and the address that the request came in by, both with the port, and
    each of `names` with that port, with its own, or with none. A page elsewhere whose name is
    made to lead here (DNS rebinding) asks for a host by that name, and is not answered.
    """

    port: int
    names: frozenset[str] = frozenset()

    def know(self, host: str, reached: str | None) -> bool:
        """Whether `host`, as a request has it, is this server, `reached` at an address."""
        name, port = _split(host.lower())
        if name is None:
            return False
        if host.lower() in self.names or (name in self.names and port in (None, self.port)):
            return True
        if (80 if port is None else port) != self.port:
            return False
        return name in _LOOPBACK or (reached is not None and _same(name, reached))


def _split(host: str) -> tuple[str | None, int | None]:
    """The name and the port of a Host; a name of None for what is none (RFC 9110, 7.2)."""
    found = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::([0-9]{1,5}))?", host)
    if not found:
        return None, None
    return found[1] or found[2], int(found[3]) if found[3] else None


def _same(name: str, reached: str) -> bool:
    """Whether a name is that address, however it is written."""
    try:
        return ipaddress.ip_address(name) == ipaddress.ip_address(reached)
    except ValueError:
        return False


#: What a parameter may say: a pattern that its value fits as a whole.
Values = Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Opening:
    """Addresses that are open: a pattern for the path, and what the query may say.

    `parameters`: each that is known, and what its values fit; None: whoever answers looks himself.
    `most`: of a name, the most times that it may stand there, where that is not MOST_PARAMETERS.
    """

    path: re.Pattern[str]
    parameters: Values | None = None
    most: Mapping[str, int] | None = None

    def amiss(self, query: str) -> str | None:
        """What is wrong with a query, in words; None where nothing is."""
        try:
            pairs = parse_qsl(
                query,
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MOST_PARAMETERS,
            )
        except UnicodeDecodeError:
            return "what is asked is not UTF-8"
        except ValueError:
            return f"more than {MOST_PARAMETERS} parameters are asked"
        if any("\0" in text for pair in pairs for text in pair):
            return "what is asked holds a NUL"
        if self.parameters is None:
            return None
        return next(filter(None, (self._wrong(name, value) for name, value in pairs)), None) or (
            self._too_many([name for name, _ in pairs])
        )

    def _wrong(self, name: str, value: str) -> str | None:
        if name not in (self.parameters or {}):
            return f"this page has no parameter {_quoted(name)}"
        if not (self.parameters or {})[name].fullmatch(value):
            return f"{_quoted(name)} cannot be {_quoted(value)}"
        return None

    def _too_many(self, names: Sequence[str]) -> str | None:
        for name, most in (self.most or {}).items():
            if names.count(name) > most:
                return f"{_quoted(name)} stands there more than {most} times"
        return None


def _quoted(text: str) -> str:
    return f"“{text[:60]}”" if text.isprintable() else ascii(text[:60])


class Door:
    """An ASGI app that lets through to `app` what is open, and puts HEADERS on every answer.

    Where a page elsewhere asks (by a script, an image, a frame), which a browser tells with
    Sec-Fetch-Site, it is refused; a link there may lead here.
    """

    def __init__(self, app: App, hosts: Hosts, openings: Iterable[Opening]) -> None:
        self._app = app
        self._hosts = hosts
        self._openings = tuple(openings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse: 400, 403, 404, 405 or 414 with a line of text."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        head = scope["method"] == "HEAD"
        refused = self._refused(scope)
        if refused:
            await _refuse(_dressed(send, head=head), *refused)
            return
        heard = [(name, value) for name, value in scope["headers"] if name not in _UNHEARD]
        # Whoever answers is asked to GET: what comes of it is not sent on.
        asked = {**scope, "headers": heard, "method": "GET"}
        await self._app(asked, receive, _dressed(send, head=head))

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """The status and the words of a refusal; None for what may come in."""
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        hosts = [value for name, value in headers if name == b"host"]
        reached = scope.get("server") or (None, None)
        if len(hosts) != 1 or not self._hosts.know(hosts[0], reached[0]):
            return 400, "this server is not called so; `ledger serve --name NAME` gives it a name"
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "this ledger is only read here"
        told = dict(headers)
        near = told.get(b"sec-fetch-site", "none") in ("none", "same-origin")
        if not near and told.get(b"sec-fetch-mode") != "navigate":
            return 403, "another site's page asks for this; open it by itself"
        path, query = _address(scope)
        if len(path) + len(query) > LONGEST_ADDRESS:
            return 414, f"the address is longer than {LONGEST_ADDRESS:,} bytes"
        opening = next((each for each in self._openings if each.path.fullmatch(path)), None)
        if opening is None:
            return 404, "there is no such page here; begin at /"
        wrong = opening.amiss(query)
        return (400, wrong) if wrong else None


def _address(scope: Scope) -> tuple[str, str]:
    """The path as it was sent, without what a browser decodes, and the query."""
    path = scope.get("raw_path") or scope["path"].encode()
    return path.decode("latin-1").partition("?")[0], scope["query_string"].decode("latin-1")


async def _refuse(send: Send, status: int, words: str) -> None:
    body = f"{words}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status == 405:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _dressed(send: Send, *, head: bool) -> Send:
    """Whoever answers, every answer says HEADERS, and nothing of what is not to be said."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in message.get("headers", [])
                if name.decode("latin-1").lower() not in HEADERS
                and not _UNSAID.fullmatch(name.lower())
            ]
            ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*kept, *ours]}
        elif message["type"] == "http.response.body" and head:
            message = {**message, "body": b""}
        body = message.get("body", b"")
        for place in range(0, len(body) - _PIECE, _PIECE):
            await send({**message, "body": body[place : place + _PIECE], "more_body": True})
        last = (len(body) - 1) // _PIECE * _PIECE if body else 0
        await send({**message, "body": body[last:]} if last else message)

    return dressed
