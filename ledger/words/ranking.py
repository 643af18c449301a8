"""How well texts answer a question, as FTS5 weighs it: bm25 with k1 = 1.2 and b = 0.75.

https://www.sqlite.org/fts5.html#the_bm25_function
"""

from collections.abc import Sequence
from math import log

_K1, _B = 1.2, 0.75

#: What a word weighs that half of all texts hold, or more.
_LEAST = 1e-6


def rarities(texts: int, holding: Sequence[int]) -> list[float]:
    """What each word or phrase weighs, of which so many of all `texts` hold one."""
    found = [log((texts - held + 0.5) / (held + 0.5)) for held in holding]
    return [weight if weight > 0 else _LEAST for weight in found]


def bm25(weights: Sequence[float], often: Sequence[int], size: int, average: float) -> float:
    """How well a text answers, the more the better: `often` says how often it holds each of what
    was asked, `size` and `average` how many words it and a text have.
    """
    length = _K1 * (1 - _B + _B * size / average)
    return sum(
        weight * (held * (_K1 + 1) / (held + length))
        for weight, held in zip(weights, often, strict=True)
        if held
    )
