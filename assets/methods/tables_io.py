"""Tables in and out of the command `compare`: csv or parquet in, parquet and json out.

Here belongs reading without guessing: every csv cell is text first, so that 007 stays 007 and the
area NA stays NA; numbers are read from that text exactly.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from assets.methods.compare import compare_blocks, prepare
from assets.methods.impossible import ImpossibleInput
from assets.methods.manifest import method_manifest
from assets.methods.observations import NUMBERS
from assets.methods.rows import BENCHMARKS, COMPARISONS

NUMERIC = {*NUMBERS, "multiplier", "target", "decimals", "disclosure_threshold"}


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
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write comparisons.parquet, benchmarks.parquet and methods.json into out_dir.

    Raises ImpossibleInput, and leaves no table behind, for input that cannot be read or be true.
    """
    frames = [
        None if path is None else read_table(Path(path))
        for path in (observations_path, indicators_path, groups_path, targets_path)
    ]
    observations, *rest = frames
    if observations is None:
        raise UnreadableTable("No observations were given.")
    plan, targets = prepare(observations, *rest)
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    partial = [out / f".{name}.parquet.part" for name in ("comparisons", "benchmarks")]
    try:
        with (
            pq.ParquetWriter(partial[0], _schema(COMPARISONS), store_schema=False) as first,
            pq.ParquetWriter(partial[1], _schema(BENCHMARKS), store_schema=False) as second,
        ):
            for comparisons, benchmarks in compare_blocks(
                plan, targets, rank_uncertainty=rank_uncertainty, progress=progress
            ):
                first.write_table(comparisons)
                second.write_table(benchmarks)
        manifest = method_manifest(plan.declared, rank_uncertainty=rank_uncertainty)
        (out / "methods.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        for path, name in zip(partial, ("comparisons", "benchmarks"), strict=True):
            path.replace(out / f"{name}.parquet")
    finally:
        for path in partial:
            path.unlink(missing_ok=True)


def _schema(types: dict[str, pa.DataType]) -> pa.Schema:
    return pa.schema(list(types.items()))


def read_table(path: Path) -> pd.DataFrame:
    """A csv or parquet file as a frame, text as text and the known number columns as numbers.

    Raises UnreadableTable with the file's name for a missing, empty or ragged file.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return _read_csv(path)
    except (OSError, pa.ArrowException) as error:
        first_line = (str(error).splitlines() or [""])[0][:160]
        raise UnreadableTable(
            f"{path.name} cannot be read as a table ({first_line}). Give a csv or parquet file."
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
