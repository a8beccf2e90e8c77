-- One row per council and indicator: the indicator's latest period, beside Wales and its neighbours.
SELECT
    s.product,
    s.product_version,
    s.area_code,
    s.area_name_en,
    s.area_name_cy,
    s.indicator,
    s.title_en,
    s.title_cy,
    s.theme,
    s.unit_en,
    s.unit_cy,
    s.polarity,
    s.decimals,
    s.period,
    s.period_label,
    s.period_end,
    s.value_rounded,
    s.note_code,
    s.missing_reason,
    s.lower_95,
    s.upper_95,
    s.is_queried,
    s.rank,
    s.n_ranked,
    s.band,
    s.versus_benchmark,
    s.headline,
    s.headline_kind,
    n.headline AS neighbours_headline,
    n.headline_kind AS neighbours_headline_kind,
    s.change,
    s.change_direction,
    s.change_significant,
    s.trend,
    s.source_label
FROM dash_indicator_series AS s
JOIN (
    SELECT v.product, v.indicator, MAX(p.period_end) AS period_end
    FROM indicator_values AS v
    JOIN periods AS p ON p.product = v.product AND p.period = v.period
    WHERE v.breakdown_type = 'total' AND v.area_type = 'council' AND v.value IS NOT NULL
    GROUP BY v.product, v.indicator
) AS latest
    ON latest.product = s.product AND latest.indicator = s.indicator
    AND latest.period_end = s.period_end
LEFT JOIN benchmarks AS n
    ON n.product = s.product AND n.indicator = s.indicator AND n.period = s.period
    AND n.breakdown_type = s.breakdown_type AND n.breakdown = s.breakdown
    AND n.group_code = 'neighbours' AND n.owner_code = s.area_code
WHERE s.area_type = 'council' AND s.breakdown_type = 'total'
