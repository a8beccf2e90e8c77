"""A council without a figure is a row that says so; a provisional period is marked."""

import pandas as pd
import pytest

from assets.methods.figures import mark_provisional
from assets.methods.grid import fill_grid
from sql.frames import conform

PERIOD = "2023-04-01/P1Y"
INDICATORS = pd.DataFrame({"indicator": ["homes", "cpi"], "is_reference_series": [False, True]})
AREAS = conform(
    pd.DataFrame(
        {
            "area_code": ["W06000001", "W06000002", "W06000023", "W92000004"],
            "area_type": ["council", "council", "council", "nation"],
            "valid_from": ["1996-04-01", None, "2030-04-01", None],
        }
    ),
    "areas",
    fill=True,
)


def figures() -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "indicator": ["homes", "homes", "cpi"],
            "area_code": ["W06000001", "W92000004", "K02000001"],
            "area_type": ["council", "nation", "uk"],
            "value": [1.5, 2.0, 3.0],
            "note_code": [None, "r", None],
        }
    ).assign(period=PERIOD, breakdown_type="total", breakdown="total")
    return conform(rows, "indicator_values", fill=True)


def test_each_council_in_force_has_a_row() -> None:
    filled = fill_grid(figures(), INDICATORS, AREAS).set_index(["indicator", "area_code"])
    assert len(filled) == 4
    added = filled.loc[("homes", "W06000002")]
    assert pd.isna(added["value"])
    assert (added["note_code"], added["missing_reason"]) == ("x", "not returned")
    assert ("homes", "W06000023") not in filled.index, "not yet in force"
    assert ("cpi", "W06000001") not in filled.index, "a reference series has no councils"


@pytest.mark.parametrize("code", ["W06000007", "W06000023", None])
def test_a_council_that_took_over_a_code_is_expected_before_it_began(code: str | None) -> None:
    """Powys: until 31 March 2009 W06000007; publishers carry its history back under W06000023."""
    areas = conform(
        pd.DataFrame(
            {
                "area_code": ["W06000001", "W06000007", "W06000023"],
                "area_type": "council",
                "valid_from": [None, None, "2009-04-01"],
                "valid_to": [None, "2009-03-31", None],
                "predecessors": [None, None, "W06000007"],
            }
        ),
        "areas",
        fill=True,
    )
    for period in ("2005-04-01/P1Y", "2009-01-01/P1Y"):
        rows = figures().iloc[[0]].assign(period=period)
        if code:
            rows = pd.concat([rows, rows.assign(area_code=code)], ignore_index=True)
        held = fill_grid(rows, INDICATORS, areas)["area_code"].tolist()
        assert held == ["W06000001", code or "W06000023"]


def test_provisional_periods_are_marked_beside_other_codes() -> None:
    provisional = pd.DataFrame({"indicator": ["homes"], "period": [PERIOD]})
    marked = mark_provisional(figures(), provisional).set_index(["indicator", "area_code"])
    assert marked.loc[("homes", "W06000001"), "note_code"] == "p"
    assert set(str(marked.loc[("homes", "W92000004"), "note_code"]).split(",")) == {"p", "r"}
    assert pd.isna(marked.loc[("cpi", "K02000001"), "note_code"])
