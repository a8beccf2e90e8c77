"""Edits that a test makes to its own copy of the sample and the inbox."""

import csv
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.house import House

Row = dict[str, str]


def versions_of(house: House, product: str) -> list[str]:
    """Versions of a product on disk, oldest first."""
    folder = house.home.releases / product
    return sorted(path.parent.name for path in folder.glob("[0-9]*/manifest.json"))


def break_source(sample: Path, part_of_url: str) -> None:
    """Every answer whose address holds that part becomes a 500, as a failing server gives."""
    path = sample / "http" / "exchanges.json"
    exchanges = json.loads(path.read_text())
    hit = [item for item in exchanges if part_of_url in item["url"]]
    assert hit, f"no answer of the sample has {part_of_url} in its address"
    for item in hit:
        item["status"] = 500
    path.write_text(json.dumps(exchanges))


def edit_rows(path: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    """Rewrite a CSV with what `change` makes of its rows; the header stays."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        header, rows = list(reader.fieldnames or []), list(reader)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))


def edit_file(path: Path, of: str, cells: Mapping[str, str], *, nth: int = 0, **where: str) -> Row:
    """Change cells of the nth row that names `of` (and has the cells of `where`); the old row."""
    old: Row = {}

    def change(rows: list[Row]) -> list[Row]:
        hits = [
            row
            for row in rows
            if of in row.values() and all(row[name] == value for name, value in where.items())
        ]
        old.update(hits[nth])
        hits[nth].update(cells)
        return rows

    edit_rows(path, change)
    return old


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
