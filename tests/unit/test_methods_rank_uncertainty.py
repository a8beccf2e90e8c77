"""M4: rank uncertainty, the analytic one against simulation and the exact distribution."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assets.methods import rank_uncertainty
from assets.methods.compare import compare
from assets.methods.declarations import read_declarations
from assets.methods.rank_analytic import BETA, GAMMA, NORMAL, Uncertain, rank_quantiles
from assets.methods.rank_uncertainty import SIMULATED_TO, Cells, simulate

SHARES = (0.05, 0.95)
N = 120


def uncertain(method: int, polarity: str, n: int = N, seed: int = 3) -> Uncertain:
    rng = np.random.default_rng(seed)
    size = rng.integers(200, 5000, n).astype(float)
    x = np.floor(size * rng.uniform(0.05, 0.3, n))
    value, se = 100 * x / size, 100 * np.sqrt(x) / size
    return Uncertain(
        method=np.full(n, method),
        a=value if method == NORMAL else x + 0.5,
        b=se if method == NORMAL else size - x + 0.5,
        factor=100 / size if method == GAMMA else np.full(n, 100.0),
        polarity=polarity,
        target=15.0,
    )


def draw(figures: Uncertain, draws: int = 10_000) -> np.ndarray:
    rng = np.random.default_rng(11)
    shape = draws, len(figures.a)
    if figures.method[0] == NORMAL:
        values = rng.normal(figures.a, figures.b, shape)
    elif figures.method[0] == BETA:
        values = figures.factor * rng.beta(figures.a, figures.b, shape)
    else:
        values = figures.factor * rng.gamma(figures.a, 1.0, shape)
    if figures.polarity == "target":
        return np.abs(values - figures.target)
    return -values if figures.polarity == "higher" else values


@pytest.mark.parametrize("method", [NORMAL, BETA, GAMMA])
@pytest.mark.parametrize("polarity", ["lower", "higher", "target"])
def test_beyond_50_members_it_agrees_with_the_simulation(method: int, polarity: str) -> None:
    figures = uncertain(method, polarity)
    found, simulated = rank_quantiles(figures, SHARES), simulate(draw(figures))
    apart = np.abs(found - simulated)
    assert apart.max() <= 2
    assert (apart <= 1).mean() > 0.95
    assert apart.mean() < 0.5


def test_sure_and_unsure_figures_around_a_target_agree_with_the_simulation() -> None:
    """Many sure figures near the target: a small step of an unsure one passes many of them."""
    rng = np.random.default_rng(1)
    n, target = 331, 15.0
    se = rng.choice([0.1, 1.0, 5.0], n) * rng.uniform(0.5, 1.5, n)
    mean = rng.normal(target, 5.0, n)
    figures = Uncertain(np.full(n, NORMAL), mean, se, np.ones(n), "target", target)
    apart = np.abs(rank_quantiles(figures, SHARES) - simulate(draw(figures, 20_000)))
    assert apart.max() <= 6
    assert apart.mean() < 0.36


def test_it_is_near_the_exact_distribution_of_six() -> None:
    mean, se = np.array([1.0, 1.4, 2.0, 2.1, 3.5, 6.0]), np.array([0.5, 0.8, 0.3, 0.9, 0.6, 0.2])
    ones = np.ones(6)
    figures = Uncertain(np.full(6, NORMAL), mean, se, ones, "lower", float("nan"))
    found = rank_quantiles(figures, SHARES)
    for member in range(6):
        others = [other for other in range(6) if other != member]
        t = stats.norm(mean[member], se[member]).ppf((np.arange(2000) + 0.5) / 2000)
        p = np.stack([stats.norm(mean[o], se[o]).cdf(t) for o in others])
        chance = np.zeros(7)
        for below in itertools.product((0, 1), repeat=5):
            each = [np.where(flag, row, 1 - row) for flag, row in zip(below, p, strict=True)]
            chance[1 + sum(below)] += np.prod(each, axis=0).mean()
        reached = np.cumsum(chance)
        for share, rank in zip(SHARES, found[:, member], strict=True):
            exact = int(np.argmax(reached >= share))
            near = abs(reached[exact] - share) < 0.01 or abs(reached[exact - 1] - share) < 0.01
            assert abs(rank - exact) <= near


@settings(max_examples=15)
@given(st.permutations(range(60)))
def test_it_does_not_depend_on_the_order_of_members(order: list[int]) -> None:
    figures = uncertain(BETA, "lower", 60)
    moved = Uncertain(
        figures.method[order],
        figures.a[order],
        figures.b[order],
        figures.factor[order],
        "lower",
        15.0,
    )
    assert (rank_quantiles(moved, SHARES) == rank_quantiles(figures, SHARES)[:, order]).all()


@pytest.mark.parametrize("share", [0.07, 0.08, 0.92, 0.93])
def test_a_sure_figure_among_rare_events_has_the_binomial_rank(share: float) -> None:
    """59 others fall below it with that chance each: skewed, as the plain normal is not."""
    mean = np.append(np.full(59, stats.norm.isf(share)), 0.0)
    se = np.append(np.ones(59), 0.0)
    figures = Uncertain(np.full(60, NORMAL), mean, se, np.ones(60), "lower", float("nan"))
    found = rank_quantiles(figures, SHARES)[:, -1]
    assert found.tolist() == (1 + stats.binom.ppf(SHARES, 59, share)).tolist()


@pytest.mark.parametrize("polarity", ["lower", "higher", "target"])
def test_certain_figures_have_certain_ranks_and_equal_ones_share_theirs(polarity: str) -> None:
    place = np.repeat(np.arange(30.0), 2)
    value = {"lower": place, "higher": -place, "target": 8.0 + place * np.tile([1, -1], 30)}
    figures = Uncertain(
        np.full(60, NORMAL), value[polarity], np.zeros(60), np.ones(60), polarity, 8.0
    )
    expected = stats.rankdata(place, "min")
    found = rank_quantiles(figures, SHARES)
    assert found.tolist() == [expected.tolist()] * 2
    assert simulate(np.tile(place, (10, 1))).tolist() == [expected.tolist()] * 2


def observed(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(n)
    size = rng.integers(300, 3000, n).astype(float)
    x = np.floor(size * rng.uniform(0.1, 0.2, n))
    return pd.DataFrame(
        {
            "indicator": "i",
            "period": "2023-04-01/P1Y",
            "area_code": [f"W06{place:06}" for place in range(n)],
            "numerator": x,
            "denominator": size,
            "value": 100 * x / size,
            "se": 100 * np.sqrt(x) / size,
        }
    )


def compared(n: int, groups: pd.DataFrame | None = None, **more: object) -> pd.DataFrame:
    declared = {"indicator": "i", "polarity": "lower", "interval": "binomial", "multiplier": 100}
    indicators = pd.DataFrame([{**declared, **more}])
    return compare(observed(n), indicators, groups, rank_uncertainty=True).comparisons


def independent(n: int, interval: str, polarity: str, draws: int = 20_000) -> np.ndarray:
    """Share of draws in which each member has at most each rank; ranks x members."""
    rng, rows = np.random.default_rng(77), observed(n)
    x, size = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
    value, se, shape = rows["value"].to_numpy(), rows["se"].to_numpy(), (draws, n)
    drawn = {
        "binomial": lambda: 100 * rng.beta(x + 0.5, size - x + 0.5, shape),
        "poisson": lambda: 100 * rng.gamma(x + 0.5, 1.0, shape) / size,
        "supplied": lambda: rng.normal(value, se, shape),
    }[interval]()
    turn = {"lower": lambda v: v, "higher": np.negative, "target": lambda v: np.abs(v - 15.0)}
    rank = stats.rankdata(turn[polarity](drawn), axis=1)
    return np.stack([(rank <= place).mean(axis=0) for place in range(n + 1)])


@pytest.mark.parametrize("n", [9, SIMULATED_TO + 10])
@pytest.mark.parametrize("interval", ["binomial", "poisson", "supplied"])
@pytest.mark.parametrize("polarity", ["lower", "higher", "target"])
def test_every_kind_of_interval_gives_the_ranks_of_an_independent_simulation(
    n: int, interval: str, polarity: str
) -> None:
    basis = "as_published" if interval == "supplied" else "derived"
    more = {"interval": interval, "polarity": polarity, "target": 15.0, "value_basis": basis}
    found, reached = compared(n, **more), independent(n, interval, polarity)
    for share, column in zip(SHARES, ("rank_low", "rank_high"), strict=True):
        expected = (reached >= share).argmax(axis=0)
        sure = (reached >= share + 0.02).argmax(axis=0) == (reached >= share - 0.02).argmax(axis=0)
        apart = np.abs(found[column].to_numpy() - expected)
        assert sure.sum() >= 2
        assert apart.max() <= (1 if n <= SIMULATED_TO else 2)
        assert apart.mean() < 0.25
        assert n > SIMULATED_TO or (apart[sure] == 0).all()


@pytest.mark.parametrize("size", [5, 8])
def test_an_owner_is_as_sure_of_its_rank_as_in_a_group_of_the_same(size: int) -> None:
    """An own group of so many others, and the fixed group of owner and others, of nine."""
    areas = [f"W06{place:06}" for place in range(9)]
    for place in (0, 4):
        owner, others = areas[place], (areas[place + 1 :] + areas[:place])[:size]
        own, fixed = (
            pd.DataFrame({"group_code": "g", "owner_code": code, "member_code": members})
            for code, members in ((owner, others), ("", [owner, *others]))
        )
        found, expected = compared(9, own), compared(9, fixed)
        expected = expected[expected["area_code"] == owner].reset_index(drop=True)
        columns = ["area_code", "rank", "n_ranked", "rank_low", "rank_high"]
        assert (found["n_ranked"] == size + 1).all()
        assert found["rank_low"].notna().all()
        pd.testing.assert_frame_equal(found[columns], expected[columns])


def test_a_figure_is_drawn_from_its_own_distribution() -> None:
    """Few events, where half an event shows: 3 of 50 as a share and a rate, 6 with an se of 2."""
    kinds = {"b": "binomial", "p": "poisson", "s": "supplied"}
    table = pd.DataFrame({"indicator": kinds.keys(), "interval": kinds.values()})
    declared = read_declarations(table.assign(multiplier=100.0, polarity="lower"), list(kinds))
    three = np.full(3, 3.0)
    numbers = {"numerator": three, "denominator": np.full(3, 50.0), "value": 2 * three}
    cells = Cells(list(kinds), np.arange(3), **numbers, se=np.full(3, 2.0),
                  has_counts=np.array([1, 2, 0]))  # fmt: skip
    expected = [stats.beta(3.5, 47.5, scale=100), stats.gamma(3.5, scale=2), stats.norm(6, 2)]
    for row, dist in enumerate(expected):
        drawn = rank_uncertainty._draw(row, cells, declared)
        assert len(drawn) == rank_uncertainty.DRAWS == 10_000
        assert stats.kstest(drawn, dist.cdf).statistic < 0.02


def test_drawn_figures_that_are_let_go_are_drawn_alike_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = compared(9)
    monkeypatch.setattr(rank_uncertainty, "KEPT", 2)
    pd.testing.assert_frame_equal(compared(9), kept)


def test_50_members_are_drawn_and_51_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []

    def compute(figures: Uncertain, shares: tuple[float, ...]) -> np.ndarray:
        computed.append(len(figures.a))
        return rank_quantiles(figures, shares)

    monkeypatch.setattr(rank_uncertainty, "rank_quantiles", compute)
    for n in (SIMULATED_TO, SIMULATED_TO + 1):
        found = compared(n)
        assert computed == ([] if n == 50 else [51])
        assert (found["rank_low"] <= found["rank"]).all()
        assert (found["rank"] <= found["rank_high"]).all()
        assert found["rank_low"].min() >= 1
        assert found["rank_high"].max() <= n


def test_a_group_without_intervals_has_no_uncertainty_at_any_size() -> None:
    for n in (6, 60):
        found = compared(n, interval="none")
        assert found[["rank_low", "rank_high"]].isna().all(axis=None)
        assert found["rank"].notna().all()
