"""The data contract, third part: what follows from comparisons, across figures and indicators.

Here belongs the shape of lists, summaries, gaps, real terms and of what the neighbours were made
from; the figures themselves are in sql.figure_tables, and the look-up by name is in sql.tables.
"""

from sql.schema import (
    AREA,
    FIGURE,
    FIGURE_KEY,
    FLAG,
    INDICATOR,
    NUMBER,
    PERIOD,
    TEXT,
    WHOLE,
    ColumnSpec,
    define,
)

_SET: list[ColumnSpec] = [
    ("indicator_set", TEXT, "Product whose indicators were looked at together"),
]
_GROUP: list[ColumnSpec] = [("group_code", TEXT, "Group it is compared within")]
_CHANCE: list[ColumnSpec] = [
    ("method", TEXT, "99.8 % or Benjamini-Hochberg 10 %; null without a test (M8)"),
    ("n_tested", WHOLE, "How many tests of this council the list was made from"),
    ("expected_by_chance", NUMBER, "How many of them chance alone would list"),
]
LISTED_KEY = ("indicator_set", "indicator", "period", "area_code", "group_code")

watch_list = define(
    "watch_list",
    "One row per council and measure on which it is worse than its neighbours (M8)",
    LISTED_KEY,
    [
        *_SET,
        *INDICATOR,
        *PERIOD,
        *AREA,
        *_GROUP,
        ("value", NUMBER, "Unrounded value"),
        ("value_rounded", NUMBER, "Value at the indicator's decimals (M19)"),
        ("headline", NUMBER, "The neighbours' figure, without the council's own"),
        ("headline_kind", TEXT, "source, ratio_of_sums, partial_ratio or median"),
        ("median", NUMBER, "Median of the neighbours"),
        ("band", WHOLE, "Quartile band among the council and its neighbours, 1 = best (M5)"),
        ("test", TEXT, "score, exact Poisson, normal, t limits, or no test"),
        ("p_worse", NUMBER, "Probability of so bad a figure by chance; null without a test"),
        *_CHANCE,
        ("reason_en", TEXT, "Why it is on the list, in English"),
        ("reason_cy", TEXT, "Why it is on the list, in Welsh"),
    ],
    published=True,
)

practice_finder = define(
    "practice_finder",
    "One row per listed measure and neighbour to ask about it; no claim of cause",
    (*LISTED_KEY, "neighbour_code"),
    [
        *_SET,
        *INDICATOR,
        *PERIOD,
        *AREA,
        *_GROUP,
        ("neighbour_code", TEXT, "Neighbour to ask"),
        ("value_rounded", NUMBER, "The council's published value"),
        ("neighbour_value_rounded", NUMBER, "The neighbour's published value"),
        ("median", NUMBER, "Median of the council's neighbours, which the neighbour beats"),
        ("neighbour_change", NUMBER, "The neighbour's change since the previous period (M9)"),
        ("distance", NUMBER, "Distance of the neighbour, in standardised units"),
        ("distance_rank", WHOLE, "1 = nearest"),
        ("is_distant", FLAG, "True when beyond the published cut-off"),
        ("test", TEXT, "Fisher, conditional binomial, normal, t limits, or no test"),
        ("p_better", NUMBER, "Probability of so large a difference by chance; null without test"),
        *_CHANCE,
        ("why_en", TEXT, "Better beyond chance, improved most, or both, in English"),
        ("why_cy", TEXT, "Better beyond chance, improved most, or both, in Welsh"),
        ("practice_en", TEXT, "What the neighbour says it did, else: ask them; in English"),
        ("practice_cy", TEXT, "What the neighbour says it did, else: ask them; in Welsh"),
        ("practice_url", TEXT, "Where it is described"),
        ("contact_role", TEXT, "Whom to ask, by role"),
        ("practice_reviewed", TEXT, "Day somebody last checked the entry"),
    ],
    published=True,
)

sector_summaries = define(
    "sector_summaries",
    "One row per council and class of indicators: shares improved, high and low (M11)",
    ("indicator_set", "summary_by", "summary_code", "area_code", "group_code"),
    [
        *_SET,
        ("summary_by", TEXT, "all, theme, framework, act_2021, corporate_areas, wellbeing_goals"),
        ("summary_code", TEXT, "Which of them; all for all indicators"),
        *AREA,
        *_GROUP,
        ("n_indicators", WHOLE, "Indicators of the class with a figure"),
        ("n_comparable", WHOLE, "Indicators that could improve or worsen"),
        ("n_improved", WHOLE, "How many of them improved"),
        ("n_unchanged", WHOLE, "How many are equal at published decimals"),
        ("n_worsened", WHOLE, "How many worsened"),
        ("improved_pct", NUMBER, "Improved, per cent of the comparable"),
        ("n_banded", WHOLE, "Indicators with a band"),
        ("n_top", WHOLE, "Indicators in band 1"),
        ("top_pct", NUMBER, "In band 1, per cent of the banded"),
        ("expected_top_pct", NUMBER, "What chance alone gives, per cent"),
        ("n_bottom", WHOLE, "Indicators in band 4"),
        ("bottom_pct", NUMBER, "In band 4, per cent of the banded"),
        ("expected_bottom_pct", NUMBER, "What chance alone gives, per cent"),
        ("not_comparable", TEXT, "Reason and number of the others, joined by ;"),
    ],
    published=True,
)

narrowing = define(
    "narrowing",
    "One row per indicator and period: whether councils came closer to each other (M11)",
    ("indicator", "period", "breakdown_type", "breakdown", "group_code"),
    [
        *(column for column in FIGURE if column[0] != "area_code"),
        *_GROUP,
        ("period_before", TEXT, "The previous equivalent period (M9)"),
        ("n_same", WHOLE, "Councils compared, those with a figure in both periods"),
        ("left_out", TEXT, "Councils with a figure now that are not compared, joined by ;"),
        ("gap", NUMBER, "Worst minus best published value"),
        ("gap_before", NUMBER, "The same in the period before"),
        ("is_gap_narrowed", FLAG, "Whether the gap is smaller"),
        ("iqr", NUMBER, "Interquartile range (Hyndman-Fan type 7)"),
        ("iqr_before", NUMBER, "The same in the period before"),
        ("is_iqr_narrowed", FLAG, "Whether the interquartile range is smaller"),
        ("cv", NUMBER, "Coefficient of variation: sd over |mean|"),
        ("cv_before", NUMBER, "The same in the period before"),
        ("is_cv_narrowed", FLAG, "Whether the coefficient of variation is smaller"),
        ("reason", TEXT, "Why there is no spread"),
    ],
    published=True,
)

breakdown_gaps = define(
    "breakdown_gaps",
    "One row per part of a breakdown: how far it lies from the reference part (M0)",
    FIGURE_KEY,
    [
        *FIGURE,
        ("reference", TEXT, "Part of the breakdown it is compared with"),
        ("value", NUMBER, "Unrounded value"),
        ("reference_value", NUMBER, "Unrounded value of the reference"),
        ("difference", NUMBER, "value - reference_value"),
        ("difference_lower_95", NUMBER, "Lower 95 % limit of the difference"),
        ("difference_upper_95", NUMBER, "Upper 95 % limit of the difference"),
        ("ratio", NUMBER, "value / reference_value; null where that is not above 0"),
        ("ratio_lower_95", NUMBER, "Lower 95 % limit of the ratio"),
        ("ratio_upper_95", NUMBER, "Upper 95 % limit of the ratio"),
        ("reason", TEXT, "Why there is no gap, or no interval"),
    ],
    published=True,
)

inequality_indices = define(
    "inequality_indices",
    "One row per indicator, period, area and ordered breakdown: how unequal its groups are (M0)",
    ("indicator", "period", "area_code", "breakdown_type"),
    [
        *(column for column in FIGURE if column[0] != "breakdown"),
        ("first_group", TEXT, "Group the line begins at, the most deprived"),
        ("last_group", TEXT, "Group the line ends at, the least deprived"),
        ("n_groups", WHOLE, "How many groups the order has"),
        ("sii", NUMBER, "Slope index of inequality: the line at the last end minus at the first"),
        ("sii_lower_95", NUMBER, "Lower 95 % limit of sii"),
        ("sii_upper_95", NUMBER, "Upper 95 % limit of sii"),
        ("rii", NUMBER, "Relative index: the line at the last end over the first, if above 0"),
        ("rii_lower_95", NUMBER, "Lower 95 % limit of rii; null where unbounded"),
        ("rii_upper_95", NUMBER, "Upper 95 % limit of rii; null where unbounded"),
        ("rii_of_mean", NUMBER, "sii over the mean of all groups; null where that is not above 0"),
        ("reason", TEXT, "Why there is no index, or no interval"),
    ],
    published=True,
)

real_terms = define(
    "real_terms",
    "One row per figure in money: its worth in the prices of the reference period (M12)",
    FIGURE_KEY,
    [
        *FIGURE,
        ("value", NUMBER, "Unrounded value, at the prices of its own period"),
        ("real_value", NUMBER, "Unrounded value, at the prices of the reference period"),
        ("real_value_rounded", NUMBER, "The same at the indicator's decimals (M19)"),
        ("real_lower_95", NUMBER, "Lower 95 % limit, at the prices of the reference period"),
        ("real_upper_95", NUMBER, "Upper 95 % limit, at the prices of the reference period"),
        ("deflator", TEXT, "Indicator id of the price index"),
        ("deflator_published", TEXT, "Vintage: day its source published it"),
        ("reference_period", TEXT, "Period whose prices are used"),
        ("deflator_base", TEXT, "What its publisher sets to 100"),
        ("caveat_en", TEXT, "What a reader must know of that deflator, in English"),
        ("caveat_cy", TEXT, "What a reader must know of that deflator, in Welsh"),
        ("reason", TEXT, "Why there is no real value"),
    ],
    published=True,
)

neighbour_features = define(
    "neighbour_features",
    "One row per neighbour set, council and feature: what the distances are made of (M13)",
    ("group_code", "area_code", "indicator"),
    [
        *_GROUP,
        ("set_version", TEXT, "Version of the neighbour set"),
        *AREA,
        *INDICATOR,
        *PERIOD,
        ("weight", NUMBER, "Weight of the feature"),
        ("transform", TEXT, "none, or log: natural logarithm before scaling"),
        ("value", NUMBER, "The figure, unrounded, before the transform"),
        ("scaled_value", NUMBER, "Distance from the median in robust standard deviations"),
        ("n_neighbours", WHOLE, "How many neighbours each council has"),
        ("distance_cutoff", NUMBER, "Distance beyond which a neighbour is marked distant"),
    ],
    published=True,
)

SUMMARY_TABLES: tuple[str, ...] = tuple(
    str(item.name)
    for item in (
        watch_list,
        practice_finder,
        sector_summaries,
        narrowing,
        breakdown_gaps,
        inequality_indices,
        real_terms,
        neighbour_features,
    )
)
"""Names of these tables, in the order in which they are computed and published."""
