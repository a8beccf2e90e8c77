"""The officer's page about one check: findings as a table, as JSON and as a page in two languages.

Here belongs how findings are shown to the person who has to act on them. The page is one file
without scripts or outside parts; everything that came from a file is escaped.
"""

import json
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from validations.findings import split_message
from validations.messages import LANGS, Lang, word

_ORDER = {"error": 0, "query": 1, "note": 2}
_COLUMNS = ("severity", "place", "what", "remedy")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th, td { border: 1px solid; padding: .4rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
.error { font-weight: bold; }
section { margin-bottom: 3rem; }
""".strip()


def table_rows(findings: pd.DataFrame, lang: Lang = "en") -> list[dict[str, Any]]:
    """One row per finding, worst first: severity in words, place, what, remedy, and the code.

    findings: validation_findings.
    """
    wanted = ("code", "severity", "seen", "expected", "n_rows", "source_row", f"message_{lang}")
    ordered = sorted(
        findings[list(wanted)].itertuples(index=False, name=None),
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


def as_html(findings: pd.DataFrame, file: str) -> str:
    """One page in English and Welsh that stands alone: open it anywhere, send it to anyone."""
    title = " / ".join(word("title", lang) for lang in LANGS)
    links = " · ".join(
        f'<a href="#{lang}" lang="{lang}">{word("language", lang)}</a>' for lang in LANGS
    )
    body = "\n".join(_section(findings, file, lang) for lang in LANGS)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        f"<nav>{links}</nav>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _row(item: Sequence[Any], lang: Lang) -> dict[str, Any]:
    code, severity, seen, expected, n_rows, source_row, message = item
    parts = split_message(message, code, _text(seen), _text(expected), lang)
    return {
        "code": code,
        "level": severity,
        "severity": word(severity, lang),
        **parts,
        "n_rows": None if pd.isna(n_rows) else int(n_rows),
        "source_row": None if pd.isna(source_row) else int(source_row),
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _section(findings: pd.DataFrame, file: str, lang: Lang) -> str:
    held = counts(findings)
    summary = word("summary", lang).format(**held)
    advice = word("clean" if not held["errors"] + held["queries"] else "not_clean", lang)
    parts = [
        f'<section id="{lang}" lang="{lang}">',
        f"<h1>{escape(word('title', lang))}</h1>",
        f"<p>{escape(word('file_checked', lang))}: <strong>{escape(file)}</strong></p>",
        f"<p>{escape(summary)}</p>",
        f"<p>{escape(advice)}</p>",
    ]
    if len(findings):
        parts.append(_table(table_rows(findings, lang), summary, lang))
    return "\n".join([*parts, "</section>"])


def _table(rows: Sequence[dict[str, Any]], caption: str, lang: Lang) -> str:
    head = "".join(f'<th scope="col">{escape(word(name, lang))}</th>' for name in _COLUMNS)
    lines = [
        f'<tr class="{escape(row["level"])}">'
        + "".join(f"<td>{escape(str(row[name]))}</td>" for name in _COLUMNS)
        + "</tr>"
        for row in rows
    ]
    return (
        f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        "<tbody>\n" + "\n".join(lines) + "\n</tbody>\n</table>"
    )
