"""Where suppression must follow (M14): the figure itself, and every table derived from it.

Here belongs which cells of which rows are blanked. Comparisons are best computed after suppression,
from what is left; the keys are for tables that were computed before it, and for the logs.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from assets.methods.impossible import Flags
from assets.methods.missing import merge_marks
from sql.frames import conform, empty
from sql.tables import FIGURE_KEY

CONFIDENTIAL = "c"
NUMBERS = (
    "numerator", "value", "value_rounded", "stated_value",
    "lower_95", "upper_95", "lower_998", "upper_998", "sd", "se",
)  # fmt: skip
SLICE = ("indicator", "period", "breakdown_type", "breakdown")
"""Ranks, bands, scores and benchmarks are computed over it."""
SERIES = ("indicator", "area_code", "breakdown_type", "breakdown")
"""Changes and trends are computed along it."""
PARTS = ("numerator", "denominator", "value_measure", "stated_measure")
LOGGED = (
    "old_value", "new_value", "old_numerator", "new_numerator", "old_denominator",
    "new_denominator",
)  # fmt: skip
FINDING_TEXTS = ("seen", "expected", "message_en", "message_cy")


def blank_figures(
    figures: pd.DataFrame, confidential: Flags, *, denominators: Flags
) -> pd.DataFrame:
    """The figures, those flagged without a number (c), and with a denominator only where it stays.

    A figure that does not apply (z) stays so: it has no number to hide.
    """
    result = figures.copy()
    notes = figures["note_code"].fillna("")
    not_applicable = np.array(["z" in str(note).split(",") for note in notes], dtype=bool)
    struck = confidential & ~not_applicable
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
    return [mark for mark in note.split(",") if mark and mark != "x"]


def keys_to_blank(suppressed: pd.DataFrame, indicators: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Table -> keys of the rows in which a suppressed figure could be read, or computed.

    suppressed: FIGURE_KEY columns. `comparisons`: its own rows lose every number, as does `changes`
    (old and new); `along`: rows of the same series lose change, direction and trend; `across`: all
    rows of the slice, in comparisons and benchmarks, lose what was computed over the slice;
    `validation_findings`: those about the figure or a part of it lose their text.
    """
    keys = suppressed[list(FIGURE_KEY)].drop_duplicates(ignore_index=True)
    parts = indicators.melt("indicator", list(PARTS), value_name="measure").dropna()
    named = keys.merge(parts[["indicator", "measure"]], on="indicator", how="left")
    of_parts = named[["measure", "period", "area_code"]].dropna()
    of_figure = keys.rename(columns={"indicator": "measure"})[["measure", "period", "area_code"]]
    return {
        "comparisons": keys,
        "changes": keys,
        "along": keys[list(SERIES)].drop_duplicates(ignore_index=True),
        "across": keys[list(SLICE)].drop_duplicates(ignore_index=True),
        "validation_findings": pd.concat([of_parts, of_figure]).drop_duplicates(ignore_index=True),
    }


def blank_changes(changes: pd.DataFrame, suppressed: pd.DataFrame) -> pd.DataFrame:
    """The changelog, without a number on either side where the figure is suppressed."""
    hit = is_among(changes, suppressed, FIGURE_KEY)
    result = changes.copy()
    result.loc[hit, list(LOGGED)] = np.nan
    return result


def blank_findings(
    findings: pd.DataFrame,
    suppressed: pd.DataFrame,
    indicators: pd.DataFrame,
    text: tuple[str, str],
) -> pd.DataFrame:
    """Findings, those about a suppressed figure with the general text (en, cy) for their own."""
    keys = keys_to_blank(suppressed, indicators)["validation_findings"]
    about = findings.assign(measure=findings["measure"].fillna(findings["indicator"]))
    hit = is_among(about, keys, ("measure", "period", "area_code"))
    result = findings.copy()
    for name, words in zip(FINDING_TEXTS, (None, None, *text), strict=True):
        result.loc[hit, name] = words
    return result


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
