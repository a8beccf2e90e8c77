"""Groups that are for some themes only."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column to comparison_groups."""
    op.add_column("comparison_groups", sa.Column("themes", sa.Text()))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("comparison_groups", "themes")
