"""The tables of words on PostgreSQL, as the program speaks of them: the migrations make them.

`claim_text` has a row for each version of a claim, with the number of its words; where these are
too many for one vector it is empty, and `claim_part` has them in parts that overlap. `name_text`
has names so from the beginning.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from ledger.words import CLAIMS, NAMES, Indexed

_tables = sa.MetaData()


def _table(name: str, also: str) -> sa.Table:
    number, words = sa.Column("number", sa.BigInteger), sa.Column("words", TSVECTOR)
    return sa.Table(name, _tables, number, sa.Column(also, sa.Integer), words)


CLAIM = _table(CLAIMS, "size")
PART = _table("claim_part", "first")
NAME = _table(NAMES, "first")


def of(index: str) -> sa.Table:
    """The table of an index."""
    return _tables.tables[index]


def numbers(each: Indexed) -> sa.ColumnElement[int]:
    """The number in the index of each version in a table."""
    return sa.literal_column(each.number, sa.BigInteger).self_group()
