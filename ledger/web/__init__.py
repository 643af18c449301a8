"""The ledger in a browser: its pages, the same ones for a server and for a folder of files."""
