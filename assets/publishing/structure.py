"""Differences that are not figures: columns, indicators, areas, groups, texts, methods.

Here belongs what M17 says besides the figures, each as a notice with the level it asks for.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from assets.publishing.words import Words
from sql.matching import Matched
from sql.tables import key_of

Level = Literal["major", "minor", "patch"]
About = Literal["columns", "indicators", "areas", "groups", "texts", "method", "figures"]
UNCOUNTED = {"source_published", "return_ref", "next_expected"}
"""Columns of origin: another day of publication is no difference."""
_ABSENT = object()
DEFINING = ("kind", "multiplier", "polarity", "target", "value_basis", "interval", "aggregation")
"""Columns of the catalogue whose change is a change of method."""


@dataclass(frozen=True)
class Notice:
    """One thing that changed, the version level it asks for, and the words."""

    level: Level
    about: About
    words: Words


def structure_notices(
    was: Mapping[str, pa.Table], now: Mapping[str, pa.Table], pairs: Mapping[str, Matched]
) -> list[Notice]:
    """Notices about columns, indicators, areas, groups and texts."""
    found = [notice for name in now for notice in _columns(name, was[name], now[name])]
    found += _indicators(pairs["indicator_catalogue"])
    found += _areas(pairs["areas"])
    found += _groups(pairs["comparison_groups"])
    found += _texts(pairs)
    return found


def comparison_notices(pairs: Mapping[str, Matched], explained: Collection[str]) -> list[Notice]:
    """A notice where comparisons or benchmarks changed although no figure of the indicator did.

    explained are the indicators with a changed figure.
    """
    found = []
    for name in ("comparisons", "benchmarks"):
        pair = pairs[name]
        cells = [c for c in pair.new.column_names if c not in key_of(name)]
        moved = pair.rows_new(pair.any_moved(cells), ["indicator"])
        n_rows = sum(_unexplained(part, explained) for part in (moved, pair.added, pair.removed))
        if n_rows:
            words = Words(
                f"{n_rows} rows of {name} were recalculated without a changed figure",
                f"Ailgyfrifwyd {n_rows} o resi {name} heb ffigur wedi newid",
            )
            found.append(Notice("patch", "method", words))
    return found


def _unexplained(rows: pa.Table, explained: Collection[str]) -> int:
    indicators = rows["indicator"].to_pylist()
    return sum(indicator not in explained for indicator in indicators)


def _columns(name: str, old: pa.Table, new: pa.Table) -> Iterator[Notice]:
    """Columns removed, renamed, reordered or retyped are MAJOR; added at the end is MINOR."""
    before, after = old.column_names, new.column_names
    kept = [column for column in before if column in after]
    for column in (c for c in before if c not in after):
        words = Words(f"{name}: column {column} removed", f"{name}: tynnwyd colofn {column}")
        yield Notice("major", "columns", words)
    if kept != after[: len(kept)]:
        words = Words(f"{name}: columns reordered", f"{name}: aildrefnwyd y colofnau")
        yield Notice("major", "columns", words)
    for column in (c for c in after if c not in before):
        words = Words(f"{name}: column {column} added", f"{name}: ychwanegwyd colofn {column}")
        yield Notice("minor", "columns", words)
    for column in kept:
        if old[column].type != new[column].type and old.num_rows:
            words = Words(
                f"{name}: type of column {column} changed",
                f"{name}: newidiodd math y golofn {column}",
            )
            yield Notice("major", "columns", words)


def _indicators(pair: Matched) -> Iterator[Notice]:
    for code in pair.removed["indicator"].to_pylist():
        words = Words(f"Indicator {code} removed", f"Tynnwyd dangosydd {code}")
        yield Notice("major", "indicators", words)
    for code in pair.added["indicator"].to_pylist():
        words = Words(f"Indicator {code} added", f"Ychwanegwyd dangosydd {code}")
        yield Notice("minor", "indicators", words)
    for column in DEFINING:
        touched = pair.rows_new(pair.moved(column), ["indicator"])
        for code in touched["indicator"].to_pylist():
            words = Words(
                f"Indicator {code}: {column} changed", f"Dangosydd {code}: newidiodd {column}"
            )
            yield Notice("major", "method", words)


def _areas(pair: Matched) -> Iterator[Notice]:
    for code in pair.removed["area_code"].to_pylist():
        words = Words(f"Area {code} removed", f"Tynnwyd ardal {code}")
        yield Notice("major", "areas", words)
    for code in pair.added["area_code"].to_pylist():
        words = Words(f"Area {code} added", f"Ychwanegwyd ardal {code}")
        yield Notice("minor", "areas", words)


def _groups(pair: Matched) -> Iterator[Notice]:
    """A fixed group that loses a member is another geography; own groups are recomputed."""
    for is_loss, part in ((True, pair.removed), (False, pair.added)):
        fixed = np.array([not owner for owner in part["owner_code"].to_pylist()], dtype=bool)
        if fixed.any():
            names = sorted(set(part["group_code"].filter(pa.array(fixed)).to_pylist()))
            level: Level = "major" if is_loss else "minor"
            yield Notice(level, "groups", _group_words(names))
        if (~fixed).any():
            names = sorted(set(part["group_code"].filter(pa.array(~fixed)).to_pylist()))
            yield Notice("minor", "groups", _group_words(names))


def _group_words(names: list[str]) -> Words:
    listed = ", ".join(names)
    return Words(f"Members of groups changed: {listed}", f"Newidiodd aelodau'r grwpiau: {listed}")


def _texts(pairs: Mapping[str, Matched]) -> Iterator[Notice]:
    """Other cells of dimensions, and marks on figures, whose change is a correction of text."""
    for name in ("indicator_catalogue", "areas", "periods", "comparison_groups"):
        pair = pairs[name]
        skipped = {*key_of(name), *UNCOUNTED, *(DEFINING if name == "indicator_catalogue" else ())}
        cells = [c for c in pair.new.column_names if c not in skipped]
        n_rows = int(pair.any_moved(cells).sum())
        if n_rows:
            words = Words(f"{n_rows} rows of {name} reworded", f"Newidiwyd {n_rows} o resi {name}")
            yield Notice("patch", "texts", words)
    marks = int(pairs["indicator_values"].any_moved(("is_queried", "denominator_period")).sum())
    if marks:
        words = Words(f"{marks} figures changed their marks", f"Newidiodd marciau {marks} ffigur")
        yield Notice("patch", "texts", words)


def method_notices(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Notice]:
    """A changed or dropped entry of the method manifest is MAJOR, a new one MINOR."""
    before, after = dict(_leaves("", was)), dict(_leaves("", now))
    found = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name, _ABSENT) == after.get(name, _ABSENT):
            continue
        level: Level = "major" if name in before else "minor"
        words = Words(f"Method changed: {name}", f"Newidiodd y dull: {name}")
        found.append(Notice(level, "method", words))
    return found


def _leaves(prefix: str, content: object) -> Iterator[tuple[str, object]]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _leaves(f"{prefix}.{key}" if prefix else str(key), value)
    else:
        yield prefix, list(content) if isinstance(content, tuple) else content
