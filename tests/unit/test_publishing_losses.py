"""A series that would vanish or change its unit is for a person to decide, not for the night."""

import pandas as pd
import pytest

from assets.publishing.losses import loss_notices, unit_notices
from sql.frames import conform

COUNCILS = [f"W0600000{number}" for number in range(1, 7)]
KEY = {"indicator": "homes", "period": "2023-04-01/P1Y", "breakdown_type": "total"}


def changes(old: list[float], new: list[float | None], code: str | None = None) -> pd.DataFrame:
    rows = pd.DataFrame({"area_code": COUNCILS, "old_value": old, "new_value": new})
    made = rows.assign(**KEY, breakdown="total", new_note_code=code)
    return conform(made, "changes", fill=True)


def figures(values: list[float | None]) -> pd.DataFrame:
    rows = pd.DataFrame({"area_code": COUNCILS, "value": values}).assign(**KEY, breakdown="total")
    return conform(rows, "indicator_values", fill=True)


OLD = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
NONE: list[float | None] = [None] * 6


def test_a_series_that_loses_every_value_is_major() -> None:
    (notice,) = loss_notices(changes(OLD, NONE, "x"), figures(NONE))
    assert notice.level == "major"
    assert "homes" in notice.words.en
    assert "homes" in notice.words.cy


def test_single_losses_and_withheld_values_are_not() -> None:
    some = [*NONE[:5], 60.0]
    assert list(loss_notices(changes(OLD, some, "x"), figures(some))) == []
    assert list(loss_notices(changes(OLD, NONE, "c"), figures(NONE))) == []
    assert list(loss_notices(changes(OLD, NONE, "p, z"), figures(NONE))) == []


@pytest.mark.parametrize("factor", [1000.0, 10.0, 0.01])
def test_a_series_in_another_unit_is_major(factor: float) -> None:
    (notice,) = unit_notices(changes(OLD, [factor * value for value in OLD]))
    assert notice.level == "major"
    assert "10^" in notice.words.en


def test_ordinary_revisions_are_no_change_of_unit() -> None:
    assert list(unit_notices(changes(OLD, [1.3 * value for value in OLD]))) == []
    one = [*OLD[:5], 60000.0]
    assert list(unit_notices(changes(OLD, one))) == []
