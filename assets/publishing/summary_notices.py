"""What changed in the tables that follow from the comparisons, as notices (M17).

Here belongs what a version says of lists, summaries, gaps and real terms. Their rows have no
changelog: they move with the figures, which have one; a new base of prices is one reason.
"""

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from assets.publishing.structure import Notice
from assets.publishing.words import Words
from sql.matching import Matched
from sql.summary_tables import SUMMARY_TABLES
from sql.tables import key_of

REBASING = ("deflator", "reference_period", "deflator_base")
"""Columns of real_terms whose change is another base of prices."""
VINTAGE = "deflator_published"
REBASED = Words(
    "Real terms rebased: {n} figures are shown in the prices of another period or index",
    "Ailseiliwyd y termau real: dangosir {n} ffigur ym mhrisiau cyfnod neu fynegai arall",
)
NEW_PRICES = Words(
    "Real terms recalculated with newer prices: {n} figures",
    "Ailgyfrifwyd y termau real â phrisiau diweddarach: {n} ffigur",
)
RECALCULATED = Words(
    "{n} rows of {name} were recalculated without a changed figure",
    "Ailgyfrifwyd {n} o resi {name} heb ffigur wedi newid",
)
ADDED = Words("Tables added: {names}", "Ychwanegwyd tablau: {names}")


def summary_notices(
    pairs: Mapping[str, Matched], added: Collection[str], *, is_explained: bool
) -> Iterator[Notice]:
    """Notices about SUMMARY_TABLES; added: tables the old version did not have.

    is_explained says that figures changed, of which lists and summaries are a consequence.
    """
    if added:
        yield Notice("minor", "columns", ADDED.fill(names=", ".join(added)))
    for name in (table for table in SUMMARY_TABLES if table not in added):
        pair = pairs[name]
        prices = _prices(pair) if name == "real_terms" else None
        if prices:
            yield prices
        elif not is_explained and (n_rows := _n_moved(pair, name)):
            yield Notice("patch", "method", RECALCULATED.fill(n=n_rows, name=name))


def _prices(pair: Matched) -> Notice | None:
    """Another base of prices, or a newer vintage that moved real values: one notice for all."""
    rebased = int(pair.any_moved(REBASING).sum())
    if rebased:
        return Notice("minor", "method", REBASED.fill(n=rebased))
    newer = int(np.sum(pair.moved(VINTAGE) & pair.moved("real_value") & ~pair.moved("value")))
    return Notice("minor", "method", NEW_PRICES.fill(n=newer)) if newer else None


def _n_moved(pair: Matched, name: str) -> int:
    cells = [c for c in pair.new.column_names if c not in key_of(name) and c != VINTAGE]
    return int(pair.any_moved(cells).sum() + pair.added.num_rows + pair.removed.num_rows)
