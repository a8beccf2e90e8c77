"""The tables of one product: which rows of the night's frames a product holds.

Here belongs the selection of rows for a product and what must be left out of it. A group that is
too small to publish a benchmark (M13: of two councils each could subtract itself from the mean)
loses its benchmarks rows and its comparisons rows too, since rank, gap and difference from the
median would give the other council away.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields

import pandas as pd

from assets.methods.disclosure_spread import about_counts, hide_findings
from assets.publishing.words import CONFIDENTIAL_FINDING
from sql.frames import conform, empty, sort_by_key
from sql.tables import key_of, table

MEASURE_COLUMNS = ("numerator", "denominator", "value_measure", "stated_measure")
"""Columns of indicator_catalogue that name measures."""


@dataclass(frozen=True)
class ProductTables:
    """Frames of one product (or of the whole night), each in the shape of its contract table."""

    indicator_catalogue: pd.DataFrame
    areas: pd.DataFrame
    periods: pd.DataFrame
    comparison_groups: pd.DataFrame
    indicator_values: pd.DataFrame
    comparisons: pd.DataFrame
    benchmarks: pd.DataFrame
    watch_list: pd.DataFrame
    practice_finder: pd.DataFrame
    sector_summaries: pd.DataFrame
    narrowing: pd.DataFrame
    breakdown_gaps: pd.DataFrame
    inequality_indices: pd.DataFrame
    real_terms: pd.DataFrame
    neighbour_features: pd.DataFrame
    validation_findings: pd.DataFrame

    @classmethod
    def of(cls, **frames: pd.DataFrame) -> "ProductTables":
        """Tables from frames; what is not given is empty, columns not given are null."""
        return cls(
            **{
                name: conform(frames[name], name, fill=True) if name in frames else empty(name)
                for name in TABLE_NAMES
            }
        )

    def items(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Name and frame of each table, in contract order."""
        for name in TABLE_NAMES:
            yield name, getattr(self, name)


TABLE_NAMES: tuple[str, ...] = tuple(field.name for field in fields(ProductTables))

QUIET = (CONFIDENTIAL_FINDING.en, CONFIDENTIAL_FINDING.cy)
"""What a finding about a confidential figure says instead."""


def select_product(
    indicators: Collection[str],
    night: ProductTables,
    *,
    unpublished_groups: Collection[str] = (),
    datasets: Collection[str] = (),
    confidential_datasets: Collection[str] = (),
    indicator_set: str = "",
) -> ProductTables:
    """The product that holds these indicators, each table sorted by its key.

    night holds the frames of all indicators. unpublished_groups are group codes that publish no
    benchmark. datasets are those that feed the product: their findings that name neither measure
    nor indicator (a refused file) belong to it too; confidential_datasets those among them that
    hold confidential counts. Periods and areas are those in use. Lists and summaries are those made
    of indicator_set, the product's own indicators.
    """
    catalogue = _where(night.indicator_catalogue, "indicator", indicators)
    values = _where(night.indicator_values, "indicator", indicators)
    groups, compared, standing = (
        _without(frame, unpublished_groups)
        for frame in (night.comparison_groups, night.comparisons, night.benchmarks)
    )
    is_compared = bool(len(values)) and values["area_type"].eq("council").any()
    within = groups if is_compared else groups.iloc[:0]
    quiet = _quiet(night.validation_findings, night.indicator_catalogue, confidential_datasets)
    chosen = {
        "indicator_catalogue": catalogue,
        "areas": _areas(night.areas, values, within),
        "periods": _where(night.periods, "period", values["period"].unique()),
        "comparison_groups": within,
        "indicator_values": values,
        "comparisons": _where(compared, "indicator", indicators),
        "benchmarks": _where(standing, "indicator", indicators),
        **_summaries(night, indicators, indicator_set),
        "neighbour_features": night.neighbour_features.iloc[: None if is_compared else 0],
        "validation_findings": _findings(quiet, catalogue, values, datasets),
    }
    return ProductTables(**{name: tidy(frame, name) for name, frame in chosen.items()})


def _summaries(
    night: ProductTables, indicators: Collection[str], indicator_set: str
) -> dict[str, pd.DataFrame]:
    of_set = ("watch_list", "practice_finder", "sector_summaries")
    of_indicators = ("narrowing", "breakdown_gaps", "inequality_indices", "real_terms")
    return {
        **{name: _where(getattr(night, name), "indicator_set", [indicator_set]) for name in of_set},
        **{name: _where(getattr(night, name), "indicator", indicators) for name in of_indicators},
    }


def tidy(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame in contract shape, blank instead of null in text keys, sorted by its key."""
    shaped = conform(frame, name, fill=True)
    text_keys = [c for c in key_of(name) if table(name).columns[c].type.python_type is str]
    blanks = {column: shaped[column].fillna("") for column in text_keys}
    return sort_by_key(shaped.assign(**blanks), name)


def _where(frame: pd.DataFrame, column: str, wanted: Collection[str]) -> pd.DataFrame:
    return frame[frame[column].isin(list(wanted))]


def _without(frame: pd.DataFrame, groups: Collection[str]) -> pd.DataFrame:
    return frame[~frame["group_code"].isin(list(groups))] if groups else frame


def _areas(areas: pd.DataFrame, values: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    used = set(values["area_code"]) | set(groups["member_code"]) | set(groups["group_area_code"])
    return _where(areas, "area_code", used)


def _quiet(told: pd.DataFrame, indicators: pd.DataFrame, datasets: Collection[str]) -> pd.DataFrame:
    """Findings that may be published: none about an indicator with a rule, no text of its files."""
    public = told[~about_counts(told, indicators)]
    return hide_findings(public, indicators, QUIET, datasets)


def _findings(
    findings: pd.DataFrame,
    catalogue: pd.DataFrame,
    values: pd.DataFrame,
    datasets: Collection[str],
) -> pd.DataFrame:
    """Findings about the product, in public words: nothing seen of a confidential figure."""
    measures = set(catalogue.melt(value_vars=list(MEASURE_COLUMNS))["value"].dropna())
    is_general = findings["measure"].isna() & findings["indicator"].isna()
    is_ours = (
        findings["measure"].isin(measures)
        | findings["indicator"].isin(set(catalogue["indicator"]))
        | (is_general & findings["dataset"].isin(list(datasets)))
    )
    ours = findings[is_ours].copy()
    hidden = _confidential(ours, catalogue, values)
    ours.loc[hidden, ["seen", "expected"]] = None
    ours.loc[hidden, "message_en"] = CONFIDENTIAL_FINDING.en
    ours.loc[hidden, "message_cy"] = CONFIDENTIAL_FINDING.cy
    return ours


def _confidential(
    findings: pd.DataFrame, catalogue: pd.DataFrame, values: pd.DataFrame
) -> pd.Series:
    """Whether each finding is about a figure, or a part of a figure, that carries note code c."""
    codes = values["note_code"].fillna("").str.split(",")
    secret = values.loc[codes.map(lambda marks: "c" in marks), ["indicator", "period", "area_code"]]
    if secret.empty:
        return pd.Series(data=False, index=findings.index)
    parts = catalogue.melt("indicator", list(MEASURE_COLUMNS), value_name="part").dropna()
    named = secret.merge(parts[["indicator", "part"]], on="indicator", how="left")
    columns = ["part", "period", "area_code"]
    keys = pd.concat(
        [named[columns], secret.rename(columns={"indicator": "part"})[columns]]
    ).drop_duplicates()
    about = findings.assign(part=findings["measure"].fillna(findings["indicator"]))
    joined = about[columns].merge(keys.assign(hit=1), on=columns, how="left")
    return pd.Series(joined["hit"].notna().to_numpy(), index=findings.index)
