"""Tables in and out of the command `compare`: csv or parquet in, parquet and json out.

Here belongs reading without guessing: every csv cell is text first, so that 007 stays 007 and the
area NA stays NA; numbers are read from that text exactly.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from assets.methods.compare import Progress, compare_blocks, make_plan, prepare
from assets.methods.declarations import Declarations, read_declarations
from assets.methods.groups import read_groups
from assets.methods.impossible import ImpossibleInput
from assets.methods.kernel import Plan
from assets.methods.manifest import method_manifest
from assets.methods.streams import NotStreamed, open_stream, read_parts
from assets.methods.tables_out import write_blocks
from assets.methods.values import check_possible
from assets.methods.versus import Targets, read_targets

Tables = tuple[pd.DataFrame | None, ...]
"""The tables beside the observations: indicators, groups, targets."""


@dataclass(frozen=True)
class Options:
    """What is computed on request, and who is told how far it is."""

    rank_uncertainty: bool
    with_trend: bool
    progress: Progress | None


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
) -> None:
    """Write comparisons.parquet, benchmarks.parquet and methods.json into out_dir.

    Without trend its two columns are null. A Parquet file sorted by indicator is read, computed
    and written a few indicators at a time.
    Raises ImpossibleInput, and leaves no table behind, for input that cannot be read or be true.
    """
    paths = (indicators_path, groups_path, targets_path)
    others = tuple(None if path is None else read_table(Path(path)) for path in paths)
    options = Options(rank_uncertainty, with_trend, progress)
    path, out = Path(observations_path), Path(out_dir)
    try:
        declared = _compare_stream(path, others, out, options)
    except ImpossibleInput:
        declared = _compare_whole(path, others, out, options)
    manifest = method_manifest(declared, rank_uncertainty=rank_uncertainty)
    (out / "methods.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _compare_whole(path: Path, others: Tables, out: Path, options: Options) -> Declarations:
    """Compare a table read as a whole: the way that names the rows of what is refused."""
    observations = read_table(path)
    if observations.empty:
        raise UnreadableTable(
            f"{path.name} has a header and no rows. Give observations to compare."
        )
    plan, targets = prepare(observations, *others)
    out.mkdir(parents=True, exist_ok=True)
    write_blocks(_blocks(plan, targets, options), out)
    return plan.declared


def _compare_stream(path: Path, others: Tables, out: Path, options: Options) -> Declarations:
    """Compare a table part by part; NotStreamed or another ImpossibleInput if it cannot be."""
    if path.suffix.lower() != ".parquet":
        raise NotStreamed("Only Parquet is read in parts.")
    stream = open_stream(path)
    indicators, groups, targets = others
    declared = read_declarations(indicators, stream.texts["indicator"])
    grouping = read_groups(groups, stream.texts["area_code"], stream.council_areas)
    wanted = read_targets(targets)

    def blocks() -> Iterator[tuple[pa.Table, pa.Table]]:
        done = 0
        for part in read_parts(stream):
            check_possible(part, declared)
            plan = make_plan(part, declared, grouping)
            yield from _blocks(plan, wanted, options, done, stream.rows)
            done += len(part)

    out.mkdir(parents=True, exist_ok=True)
    write_blocks(blocks(), out)
    return declared


def _blocks(
    plan: Plan, targets: Targets, options: Options, before: int = 0, rows: int | None = None
) -> Iterator[tuple[pa.Table, pa.Table]]:
    report = options.progress
    return compare_blocks(
        replace(plan, with_trend=options.with_trend),
        targets,
        rank_uncertainty=options.rank_uncertainty,
        progress=None
        if report is None
        else lambda done, total: report(before + done, rows or total),
    )


def read_table(path: Path) -> pd.DataFrame:
    """A csv or parquet file as a frame, csv cells as text, empty ones as they are.

    Raises UnreadableTable with the file's name for a missing, empty or ragged file.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return _read_csv(path)
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        first_line = (str(error).splitlines() or [""])[0][:160]
        raise UnreadableTable(
            f"{path.name} cannot be read as a table ({first_line})."
            " Give a csv file in UTF-8, or a parquet file."
        ) from error


def _read_csv(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline().rstrip("\r\n")
    names = [name.strip().strip('"') for name in header.split(",")]
    if not header or len(set(names)) < len(names):
        raise UnreadableTable(f"{path.name} has no header row, or a column twice. Correct it.")
    table = pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(column_names=names, skip_rows=1),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    text = pd.StringDtype(na_value=float("nan"))
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.string(): text}.get)
    return frame
