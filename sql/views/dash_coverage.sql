-- One row per indicator, period and breakdown: for how many councils there is a figure.
SELECT
    v.product,
    v.product_version,
    v.indicator,
    i.title_en,
    i.title_cy,
    i.theme,
    v.period,
    p.label AS period_label,
    p.period_end,
    v.breakdown_type,
    v.breakdown,
    n.n_councils,
    COUNT(*) AS n_rows,
    COUNT(v.value) AS n_with_value,
    SUM(CASE WHEN v.value IS NULL AND v.note_code LIKE 'z%' THEN 1 ELSE 0 END) AS n_not_applicable,
    SUM(CASE WHEN v.value IS NULL AND v.note_code LIKE 'c%' THEN 1 ELSE 0 END) AS n_confidential,
    n.n_councils - COUNT(v.value) AS n_without_value,
    CAST(100.0 * COUNT(v.value) / n.n_councils AS DOUBLE PRECISION) AS with_value_pct
FROM indicator_values AS v
JOIN indicator_catalogue AS i ON i.product = v.product AND i.indicator = v.indicator
JOIN (
    SELECT product, COUNT(*) AS n_councils FROM areas WHERE area_type = 'council' GROUP BY product
) AS n ON n.product = v.product
LEFT JOIN periods AS p ON p.product = v.product AND p.period = v.period
WHERE v.area_type = 'council'
GROUP BY
    v.product, v.product_version, v.indicator, i.title_en, i.title_cy, i.theme, v.period, p.label,
    p.period_end, v.breakdown_type, v.breakdown, n.n_councils
