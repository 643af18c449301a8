"""What is said of very many things, out of memory: in a file without a name, read back by index.

Where little is said there is none.
"""

import marshal
from array import array
from collections.abc import Iterator

from ledger.exchange.scratch import Scratch

Cells = tuple[str, ...]

#: So many bytes wait in memory to be written together, and are read together.
_AT_ONCE = 1 << 18


class Cellar:
    """The cells of things by index, from 0; None where they were taken out."""

    def __init__(self) -> None:
        self._scratch: Scratch | None = None
        self._begins = array("q")
        self._waiting = bytearray()
        self._gone: set[int] = set()

    def append(self, told: Cells | None) -> None:
        """Put down what is said of the next thing."""
        if told is None:
            self._gone.add(len(self._begins))
        self._begins.append(self._written + len(self._waiting))
        self._waiting += marshal.dumps(told)
        if len(self._waiting) > _AT_ONCE:
            self._write()

    def is_gone(self, at: int) -> bool:
        """Whether what is said of a thing was taken out, or never put in."""
        return at in self._gone

    def __len__(self) -> int:
        """How many things there are."""
        return len(self._begins)

    def __getitem__(self, at: int) -> Cells | None:
        """What is said of a thing."""
        if at in self._gone:
            return None
        begin = self._begins[at]
        end = self._begins[at + 1] if at + 1 < len(self._begins) else self._end
        return _loaded(memoryview(self._bytes(begin, end)))

    def __setitem__(self, at: int, told: None) -> None:
        """Take out what is said of a thing."""
        self._gone.add(at)

    def __iter__(self) -> Iterator[Cells | None]:
        """What is said of each, in their order; nothing is put down meanwhile."""
        begins, count = self._begins, len(self._begins)
        start = 0
        while start < count:
            end = start + 1
            while end < count and begins[end] - begins[start] < _AT_ONCE:
                end += 1
            last = begins[end] if end < count else self._end
            first, data = begins[start], memoryview(self._bytes(begins[start], last))
            for at in range(start, end):
                yield None if at in self._gone else _loaded(data[begins[at] - first :])
            start = end

    def close(self) -> None:
        """Give the room back."""
        if self._scratch is not None:
            self._scratch.close()

    @property
    def _written(self) -> int:
        return 0 if self._scratch is None else self._scratch.size

    @property
    def _end(self) -> int:
        return self._written + len(self._waiting)

    def _write(self) -> None:
        if self._scratch is None:
            self._scratch = Scratch()
        self._scratch.add(bytes(self._waiting))
        self._waiting.clear()

    def _bytes(self, begin: int, end: int) -> bytes:
        """What stands from one place to another, in the file or yet to be written to it."""
        written, found = self._written, b""
        if self._scratch is not None and begin < written:
            found = bytes(self._scratch.read(begin, min(end, written) - begin))
        waiting = max(begin - written, 0), max(end - written, 0)
        return found + self._waiting[waiting[0] : waiting[1]] if waiting[1] else found


def _loaded(data: memoryview) -> Cells:
    # Nobody else can reach the file, which marshal asks for; what follows it passes over.
    return marshal.loads(data)  # type: ignore[no-any-return]  # noqa: S302
