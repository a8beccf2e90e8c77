"""How unequal the ordered groups of a breakdown are."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KEY = ("indicator", "period", "area_code", "breakdown_type")
NUMBERS = (
    "sii", "sii_lower_95", "sii_upper_95", "rii", "rii_lower_95", "rii_upper_95", "rii_of_mean",
)  # fmt: skip


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "inequality_indices",
        _key("product"),
        sa.Column("product_version", sa.Text(), nullable=False),
        *map(_key, KEY),
        sa.Column("first_group", sa.Text()),
        sa.Column("last_group", sa.Text()),
        sa.Column("n_groups", sa.Integer()),
        *(sa.Column(name, sa.Float()) for name in NUMBERS),
        sa.Column("reason", sa.Text()),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("inequality_indices")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=True, nullable=False)
