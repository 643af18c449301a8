"""How long a server waits for who asks it: to finish asking, and to take the answer.

Of itself it would wait for ever, and some hundred connections that say nothing, or do not listen,
would keep everybody else out.
"""

import asyncio
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds that a request may take to come, from when it may begin; that a piece of an answer may
#: take to go.
ASKING, TAKING = 20.0, 60.0


class Patient(H11Protocol):
    """A connection that is ended when it comes to nothing."""

    _asking: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there, and may ask."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._look()

    def data_received(self, data: bytes) -> None:
        """A part of a request, or more."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """An answer was given: the next request may begin."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """A piece of an answer is to be taken."""
        super().pause_writing()
        self._taking = self._taking or self.loop.call_later(TAKING, self.transport.abort)

    def resume_writing(self) -> None:
        """It was."""
        super().resume_writing()
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there."""
        for timer in (self._asking, self._taking):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Wait for a request where none is being answered, from when that began."""
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering and self._asking is not None:
            self._asking.cancel()
            self._asking = None
        elif not answering and self._asking is None:
            self._asking = self.loop.call_later(ASKING, self._give_up)

    def _give_up(self) -> None:
        """End the connection; what is still on its way is not waited for any longer than that."""
        self.transport.close()
        self._asking = self.loop.call_later(TAKING, self.transport.abort)
