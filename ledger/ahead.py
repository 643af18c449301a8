"""Work of which the next part is made in a process of its own while the last one is used.

Python does one thing at a time in a process; where a million rows are made and then written, two
processes halve the wait. What goes over is what marshal takes: text, numbers, bytes, tuples, lists.
"""

import marshal
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from ledger.errors import LedgerError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")

#: How a message begins: with an item, with an error, or with the end.
_ITEM, _FAILED, _END = b"i", b"f", b"e"


def is_worth_it() -> bool:
    """Whether a second process can do a share: there is a core for it, and a copy is safe to make.

    A process with several threads is not copied: what another thread holds is never let go.
    """
    return (
        sys.platform == "linux"
        and len(os.sched_getaffinity(0)) > 1
        and threading.active_count() == 1
    )


@contextmanager
def ahead(items: Iterable[T]) -> Iterator[Iterator[T]]:
    """Have `items` made by a copy of this process, one ahead of whoever goes through them.

    What making them changes is changed in the copy alone. An error there is raised here, as is a
    LedgerError where the copy is stopped from outside. Where `is_worth_it` says no, or the items
    are not all asked for, nothing is lost: they are made here, or no longer.
    """
    if not is_worth_it():
        yield iter(items)
        return
    # A copy, not a fresh process: what is to be worked on is in memory already.
    import multiprocessing

    forking = multiprocessing.get_context("fork")
    ours, theirs = forking.Pipe(duplex=False)
    process = forking.Process(target=_make, args=(items, ours, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield _given(ours)
    finally:
        ours.close()
        process.kill()
        process.join()


def _make(items: Iterable[object], ours: "Connection", theirs: "Connection") -> None:
    """Send what `items` gives; in the copy."""
    import pickle

    # Ctrl-C is for the one who asked, and who then stops this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ours.close()
    try:
        for item in items:
            theirs.send_bytes(_ITEM + marshal.dumps(item))  # type: ignore[arg-type]  # what marshal takes is for the caller
        theirs.send_bytes(_END)
    except BrokenPipeError:
        return
    except Exception as error:  # whatever it is, it is raised where it was asked for
        theirs.send_bytes(_FAILED + pickle.dumps(error))


def _given(source: "Connection") -> Iterator[T]:
    """What comes over, as it comes."""
    import pickle

    while True:
        try:
            message = memoryview(source.recv_bytes())
        except EOFError:
            raise LedgerError(
                "a process that did a share of the work was stopped; nothing was written",
                hint="do it again, with more memory free",
            ) from None
        if message[:1] == _END:
            return
        # It comes from a copy of this very process, through a pipe that nobody else holds.
        if message[:1] == _FAILED:
            raise pickle.loads(message[1:])  # noqa: S301
        yield marshal.loads(message[1:])  # noqa: S302
