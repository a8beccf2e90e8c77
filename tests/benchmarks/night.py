"""How long the stages of a night take on the sample, without Dagster, Great Expectations or files.

Run it with `python -m tests.benchmarks.night`; it prints a table and asserts nothing.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pandas as pd

from assets.catalogue.frames import (
    areas_frame,
    breakdown_types,
    breaks_frame,
    denominator_lags,
    group_frame,
    indicator_frame,
    measures_frame,
    targets_frame,
)
from assets.catalogue.load import load_catalogue
from assets.catalogue.neighbours import neighbour_groups
from assets.methods.compare import compare
from assets.methods.figures import build_figures
from assets.publishing.diff import difference
from assets.publishing.tables import ProductTables
from assets.sources.http import Fetcher, sample_session
from assets.sources.pull import pull
from assets.sources.raw_store import RawStore
from assets.sources.registry import load_registry
from pipelines.resources import SAMPLE
from validations.validate import RuleContext, judge_figures, validate_answers

NOW = datetime(2026, 11, 21, tzinfo=UTC)
Result = TypeVar("Result")
catalogue = load_catalogue()
indicators, areas = indicator_frame(catalogue), areas_frame(catalogue)


def timed(stage: str, work: Callable[[], Result]) -> Result:
    """Print the CPU seconds of a stage and hand on its result."""
    before = time.process_time()
    result = work()
    seconds = time.process_time() - before
    totals[stage] = totals.get(stage, 0.0) + seconds
    return result


totals: dict[str, float] = {}


def parse(home: Path) -> dict[str, pd.DataFrame]:
    """Raw frames of every dataset with a sample."""
    raw_store = RawStore(home / "raw")
    fetcher = Fetcher(sample_session(SAMPLE / "http"), raw_store)
    return {
        dataset: frame
        for dataset, entry in load_registry().items()
        if "sample" in entry.profiles
        and (frame := pull(entry, fetcher, raw_store, SAMPLE / "inbox", None, NOW).frame)
        is not None
    }


def judge(raw: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Accepted answers of all datasets."""
    measures = measures_frame(catalogue)
    contexts = {
        dataset: RuleContext(
            dataset=dataset, measures=measures, areas=areas, indicators=indicators, now=NOW.date()
        )
        for dataset in raw
    }
    judged = [validate_answers(frame, contexts[dataset]) for dataset, frame in raw.items()]
    return pd.concat([item.accepted for item in judged], ignore_index=True)


def compute(answers: pd.DataFrame) -> ProductTables:
    """Figures, comparisons and benchmarks."""
    figures = build_figures(
        answers,
        indicators,
        areas,
        breaks_frame(catalogue),
        lags=denominator_lags(catalogue),
        breakdown_types=breakdown_types(catalogue),
    )
    judge_figures(figures, indicators, areas)
    groups = pd.concat([group_frame(catalogue), neighbour_groups(catalogue, figures)])
    compared = compare(figures, indicators, groups, targets_frame(catalogue))
    return ProductTables.of(
        indicator_values=figures,
        comparisons=compared.comparisons,
        benchmarks=compared.benchmarks,
    )


def main() -> None:
    """Print the CPU seconds of each stage, first and second time in one process."""
    for turn in ("first", "second"):
        totals.clear()
        with tempfile.TemporaryDirectory() as home:
            raw = timed("parse", lambda: parse(Path(home)))
        answers = timed("rules", lambda: judge(raw))  # noqa: B023 - called at once
        tables = timed("compute", lambda: compute(answers))  # noqa: B023 - called at once
        timed("diff", lambda: difference(tables, tables))  # noqa: B023 - called at once
        print(f"| {turn} | " + " | ".join(f"{s} {t:.2f}" for s, t in totals.items()), end="")
        print(f" | together {sum(totals.values()):.2f} CPU s |")


if __name__ == "__main__":
    main()
