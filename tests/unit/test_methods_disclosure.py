"""M14: what is suppressed, why, and that nobody can compute it from the rest."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.methods.attacker import Attacker, Sum
from assets.methods.compare import compare
from assets.methods.disclosure import protect, without_thresholds
from assets.methods.disclosure_attack import attack
from assets.methods.disclosure_rounding import round_counts, round_to_base
from assets.methods.disclosure_spread import about_counts, hide_findings, hide_queries
from assets.methods.figures import NUMBERS, build_figures
from sql.frames import conform, empty
from tests.disclosure_audit import KEY, audit, declarations, random_history, recoverable
from tests.fixtures.few_people import (
    CONWY,
    DENBIGHSHIRE,
    FOUR,
    GWYNEDD,
    PERIOD,
    SHARE,
    WALES,
    YNYS_MON,
    figures,
    struck,
)


def test_a_small_count_and_the_smallest_other_that_hides_it_lose_every_number() -> None:
    kept = protect(FOUR, SHARE, None)
    assert struck(kept.figures) == [YNYS_MON, CONWY]
    hidden = kept.figures[kept.figures["note_code"].eq("c")]
    assert hidden[["numerator", "value", "value_rounded", "lower_95"]].isna().all(axis=None)
    assert hidden["denominator"].tolist() == [100, 200]
    assert kept.suppressed["why"].tolist() == ["primary", "secondary"]
    others = ~kept.figures["note_code"].eq("c")
    pd.testing.assert_frame_equal(kept.figures[others], FOUR[others])
    assert kept.findings.empty


def test_what_the_attacker_is_left_with() -> None:
    found = attack(protect(FOUR, SHARE, None).figures, SHARE, None)
    ranges = found.set_index(["area_code", "part"])[["low", "high"]]
    assert ranges.loc[(YNYS_MON, "numerator")].tolist() == pytest.approx([0, 23])
    assert ranges.loc[(CONWY, "rest")].tolist() == pytest.approx([177, 200])


def test_without_the_second_the_first_is_known_to_the_unit() -> None:
    alone = FOUR.assign(note_code=FOUR["note_code"].astype("str"))
    alone.loc[0, ["numerator", "value", "value_rounded", "lower_95"]] = np.nan
    alone.loc[0, "note_code"] = "c"
    found = attack(alone, SHARE, None)
    assert found.loc[found["part"] == "numerator", ["low", "high"]].to_numpy() == pytest.approx(3.0)
    assert len(recoverable(FOUR, found)) == 1


@pytest.mark.parametrize(
    ("x", "n", "is_confidential"),
    [
        (0, 100, False),
        (1, 100, True),
        (4, 100, True),
        (5, 100, False),
        (96, 100, True),
        (95, 100, False),
        (100, 100, False),
        (0, 4, True),
        (9, 9, True),
        (10, 10, False),
    ],
)
def test_the_rule_looks_at_numerator_rest_and_denominator(
    x: int, n: int, is_confidential: bool
) -> None:
    kept = protect(figures([(YNYS_MON, x, n), (GWYNEDD, 50, 200)]), SHARE, None)
    assert struck(kept.figures) == ([YNYS_MON] if is_confidential else [])
    if is_confidential:
        assert np.isnan(kept.figures.loc[0, "denominator"]) == (n < 10)


def test_of_two_hidden_fours_neither_can_be_told_by_who_knows_the_rule() -> None:
    """4 + 4 of a known 8: two cells hide each other from a reader, not from who knows the rule."""
    table = figures(
        [
            (YNYS_MON, 4, 90),
            (GWYNEDD, 4, 90),
            (CONWY, 60, 90),
            (DENBIGHSHIRE, 50, 90),
            (WALES, 118, 360),
        ]
    )
    assert struck(protect(table, SHARE, None).figures) == [YNYS_MON, GWYNEDD, DENBIGHSHIRE]


def test_a_breakdown_needs_a_rectangle() -> None:
    rows = [
        (area, x, 100, sex)
        for area, pair in {YNYS_MON: (3, 60), GWYNEDD: (40, 50), CONWY: (45, 55)}.items()
        for sex, x in zip(("f", "m"), pair, strict=True)
    ]
    totals = [(YNYS_MON, 63, 200), (GWYNEDD, 90, 200), (CONWY, 100, 200), (WALES, 253, 600)]
    nation = [(WALES, 88, 300, "f"), (WALES, 165, 300, "m")]
    kept = protect(figures([*rows, *totals, *nation]), SHARE, None)
    places = kept.suppressed[["area_code", "breakdown"]].to_numpy().tolist()
    assert places == [[YNYS_MON, "f"], [YNYS_MON, "m"], [GWYNEDD, "f"], [GWYNEDD, "m"]]


def test_a_measure_shown_without_a_rule_is_named() -> None:
    count = declarations().iloc[[1]].assign(disclosure_threshold=0)
    open_figures = FOUR.assign(indicator="count", denominator=np.nan)
    both = pd.concat([FOUR, open_figures], ignore_index=True)
    kept = protect(both, pd.concat([SHARE, count]), None)
    assert kept.findings["code"].tolist() == ["disclosure_recoverable"]
    assert kept.figures["note_code"].eq("c").sum() == 1
    same = pd.concat([SHARE, count.assign(disclosure_threshold=4)])
    both_hidden = protect(both, same, None)
    assert both_hidden.findings.empty
    assert both_hidden.figures["note_code"].eq("c").sum() == 4


def test_a_withdrawn_figure_shows_no_count_and_closes_no_gate() -> None:
    """`count` has no rule and counts what `share` counts; where it is blank it says nothing."""
    count = declarations().iloc[[1]].assign(disclosure_threshold=0)
    open_figures = FOUR.iloc[[0]].assign(
        indicator="count", note_code="x", **dict.fromkeys(NUMBERS, np.nan)
    )
    both = pd.concat([FOUR, open_figures], ignore_index=True)
    kept = protect(both, pd.concat([SHARE, count]), None)
    assert kept.findings.empty
    assert set(struck(kept.figures)) == {YNYS_MON, CONWY}
    assert recoverable(FOUR, attack(kept.figures, pd.concat([SHARE, count]), None)).empty


def test_regions_are_wholes_too() -> None:
    regions = pd.DataFrame(
        [
            ("region:a", "", YNYS_MON, "W11000001"),
            ("region:a", "", GWYNEDD, "W11000001"),
            ("all", "", YNYS_MON, WALES),
            ("all", "", GWYNEDD, WALES),
            ("all", "", CONWY, WALES),
            ("all", "", DENBIGHSHIRE, WALES),
        ],
        columns=["group_code", "owner_code", "member_code", "group_area_code"],
    )
    region = figures([("W11000001", 53, 300)]).assign(area_type="health_board")
    kept = protect(pd.concat([FOUR, region], ignore_index=True), SHARE, regions)
    assert struck(kept.figures) == [YNYS_MON, GWYNEDD]
    found = attack(kept.figures, SHARE, regions)
    assert recoverable(pd.concat([FOUR, region]), found).empty


def test_benchmarks_made_before_suppression_give_it_away_and_are_seen_to() -> None:
    councils = FOUR.iloc[:4]
    groups = pd.DataFrame(
        {"group_code": "all", "owner_code": "", "member_code": councils["area_code"]}
    )
    groups["group_area_code"] = None
    kept = protect(councils, SHARE, None)
    assert struck(kept.figures) == [YNYS_MON]
    early, late = (compare(f, SHARE, groups).benchmarks for f in (councils.assign(), kept.figures))
    quiet = early.assign(missing_members="", mean=np.nan)
    assert not recoverable(councils, attack(kept.figures, SHARE, groups, (), quiet)).empty
    by_mean = early.assign(missing_members="", ratio_of_sums=np.nan)
    assert not recoverable(councils, attack(kept.figures, SHARE, groups, (), by_mean)).empty
    assert recoverable(councils, attack(kept.figures, SHARE, groups, (), late)).empty


def test_not_applicable_stays_and_figures_without_a_rule_come_back_as_they_were() -> None:
    table = pd.concat([FOUR, figures([("W06000005", 0, 0)])], ignore_index=True)
    table.loc[5, ["note_code", "value"]] = ["z", np.nan]
    assert protect(table, SHARE, None).figures["note_code"].tolist()[5] == "z"
    none = protect(FOUR, SHARE.assign(disclosure_threshold=0), None)
    pd.testing.assert_frame_equal(none.figures, FOUR)
    assert none.suppressed.empty


def test_a_small_count_over_a_denominator_that_does_not_apply_is_hidden_too() -> None:
    table = FOUR.astype({"note_code": "str"})
    table.loc[0, ["denominator", "value", "value_rounded", "lower_95"]] = np.nan
    table.loc[0, "note_code"] = "z"
    kept = protect(table, SHARE, None)
    assert struck(kept.figures) == [YNYS_MON, CONWY]
    assert np.isnan(kept.figures.loc[0, "numerator"])
    again = protect(table, SHARE, None, previous=[kept.figures], truths=[table])
    assert struck(again.figures) == [YNYS_MON, CONWY]
    assert again.findings.empty


def test_what_came_as_confidential_is_protected_without_its_count() -> None:
    first = FOUR.copy()
    first.loc[0, ["numerator", "value", "value_rounded", "lower_95"]] = np.nan
    first.loc[0, "note_code"] = "c"
    kept = protect(first, SHARE, None)
    assert recoverable(FOUR, attack(kept.figures, SHARE, None)).empty
    assert kept.figures["note_code"].eq("c").sum() > 1


def test_from_returns_to_protected_figures() -> None:
    """Answers of four councils, the Wales figure beside them, as build_figures reads them."""
    counts = FOUR.drop(columns="value").melt(
        ["area_code"], ["numerator", "denominator"], value_name="value"
    )
    answers = conform(
        counts.assign(
            measure=counts["variable"].map({"numerator": "x", "denominator": "n"}),
            dataset="returns",
            period=PERIOD,
            breakdown_type="total",
            breakdown="total",
        ).drop(columns="variable"),
        "validated_returns",
        fill=True,
    )
    indicators = conform(SHARE, "indicator_catalogue", fill=True)
    areas = FOUR[["area_code", "area_type"]]
    breaks = pd.DataFrame({"indicator": [], "period": []})
    built = build_figures(answers, without_thresholds(indicators), areas, breaks)
    assert built["numerator"].notna().all()
    kept = protect(built, indicators, None)
    assert struck(kept.figures) == [YNYS_MON, CONWY]
    assert not compare(kept.figures, indicators).comparisons.iloc[0][["value", "lower_95"]].any()


def test_findings_about_counts_with_a_rule_lose_their_text_and_hash() -> None:
    """Whatever period they are about: this year's finding may quote last year's count."""
    findings = pd.concat([empty("validation_findings")] * 2)
    for row, (dataset, measure) in enumerate([("a", "x"), ("a", "y"), ("a", None), ("b", None)]):
        findings.loc[row, ["dataset", "measure", "seen", "message_en", "source_sha256"]] = [
            *(dataset, measure, "3", "It is 3.", "f00d"),
        ]
    hidden = hide_findings(findings, SHARE, ("hidden", "cudd"), datasets=["a"])
    assert hidden["seen"].isna().tolist() == [True, False, True, False]
    assert hidden["message_en"].tolist() == ["hidden", "It is 3.", "hidden", "It is 3."]
    assert hidden["source_sha256"].isna().tolist() == [True, False, True, False]
    same = hide_findings(findings, SHARE.assign(disclosure_threshold=0), ("hidden", "cudd"))
    pd.testing.assert_frame_equal(same, findings)


def test_a_finding_about_a_figure_that_shares_the_count_is_not_for_releases() -> None:
    """`b` has no rule and divides by a count of `share`: 5 of 3 is refused, which quotes the 3."""
    other = SHARE.assign(
        indicator="b", numerator="y", denominator=SHARE["numerator"], disclosure_threshold=0
    )
    findings = pd.concat([empty("validation_findings")] * 2)
    for row, (indicator, measure) in enumerate([("b", None), ("b", "y"), ("c", None)]):
        findings.loc[row, ["indicator", "measure", "seen"]] = [indicator, measure, "3"]
    both = pd.concat([SHARE, other, other.assign(indicator="c", denominator="n2")])
    assert about_counts(findings, both).tolist() == [True, False, False]


def test_a_query_mark_tells_of_a_count_and_is_taken_off() -> None:
    marked = FOUR.assign(is_queried=pd.array([True] * len(FOUR), dtype="boolean"))
    assert not hide_queries(marked, ["share"])["is_queried"].any()
    pd.testing.assert_frame_equal(hide_queries(marked, ["other"]), marked)


# --- the attacker, against every table there is ---------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_linear_program_finds_what_trying_every_table_finds(seed: int) -> None:
    """2 x 3 counts of 0 to 5 with their sums, some cells hidden: ranges as by enumeration."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 6, (2, 3))
    hidden = np.flatnonzero(rng.random(6) < 0.6)
    cells = [*range(6)]
    lines = [[0, 1, 2], [3, 4, 5], [0, 3], [1, 4], [2, 5]]
    shown = [line for line in lines if rng.random() < 0.8]
    flat = truth.ravel().astype(float)
    low = np.where(np.isin(cells, hidden), 0.0, flat)
    high = np.where(np.isin(cells, hidden), 5.0, flat)
    sums = [Sum(dict.fromkeys(line, 1.0), flat[line].sum(), flat[line].sum()) for line in shown]
    attacker = Attacker(low, high, sums)
    tables = np.array(
        [
            filled
            for values in itertools.product(range(6), repeat=len(hidden))
            for filled in [_filled(flat, hidden, values)]
            if all(filled[line].sum() == flat[line].sum() for line in shown)
        ]
    )
    for cell in cells:
        found = attacker.range_of({cell: 1.0})
        assert found.low == pytest.approx(tables[:, cell].min(), abs=1e-6)
        assert found.high == pytest.approx(tables[:, cell].max(), abs=1e-6)


def _filled(flat: np.ndarray, hidden: np.ndarray, values: tuple[int, ...]) -> np.ndarray:
    filled = flat.copy()
    filled[hidden] = values
    return filled


def test_a_contradiction_proves_nothing_and_is_never_called_safe() -> None:
    attacker = Attacker(np.zeros(2), np.full(2, np.inf), [Sum({0: 1.0, 1: 1.0}, -5.0, -5.0)])
    found = attacker.range_of({0: 1.0})
    assert not found.is_possible
    assert not found.contains(1, 4)


def test_random_tables_in_three_versions_give_nothing_away() -> None:
    """A share of the soak's cases; see tests/disclosure_audit.py for what is attacked and how."""
    outcome = audit(8)
    assert outcome.recovered == 0
    assert outcome.named == 0
    assert 0 < outcome.misled <= outcome.guessed, "what rests on a false premise is often wrong"
    assert outcome.primary > 100
    assert outcome.secondary > 10
    assert outcome.asked > 1000


def test_what_rests_on_a_false_stretch_of_time_is_no_recovery() -> None:
    """A year to date whose later quarters, in no figure, were revised: the reader guesses wrong."""
    outcome = audit(1, seed=604)
    assert outcome.recovered == 0
    assert outcome.guessed > 20


def test_the_audit_finds_what_is_not_protected() -> None:
    """Figures with the small counts alone struck: neighbours and totals give them away."""
    history = random_history(0)[:1]
    kept = protect(history[0].figures, history[0].indicators, history[0].groups)
    primary = kept.suppressed[kept.suppressed["why"] == "primary"]
    place = pd.MultiIndex.from_frame(history[0].figures[KEY])
    struck_only = place.isin(pd.MultiIndex.from_frame(primary[KEY]))
    careless = history[0].figures.copy()
    careless.loc[struck_only, ["numerator", "value"]] = np.nan
    careless.loc[struck_only, "note_code"] = "c"
    found = attack(careless, history[0].indicators, history[0].groups)
    assert len(recoverable(history[0].figures, found)) > 10


# --- the other profile: rounding ------------------------------------------------------------------


def test_rounding_to_a_base_is_half_away_from_zero() -> None:
    given_counts = np.array([0, 2, 3, 7, 8, 12.5, np.nan])
    rounded = round_to_base(given_counts, 5)
    assert rounded[:6].tolist() == [0, 0, 5, 5, 10, 15]
    assert np.isnan(rounded[6])
    with pytest.raises(ValueError, match="base 2 hides nothing"):
        round_counts(FOUR, SHARE, None, 2)


def test_rounded_figures_come_from_rounded_counts_alone() -> None:
    kept = round_counts(FOUR, SHARE, None, 5)
    assert kept.figures["numerator"].tolist() == [5, 50, 20, 70, 145]
    assert kept.figures["value_rounded"].tolist()[0] == 5.0
    assert kept.figures["lower_95"].isna().all()
    assert kept.suppressed.empty


def test_a_rounded_total_that_gives_its_parts_away_is_suppressed() -> None:
    """Four twos are 0 each, their 8 is 10: at least 8 of four counts of at most 2, so all are 2."""
    councils = (YNYS_MON, GWYNEDD, CONWY, DENBIGHSHIRE)
    table = figures([*((area, 2, 100) for area in councils), (WALES, 8, 400)])
    kept = round_counts(table, SHARE, None, 5)
    assert len(struck(kept.figures)) == 1
    shown = dict(zip(table["area_code"], kept.figures["numerator"], strict=True))
    possible = [
        counts
        for counts in itertools.product(range(8), repeat=4)
        if all(
            np.isnan(shown[area]) or round_to_base(np.array([x]), 5)[0] == shown[area]
            for area, x in [*zip(councils, counts, strict=True), (WALES, sum(counts))]
        )
    ]
    for place in range(4):
        assert len({counts[place] for counts in possible}) >= 2
