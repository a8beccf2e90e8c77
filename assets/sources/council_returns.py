"""Returns that councils sent: the form as a workbook or CSV, one folder per council in the inbox.

Here belongs the reading of a return into raw rows. A file says who it is on every row; its name
says nothing, and its folder must agree. Repeated keys are left to the validation rules, which are
told when each file was first received: a later return may replace an earlier one.
"""

from dataclasses import replace

from assets.collection.decimal_comma import with_points
from assets.collection.forms import (
    FORM_COLUMNS,
    SHOWN_COLUMNS,
    ReturnRef,
    explanation_of,
    note_of,
    row_check,
)
from assets.collection.inbox import InboxFile, find_tables
from assets.collection.reader import CsvTable
from assets.collection.tables import Wanted
from assets.sources.inbox_csv import on_sheet, pull_files, tables_of
from assets.sources.raw_frame import Origin, RawRows
from assets.sources.registry import CouncilReturnsOptions
from assets.sources.selection import UNKNOWN, header_fault
from assets.sources.task import Answer, PullTask

PARSER = 3
WANTED = Wanted(FORM_COLUMNS, FORM_COLUMNS[1:4])
"""A row without any of the three keys is no answer, if it stands below them: a total, a remark."""


def pull(task: PullTask) -> Answer:
    """The returns' rows; Answer.frame is None if every file is as last time.

    source_published is the instant (ISO, UTC) at which the raw store first kept the file's bytes.
    """
    options = task.options(CouncilReturnsOptions)

    def parse_file(file: InboxFile, origin: Origin, rows: RawRows) -> int:
        received = str(task.raw_store.meta(origin.sha256)["time"])
        dated = replace(origin, published=received)
        for table in tables_of(file, WANTED):
            parse(table, options, file.folder, on_sheet(dated, table), rows)
        return 0

    files = find_tables(task.inbox, options.pattern)
    answer = pull_files(task, files, options.pattern, parse_file)
    # A return is received, not published: the dataset as a whole has no day of publication.
    return replace(answer, published=None)


def parse(
    table: CsvTable, options: CouncilReturnsOptions, folder: str, origin: Origin, rows: RawRows
) -> None:
    """Add the rows of one return to `rows`; `folder` is the council whose folder it lay in."""
    rows.add_faults(origin, table.faults)
    table = with_points(table, {"value"})
    rows.add_notices(origin, table.notices)
    if not table.rows:
        return
    fault = header_fault(table.header, FORM_COLUMNS, (*FORM_COLUMNS, *SHOWN_COLUMNS))
    cells = {name: table.column(name) for name in FORM_COLUMNS}
    refs = [ReturnRef.parse(text) for text in cells["return_ref"]]
    keys = zip(cells["indicator_key"], cells["field"], strict=True)
    measures = [options.fields.get(f"{key}.{field}") for key, field in keys]
    faults = _faults(options, folder, refs, measures, table)
    if fault:
        faults = [(fault.code, fault.detail)] * len(refs)
    rows.add(
        origin,
        table.numbers,
        measure=measures,
        period_text=[ref.period if ref else None for ref in refs],
        area_text=[ref.area_code if ref else None for ref in refs],
        breakdown_type="total",
        breakdown="total",
        value_text=cells["value"],
        note_text=[note_of(status) for status in cells["status"]],
        explanation_text=[
            explanation_of(status, text)
            for status, text in zip(cells["status"], cells["explanation"], strict=True)
        ],
        return_ref=cells["return_ref"],
        problem=[code for code, _ in faults],
        problem_detail=[detail for _, detail in faults],
    )


def _faults(
    options: CouncilReturnsOptions,
    folder: str,
    refs: list[ReturnRef | None],
    measures: list[str | None],
    table: CsvTable,
) -> list[tuple[str | None, str | None]]:
    """(problem, particulars) of every row: a cell that cannot be used, else its keys."""
    keys = zip(*(table.column(name) for name in FORM_COLUMNS[:4]), strict=True)
    faults: list[tuple[str | None, str | None]] = []
    for place, (ref, measure, texts) in enumerate(zip(refs, measures, keys, strict=True)):
        of_cell = table.cell_fault(place, FORM_COLUMNS)
        of_copy = _copy_fault(table, ref)
        if of_cell:
            faults.append((of_cell.code, of_cell.detail))
        else:
            faults.append(of_copy or _row_fault(options, folder, ref, measure, *texts))
    return faults


def _copy_fault(table: CsvTable, ref: ReturnRef | None) -> tuple[str, str] | None:
    """The fault of a row whose reference is not the one that stands elsewhere in its workbook."""
    for where, text in table.copies.items():
        if ref and ReturnRef.parse(text) not in (None, ref):
            return "copies_disagree", f"{ref} [{where}: {text[:60]}]"
    return None


def _row_fault(
    options: CouncilReturnsOptions,
    folder: str,
    ref: ReturnRef | None,
    measure: str | None,
    text: str,
    key: str,
    field: str,
    check: str,
) -> tuple[str | None, str | None]:
    """(problem, particulars) of one row's keys."""
    if ref is None or ref.return_key != options.return_key:
        return "unknown_return", text[:40]
    if ref.area_code.lower() != folder.lower():
        return "wrong_folder", f"{ref.area_code} in the folder {folder[:40]}"
    if check.strip().lower() != row_check(text, key, field):
        return "wrong_row_check", f"{key}.{field}"[:40]
    if measure is None:
        return UNKNOWN, f"{key}.{field}"[:40]
    return None, None
