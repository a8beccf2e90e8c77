"""Loading 200,000 figures into the warehouse against pandas to_sql; it prints a table.

    python -m tests.benchmarks.loading [--rows 200000]

Both fill the warehouse's own table, keys and all, in one transaction. Seconds of CPU for SQLite,
seconds of the clock for PostgreSQL, which works in a process of its own.
"""

import argparse
import tempfile
import time
from collections.abc import Callable

import pandas as pd
import sqlalchemy as sa

from sql.warehouse import Released, load_releases, open_engine
from tests.fixtures.postgres import postgres_server
from tests.release.sample import large_figures

TABLE = "indicator_values"


def ours(engine: sa.Engine, figures: pd.DataFrame) -> None:
    """As the warehouse loads a release."""
    load_releases(engine, [Released("figures", "1.0.0", "0" * 64, {TABLE: figures})])


def to_sql(engine: sa.Engine, figures: pd.DataFrame) -> None:
    """As pandas does it."""
    rows = figures.assign(product="figures", product_version="1.0.0")
    with engine.begin() as connection:
        rows.to_sql(TABLE, connection, if_exists="append", index=False)


def measure(url: str, figures: pd.DataFrame, clock: Callable[[], float]) -> dict[str, float]:
    """Seconds of each way into an empty table, in turns; the better of two."""
    engine = open_engine(url)
    taken: dict[str, float] = {}
    for _ in range(2):
        for way in (ours, to_sql):
            load_releases(engine, [])
            with engine.begin() as connection:
                connection.execute(sa.text(f"DELETE FROM {TABLE}"))
            start = clock()
            way(engine, figures)
            taken[way.__name__] = min(clock() - start, taken.get(way.__name__, float("inf")))
    engine.dispose()
    return taken


def main() -> None:
    """Measure both databases and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    n_rows = parser.parse_args().rows
    figures = large_figures(n_rows // (22 * 20) + 1, 22, 20).iloc[:n_rows]
    print(f"| {n_rows:,} rows | ours s | to_sql s | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        found = measure(f"sqlite:///{folder}/w.sqlite", figures, time.process_time)
        _print("SQLite, CPU", found)
    with postgres_server() as url:
        if url is not None:
            _print("PostgreSQL, clock", measure(url, figures, time.perf_counter))


def _print(name: str, taken: dict[str, float]) -> None:
    ratio = taken["to_sql"] / taken["ours"]
    print(f"| {name} | {taken['ours']:.2f} | {taken['to_sql']:.2f} | {ratio:.1f} |")


if __name__ == "__main__":
    main()
