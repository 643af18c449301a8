"""Full text: the words of every version of a claim and of what it names, to be looked up.

On SQLite by FTS5 tables without content of their own, which hold words and where they stand and
nothing else; the row that a word stands in is told by a number made of the entry and the row that
the version is of. What is put into them is folded first (`ledger.folding`), by the program's one
writer, so that no trigger calls a function that only this program has. On PostgreSQL there is no
search yet.

And an index of claims by who relayed them. Frozen.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

# Marks are parts of words: the vowel signs of Indian scripts are.
TOKENS = "unicode61 remove_diacritics 2 categories ''L* N* M* Co''"

INDEXED = {
    "claim_text": "quote, wording, note, because",
    "name_text": "name, text, place",
}

VIEW = """
    SELECT c.id AS claim, t.claim_text AS words, t.rank AS rank
      FROM claim_text t
      JOIN claim c ON c.id = (t.rowid & 4294967295) AND c.entry_id = (t.rowid >> 32)
"""


def upgrade() -> None:
    op.execute("CREATE INDEX ix_claim_via_id ON claim (via_id) WHERE via_id IS NOT NULL")
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, columns in INDEXED.items():
        op.execute(
            f"CREATE VIRTUAL TABLE {table} USING fts5({columns}, content='', tokenize='{TOKENS}')"
        )
    op.execute(f"CREATE VIEW texts AS {VIEW.strip()}")
