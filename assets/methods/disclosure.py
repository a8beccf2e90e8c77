"""Disclosure (M14): from figures to figures that give no small count of people away.

Here belongs the one function to call, `protect`; what published figures give away is asked by
`attack` in assets.methods.disclosure_attack. Suppress first and compare afterwards: whatever is
computed from what is left tells nothing more than what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.methods.disclosure_cells import Cells, concerned, declare, rows_of
from assets.methods.disclosure_rules import Secret, beliefs, find_secrets, primary_cells
from assets.methods.disclosure_secondary import Choice, hide_secondary
from assets.methods.disclosure_spread import CONFIDENTIAL, blank_figures, finding_rows
from assets.methods.disclosure_versions import (
    Versions,
    attacker_of,
    came_hidden,
    carried,
    read_versions,
    secrets_of_earlier,
    shown_before,
    unrevised,
)
from assets.methods.impossible import Flags
from sql.frames import empty
from sql.tables import FIGURE_KEY

Texts = npt.NDArray[np.object_]
SHOWN_EARLIER = "disclosure_shown_earlier"
RECOVERABLE = "disclosure_recoverable"
WORDS = {
    SHOWN_EARLIER: (
        (
            "{indicator}: figures that are confidential now stand in an earlier version, or can be"
            " computed with it. Withdraw that version with --disclosure."
        ),
        (
            "{indicator}: mae ffigurau sy'n gyfrinachol bellach mewn fersiwn cynharach, neu gellir"
            " eu cyfrifo gyda hi. Tynnwch y fersiwn honno'n ôl gyda --disclosure."
        ),
    ),
    RECOVERABLE: (
        (
            "{indicator}: confidential counts can be computed from figures published without a"
            " disclosure rule. Give the indicators that show its counts the same"
            " disclosure_threshold."
        ),
        (
            "{indicator}: gellir cyfrifo niferoedd cyfrinachol o ffigurau a gyhoeddir heb reol"
            " datgelu. Rhowch yr un disclosure_threshold i'r dangosyddion sy'n dangos ei niferoedd."
        ),
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


def has_rule(indicators: pd.DataFrame) -> bool:
    """Whether any indicator has a disclosure rule; where none has, there is nothing to protect."""
    return bool((indicators["disclosure_threshold"].fillna(0) > 0).any())


def sharing_counts(indicators: pd.DataFrame) -> list[str]:
    """Indicators with a disclosure rule, and those that show a count of theirs without one."""
    return list(concerned(declare(indicators)))


def protect(
    figures: pd.DataFrame,
    indicators: pd.DataFrame,
    groups: pd.DataFrame | None,
    previous: Sequence[pd.DataFrame] = (),
    truths: Sequence[pd.DataFrame | None] = (),
) -> Protected:
    """Suppress confidential counts, and what they could be computed from.

    figures: indicator_values, counts and all (see without_thresholds); indicators:
    indicator_catalogue; groups: comparison_groups, for which areas make up which; previous: the
    indicator_values of every version that readers may have kept, oldest first; truths: the same
    before suppression, None where it is not known. Figures that came as c already are protected as
    far as can be without their counts. Rows and their order stay; indicators without a rule, and
    nothing that shares a measure with one that has a rule, come back as they were.
    """
    declared = concerned(declare(indicators)) if has_rule(indicators) else {}
    is_ours = figures["indicator"].isin(list(declared)).to_numpy(dtype=bool)
    if not is_ours.any():
        return Protected(figures, empty("validation_findings"), _no_keys(figures))
    ours = figures[is_ours].reset_index(drop=True)
    versions = read_versions(ours, declared, groups, previous, truths)
    now, linked = versions.now, unrevised(versions) | came_hidden(versions)
    secrets = find_secrets(ours, now.cells, declared)
    primary = primary_cells(secrets, now.cells)
    choice = Choice(
        cells=now.cells,
        count=versions.count(),
        reader=attacker_of(versions, linked),
        insider=attacker_of(versions, linked, beliefs(secrets, now.cells)),
        fixed=now.public | shown_before(versions, linked) | frozenset(versions.is_earlier),
        totals=now.totals,
    )
    hidden_before = carried(versions)
    choice.hide([*sorted(primary), *sorted(hidden_before)])
    lost = hide_secondary(choice, [*secrets, *secrets_of_earlier(versions, linked, declared)])
    struck = choice.hidden | (primary - now.public)
    why = _reasons(now.cells, secrets, struck, hidden_before)
    findings = _findings(versions, lost)
    return strike(figures, is_ours, ours, Struck(now.cells, why, struck), findings)


@dataclass(frozen=True)
class Struck:
    """What was decided: by row why it is suppressed ("" where not), and which cells are hidden."""

    cells: Cells
    why: Texts
    hidden: set[int]


def strike(
    figures: pd.DataFrame,
    is_ours: Flags,
    ours: pd.DataFrame,
    struck: Struck,
    findings: pd.DataFrame,
) -> Protected:
    """The result: `ours`, suppressed, in the place of the rows flagged `is_ours`."""
    why = struck.why[: len(ours)]
    denominators = np.isin(struck.cells.denominator[: len(ours)], list(struck.hidden))
    blanked = blank_figures(ours, why != "", denominators=denominators)
    result = pd.concat([figures[~is_ours], blanked.set_axis(figures.index[is_ours])])
    keys = ours.loc[why != "", list(FIGURE_KEY)].assign(why=why[why != ""])
    return Protected(
        figures=result.loc[figures.index].astype(figures.dtypes.to_dict()),
        findings=findings,
        suppressed=keys.reset_index(drop=True).astype("str"),
    )


def shown_earlier(figures_now: pd.DataFrame, released_before: pd.DataFrame) -> pd.DataFrame:
    """Figures to be hidden now that an earlier version shows: their keys, FIGURE_KEY columns.

    figures_now: the confidential rows of indicator_values, or all of a version, of which those with
    c are meant; released_before: the indicator_values of the earlier version. Where the count is
    known now, only the same count is meant; where it is blank, any number.
    """
    marks = figures_now["note_code"].fillna("").str.split(",")
    is_hidden = marks.map(lambda codes: CONFIDENTIAL in codes)
    wanted = figures_now[is_hidden] if is_hidden.any() else figures_now
    both = wanted.merge(released_before, on=list(FIGURE_KEY), suffixes=("", "_before"))
    now, before = both["numerator"], both["numerator_before"]
    is_shown = before.notna() | both["value_before"].notna()
    is_same = now.isna() | (now == before)
    return both.loc[is_shown & is_same, list(FIGURE_KEY)].reset_index(drop=True)


def _no_keys(figures: pd.DataFrame) -> pd.DataFrame:
    return figures[list(FIGURE_KEY)].iloc[:0].assign(why=pd.Series(dtype="str"))


def _reasons(
    cells: Cells,
    secrets: Sequence[Secret],
    struck: set[int],
    hidden_before: frozenset[int],
) -> Texts:
    """By row why it is suppressed; empty text where it is not."""
    why = np.full(len(cells.numerator), "", dtype=object)
    why[rows_of(cells, struck)] = "secondary"
    why[np.isin(cells.numerator, list(hidden_before)) & (why != "")] = "carried"
    why[[secret.row for secret in secrets]] = "primary"
    return why


def _findings(versions: Versions, lost: Sequence[Secret]) -> pd.DataFrame:
    """What could not be protected: because of an earlier version, or of another indicator."""
    if not lost:
        return empty("validation_findings")
    now = versions.now
    alone = attacker_of(Versions(now, (), (), (), now.count))
    for cell in set(range(len(now.count))) - now.public:
        alone.hide(cell)
    of_now = [
        all(cell < len(now.count) for cell in secret.form)
        and not secret.is_kept(alone.find(secret.form, secret.is_kept))
        for secret in lost
    ]
    found = [
        finding_rows(
            now.figures,
            [secret.row for secret, is_now in zip(lost, of_now, strict=True) if is_now == wanted],
            code,
            WORDS[code],
        )
        for code, wanted in ((SHOWN_EARLIER, False), (RECOVERABLE, True))
    ]
    return pd.concat(found, ignore_index=True)
