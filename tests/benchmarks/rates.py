"""How often the rules ask, and how often they are right: measured on real series.

Run it with `python -m tests.benchmarks.rates FOLDER`, the folder being that of
tests.benchmarks.real_series, or with REAL_SERIES=FOLDER in the environment. It prints the tables of
docs/validation.md and asserts nothing. Damage is done with a fixed seed.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from assets.catalogue.load import load_catalogue
from tests.benchmarks.real_series import BOOMING, read_series
from validations.rules.bounds import bound
from validations.rules.copies import compared
from validations.rules.history import History, history_of_frame
from validations.rules.likelihood import costs_of, exchanges, gains, is_doubted, is_out_of_order
from validations.rules.limits import MAD_TO_SD, limits_of, sorted_median
from validations.rules.rows import Array, Mask

SEED = 20261122
DRAWS = 400
"""Sets of questions drawn for each number of them."""
DAMAGES: dict[str, Callable[[Array], Array]] = {
    "x 10": lambda values: values * 10,
    "/ 10": lambda values: values / 10,
    "+ 30 %": lambda values: values * 1.3,
    "- 20 %": lambda values: values * 0.8,
}


def _swapped(value: float) -> float:
    """The first two digits that differ, exchanged."""
    text = f"{value:.6g}"
    for place in range(len(text) - 1):
        one, other = text[place], text[place + 1]
        if one.isdigit() and other.isdigit() and one != other:
            return float(text[:place] + other + one + text[place + 2 :])
    return value


DAMAGES["two digits exchanged"] = np.vectorize(_swapped, otypes=[float])


def main() -> None:
    """Print every table."""
    folder = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("REAL_SERIES", "")
    if not folder:
        sys.exit("name the folder: python -m tests.benchmarks.rates FOLDER")
    series = read_series(Path(folder))
    blocks = {name: _block(frame) for name, frame in series.groupby("measure")}
    _tolerances(blocks)
    _damages(blocks)
    _misfiled(blocks)
    _columns(blocks)
    _copies(blocks)
    _outliers(blocks)


def _block(frame: pd.DataFrame) -> History:
    return history_of_frame(frame, set(frame["area_code"]))


def _queried(block: History, *, at_hub: bool = True) -> Mask:
    """Changes beyond the learnt limits, at the hub or as at the desk of one council."""
    limits = limits_of(block)
    if at_hub:
        return limits.is_beyond
    found: Mask = np.abs(limits.change - limits.usual) > bound("desk_s") * limits.spread
    return found


def _relative(block: History) -> Array:
    earlier = block.before(block.figures)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = 100 * np.abs(block.figures / earlier - 1)
    return found


def _tolerances(blocks: dict[str, History]) -> None:
    judged = {name: ~np.isnan(limits_of(block).slack + limits_of(block).change)
              for name, block in blocks.items()}  # fmt: skip
    declared = _declared()
    rules: dict[str, Callable[[str, History], Mask]] = {
        "fixed 10 %": lambda _, block: _relative(block) > 10,
        "fixed 20 %": lambda _, block: _relative(block) > 20,
        "declared, 50 % where none is": lambda n, block: _relative(block) > declared.get(n, 50),
        "learnt, desk": lambda _, block: _queried(block, at_hub=False),
        "learnt, hub": lambda _, block: _queried(block),
    }
    n_all = sum(int(mask.sum()) for mask in judged.values())
    calm = [name for name in blocks if name not in BOOMING]
    n_calm = sum(int(judged[name].sum()) for name in calm)
    used = sum(mask.any() for mask in judged.values())
    print(
        f"\nQueries per 1,000 figures: {n_all} changes of {used} series with history to learn from"
    )
    print("| limit | all series | without the booming two |\n|---|---:|---:|")
    for title, rule in rules.items():
        hits = {
            name: int((rule(name, block) & judged[name]).sum()) for name, block in blocks.items()
        }
        every, some = sum(hits.values()) / n_all, sum(hits[name] for name in calm) / n_calm
        print(f"| {title} | {1000 * every:.0f} | {1000 * some:.0f} |")
    worst = sorted(
        ((1000 * (_queried(block) & judged[name]).sum() / judged[name].sum(), name)
         for name, block in blocks.items() if judged[name].any()), reverse=True,
    )  # fmt: skip
    print("\n| series with most queries at the hub | per 1,000 |\n|---|---:|")
    for rate, name in worst[:6]:
        print(f"| {name} | {rate:.0f} |")


def _declared() -> dict[str, float]:
    """Declared limits of the catalogue's questions, by label."""
    return {item.label.en: item.max_change_pct for item in load_catalogue().measures.values()}


def _damages(blocks: dict[str, History]) -> None:
    print("\n| damage to one figure | fixed 20 % | declared | learnt, desk | learnt, hub |")
    print("|---|---:|---:|---:|---:|")
    declared = _declared()
    for title, damage in DAMAGES.items():
        found, tried = np.zeros(4), 0
        for name, block in blocks.items():
            limits = limits_of(block)
            with np.errstate(divide="ignore", invalid="ignore"):
                broken = damage(block.figures)
                step = np.log(broken / block.figures)
            step = np.where(block.is_points[:, None, None], broken - block.figures, step)
            change = limits.change + step
            is_tried = ~np.isnan(change + limits.spread) & (step != 0)
            from_usual = np.abs(change - limits.usual) / limits.spread
            from_shift = np.abs(change - limits.shift) / limits.spread
            is_hub = ~np.isnan(limits.shift)
            at_desk = from_usual > bound("desk_s")
            at_hub = (from_usual > bound("hub_s")) & (from_shift > bound("hub_s"))
            at_night = np.where(is_hub, at_hub, at_desk)
            earlier = block.before(block.figures)
            with np.errstate(divide="ignore", invalid="ignore"):
                moved = 100 * np.abs(broken / earlier - 1)
            verdicts = (moved > 20, moved > declared.get(name, 50), at_desk, at_night)
            found += [int((verdict & is_tried).sum()) for verdict in verdicts]
            tried += int(is_tried.sum())
        print(
            f"| {title} | " + " | ".join(f"{share:.0f} %" for share in 100 * found / tried) + " |"
        )


def _costs_by_year(blocks: dict[str, History]) -> dict[str, list[Array]]:
    """Year -> costs (sent x past) of every annual question that all 22 councils answered."""
    found: dict[str, list[Array]] = {}
    for block in blocks.values():
        costs = costs_of(block)
        own = np.diagonal(costs.by_series[0], axis1=-2, axis2=-1)
        for place, period in enumerate(block.periods):
            if costs.is_hub[0, place] and own.shape[1] == 22 and (own[place] != 0).all():
                found.setdefault(period[:4], []).append(costs.by_series[0, place])
    return found


def _drawn(questions: int, by_year: dict[str, list[Array]]) -> Iterator[Array]:
    rng = np.random.default_rng(SEED)
    years = sorted(year for year, costs in by_year.items() if len(costs) >= questions)
    for _ in range(DRAWS):
        costs = by_year[years[rng.integers(len(years))]]
        chosen = rng.choice(len(costs), questions, replace=False)
        yield np.sum([costs[place] for place in chosen], axis=0)


def _misfiled(blocks: dict[str, History]) -> None:
    by_year = _costs_by_year(blocks)
    print(f"\nFigures of another council: {DRAWS} draws of questions and years, 22 councils each")
    print("| questions | true returns doubted | another council's found | two exchanged found |")
    print("|---:|---:|---:|---:|")
    rng = np.random.default_rng(SEED)
    for questions in (3, 5, 8, 12):
        doubted, found, swapped = [], [], []
        for cost in _drawn(questions, by_year):
            doubted += is_doubted(gains(cost)).tolist()
            found += _filed_under_another(cost, rng)
            swapped += _exchanged(cost, rng)
        print(
            f"| {questions} | {100 * np.mean(doubted):.2f} % | {100 * np.mean(found):.1f} % "
            f"| {100 * np.mean(swapped):.1f} % |"
        )


def _filed_under_another(cost: Array, rng: np.random.Generator) -> list[bool]:
    order = (np.arange(len(cost)) + rng.integers(1, len(cost))) % len(cost)
    found = []
    for place, other in enumerate(order):
        filed = cost.copy()
        filed[place] = cost[other]
        found.append(bool(is_doubted(gains(filed))[place]))
    return found


def _exchanged(cost: Array, rng: np.random.Generator) -> list[bool]:
    one, other = rng.choice(len(cost), 2, replace=False)
    filed = cost.copy()
    filed[[one, other]] = cost[[other, one]]
    return [any(set(ring) == {one, other} and is_doubted(gain) for ring, gain in exchanges(filed))]


def _columns(blocks: dict[str, History]) -> None:
    rng = np.random.default_rng(SEED)
    true, shuffled = [], []
    for block in blocks.values():
        costs = costs_of(block)
        own = np.diagonal(costs.by_series, axis1=-2, axis2=-1)[0]
        for place in np.flatnonzero(costs.is_hub[0] & own.any(axis=-1)):
            cost = costs.by_series[0, place]
            true.append(bool(is_out_of_order(sum(gain for _, gain in exchanges(cost)))))
            moved = cost[rng.permutation(len(cost))]
            shuffled.append(bool(is_out_of_order(sum(gain for _, gain in exchanges(moved)))))
    print(
        f"\nOne column in another order, {len(true)} columns: true ones doubted "
        f"{100 * np.mean(true):.1f} %, shuffled ones found {100 * np.mean(shuffled):.1f} %"
    )


def _copies(blocks: dict[str, History]) -> None:
    same = other = columns = copies = 0
    for block in blocks.values():
        is_same, is_other = compared(block)
        same, other = same + int(is_same.sum()), other + int(is_other.sum())
        has = (is_same | is_other).sum(axis=1) >= bound("copy_councils")
        columns += int(has.sum())
        copies += int((has & ~is_other.any(axis=1) & is_same.any(axis=1)).sum())
    returns, stale = _returns(blocks)
    share = same / (same + other)
    print(
        f"\nFigures equal to last year's: {same} of {same + other} ({100 * share:.2f} %); whole "
        f"columns: {copies} of {columns}; councils with all of a year's figures equal: "
        f"{stale} of {returns}"
    )


def _returns(blocks: dict[str, History]) -> tuple[int, int]:
    """Councils' years with enough figures to compare, and those in which all are last year's."""
    counts: dict[tuple[str, str], list[int]] = {}
    for block in blocks.values():
        is_same, is_other = compared(block)
        for area, code in enumerate(block.areas):
            for place, period in enumerate(block.periods):
                held = counts.setdefault((code, period[:4]), [0, 0])
                held[0] += int(is_same[0, area, place])
                held[1] += int(is_other[0, area, place])
    enough = [held for held in counts.values() if sum(held) >= bound("copy_answers")]
    return len(enough), sum(other == 0 for _, other in enough)


def _outliers(blocks: dict[str, History]) -> None:
    every = new = judged = 0
    most: dict[str, int] = {}
    for name, block in blocks.items():
        values = np.moveaxis(block.figures, 1, 2)[0]
        median, count = sorted_median(values)
        mad, _ = sorted_median(np.abs(values - median[:, None]))
        fit = (count >= bound("outlier_councils")) & (mad > 0) & (np.nanmax(values) < 1e5)
        z = np.where(fit[:, None], (values - median[:, None]) / (MAD_TO_SD * mad[:, None]), np.nan)
        if name in BOOMING or "All " in name or name in ("Active businesses", "Population"):
            continue
        judged += int((~np.isnan(z)).sum())
        for side in (-1, 1):
            is_out = side * np.nan_to_num(z) > bound("outlier_mad_z")
            every += int(is_out.sum())
            first = int((is_out & (np.cumsum(is_out, axis=0) == 1)).sum())
            new, most[name] = new + first, most.get(name, 0) + first
    print(
        f"\nOutliers: {judged} figures that can be compared; beyond the bound {every} "
        f"({1000 * every / judged:.0f} per 1,000), for the first time {new} "
        f"({1000 * new / judged:.0f} per 1,000)"
    )
    print("| series | for the first time |\n|---|---:|")
    for name, hits in sorted(most.items(), key=lambda item: -item[1])[:6]:
        print(f"| {name} | {hits} |")


if __name__ == "__main__":
    main()
