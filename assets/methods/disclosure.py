"""Disclosure (M14): from figures to figures that give no small count of people away.

Here belongs the one function to call, `protect`, and `attack`, which asks of published figures what
they give away. Suppress first and compare afterwards: whatever is computed from what is left tells
nothing more than what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.methods.attacker import Feasible
from assets.methods.disclosure_benchmarks import sums_of_benchmarks
from assets.methods.disclosure_cells import concerned, declare, rows_of
from assets.methods.disclosure_rules import Secret, beliefs, find_secrets, primary_cells
from assets.methods.disclosure_secondary import Choice, hide_secondary
from assets.methods.disclosure_spread import blank_figures, finding_rows
from assets.methods.disclosure_table import Table, attacker_of, read_table
from assets.methods.impossible import Flags
from sql.frames import empty
from sql.tables import FIGURE_KEY

Texts = npt.NDArray[np.object_]
SHOWN_EARLIER = "disclosure_shown_earlier"
RECOVERABLE = "disclosure_recoverable"
PLACE = "{indicator}, {period}, {area_code}, {breakdown_type} {breakdown}"
WORDS = {
    SHOWN_EARLIER: (
        PLACE + ": confidential now, but an earlier version showed it. Withdraw that version with"
        " --disclosure.",
        PLACE + ": cyfrinachol bellach, ond roedd fersiwn cynharach yn ei ddangos. Tynnwch y"
        " fersiwn hwnnw'n ôl gyda --disclosure.",
    ),
    RECOVERABLE: (
        PLACE + ": a confidential count can be computed from figures published without a disclosure"
        " rule. Give the indicators that show its counts the same disclosure_threshold.",
        PLACE + ": gellir cyfrifo nifer cyfrinachol o ffigurau a gyhoeddir heb reol datgelu. Rhowch"
        " yr un disclosure_threshold i'r dangosyddion sy'n dangos ei niferoedd.",
    ),
}


@dataclass(frozen=True)
class Protected:
    """Figures that may be published, what could not be protected, and what was suppressed.

    `suppressed` has the key of every figure without a number for disclosure's sake, and `why`:
    primary, carried (an earlier version hid it) or secondary. `why` itself is never published.
    """

    figures: pd.DataFrame
    findings: pd.DataFrame
    suppressed: pd.DataFrame


def without_thresholds(indicators: pd.DataFrame) -> pd.DataFrame:
    """The indicators for build_figures when `protect` comes next, and needs to see the counts."""
    return indicators.assign(disclosure_threshold=indicators["disclosure_threshold"] * 0)


def protect(
    figures: pd.DataFrame,
    indicators: pd.DataFrame,
    groups: pd.DataFrame | None,
    previous: pd.DataFrame | None = None,
) -> Protected:
    """Suppress confidential counts, and what they could be computed from.

    figures: indicator_values, counts and all (see without_thresholds); indicators:
    indicator_catalogue; groups: comparison_groups, for which areas make up which; previous: the
    indicator_values of the version readers have. Figures that came as c already are protected as
    far as can be without their counts. Rows and their order stay; indicators without a rule, and
    nothing that shares a measure with one that has a rule, come back as they were.
    """
    declared = concerned(declare(indicators))
    is_ours = figures["indicator"].isin(list(declared)).to_numpy(dtype=bool)
    nothing = figures[list(FIGURE_KEY)].iloc[:0].assign(why=pd.Series(dtype="str"))
    if not is_ours.any():
        return Protected(figures.copy(), empty("validation_findings"), nothing)
    ours = figures[is_ours].reset_index(drop=True)
    table = read_table(ours, declared, groups, previous)
    secrets = find_secrets(ours, table.cells, declared)
    primary = primary_cells(secrets, table.cells)
    choice = Choice(
        cells=table.cells,
        count=table.count,
        reader=attacker_of(table),
        insider=attacker_of(table, beliefs(secrets, table.cells)),
        fixed=table.public | table.shown,
        totals=table.totals,
    )
    choice.hide([*sorted(primary), *sorted(table.carried)])
    lost = hide_secondary(choice, secrets)
    struck = choice.hidden | (primary - table.public)
    why = _reasons(table, len(ours), secrets, struck)
    return strike(figures, is_ours, ours, Struck(table, why, struck, lost))


@dataclass(frozen=True)
class Struck:
    """What was decided: why each figure is suppressed ("" where not), which cells, what is lost."""

    table: Table
    why: Texts
    cells: set[int]
    lost: Sequence[Secret]


def strike(figures: pd.DataFrame, is_ours: Flags, ours: pd.DataFrame, struck: Struck) -> Protected:
    """The result: `ours` in the place of the rows flagged `is_ours`, blanked where decided."""
    confidential = struck.why != ""
    denominators = np.isin(struck.table.cells.denominator[: len(ours)], list(struck.cells))
    blanked = blank_figures(ours, confidential, denominators=denominators)
    result = pd.concat([figures[~is_ours], blanked.set_axis(figures.index[is_ours])])
    keys = ours.loc[confidential, list(FIGURE_KEY)].assign(why=struck.why[confidential])
    return Protected(
        figures=result.loc[figures.index].astype(figures.dtypes.to_dict()),
        findings=_findings(ours, struck.table, struck.lost),
        suppressed=keys.reset_index(drop=True).astype("str"),
    )


def attack(
    published: pd.DataFrame,
    indicators: pd.DataFrame,
    groups: pd.DataFrame | None,
    previous: pd.DataFrame | None = None,
    benchmarks: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What can be found out from published figures, and benchmarks, about what they do not show.

    benchmarks: those beside them, whose ratio_of_sums and mean are taken as true of the members of
    `groups` that missing_members does not name. Returns the key of each figure with c and, for each
    `part` (numerator, rest, denominator), the smallest and largest feasible count, `low`, `high`.
    """
    declared = concerned(declare(indicators))
    ours = published[published["indicator"].isin(list(declared))].reset_index(drop=True)
    if ours.empty:
        return ours[list(FIGURE_KEY)].assign(part="", low=np.nan, high=np.nan)
    table = read_table(ours, declared, groups, previous)
    extra = []
    if benchmarks is not None and groups is not None:
        multipliers = dict(zip(indicators["indicator"], indicators["multiplier"], strict=True))
        extra = list(sums_of_benchmarks(benchmarks, groups, table.cells, declared, multipliers))
    attacker = attacker_of(table, extra)
    rows = []
    known: dict[tuple[tuple[int, float], ...], Feasible] = {}
    for row in np.flatnonzero(table.cells.is_hidden[: len(ours)]):
        top, bottom = int(table.cells.numerator[row]), int(table.cells.denominator[row])
        forms = {"numerator": {top: 1.0}}
        if bottom >= 0:
            forms |= {"rest": {bottom: 1.0, top: -1.0}, "denominator": {bottom: 1.0}}
        key = ours.loc[row, list(FIGURE_KEY)].to_dict()
        for part, form in forms.items():
            same = tuple(form.items())
            if same not in known:
                known[same] = attacker.range_of(form)
            found = known[same]
            rows.append(key | {"part": part, "low": found.low, "high": found.high})
    return pd.DataFrame(rows, columns=[*FIGURE_KEY, "part", "low", "high"])


def _reasons(table: Table, n_rows: int, secrets: Sequence[Secret], struck: set[int]) -> Texts:
    """By row why it is suppressed; empty text where it is not."""
    cells = table.cells
    why = np.full(len(cells.numerator), "", dtype=object)
    why[rows_of(cells, struck)] = "secondary"
    why[np.isin(cells.numerator, list(table.carried)) & (why != "")] = "carried"
    why[[secret.row for secret in secrets]] = "primary"
    return why[:n_rows]


def _findings(figures: pd.DataFrame, table: Table, lost: Sequence[Secret]) -> pd.DataFrame:
    """What could not be protected: because an earlier version shows it, or another indicator."""
    earlier = [s.row for s in lost if set(s.form) & (table.shown - table.public)]
    others = [s.row for s in lost if s.row not in earlier]
    found = [
        finding_rows(figures, rows, code, WORDS[code])
        for code, rows in ((SHOWN_EARLIER, earlier), (RECOVERABLE, others))
    ]
    return pd.concat(found, ignore_index=True)
