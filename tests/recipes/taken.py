"""Imports a made-up file of a foreign dataset by a shipped recipe, and reads what it became."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.conftest import Run

FOREIGN = Path(__file__).parent / "foreign"

Row = dict[str, Any]


@dataclass(frozen=True)
class Taken:
    """A ledger with the file in it; `said` is what import told."""

    run: Run
    said: str

    def rows(self, query: str) -> list[Row]:
        """What the public views answer."""
        answer: list[Row] = json.loads(self.run("sql", query, "--format", "json").stdout)
        return answer

    def claims(self, **values: str) -> list[Row]:
        """The claims of which these columns hold these values."""
        found = self.rows("SELECT * FROM claims ORDER BY claim")
        return [row for row in found if all(row[column] == values[column] for column in values)]

    def claim(self, **values: str) -> Row:
        """The one claim of which these columns hold these values."""
        (found,) = self.claims(**values)
        return found

    def proposition(self, text: str) -> Row:
        """The one proposition whose slug or text holds these words."""
        found = self.rows("SELECT * FROM propositions ORDER BY id")
        (one,) = [row for row in found if text in row["text"] or text in row["proposition"]]
        return one


def taken(run: Run, recipe: str, *files: str) -> Taken:
    """The ledger after the files were imported by the recipe, one after the other."""
    said = [run("import", str(FOREIGN / file), "--recipe", recipe).output for file in files]
    return Taken(run, "".join(said))
