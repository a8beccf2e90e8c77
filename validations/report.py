"""Findings as rows for the person who has to act on them, and as JSON for a program.

Here belongs what a row says; pages and workbooks of rows are made in validations.reports.
"""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from validations.findings import split_message
from validations.messages import LANGS, Lang, word

_ORDER = {"error": 0, "query": 1, "note": 2}
_COLUMNS = ("severity", "place", "what", "remedy")
_MADE_OF = ("code", "severity", "seen", "expected", "n_rows", "source_row")
_AS_FOUND = ("source_file", "source_column", "period", "dataset", "area_code")


def table_rows(findings: pd.DataFrame, lang: Lang = "en") -> list[dict[str, Any]]:
    """One row per finding, worst first: severity in words, place, what, remedy, and the code.

    findings: validation_findings. file, row, column, period and dataset are the finding's own,
    None where it is about none.
    """
    wanted = [name for names in (_MADE_OF, _AS_FOUND) for name in names]
    ordered = sorted(
        findings[[*wanted, f"message_{lang}"]].itertuples(index=False, name=None),
        key=lambda item: _ORDER.get(item[1], 3),
    )
    return [_row(item, lang) for item in ordered]


def counts(findings: pd.DataFrame) -> dict[str, int]:
    """How many errors, queries and notes there are."""
    return {
        plural: int((findings["severity"] == severity).sum())
        for severity, plural in (("error", "errors"), ("query", "queries"), ("note", "notes"))
    }


def as_json(findings: pd.DataFrame, file: str) -> str:
    """The findings for a program: file, counts, and every finding with both languages' words."""
    rows = [table_rows(findings, lang) for lang in LANGS]
    found = [
        {
            **{name: english[name] for name in ("code", "level", "n_rows", "source_row")},
            "en": {name: english[name] for name in _COLUMNS},
            "cy": {name: welsh[name] for name in _COLUMNS},
        }
        for english, welsh in zip(*rows, strict=True)
    ]
    return json.dumps(
        {"file": file, **counts(findings), "findings": found}, ensure_ascii=False, indent=2
    )


def _row(item: Sequence[Any], lang: Lang) -> dict[str, Any]:
    code, severity, seen, expected, n_rows, source_row, *found, message = item
    parts = split_message(message, code, _text(seen), _text(expected), lang)
    return {
        "code": code,
        "level": severity,
        "severity": word(severity, lang),
        **parts,
        "n_rows": None if pd.isna(n_rows) else int(n_rows),
        "source_row": None if pd.isna(source_row) else int(source_row),
        **{name: _text(value) or None for name, value in zip(_AS_FOUND, found, strict=True)},
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
