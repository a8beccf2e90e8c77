"""From the release store to the warehouse: the current versions, read back from their files.

Here belongs which releases the warehouse shows; how they are loaded is in sql.warehouse.
"""

import pandas as pd
import sqlalchemy as sa

from assets.publishing.released import rows_to_load
from assets.publishing.store import ReleaseStore
from sql.warehouse import load_releases


def load_warehouse(
    bind: sa.Engine | sa.Connection, releases: ReleaseStore, sources: pd.DataFrame | None = None
) -> dict[str, int]:
    """Make the warehouse show the current release of every product; rows per table."""
    current = [rows_to_load(releases.path(product)) for product in releases.products()]
    return load_releases(bind, current, history=releases.history(), sources=sources)
