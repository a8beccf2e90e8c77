-- One row per dataset and product it feeds (product is null where it feeds none): how fresh it is.
SELECT
    n.product,
    n.product_version,
    s.dataset,
    s.title_en,
    s.title_cy,
    s.publisher,
    s.connector,
    s.url,
    s.licence,
    s.state,
    s.reason,
    s.last_pulled,
    s.last_tried,
    s.age_days,
    s.latest_period,
    s.period_age_days,
    s.n_rows,
    n.source_published,
    n.sha256s
FROM sources AS s
LEFT JOIN product_inputs AS n ON n.dataset = s.dataset
