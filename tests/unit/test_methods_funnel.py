"""M8: control limits against scipy's distributions and Spiegelhalter's formulas in plain Python."""

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from assets.methods.funnel import dispersion, exact_limits, funnel, standard_error
from assets.methods.impossible import ImpossibleInput
from assets.methods.intervals import Z95, Z998

COUNCILS = [f"W060000{number:02}" for number in range(1, 23)]
KINDS = ("proportion", "rate", "ratio")


def figures(x: list, n: list) -> pd.DataFrame:
    return pd.DataFrame({"area_code": COUNCILS[: len(x)], "numerator": x, "denominator": n})


def spread_out(factor: float) -> pd.DataFrame:
    """22 councils of 10 % on average, apart by so many standard errors."""
    n = [400.0 + 50 * place for place in range(22)]
    z = [statistics.NormalDist().inv_cdf((place + 0.5) / 22) for place in range(22)]
    x = [
        round(size * 0.1 + factor * q * math.sqrt(size * 0.09))
        for size, q in zip(n, z, strict=True)
    ]
    return figures([float(count) for count in x], n)


@given(st.integers(1, 3000), st.floats(0.01, 0.99), st.sampled_from([0.025, 0.001]))
def test_beyond_an_exact_limit_the_tail_is_below_p_and_on_it_not(
    n: int, theta: float, tail: float
) -> None:
    for kind, dist in (
        ("proportion", stats.binom(n, theta)),
        ("rate", stats.poisson(n * theta)),
    ):
        found = exact_limits(theta, np.array([float(n)]), np.array([True]), tail, kind)
        low, high = (round(limit.item() * n) for limit in found)
        assert dist.cdf(low - 1) < tail <= dist.cdf(low) + 1e-12
        assert dist.sf(high) <= tail + 1e-12
        assert dist.sf(high - 1) > tail - 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_limits_meet_the_normal_ones_for_large_councils(kind: str) -> None:
    theta, n = 0.3, np.array([2e6])
    low, high = exact_limits(theta, n, np.array([True]), 0.025, kind)
    half = Z95 * standard_error(theta, n, kind)
    assert low.item() == pytest.approx(theta - half.item(), rel=1e-5)
    assert high.item() == pytest.approx(theta + half.item(), rel=1e-5)


def test_a_council_of_one_is_never_remarkable_for_the_usual_outcome() -> None:
    found = exact_limits(0.999, np.array([1.0]), np.array([True]), 0.025, "proportion")
    assert [side.item() for side in found] == [1.0, 1.0]


@given(st.lists(st.floats(-6, 6), min_size=2, max_size=40), st.randoms())
def test_phi_and_tau_are_spiegelhalters(z: list[float], random) -> None:
    se = [0.01 + random.random() for _ in z]
    found = dispersion(np.array(z), np.array(se))
    low, high = np.quantile(z, [0.1, 0.9])
    phi = statistics.fmean(min(max(value, low), high) ** 2 for value in z)
    w = [1 / value**2 for value in se]
    top = len(z) * phi - (len(z) - 1)
    tau = max(0.0, top / (sum(w) - sum(value**2 for value in w) / sum(w)))
    assert found.phi == pytest.approx(phi, rel=1e-9, abs=1e-12)
    assert found.tau_squared == pytest.approx(tau, rel=1e-9, abs=1e-12)
    assert found.is_over == (phi > 1 + 2 * math.sqrt(2 / len(z)))


def test_one_extreme_council_does_not_widen_the_limits_of_all() -> None:
    z = np.append(np.linspace(-1.2, 1.2, 30), 50.0)
    assert dispersion(z, np.ones(31)).phi < 1


@pytest.mark.parametrize(("overdispersion", "wide"), [("multiplicative", True), ("additive", True)])
def test_overdispersed_limits_are_those_of_the_formula(overdispersion: str, wide: bool) -> None:
    rows = spread_out(3.0)
    found = funnel(rows, "proportion", multiplier=100.0, overdispersion=overdispersion)
    theta = rows["numerator"].sum() / rows["denominator"].sum()
    se = [math.sqrt(theta * (1 - theta) / n) for n in rows["denominator"]]
    phi, tau = found.loc[0, ["phi", "tau_squared"]]
    assert phi > 1.5
    half = [math.sqrt(phi) * s if overdispersion == "multiplicative" else math.hypot(s, tau**0.5)
            for s in se]  # fmt: skip
    for level, q in (("95", Z95), ("998", Z998)):
        low = [100 * max(0.0, theta - q * h) for h in half]
        assert found[f"lower_{level}"].tolist() == pytest.approx(low, rel=1e-9, abs=1e-12)
        high = [100 * (theta + q * h) for h in half]
        assert found[f"upper_{level}"].tolist() == pytest.approx(high, rel=1e-9)
    plain = funnel(rows, "proportion", multiplier=100.0)
    assert (found["upper_95"] > plain["upper_95"]).all() == wide


def test_widened_limits_end_at_everybody_only_for_proportions() -> None:
    rows = figures([18.0, 2.0, 19.0, 1.0, 20.0, 20.0, 3.0, 17.0], [20.0] * 8)
    for kind, most in (("proportion", 1.0), ("rate", 2.0)):
        found = funnel(rows, kind, overdispersion="multiplicative")
        assert found["lower_998"].tolist() == [0.0] * 8
        assert (found["upper_998"] == 1.0).all() == (kind == "proportion")
        assert 1.0 <= found["upper_998"].max() < most + 1e-12


@pytest.mark.parametrize("overdispersion", ["multiplicative", "additive"])
def test_councils_that_differ_by_chance_alone_keep_the_exact_limits(overdispersion: str) -> None:
    rows = spread_out(1.0)
    found = funnel(rows, "proportion", overdispersion=overdispersion)
    columns = ["lower_95", "upper_998", "verdict"]
    pd.testing.assert_frame_equal(found[columns], funnel(rows, "proportion")[columns])


def test_words_follow_limits_and_polarity() -> None:
    rows = figures([100.0, 125.0, 160.0, 70.0], [1000.0] * 4)
    words = {
        polarity: funnel(rows, "proportion", target=10.0, multiplier=100.0, polarity=polarity)[
            "verdict"
        ].tolist()
        for polarity in ("higher", "lower", "neutral", "target")
    }
    assert words["higher"] == ["similar", "better 95 %", "better 99.8 %", "worse 99.8 %"]
    assert words["lower"] == ["similar", "worse 95 %", "worse 99.8 %", "better 99.8 %"]
    assert words["neutral"] == ["similar", "higher 95 %", "higher 99.8 %", "lower 99.8 %"]
    assert words["target"] == words["neutral"]


def test_a_ratio_is_of_observed_to_expected() -> None:
    found = funnel(figures([12.0, 30.0], [10.0, 40.0]), "ratio", multiplier=100.0, target=100.0)
    assert found["value"].tolist() == [120.0, 75.0]
    assert found["z"].tolist() == pytest.approx([2 / 10**0.5, -10 / 40**0.5])


def test_a_missing_council_is_not_compared_and_moves_nobody() -> None:
    rows = spread_out(3.0)
    absent = pd.DataFrame({"area_code": ["W06000099"], "numerator": [None], "denominator": [500.0]})
    found = funnel(pd.concat([rows, absent]), "proportion", overdispersion="additive")
    assert found.iloc[-1]["verdict"] == "not compared"
    assert found.iloc[-1][["value", "z", "lower_95"]].isna().all()
    pd.testing.assert_frame_equal(
        found.iloc[:-1], funnel(rows, "proportion", overdispersion="additive")
    )


@pytest.mark.parametrize(("x", "kind"), [(0.0, "proportion"), (0.0, "rate"), (50.0, "proportion")])
def test_nobody_or_everybody_is_similar(x: float, kind: str) -> None:
    found = funnel(figures([x] * 3, [50.0] * 3), kind, overdispersion="multiplicative")
    assert found["verdict"].tolist() == ["similar"] * 3
    assert found["z"].isna().all()


def test_a_target_of_0_has_no_standard_error_and_any_event_is_above_it() -> None:
    found = funnel(figures([0.0, 3.0, 5.0], [50.0] * 3), "rate", target=0.0, polarity="lower")
    assert found["z"].isna().all()
    assert found["verdict"].tolist() == ["similar", "worse 99.8 %", "worse 99.8 %"]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_one_council_two_and_none(n: int) -> None:
    found = funnel(figures([3.0, 4.0][:n], [10.0, 10.0][:n]), "proportion")
    assert len(found) == n
    assert found["verdict"].tolist() == ["similar"] * n


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(91, 900)), min_size=2, max_size=22))
def test_the_order_of_rows_changes_nothing(parts: list[tuple[int, int]]) -> None:
    assume(sum(x for x, _ in parts))
    rows = figures(*(list(side) for side in zip(*parts, strict=True))).astype({"numerator": float})
    one = funnel(rows, "rate", overdispersion="additive")
    two = funnel(rows[::-1], "rate", overdispersion="additive")[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)


@pytest.mark.parametrize(
    ("rows", "more", "words"),
    [
        (figures([11.0], [10.0]), {}, r"above the denominator: row 1 \(W06000001\)"),
        (figures([-1.0], [10.0]), {}, "Numerator below 0"),
        (figures([0.0], [0.0]), {}, "Denominator not above 0"),
        (figures([1.0], [9.5]), {}, "not whole"),
        (figures([1.0], [9.0]), {"target": 2.0}, "out of range"),
        (
            figures([1.0], [9.0]),
            {"target": -0.5, "kind": "rate"},
            "-0.5 is out of range for a rate",
        ),
        (figures([1.0], [9.0]), {"kind": "mean"}, "Funnel of 'mean'"),
        (figures([1.0], [9.0]), {"overdispersion": "some"}, "overdispersion 'some'"),
        (figures([1.0], [9.0]), {"multiplier": 0.0}, "a multiplier above 0"),
        (figures([1.0, 1.0], [9.0, 9.0]).assign(area_code="W06000001"), {}, "Area twice: row 2"),
    ],
)
def test_impossible_input_is_refused_in_words(rows, more, words) -> None:
    with pytest.raises(ImpossibleInput, match=words):
        funnel(rows, **{"kind": "proportion", **more})
