"""The sheets of a workbook: which rows and columns of a product people see, in their language.

Here belongs the passage from contract tables to readable ones: names beside codes, coded words
written out, the latest period where all would be too many. How they are written is in workbook.py.
A table that is not named here is shown whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from assets.publishing.terms import Section, breakdown_code, breakdown_words, term, terms
from assets.publishing.words import Words

Language = Literal["en", "cy"]
GROUPS_SHOWN = ("all", "neighbours")
"""Groups a reader finds in the workbook; every other is in the data files."""
ALL_ROWS = Words("Every row of the table.", "Pob rhes o'r tabl.")
LATEST = Words(
    "The latest period of each indicator; every period is in {file}.",
    "Cyfnod diweddaraf pob dangosydd; mae pob cyfnod yn {file}.",
)
LATEST_OF_TWO = Words(
    "The latest period of each indicator, among all councils and each council's neighbours; every"
    " period and group is in {file}.",
    "Cyfnod diweddaraf pob dangosydd, ymhlith pob cyngor a chymdogion pob cyngor; mae pob cyfnod a"
    " grŵp yn {file}.",
)
PLACE = ("indicator_title", "area", "area_code", "period", "breakdown")
SHOWN: dict[str, tuple[str, ...]] = {
    "indicator_values": (
        *PLACE,
        *("value_rounded", "lower_95", "upper_95", "note_code", "missing_reason"),
    ),
    "comparisons": (
        *("indicator_title", "area", "period", "breakdown", "group"),
        *("value_rounded", "note_code", "rank_low", "rank_high", "band"),
        *("difference_from_median", "versus_benchmark", "change", "change_direction", "trend"),
    ),
    "benchmarks": (
        *("indicator_title", "period", "breakdown", "group", "owner", "headline", "headline_kind"),
        *("n_valid", "n_members", "mean", "median", "min", "q1", "q3", "max"),
    ),
    "indicator_catalogue": (
        *("title", "definition", "unit", "caveat", "theme", "kind", "polarity", "decimals"),
        *("publisher", "source_name", "source_url", "designation", "licence", "next_expected"),
        "indicator",
    ),
    "areas": (
        *("name_en", "name_cy", "area_code", "area_type", "parent_code"),
        *("valid_from", "valid_to", "predecessors"),
    ),
    "periods": ("label", "period_type", "period_start", "period_end", "period"),
    "comparison_groups": ("group", "owner", "member", "distance_rank", "distance", "member_code"),
    "watch_list": (
        *("area", "indicator_title", "period", "group", "value_rounded", "headline"),
        *("headline_kind", "band", "test", "p_worse", "method", "reason"),
    ),
    "practice_finder": (
        *("area", "indicator_title", "period", "neighbour", "value_rounded"),
        *("neighbour_value_rounded", "median", "neighbour_change", "distance_rank", "is_distant"),
        *("why", "practice", "practice_url", "contact_role", "practice_reviewed"),
    ),
    "narrowing": (
        *("indicator_title", "period", "breakdown", "group", "n_same", "gap", "gap_before"),
        *("is_gap_narrowed", "iqr", "iqr_before", "is_iqr_narrowed", "reason"),
    ),
    "breakdown_gaps": (
        *("indicator_title", "area", "period", "breakdown", "value", "reference"),
        "reference_value",
        *("difference", "difference_lower_95", "difference_upper_95", "reason"),
    ),
    "inequality_indices": (
        *("indicator_title", "area", "period", "breakdown_type", "first_group", "last_group"),
        *("sii", "sii_lower_95", "sii_upper_95", "rii", "rii_lower_95", "rii_upper_95", "reason"),
    ),
    "real_terms": (
        *PLACE,
        *("real_value_rounded", "real_lower_95", "real_upper_95", "reference_period"),
        *("deflator", "deflator_published", "caveat", "reason"),
    ),
    "changes": (
        *PLACE,
        *("change_type", "old_value", "new_value", "old_note_code", "new_note_code"),
        *("reason_class", "reason", "return_ref"),
    ),
    "knock_on": (
        *("table", "indicator_title", "area", "period", "breakdown", "group", "owner"),
        *("column", "old", "new", "because_of", "reason"),
    ),
    "validation_findings": (
        *("severity", "indicator_title", "area", "period", "message", "code", "dataset"),
    ),
}
WORDED = (
    *("kind", "polarity", "designation", "versus_benchmark", "versus_target", "change_direction"),
    *("trend", "missing_reason", "headline_kind", "area_type", "period_type", "severity"),
    *("change_type", "reason_class", "reason", "test", "transform", "summary_by"),
    *("deflator",),
)
"""Columns whose cells are words of a closed list."""
CODED: dict[str, Section] = {
    "table": "tables",
    "column": "columns",
    "breakdown_type": "breakdowns",
}
"""Columns of codes with the section of words they are called by."""
OF_BREAKDOWNS = ("breakdown", "reference", "first_group", "last_group")
"""Columns of categories, beside the breakdown type they belong to."""
OF_AREAS = ("because_of", "left_out")
"""Columns of area codes, joined by ;"""
COUNTED = "not_comparable"
"""The column of reasons, each with a number, joined by ;"""
ALL_PERIODS = ("indicator_values", "changes", "knock_on", "validation_findings")
"""Tables of figures whose every row is shown."""


NAMES = {
    "indicator_title": ("indicator", "indicator_catalogue", "title"),
    "area": ("area_code", "areas", "name"),
    "owner": ("owner_code", "areas", "name"),
    "member": ("member_code", "areas", "name"),
    "neighbour": ("neighbour_code", "areas", "name"),
    "group": ("group_code", "comparison_groups", "title"),
}
"""Columns that are added: name -> the column of its code, the table that names it, and by which."""
LANGUAGES = ("_en", "_cy")


@dataclass(frozen=True)
class Chosen:
    """The rows of one table that are shown: cells by column, and what rows they are."""

    table: str
    columns: Mapping[str, Sequence[Any]]
    about: Words

    def __len__(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values())))


@dataclass(frozen=True)
class Sheet:
    """One table for a reader: its name, what rows it has, headings and cells column by column."""

    table: str
    title: str
    about: str
    headings: tuple[str, ...]
    columns: tuple[Sequence[Any], ...]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.columns[0])


def chosen_rows(tables: Mapping[str, pa.Table]) -> list[Chosen]:
    """The rows of every table that are shown, tables without rows left out."""
    columns = {
        name: {column: made[column].to_pylist() for column in made.column_names}
        for name, made in tables.items()
        if made.num_rows
    }
    return [_chosen(name, cells, columns["periods"]) for name, cells in columns.items()]


def sheets_of(
    chosen: Sequence[Chosen], themes: Mapping[str, Words], language: Language
) -> Iterator[Sheet]:
    """The sheets in one language, in the order of the tables."""
    columns = {item.table: item.columns for item in chosen}
    names = {
        name: _names(columns.get(table, {}), code, f"{by}_{language}")
        for name, (code, table, by) in _naming().items()
    }
    names["period"] = names["reference_period"] = _names(columns["periods"], "period", "label")
    names["theme"] = {theme: words[language] for theme, words in themes.items()}
    plain = {code: words[language] for code, words in terms("words").items()}
    names["summary_code"] = plain | names["theme"]
    for item in chosen:
        shown = _readable(item, names, language)
        yield Sheet(
            item.table,
            term("tables", item.table)[language],
            item.about.fill(file=f"data/excel/{item.table}.csv")[language],
            tuple(term("columns", column)[language] for column in shown),
            tuple(shown.values()),
        )


def _naming() -> dict[str, tuple[str, str, str]]:
    """NAMES, with the column of the naming table that holds the code."""
    own = {"areas": "area_code"}
    return {name: (own.get(table, code), table, by) for name, (code, table, by) in NAMES.items()}


def _chosen(
    name: str, columns: Mapping[str, Sequence[Any]], periods: Mapping[str, Sequence[Any]]
) -> Chosen:
    if not {"indicator", "period"} <= columns.keys() or name in ALL_PERIODS:
        return Chosen(name, columns, ALL_ROWS)
    kept = _latest(columns, periods)
    about = LATEST
    if name == "comparisons":
        groups, about = columns["group_code"], LATEST_OF_TWO
        kept = [row for row in kept if groups[row] in GROUPS_SHOWN]
    return Chosen(name, {c: [cells[row] for row in kept] for c, cells in columns.items()}, about)


def _latest(
    columns: Mapping[str, Sequence[Any]], periods: Mapping[str, Sequence[Any]]
) -> list[int]:
    """Rows of the period of each indicator that ends last."""
    ends = dict(zip(periods["period"], periods["period_end"], strict=True))
    pairs = list(zip(columns["indicator"], columns["period"], strict=True))
    last: dict[Any, tuple[Any, Any]] = {}
    for indicator, period in set(pairs):
        last[indicator] = max(last.get(indicator, ("", "")), (ends.get(period) or "", period))
    return [row for row, (indicator, period) in enumerate(pairs) if last[indicator][1] == period]


def _names(columns: Mapping[str, Sequence[Any]], code: str, name: str) -> dict[Any, Any]:
    if not columns:
        return {}
    return {c: n for c, n in zip(columns[code], columns[name], strict=True) if n is not None}


def _readable(
    item: Chosen, names: Mapping[str, Mapping[Any, Any]], language: Language
) -> dict[str, Sequence[Any]]:
    """Columns as shown: names beside codes, texts of one language, words written out."""
    cells = item.columns
    words = {code: word[language] for code, word in terms("words").items()}
    shown: dict[str, Sequence[Any]] = {}
    for column in SHOWN.get(item.table) or _whole(item):
        text = f"{column}_{language}"
        if column in NAMES and NAMES[column][0] in cells:
            shown[column] = _said(cells[NAMES[column][0]], names[column])
        elif column in OF_BREAKDOWNS and "breakdown_type" in cells:
            shown[column] = _breakdowns(cells["breakdown_type"], cells[column], language)
        elif text in cells:
            shown[column] = cells[text]
        elif column in OF_AREAS:
            shown[column] = _each(cells[column], names["area"])
        elif column in names and not (column == "period" and item.table == "periods"):
            shown[column] = _said(cells[column], names[column])
        elif column in CODED:
            coded = {code: word[language] for code, word in terms(CODED[column]).items()}
            shown[column] = _said(cells[column], coded)
        elif column in cells:
            shown[column] = _worded(column, cells[column], words)
    return shown


def _worded(column: str, cells: Sequence[Any], words: Mapping[str, str]) -> Sequence[Any]:
    if column in WORDED:
        return _said(cells, words)
    if column == COUNTED:
        return [_counted(cell, words) for cell in cells]
    if column.startswith(("is_", "has_")) or column.endswith("_significant"):
        return [None if cell is None else words[str(cell).lower()] for cell in cells]
    return cells


def _said(codes: Sequence[Any], names: Mapping[Any, Any]) -> list[Any]:
    """The name of each code; the code itself where it has none."""
    return [names.get(code, code) for code in codes]


def _each(cells: Sequence[Any], names: Mapping[Any, Any]) -> list[Any]:
    """The name of each code of a cell that holds several."""
    return [cell and ", ".join(_said(cell.split(";"), names)) for cell in cells]


def _counted(cell: str | None, words: Mapping[str, str]) -> str | None:
    parts = (part.rpartition(":") for part in (cell or "").split("; "))
    return cell and "; ".join(f"{words.get(why, why)}:{number}" for why, _, number in parts)


def _whole(item: Chosen) -> list[str]:
    """Names first, then every column that is no code of a name and of no one language."""
    added = [name for name, (code, _, _) in NAMES.items() if code in item.columns]
    texts = [c.removesuffix("_en") for c in item.columns if c.endswith("_en")]
    rest = [c for c in item.columns if not c.endswith(LANGUAGES) and c != "breakdown_type"]
    return [*added, *texts, *rest]


def _breakdowns(types: Sequence[Any], categories: Sequence[Any], language: Language) -> list[str]:
    pairs = [(kind or "", category or "") for kind, category in zip(types, categories, strict=True)]
    names = {pair: breakdown_words(breakdown_code(*pair))[language] for pair in set(pairs)}
    return [names[pair] for pair in pairs]
