"""StatsWales' marks between revisions (M16): a final figure that changed is marked r.

Here belongs the mark that a release adds itself. r is relative to the release before: the next one
drops it. A mark that the source gave is left as it is.
"""

from collections.abc import Callable

import pandas as pd

from assets.publishing.tables import ProductTables
from sql.arrow import loose_to_arrow, row_codes
from sql.matching import Flags
from sql.schema import FIGURE_KEY

PROVISIONAL, REVISED = "p", "r"
MARKED_TABLES = ("indicator_values", "comparisons")


def mark_revised(tables: ProductTables, changes: pd.DataFrame) -> ProductTables:
    """The tables of a release with r on the figures that the changelog revises.

    Final and changed is r, still provisional and changed is p,r; a provisional figure that became
    final has lost its p and gets no r. Late, lost and first figures are not revisions.
    """
    return _on_marked(tables, changes, _with_mark)


def unmark(tables: ProductTables, changes: pd.DataFrame) -> ProductTables:
    """Undo mark_revised: the note codes of a release as its sources gave them."""
    return _on_marked(tables, changes, _without_mark)


def unmark_rows(frame: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Some rows of a marked table of a release, as their sources gave them."""
    marked = _revised(changes)
    return frame if marked.empty else _rewritten(frame, marked, _without_mark)


def _on_marked(
    tables: ProductTables, changes: pd.DataFrame, rewrite: Callable[[object], str | None]
) -> ProductTables:
    marked = _revised(changes)
    if marked.empty:
        return tables
    frames = dict(tables.items())
    for name in MARKED_TABLES:
        frames[name] = _rewritten(frames[name], marked, rewrite)
    return ProductTables(**frames)


def _rewritten(
    frame: pd.DataFrame, marked: pd.DataFrame, rewrite: Callable[[object], str | None]
) -> pd.DataFrame:
    hit = _has_key(frame, marked)
    codes = frame["note_code"].astype(object)
    codes[hit] = [rewrite(code) for code in codes[hit]]
    return frame.assign(note_code=codes.astype("str"))


def _revised(changes: pd.DataFrame) -> pd.DataFrame:
    """Keys of the figures that get a mark; new_note_code in the changelog is as supplied."""
    was, now = (_codes(changes[f"{side}_note_code"]) for side in ("old", "new"))
    has_both = changes["old_value"].notna() & changes["new_value"].notna()
    was_provisional = was.map(lambda codes: PROVISIONAL in codes)
    is_provisional = now.map(lambda codes: PROVISIONAL in codes)
    is_marked = now.map(lambda codes: REVISED in codes)
    became_final = was_provisional & ~is_provisional
    hit = changes["change_type"].eq("changed") & has_both & ~became_final & ~is_marked
    return changes.loc[hit.to_numpy(dtype=bool), list(FIGURE_KEY)]


def _codes(column: pd.Series) -> pd.Series:
    return column.astype(object).map(_split)


def _split(code: object) -> list[str]:
    return [part.strip() for part in code.split(",")] if isinstance(code, str) else []


def _has_key(frame: pd.DataFrame, keys: pd.DataFrame) -> Flags:
    names = list(FIGURE_KEY)
    here, wanted = row_codes([loose_to_arrow(frame[names]), loose_to_arrow(keys)], names)
    flags: Flags = pd.Index(here).isin(wanted)
    return flags


def _with_mark(code: object) -> str:
    return ",".join([*_split(code), REVISED])


def _without_mark(code: object) -> str | None:
    return ",".join(part for part in _split(code) if part != REVISED) or None
