"""Charts as files: SVG, PNG, and a page that answers to the pointer. No network, no browser.

vl-convert renders; nothing that a chart holds is loaded from anywhere. The page is ours, not
vl-convert's: data stands in it as data, whatever it says, and its Content-Security-Policy lets run
only the libraries that are in it, by hash. It shows the SVG until they have run, and on paper.
"""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Any

from ledger.errors import LedgerError
from ledger.visible import visible

#: Pixels of a PNG for one of the chart's own.
PIXELS = 2

FORMATS = ("svg", "png", "html")

_STYLE = """
:root { color-scheme: light; }
body { margin: 1rem; font: 1rem/1.4 system-ui, sans-serif; color: #222; background: #fff; }
figure { margin: 0; overflow-x: auto; }
#vg-tooltip-element { position: fixed; visibility: hidden; z-index: 9; max-width: 24rem;
  padding: .4rem .6rem; background: #fff; border: 1px solid #999; font-size: .8rem; }
#vg-tooltip-element.visible { visibility: visible; }
#vg-tooltip-element td.key { color: #5f5f5f; padding-right: .5rem; vertical-align: top; }
#vg-tooltip-element td.value { overflow-wrap: anywhere; }
"""

#: `ast` has Vega interpret its expressions, so that the page needs no eval.
_SCRIPT = """
const spec = JSON.parse(document.getElementById("spec").textContent);
const options = { mode: "vega-lite", renderer: "svg", actions: false, ast: true,
  defaultStyle: false, tooltip: { disableDefaultStyle: true } };
vegaEmbed("#chart", spec, options).catch(console.error);
"""


def svg(chart: Any) -> str:
    """The chart as SVG: its texts as texts, and for those who hear it one description."""
    told = chart.to_dict()
    found: str = library().vegalite_to_svg(told, allowed_base_urls=[])
    said = escape(told.get("description", ""))
    return found.replace("<svg ", f'<svg role="img" aria-label="{said}" ', 1)


def png(chart: Any) -> bytes:
    """The chart as PNG, PIXELS to each of its own."""
    found: bytes = library().vegalite_to_png(chart.to_dict(), scale=PIXELS, allowed_base_urls=[])
    return found


def html(chart: Any, title: str = "Chart") -> str:
    """The chart as one page that loads nothing: it tells what a mark says under the pointer."""
    bundle = library().javascript_bundle().replace("</script", "<\\/script")
    script = f"{bundle}\n{_SCRIPT}"
    told = {name: part for name, part in chart.to_dict().items() if name != "$schema"}
    spec = json.dumps(told).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(_STYLE)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(visible(title))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<figure id="chart">{svg(chart)}</figure>\n'
        f'<script type="application/json" id="spec">{spec}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def library() -> Any:
    """vl-convert; LedgerError where it is not installed."""
    try:
        import vl_convert
    except ImportError:
        raise LedgerError(
            "charts need the vl-convert library, which is not installed",
            'pip install "claim-ledger[charts]"',
        ) from None
    return vl_convert
