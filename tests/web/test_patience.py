"""Who says nothing, or does not listen, is not waited for; who is answered is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.server import ServerState

from ledger.web import patience
from ledger.web.door import App, Message, Receive, Scope, Send
from ledger.web.patience import Patient

#: Seconds after which a test has failed.
LONG = 30


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "ASKING", 0.1)
    monkeypatch.setattr(patience, "TAKING", 0.1)


@asynccontextmanager
async def connected(app: App) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server of this app."""
    config = uvicorn.Config(app, http=Patient, ws="none", lifespan="off", log_config=None)
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: Patient(config, state, {}), "127.0.0.1", 0
    )
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            await asyncio.gather(writer.wait_closed(), *state.tasks, return_exceptions=True)


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(0.3)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"at last"})


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_request_that_does_not_come_is_not_waited_for(said: bytes) -> None:
    async def tried() -> bytes:
        async with connected(slow) as (reader, writer):
            writer.write(said)
            return await asyncio.wait_for(reader.read(), LONG)

    assert asyncio.run(tried()) == b""


def test_an_answer_may_take_its_time_and_the_next_request_not() -> None:
    async def tried() -> bytes:
        async with connected(slow) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT")
            return await asyncio.wait_for(reader.read(), LONG)

    answer = asyncio.run(tried())
    assert answer.count(b"HTTP/1.1 200") == 1
    assert b"at last" in answer


def test_an_answer_that_nobody_takes_is_given_up() -> None:
    async def tried() -> None:
        given_up = asyncio.Event()

        async def much(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            piece: Message = {"type": "http.response.body", "body": bytes(1 << 20)}
            for _ in range(100):
                await send({**piece, "more_body": True})
            given_up.set()

        async with connected(much) as (_, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.wait_for(given_up.wait(), LONG)

    asyncio.run(tried())
