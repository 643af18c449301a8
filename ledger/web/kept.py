"""Answers that were made once are kept for whoever asks next, up to so many bytes of them.

Of many who ask for the same at the same time, one has it made and all others wait for that.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: bytes of a type, with a status; `name` is that of a file to be kept."""

    body: bytes
    type: str
    status: int = 200
    name: str = ""
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        """The tag is of what is answered, so that who has it already need not be sent it."""
        object.__setattr__(self, "tag", f'"{sha256(self.body).hexdigest()[:32]}"')


class Kept:
    """Replies by what they answer: at most `size` bytes, the longest unasked let go first.

    For one event loop. One that is larger than an eighth of that is not kept.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.held = 0
        self._replies: OrderedDict[Hashable, Reply] = OrderedDict()
        self._made: dict[Hashable, asyncio.Task[Reply]] = {}

    async def reply(self, key: Hashable, make: Callable[[], Awaitable[Reply]]) -> Reply:
        """The reply to `key`, by `make` if there is none; what that raises is raised to all."""
        if key in self._replies:
            self._replies.move_to_end(key)
            return self._replies[key]
        task = self._made.get(key)
        if task is None:
            task = self._made[key] = asyncio.ensure_future(self._make(key, make))
            task.add_done_callback(lambda _: self._made.pop(key, None))
        # Who stops waiting does not stop it for the others.
        return await asyncio.shield(task)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Reply]]) -> Reply:
        reply = await make()
        if reply.status == 200 and len(reply.body) * 8 <= self.size:
            self._replies[key] = reply
            self.held += len(reply.body)
            while self.held > self.size:
                _, oldest = self._replies.popitem(last=False)
                self.held -= len(oldest.body)
        return reply
