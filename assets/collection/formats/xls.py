"""XLS by xlrd, in the child only: values with their errors, dates and per cent formats.

Here belongs what xlrd calls things. It does not tell a formula from its saved result, so that a
formula in this format is read without a remark.
"""

import io

import xlrd
from xlrd.book import Book
from xlrd.sheet import Sheet

from assets.collection.formats.grid import Grid, Mark, SheetAnswer
from assets.collection.formats.values import (
    is_percent_format,
    moment_text,
    number_text,
    percent_text,
    truth_text,
)
from assets.collection.limits import Refused


def read(body: bytes) -> tuple[list[SheetAnswer], dict[str, str]]:
    """(sheets, no properties) of a workbook."""
    remarks = io.StringIO()
    try:
        book = xlrd.open_workbook(
            file_contents=body, formatting_info=True, ragged_rows=True, logfile=remarks
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise Refused("file_has_password") from error
        raise
    return [_sheet(sheet, book) for sheet in book.sheets()], {}


def _sheet(sheet: Sheet, book: Book) -> SheetAnswer:
    grid = Grid(sheet.name, is_hidden=sheet.visibility != 0)
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            text, mark = _cell(sheet, row, column, book)
            grid.put(row + 1, column + 1, text, mark)
    return grid.answer()


def _cell(sheet: Sheet, row: int, column: int, book: Book) -> tuple[str, Mark | None]:
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(value, "#ERROR!"), "error"
    if kind == xlrd.XL_CELL_BOOLEAN:
        return truth_text(value), None
    if kind == xlrd.XL_CELL_DATE:
        return _date_text(float(value), book.datemode), None
    if kind == xlrd.XL_CELL_NUMBER:
        is_percent = _is_percent(sheet.cell_xf_index(row, column), book)
        return percent_text(value) if is_percent else number_text(value), None
    return str(value), None


def _date_text(serial: float, datemode: int) -> str:
    try:
        return moment_text(xlrd.xldate_as_datetime(serial, datemode))
    except (ValueError, OverflowError):
        return number_text(serial)


def _is_percent(xf_index: int, book: Book) -> bool:
    key = book.xf_list[xf_index].format_key
    found = book.format_map.get(key)
    return is_percent_format(found.format_str if found else None)
