"""The charts: claimed ranges, positions over time, a matrix of stances.

A chart is a pure function from a frame to an Altair chart; beside it stands the function that
reads the frame from a ledger. `files` makes SVG, PNG and HTML of it.
"""
