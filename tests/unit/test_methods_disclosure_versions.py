"""M14 over time: what earlier versions, quarters and rolling years add to what a reader knows."""

import numpy as np
import pandas as pd
import pytest

from assets.methods.disclosure import protect, shown_earlier
from assets.methods.disclosure_attack import attack, read_everything
from assets.methods.summary_tables import inequality_indices_table
from tests.disclosure_audit import Case, random_history, recoverable, unchanged_cells
from tests.fixtures.few_people import CONWY, FOUR, GWYNEDD, SHARE, WALES, YNYS_MON, figures, struck


def test_a_count_shown_by_an_earlier_version_is_named_with_its_remedy() -> None:
    kept = protect(FOUR, SHARE, None, previous=[FOUR])
    assert YNYS_MON in struck(kept.figures)
    assert kept.findings["area_code"].tolist() == [YNYS_MON]
    assert kept.findings["severity"].tolist() == ["error"]
    assert "withdraw" in kept.findings["message_en"][0].lower()
    assert "--disclosure" in kept.findings["message_cy"][0]
    assert not any(character in kept.findings["message_en"][0] for character in ("3.0", " 3 "))


def test_what_an_earlier_version_hid_stays_hidden() -> None:
    before = protect(FOUR, SHARE, None).figures
    now = FOUR.copy()
    now.loc[0, ["numerator", "value"]] = 13.0
    now.loc[4, "numerator"] = 153.0
    kept = protect(now, SHARE, None, previous=[before])
    assert kept.suppressed["why"].tolist() == ["carried", "carried"]
    assert struck(protect(now, SHARE, None).figures) == []


def newly_small() -> pd.DataFrame:
    """FOUR, Gwynedd's 50 corrected to 2."""
    now = FOUR.copy()
    now.loc[now["area_code"] == GWYNEDD, "numerator"] = 2.0
    now.loc[now["area_code"] == WALES, "numerator"] = 95.0
    return now.assign(value=100 * now["numerator"] / now["denominator"])


def test_two_versions_can_be_subtracted_from_each_other() -> None:
    """143 - 50 - 70 = 23 in two councils, then 95 - 70 = 25 in three: Gwynedd has 2."""
    before = protect(FOUR, SHARE, None).figures
    alone = protect(newly_small(), SHARE, None).figures
    assert struck(alone) == [YNYS_MON, GWYNEDD]
    careless = alone.copy()
    careless.loc[careless["area_code"] == CONWY, ["numerator", "value"]] = np.nan
    careless.loc[careless["area_code"] == CONWY, "note_code"] = "c"
    found = attack(careless, SHARE, None, [before])
    gwynedd = found[found["area_code"].eq(GWYNEDD) & found["part"].eq("numerator")]
    assert gwynedd[["low", "high"]].to_numpy() == pytest.approx(2.0)
    for truths in ([FOUR], [None]):
        kept = protect(newly_small(), SHARE, None, [before], truths)
        assert struck(kept.figures) == [YNYS_MON, GWYNEDD, CONWY, WALES]
        assert kept.findings.empty
        assert recoverable(newly_small(), attack(kept.figures, SHARE, None, [before])).empty


def test_a_count_that_grew_stays_unknown_in_the_version_that_hid_it() -> None:
    """Ynys Môn's 3 became 13: who knew the 13, and that Conwy stands, would know the 3."""
    before = protect(FOUR, SHARE, None).figures
    now = FOUR.copy()
    now.loc[now["area_code"] == YNYS_MON, "numerator"] = 13.0
    now.loc[now["area_code"] == WALES, "numerator"] = 153.0
    kept = protect(now, SHARE, None, [before], [FOUR])
    known = [unchanged_cells(Case(FOUR, SHARE, FOUR), Case(now, SHARE, FOUR))]
    reading = read_everything(kept.figures, SHARE, None, [before], known=known)
    ranges = [
        reading.attacker.range_of(item.form)
        for item in reading.hidden()
        if item.ago == 1 and item.part == "numerator" and item.key["area_code"] == YNYS_MON
    ]
    assert ranges[0].contains(1, 4)


def test_quarters_and_their_year_are_a_sum() -> None:
    quarters = {"2023-04-01": 3, "2023-07-01": 30, "2023-10-01": 40, "2024-01-01": 20}
    rows = [figures([(YNYS_MON, x, 100)], f"{start}/P3M") for start, x in quarters.items()]
    table = pd.concat([*rows, figures([(YNYS_MON, 93, 400)])], ignore_index=True)
    kept = protect(table, SHARE, None)
    hidden = kept.figures.loc[kept.figures["note_code"].eq("c"), "period"]
    assert hidden.tolist() == ["2023-04-01/P3M", "2024-01-01/P3M"]
    stock = SHARE.assign(accumulation="stock")
    assert protect(table, stock, None).figures["note_code"].eq("c").sum() == 1


def test_overlapping_rolling_years_are_sums_of_what_they_share() -> None:
    """2021-23, 2022-24 and 2023: known sums around a hidden 2022-23 of one year each."""
    rows = {"2021-04-01/P2Y": 33, "2022-04-01/P2Y": 23, "2021-04-01/P1Y": 30, "2023-04-01/P1Y": 20}
    parts = [figures([(YNYS_MON, x, 1000)], period) for period, x in rows.items()]
    secret = figures([(YNYS_MON, 3, 1000)], "2022-04-01/P1Y")
    table = pd.concat([*parts, secret], ignore_index=True)
    kept = protect(table, SHARE.assign(accumulation="rolling", kind="rate", interval="none"), None)
    assert kept.figures["note_code"].eq("c").sum() == 3
    assert kept.findings.empty


def test_shown_earlier_names_the_figures_to_withdraw() -> None:
    kept = protect(FOUR, SHARE, None)
    found = shown_earlier(kept.figures, FOUR)
    assert found["area_code"].tolist() == [YNYS_MON, CONWY]
    assert shown_earlier(kept.figures, kept.figures).empty
    confidential = FOUR.iloc[[0]]
    other = FOUR.assign(numerator=FOUR["numerator"] + 1)
    assert len(shown_earlier(confidential, FOUR)) == 1
    assert shown_earlier(confidential, other).empty, "another count than the confidential one"


@pytest.mark.parametrize("seed", [1, 2, 5, 6, 12])
def test_no_inequality_index_is_made_of_a_hidden_group(seed: int) -> None:
    """Two versions of random tables by age: an index is a figure of groups that are all shown."""
    published: list[pd.DataFrame] = []
    truths: list[pd.DataFrame] = []
    for case in random_history(seed)[:2]:
        kept = protect(case.figures, case.indicators, case.groups, published, truths).figures
        published, truths = [*published, kept], [*truths, case.figures]
        groups = kept[kept["indicator"].eq("share") & kept["breakdown_type"].eq("age")]
        orders = {"share": {"age": sorted(groups["breakdown"].unique())}}
        true, told = (
            inequality_indices_table(frame, orders).set_index(["area_code", "period"])
            for frame in (case.figures, kept)
        )
        is_hidden = (
            groups["value"].isna().groupby([groups[name] for name in told.index.names]).any()
        )
        hidden = is_hidden.index[is_hidden]
        assert true.loc[hidden, "sii"].notna().any(), "there was something to hide"
        assert told.loc[hidden].select_dtypes("float").isna().all(axis=None)
        assert set(told.loc[hidden, "reason"]) == {"a group has no value"}
        pd.testing.assert_frame_equal(told.drop(hidden), true.drop(hidden))
