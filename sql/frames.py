"""Frames in the shape of the contract, and the Parquet store that keeps them between runs.

Here belongs the passage between a table of sql.tables and a pandas frame, and nothing that knows
what the figures mean.
"""

import logging
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from sql.tables import column_names, key_of, table

DTYPES: dict[type[sa.types.TypeEngine[Any]], str] = {
    sa.Text: "str",
    sa.Float: "float64",
    sa.Integer: "Int64",
    sa.Boolean: "boolean",
}
KEPT_RUNS = 3
_log = logging.getLogger(__name__)


class ContractError(ValueError):
    """A frame does not have the shape its table prescribes."""


def dtypes(name: str) -> dict[str, str]:
    """Column -> pandas dtype of the table, in contract order."""
    return {column.name: DTYPES[type(column.type)] for column in table(name).columns}


def empty(name: str) -> pd.DataFrame:
    """A frame without rows in the shape of the table."""
    return pd.DataFrame({name_: pd.Series(dtype=kind) for name_, kind in dtypes(name).items()})


def conform(frame: pd.DataFrame, name: str, *, fill: bool = False) -> pd.DataFrame:
    """The frame with exactly the table's columns, order and types, in a new frame.

    With fill, columns the frame lacks are null; without it they are a ContractError, as are
    columns the table does not know and values that do not fit the type.
    """
    wanted = dtypes(name)
    unknown = [column for column in frame.columns if column not in wanted]
    lacking = [column for column in wanted if column not in frame.columns]
    if unknown or (lacking and not fill):
        raise ContractError(f"{name}: unknown columns {unknown}, missing columns {lacking}")
    try:
        return pd.DataFrame(
            {
                column: frame[column].astype(kind)  # type: ignore[call-overload]
                if column in frame.columns
                else pd.Series(pd.NA, index=frame.index, dtype=kind)
                if kind != "float64"
                else pd.Series(float("nan"), index=frame.index, dtype=kind)
                for column, kind in wanted.items()
            },
            index=frame.index,
        ).reset_index(drop=True)
    except (TypeError, ValueError) as error:
        raise ContractError(f"{name}: {error}") from error


def sort_by_key(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows in the order of the table's key, so that the same rows are the same bytes."""
    key = list(key_of(name)) or column_names(name)
    return frame.sort_values(key, kind="stable", na_position="first", ignore_index=True)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain values, null as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    names = [str(name) for name in plain.columns]
    return [dict(zip(names, row, strict=True)) for row in plain.itertuples(index=False, name=None)]


class NoFrameError(Exception):
    """No run has made that frame yet."""

    exit_status = 2


class FrameStore:
    """Frames on disk: <root>/<name>/<run_id>.parquet, the newest few runs of each kept."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def write(self, name: str, run_id: str, frame: pd.DataFrame) -> Path:
        """Write a frame under its name and run: a temporary file, then a rename."""
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(f"{name}: only frames are kept, not {type(frame).__name__}")
        folder = self.root / _safe(name)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{_safe(run_id)}.parquet"
        temporary = target.with_suffix(f".{os.getpid()}.tmp")
        frame.to_parquet(temporary, index=False)
        temporary.replace(target)
        for old in self._files(name)[:-KEPT_RUNS]:
            old.unlink(missing_ok=True)
        return target

    def read(self, name: str, run_id: str | None = None) -> pd.DataFrame:
        """The frame of that run if it wrote one, else the newest; NoFrameError if none."""
        files = self._files(name)
        own = [file for file in files if run_id and file.stem == _safe(run_id)]
        for file in own or reversed(files):
            try:
                return pd.read_parquet(file)
            except (pa.ArrowInvalid, OSError) as error:
                _log.warning("%s cannot be read (%s): an older frame is used", file, error)
        raise NoFrameError(f"no frame of {name} can be read: run the nightly job")

    def has(self, name: str) -> bool:
        """Whether there is a frame of that name that can be read."""
        try:
            self.read(name)
        except NoFrameError:
            return False
        return True

    def _files(self, name: str) -> list[Path]:
        found = (self.root / _safe(name)).glob("*.parquet")
        return sorted(found, key=lambda file: (file.stat().st_mtime_ns, file.name))


def _safe(name: str) -> str:
    parts = name.split("/")
    if not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", part) for part in parts):
        raise ValueError(f"not a name for a frame: {name!r}")
    return name
