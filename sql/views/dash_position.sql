-- One row per council, figure and group: where it stands and what the group looks like.
SELECT
    c.product,
    c.product_version,
    c.indicator,
    i.title_en,
    i.title_cy,
    i.theme,
    i.unit,
    i.polarity,
    c.period,
    p.label AS period_label,
    p.period_end,
    c.area_code,
    a.name_en AS area_name_en,
    a.name_cy AS area_name_cy,
    c.breakdown_type,
    c.breakdown,
    c.group_code,
    b.owner_code,
    c.value_rounded,
    c.note_code,
    c.missing_reason,
    c.lower_95,
    c.upper_95,
    c.rank,
    c.n_ranked,
    c.tied_with,
    c.percentile_rank,
    c.band,
    c.difference_from_median,
    c.gap_to_best,
    c.z_score,
    c.mad_z,
    c.versus_benchmark,
    c.versus_reason,
    c.statutory_target,
    c.versus_target,
    b.headline,
    b.headline_kind,
    b.n_members,
    b.n_valid,
    b.missing_members,
    b.mean,
    b.median,
    b.min,
    b.q1,
    b.q3,
    b.max,
    b.best_value,
    b.best_areas
FROM comparisons AS c
JOIN indicator_catalogue AS i ON i.product = c.product AND i.indicator = c.indicator
LEFT JOIN periods AS p ON p.product = c.product AND p.period = c.period
LEFT JOIN areas AS a ON a.product = c.product AND a.area_code = c.area_code
LEFT JOIN benchmarks AS b
    ON b.product = c.product AND b.indicator = c.indicator AND b.period = c.period
    AND b.breakdown_type = c.breakdown_type AND b.breakdown = c.breakdown
    AND b.group_code = c.group_code AND b.owner_code IN ('', c.area_code)
