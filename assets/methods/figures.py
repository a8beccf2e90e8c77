"""Figures of every indicator from the accepted answers: the table indicator_values.

Here belongs the join of an indicator's parts and the passage to the statistics of one figure; what
an acceptable figure is, is for validations.rules.
"""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from assets.methods.declarations import read_declarations
from assets.methods.impossible import Flags, Floats
from assets.methods.intervals import compute_limits
from assets.methods.missing import CODES, NOT_RETURNED, merge_marks
from assets.methods.observations import KEY, Observations, read_observations
from assets.methods.parts import join_parts
from assets.methods.values import Figures, compute_figures, impossible_rows, is_unmarked, note_texts
from sql.frames import conform, empty, sort_by_key

WITHDRAWN = "withdrawn for quality"
SMALL_DENOMINATOR = 10
"""Under a confidential figure a denominator below it is hidden too: n of n below 10 (M14)."""
NUMBERS = (
    "numerator", "denominator", "value", "value_rounded", "stated_value",
    "lower_95", "upper_95", "lower_998", "upper_998", "sd", "se",
)  # fmt: skip
CARRIED = (
    "stated_value", "denominator_period", "is_queried", "return_ref", "source_published",
)  # fmt: skip


def build_figures(
    answers: pd.DataFrame,
    indicators: pd.DataFrame,
    areas: pd.DataFrame,
    breaks: pd.DataFrame,
    *,
    lags: Mapping[str, int] | None = None,
    breakdown_types: Mapping[str, Collection[str]] | None = None,
) -> pd.DataFrame:
    """The table indicator_values, sorted by its key.

    answers: validated_returns; indicators: indicator_catalogue; areas: the table areas; breaks:
    indicator, period of the first period of each new series. lags: years by which an indicator's
    denominator lies before its numerator; breakdown_types: which each indicator publishes (without
    it, those that all its parts have). A figure whose parts cannot be true keeps them for the rules
    to see, and is missing (x, withdrawn for quality).
    """
    councils = areas.loc[areas["area_type"] == "council", "area_code"]
    joined = join_parts(answers, indicators, set(councils), lags or {}, breakdown_types)
    if joined.empty:
        return empty("indicator_values")
    joined["area_type"] = _area_types(joined["area_code"], areas)
    joined["note_code"] = _with_breaks(joined, breaks)
    observations = read_observations(joined)
    declared = read_declarations(indicators, observations.columns["indicator"].texts)
    flags = list(impossible_rows(observations, declared, is_unmarked(observations)).values())
    impossible = np.logical_or.reduce(flags)
    possible = _without(observations, impossible)
    figures = compute_figures(possible, declared)
    limits = compute_limits(possible, declared, figures)
    ordered = joined.iloc[observations.row_number].reset_index(drop=True)
    frame = _assemble(ordered, figures, limits, observations, impossible)
    return sort_by_key(conform(frame, "indicator_values", fill=True), "indicator_values")


def mark_provisional(figures: pd.DataFrame, provisional: pd.DataFrame) -> pd.DataFrame:
    """The figures, with note code p where their source calls the period provisional.

    provisional: indicator, period. A figure without a value gets no mark.
    """
    keys = ["indicator", "period"]
    named = pd.MultiIndex.from_frame(figures[keys]).isin(pd.MultiIndex.from_frame(provisional))
    marked = named & figures["value"].notna().to_numpy()
    if not marked.any():
        return figures
    codes = figures["note_code"].copy()
    codes[marked] = [merge_marks([code, "p"]) for code in codes[marked].fillna("")]
    return figures.assign(note_code=codes)


def withhold(figures: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Figures that an error was found in lose every number (x, withdrawn for quality).

    findings: validation_findings of judge_figures; those of severity error with a figure's whole
    key withhold it, those of severity query mark it as queried.
    """
    keys = pd.MultiIndex.from_frame(figures[list(KEY)])

    def found(severity: str) -> Flags:
        named = findings.loc[(findings["severity"] == severity) & findings["indicator"].notna()]
        return np.asarray(keys.isin(pd.MultiIndex.from_frame(named[list(KEY)])), dtype=bool)

    wrong, result = found("error"), figures.copy()
    result["is_queried"] = figures["is_queried"].fillna(False).astype("boolean") | found("query")
    if wrong.any():
        result.loc[wrong, list(NUMBERS)] = np.nan
        codes = figures.loc[wrong, "note_code"].fillna("")
        result.loc[wrong, "note_code"] = [merge_marks([code, "x"]) for code in codes]
        result.loc[wrong, "missing_reason"] = WITHDRAWN
    return result


def _area_types(codes: pd.Series, areas: pd.DataFrame) -> pd.Series:
    types = areas.drop_duplicates("area_code").set_index("area_code")["area_type"]
    return codes.map(types).fillna("unallocated").astype("str")


def _with_breaks(joined: pd.DataFrame, breaks: pd.DataFrame) -> pd.Series:
    notes = joined["note_code"].fillna("")
    if breaks.empty:
        return notes
    keys = pd.MultiIndex.from_frame(joined[["indicator", "period"]])
    begins = keys.isin(pd.MultiIndex.from_frame(breaks[["indicator", "period"]]))
    marked = {note: merge_marks([note, "b"]) for note in notes[begins].unique()}
    return notes.where(~begins, notes.map(marked))


def _without(observations: Observations, impossible: Flags) -> Observations:
    """The observations, the parts of the impossible ones taken away."""
    if not impossible.any():
        return observations
    numbers = {
        name: np.where(impossible, np.nan, values) for name, values in observations.numbers.items()
    }
    return Observations(
        columns=observations.columns,
        series=observations.series,
        series_key=observations.series_key,
        numbers=numbers,
        council_areas=observations.council_areas,
        row_number=observations.row_number,
    )


def _assemble(
    joined: pd.DataFrame,
    figures: Figures,
    limits: dict[str, Floats],
    observations: Observations,
    impossible: Flags,
) -> pd.DataFrame:
    codes = note_texts(figures, observations.columns["note_code"].codes)
    notes = pd.Series(figures.marks.texts, dtype="str").iloc[codes].reset_index(drop=True)
    confidential = figures.result == CODES.index("c")
    small = confidential & (observations.numbers["denominator"] < SMALL_DENOMINATOR)
    hidden = {"denominator": small, "numerator": confidential, "stated_value": confidential}
    numbers = {
        name: np.where(hidden.get(name, False), np.nan, observations.numbers[name])
        for name in ("numerator", "denominator", "sd", "se")
    }
    numbers |= limits
    numbers["stated_value"] = joined["stated_value"].where(~pd.Series(confidential)).to_numpy()
    return joined[[*KEY, "area_type", *CARRIED]].assign(
        value=figures.value,
        value_rounded=figures.rounded,
        note_code=notes.where(notes != ""),
        missing_reason=_reasons(joined["missing_reason"], figures, impossible),
        **numbers,
    )


def _reasons(given: pd.Series, figures: Figures, impossible: Flags) -> pd.Series:
    reason = given.astype("str").where(given.notna() & (given != ""))
    reason = reason.mask(pd.Series(figures.not_returned) & reason.isna(), NOT_RETURNED)
    return reason.mask(pd.Series(impossible), WITHDRAWN).where(pd.Series(figures.result != 0))
