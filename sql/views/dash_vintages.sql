-- One row per published figure and time in which readers saw it; recorded_to is null while it is
-- shown. For a figure as it stood at T: recorded_from <= T AND (recorded_to > T OR recorded_to IS NULL).
SELECT
    v.product,
    v.version AS product_version,
    v.indicator,
    i.title_en,
    i.title_cy,
    v.period,
    v.area_code,
    a.name_en AS area_name_en,
    a.name_cy AS area_name_cy,
    v.breakdown_type,
    v.breakdown,
    v.recorded_from,
    v.recorded_to,
    v.value,
    v.value_rounded,
    v.numerator,
    v.denominator,
    v.note_code,
    v.missing_reason
FROM figure_vintages AS v
LEFT JOIN indicator_catalogue AS i ON i.product = v.product AND i.indicator = v.indicator
LEFT JOIN areas AS a ON a.product = v.product AND a.area_code = v.area_code
