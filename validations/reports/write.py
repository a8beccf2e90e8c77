"""The report of a night on disk: a start page, a page per council and per dataset, twice.

Here belongs which file holds what, in English and in Welsh. The folder is private, like the returns
that its pages quote.

    index.html                       the choice of a language
    en/index.html, cy/index.html     the whole night; beside it checks.html, findings.csv and .xlsx
    en/council/W06000001.html        one council's own findings, as .csv and .xlsx too
    en/dataset/waste_returns.html    one dataset's findings
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from validations.findings import NAMES_OF_GATES
from validations.messages import LANGS, Lang, remedy, what, word
from validations.report import counts
from validations.reports.night import (
    FIGURES,
    FOUND,
    GATES,
    TALLIED,
    Line,
    NightFrames,
    columns,
    council_lines,
    dataset_lines,
    first_lines,
    product_lines,
    rows_of,
)
from validations.reports.tables import findings_csv, findings_xlsx
from validations.reports.templates import groups, render
from validations.rules import REGISTER
from validations.suite_files import SuiteError, read_suite, suites

LATEST = "latest"
KEPT = 7
"""Nights whose report is kept, besides the latest."""
_STATE = ("state", "age", "latest_figure", "figure_age")


def write_night(night: NightFrames, root: Path, run_id: str) -> Path:
    """Write <root>/<run_id>/ and <root>/latest/, whole or not at all; the latest start page."""
    files = dict(night_files(night))
    for name in (run_id, LATEST):
        _replace(root / name, files)
    old = [path for path in root.iterdir() if path.is_dir() and path.name != LATEST]
    old.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
    for path in old[:-KEPT]:
        shutil.rmtree(path)
    return root / LATEST / "index.html"


def night_files(night: NightFrames) -> Iterator[tuple[str, bytes]]:
    """Every file of the report: its path and its bytes; the same night gives the same."""
    titles = {lang: word("night_title", lang).format(day=night.day) for lang in LANGS}
    yield "index.html", render("choice", "en", titles=titles).encode()
    for lang in LANGS:
        yield from _start(night, lang, titles[lang])
        for line in council_lines(night, lang):
            if line["href"]:
                yield from _council(night, line, lang)
        for line in dataset_lines(night, lang):
            yield from _dataset(night, line, lang)


def _start(night: NightFrames, lang: Lang, title: str) -> Iterator[tuple[str, bytes]]:
    counted, of_datasets = council_lines(night, lang), dataset_lines(night, lang)
    page = render(
        "index",
        lang,
        **_frame(night, lang, "index.html"),
        title=title,
        first=first_lines(night, lang),
        summary=word("summary", lang).format(**counts(night.findings)),
        councils=counted,
        council_columns=columns(*FOUND, *TALLIED),
        datasets=of_datasets,
        dataset_columns=columns(*_STATE, *FOUND, *TALLIED, text=("state", "latest_figure")),
        products=product_lines(night, lang),
        product_columns=columns(
            "decision", "version", "reason", text=("decision", "version", "reason")
        ),
        n_rules=len(REGISTER),
        n_findings=len(night.findings),
    )
    yield f"{lang}/index.html", page.encode()
    yield f"{lang}/checks.html", _checks(night, lang).encode()
    if len(night.findings):
        lines = [line for line in of_datasets if line["n_raw"] is not None]
        yield from _tables(f"{lang}/findings", night.findings, lines, "dataset_heading", lang)


def _council(night: NightFrames, line: Line, lang: Lang) -> Iterator[tuple[str, bytes]]:
    code = line["id"]
    return _one(
        night,
        lang,
        f"council/{code}",
        title=word("council_page", lang).format(name=line["name"]),
        findings=night.findings[night.owner == code],
        lines=rows_of(night, lang, owner=code),
        heading="dataset_heading",
    )


def _dataset(night: NightFrames, line: Line, lang: Lang) -> Iterator[tuple[str, bytes]]:
    page = line["id"]
    title = line["name"]
    if page not in (FIGURES, GATES):
        title = word("dataset_page", lang).format(name=line["name"])
    return _one(
        night,
        lang,
        f"dataset/{page}",
        title=title,
        findings=night.findings[night.page == page],
        lines=rows_of(night, lang, dataset=page),
        heading="council",
        about=word("gates_about", lang) if page == GATES else None,
    )


def _one(
    night: NightFrames,
    lang: Lang,
    path: str,
    *,
    title: str,
    findings: pd.DataFrame,
    lines: list[Line],
    heading: str,
    about: str | None = None,
) -> Iterator[tuple[str, bytes]]:
    page = render(
        "one",
        lang,
        **_frame(night, lang, f"{path}.html"),
        title=title,
        about=about,
        summary=word("summary", lang).format(**counts(findings)),
        groups=groups(findings, lang),
        lines=lines,
        lines_are=word(heading, lang),
        count_columns=columns(*TALLIED),
        n_findings=len(findings),
        stem=path.rpartition("/")[2],
    )
    yield f"{lang}/{path}.html", page.encode()
    if len(findings):
        yield from _tables(f"{lang}/{path}", findings, lines, heading, lang)


def _tables(
    stem: str, findings: pd.DataFrame, lines: list[Line], heading: str, lang: Lang
) -> Iterator[tuple[str, bytes]]:
    yield f"{stem}.csv", findings_csv(findings, lang)
    yield f"{stem}.xlsx", findings_xlsx(findings, lines, heading, lang)


def _checks(night: NightFrames, lang: Lang) -> str:
    return render(
        "checks",
        lang,
        **_frame(night, lang, "checks.html"),
        title=word("checked_title", lang),
        suites=[_suite_line(night, suite, lang) for suite in suites()],
        suite_columns=columns("table", "n_checks", "outcome", text=("table", "outcome")),
        rules=[_rule_line(code, lang) for code in REGISTER],
    )


def _suite_line(night: NightFrames, suite: str, lang: Lang) -> Line:
    about: Line = {"name": suite, "href": None}
    try:
        spec = read_suite(suite)
    except SuiteError:
        return about | {"table": None, "n_checks": None, "outcome": word("failed", lang)}
    failed = night.findings["dataset"].eq(NAMES_OF_GATES + suite).any()
    outcome = None if suite == "candidate" else word("failed" if failed else "passed", lang)
    n_checks = len(spec.checks) + len(spec.floors)
    return about | {"table": spec.table, "n_checks": n_checks, "outcome": outcome}


class _Dots(dict[str, object]):
    """Stands for every value of a message."""

    def __missing__(self, key: str) -> str:
        return "…"


def _rule_line(code: str, lang: Lang) -> dict[str, str]:
    return {
        "code": code,
        "severity": word(REGISTER[code].severity, lang),
        "what": what(code, lang, _Dots()),
        "remedy": remedy(code, lang, _Dots()),
    }


def _frame(night: NightFrames, lang: Lang, path: str) -> dict[str, object]:
    """What every page has: the same page in the other language, and the way to the start."""
    other: Lang = "cy" if lang == "en" else "en"
    up = "../" * path.count("/")
    return {
        "day": night.day,
        "is_sample": night.profile == "sample",
        "up": up,
        "start": None if path == "index.html" else f"{up}index.html",
        "other": {"lang": other, "href": f"{up}../{other}/{path}", "name": word("language", other)},
    }


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """The folder with exactly these files: written beside it, then renamed."""
    new = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    shutil.rmtree(new, ignore_errors=True)
    for name, content in files.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).write_bytes(content)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
