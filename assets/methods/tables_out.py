"""Result tables to Parquet, written while the next block is computed.

Here belongs how the tables lie on disk: row groups of 65,000 rows or more, columns of few
different values as dictionaries, others plain.
"""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.methods.impossible import ImpossibleInput
from assets.methods.rows import BENCHMARKS, COMPARISONS

NOTHING = (
    "No observation is of a council in a group: nothing can be compared. Check area_type, and the"
    " codes in the groups."
)
SLAB_ROWS = 65_536
"""Rows a slab is written from: few enough that two of them fit beside a block."""


FEW_VALUES = ("value_rounded", "rank", "percentile_rank", "band", "gap_to_best")
"""Numbers of few different values: as a dictionary they take half the room and less time."""
SORTED_BY = ("indicator", "period")
"""What a reader may choose row groups by; the least and greatest of other columns tell nothing."""


def open_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Writer of a result table: what has few values as dictionaries, other numbers and lists plain.

    Pages are cut once a slab: asking after every thousand rows takes a tenth of the writing.
    """
    few = [f.name for f in schema if pa.types.is_dictionary(f.type) or f.name in FEW_VALUES]
    return pq.ParquetWriter(
        path,
        schema,
        store_schema=False,
        use_dictionary=few,
        write_statistics=list(SORTED_BY),
        write_batch_size=SLAB_ROWS,
    )


class Slabs:
    """One table's file: blocks are gathered into slabs, which a thread of its own writes."""

    def __init__(self, path: Path, schema: pa.Schema, stack: ExitStack) -> None:
        self._writer = stack.enter_context(open_writer(path, schema))
        self._thread = stack.enter_context(ThreadPoolExecutor(max_workers=1))
        self._written: Future[None] | None = None
        self._held: list[pa.Table] = []
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Take a block's rows; raises what went wrong in writing an earlier slab."""
        self.rows += len(table)
        self._held.append(table)
        if sum(len(held) for held in self._held) >= SLAB_ROWS:
            self._flush()

    def finish(self) -> None:
        """Write the rest and wait for it."""
        if self._held:
            self._flush()
        self._wait()

    def _flush(self) -> None:
        self._wait()
        slab, self._held = pa.concat_tables(self._held), []
        self._written = self._thread.submit(self._writer.write_table, slab, max(len(slab), 1))

    def _wait(self) -> None:
        if self._written is not None:
            self._written.result()


def write_blocks(blocks: Iterable[tuple[pa.Table, pa.Table]], out: Path) -> None:
    """Write comparisons.parquet and benchmarks.parquet block by block, both or neither.

    Raises ImpossibleInput where both would be without a row.
    """
    names = {"comparisons": COMPARISONS, "benchmarks": BENCHMARKS}
    partial = {name: out / f".{name}.parquet.part" for name in names}
    try:
        with ExitStack() as stack:
            files = [Slabs(partial[name], schema, stack) for name, schema in names.items()]
            for tables in blocks:
                for file, table in zip(files, tables, strict=True):
                    file.add(table)
            for file in files:
                file.finish()
            if not any(file.rows for file in files):
                raise ImpossibleInput(NOTHING)
        for name, path in partial.items():
            path.replace(out / f"{name}.parquet")
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)
