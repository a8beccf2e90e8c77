"""CHANGES.md: what changed in a version, for people, in English and Welsh.

Here belongs the readable form of changes.csv and knock_on.csv; the logs themselves are tables.
Corrections of errors stand apart from planned revisions and from figures that are new or late.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd

from assets.publishing.candidates import ProductFacts
from assets.publishing.diff import Difference
from assets.publishing.tables import ProductTables
from assets.publishing.terms import breakdown_code, breakdown_words, term
from assets.publishing.version import VersionStep
from assets.publishing.words import Words

MAX_ROWS = 100
"""Rows of a list in the text; the log has all."""
HEADINGS = {
    "reason": Words("Why there is this version", "Pam y mae'r fersiwn hon"),
    "figures": Words("Changed figures: {n}", "Ffigurau a newidiodd: {n}"),
    "moved": Words(
        "Ranks, bands and benchmarks that moved although the figure did not: {n}",
        "Safleoedd, bandiau a meincnodau a symudodd er na newidiodd y ffigur: {n}",
    ),
    "other": Words("Other differences: {n}", "Gwahaniaethau eraill: {n}"),
    "more": Words("The first {n}; all are in {file}.", "Y {n} cyntaf; maent i gyd yn {file}."),
    "columns": Words(
        "| Indicator | Period | Area | Breakdown | Before | Now | Reason |",
        "| Dangosydd | Cyfnod | Ardal | Dadansoddiad | Cynt | Nawr | Rheswm |",
    ),
}
CLASSES = {
    "correction": Words("Corrections of errors: {n}", "Cywiriadau i wallau: {n}"),
    "planned revision": Words("Planned revisions: {n}", "Diwygiadau wedi'u cynllunio: {n}"),
    "late data": Words("Figures that came late: {n}", "Ffigurau a ddaeth yn hwyr: {n}"),
    "new": Words("New figures: {n}", "Ffigurau newydd: {n}"),
    "removed": Words("Figures no longer published: {n}", "Ffigurau na chyhoeddir mwyach: {n}"),
    "disclosure": Words("Changes of confidentiality: {n}", "Newidiadau cyfrinachedd: {n}"),
}
"""Headings by class of reason, in the order in which readers should see them."""
OTHER_CLASS = Words("Other reasons ({name}): {n}", "Rhesymau eraill ({name}): {n}")
RULE = "|---|---|---|---|---|---|---|"
PLACE = [
    *("table", "indicator", "period", "area_code", "breakdown_type", "breakdown"),
    *("group_code", "owner_code", "because_of"),
]
"""What one line about moved cells has in common."""
OF_AREAS = ("missing_members", "best_areas")
Say = Callable[[Words], str]


def class_counts(found: Difference) -> dict[str, int]:
    """Changed figures by class of reason, in the order of CLASSES."""
    counts = found.changes["reason_class"].value_counts()
    known = [name for name in CLASSES if name in counts]
    return {name: int(counts[name]) for name in [*known, *sorted(set(counts.index) - set(known))]}


def class_words(counts: dict[str, int]) -> list[Words]:
    """One phrase for each class, such as "Corrections of errors: 2"."""
    return [CLASSES.get(c, OTHER_CLASS).fill(n=n, name=c) for c, n in counts.items()]


def changes_markdown(
    product: ProductFacts, step: VersionStep, found: Difference, tables: ProductTables
) -> str:
    """The whole text, English first; the same bytes for the same difference."""
    why = Words(step.reason_en, step.reason_cy)
    parts = []
    for language in ("en", "cy"):
        title = f"{product.title[language]} {step.version}"
        text = _part(title, why, found, _Names(tables, language), language)
        parts.append(f'<div lang="{language}">\n\n{text}\n</div>\n')
    return "".join(parts)


class _Names:
    """Names of codes in one language; a code without a name is its own."""

    def __init__(self, tables: ProductTables, language: str) -> None:
        self._named = {
            "indicator": _pairs(tables.indicator_catalogue, "indicator", f"title_{language}"),
            "period": _pairs(tables.periods, "period", "label"),
            "area_code": _pairs(tables.areas, "area_code", f"name_{language}"),
            "group_code": _pairs(tables.comparison_groups, "group_code", f"title_{language}"),
        }

    def __call__(self, column: str, code: Any) -> str:
        return str(self._named[column].get(code, code))


def _pairs(frame: pd.DataFrame, code: str, name: str) -> dict[Any, Any]:
    known = frame.dropna(subset=[name])
    return dict(zip(known[code], known[name], strict=True))


def _part(title: str, why: Words, found: Difference, names: _Names, language: str) -> str:
    def say(words: Words) -> str:
        return words[language]

    moved = found.knock_on
    lines = [f"# {title}", "", f"**{say(HEADINGS['reason'])}**: {why[language]}", ""]
    lines += [f"## {say(HEADINGS['figures'].fill(n=len(found.changes)))}", ""]
    for name, n_rows in class_counts(found).items():
        rows = found.changes[found.changes["reason_class"].eq(name)]
        heading = CLASSES.get(name, OTHER_CLASS).fill(n=n_rows, name=name)
        lines += [f"### {say(heading)}", "", say(HEADINGS["columns"]), RULE]
        lines += [*_change_rows(rows, names, language), "", *_more(n_rows, "changes.csv", say)]
    lines += [f"## {say(HEADINGS['moved'].fill(n=len(moved)))}", ""]
    if len(moved):
        lines += [*_moved_rows(moved, names, language), "", *_more(len(moved), "knock_on.csv", say)]
    lines += [f"## {say(HEADINGS['other'].fill(n=len(found.notices)))}", ""]
    lines += [f"- {_cell(say(item.words))}" for item in found.notices]
    return "\n".join([*lines, ""])


def _change_rows(changes: pd.DataFrame, names: _Names, language: str) -> list[str]:
    return [
        "| "
        + " | ".join(
            _cell(text)
            for text in (
                names("indicator", row.indicator),
                names("period", row.period),
                names("area_code", row.area_code),
                breakdown_words(breakdown_code(str(row.breakdown_type), str(row.breakdown)))[
                    language
                ],
                _figure(row.old_value, row.old_note_code),
                _figure(row.new_value, row.new_note_code),
                Words(str(row.reason_en), str(row.reason_cy))[language],
            )
        )
        + " |"
        for row in changes.head(MAX_ROWS).itertuples()
    ]


def _moved_rows(moved: pd.DataFrame, names: _Names, language: str) -> list[str]:
    """One line for each place in a group: every cell of it that moved, and whose figures moved it.

    Councils stand before benchmarks: their ranks are what readers look for first.
    """
    ranks_first = moved["table"].ne("comparisons").sort_values(kind="stable").index
    shown = moved.loc[ranks_first].head(MAX_ROWS).fillna("")
    lines = []
    for key, cells in shown.groupby(PLACE, sort=False):
        place = dict(zip(PLACE, map(str, key), strict=True))
        where = [names("indicator", place["indicator"]), names("period", place["period"])]
        if place["breakdown"] != "total":
            code = breakdown_code(place["breakdown_type"], place["breakdown"])
            where.append(breakdown_words(code)[language])
        group = names("group_code", place["group_code"])
        if area := place["area_code"] or place["owner_code"]:
            group = f"{names('area_code', area)} ({group})"
        told = "; ".join(_moved_cell(row, names, language) for row in cells.itertuples())
        because = _because(place["because_of"], names)
        lines.append(f"- {_cell(', '.join([*where, group]))}: {told} ({because})")
    return lines


def _moved_cell(row: Any, names: _Names, language: str) -> str:
    """What moved, from what to what: names for codes, six digits unless more tell them apart."""
    if row.column in OF_AREAS:
        old, new = (_because(codes, names) for codes in (row.old, row.new))
    elif row.column == "headline_kind":
        old, new = (term("words", str(code))[language] for code in (row.old, row.new))
    else:
        old, new = _short(row.old), _short(row.new)
        if old == new:
            old, new = row.old, row.new
    what = term("columns", row.column)[language]
    return f"{what} {_cell(old or '–')} → {_cell(new or '–')}"


def _short(number: str) -> str:
    return f"{float(number):.6g}" if number and "e" not in f"{float(number):.6g}" else number


def _because(codes: Any, names: _Names) -> str:
    if pd.isna(codes) or not codes:
        return "–"
    return _cell(", ".join(names("area_code", code) for code in str(codes).split(";")))


def _more(n_rows: int, file: str, say: Say) -> list[str]:
    return [say(HEADINGS["more"].fill(n=MAX_ROWS, file=file)), ""] if n_rows > MAX_ROWS else []


def _figure(value: Any, code: Any) -> str:
    marks = "" if pd.isna(code) else f" [{code}]"
    return f"{_seen(value)}{marks}".strip()


def _seen(value: Any) -> str:
    if pd.isna(value):
        return "–"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _cell(text: object) -> str:
    """Text that cannot end a table cell or begin markup."""
    return str(text).replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
