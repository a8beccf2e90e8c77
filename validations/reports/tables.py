"""The findings of a page as a table to work with: CSV and an Excel workbook.

Here belongs how rows are written: the same findings, the same bytes. Text is always text: what a
spreadsheet would run as a formula has an apostrophe before it in the CSV and is a plain string in
the workbook.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import xlsxwriter

from validations.messages import Lang, word
from validations.report import table_rows
from validations.reports.night import TALLIED

FINDINGS = {
    "severity": "severity",
    "source_file": "file",
    "source_row": "row_heading",
    "source_column": "column_heading",
    "dataset": "dataset_heading",
    "area_code": "area_heading",
    "period": "period_heading",
    "place": "place",
    "what": "what",
    "remedy": "remedy",
    "n_rows": "rows_heading",
    "code": "code_heading",
}
"""Field of a row -> the word its column is headed by."""
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook knows no zones; fixed, for the same bytes
WIDTHS = {"place": 40, "what": 60, "remedy": 60, "file": 35}
_RUNS = re.compile(r"^['=+\-@\t\r\n\x00＝＋－＠]")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def findings_csv(findings: pd.DataFrame, lang: Lang) -> bytes:
    """UTF-8 with a mark that Excel needs, one header row, one row per finding, worst first."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(_heads(FINDINGS.values(), lang))
    for row in table_rows(findings, lang):
        writer.writerow(_guarded(row[name]) for name in FINDINGS)
    return sink.getvalue().encode("utf-8-sig", "replace")


def findings_xlsx(
    findings: pd.DataFrame, lines: Sequence[Mapping[str, Any]], first: str, lang: Lang
) -> bytes:
    """A workbook of one table a sheet: the findings, and the rows that came in (lines of a tally).

    first: the word that heads the names of the lines.
    """
    sink = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(sink, options) as book:
        book.set_properties({"created": CREATED, "title": word("title", lang)})
        rows = [[row[name] for name in FINDINGS] for row in table_rows(findings, lang)]
        _sheet(book, word("findings_sheet", lang), list(FINDINGS.values()), rows, lang)
        counted = [[line["name"], *(line[name] for name in TALLIED)] for line in lines]
        if counted:
            _sheet(book, word("counts_sheet", lang), [first, *TALLIED], counted, lang)
    return sink.getvalue()


def _sheet(
    book: xlsxwriter.Workbook,
    name: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    lang: Lang,
) -> None:
    sheet = book.add_worksheet(name)
    bold, wrapped = (
        book.add_format({"bold": True}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    sheet.freeze_panes(1, 0)
    for column, head in enumerate(heads):
        sheet.set_column(column, column, WIDTHS.get(head, 14))
        sheet.write_string(0, column, word(head, lang), bold)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(number, column, value, wrapped)
            elif value:
                sheet.write_string(number, column, _NOT_XML.sub("\ufffd", str(value)), wrapped)
    sheet.autofilter(0, 0, len(rows), len(heads) - 1)


def _heads(keys: Any, lang: Lang) -> list[str]:
    return [word(key, lang) for key in keys]


def _guarded(value: object) -> object:
    if isinstance(value, str) and _RUNS.match(value):
        return f"'{value}"
    return "" if value is None else value
