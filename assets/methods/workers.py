"""Several processes over the parts of a long table; nothing that fails in one is lost.

Here belongs who computes which parts, how the tables come back (as files beside the result, so that
memory stays flat), and the check that none is short. What is computed is in compare.
"""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from assets.methods.compare import Progress, compare_blocks, make_plan
from assets.methods.declarations import Declarations
from assets.methods.groups import Grouping
from assets.methods.impossible import ImpossibleInput
from assets.methods.streams import Stream, read_parts
from assets.methods.values import check_possible
from assets.methods.versus import Targets

Pair = tuple[pa.Table, pa.Table]
"""Comparisons and benchmarks of a block."""
WORTH_ROWS = 2_000_000
"""Observations from which further processes pay for their start."""
WORTH_CORES = 3
"""Cores from which they do: two are already filled by computing and writing side by side."""
MOST = 4
"""Processes beyond which writing, which is one file after the other, is what takes the time."""
MOST_PARTS = 8
"""Parts a process takes at a time."""
TABLES = ("comparisons", "benchmarks")


class WorkerFailed(RuntimeError):  # noqa: N818  # what happened, named as such
    """A process ended before its parts were done; no table is left."""

    exit_status = 3


@dataclass(frozen=True)
class Job:
    """Everything a process must know to compare parts of a table."""

    stream: Stream
    declared: Declarations
    grouping: Grouping
    targets: Targets
    rank_uncertainty: bool
    with_trend: bool


@dataclass(frozen=True)
class Done:
    """What a process made of its parts: observations read, and rows of each table written."""

    folder: Path
    observations: int
    rows: tuple[int, int]


def choose_workers(rows: int) -> int:
    """How many processes pay for so many observations; 1 is this process alone."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if rows < WORTH_ROWS or (cores or 1) < WORTH_CORES:
        return 1
    return min((cores or 1) - 1, MOST)


def compare_parts(job: Job, parts: range, progress: Progress | None = None) -> Iterator[Pair]:
    """The tables of every block of those parts, in this process."""
    done = job.stream.ends[parts.start - 1] if parts.start else 0
    for part in read_parts(job.stream, parts):
        check_possible(part, job.declared)
        plan = make_plan(part, job.declared, job.grouping)
        report = None if progress is None else _shifted(progress, done, job.stream.rows)
        yield from compare_blocks(
            replace(plan, with_trend=job.with_trend),
            job.targets,
            rank_uncertainty=job.rank_uncertainty,
            progress=report,
        )
        done += len(part)


def _shifted(progress: Progress, before: int, rows: int) -> Progress:
    return lambda done, _: progress(before + done, rows)


def compare_by_workers(
    job: Job, out: Path, workers: int, progress: Progress | None = None
) -> Iterator[Pair]:
    """The same tables in the same order, computed by that many processes.

    Raises WorkerFailed where one of them ends early, fails or hands back too little.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix=".parts-", dir=out)))
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
        stack.callback(pool.shutdown, cancel_futures=True)
        waiting: deque[tuple[range, Future[Done]]] = deque()
        for number, parts in enumerate(shares(len(job.stream.ends), workers)):
            with _explained():
                waiting.append((parts, pool.submit(work, job, parts, folder / str(number))))
            if len(waiting) > workers:
                yield from _collect(job, *waiting.popleft(), progress)
        while waiting:
            yield from _collect(job, *waiting.popleft(), progress)


def shares(n_parts: int, workers: int) -> list[range]:
    """Which parts are taken together."""
    size = max(1, min(MOST_PARTS, n_parts // (4 * workers)))
    return [range(first, min(first + size, n_parts)) for first in range(0, n_parts, size)]


def work(job: Job, parts: range, folder: Path) -> Done:
    """Compare those parts and leave the tables in the folder: what a process does."""
    folder.mkdir()
    rows, first = [0, 0], job.stream.ends[parts.start - 1] if parts.start else 0
    with ExitStack() as stack:
        writers: list[pa.ipc.RecordBatchStreamWriter] = []
        for pair in compare_parts(job, parts):
            for number, table in enumerate(pair):
                if len(writers) < len(pair):
                    sink = stack.enter_context(pa.OSFile(str(folder / TABLES[number]), "wb"))
                    stream = pa.ipc.new_stream(sink, table.schema)
                    writers.append(stack.enter_context(stream))
                writers[number].write_table(table)
                rows[number] += len(table)
    return Done(folder, job.stream.ends[parts.stop - 1] - first, (rows[0], rows[1]))


def _collect(
    job: Job, parts: range, future: Future[Done], progress: Progress | None
) -> Iterator[Pair]:
    """The tables a process left, block by block; its files are removed."""
    first, last = job.stream.ends[parts.start - 1] if parts.start else 0, parts.stop - 1
    with _explained():
        done = future.result()
    seen = [0, 0]
    for pair in read_pairs(done.folder):
        seen = [so_far + len(table) for so_far, table in zip(seen, pair, strict=True)]
        yield pair
    if (seen[0], seen[1]) != done.rows or done.observations != job.stream.ends[last] - first:
        raise WorkerFailed(
            "A part of the comparison came back short. No table was written. Compare again."
        )
    for path in done.folder.iterdir():
        path.unlink()
    if progress is not None:
        progress(job.stream.ends[last], job.stream.rows)


@contextmanager
def _explained() -> Iterator[None]:
    """What went wrong in a process, in words; faults of the data as they are."""
    try:
        yield
    except ImpossibleInput:
        raise
    except BrokenProcessPool as error:
        raise WorkerFailed(
            "A process of the comparison was ended before it was done, perhaps for lack of memory."
            " No table was written. Free some memory and compare again."
        ) from error
    except Exception as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0][:160]
        raise WorkerFailed(
            f"A process of the comparison failed ({first_line}). No table was written."
            " Correct that and compare again."
        ) from error


def read_pairs(folder: Path) -> Iterator[Pair]:
    """The tables of each block that a process left there; none where it had no groups."""
    if not (folder / TABLES[0]).exists():
        return
    with ExitStack() as stack:
        files = [stack.enter_context(pa.OSFile(str(folder / name))) for name in TABLES]
        streams = [pa.ipc.open_stream(file) for file in files]
        for batches in zip(*streams, strict=True):
            one, two = (pa.Table.from_batches([batch]) for batch in batches)
            yield one, two
