"""What goes wrong where a ledger is kept: kills, power cuts, disks that fail, clocks, crowds.

Each module does one sort of harm to real commands and counts what it did: acknowledged claims that
are lost, imports that are there by half, chains that are broken. The tests run a few of each;
`python benchmarks/faults.py` runs them all and prints the figures.
"""
