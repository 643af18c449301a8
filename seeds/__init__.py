"""The shipped ledger's data: one article, read as a careful analyst reads it."""
