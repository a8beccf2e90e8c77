"""One transaction, begun here or handed in: what several steps write appears together.

Here belongs nothing but that choice.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def transaction(bind: sa.Engine | sa.Connection) -> Iterator[sa.Connection]:
    """The connection as it is, in its caller's transaction; of an engine, one of its own."""
    if isinstance(bind, sa.Connection):
        yield bind
    else:
        with bind.begin() as connection:
            yield connection
