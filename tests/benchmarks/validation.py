"""What the gate on assembled frames costs: a suite on 66,000 rows, and at 7.8 M rows in slices.

Run it with `python -m tests.benchmarks.validation --size small M`; every measurement is taken in a
process of its own: over a frame held in memory, or over a Parquet file where it is larger than a
slice. It prints a table and asserts nothing but that the gate let the
sound frame pass and found the one wrong row.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sql.frames import conform
from sql.tables import key_of
from validations.assembled import SLICE
from validations.suite_files import read_suite
from validations.suites import gate

SIZES = {"small": (22, 150, 20), "M": (400, 1_000, 20)}
"""Councils x indicators x years: 66,000 and 8,000,000 rows, of which 97.5 % are kept at M."""
ROWS = {"small": 66_000, "M": 7_800_000}
SUITE = "indicator_values"
PART = 400_000
PROJECT = Path(__file__).resolve().parents[2]


def figures(size: str, first: int, count: int) -> pd.DataFrame:
    """So many sound figures from that one on, sorted by indicator; every tenth has no value."""
    councils, indicators, years = SIZES[size]
    place = np.arange(first, first + count)
    indicator, rest = np.divmod(place, councils * years)
    year, council = np.divmod(rest, councils)
    value = np.random.default_rng(first).gamma(9.0, 3.0, count)
    value[::10] = np.nan
    none = np.zeros(count, dtype=int)
    columns = {
        "indicator": _named([f"indicator_{n:04d}" for n in range(indicators)], indicator),
        "period": _named([f"{2001 + n}-04-01/P1Y" for n in range(years)], year),
        "area_code": _named([f"W{6000001 + n:08d}" for n in range(councils)], council),
        "breakdown_type": _named(["total"], none),
        "breakdown": _named(["total"], none),
        "area_type": _named(["council"], none),
        "numerator": value * 10,
        "denominator": value * 3 + 1,
        "value": value,
        "value_rounded": np.round(value, 1),
        "note_code": _named([None, "x"], np.isnan(value).astype(int)),
        "lower_95": value - 1,
        "upper_95": value + 1,
        "lower_998": value - 2,
        "upper_998": value + 2,
        "is_queried": none.astype(bool),
    }
    return conform(pd.DataFrame(columns), SUITE, fill=True)


def write(size: str, path: Path, *, fault: bool = False) -> None:
    """The whole frame as a Parquet file; with a fault, the last row is about a planet."""
    schema = pa.Schema.from_pandas(figures(size, 0, 1), preserve_index=False)
    with pq.ParquetWriter(path, schema) as writer:
        for first in range(0, ROWS[size], PART):
            part = figures(size, first, min(PART, ROWS[size] - first))
            if fault and first + PART >= ROWS[size]:
                part.loc[len(part) - 1, "area_type"] = "planet"
            writer.write_table(pa.Table.from_pandas(part, schema, preserve_index=False))


def _named(words: list[str | None], codes: np.ndarray) -> pd.Series:
    return pd.Series(pd.array(words, dtype="str")).take(codes).reset_index(drop=True)


def measure(sound: Path) -> dict[str, float]:
    """CPU seconds and peak memory of a gate over that file, and over faulty.parquet beside it."""
    start = time.process_time()
    import great_expectations  # noqa: F401  its import is paid once a process and told apart

    imported = time.process_time() - start
    gate(figures("small", 0, 1_000), SUITE)
    rows = pq.read_metadata(sound).num_rows
    given = sound if rows > SLICE else pd.read_parquet(sound)
    held = _peak()
    start, wall = time.process_time(), time.perf_counter()
    assert gate(given, SUITE).empty
    cpu, wall = time.process_time() - start, time.perf_counter() - wall
    assert gate(sound.with_name("faulty.parquet"), SUITE)["code"].tolist() == ["area_type_is_known"]
    spec = read_suite(SUITE)
    return {
        "rows": rows,
        "checks": len(spec.checks) + len(spec.floors) + len(key_of(SUITE)) + 1,
        "import_s": imported,
        "cpu_s": cpu,
        "wall_s": wall,
        "before_mb": held,
        "peak_mb": _peak(),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure each size in a fresh process and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", nargs="+", choices=list(SIZES), default=["small"])
    parser.add_argument("--here", type=Path, help="measure that file in this process, print JSON")
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measure(given.here)))
        return
    print("| size | rows | checks | import s | CPU s | wall s | MB before | MB at most |")
    print("|---|---|---|---|---|---|---|---|")
    for size in given.size:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sound.parquet"
            write(size, path)
            write(size, path.with_name("faulty.parquet"), fault=True)
            command = [sys.executable, "-m", "tests.benchmarks.validation", "--here", str(path)]
            said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
        found = json.loads(said.stdout.splitlines()[-1])
        print(f"| {size} | {found['rows']:,} | {found['checks']} |", end="")
        print(f" {found['import_s']:.1f} | {found['cpu_s']:.2f} | {found['wall_s']:.2f} |", end="")
        print(f" {found['before_mb']:,.0f} | {found['peak_mb']:,.0f} |")


if __name__ == "__main__":
    main()
