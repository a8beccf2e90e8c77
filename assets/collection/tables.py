"""Tables in a file: which sheet and row hold the header looked for, which rows are below it.

Here belongs the passage from sheets to tables. A table is found by the names in its header, never
by its position; what stands beside or below it is announced and not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assets.collection.limits import Refused
from assets.collection.reader import CsvTable, Notice, RowFault, refused_lines, table_of
from assets.collection.sheets import Refusal, Sheet, Sheets, address, read_sheets

HEADER_WITHIN = 60
"""Rows in which a header is looked for: real workbooks have titles and notes above it."""
IDENTITY = "_id"
"""The hidden sheet of a form that repeats what the form is."""
IDENTITY_PROPERTY = "cb_return_ref"
TEXT_FAULTS = ("empty_file", "not_utf8", "unreadable_body", "truncated_body")
LISTED = 3
"""Names or addresses that a notice lists; it says how many more there are."""
FAULT_OF_MARK = {"error": "error_cell", "no_result": "formula_no_result"}


@dataclass(frozen=True)
class Wanted:
    """What a table must have: its columns, and those that tell an answer from a total or a remark.

    A row in which all of `marks` are blank is no answer if it stands below the last answer.
    """

    columns: Sequence[str]
    marks: Sequence[str]


def read_tables(body: bytes, name: str, wanted: Wanted) -> list[CsvTable]:
    """The tables of a file that have the columns wanted; at least one, be it only of faults.

    Where no sheet has all the columns, the sheet with most of them is taken, so that what it lacks
    can be named.
    """
    return tables_in(read_sheets(body, name, wanted.columns), body, wanted)


def tables_in(found: Sheets | Refusal, body: bytes, wanted: Wanted) -> list[CsvTable]:
    """The tables in what was read from the bytes of a file."""
    if isinstance(found, Refusal):
        if found.code in TEXT_FAULTS:
            return [refused_lines(body, found.reason)]
        return [_fault(found.reason)]
    return [_text_table(found)] if found.kind == "csv" else _of_workbook(found, wanted)


def _of_workbook(found: Sheets, wanted: Wanted) -> list[CsvTable]:
    places = [(sheet, *_header(sheet, wanted.columns)) for sheet in found.sheets]
    most = max((n_found for _, _, n_found in places), default=0)
    if most * 2 < len(wanted.columns):
        names = _listed([sheet.name for sheet in found.sheets])
        return [_fault(Refused("table_missing", names, ", ".join(wanted.columns)))]
    chosen = [(sheet, row) for sheet, row, n_found in places if n_found == most]
    if most < len(set(wanted.columns)):
        chosen = chosen[:1]
    tables = [_table(sheet, row, wanted) for sheet, row in chosen]
    others = _others(found, [sheet for sheet, _ in chosen])
    first = replace(tables[0], notices=[*tables[0].notices, *others])
    return [replace(table, copies=_copies(found)) for table in (first, *tables[1:])]


def _fault(refused: Refused) -> CsvTable:
    return CsvTable(faults=(RowFault(0, refused.code, refused.detail),))


def _text_table(found: Sheets) -> CsvTable:
    table = table_of(found.sheets[0].rows)
    notices = []
    if found.encoding != "UTF-8":
        notices.append(Notice("read_encoding", found.encoding))
    return replace(table, divider=found.divider, notices=notices)


def _header(sheet: Sheet, columns: Sequence[str]) -> tuple[int, int]:
    """(row of the header, number of wanted names in it); the first of the rows with most."""
    wanted = set(columns)
    counts = [len({text.strip() for text in row} & wanted) for row in sheet.rows[:HEADER_WITHIN]]
    most = max(counts, default=0)
    return (counts.index(most) + 1 if counts else 0), most


def _table(sheet: Sheet, header_row: int, wanted: Wanted) -> CsvTable:
    names = [text.strip() for text in sheet.rows[header_row - 1]]
    columns = [place for place, text in enumerate(names) if text]
    header = [names[place] for place in columns]
    marks = [names.index(name) for name in wanted.marks if name in names]
    last = _last_answer(sheet, header_row, marks)
    rows, numbers, outside = [], [], _above(sheet, header_row, marks)
    for number, texts in enumerate(sheet.rows[header_row:], start=header_row + 1):
        cells = [texts[place] if place < len(texts) else "" for place in columns]
        has_mark = any((number, place + 1) in sheet.marks for place in columns)
        if number <= last and (has_mark or any(cells)):
            rows.append(cells)
            numbers.append(number)
        if any(text for place, text in enumerate(texts) if number > last or place not in columns):
            outside.append(str(number))
    faults = [] if rows else [RowFault(0, "header_only", ",".join(header)[:40])]
    table = CsvTable(header, rows, numbers, faults, sheet.name)
    return _with_marks(table, sheet, columns, outside)


def _above(sheet: Sheet, header_row: int, marks: Sequence[int]) -> list[str]:
    """Rows above the header that are as filled as answers: whoever sorted took the header along."""
    rows = enumerate(sheet.rows[: header_row - 1], start=1)
    return [
        str(number)
        for number, row in rows
        if marks and all(place < len(row) and row[place].strip() for place in marks)
    ]


def _last_answer(sheet: Sheet, header_row: int, marks: Sequence[int]) -> int:
    """The last row with anything in the columns that tell an answer; else the last at all."""
    if not marks:
        return len(sheet.rows)
    for number in range(len(sheet.rows), header_row, -1):
        row = sheet.rows[number - 1]
        is_filled = any(place < len(row) and row[place].strip() for place in marks)
        if is_filled or any((number, place + 1) in sheet.marks for place in marks):
            return number
    return header_row


def _with_marks(
    table: CsvTable, sheet: Sheet, columns: Sequence[int], outside: Sequence[str]
) -> CsvTable:
    """The table with what is odd about its cells, and the notices about it."""
    place_of = {number: place for place, number in enumerate(table.numbers)}
    name_of = {column + 1: name for column, name in zip(columns, table.header, strict=True)}
    faults, formulas = {}, []
    for (row, column), mark in sheet.marks.items():
        if row not in place_of or column not in name_of:
            continue
        where = address(row, column)
        if mark == "formula":
            formulas.append(where)
        else:
            seen = sheet.rows[row - 1][column - 1] if mark == "error" else "="
            fault = RowFault(row, FAULT_OF_MARK[mark], f"{seen} [{where}]")
            faults[place_of[row], name_of[column]] = fault
    said = {"read_formula": formulas, "read_outside": outside}
    notices = [
        Notice(code, f"{sheet.name[:20]} {_listed(items)}") for code, items in said.items() if items
    ]
    return replace(table, cell_faults=faults, notices=notices)


def _others(found: Sheets, chosen: Sequence[Sheet]) -> list[Notice]:
    names = [
        sheet.name
        for sheet in found.sheets
        if sheet not in chosen and any(map(any, sheet.rows)) and not sheet.is_hidden
    ]
    return [Notice("read_other_sheet", _listed(names))] if names else []


def _copies(found: Sheets) -> dict[str, str]:
    """Place -> text of what may repeat the reference of the return elsewhere in the workbook."""
    copies = {
        f"{IDENTITY} {cell.address}": cell.text
        for sheet in found.sheets
        if sheet.name == IDENTITY
        for cell in sheet.cells()
    }
    if IDENTITY_PROPERTY in found.properties:
        copies[IDENTITY_PROPERTY] = found.properties[IDENTITY_PROPERTY]
    return copies


def _listed(names: Sequence[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" (+ {more})" if more > 0 else "")
