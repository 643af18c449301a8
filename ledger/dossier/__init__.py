"""The dossier: all that the ledger holds on an event or a proposition, as one page to read.

`gathering` reads it into the values of `values`, which know no format; `page` and `markdown` write
those, and `drawings` turns the charts of `ledger.charts` into SVG that may stand in a page.
"""
