"""The comparison kernel against the limit of reading and writing, and against what users have.

Run as `python -m tests.benchmarks.kernel [--size S|M10|M|L] [--rounds N] [--engines NAME...]`. Here
belongs the data, the measurement (CPU seconds of fresh processes, children included, and their
peak memory; in turns, the least of all rounds). The alternatives are in engines, the check that
their answers agree in answers. The limit reads the input and writes exactly the kernel's tables:
with the defaults of pyarrow, and once more with the kernel's own settings.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")
SIZES = {
    "S": (200, 20, 22),
    "M10": (100, 20, 400),
    "M": (1000, 20, 400),
    "L": (300, 10, 10_000),
}
"""Indicators, years, councils."""
NEIGHBOURS = 7
SLAB = 131_072
PARTS = 10
"""Parts, ten of a size's indicators each, in which an alternative takes what it cannot as one."""
IN_PARTS = " in parts"
LIMITS = ("limit", "limit, own settings")
ALTERNATIVES = ("duckdb", "polars", "pandas")
ENGINES = {
    "S": ("kernel", *LIMITS, *ALTERNATIVES, "trend", "uncertainty"),
    "M10": ("kernel", *LIMITS, *ALTERNATIVES, "trend"),
    "M": ("kernel", *LIMITS, *(name + IN_PARTS for name in ALTERNATIVES), "pandas", "trend"),
    "L": ("kernel", *LIMITS),
}
"""What is measured at each size: duckdb and polars do not finish M as one table in 24 GB."""


def generate(size: str, home: Path) -> None:
    """Observations (3 % missing), indicators and groups as Parquet; the same every time.

    Half are proportions with binomial intervals, half rates without; a third is better when higher.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    n_indicators, n_years, n_areas = SIZES[size]
    rng, cells = np.random.default_rng(20), n_years * n_areas
    areas = pa.array([f"W{number:05}" for number in range(n_areas)])
    periods = pa.array([f"{2001 + year}-04-01/P1Y" for year in range(n_years)])
    names = [f"i{number:04}" for number in range(n_indicators)]
    every_area = areas.take(pa.array(np.tile(np.arange(n_areas), n_years)))
    every_period = periods.take(pa.array(np.repeat(np.arange(n_years), n_areas)))
    held, writer = [], None
    for name in names:
        bottom = rng.integers(500, 90_000, cells).astype(float)
        top = np.floor(bottom * rng.uniform(0.05, 0.4, cells))
        top[rng.random(cells) < 0.03] = np.nan
        table = {
            "indicator": pa.repeat(name, cells),
            "period": every_period,
            "area_code": every_area,
            "numerator": pa.array(top, from_pandas=True),
            "denominator": pa.array(bottom),
        }
        held.append(pa.table(table))
        if sum(map(len, held)) >= SLAB or name == names[-1]:
            slab, held = pa.concat_tables(held), []
            writer = writer or pq.ParquetWriter(home / "observations.parquet", slab.schema)
            writer.write_table(slab)
    if writer is not None:
        writer.close()
    _write_declared(names, 2 if size == "L" else 1, home)
    owned = [
        ("near", areas[at], areas[(at + step) % n_areas])
        for at in range(n_areas)
        for step in range(1, NEIGHBOURS + 1)
    ]
    rows = [("all", "", area) for area in areas] + owned
    columns = ("group_code", "owner_code", "member_code")
    lists = [[str(text) for text in column] for column in zip(*rows, strict=True)]
    pq.write_table(pa.table(dict(zip(columns, lists, strict=True))), home / "groups.parquet")


def split(home: Path) -> None:
    """The same input in parts of whole indicators, a folder each."""
    import pyarrow.parquet as pq

    names = pq.read_table(home / "indicators.parquet")["indicator"].to_pylist()
    for number in range(PARTS):
        part = home / f"part-{number}"
        part.mkdir()
        wanted = [("indicator", "in", names[number::PARTS])]
        for table in ("observations", "indicators"):
            found = pq.read_table(home / f"{table}.parquet", filters=wanted)
            pq.write_table(found, part / f"{table}.parquet")
        shutil.copy(home / "groups.parquet", part)


def _write_declared(names: list[str], decimals: int, home: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = range(len(names))
    table = {
        "indicator": names,
        "kind": [("rate", "proportion")[k % 2] for k in count],
        "polarity": ["lower" if k % 3 else "higher" for k in count],
        "multiplier": [100.0] * len(names),
        "decimals": [decimals] * len(names),
        "interval": [("none", "binomial")[k % 2] for k in count],
    }
    pq.write_table(pa.table(table), home / "indicators.parquet")


def by_kernel(home: Path, out: Path, *, with_trend: bool = False, uncertain: bool = False) -> None:
    from assets.methods.tables_io import run_compare

    run_compare(
        home / "observations.parquet",
        out,
        home / "indicators.parquet",
        home / "groups.parquet",
        rank_uncertainty=uncertain,
        with_trend=with_trend,
    )


def by_limit(home: Path, out: Path, *, own_settings: bool) -> None:
    """Read the input and write the kernel's tables again, slab by slab.

    What is written must come from somewhere: reading it is left out of the CPU seconds, which this
    engine therefore prints itself.
    """
    import pyarrow.parquet as pq

    from assets.methods.rows import BENCHMARKS, COMPARISONS
    from assets.methods.tables_out import open_writer

    opened = open_writer if own_settings else pq.ParquetWriter

    began = time.process_time()
    texts = ["indicator", "period", "area_code"]
    observations = pq.ParquetFile(home / "observations.parquet", read_dictionary=texts)
    for _ in observations.iter_batches(batch_size=65_536, use_threads=False):
        pass
    spent = time.process_time() - began
    for name, schema in (("comparisons", COMPARISONS), ("benchmarks", BENCHMARKS)):
        source = pq.ParquetFile(
            home / "kernel" / f"{name}.parquet",
            read_dictionary=[field.name for field in schema if str(field.type) != "string"],
        )
        with opened(out / f"{name}.parquet", schema) as writer:
            for number in range(source.num_row_groups):
                slab = source.read_row_group(number, use_threads=False)
                slab = slab.cast(writer.schema).unify_dictionaries().combine_chunks()
                began = time.process_time()
                writer.write_table(slab, len(slab))
                spent += time.process_time() - began
    print(spent)


def run(engine: str, home: Path) -> None:
    """One engine, in the process this is called in."""
    out = home / engine
    out.mkdir(exist_ok=True)
    if engine in LIMITS:
        by_limit(home, out, own_settings=engine != "limit")
    elif engine.removesuffix(IN_PARTS) not in ALTERNATIVES:
        by_kernel(home, out, with_trend=engine == "trend", uncertain=engine == "uncertainty")
    elif engine.endswith(IN_PARTS):
        for part in sorted(home.glob("part-*")):
            (out / part.name).mkdir(exist_ok=True)
            by_alternative(engine.removesuffix(IN_PARTS), part, out / part.name)
    else:
        by_alternative(engine, home, out)


def by_alternative(name: str, home: Path, out: Path) -> None:
    if name == "duckdb":
        from tests.benchmarks.engines import by_duckdb

        by_duckdb(home, out)
    elif name == "polars":
        from tests.benchmarks.engine_polars import by_polars

        by_polars(home, out)
    else:
        from tests.benchmarks.engine_pandas import by_pandas

        by_pandas(home, out)


def measure(engine: str, home: Path) -> tuple[float, float]:
    """CPU seconds and peak MB of a fresh process, which finds no earlier tables to replace."""
    for earlier in (home / engine).rglob("*.parquet"):
        earlier.unlink()
    command = [sys.executable, "-m", __spec__.name, "--run", engine, "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        printed = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{engine} failed with status {process.returncode}.")
    seconds = float(printed) if engine in LIMITS else used.ru_utime + used.ru_stime
    return seconds, used.ru_maxrss / 1024


def report(size: str, rounds: int, best: dict[str, tuple[float, float]], checked: str) -> str:
    """The Markdown table of one size."""
    n_indicators, n_years, n_areas = SIZES[size]
    rows = n_indicators * n_years * n_areas
    kernel = best["kernel"][0]
    title = f"{size}: {n_areas:,} councils x {n_indicators:,} indicators x {n_years} years"
    today = date.today().isoformat()  # noqa: DTZ011  # a label
    lines = [
        f"### {title} ({rows:,} rows), {today}, least of {rounds}",
        "",
        "| engine | CPU s | kernel is | peak MB |",
        "|---|---|---|---|",
    ]
    for name, (seconds, memory) in best.items():
        ratio = f"{kernel / seconds:.2f} x" if name in LIMITS else f"1/{seconds / kernel:.1f}"
        shown = "" if name in ("kernel", "trend", "uncertainty") else ratio
        lines.append(f"| {name} | {seconds:.2f} | {shown} | {memory:.0f} |")
    return "\n".join([*lines, "", checked, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, nargs="+", default=["S", "M10"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="+", help="all of a size by default")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run, options.home)
        return
    for size in options.size:
        with tempfile.TemporaryDirectory() as folder:
            names = options.engines or ENGINES[size]
            print(bench(size, options.rounds, names, Path(folder)), flush=True)


def apart(function: Callable[..., Answer], *given: object) -> Answer:
    """What the function gives in a process of its own: a large parent would count as its child's
    peak memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *given).result()


def bench(size: str, rounds: int, names: Sequence[str], home: Path) -> str:
    """Measure the engines in turns on data of that size; the report."""
    from tests.benchmarks.answers import disagreements

    apart(generate, size, home)
    if any(name.endswith(IN_PARTS) for name in names):
        apart(split, home)
    best: dict[str, tuple[float, float]] = {}
    for _ in range(rounds):
        for name in dict.fromkeys(["kernel", *names]):
            seconds, memory = measure(name, home)
            earlier = best.get(name, (seconds, memory))
            best[name] = min(seconds, earlier[0]), max(memory, earlier[1])
            print(f"{size}: {name} {seconds:.2f} s", file=sys.stderr, flush=True)
    checked = []
    for name in names:
        if name.removesuffix(IN_PARTS) in ALTERNATIVES:
            wrong = apart(disagreements, home / "kernel", home / name)
            checked.append(f"{name} {'differs in ' + ', '.join(wrong) if wrong else 'agrees'}")
    answers = f"All columns, to 1e-9: {'; '.join(checked)}." if checked else "Not compared."
    return report(size, rounds, best, answers)


if __name__ == "__main__":
    main()
