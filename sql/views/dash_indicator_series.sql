-- One row per figure: its value over time for every area and breakdown, with its place in Wales.
SELECT
    v.product,
    v.product_version,
    v.indicator,
    i.title_en,
    i.title_cy,
    i.theme,
    i.unit,
    i.unit_en,
    i.unit_cy,
    i.polarity,
    i.decimals,
    v.period,
    p.label AS period_label,
    p.period_start,
    p.period_end,
    v.area_code,
    v.area_type,
    a.name_en AS area_name_en,
    a.name_cy AS area_name_cy,
    v.breakdown_type,
    v.breakdown,
    v.numerator,
    v.denominator,
    v.value,
    v.value_rounded,
    v.note_code,
    v.missing_reason,
    v.lower_95,
    v.upper_95,
    v.is_queried,
    c.rank,
    c.n_ranked,
    c.tied_with,
    c.band,
    c.percentile_rank,
    c.versus_benchmark,
    c.change,
    c.change_pct,
    c.change_direction,
    c.change_significant,
    c.change_reason,
    c.trend,
    b.headline,
    b.headline_kind,
    b.median,
    b.q1,
    b.q3,
    i.label AS source_label,
    v.source_published
FROM indicator_values AS v
JOIN indicator_catalogue AS i ON i.product = v.product AND i.indicator = v.indicator
LEFT JOIN periods AS p ON p.product = v.product AND p.period = v.period
LEFT JOIN areas AS a ON a.product = v.product AND a.area_code = v.area_code
LEFT JOIN comparisons AS c
    ON c.product = v.product AND c.indicator = v.indicator AND c.period = v.period
    AND c.area_code = v.area_code AND c.breakdown_type = v.breakdown_type
    AND c.breakdown = v.breakdown AND c.group_code = 'all'
LEFT JOIN benchmarks AS b
    ON b.product = v.product AND b.indicator = v.indicator AND b.period = v.period
    AND b.breakdown_type = v.breakdown_type AND b.breakdown = v.breakdown
    AND b.group_code = 'all' AND b.owner_code = ''
