"""What a recipe costs: a made table in the layout of UCDP GED, against the equal file of claims.

    python benchmarks/recipes.py [--rows 100000] [--runs 3]

Whole processes, in turn: `ledger import ged.csv --recipe ucdp-ged` into a new ledger, and `ledger
import flat.csv` of what the recipe makes of it. Prints a Markdown table: seconds elapsed and of the
processor, peak memory, and the ratio of the two; both must come to the same claims.
"""

import argparse
import csv
import random
import statistics
import tempfile
from pathlib import Path

from importing import LEDGER, fresh, run

from ledger.recipes import shelf
from ledger.recipes.foreign import Foreign

HEADER = (
    "id", "relid", "type_of_violence", "conflict_name", "side_a", "side_b", "number_of_sources",
    "source_article", "source_office", "source_date", "source_headline", "source_original",
    "where_coordinates", "adm_1", "latitude", "longitude", "country", "date_prec", "date_start",
    "date_end", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low",
)  # fmt: skip


def make(path: Path, rows: int) -> None:
    """Rows in the layout of GED, the same each time."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number in range(1, rows + 1):
            day = f"{1990 + number % 34}-{1 + number % 12:02}-{1 + number % 28:02}"
            outlets = [f"Agency {chance.randrange(300)}" for _ in range(chance.randrange(1, 3))]
            low, more = chance.randrange(20), chance.randrange(5)
            civilians = chance.choice([0, 0, low])
            place = chance.randrange(5_000)
            writer.writerow([
                number, f"R-{number}", 1 + number % 3, f"Conflict {place % 90}",
                f"Government {place % 90}", f"Rebels {place % 400}", len(outlets),
                "; ".join(f'"{each},{day},Clash {number} leaves {low} dead"' for each in outlets),
                ";".join(outlets), ";".join(day for _ in outlets),
                ";".join(f"Clash {number} leaves {low} dead, says {each}" for each in outlets),
                chance.choice(["", "police", "residents;army spokesman", "UN"]),
                f"Town {place}", f"Province {place % 60}", f"{place / 100:.6f}",
                f"{place / 90:.6f}", f"Country {place % 60}", 1, f"{day} 00:00:00.000",
                f"{day} 00:00:00.000", low - civilians, 0, civilians, more, low + more,
                low + 2 * more, low,
            ])  # fmt: skip


def flatten(ged: Path, path: Path) -> int:
    """What the recipe makes of it, as a file of claims."""
    rows = -1
    with ged.open("rb") as stream, path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        for batch in Foreign(shelf.recipe("ucdp-ged"), stream, ged.name, []):
            writer.writerows(batch.rows)
            rows += len(batch.rows)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "ged.csv", given.rows)
        claims = flatten(folder / "ged.csv", folder / "flat.csv")
        begin = [LEDGER, "--db", "ours.db", "--as", "maria", "import"]
        commands = {
            "by the recipe": [*begin, "ged.csv", "--recipe", "ucdp-ged"],
            "the equal file": [*begin, "flat.csv"],
        }
        found: dict[str, list[tuple[float, float, float]]] = {each: [] for each in commands}
        for _ in range(given.runs):
            for each, command in commands.items():
                fresh(folder)
                found[each].append(run(command, folder))
        sizes = [(folder / file).stat().st_size / 1e6 for file in ("ged.csv", "flat.csv")]
        print(f"{given.rows:,} rows ({sizes[0]:.0f} MB), {claims:,} claims ({sizes[1]:.0f} MB); "
              f"{given.runs} runs\n")  # fmt: skip
        print("| import | elapsed, s | processor, s | memory, MB |\n| --- | --- | --- | --- |")
        for each, runs in found.items():
            middle = [statistics.median(column) for column in zip(*runs, strict=True)]
            print(f"| {each} | {middle[0]:.1f} | {middle[1]:.1f} | {middle[2]:.0f} |")
        ours, theirs = found.values()
        ratio = [statistics.median(a[at] / b[at] for a, b in zip(ours, theirs, strict=True))
                 for at in range(3)]  # fmt: skip
        print(f"| ratio | {ratio[0]:.2f} | {ratio[1]:.2f} | {ratio[2]:.2f} |")


if __name__ == "__main__":
    main()
