"""The numbers that a file of claims gives its rows, so that rows may name one another."""

from array import array
from bisect import bisect_left


class Numbers:
    """The numbers that a file gives its claims, and the place of the row that has each.

    Most files count upwards and number every row: then a number and its place are in 8 bytes.
    """

    def __init__(self) -> None:
        self._rising: array[int] | None = array("q")
        # None while every row so far has a number, so that its place is known.
        self._places: array[int] | None = None
        self._at: dict[int, int] = {}

    def add(self, number: int, place: int) -> int | None:
        """Take in the number of the row at `place`; the place of one that has it already."""
        if self._rising is not None:
            if (not self._rising or number > self._rising[-1]) and number < 1 << 62:
                if self._places is None and place != len(self._rising):
                    self._places = array("q", range(len(self._rising)))
                self._rising.append(number)
                if self._places is not None:
                    self._places.append(place)
                return None
            self._at = dict(zip(*self.arrays(), strict=True))
            self._rising = self._places = None
        first = self._at.setdefault(number, place)
        return None if first == place else first

    def arrays(self) -> tuple["array[int]", "array[int]"]:
        """The numbers, and the place of the row that has each, in the order they were taken in."""
        if self._rising is not None:
            places = self._places
            return self._rising, array("q", range(len(self._rising))) if places is None else places
        return array("q", self._at), array("q", self._at.values())

    def get(self, number: object) -> int | None:
        """The place of a number."""
        if not isinstance(number, int):
            return None
        if self._rising is None:
            return self._at.get(number)
        at = bisect_left(self._rising, number)
        if at < len(self._rising) and self._rising[at] == number:
            return at if self._places is None else self._places[at]
        return None

    def __contains__(self, number: object) -> bool:
        return self.get(number) is not None

    def __bool__(self) -> bool:
        return bool(self._rising) or bool(self._at)
