"""Vintages: every published figure, and from when to when readers saw it.

Here belongs the history of what was public, by valid period and by time on record; what councils
answered, and when, is in ledger.py. A row opens when a version with the figure becomes current and
closes when one without it, or with another value, does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import sqlalchemy as sa

from sql.arrow import arrow_schema
from sql.bulk import insert_rows
from sql.matching import match
from sql.schema import FIGURE_KEY
from sql.serving import warehouse_metadata

VINTAGES = warehouse_metadata.tables["figure_vintages"]
STEPS = warehouse_metadata.tables["vintage_steps"]
CELLS = ("value", "value_rounded", "numerator", "denominator", "note_code", "missing_reason")
State = Literal["stood", "removed", "none"]


@dataclass(frozen=True)
class Step:
    """From an instant on, what readers saw: a version, one whose files are gone since, or none."""

    recorded_from: str
    version: str | None
    state: State


def record_vintages(
    connection: sa.Connection,
    product: str,
    steps: Sequence[Step],
    figures: Callable[[str], pa.Table],
) -> int:
    """Bring the vintages of a product up to these steps; returns how many steps were applied.

    steps are the whole history, oldest first; figures gives the indicator_values of a version that
    stood. Where an earlier step is not as it was (its files are gone now) all is made anew.
    """
    applied = _applied(connection, product)
    if list(steps[: len(applied)]) != applied:
        _forget(connection, product)
        applied = []
    for number in range(len(applied), len(steps)):
        before = steps[number - 1] if number else None
        _apply(connection, product, before, steps[number], figures)
    return len(steps) - len(applied)


def _applied(connection: sa.Connection, product: str) -> list[Step]:
    query = sa.select(STEPS.c.recorded_from, STEPS.c.version, STEPS.c.state)
    rows = connection.execute(
        query.where(STEPS.c.product == product).order_by(STEPS.c.recorded_from)
    )
    return [Step(*row) for row in rows]


def _forget(connection: sa.Connection, product: str) -> None:
    for target in (VINTAGES, STEPS):
        connection.execute(target.delete().where(target.c.product == product))


def _apply(
    connection: sa.Connection,
    product: str,
    before: Step | None,
    step: Step,
    figures: Callable[[str], pa.Table],
) -> None:
    """Close what the version no longer shows, open what is new in it."""
    matched = match(_shown(before, figures), _shown(step, figures), FIGURE_KEY)
    moved = matched.any_moved(CELLS)
    _close(connection, product, step, [matched.removed, matched.rows_old(moved)])
    opening = pa.concat_tables([matched.added, matched.rows_new(moved)])
    constant = {"product": product, "version": step.version, "recorded_from": step.recorded_from}
    rows = opening.select([*FIGURE_KEY, *CELLS])
    for name, value in constant.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.string()), rows.num_rows))
    insert_rows(connection, VINTAGES, rows)
    told = {"product": product, "recorded_from": step.recorded_from, "version": step.version}
    connection.execute(STEPS.insert().values(**told, state=step.state))


def _shown(step: Step | None, figures: Callable[[str], pa.Table]) -> pa.Table:
    if step is None or step.version is None or step.state != "stood":
        return arrow_schema("indicator_values").empty_table()
    return figures(step.version)


def _close(
    connection: sa.Connection, product: str, step: Step, closing: Sequence[pa.Table]
) -> None:
    keys = [row for part in closing for row in part.select(list(FIGURE_KEY)).to_pylist()]
    if not keys:
        return
    same = [VINTAGES.c[name] == sa.bindparam(f"key_{name}") for name in FIGURE_KEY]
    is_open = (VINTAGES.c.product == product) & VINTAGES.c.recorded_to.is_(None)
    statement = VINTAGES.update().where(is_open, *same).values(recorded_to=step.recorded_from)
    connection.execute(
        statement, [{f"key_{name}": row[name] for name in FIGURE_KEY} for row in keys]
    )
