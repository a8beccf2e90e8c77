"""CHANGES.md: what changed in a version, for people, in English and Welsh.

Here belongs the readable form of changes.csv and knock_on.csv; the logs themselves are tables.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd

from assets.publishing.candidates import ProductFacts
from assets.publishing.diff import Difference
from assets.publishing.version import VersionStep
from assets.publishing.words import Words

MAX_ROWS = 100
HEADINGS = {
    "reason": Words("Why", "Pam"),
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
RULE = "|---|---|---|---|---|---|---|"


def changes_markdown(product: ProductFacts, step: VersionStep, found: Difference) -> str:
    """The whole text, English first; the same bytes for the same difference."""
    english = _part(product.title.en, step.version, step.reason_en, found, lambda w: w.en)
    welsh = _part(product.title.cy, step.version, step.reason_cy, found, lambda w: w.cy)
    return f'<div lang="en">\n\n{english}\n</div>\n<div lang="cy">\n\n{welsh}\n</div>\n'


def _part(
    title: str, version: str, reason: str, found: Difference, say: Callable[[Words], str]
) -> str:
    changes, moved = found.changes, found.knock_on
    lines = [f"# {title} {version}", "", f"**{say(HEADINGS['reason'])}**: {reason}", ""]
    lines += [f"## {say(HEADINGS['figures'].fill(n=len(changes)))}", ""]
    if len(changes):
        lines += [say(HEADINGS["columns"]), RULE, *_change_rows(changes, say)]
        lines += _more(len(changes), "changes.csv", say)
    lines += [f"## {say(HEADINGS['moved'].fill(n=len(moved)))}", ""]
    if len(moved):
        lines += [*_moved_rows(moved), "", *_more(len(moved), "knock_on.csv", say)]
    lines += [f"## {say(HEADINGS['other'].fill(n=len(found.notices)))}", ""]
    lines += [f"- {_cell(say(item.words))}" for item in found.notices]
    return "\n".join([*lines, ""])


def _change_rows(changes: pd.DataFrame, say: Callable[[Words], str]) -> list[str]:
    return [
        "| "
        + " | ".join(
            _cell(text)
            for text in (
                row.indicator,
                row.period,
                row.area_code,
                f"{row.breakdown_type}: {row.breakdown}",
                _figure(row.old_value, row.old_note_code),
                _figure(row.new_value, row.new_note_code),
                say(Words(str(row.reason_en), str(row.reason_cy))),
            )
        )
        + " |"
        for row in changes.head(MAX_ROWS).itertuples()
    ] + [""]


def _moved_rows(moved: pd.DataFrame) -> list[str]:
    return [
        f"- {_cell(row.indicator)}, {row.period}, {_cell(row.area_code or row.group_code)}"
        f" ({_cell(row.group_code)}): {row.column} {_seen(row.old)} → {_seen(row.new)}"
        f" ({_cell(row.because_of) or '-'})"
        for row in moved.head(MAX_ROWS).itertuples()
    ]


def _more(n_rows: int, file: str, say: Callable[[Words], str]) -> list[str]:
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
