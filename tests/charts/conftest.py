"""What a chart holds: the rows of its layers, and the texts of its SVG."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from ledger.charts import files

#: A name that would be markup, steer a screen or turn a line around.
HOSTILE = "</script><script>alert(1)</script>\x1b[31m\u202e"


def rows(chart: Any, kind: str) -> list[dict[str, Any]]:
    """The rows of every layer whose mark is of a kind."""
    told = chart.to_dict()
    return [
        row
        for layer in told["layer"]
        if layer["mark"]["type"] == kind
        for row in layer.get("data", told.get("data"))["values"]
    ]


def words(chart: Any) -> list[str]:
    """The texts of its SVG, line by line."""
    return list(_words(files.svg(chart)))


def _words(svg: str) -> Iterator[str]:
    for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        spans = element.findall("{http://www.w3.org/2000/svg}tspan")
        yield "\n".join(part.text or "" for part in spans or [element])


def legend(chart: Any) -> set[str]:
    """The sides that colour or shape stand for."""
    found = set()
    for layer in chart.to_dict()["layer"]:
        for channel in ("color", "shape"):
            scale = layer["encoding"].get(channel, {}).get("scale") or {}
            found |= set(scale.get("domain", ()))
    return found
