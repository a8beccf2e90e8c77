"""Where suppression must follow (M14): the figure itself, and what was said of it before.

Here belongs which cells of which rows are blanked, in figures and in findings. Comparisons need
none of it: they are computed after suppression, from what is left.
"""

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from assets.methods.disclosure_cells import concerned, declare
from assets.methods.impossible import Flags
from assets.methods.missing import merge_marks
from sql.frames import conform, empty
from sql.tables import FIGURE_KEY

CONFIDENTIAL = "c"
NUMBERS = (
    "numerator", "value", "value_rounded", "stated_value",
    "lower_95", "upper_95", "lower_998", "upper_998", "sd", "se",
)  # fmt: skip
PARTS = ("numerator", "denominator", "value_measure", "stated_measure")
FINDING_TEXTS = ("seen", "expected", "message_en", "message_cy")


def blank_figures(
    figures: pd.DataFrame, confidential: Flags, *, denominators: Flags
) -> pd.DataFrame:
    """The figures, those flagged without a number (c), and with a denominator only where it stays.

    A figure that does not apply (z) stays so where it has no number to hide; where only its
    denominator does not apply the numerator is there, and it is confidential like any other.
    """
    result = figures.copy()
    notes = figures["note_code"].fillna("")
    is_marked = np.array(["z" in str(note).split(",") for note in notes], dtype=bool)
    struck = confidential & ~(is_marked & ~(figures["numerator"] > 0).to_numpy(dtype=bool))
    columns = [name for name in NUMBERS if name in figures.columns]
    result.loc[struck, columns] = np.nan
    result.loc[denominators, "denominator"] = np.nan
    result.loc[struck, "note_code"] = [
        merge_marks([CONFIDENTIAL, *_others(note)]) for note in notes[struck]
    ]
    if "missing_reason" in figures.columns:
        result.loc[struck, "missing_reason"] = np.nan
    return result


def _others(note: str) -> list[str]:
    return [mark for mark in note.split(",") if mark and mark not in ("x", "z")]


def hide_findings(
    findings: pd.DataFrame,
    indicators: pd.DataFrame,
    text: tuple[str, str],
    datasets: Collection[str] = (),
) -> pd.DataFrame:
    """Findings, those about an indicator with a rule, or a measure of it, with the general text.

    A finding about a figure that may be shown can quote one that may not: last year's, another
    council's. Findings about no measure count where they are of `datasets`. The hash of the bytes
    goes too: the few counts of a small file can be found by trying.
    """
    is_general = findings["measure"].isna() & findings["indicator"].isna()
    of_datasets = is_general & findings["dataset"].isin(list(datasets))
    hit = about_counts(findings, indicators) | of_datasets.to_numpy(dtype=bool)
    result = findings.copy()
    for name, words in zip(FINDING_TEXTS, (None, None, *text), strict=True):
        result.loc[hit, name] = words
    result.loc[hit, "source_sha256"] = None
    return result


def about_counts(findings: pd.DataFrame, indicators: pd.DataFrame) -> Flags:
    """By finding whether it names an indicator with a rule, or a measure of one, or is about a
    figure of an indicator that shares a count with one: it can quote the count it was refused for.

    That there is one tells of the count: a rule that queries a change of a quarter is silent about
    5 after 4 and speaks of 5 after 3. So releases hold none of them.
    """
    ruled = indicators[indicators["disclosure_threshold"].fillna(0) > 0]
    names = {*ruled["indicator"], *ruled.melt(value_vars=list(PARTS))["value"].dropna()}
    hit = findings["measure"].isin(names) | findings["indicator"].isin(names)
    sharing = findings["indicator"].isin(list(concerned(declare(indicators))))
    return (hit | (sharing & findings["measure"].isna())).to_numpy(dtype=bool)


def hide_queries(figures: pd.DataFrame, indicators: Collection[str]) -> pd.DataFrame:
    """The figures, none of those indicators marked as queried: the mark tells what a finding would.

    indicators: those that share counts with a rule.
    """
    ours = figures["indicator"].isin(list(indicators))
    return figures.assign(is_queried=figures["is_queried"].mask(ours, other=False))


def is_among(frame: pd.DataFrame, keys: pd.DataFrame, columns: tuple[str, ...]) -> Flags:
    """By row of frame: whether its columns are a row of keys."""
    if frame.empty or keys.empty:
        return np.zeros(len(frame), dtype=bool)
    wanted = pd.MultiIndex.from_frame(keys[list(columns)])
    return np.asarray(pd.MultiIndex.from_frame(frame[list(columns)]).isin(wanted), dtype=bool)


def finding_rows(
    figures: pd.DataFrame, rows: list[int], code: str, texts: tuple[str, str]
) -> pd.DataFrame:
    """One error per figure that could not be protected; it closes the gate `disclosure`."""
    if not rows:
        return empty("validation_findings")
    keys = figures.iloc[rows][list(FIGURE_KEY)].drop_duplicates(ignore_index=True)
    return conform(
        keys.assign(
            dataset="gate:disclosure",
            code=code,
            severity="error",
            level="row",
            n_rows=1,
            message_en=list(_filled(keys, texts[0])),
            message_cy=list(_filled(keys, texts[1])),
        ),
        "validation_findings",
        fill=True,
    )


def _filled(keys: pd.DataFrame, text: str) -> Iterator[str]:
    for row in keys.to_dict("records"):
        yield text.format_map({str(name): value for name, value in row.items()})
