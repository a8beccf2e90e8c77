"""What readers saw at any time: vintages of the published figures."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEY = ("indicator", "period", "area_code", "breakdown_type", "breakdown", "recorded_from")
NUMBERS = ("value", "value_rounded", "numerator", "denominator")


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "figure_vintages",
        _key("product"),
        sa.Column("version", sa.Text()),
        *map(_key, KEY),
        sa.Column("recorded_to", sa.Text()),
        *(sa.Column(name, sa.Float()) for name in NUMBERS),
        sa.Column("note_code", sa.Text()),
        sa.Column("missing_reason", sa.Text()),
    )
    op.create_table(
        "vintage_steps",
        _key("product"),
        _key("recorded_from"),
        sa.Column("version", sa.Text()),
        sa.Column("state", sa.Text()),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("vintage_steps")
    op.drop_table("figure_vintages")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=True, nullable=False)
