"""Pages are made once for those who ask at once, and kept within a size."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NotFoundError
from ledger.web.kept import Kept, Reply


def replies(size: int) -> tuple[list[int], Callable[[], Awaitable[Reply]]]:
    """A maker of replies of a size, and a list to which it adds one each time it is asked."""
    made: list[int] = []

    async def make() -> Reply:
        made.append(size)
        await asyncio.sleep(0)
        return Reply(b"x" * size, "text/plain")

    return made, make


def test_of_many_who_ask_at_once_one_has_it_made() -> None:
    kept = Kept(1_000)
    made, make = replies(10)

    async def asked() -> set[bytes]:
        found = await asyncio.gather(*(kept.reply("a", make) for _ in range(50)))
        await kept.reply("a", make)
        return {each.body for each in found}

    assert asyncio.run(asked()) == {b"x" * 10}
    assert made == [10]


def test_what_went_wrong_is_said_to_all_and_not_kept() -> None:
    kept = Kept(1_000)
    made, make = replies(10)

    async def fail() -> Reply:
        raise NotFoundError("there is no such page")

    async def asked() -> list[object]:
        wrong = await asyncio.gather(*(kept.reply("a", fail) for _ in range(3)),
                                     return_exceptions=True)  # fmt: skip
        await kept.reply("a", make)
        return [*wrong]

    assert all(isinstance(each, NotFoundError) for each in asyncio.run(asked()))
    assert made == [10]


def test_who_leaves_stops_nobody_else() -> None:
    kept = Kept(1_000)
    go = asyncio.Event()

    async def make() -> Reply:
        await go.wait()
        return Reply(b"x", "text/plain")

    async def asked() -> bytes:
        first = asyncio.create_task(kept.reply("a", make))
        second = asyncio.create_task(kept.reply("a", make))
        await asyncio.sleep(0)
        first.cancel()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        return (await second).body

    assert asyncio.run(asked()) == b"x"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 300)), max_size=40))
def test_no_more_is_kept_than_the_size(asked: list[tuple[int, int]]) -> None:
    kept = Kept(1_000)

    async def all_of_them() -> None:
        for key, size in asked:
            _, make = replies(size)
            await kept.reply((key, size), make)
            assert kept.held <= kept.size

    asyncio.run(all_of_them())


def test_the_longest_unasked_is_let_go_first() -> None:
    kept = Kept(1_000)

    async def asked() -> list[int]:
        counts = []
        for key in ("a", *range(8), "a", *range(8, 12), "a", 0):
            made, make = replies(100)
            await kept.reply(key, make)
            counts.append(len(made))
        return counts

    assert asyncio.run(asked())[-2:] == [0, 1]
