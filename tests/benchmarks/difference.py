"""The difference between two large versions, against a pandas outer merge; it prints a table.

    python -m tests.benchmarks.difference [--rows 8000000]

Both start from the two versions' Parquet files and end with the changed, added and removed rows;
each runs in a fresh process. CPU seconds without imports and without the writing of the files.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

KEY = ["indicator", "period", "area_code", "breakdown_type", "breakdown"]
CELLS = ["value", "numerator", "denominator"]
N_CHANGED, N_REMOVED, N_ADDED = 1000, 500, 300


def write_versions(folder: Path, n_rows: int) -> None:
    """Two versions sorted by key: some figures changed, some gone, some new."""
    random = np.random.default_rng(11)
    n_areas, n_periods = 400, 20
    n_indicators = n_rows // (n_areas * n_periods)
    cube = np.arange(n_indicators * n_periods * n_areas)
    text = {
        "indicator": ([f"indicator_{n:04}" for n in range(n_indicators)], n_periods * n_areas),
        "period": ([f"{2000 + n}-04-01/P1Y" for n in range(n_periods)], n_areas),
        "area_code": ([f"W{n:08}" for n in range(n_areas)], 1),
        "breakdown_type": (["total"], 1),
        "breakdown": (["total"], 1),
    }
    columns: dict[str, pa.Array] = {}
    for name, (words, step) in text.items():
        codes = pa.array((cube // step % len(words)).astype(np.int32))
        columns[name] = pa.DictionaryArray.from_arrays(codes, pa.array(words))
    columns["numerator"] = pa.array(random.integers(0, 1000, len(cube)).astype(float))
    columns["denominator"] = pa.array(np.full(len(cube), 1000.0))
    values = random.normal(100, 10, len(cube))
    old = pa.table({**columns, "value": pa.array(values.copy())})
    chosen = random.permutation(len(cube))
    changed, rest = chosen[:N_CHANGED], chosen[N_CHANGED:]
    values[changed] += 1
    new = pa.table({**columns, "value": pa.array(values)})
    for name, made, without in (("old", old, rest[:N_ADDED]), ("new", new, rest[-N_REMOVED:])):
        kept = np.ones(len(cube), dtype=bool)
        kept[without] = False
        pq.write_table(made.filter(pa.array(kept)), folder / f"{name}.parquet")


def ours(folder: Path) -> tuple[int, int, int]:
    """As the release does it, text columns read as codes."""
    from sql.matching import match

    sides = [pq.read_table(folder / f"{n}.parquet", read_dictionary=KEY) for n in ("old", "new")]
    matched = match(*sides, KEY)
    moved = matched.any_moved(CELLS)
    changed = matched.rows_new(moved)
    return changed.num_rows, matched.removed.num_rows, matched.added.num_rows


def pandas(folder: Path) -> tuple[int, int, int]:
    """An outer merge with an indicator column, then the cells compared."""
    import pandas as pd

    sides = [pd.read_parquet(folder / f"{n}.parquet") for n in ("old", "new")]
    sides = [side.astype(dict.fromkeys(KEY, "str")) for side in sides]
    both = sides[0].merge(sides[1], on=KEY, how="outer", suffixes=("_old", "_new"), indicator=True)
    where = both["_merge"]
    unlike = np.zeros(len(both), dtype=bool)
    for cell in CELLS:
        unlike |= (both[f"{cell}_old"] != both[f"{cell}_new"]).to_numpy()
    changed = both[unlike & (where == "both")]
    return len(changed), int((where == "left_only").sum()), int((where == "right_only").sum())


ENGINES: dict[str, Callable[[Path], tuple[int, int, int]]] = {"ours": ours, "pandas": pandas}


def measure(engine: str, folder: Path) -> None:
    """Run one engine in this process and print what it took."""
    import pandas as pd  # noqa: F401 (imports are not part of the measure)

    import sql.matching  # noqa: F401 (as above)

    start = time.process_time()
    found = ENGINES[engine](folder)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": seconds, "peak": peak, "found": found}))


def main() -> None:
    """Write the versions, run the engines in turns, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=8_000_000)
    parser.add_argument("--measure", nargs=2, metavar=("ENGINE", "FOLDER"))
    given = parser.parse_args()
    if given.measure:
        measure(given.measure[0], Path(given.measure[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        write_versions(Path(folder), given.rows)
        told = {}
        for engine in ENGINES:
            command = [sys.executable, "-m", __spec__.name, "--measure", engine, folder]
            told[engine] = json.loads(
                subprocess.run(command, check=True, capture_output=True).stdout
            )
    print(f"| engine | CPU s at {given.rows:,} rows | ours is | peak MB |\n|---|---|---|---|")
    for engine, result in told.items():
        if result["found"] != [N_CHANGED, N_REMOVED, N_ADDED]:
            raise SystemExit(f"{engine} found {result['found']}")
        ratio = "" if engine == "ours" else f"1/{result['cpu'] / told['ours']['cpu']:.1f}"
        print(f"| {engine} | {result['cpu']:.2f} | {ratio} | {result['peak']:,.0f} |")


if __name__ == "__main__":
    main()
