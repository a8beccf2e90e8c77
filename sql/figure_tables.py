"""The data contract, first half: answers, dimensions, figures and comparisons.

Here belongs the shape of what the stages hand on and publish; the look-up by name is in sql.tables,
which is the module to import.
"""

from sql.schema import (
    AREA,
    BREAKDOWN,
    CODES,
    DATASET,
    FIGURE,
    FIGURE_KEY,
    FLAG,
    INDICATOR,
    LIMITS,
    MEASURE,
    NUMBER,
    OBSERVATION_KEY,
    ORIGIN,
    PERIOD,
    TEXT,
    WHOLE,
    ColumnSpec,
    define,
)

# --- stages: from the bytes of a source to accepted answers ---------------------------------------

raw_returns = define(
    "raw_returns",
    "One row per answer as it stood in the source, all text, nothing judged",
    (),
    [
        *DATASET,
        *MEASURE,
        ("period_text", TEXT, "Period as the source writes it"),
        ("area_text", TEXT, "Area code as the source writes it"),
        ("area_name", TEXT, "Area name as the source writes it"),
        *BREAKDOWN,
        ("value_text", TEXT, "The answer as the source writes it"),
        ("lower_95_text", TEXT, "Lower 95 % limit as the source writes it"),
        ("upper_95_text", TEXT, "Upper 95 % limit as the source writes it"),
        ("note_text", TEXT, "Notes or status marker as the source writes it"),
        ("explanation_text", TEXT, "Explanation the council gave beside the answer"),
        *ORIGIN,
        ("problem", TEXT, "Code of a fault of the file or row found while reading, else null"),
        ("problem_detail", TEXT, "What the fault concerns: a column's name, a key"),
        ("is_stale", FLAG, "True when the source failed and this is the last good answer"),
    ],
    published=False,
)

validated_returns = define(
    "validated_returns",
    "One row per accepted answer, typed and coded",
    OBSERVATION_KEY,
    [
        *DATASET,
        *MEASURE,
        *PERIOD,
        *AREA,
        *BREAKDOWN,
        ("value", NUMBER, "The answer, null where the note code says it is missing"),
        ("value_text", TEXT, "The answer exactly as supplied"),
        ("lower_95", NUMBER, "Lower 95 % limit supplied by the source"),
        ("upper_95", NUMBER, "Upper 95 % limit supplied by the source"),
        *CODES,
        ("is_queried", FLAG, "True when a query about the answer is open"),
        ("explanation", TEXT, "Explanation the council gave; internal until approved"),
        *ORIGIN,
    ],
    published=False,
)

rejected_returns = define(
    "rejected_returns",
    "One row per answer that was not accepted, as it stood, with the reason",
    (),
    [
        *((c.name, c.type, c.comment or "") for c in raw_returns.columns),
        ("outcome", TEXT, "rejected or duplicate"),
        ("code", TEXT, "Code of the rule that refused it"),
    ],
    published=False,
)

validation_findings = define(
    "validation_findings",
    "One row per finding: what a rule or a gate has to say about an answer, file or dataset",
    (),
    [
        *DATASET,
        ("code", TEXT, "Code of the rule"),
        ("severity", TEXT, "error, query or note"),
        ("level", TEXT, "cell, row, return, across_returns, across_councils, dataset"),
        *MEASURE,
        *INDICATOR,
        *PERIOD,
        *AREA,
        *BREAKDOWN,
        ("source_column", TEXT, "Column of the file that the finding is about"),
        ("seen", TEXT, "What was seen, cut at 40 characters"),
        ("expected", TEXT, "What the rule expected"),
        ("n_rows", WHOLE, "Rows the finding stands for"),
        ("message_en", TEXT, "Place, what was seen and what to do, in English"),
        ("message_cy", TEXT, "Place, what was seen and what to do, in Welsh"),
        *ORIGIN,
    ],
    published=True,
)

# --- dimensions ----------------------------------------------------------------------------------

areas = define(
    "areas",
    "Every area code in use",
    ("area_code",),
    [
        *AREA,
        ("area_type", TEXT, "council, nation, region, health_board, planning_authority, ..."),
        ("name_en", TEXT, "Name in English"),
        ("name_cy", TEXT, "Name in Welsh"),
        ("parent_code", TEXT, "Area that contains it"),
        ("valid_from", TEXT, "First day of the code"),
        ("valid_to", TEXT, "Last day of the code, null while in force"),
        ("predecessors", TEXT, "Codes it replaced, joined by ;"),
    ],
    published=True,
)

periods = define(
    "periods",
    "Every period in use",
    ("period",),
    [
        *PERIOD,
        ("period_type", TEXT, "calendar_year, financial_year, academic_year, rolling, month, ..."),
        ("period_start", TEXT, "First day"),
        ("period_end", TEXT, "Last day"),
        ("label", TEXT, "How people write it: 2023-24"),
    ],
    published=True,
)

indicator_catalogue = define(
    "indicator_catalogue",
    "One row per indicator: what it is and how it is treated (M0)",
    ("indicator",),
    [
        *INDICATOR,
        ("title_en", TEXT, "Title in English"),
        ("title_cy", TEXT, "Title in Welsh"),
        ("definition_en", TEXT, "Definition in English"),
        ("definition_cy", TEXT, "Definition in Welsh"),
        ("cy_status", TEXT, "draft or approved"),
        ("theme", TEXT, "Theme id"),
        ("unit", TEXT, "Unit id: percent, gbp, per_1000..."),
        ("unit_en", TEXT, "Unit in English"),
        ("unit_cy", TEXT, "Unit in Welsh"),
        ("kind", TEXT, "proportion, rate, mean, cost, count, score, share or index"),
        ("multiplier", NUMBER, "value = multiplier x numerator / denominator"),
        ("polarity", TEXT, "higher, lower, target or neutral"),
        ("target", NUMBER, "The value aimed at where polarity is target"),
        ("decimals", WHOLE, "Decimals of the published value"),
        ("value_basis", TEXT, "derived or as_published"),
        ("interval", TEXT, "binomial, poisson, t, supplied or none"),
        ("interval_reason", TEXT, "Why that interval, or why none"),
        ("aggregation", TEXT, "ratio or none"),
        ("accumulation", TEXT, "discrete, year_to_date, rolling or stock"),
        ("disclosure_threshold", WHOLE, "Counts from 1 up to it are confidential; 0 = none"),
        ("noise", TEXT, "none, rounded:b or perturbed"),
        ("lower_bound", NUMBER, "Smallest possible value"),
        ("upper_bound", NUMBER, "Largest possible value"),
        ("numerator", TEXT, "Measure of the numerator"),
        ("denominator", TEXT, "Measure of the denominator"),
        ("value_measure", TEXT, "Measure of the value where it is as_published"),
        ("stated_measure", TEXT, "Measure of a value stated beside its parts, reconciled only"),
        ("period_type", TEXT, "calendar_year, financial_year, academic_year, rolling, month, ..."),
        ("valid_from", TEXT, "First period in force"),
        ("valid_to", TEXT, "Last period in force, null while in force"),
        ("framework_codes", TEXT, "Framework and code of its lineage, joined by ;"),
        ("designation", TEXT, "official, accredited, in_development, management or none"),
        ("publisher", TEXT, "Who publishes the source"),
        ("source_name", TEXT, "What the source is called"),
        ("source_url", TEXT, "Public address of the source"),
        ("licence", TEXT, "Licence of the source"),
        ("caveat_en", TEXT, "What a reader must know, in English"),
        ("caveat_cy", TEXT, "What a reader must know, in Welsh"),
        ("next_expected", TEXT, "When the next figure is expected, as the publisher says"),
        ("is_reference_series", FLAG, "True for a series without a council dimension"),
        ("label", TEXT, "The line every user of the figures must show"),
    ],
    published=True,
)

comparison_groups = define(
    "comparison_groups",
    "One row per member of a group: who is compared with whom (M13)",
    ("group_code", "owner_code", "member_code"),
    [
        ("group_code", TEXT, "Group id: all, region:..., neighbours"),
        ("owner_code", TEXT, "Council whose own group it is; empty for a fixed group"),
        ("member_code", TEXT, "Council in the group"),
        ("group_area_code", TEXT, "Area whose own figure is the group's source_value"),
        ("title_en", TEXT, "Name of the group in English"),
        ("title_cy", TEXT, "Name of the group in Welsh"),
        ("distance", NUMBER, "Distance from the owner, in standardised units"),
        ("distance_rank", WHOLE, "1 = nearest"),
        ("is_distant", FLAG, "True when beyond the published cut-off"),
        ("set_version", TEXT, "Version of the group or neighbour set"),
    ],
    published=True,
)

# --- figures -------------------------------------------------------------------------------------

indicator_values = define(
    "indicator_values",
    "One row per figure: an indicator's value with its parts and codes (M1-M2, M6-M7)",
    FIGURE_KEY,
    [
        *FIGURE,
        ("area_type", TEXT, "Type of the area: only councils are compared"),
        ("numerator", NUMBER, "Numerator as accepted"),
        ("denominator", NUMBER, "Denominator as accepted"),
        ("value", NUMBER, "Unrounded value; null where missing"),
        ("value_rounded", NUMBER, "Value at the indicator's decimals (M19)"),
        ("stated_value", NUMBER, "Value the source states beside its parts"),
        *CODES,
        *LIMITS,
        ("sd", NUMBER, "Standard deviation per case, where supplied"),
        ("se", NUMBER, "Standard error of the value, where supplied"),
        ("denominator_period", TEXT, "Period of the denominator where it is another"),
        ("is_queried", FLAG, "True when a query about one of its inputs is open"),
        ("return_ref", TEXT, "Return the figure came in, if a council sent it"),
        ("source_published", TEXT, "Day the source published it, as the source says"),
    ],
    published=True,
)

_POSITION: list[ColumnSpec] = [
    ("rank", WHOLE, "1 = best, ties share the smallest rank (M4)"),
    ("n_ranked", WHOLE, "How many were ranked"),
    ("tied_with", TEXT, "Codes with the same published value, joined by ;"),
    ("rank_low", NUMBER, "5th percentile of the simulated rank"),
    ("rank_high", NUMBER, "95th percentile of the simulated rank"),
    ("percentile_rank", NUMBER, "Midrank percentile, 100 = best"),
    ("band", WHOLE, "Quartile band, 1 = best (M5)"),
    ("difference_from_median", NUMBER, "Unrounded value minus the group's median"),
    ("gap_to_best", NUMBER, "Distance of the published value from the group's best"),
    ("z_score", NUMBER, "(value - mean) / sd of the group"),
    ("mad_score", NUMBER, "(value - median) / MAD of the group"),
    ("mad_z", NUMBER, "mad_score / 1.4826"),
]
_VERSUS: list[ColumnSpec] = [
    ("versus_benchmark", TEXT, "better, similar, worse, higher, lower or not compared (M8)"),
    ("versus_reason", TEXT, "Why it was not compared"),
    ("statutory_target", NUMBER, "Target set by law for the period"),
    ("versus_target", TEXT, "better, met, worse or not compared"),
    ("target_reason", TEXT, "Why it was not compared with a target"),
]
_TIME: list[ColumnSpec] = [
    ("change", NUMBER, "Value minus that of the previous equivalent period (M9)"),
    ("change_pct", NUMBER, "Change in per cent of |previous|; null for proportions"),
    ("change_direction", TEXT, "improved, worsened, no change, increased or decreased"),
    ("change_significant", FLAG, "Whether the change passes its test"),
    ("change_test", TEXT, "newcombe, conditional_binomial or z"),
    ("change_reason", TEXT, "Why there is no change, or no test"),
    ("change_since_first", NUMBER, "Value minus that of the first period after the last break"),
    ("trend", TEXT, "rising, falling or no significant trend (M10)"),
    ("trend_reason", TEXT, "Why there is no trend"),
]

comparisons = define(
    "comparisons",
    "One row per figure and group: where a council stands (M3-M10)",
    (*FIGURE_KEY, "group_code"),
    [
        *FIGURE,
        ("group_code", TEXT, "Group it is compared within"),
        ("value", NUMBER, "Unrounded value"),
        ("value_rounded", NUMBER, "Value at the indicator's decimals (M19)"),
        *CODES,
        *LIMITS,
        *_POSITION,
        *_VERSUS,
        *_TIME,
    ],
    published=True,
)

benchmarks = define(
    "benchmarks",
    "One row per indicator, period, breakdown and group: what the group looks like (M3)",
    ("indicator", "period", "breakdown_type", "breakdown", "group_code", "owner_code"),
    [
        *INDICATOR,
        *PERIOD,
        *BREAKDOWN,
        ("group_code", TEXT, "Group id"),
        ("owner_code", TEXT, "Council whose own group it is; empty for a fixed group"),
        ("n_members", WHOLE, "Members of the group"),
        ("n_valid", WHOLE, "Members with a value"),
        ("missing_members", TEXT, "Members without a value, joined by ;"),
        ("mean", NUMBER, "Arithmetic mean"),
        ("ratio_of_sums", NUMBER, "multiplier x sum of numerators / sum of denominators"),
        ("median", NUMBER, "Median; the mean of the two middle values for even n"),
        ("min", NUMBER, "Smallest value"),
        ("q1", NUMBER, "Lower quartile (Hyndman-Fan type 7)"),
        ("q3", NUMBER, "Upper quartile (Hyndman-Fan type 7)"),
        ("max", NUMBER, "Largest value"),
        ("sd", NUMBER, "Standard deviation (n - 1)"),
        ("mad", NUMBER, "Median absolute deviation from the median"),
        ("best_value", NUMBER, "Best published value by polarity"),
        ("best_areas", TEXT, "Who holds it, joined by ;"),
        ("source_value", NUMBER, "The group's own figure from the source"),
        ("headline", NUMBER, "The figure to compare with"),
        ("headline_kind", TEXT, "source, ratio_of_sums, partial_ratio or median"),
    ],
    published=True,
)
