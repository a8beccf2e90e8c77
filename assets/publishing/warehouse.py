"""From the release store to the warehouse: the current versions, read back from their files.

Here belongs which releases the warehouse shows, and what readers saw before; how rows are loaded is
in sql.warehouse and sql.vintages.
"""

from functools import partial

import pandas as pd
import sqlalchemy as sa

from assets.publishing.released import rows_to_load
from assets.publishing.store import ReleaseStore
from assets.publishing.vintages import figures_of, pointer_history
from sql.transaction import transaction
from sql.vintages import record_vintages
from sql.warehouse import load_releases


def load_warehouse(
    bind: sa.Engine | sa.Connection, releases: ReleaseStore, sources: pd.DataFrame | None = None
) -> dict[str, int]:
    """Make the warehouse show the current release of every product; rows per table.

    The vintages follow in the same transaction.
    """
    current = [rows_to_load(releases.path(product)) for product in releases.products()]
    history = releases.history()
    with transaction(bind) as connection:
        for product in sorted(set(history["product"])):
            steps = pointer_history(releases, product)
            record_vintages(connection, product, steps, partial(figures_of, releases, product))
        return load_releases(connection, current, history=history, sources=sources)
