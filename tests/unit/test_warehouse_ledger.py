"""The bitemporal ledger: what stood at any instant equals a replay of what came in."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from sql.frames import conform
from sql.ledger import LedgerError, Recorded, as_at, record
from sql.warehouse import open_engine

DAY = datetime(2026, 1, 1, 3, 30, tzinfo=UTC)
KEY = ["measure", "period", "area_code"]


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return open_engine(f"sqlite:///{tmp_path / 'warehouse.sqlite'}")


def answers(values: dict[tuple[str, str, str], float], dataset: str = "waste") -> pd.DataFrame:
    """(measure, period, area) -> value, as rows of validated_returns."""
    rows = [
        {
            "dataset": dataset,
            **dict(zip(KEY, key, strict=True)),
            "breakdown_type": "total",
            "breakdown": "total",
            "value": value,
            "value_text": f"{value:g}",
            "source_sha256": "ab" * 32,
        }
        for key, value in values.items()
    ]
    return conform(pd.DataFrame(rows), "validated_returns", fill=True)


A = ("tonnes", "2023-04-01/P1Y", "W06000001")
B = ("tonnes", "2023-04-01/P1Y", "W06000002")
C = ("tonnes", "2024-04-01/P1Y", "W06000001")


def state(engine: sa.Engine, at: datetime, **given: object) -> dict[tuple[str, ...], float]:
    rows = as_at(engine, at, **given)
    return {tuple(row[name] for name in KEY): row["value"] for row in rows.to_dict("records")}


def test_a_correction_leaves_what_stood_before_readable(engine: sa.Engine) -> None:
    assert record(engine, answers({A: 1.0, B: 2.0}), DAY, "run-1") == Recorded(2, 0, 0, 0)
    later = DAY + timedelta(days=1)
    assert record(engine, answers({A: 1.5, B: 2.0}), later, "run-2") == Recorded(0, 1, 0, 1)
    assert state(engine, DAY) == {A: 1.0, B: 2.0}
    assert state(engine, later - timedelta(seconds=1)) == {A: 1.0, B: 2.0}
    assert state(engine, later) == {A: 1.5, B: 2.0}
    assert state(engine, DAY - timedelta(days=1)) == {}


def test_an_answer_that_is_taken_back_is_marked_and_may_return(engine: sa.Engine) -> None:
    record(engine, answers({A: 1.0, B: 2.0}), DAY, "run-1")
    record(engine, answers({B: 2.0}), DAY + timedelta(days=1), "run-2")
    record(engine, answers({B: 2.0}), DAY + timedelta(days=2), "run-3")
    record(engine, answers({A: 1.0, B: 2.0}), DAY + timedelta(days=3), "run-4")
    assert state(engine, DAY + timedelta(days=2)) == {B: 2.0}
    assert state(engine, DAY + timedelta(days=3)) == {A: 1.0, B: 2.0}
    with engine.connect() as connection:
        query = (
            "SELECT recorded_from, is_withdrawn, run_id FROM returns_ledger"
            " WHERE area_code = 'W06000001' ORDER BY 1"
        )
        rows = connection.execute(sa.text(query)).all()
    assert [(bool(r.is_withdrawn), r.run_id) for r in rows] == [
        (False, "run-1"),
        (True, "run-2"),
        (False, "run-4"),
    ]


def test_the_same_answers_from_another_file_are_not_recorded_again(engine: sa.Engine) -> None:
    record(engine, answers({A: 1.0}), DAY, "run-1")
    again = answers({A: 1.0}).assign(source_sha256="cd" * 32, return_ref="s002")
    assert record(engine, again, DAY + timedelta(days=1), "run-2") == Recorded(0, 0, 0, 1)


def test_another_dataset_is_not_touched(engine: sa.Engine) -> None:
    record(engine, answers({A: 1.0}), DAY, "run-1")
    other = answers({("people", "2023-01-01/P1Y", "W06000001"): 5.0}, dataset="population")
    assert record(engine, other, DAY + timedelta(days=1), "run-2").withdrawn == 0
    assert A in state(engine, DAY + timedelta(days=1))


def test_an_empty_night_withdraws_only_what_is_named(engine: sa.Engine) -> None:
    record(engine, answers({A: 1.0}), DAY, "run-1")
    nothing = answers({A: 1.0}).iloc[:0]
    later = DAY + timedelta(days=1)
    assert record(engine, nothing, later, "run-2") == Recorded(0, 0, 0, 0)
    assert record(engine, nothing, later, "run-3", datasets=["waste"]) == Recorded(0, 0, 1, 0)


def test_the_valid_period_is_asked_for_by_a_day(engine: sa.Engine) -> None:
    record(engine, answers({A: 1.0, C: 3.0}), DAY, "run-1")
    assert state(engine, DAY, valid_on=date(2024, 3, 31)) == {A: 1.0}
    assert state(engine, DAY, valid_on=date(2024, 4, 1)) == {C: 3.0}


def test_a_clock_that_runs_behind_is_refused(engine: sa.Engine) -> None:
    record(engine, answers({A: 1.0}), DAY, "run-1")
    with pytest.raises(LedgerError, match="clock"):
        record(engine, answers({A: 2.0}), DAY, "run-2")
    assert state(engine, DAY) == {A: 1.0}


def test_an_answer_may_stand_only_once(engine: sa.Engine) -> None:
    doubled = pd.concat([answers({A: 1.0}), answers({A: 2.0})], ignore_index=True)
    with pytest.raises(LedgerError, match="twice"):
        record(engine, doubled, DAY, "run-1")
