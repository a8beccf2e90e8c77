"""XLSX by openpyxl, in the child only: its values, and beside them where formulas stand.

Here belongs what openpyxl calls things. Its full mode is used because `read_only` trusts the
dimension a sheet declares and silently drops the cells outside it. It gives either values or
formulas; a second reading would take as long again as the first (2.5 s for 180,000 cells), so that
the places of formulas are found in the sheet's XML.
"""

import io
import re
import warnings
import zipfile
from datetime import date, datetime, time, timedelta

from openpyxl.cell.cell import Cell
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from assets.collection.formats.formulas import formula_places
from assets.collection.formats.grid import Grid, Mark, SheetAnswer
from assets.collection.formats.values import (
    is_percent_format,
    moment_text,
    number_text,
    percent_text,
    truth_text,
)
from assets.collection.limits import MOST_ROWS, box_fault

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"'](?P<ref>[^\"']*)")


def read(body: bytes) -> tuple[list[SheetAnswer], dict[str, str]]:
    """(sheets, properties whose name begins with cb_) of a workbook."""
    warnings.simplefilter("ignore")  # openpyxl's remarks on parts it leaves out
    formulas = _look_ahead(body)
    reader = ExcelReader(io.BytesIO(body), data_only=True, keep_links=False)
    reader.read()
    part_of = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
    sheets = [
        _sheet(sheet, formulas.get(part_of.get(sheet.title, ""), {}))
        for sheet in reader.wb.worksheets
    ]
    return sheets, _properties(reader.wb)


def _look_ahead(body: bytes) -> dict[str, dict[tuple[int, int], bool]]:
    """Part -> its formula_places; Refused for merged cells that openpyxl would fill one by one."""
    formulas: dict[str, dict[tuple[int, int], bool]] = {}
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for name in archive.namelist():
            if not name.lower().endswith(".xml"):
                continue
            part = archive.read(name)
            for found in _MERGED.finditer(part):
                _refuse_huge(name, found["ref"].decode("ascii", "replace"))
            if _FORMULA.search(part):
                formulas[name] = formula_places(part)
    return formulas


def _refuse_huge(name: str, ref: str) -> None:
    left, top, right, bottom = range_boundaries(ref)
    fault = box_fault(name, (bottom or MOST_ROWS) - (top or 1) + 1, (right or 1) - (left or 1) + 1)
    if fault:
        raise fault


def _cells(sheet: Worksheet) -> dict[tuple[int, int], Cell]:
    # The cells that are there; iter_rows would make every other cell of the box first.
    cells: dict[tuple[int, int], Cell] = sheet._cells  # noqa: SLF001  see above
    return cells


def _sheet(sheet: Worksheet, formulas: dict[tuple[int, int], bool]) -> SheetAnswer:
    grid = Grid(sheet.title, is_hidden=sheet.sheet_state != "visible")
    for (row, column), cell in _cells(sheet).items():
        text = _text(cell)
        mark: Mark | None = "error" if cell.data_type == "e" else None
        if mark is None and (row, column) in formulas:
            is_saved = cell.value is not None or formulas[row, column]
            mark = "formula" if is_saved else "no_result"
        grid.put(row, column, text, mark)
    for row, column in formulas.keys() - _cells(sheet).keys():
        grid.put(row, column, "", "no_result")
    return grid.answer()


def _text(cell: Cell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return truth_text(value)
    if isinstance(value, int | float):
        is_percent = is_percent_format(cell.number_format)
        return percent_text(value) if is_percent else number_text(value)
    if isinstance(value, datetime | date | time | timedelta):
        return moment_text(value)
    return str(value)


def _properties(book: Workbook) -> dict[str, str]:
    found = book.custom_doc_props
    return {item.name: str(item.value) for item in found if str(item.name).startswith("cb_")}
