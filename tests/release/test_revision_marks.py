"""The marks p and r between releases (M16)."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd

from assets.publishing.earlier import keep_truth, kept_by_readers, published_versions
from assets.publishing.publish import Outcome
from assets.publishing.released import load_log, load_release_tables
from assets.publishing.store import ReleaseStore
from sql.frames import FrameStore
from tests.release.sample import COUNCILS, LAST_YEAR, NOW, PRODUCT, correct, small_figures

Publish = Callable[..., Outcome]
FIRST, SECOND = COUNCILS[:2]


def code(outcome: Outcome, table: str = "indicator_values", area: str = FIRST) -> str | None:
    assert outcome.path is not None
    frame = getattr(load_release_tables(outcome.path), table)
    rows = frame[
        frame["indicator"].eq("recycling")
        & frame["area_code"].eq(area)
        & frame["period"].eq(LAST_YEAR)
    ]
    codes = set(rows["note_code"].astype(object).where(rows["note_code"].notna(), None))
    assert len(codes) == 1
    return codes.pop()


def with_code(numerator: float, note_code: str | None) -> pd.DataFrame:
    return correct(small_figures(), FIRST, LAST_YEAR, numerator, note_code=note_code)


def test_a_final_figure_that_changed_is_marked_and_the_next_release_drops_it(
    publish: Publish,
) -> None:
    publish(small_figures(), NOW)
    second = publish(with_code(900.0, None), NOW + timedelta(days=1))
    assert (code(second), code(second, "comparisons")) == ("r", "r")
    assert code(second, area=SECOND) is None
    again = publish(with_code(900.0, None), NOW + timedelta(days=2))
    assert again.decision.action == "nothing", "the mark itself is no difference"
    other = correct(with_code(900.0, None), SECOND, LAST_YEAR, 100.0)
    third = publish(other, NOW + timedelta(days=3))
    assert (code(third), code(third, area=SECOND)) == (None, "r")
    assert third.path is not None
    assert list(load_log(third.path, "changes.csv")["area_code"]) == [SECOND]


def test_a_provisional_figure_that_became_final_drops_p_and_gets_no_r(publish: Publish) -> None:
    publish(with_code(900.0, "p"), NOW)
    final = publish(with_code(910.0, None), NOW + timedelta(days=1))
    assert code(final) is None


def test_a_figure_that_changed_and_is_still_provisional_has_both(publish: Publish) -> None:
    publish(with_code(900.0, "p"), NOW)
    still = publish(with_code(910.0, "p"), NOW + timedelta(days=1))
    assert code(still) == "p,r"


def test_a_late_figure_is_no_revision(publish: Publish) -> None:
    missing = with_code(900.0, "x").assign()
    hit = missing["note_code"].eq("x")
    missing.loc[hit, ["value", "value_rounded", "numerator"]] = float("nan")
    publish(missing, NOW)
    late = publish(with_code(900.0, None), NOW + timedelta(days=1))
    assert code(late) is None


def test_the_mark_of_the_source_is_left_alone(publish: Publish) -> None:
    publish(small_figures(), NOW)
    marked = publish(with_code(900.0, "r"), NOW + timedelta(days=1))
    assert code(marked) == "r"
    assert marked.version == "1.1.0", "the source says that it is a planned revision"
    other = correct(with_code(900.0, "r"), SECOND, LAST_YEAR, 100.0)
    assert code(publish(other, NOW + timedelta(days=2))) == "r"


def test_the_truth_kept_of_a_marked_release_is_found_again(
    publish: Publish, releases: ReleaseStore, tmp_path: Path
) -> None:
    """What was true is kept before a figure is marked, by what is about to be published of it."""
    frames = FrameStore(tmp_path / "frames")
    for night, figures in enumerate((small_figures(), with_code(900.0, None))):
        truth = figures.assign(numerator=figures["numerator"] + 1000 * night)
        keep_truth(frames, str(night), figures, truth, {PRODUCT: ["recycling"]})
        publish(figures, NOW + timedelta(days=night))
    versions = published_versions(releases, ["recycling"])
    assert [version.version for version in versions] == ["1.0.0", "1.0.1"]
    _states, truths = kept_by_readers(versions, frames)
    least = [None if truth is None else truth["numerator"].min() > 1000 for truth in truths]
    assert least == [False, True]
