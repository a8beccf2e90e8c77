-- One row per figure that the current version changed, added or removed, and one per cell that
-- moved because of it: log is figure or knock-on.
SELECT
    c.product,
    c.product_version,
    r.released_at,
    'figure' AS log,
    c.indicator,
    i.title_en,
    i.title_cy,
    c.period,
    c.area_code,
    a.name_en AS area_name_en,
    a.name_cy AS area_name_cy,
    c.breakdown_type,
    c.breakdown,
    '' AS group_code,
    '' AS owner_code,
    'value_rounded' AS moved_column,
    CAST(c.old_value AS TEXT) AS old_text,
    CAST(c.new_value AS TEXT) AS new_text,
    c.old_note_code,
    c.new_note_code,
    c.change_type,
    c.reason_class,
    c.reason_en,
    c.reason_cy,
    c.return_ref,
    '' AS because_of
FROM changes AS c
JOIN current_release AS r ON r.product = c.product
LEFT JOIN indicator_catalogue AS i ON i.product = c.product AND i.indicator = c.indicator
LEFT JOIN areas AS a ON a.product = c.product AND a.area_code = c.area_code
UNION ALL
SELECT
    k.product,
    k.product_version,
    r.released_at,
    'knock-on' AS log,
    k.indicator,
    i.title_en,
    i.title_cy,
    k.period,
    k.area_code,
    a.name_en AS area_name_en,
    a.name_cy AS area_name_cy,
    k.breakdown_type,
    k.breakdown,
    k.group_code,
    k.owner_code,
    k."column" AS moved_column,
    k.old AS old_text,
    k.new AS new_text,
    NULL AS old_note_code,
    NULL AS new_note_code,
    'changed' AS change_type,
    'knock-on' AS reason_class,
    k.reason_en,
    k.reason_cy,
    NULL AS return_ref,
    k.because_of
FROM knock_on AS k
JOIN current_release AS r ON r.product = k.product
LEFT JOIN indicator_catalogue AS i ON i.product = k.product AND i.indicator = k.indicator
LEFT JOIN areas AS a ON a.product = k.product AND a.area_code = k.area_code
