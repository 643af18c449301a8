"""Work that a copy of this process does ahead."""

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from ledger import ahead as aheads
from ledger.ahead import ahead
from ledger.errors import LedgerError

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux copies a process safely"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork"),
]


@pytest.fixture(autouse=True)
def worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever thread an earlier test of this process has left."""
    monkeypatch.setattr(aheads, "is_worth_it", lambda: True)


def test_everything_comes_over_in_its_order() -> None:
    some = [(number, "text" * number, b"\0", None) for number in range(2_000)]
    with ahead(iter(some)) as given:
        assert list(given) == some


def test_it_is_done_in_another_process_and_changes_nothing_here() -> None:
    done: list[int] = []

    def each() -> Iterator[int]:
        done.append(1)
        yield os.getpid()

    with ahead(each()) as given:
        assert next(given) != os.getpid()
    assert not done


def test_what_is_raised_there_is_raised_here() -> None:
    def each() -> Iterator[int]:
        yield 1
        raise ValueError("that will not do")

    with ahead(each()) as given:
        assert next(given) == 1
        with pytest.raises(ValueError, match="will not do"):
            next(given)


def test_a_copy_that_is_stopped_from_outside_is_told_of() -> None:
    def each() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)
        yield 2

    with ahead(each()) as given, pytest.raises(LedgerError, match="was stopped"):
        list(given)


def test_a_copy_goes_with_whoever_asks_no_longer() -> None:
    def each() -> Iterator[int]:
        yield os.getpid()
        while True:
            yield 0

    with ahead(each()) as given:
        process = next(given)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_where_there_is_one_core_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aheads, "is_worth_it", lambda: False)
    with ahead(iter([os.getpid])) as given:
        assert next(given)() == os.getpid()
