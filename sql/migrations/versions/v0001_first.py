"""The first shape of the warehouse: served tables, ledger, sources, releases.

A column is `name`, then * for the key or ! for not null, then :n number, :i whole, :b flag; the
rest is text.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TYPES = {"n": sa.Float, "i": sa.Integer, "b": sa.Boolean, "": sa.Text}
TABLES = {
    "validation_findings": """
        product! product_version! dataset code severity level measure indicator period area_code
        breakdown_type breakdown source_column seen expected n_rows:i message_en message_cy
        return_ref source_file source_row:i source_sha256 source_published
    """,
    "areas": """
        product* product_version! area_code* area_type name_en name_cy parent_code valid_from
        valid_to predecessors
    """,
    "periods": """
        product* product_version! period* period_type period_start period_end label
    """,
    "indicator_catalogue": """
        product* product_version! indicator* title_en title_cy definition_en definition_cy cy_status
        theme unit unit_en unit_cy kind multiplier:n polarity target:n decimals:i value_basis
        interval interval_reason aggregation accumulation disclosure_threshold:i noise lower_bound:n
        upper_bound:n numerator denominator value_measure stated_measure period_type valid_from
        valid_to framework_codes designation publisher source_name source_url licence caveat_en
        caveat_cy next_expected is_reference_series:b label act_2021 corporate_areas
        wellbeing_goals
    """,
    "comparison_groups": """
        product* product_version! group_code* owner_code* member_code* group_area_code title_en
        title_cy distance:n distance_rank:i is_distant:b set_version
    """,
    "indicator_values": """
        product* product_version! indicator* period* area_code* breakdown_type* breakdown* area_type
        numerator:n denominator:n value:n value_rounded:n stated_value:n note_code missing_reason
        lower_95:n upper_95:n lower_998:n upper_998:n sd:n se:n denominator_period is_queried:b
        return_ref source_published
    """,
    "comparisons": """
        product* product_version! indicator* period* area_code* breakdown_type* breakdown*
        group_code* value:n value_rounded:n note_code missing_reason lower_95:n upper_95:n
        lower_998:n upper_998:n rank:i n_ranked:i tied_with rank_low:n rank_high:n percentile_rank:n
        band:i difference_from_median:n gap_to_best:n z_score:n mad_score:n mad_z:n versus_benchmark
        versus_reason statutory_target:n versus_target target_reason change:n change_pct:n
        change_direction change_significant:b change_test change_reason change_since_first:n trend
        trend_reason
    """,
    "benchmarks": """
        product* product_version! indicator* period* breakdown_type* breakdown* group_code*
        owner_code* n_members:i n_valid:i missing_members mean:n ratio_of_sums:n median:n min:n q1:n
        q3:n max:n sd:n mad:n best_value:n best_areas source_value:n headline:n headline_kind
    """,
    "changes": """
        product* product_version! indicator* period* area_code* breakdown_type* breakdown*
        change_type old_value:n new_value:n old_numerator:n new_numerator:n old_denominator:n
        new_denominator:n old_note_code new_note_code reason_class reason_en reason_cy return_ref
    """,
    "knock_on": """
        product* product_version! table* indicator* period* area_code* breakdown_type* breakdown*
        group_code* owner_code* column* old new because_of reason_en reason_cy
    """,
    "returns_ledger": """
        dataset* measure* period* area_code* breakdown_type* breakdown* recorded_from* recorded_to
        value:n value_text note_code missing_reason valid_from valid_to is_withdrawn:b return_ref
        source_file source_row:i source_sha256 source_published run_id
    """,
    "sources": """
        dataset* title_en title_cy publisher connector url licence state reason last_pulled
        last_tried age_days:n latest_period period_age_days:n n_rows:i
    """,
    "releases": """
        product* version* released_at reason_en reason_cy manifest_sha256 is_current:b
    """,
    "product_inputs": """
        product* product_version! dataset* sha256s source_published
    """,
}


def upgrade() -> None:
    """Create every table."""
    for name, columns in TABLES.items():
        op.create_table(name, *map(_column, columns.split()))


def downgrade() -> None:
    """Drop every table."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _column(words: str) -> sa.Column[object]:
    name, _, kind = words.partition(":")
    is_key, is_needed = name.endswith("*"), name.endswith("!")
    return sa.Column(
        name.rstrip("*!"),
        TYPES[kind](),
        primary_key=is_key,
        nullable=not (is_key or is_needed),
    )
