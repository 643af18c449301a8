"""How much reports of one thing differ: the six diagnostics of aggregation sensitivity.

Pure functions, as the R package `eventreport` 0.1.1 (van Baalen and Höglund, International Studies
Quarterly 70(1), 2026, sqag014; CRAN) defines them; each names the function that it follows. A
*group* holds the reports of one thing, a *value* is what each of them says of it, and None stands
for R's NA: a report that says nothing.
"""

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one thing, summed up: all that the measures ask of them.

    `reports`: how many there are, 1 or more. `values`: how many different values they give, None
    being one of them. `known`: how many give one at all. `modal`: how many of these give the
    commonest. `deviation`: the sample standard deviation of the numbers given (divided by n - 1, as
    R's `sd`), None for fewer than two or where they are no numbers. `spread`: the largest less the
    smallest, None where there is no number.
    """

    reports: int
    values: int
    known: int
    modal: int
    deviation: float | None = None
    spread: float | None = None


def grouped(reports: Iterable[tuple[Hashable, Hashable]]) -> dict[Hashable, Group]:
    """The groups of reports that are given as pairs of a group's name and a value.

    Deviation and spread are reckoned where every value known in any group is a number.
    """
    found: dict[Hashable, dict[Hashable, int]] = {}
    for name, value in reports:
        counts = found.setdefault(name, {})
        counts[value] = counts.get(value, 0) + 1
    known = {value for counts in found.values() for value in counts if value is not None}
    numeric = all(isinstance(value, int | float) for value in known)
    return {name: group(counts, numeric=numeric) for name, counts in found.items()}


def group(counts: Mapping[Any, int], *, numeric: bool) -> Group:
    """The group of which so many reports give each value; `numeric`: the values are numbers."""
    known = {value: count for value, count in counts.items() if value is not None}
    numbers = known if numeric else {}
    return Group(
        sum(counts.values()),
        len(counts),
        sum(known.values()),
        max(known.values(), default=0),
        deviation(numbers),
        max(numbers) - min(numbers) if numbers else None,
    )


def deviation(counts: Mapping[float, int]) -> float | None:
    """The sample standard deviation of numbers that stand so often; None for fewer than two."""
    total = sum(counts.values())
    if total < 2:
        return None
    middle = math.fsum(number * count for number, count in counts.items()) / total
    squares = math.fsum(count * (number - middle) ** 2 for number, count in counts.items())
    return math.sqrt(squares / (total - 1))


def divergence(groups: Iterable[Group]) -> float | None:
    """How many further values a group gives beside one, on average (`mean_dscore`).

    0 where each group gives one value; None where there is no group.
    """
    return _mean(group.values - 1 for group in groups)


def normalised(groups: Iterable[Group], values: int) -> float | None:
    """The divergence as a share of the `values` that all groups together give, None being one.

    That is `mean_dscore(normalize = TRUE)`: at least 0 and below 1; None where there is no group.
    """
    mean = divergence(groups)
    return None if mean is None else mean / values


def mean_deviation(groups: Iterable[Group]) -> float | None:
    """The groups' standard deviations, on average (`mean_sd`), in the unit of the values.

    Groups with fewer than two numbers are left out; None where no other is left.
    """
    return _mean(group.deviation for group in groups if group.deviation is not None)


def mean_range(groups: Iterable[Group]) -> float | None:
    """The largest value less the smallest, on average (`mean_range`), in the unit of the values.

    A group with one number has a range of 0; groups without are left out.
    """
    return _mean(group.spread for group in groups if group.spread is not None)


def disagreement(groups: Iterable[Group]) -> float | None:
    """The share of groups that give two values or more (`share_disagreement`), 0 to 1."""
    return _mean(float(group.values > 1) for group in groups)


def modal_confidence(groups: Iterable[Group]) -> float | None:
    """The share of reports with the commonest value of their group, on average, above 0 to 1.

    Reports without a value, and groups of only such, are left out (`modal_confidence`).
    """
    return _mean(group.modal / group.known for group in groups if group.known)


def _mean(numbers: Iterable[float]) -> float | None:
    found = list(numbers)
    return math.fsum(found) / len(found) if found else None
