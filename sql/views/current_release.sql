-- One row per product: the version that its tables hold, as the pointer says.
SELECT product, version AS product_version, released_at, reason_en, reason_cy, manifest_sha256
FROM releases
WHERE is_current
