"""Columns of `comparisons` that are a figure's own, the same in every group it is compared in.

Here belongs their passage from the block; those that depend on the group are in rows.
"""

import numpy as np

from assets.methods import change as changes
from assets.methods import trend as trends
from assets.methods import versus
from assets.methods.columns import Columns, Texts, narrow
from assets.methods.kernel import Block, Plan
from assets.methods.missing import NOT_RETURNED
from assets.methods.values import note_texts
from assets.methods.versus import Targets


def figure_columns(plan: Plan, block: Block, targets: Targets) -> Columns:
    """Columns that are the same in every group, one entry per observation of the block."""
    observations, figures, change = block.observations, block.figures, block.change
    columns: Columns = {
        name: Texts(narrow(observations.columns[name].codes), observations.columns[name].texts)
        for name in ("indicator", "period", "area_code", "breakdown_type", "breakdown")
    }
    notes = note_texts(figures, observations.columns["note_code"].codes)
    empty = np.array([text == "" for text in figures.marks.texts])
    columns |= {
        "value": figures.value,
        "value_rounded": figures.rounded,
        "note_code": Texts(
            np.where(empty, -1, np.arange(len(empty), dtype=np.int32))[notes], figures.marks.texts
        ),
        "missing_reason": _missing_reasons(block),
        **block.limits,
        "change": change.change,
        "change_pct": change.change_pct,
        "change_direction": Texts(change.direction, changes.DIRECTIONS),
        "change_significant": change.significant,
        "change_test": Texts(change.test, changes.TESTS),
        "change_reason": Texts(change.reason, changes.REASONS),
        "change_since_first": change.since_first,
        **_trend_columns(block),
        **_target_columns(plan, block, targets),
    }
    return columns


def _trend_columns(block: Block) -> Columns:
    if block.trend is None:
        return {"trend": None, "trend_reason": None}
    return {
        "trend": Texts(block.trend.trend, trends.TRENDS),
        "trend_reason": Texts(block.trend.reason, trends.REASONS),
    }


def _missing_reasons(block: Block) -> Texts:
    given = block.observations.columns["missing_reason"]
    texts = [*given.texts, NOT_RETURNED]
    known = np.array([-1 if text == "" else place for place, text in enumerate(given.texts)])
    codes = given.of_each(known.astype(np.int32)).copy()
    np.copyto(codes, len(given.texts), where=block.figures.not_returned & (codes < 0))
    np.copyto(codes, -1, where=block.figures.result == 0)
    return Texts(codes, texts)


def _target_columns(plan: Plan, block: Block, targets: Targets) -> Columns:
    size = len(block.observations)
    if not targets.wanted:
        return {
            "statutory_target": None,
            "versus_target": Texts(np.broadcast_to(np.int8(3), size), versus.TARGET_VERDICTS),
            "target_reason": Texts(np.broadcast_to(np.int8(0), size), versus.TARGET_REASONS),
        }
    target, wants_more = np.full(size, np.nan), np.zeros(size, dtype=bool)
    starts = plan.lines.starts - plan.lines.starts[block.lines[0]]
    names, texts = plan.declared.names, plan.observations.columns["period"].texts
    for line in range(*block.lines):
        key = names[plan.lines.indicator[line]], texts[plan.lines.period[line]]
        if key in targets.wanted:
            rows = slice(int(starts[line]), int(starts[line + 1]))
            target[rows], wants_more[rows] = targets.wanted[key]
    verdict, reason = versus.versus_target(block.figures.rounded, target, wants_more)
    return {
        "statutory_target": target,
        "versus_target": Texts(verdict, versus.TARGET_VERDICTS),
        "target_reason": Texts(reason, versus.TARGET_REASONS),
    }
