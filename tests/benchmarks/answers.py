"""Whether two engines gave the same answers: every column of both tables.

Here belongs the comparison of two folders of results, whole or in parts; what is in them and how
long it took is said elsewhere. Numbers agree to 1e-9, everything else exactly; the order of rows
does not matter.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.benchmarks.engines import KEYS

TOLERANCE = 1e-9


def disagreements(mine: Path, other: Path) -> list[str]:
    """Tables and columns in which the results in the two folders differ."""
    wrong = []
    for table, key in KEYS.items():
        paths = [sorted(folder.rglob(f"{table}.parquet")) for folder in (mine, other)]
        schema, theirs = (pq.read_schema(found[0]) for found in paths)
        if schema.names != theirs.names:
            wrong.append(f"{table}: columns")
            continue
        orders = [_order(path, key) for path in paths]
        if len(orders[0]) != len(orders[1]):
            wrong.append(f"{table}: {len(orders[1])} rows")
            continue
        for field in schema:
            pair = (_column(p, field, order) for p, order in zip(paths, orders, strict=True))
            if not _is_same(*pair):
                wrong.append(f"{table}.{field.name}")
    return wrong


def _order(paths: list[Path], key: list[str]) -> pa.Array:
    """Rows of the table in the order of its key."""
    columns = [pc.cast(pq.read_table(paths, columns=[n])[n], pa.string()) for n in key]
    table = pa.table(dict(zip(key, columns, strict=True)))
    return pc.sort_indices(table, sort_keys=[(name, "ascending") for name in key])


def _column(paths: list[Path], field: pa.Field, order: pa.Array) -> pa.ChunkedArray:
    """A column in that order, in the type it has among the kernel's results."""
    kind = pa.string() if pa.types.is_dictionary(field.type) else field.type
    found = pq.read_table(paths, columns=[field.name])[field.name]
    return pc.cast(found, pa.float64() if _is_number(kind) else kind).take(order)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_integer(kind)


def _is_same(one: pa.ChunkedArray, two: pa.ChunkedArray) -> bool:
    if not _is_number(one.type):
        return bool(one.equals(two))
    numbers = [c.to_numpy() for c in (one, two)]
    return np.allclose(*numbers, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
