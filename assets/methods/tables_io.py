"""Tables in and out of the command `compare`: csv or parquet in, parquet and json out.

Here belongs reading without guessing: every csv cell is text first, so that 007 stays 007 and the
area NA stays NA; numbers are read from that text exactly.
"""

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from assets.methods.compare import compare_blocks, prepare
from assets.methods.impossible import ImpossibleInput
from assets.methods.manifest import method_manifest
from assets.methods.rows import BENCHMARKS, COMPARISONS


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
    paths = (indicators_path, groups_path, targets_path)
    others = [None if path is None else read_table(Path(path)) for path in paths]
    plan, targets = prepare(read_table(Path(observations_path)), *others)
    blocks = compare_blocks(plan, targets, rank_uncertainty=rank_uncertainty, progress=progress)
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    write_blocks(blocks, out)
    manifest = method_manifest(plan.declared, rank_uncertainty=rank_uncertainty)
    (out / "methods.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def write_blocks(blocks: Iterable[tuple[pa.Table, pa.Table]], out: Path) -> None:
    """Write comparisons.parquet and benchmarks.parquet block by block, both or neither."""
    names = {"comparisons": COMPARISONS, "benchmarks": BENCHMARKS}
    partial = {name: out / f".{name}.parquet.part" for name in names}
    try:
        with ExitStack() as stack:
            writers = [
                stack.enter_context(
                    pq.ParquetWriter(partial[name], _schema(types), store_schema=False)
                )
                for name, types in names.items()
            ]
            for tables in blocks:
                for writer, table in zip(writers, tables, strict=True):
                    writer.write_table(table)
        for name, path in partial.items():
            path.replace(out / f"{name}.parquet")
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)


def _schema(types: dict[str, pa.DataType]) -> pa.Schema:
    return pa.schema(list(types.items()))


def read_table(path: Path) -> pd.DataFrame:
    """A csv or parquet file as a frame, csv cells as text, empty ones as they are.

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
