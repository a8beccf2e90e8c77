"""Tables of what follows from comparisons, and from when to when a council is in a group.

A column is `name`, then * for the key or ! for not null, then :n number, :i whole, :b flag; the
rest is text.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TYPES = {"n": sa.Float, "i": sa.Integer, "b": sa.Boolean, "": sa.Text}
TABLES = {
    "watch_list": """
        product* product_version! indicator_set* indicator* period* area_code* group_code* value:n
        value_rounded:n headline:n headline_kind median:n band:i test p_worse:n method n_tested:i
        expected_by_chance:n reason_en reason_cy
    """,
    "practice_finder": """
        product* product_version! indicator_set* indicator* period* area_code* group_code*
        neighbour_code* value_rounded:n neighbour_value_rounded:n median:n neighbour_change:n
        distance:n distance_rank:i is_distant:b test p_better:n method n_tested:i
        expected_by_chance:n why_en why_cy practice_en practice_cy practice_url contact_role
        practice_reviewed
    """,
    "sector_summaries": """
        product* product_version! indicator_set* summary_by* summary_code* area_code* group_code*
        n_indicators:i n_comparable:i n_improved:i n_unchanged:i n_worsened:i improved_pct:n
        n_banded:i n_top:i top_pct:n expected_top_pct:n n_bottom:i bottom_pct:n
        expected_bottom_pct:n not_comparable
    """,
    "narrowing": """
        product* product_version! indicator* period* breakdown_type* breakdown* group_code*
        period_before n_same:i left_out gap:n gap_before:n is_gap_narrowed:b iqr:n iqr_before:n
        is_iqr_narrowed:b cv:n cv_before:n is_cv_narrowed:b reason
    """,
    "breakdown_gaps": """
        product* product_version! indicator* period* area_code* breakdown_type* breakdown* reference
        value:n reference_value:n difference:n difference_lower_95:n difference_upper_95:n ratio:n
        ratio_lower_95:n ratio_upper_95:n reason
    """,
    "real_terms": """
        product* product_version! indicator* period* area_code* breakdown_type* breakdown* value:n
        real_value:n real_value_rounded:n real_lower_95:n real_upper_95:n deflator
        deflator_published reference_period deflator_base caveat_en caveat_cy reason
    """,
    "neighbour_features": """
        product* product_version! group_code* set_version area_code* indicator* period weight:n
        transform value:n scaled_value:n n_neighbours:i distance_cutoff:n
    """,
}
ADDED = ("valid_from", "valid_to")


def upgrade() -> None:
    """Create the tables, and add the two columns of comparison_groups."""
    for name, columns in TABLES.items():
        op.create_table(name, *map(_column, columns.split()))
    for name in ADDED:
        op.add_column("comparison_groups", sa.Column(name, sa.Text()))


def downgrade() -> None:
    """Drop them."""
    for name in reversed(ADDED):
        op.drop_column("comparison_groups", name)
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
