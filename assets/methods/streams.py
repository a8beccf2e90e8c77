"""Long Parquet input, a few indicators at a time, in bounded memory.

Here belongs reading observations that lie sorted by indicator without holding them all; what is
not of that form, and every fault, is left to the reading of the whole table in tables_io, which
names the rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from assets.methods.arrow import held, is_null, to_floats
from assets.methods.columns import SEPARATOR
from assets.methods.impossible import Flags, Floats, ImpossibleInput, Ints
from assets.methods.known import check_known
from assets.methods.observations import (
    DEFAULTS,
    KEY,
    LARGEST,
    MARKS,
    NUMBERS,
    Coded,
    Observations,
    no_numbers,
    sort_observations,
)
from assets.methods.periods import order_of
from assets.methods.small_tables import is_untidy

PART_ROWS = 49_152
"""Rows from which a part is closed; it ends with an indicator."""
BATCH_ROWS = 65_536
NAMES = (*KEY, "area_type")


class NotStreamed(ImpossibleInput):
    """The table must be read as a whole: it is not sorted by indicator, or something is amiss."""


class Known:
    """The codes of a column's texts, learnt batch by batch; most batches have the same texts."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self.codes = {text: code for code, text in enumerate(texts)}
        self._last: tuple[pa.Array, Ints] | None = None

    def code(self, text: str) -> int:
        """Code of the text; the next one if it is new."""
        return self.codes.setdefault(text, len(self.codes))

    def learn(self, dictionary: pa.Array, default: str | None) -> Ints:
        """Codes of the texts, that of the default for an empty one; -1 where there is none."""
        if self._last is None or not self._last[0].equals(dictionary):
            try:
                given = [text or default for text in dictionary.to_pylist()]
            except UnicodeDecodeError as error:
                raise NotStreamed("There is text that is not UTF-8.") from error
            codes = [-1 if text is None else self.code(text) for text in given]
            self._last = dictionary, np.array(codes, dtype=np.int64)
        return self._last[1]


@dataclass(frozen=True)
class Stream:
    """A table to be read in parts: its distinct texts, councils and the end of every part."""

    path: Path
    texts: dict[str, list[str]]
    """Distinct texts of each key column, sorted as in Observations."""
    council_areas: Flags
    ends: list[int]
    """Row after the last of each part."""
    names: list[str]
    """Every column of the table."""

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return self.ends[-1]


def open_stream(path: Path) -> Stream:
    """What must be known of the whole table before its parts are read.

    Raises NotStreamed for a table that is not sorted by indicator or has columns of other types.
    """
    file = _open(path)
    known = {name: Known() for name in NAMES}
    texts = {name: column.codes for name, column in known.items()}
    councils = np.zeros(0, dtype=bool)
    runs: list[tuple[str, int]] = []
    for batch in _batches(file, [n for n in NAMES if n in file.schema_arrow.names]):
        columns = {name: _codes(batch, name, known[name]) for name in NAMES}
        _add_runs(runs, columns["indicator"], list(texts["indicator"]))
        area, is_council = columns["area_code"], _is_council(columns, texts)
        seen = np.bincount(area[is_council], minlength=len(texts["area_code"])) > 0
        seen[: len(councils)] |= councils
        councils = seen
    if not runs:
        raise NotStreamed("The table has no rows.")
    if any(is_untidy(text) for codes in texts.values() for text in codes):
        raise NotStreamed("A code has a space at an end.")
    if any(SEPARATOR in area for area in texts["area_code"]):
        raise NotStreamed("An area is a list of areas.")
    ordered = {name: sorted(found) for name, found in texts.items()}
    ordered["period"] = order_of(list(texts["period"]))
    is_council = councils[[texts["area_code"][area] for area in ordered["area_code"]]]
    ends = _ends([length for _, length in runs])
    return Stream(path, ordered, is_council, ends, file.schema_arrow.names)


def read_parts(stream: Stream, parts: range | None = None) -> Iterator[Observations]:
    """The observations of every part, or of those, in the order of the table.

    Raises ImpossibleInput where a key is lacking or repeated or a number is infinite.
    """
    file = _open(stream.path)
    wanted = [n for n in (*NAMES, *MARKS, *NUMBERS) if n in file.schema_arrow.names]
    parts = range(len(stream.ends)) if parts is None else parts
    begin = stream.ends[parts.start - 1] if parts.start else 0
    batches, ends = [], iter(stream.ends[parts.start : parts.stop])
    end = next(ends)
    groups, first = _groups_from(file, begin)
    known = {name: Known(texts) for name, texts in stream.texts.items()}
    for batch in _batches(file, wanted, groups):
        if first < begin:
            skipped = min(begin - first, batch.num_rows)
            batch, first = batch.slice(skipped), first + skipped  # noqa: PLW2901  # the rest of it
        while batch.num_rows:
            take = min(end - first, batch.num_rows)
            batches.append(batch.slice(0, take))
            batch, first = batch.slice(take), first + take  # noqa: PLW2901  # the rest of it
            if first == end:
                yield _observations(pa.Table.from_batches(batches), stream, known)
                batches, end = [], next(ends, 0)
                if not end:
                    return


def _open(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise NotStreamed(str(error)) from error
    kinds = {field.name: field.type for field in file.schema_arrow}
    texts = [name for name in (*NAMES, *MARKS) if name in kinds]
    plain = all(_is_text(kinds[name]) for name in texts) and all(
        pa.types.is_floating(kinds[name]) or pa.types.is_integer(kinds[name])
        for name in NUMBERS
        if name in kinds
    )
    if not plain or not set(KEY[:3]) <= set(kinds) or len(kinds) < len(file.schema_arrow):
        raise NotStreamed("The table has columns of other types.")
    return pq.ParquetFile(path, read_dictionary=texts)


def _groups_from(file: pq.ParquetFile, begin: int) -> tuple[list[int], int]:
    """The row groups from that row on, and the row the first of them begins with."""
    metadata, first = file.metadata, 0
    for number in range(metadata.num_row_groups):
        after = first + metadata.row_group(number).num_rows
        if after > begin:
            return list(range(number, metadata.num_row_groups)), first
        first = after
    return [], first


def _is_text(kind: pa.DataType) -> bool:
    of_kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(of_kind) or pa.types.is_large_string(of_kind))


def _batches(
    file: pq.ParquetFile, columns: list[str], groups: list[int] | None = None
) -> Iterator[pa.RecordBatch]:
    try:
        yield from file.iter_batches(
            batch_size=BATCH_ROWS, row_groups=groups, columns=columns, use_threads=False
        )
    except (OSError, pa.ArrowException) as error:
        raise NotStreamed(str(error)) from error


def _codes(table: pa.RecordBatch | pa.Table, name: str, known: Known) -> Ints:
    """Code of every row's text in `known`, which learns new texts; NotStreamed for no key."""
    default = DEFAULTS.get(name, "" if name in MARKS else None)
    if name not in table.schema.names:
        return np.broadcast_to(np.int64(known.code(default or "")), table.num_rows)
    column = table.column(name)
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
    if not isinstance(column, pa.DictionaryArray):
        column = column.dictionary_encode()
    codes, indices = known.learn(column.dictionary, default), held(column.indices)
    if default is None and (column.null_count or (codes < 0).any()):
        raise NotStreamed(f"There is a row without {name}.")
    if column.null_count:
        indices = np.where(is_null(column.indices), len(codes), indices)
        codes = np.append(codes, known.code(default or ""))
    return codes.take(indices)


def _is_council(columns: dict[str, Ints], texts: dict[str, dict[str, int]]) -> Flags:
    return np.asarray(columns["area_type"] == texts["area_type"].get("council", -1))


def _add_runs(runs: list[tuple[str, int]], codes: Ints, texts: Sequence[str]) -> None:
    """Lengths of the runs of one indicator, which must come in ascending order."""
    starts = np.append(0, np.flatnonzero(codes[1:] != codes[:-1]) + 1)
    lengths = np.diff(np.append(starts, len(codes))).tolist()
    for start, length in zip(starts.tolist(), lengths, strict=True):
        text = texts[codes[start]]
        if runs and runs[-1][0] == text:
            runs[-1] = text, runs[-1][1] + length
        elif runs and text < runs[-1][0]:
            raise NotStreamed("The table is not sorted by indicator.")
        else:
            runs.append((text, length))


def _ends(lengths: Sequence[int]) -> list[int]:
    ends, row, first = [], 0, 0
    for length in lengths:
        row += length
        if row - first >= PART_ROWS:
            ends.append(row)
            first = row
    return ends if ends and ends[-1] == row else [*ends, row]


def _observations(table: pa.Table, stream: Stream, known: dict[str, Known]) -> Observations:
    columns = {}
    for name in NAMES:
        columns[name] = Coded(stream.texts[name], _codes(table, name, known[name]))
    for name in MARKS:
        marks = Known()
        codes = _codes(table, name, marks)
        columns[name] = Coded(list(marks.codes), codes)
    part = sort_observations(columns, {name: _numbers(table, name) for name in NUMBERS})
    check_known(part)
    return part


def _numbers(table: pa.Table, name: str) -> Floats:
    if name not in table.schema.names:
        return no_numbers(table.num_rows)
    values = np.concatenate([to_floats(chunk) for chunk in table.column(name).chunks])
    if (np.abs(values) > LARGEST).any():
        raise NotStreamed(f"{name} is not a number, or too large.")
    return values
