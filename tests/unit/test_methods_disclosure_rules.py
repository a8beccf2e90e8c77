"""M14 piece by piece: what a secret is, and what is blanked with a figure."""

import numpy as np
import pandas as pd
import pytest

from assets.methods.attacker import Feasible
from assets.methods.disclosure import protect
from assets.methods.disclosure_attack import attack
from assets.methods.disclosure_rules import Secret
from assets.methods.disclosure_spread import blank_figures, finding_rows
from tests.disclosure_audit import recoverable
from tests.fixtures.few_people import (
    CONWY,
    FOUR,
    GWYNEDD,
    SHARE,
    WALES,
    YNYS_MON,
    figures,
    struck,
)

SMALL = Secret(0, "rest", {0: 1.0, 1: -1.0}, 1.0, 4.0, is_count=True)
NOTHING = np.zeros(3, dtype=bool)


def test_a_figure_that_does_not_apply_stays_so_where_it_has_no_number_to_hide() -> None:
    table = FOUR.iloc[:3].reset_index(drop=True).astype({"note_code": "str"})
    table["numerator"] = [0.0, np.nan, 3.0]
    table["note_code"], table["missing_reason"] = "p,z", "does not apply"
    found = blank_figures(table, ~NOTHING, denominators=np.array([False, True, False]))
    assert found["note_code"].tolist() == ["p,z", "p,z", "c,p"]
    assert found["missing_reason"].notna().tolist() == [True, True, False]
    assert found["numerator"].fillna(-1).tolist() == [0, -1, -1]
    assert found["denominator"].fillna(-1).tolist() == [100, -1, 200]


def test_without_a_rule_a_few_of_a_few_are_shown() -> None:
    """Three of three, and a figure that came as c, of an indicator whose threshold is 0."""
    table = figures([(YNYS_MON, 3, 3), (GWYNEDD, 2, 4), (CONWY, 9, 90), (WALES, 14, 97)])
    table = table.astype({"note_code": "str"})
    table.loc[2, ["numerator", "value", "value_rounded", "lower_95"]] = np.nan
    table.loc[2, "note_code"] = "c"
    free = protect(table, SHARE.assign(disclosure_threshold=0), None)
    pd.testing.assert_frame_equal(free.figures, table)
    assert free.suppressed.empty
    assert struck(protect(table, SHARE, None).figures) == [YNYS_MON, GWYNEDD, CONWY]


def test_a_figure_without_a_rule_stays_open_beside_one_that_shares_its_denominator() -> None:
    """`b` is five of five, which only a rule of its own would hide; `share` is none of five."""
    free = SHARE.assign(indicator="b", numerator="y", disclosure_threshold=0)
    table = pd.concat(
        [
            figures([(YNYS_MON, 0, 5), (GWYNEDD, 50, 200)]),
            figures([(YNYS_MON, 5, 5), (GWYNEDD, 60, 200)]).assign(indicator="b"),
        ],
        ignore_index=True,
    )
    kept = protect(table, pd.concat([SHARE, free], ignore_index=True), None)
    pd.testing.assert_frame_equal(kept.figures, table)
    both = pd.concat([SHARE, free.assign(disclosure_threshold=4)], ignore_index=True)
    assert set(struck(protect(table, both, None).figures)) == {YNYS_MON}


@pytest.mark.parametrize("x", [1, 3, 96, 99])
@pytest.mark.parametrize("others", [[(GWYNEDD, 20, 200), (CONWY, 50, 200)], [(GWYNEDD, 6, 20)]])
def test_no_more_is_hidden_than_a_small_count_or_a_small_rest_needs(
    x: int, others: list[tuple[str, int, int]]
) -> None:
    """One other council's numerator; denominators of ten or more stay, and nothing is lost."""
    everyone = [(YNYS_MON, x, 100), *others]
    counts = [sum(row[place] for row in everyone) for place in (1, 2)]
    table = figures([*everyone, (WALES, *counts)])
    kept = protect(table, SHARE, None)
    assert struck(kept.figures) == [YNYS_MON, GWYNEDD]
    assert kept.figures["denominator"].tolist() == table["denominator"].tolist()
    assert kept.findings.empty
    found = attack(kept.figures, SHARE, None)
    assert recoverable(table, found).empty
    own = found[found["area_code"] == YNYS_MON].set_index("part")[["low", "high"]]
    low, high = own.loc["numerator" if x < 5 else "rest"]
    assert low <= 1
    assert high >= 4


def test_a_figure_that_cannot_be_protected_is_one_finding_however_often_it_is_named() -> None:
    found = finding_rows(FOUR, [0, 1, 0], "d1", ("{area_code} is open", "{area_code} ar agor"))
    assert len(found) == 2
    assert found["message_en"].tolist()[0] == f"{YNYS_MON} is open"
    assert set(found["severity"]) == {"error"}
    assert finding_rows(FOUR, [], "d1", ("", "")).empty


def test_a_secret_is_kept_only_where_all_of_it_stays_possible() -> None:
    for low, high, is_kept in ((1, 4, True), (0, 9, True), (1, 3, False), (2, 4, False)):
        found = Feasible(float(low), float(high), is_possible=True)
        assert SMALL.is_kept(found) == is_kept
    assert not SMALL.is_kept(Feasible(0.0, 9.0, is_possible=False))


def test_a_secret_may_be_small_by_its_counts_or_where_nobody_knows_them() -> None:
    for whole, part, may_be in ((50, 49, True), (50, 46, True), (50, 45, False), (50, 50, False)):
        assert SMALL.may_be(np.array([whole, part], dtype=float)) == may_be
    assert SMALL.may_be(np.array([np.nan, 40.0]))


def test_a_secret_within_a_range_is_what_both_leave() -> None:
    def within(low: float, high: float) -> list[tuple[float, float]]:
        found = SMALL.within(Feasible(low, high, is_possible=True))
        return [(secret.low, secret.high) for secret in found]

    assert within(0, 9) == [(1, 4)]
    assert within(2, 9) == [(2, 4)]
    assert within(0, 3) == [(1, 3)]
    assert within(4, 9) == [(4, 4)]
    assert within(5, 9) == within(-3, 0) == []
    assert SMALL.within(Feasible(1.0, 4.0, is_possible=False)) == []
