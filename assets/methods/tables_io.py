"""Tables in and out of the command `compare`: csv or parquet in, parquet and json out.

Here belongs reading without guessing: every csv cell is text first, so that 007 stays 007 and the
area NA stays NA; numbers are read from that text exactly.
"""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from assets.methods.compare import Progress, compare_blocks, prepare
from assets.methods.declarations import Declarations, read_declarations
from assets.methods.groups import read_groups
from assets.methods.impossible import ImpossibleInput
from assets.methods.known import check_columns
from assets.methods.manifest import method_manifest
from assets.methods.observations import LINE, ROW
from assets.methods.small_tables import Table
from assets.methods.streams import NotStreamed, open_stream
from assets.methods.tables_out import write_blocks
from assets.methods.versus import read_targets
from assets.methods.workers import Job, choose_workers, compare_by_workers, compare_parts

if TYPE_CHECKING:
    import pandas as pd

KEPT_BYTES = 30 << 20
"""The most that glibc takes notice of is 32 MB."""
Tables = tuple["Table | None", "Table | None", "Table | None"]
"""The tables beside the observations: indicators, groups, targets."""


@dataclass(frozen=True)
class Options:
    """What is computed on request, and who is told how far it is."""

    rank_uncertainty: bool
    with_trend: bool
    progress: Progress | None
    workers: int | None
    """Processes; None chooses."""


class UnreadableTable(ImpossibleInput):
    """A file is not a table; the sentence names it."""


def run_compare(
    observations_path: Path,
    out_dir: Path,
    indicators_path: Path | None = None,
    groups_path: Path | None = None,
    targets_path: Path | None = None,
    *,
    rank_uncertainty: bool = False,
    with_trend: bool = True,
    progress: Progress | None = None,
    workers: int | None = None,
) -> None:
    """Write comparisons.parquet, benchmarks.parquet and methods.json into out_dir.

    Without trend its two columns are null. A Parquet file sorted by indicator is read, computed
    and written a few indicators at a time, by that many processes (as many as pay by default).
    Raises ImpossibleInput for input that cannot be read or be true, or WorkerFailed where a process
    ended early, and leaves no table behind.
    """
    _keep_freed_memory()
    others = (
        _read_small(indicators_path, "Indicators"),
        _read_small(groups_path, "Groups"),
        _read_small(targets_path, "Targets"),
    )
    options = Options(rank_uncertainty, with_trend, progress, workers)
    path, out = Path(observations_path), Path(out_dir)
    try:
        declared = _compare_stream(path, others, out, options)
    except ImpossibleInput:
        declared = _compare_whole(path, others, out, options)
    manifest = method_manifest(declared, rank_uncertainty=rank_uncertainty)
    (out / "methods.json").write_text(_lined(manifest), encoding="utf-8")


def _keep_freed_memory() -> None:
    """Let the memory of one block serve the next instead of going back to the system.

    glibc gives back what is freed, and takes it anew page by page, above a size that grows to that
    of the largest piece freed so far. This piece is never touched; elsewhere it does nothing.
    """
    np.empty(KEPT_BYTES, dtype=np.uint8)


def _lined(manifest: dict[str, object]) -> str:
    """The manifest as JSON, one method or indicator a line."""
    parts = [f'"{name}": {_lined_part(part)}' for name, part in manifest.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lined_part(part: object) -> str:
    if not isinstance(part, dict):
        return json.dumps(part)
    lines = [f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in part.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _compare_whole(path: Path, others: Tables, out: Path, options: Options) -> Declarations:
    """Compare a table read as a whole: the way that names the rows of what is refused."""
    observations = read_table(path)
    check_columns([str(name) for name in observations.columns], "Observations")
    if observations.empty:
        raise UnreadableTable(
            f"{path.name} has a header and no rows. Give observations to compare."
        )
    counted = ROW if _is_parquet(path) else LINE
    plan, targets = prepare(observations, *others, counted=counted)
    out.mkdir(parents=True, exist_ok=True)
    blocks = compare_blocks(
        replace(plan, with_trend=options.with_trend),
        targets,
        rank_uncertainty=options.rank_uncertainty,
        progress=options.progress,
    )
    write_blocks(blocks, out)
    return plan.declared


def _compare_stream(path: Path, others: Tables, out: Path, options: Options) -> Declarations:
    """Compare a table part by part; NotStreamed or another ImpossibleInput if it cannot be."""
    if not _is_parquet(path):
        raise NotStreamed("Only Parquet is read in parts.")
    stream = open_stream(path)
    check_columns(stream.names, "Observations")
    indicators, groups, targets = others
    declared = read_declarations(indicators, stream.texts["indicator"])
    grouping = read_groups(groups, stream.texts["area_code"], stream.council_areas)
    wanted = read_targets(targets)

    job = Job(
        stream, declared, grouping, wanted, options.rank_uncertainty, with_trend=options.with_trend
    )
    workers = options.workers or choose_workers(stream.rows)
    out.mkdir(parents=True, exist_ok=True)
    if workers > 1:
        write_blocks(compare_by_workers(job, out, workers, options.progress), out)
    else:
        write_blocks(compare_parts(job, range(len(stream.ends)), options.progress), out)
    return declared


def read_table(path: Path) -> "pd.DataFrame":
    """A csv or parquet file as a frame, csv cells as text, empty ones as they are.

    Raises UnreadableTable with the file's name for a missing, empty or ragged file.
    """
    import pandas as pd  # noqa: PLC0415  # half a second, and a sorted Parquet file does without

    with _unreadable(path):
        if _is_parquet(path):
            return pd.read_parquet(path)
        text = pd.StringDtype(na_value=float("nan"))
        frame: pd.DataFrame = _read_csv(path).to_pandas(types_mapper={pa.string(): text}.get)
        return frame


def _read_small(path: Path | None, table: str) -> pa.Table | None:
    if path is None:
        return None
    with _unreadable(path):
        found = pq.ParquetFile(path).read() if _is_parquet(path) else _read_csv(path)
        found.validate(full=True)
    check_columns(found.column_names, table)
    return found


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


@contextmanager
def _unreadable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise UnreadableTable(f"{path.name} {_why_unreadable(path)}") from error


def _why_unreadable(path: Path) -> str:
    """What is amiss with a file that is no table, and its remedy."""
    if not os.access(path, os.R_OK):
        return "cannot be opened. Check that it is there and that you may read it."
    if _is_parquet(path):
        return "is not a Parquet file, or is damaged. Write it again."
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            width = len(next(rows))
            for row in rows:
                if row and len(row) != width:
                    n_cells = f"{len(row)} cells, the header has {width}"
                    return f"line {rows.line_num} has {n_cells}. Correct that line."
    except UnicodeDecodeError:
        return "is not text in UTF-8. Save it as CSV UTF-8."
    except csv.Error:
        pass
    return "cannot be read as a table. Give a csv file in UTF-8, or a parquet file."


def _read_csv(path: Path) -> pa.Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline().rstrip("\r\n")
        has_rows = bool(file.read(1))
    names = [name.strip().strip('"') for name in header.split(",")]
    _check_header(path, header, names)
    if not has_rows:
        return pa.table({name: pa.array([], pa.string()) for name in names})
    return pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(column_names=names, skip_rows=1),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _check_header(path: Path, header: str, names: list[str]) -> None:
    if not header.strip():
        raise UnreadableTable(f"{path.name} has no header row. Give the names of the columns.")
    if "" in names:
        place = names.index("") + 1
        raise UnreadableTable(f"{path.name} column {place} has no name. Name or remove it.")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise UnreadableTable(f"{path.name} has column {twice[0][:40]!r} twice. Keep one.")
