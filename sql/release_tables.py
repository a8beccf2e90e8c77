"""The data contract, second half: what is kept about releases, sources and the ledger.

Here belongs the shape of changelogs, the ledger and the bookkeeping of the night; the figures
themselves and the look-up by name are in sql.tables, which is the module to import.
"""

from sql.schema import (
    AREA,
    BREAKDOWN,
    CODES,
    DATASET,
    FIGURE,
    FIGURE_KEY,
    FLAG,
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

# --- the difference between two releases ----------------------------------------------------------

_REASON: list[ColumnSpec] = [
    ("reason_class", TEXT, "planned revision, correction, late data, new, removed, method, ..."),
    ("reason_en", TEXT, "The reason in English"),
    ("reason_cy", TEXT, "The reason in Welsh"),
]

changes = define(
    "changes",
    "One row per changed figure against the previous version (M17)",
    FIGURE_KEY,
    [
        *FIGURE,
        ("change_type", TEXT, "added, removed or changed"),
        ("old_value", NUMBER, "Value before, unrounded"),
        ("new_value", NUMBER, "Value now, unrounded"),
        ("old_numerator", NUMBER, "Numerator before"),
        ("new_numerator", NUMBER, "Numerator now"),
        ("old_denominator", NUMBER, "Denominator before"),
        ("new_denominator", NUMBER, "Denominator now"),
        ("old_note_code", TEXT, "Note codes before"),
        ("new_note_code", TEXT, "Note codes now, as supplied; the figure itself adds r (M16)"),
        *_REASON,
        ("return_ref", TEXT, "Return the change came in, if a council sent it"),
    ],
    published=True,
)

knock_on = define(
    "knock_on",
    "One row per rank, band or benchmark that moved although the figure itself did not (M17)",
    ("table", *FIGURE_KEY, "group_code", "owner_code", "column"),
    [
        ("table", TEXT, "comparisons or benchmarks"),
        *FIGURE,
        ("group_code", TEXT, "Group in which it moved"),
        ("owner_code", TEXT, "Council whose own group it is; empty for a fixed group"),
        ("column", TEXT, "What moved: rank, band, median..."),
        ("old", TEXT, "Before"),
        ("new", TEXT, "Now"),
        ("because_of", TEXT, "Councils whose changed figures moved it, joined by ;"),
        ("reason_en", TEXT, "The reason in English"),
        ("reason_cy", TEXT, "The reason in Welsh"),
    ],
    published=True,
)

# --- the warehouse: ledger, sources, releases -----------------------------------------------------

returns_ledger = define(
    "returns_ledger",
    "Bitemporal ledger: every accepted answer with its valid period and when it was on record",
    ("dataset", *OBSERVATION_KEY, "recorded_from"),
    [
        *DATASET,
        *MEASURE,
        *PERIOD,
        *AREA,
        *BREAKDOWN,
        ("recorded_from", TEXT, "Instant it came on record"),
        ("recorded_to", TEXT, "Instant it was replaced; null while it stands"),
        ("value", NUMBER, "The answer"),
        ("value_text", TEXT, "The answer exactly as supplied"),
        *CODES,
        ("valid_from", TEXT, "First day of the period"),
        ("valid_to", TEXT, "Last day of the period"),
        ("is_withdrawn", FLAG, "True where the answer was taken back and nothing replaced it"),
        *ORIGIN,
        ("run_id", TEXT, "Run that recorded it"),
    ],
    published=False,
)

sources = define(
    "sources",
    "One row per dataset: where from, how fresh, last result",
    ("dataset",),
    [
        *DATASET,
        ("title_en", TEXT, "Title in English"),
        ("title_cy", TEXT, "Title in Welsh"),
        ("publisher", TEXT, "Who publishes it"),
        ("connector", TEXT, "Protocol or format"),
        ("url", TEXT, "Public address"),
        ("licence", TEXT, "Licence"),
        ("state", TEXT, "fresh, unchanged, stale or never"),
        ("reason", TEXT, "Why it is not fresh"),
        ("last_pulled", TEXT, "Instant of the last good pull"),
        ("last_tried", TEXT, "Instant of the last attempt"),
        ("age_days", NUMBER, "Days since the last good pull"),
        ("latest_period", TEXT, "Latest period with a figure"),
        ("period_age_days", NUMBER, "Days from the end of that period to the run"),
        ("n_rows", WHOLE, "Rows in the last good answer"),
    ],
    published=False,
)

releases = define(
    "releases",
    "One row per published version of a product",
    ("product", "version"),
    [
        ("product", TEXT, "Product id"),
        ("version", TEXT, "Semantic version of the data"),
        ("released_at", TEXT, "Release instant"),
        ("reason_en", TEXT, "Why there is a version, in English"),
        ("reason_cy", TEXT, "Why there is a version, in Welsh"),
        ("manifest_sha256", TEXT, "SHA-256 of the manifest"),
        ("is_current", FLAG, "True for the version the pointer names"),
    ],
    published=False,
)


answer_counts = define(
    "answer_counts",
    "One row per dataset: rows in = accepted + rejected + duplicate",
    ("dataset",),
    [
        *DATASET,
        ("n_raw", WHOLE, "Answers read from the source"),
        ("accepted", WHOLE, "Answers accepted"),
        ("rejected", WHOLE, "Answers refused, each with its reason"),
        ("duplicate", WHOLE, "Answers that repeat an accepted one to the letter"),
        ("kept", WHOLE, "Answers accepted earlier that stand, since no good one came"),
        ("latest_period", TEXT, "Latest period with an accepted answer"),
        ("sha256s", TEXT, "SHA-256 of the bytes that the answers in use were read from"),
        ("source_published", TEXT, "Latest day of publication among them"),
    ],
    published=False,
)

_PRODUCT: list[ColumnSpec] = [("product", TEXT, "Product id")]

release_candidate = define(
    "release_candidate",
    "One row per table of a candidate: what would be published, and from which frames",
    ("product", "table"),
    [
        *_PRODUCT,
        ("table", TEXT, "Table of the candidate"),
        ("n_rows", WHOLE, "Rows of the table"),
        ("fingerprint", TEXT, "SHA-256 of the rows, whatever their order"),
    ],
    published=False,
)

release = define(
    "release",
    "One row per product: what was decided this night and why",
    ("product",),
    [
        *_PRODUCT,
        ("action", TEXT, "publish, nothing, wait or blocked"),
        ("version", TEXT, "Version published, else the one that stands"),
        ("reason_en", TEXT, "Why, in English"),
        ("reason_cy", TEXT, "Why, in Welsh"),
        ("figures", WHOLE, "Figures in the candidate"),
        ("changes", WHOLE, "Figures that differ from the last release"),
        ("knock_on", WHOLE, "Ranks, bands and benchmarks that moved because of others"),
        ("path", TEXT, "Folder of the version"),
    ],
    published=False,
)

warehouse = define(
    "warehouse",
    "One row per table of the warehouse that this night loaded",
    ("table",),
    [
        ("table", TEXT, "Table in the warehouse"),
        ("n_rows", WHOLE, "Rows it holds"),
    ],
    published=False,
)

figure_vintages = define(
    "figure_vintages",
    "One row per published figure and time in which readers saw it: valid period x on record",
    ("product", *FIGURE_KEY, "recorded_from"),
    [
        *_PRODUCT,
        ("version", TEXT, "Version it came with"),
        *FIGURE,
        ("recorded_from", TEXT, "Instant its version became current"),
        ("recorded_to", TEXT, "Instant another value, or none, took its place; null while shown"),
        ("value", NUMBER, "Value, unrounded"),
        ("value_rounded", NUMBER, "Value at published decimals"),
        ("numerator", NUMBER, "Numerator"),
        ("denominator", NUMBER, "Denominator"),
        *CODES,
    ],
    published=False,
)

vintage_steps = define(
    "vintage_steps",
    "One row per product and change of what readers saw",
    ("product", "recorded_from"),
    [
        *_PRODUCT,
        ("recorded_from", TEXT, "Instant of the change"),
        ("version", TEXT, "Version that was current from then on; null where none was"),
        ("state", TEXT, "stood, removed (its files were withdrawn since), none"),
    ],
    published=False,
)
