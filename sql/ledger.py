"""The ledger: every accepted answer, for which period it holds and from when to when it stood.

Here belongs recording a night's answers and asking what stood at an instant. Nothing is ever
overwritten: an answer that changes closes its row and opens another; one that is taken back opens
a row marked withdrawn.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import sqlalchemy as sa

from sql.arrow import Integers, loose_to_arrow, row_codes, to_arrow
from sql.bulk import insert_rows
from sql.frames import conform
from sql.periods import describe_period
from sql.schema import OBSERVATION_KEY
from sql.serving import warehouse_metadata
from sql.transaction import transaction

LEDGER = warehouse_metadata.tables["returns_ledger"]
KEY = ("dataset", *OBSERVATION_KEY)
ANSWER = ("value", "value_text", "note_code", "missing_reason")
"""What makes an answer another answer; that the same one came in another file does not."""


class LedgerError(ValueError):
    """The ledger cannot record this; the sentence says why."""

    exit_status = 3


@dataclass(frozen=True)
class Recorded:
    """How many answers of a night were new, replaced, withdrawn or stood unchanged."""

    new: int
    replaced: int
    withdrawn: int
    unchanged: int


def record(
    bind: sa.Engine | sa.Connection,
    validated: pd.DataFrame,
    recorded_at: datetime,
    run_id: str,
    *,
    datasets: Collection[str] | None = None,
) -> Recorded:
    """Record the accepted answers of a night, in one transaction.

    validated holds all answers (rows of validated_returns) of the datasets, by default of those it
    names: an answer of theirs that is on record and not in it is withdrawn. LedgerError if an
    answer changed although its row is not older than recorded_at, or if a key stands twice.
    """
    instant = instant_text(recorded_at)
    named = sorted(set(validated["dataset"]) if datasets is None else set(datasets))
    with transaction(bind) as connection:
        standing = _read(connection, LEDGER.c.recorded_to.is_(None), named)
        sides = _compare(standing, validated)
        closing = pd.concat([sides.replaced_old, sides.gone])
        if (closing["recorded_from"] >= instant).any():
            raise LedgerError(
                f"Answers on record since {closing['recorded_from'].max()} cannot be replaced at"
                f" {instant}: the clock of this run is behind."
            )
        _close(connection, closing, instant)
        _open(connection, sides.replaced_new, instant, run_id, is_withdrawn=False)
        _open(connection, sides.new, instant, run_id, is_withdrawn=False)
        withdrawn = sides.gone.assign(**dict.fromkeys(ANSWER))
        _open(connection, withdrawn, instant, run_id, is_withdrawn=True)
    return Recorded(len(sides.new), len(sides.replaced_new), len(sides.gone), sides.n_unchanged)


def as_at(
    engine: sa.Engine,
    recorded_at: datetime,
    *,
    valid_on: date | None = None,
    datasets: Collection[str] | None = None,
) -> pd.DataFrame:
    """The answers on record at that instant, rows of returns_ledger sorted by key.

    valid_on keeps those whose period holds that day. Withdrawn answers are not among them.
    """
    instant = instant_text(recorded_at)
    stood = (LEDGER.c.recorded_from <= instant) & (
        LEDGER.c.recorded_to.is_(None) | (LEDGER.c.recorded_to > instant)
    )
    clause = stood & ~LEDGER.c.is_withdrawn
    if valid_on is not None:
        day = valid_on.isoformat()
        clause = clause & (LEDGER.c.valid_from <= day) & (LEDGER.c.valid_to >= day)
    with engine.connect() as connection:
        return _read(connection, clause, None if datasets is None else sorted(datasets))


def instant_text(instant: datetime) -> str:
    """An aware instant as UTC text that sorts by time; LedgerError without a time zone."""
    if instant.tzinfo is None:
        raise LedgerError("An instant of the ledger needs a time zone.")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class _Sides:
    new: pd.DataFrame
    replaced_old: pd.DataFrame
    replaced_new: pd.DataFrame
    gone: pd.DataFrame
    n_unchanged: int


def _compare(standing: pd.DataFrame, validated: pd.DataFrame) -> _Sides:
    """Answers on record beside those of the night. A withdrawn row that stays away is unchanged."""
    night = validated.reset_index(drop=True)
    old_codes, new_codes = _codes(standing, night)
    if len(np.unique(new_codes)) != len(new_codes):
        raise LedgerError("An answer stands twice: one dataset may give a key only once.")
    _, old, new = np.intersect1d(old_codes, new_codes, assume_unique=True, return_indices=True)
    before, now = standing.iloc[old].reset_index(drop=True), night.iloc[new].reset_index(drop=True)
    changed = before["is_withdrawn"].to_numpy(dtype=bool).copy()
    for column in ANSWER:
        left, right = before[column], now[column]
        changed |= ~((left == right) | (left.isna() & right.isna())).to_numpy(dtype=bool)
    gone = standing.iloc[np.setdiff1d(np.arange(len(standing)), old)]
    return _Sides(
        new=night.iloc[np.setdiff1d(np.arange(len(night)), new)],
        replaced_old=before[changed],
        replaced_new=now[changed],
        gone=gone[~gone["is_withdrawn"].astype(bool)],
        n_unchanged=int((~changed).sum()),
    )


def _codes(standing: pd.DataFrame, night: pd.DataFrame) -> list[Integers]:
    columns = list(KEY)
    return row_codes([loose_to_arrow(standing[columns]), loose_to_arrow(night[columns])], columns)


def _read(
    connection: sa.Connection, clause: sa.ColumnElement[bool], datasets: list[str] | None
) -> pd.DataFrame:
    query = sa.select(LEDGER).where(clause)
    if datasets is not None:
        query = query.where(LEDGER.c.dataset.in_(datasets))
    rows = connection.execute(query).all()
    frame = pd.DataFrame(rows, columns=[c.name for c in LEDGER.columns])
    typed = conform(frame, "returns_ledger")
    return typed.sort_values([*KEY, "recorded_from"], ignore_index=True)


def _close(connection: sa.Connection, rows: pd.DataFrame, instant: str) -> None:
    if rows.empty:
        return
    keys = [*KEY, "recorded_from"]
    same = [LEDGER.c[name] == sa.bindparam(f"key_{name}") for name in keys]
    statement = LEDGER.update().where(*same).values(recorded_to=instant)
    named = rows[keys].rename(columns={name: f"key_{name}" for name in keys})
    connection.execute(statement, [dict(row) for row in _records(named)])


def _records(frame: pd.DataFrame) -> Iterator[dict[str, object]]:
    for row in frame.itertuples(index=False, name=None):
        yield dict(zip(frame.columns, row, strict=True))


def _open(
    connection: sa.Connection, rows: pd.DataFrame, instant: str, run_id: str, *, is_withdrawn: bool
) -> None:
    if rows.empty:
        return
    spans = {key: _span(key) for key in rows["period"].unique()}
    kept = rows[[c for c in rows.columns if c in LEDGER.columns]]
    made = kept.assign(
        recorded_from=instant,
        recorded_to=None,
        valid_from=rows["period"].map(lambda key: spans[key][0]),
        valid_to=rows["period"].map(lambda key: spans[key][1]),
        is_withdrawn=is_withdrawn,
        run_id=run_id,
    )
    frame = conform(made, "returns_ledger", fill=True)
    insert_rows(connection, LEDGER, to_arrow(frame, "returns_ledger"))


def _span(key: str) -> tuple[str | None, str | None]:
    """First and last day of a period; null for a key that is no period."""
    try:
        period = describe_period(key)
    except ValueError:
        return None, None
    return period.start.isoformat(), period.end.isoformat()
