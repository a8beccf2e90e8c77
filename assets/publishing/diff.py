"""The difference between two versions of a product: changed figures, what moved, what else.

Here belongs the cell changelog (M17, one row per changed figure) and its reasons. What moved
because of other areas' figures is in knock_on.py, columns and dimensions are in structure.py, and
the number that follows is in version.py.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from assets.publishing.knock_on import find_knock_on
from assets.publishing.losses import loss_notices, unit_notices
from assets.publishing.structure import Notice, comparison_notices, structure_notices
from assets.publishing.summary_notices import summary_notices
from assets.publishing.tables import ProductTables
from assets.publishing.words import CHANGE_REASONS
from sql.arrow import loose_to_arrow, to_arrow, to_pandas
from sql.frames import conform, empty, sort_by_key
from sql.matching import Flags, Matched, match
from sql.schema import FIGURE_KEY
from sql.tables import key_of

FIGURE_CELLS = (
    "value",
    "value_rounded",
    "numerator",
    "denominator",
    "stated_value",
    "note_code",
    "missing_reason",
    "lower_95",
    "upper_95",
    "lower_998",
    "upper_998",
    "sd",
    "se",
)
"""Cells whose change is a changed figure. Marks of origin (return_ref, source_published) are not:
a source that repeats its figures on another day has changed nothing."""
LOGGED = {"value": "value", "numerator": "numerator", "denominator": "denominator"}
CONFIDENTIAL, PROVISIONAL, REVISED = "c", "p", "r"


@dataclass(frozen=True)
class Difference:
    """What is different in a candidate: the two logs, and notices of everything else.

    changes and knock_on are frames of those contract tables; the first release has neither rows
    nor notices, but is_first.
    """

    changes: pd.DataFrame
    knock_on: pd.DataFrame
    notices: tuple[Notice, ...]
    is_first: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to publish."""
        return not (self.is_first or self.notices or len(self.changes) or len(self.knock_on))

    @property
    def schema_changes(self) -> tuple[str, ...]:
        """The notices about columns and types, in English."""
        return tuple(item.words.en for item in self.notices if item.about == "columns")

    def __len__(self) -> int:
        """Changed figures and notices; 0 where nothing changed."""
        return len(self.changes) + len(self.notices)


def difference(
    old: ProductTables | None, new: ProductTables, *, same_inputs: bool = False
) -> Difference:
    """Compare a candidate with the last release by key; without one it is the first release.

    With same_inputs both come from the same bytes of the sources, so a correction is ours.
    DuplicateKeyError if a table holds a key twice.
    """
    if old is None:
        return Difference(empty("changes"), empty("knock_on"), (), is_first=True)
    added = [name for name, frame in old.items() if frame.columns.empty]
    was = {
        name: loose_to_arrow(empty(name) if name in added else frame) for name, frame in old.items()
    }
    now = {name: to_arrow(frame, name) for name, frame in new.items()}
    pairs = {name: match(was[name], now[name], key_of(name)) for name in now if key_of(name)}
    changes = _changes(pairs["indicator_values"], was["indicator_values"], same_inputs)
    knock_on = find_knock_on(
        pairs["comparisons"], pairs["benchmarks"], changes, now["comparison_groups"]
    )
    notices = [
        *loss_notices(changes, new.indicator_values),
        *unit_notices(changes),
        *structure_notices(was, now, pairs),
        *comparison_notices(pairs, set(changes["indicator"])),
        *summary_notices(pairs, added, is_explained=len(changes) > 0),
    ]
    return Difference(changes, knock_on, tuple(notices))


def _changes(matched: Matched, old: pa.Table, same_inputs: bool) -> pd.DataFrame:
    touched = matched.any_moved(FIGURE_CELLS)
    before, after = matched.rows_old(touched), matched.rows_new(touched)
    parts = [
        _rows("changed", to_pandas(before), to_pandas(after)),
        _rows("added", None, to_pandas(matched.added)),
        _rows("removed", to_pandas(matched.removed), None),
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty("changes")
    rows = pd.concat(filled, ignore_index=True)
    rows = _with_reasons(rows, old, same_inputs)
    return sort_by_key(conform(rows, "changes"), "changes")


def _rows(kind: str, old: pd.DataFrame | None, new: pd.DataFrame | None) -> pd.DataFrame:
    """Rows of the changelog without reasons: key, old and new cells; an absent side is null."""
    base = new if new is not None else old
    if base is None or base.empty:
        return pd.DataFrame()
    columns: dict[str, object] = {name: base[name].to_numpy() for name in FIGURE_KEY}
    columns["change_type"] = kind
    for cell, name in LOGGED.items():
        columns[f"old_{name}"] = np.nan if old is None else old[cell].to_numpy()
        columns[f"new_{name}"] = np.nan if new is None else new[cell].to_numpy()
    columns["old_note_code"] = None if old is None else old["note_code"].to_numpy(object)
    columns["new_note_code"] = None if new is None else new["note_code"].to_numpy(object)
    columns["return_ref"] = None if new is None else new["return_ref"].to_numpy(object)
    made = pd.DataFrame(columns)
    return _withhold(made)


def _withhold(rows: pd.DataFrame) -> pd.DataFrame:
    """No numbers on either side where either side is confidential (M14)."""
    secret = _has_code(rows["old_note_code"], CONFIDENTIAL) | _has_code(
        rows["new_note_code"], CONFIDENTIAL
    )
    numbers = [f"{side}_{name}" for side in ("old", "new") for name in LOGGED.values()]
    return rows.assign(**{name: rows[name].astype("float64").mask(secret) for name in numbers})


def _has_code(codes: pd.Series, code: str) -> Flags:
    marks = codes.astype("str").fillna("")
    flags: Flags = (("," + marks.str.replace(" ", "") + ",").str.contains(f",{code},")).to_numpy(
        dtype=bool
    )
    return flags


def _with_reasons(rows: pd.DataFrame, old: pa.Table, same_inputs: bool) -> pd.DataFrame:
    kinds = _reason_classes(rows, old)
    is_correction = kinds == "correction"
    has_return = rows["return_ref"].notna().to_numpy() & is_correction
    said = np.where(has_return, "corrected return", kinds)
    said = np.where(is_correction & same_inputs, "our correction", said)
    refs = rows["return_ref"].astype("str").fillna("")
    english = [CHANGE_REASONS[k].en.format(ref=ref) for k, ref in zip(said, refs, strict=True)]
    welsh = [CHANGE_REASONS[k].cy.format(ref=ref) for k, ref in zip(said, refs, strict=True)]
    return rows.assign(reason_class=kinds, reason_en=english, reason_cy=welsh)


def _reason_classes(
    rows: pd.DataFrame, old: pa.Table
) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
    """Planned revision: the old figure was p, or the source now marks r (M16, architecture.md)."""
    kind = rows["change_type"]
    known = old.group_by(["indicator", "period"]).aggregate([]).to_pandas()
    seen = pd.MultiIndex.from_frame(rows[["indicator", "period"]]).isin(
        pd.MultiIndex.from_frame(known)
    )
    was_missing = rows["old_value"].isna() & rows["new_value"].notna()
    newly_secret = _has_code(rows["new_note_code"], CONFIDENTIAL) & ~_has_code(
        rows["old_note_code"], CONFIDENTIAL
    )
    was_secret = _has_code(rows["old_note_code"], CONFIDENTIAL)
    is_planned = _has_code(rows["old_note_code"], PROVISIONAL) | (
        _has_code(rows["new_note_code"], REVISED) & ~_has_code(rows["old_note_code"], REVISED)
    )
    return np.select(
        [
            kind.eq("removed").to_numpy(),
            kind.eq("added").to_numpy() & seen,
            kind.eq("added").to_numpy(),
            newly_secret | was_secret,
            was_missing.to_numpy(),
            is_planned,
        ],
        ["removed", "late data", "new", "disclosure", "late data", "planned revision"],
        "correction",
    )
