"""Returns that councils sent: the form as CSV, one folder per council in the inbox.

Here belongs the reading of a return into raw rows. A file says who it is on every row; its name
says nothing, and its folder must agree. Repeated keys are left to the validation rules, which are
told when each file was first received: a later return may replace an earlier one.
"""

import re
from dataclasses import replace

from assets.collection.forms import FORM_COLUMNS, ReturnRef, explanation_of, note_of, row_check
from assets.collection.inbox import InboxFile, find_files
from assets.collection.reader import CsvTable, RowFault, read_csv
from assets.sources.inbox_csv import pull_files
from assets.sources.raw_frame import Origin, RawRows
from assets.sources.registry import CouncilReturnsOptions
from assets.sources.selection import UNKNOWN, header_fault
from assets.sources.task import Answer, PullTask

PARSER = 2


def pull(task: PullTask) -> Answer:
    """The returns' rows; Answer.frame is None if every file is as last time.

    source_published is the instant (ISO, UTC) at which the raw store first kept the file's bytes.
    """
    options = task.options(CouncilReturnsOptions)
    any_kind = re.sub(r"\.csv$", "", options.pattern, flags=re.IGNORECASE) + "*"

    def parse_file(file: InboxFile, origin: Origin, rows: RawRows) -> int:
        if not file.name.lower().endswith(".csv"):
            fault = RowFault(0, "unreadable_body", "it is not a CSV file: save it as CSV")
            rows.add_faults(origin, [fault])
            return 0
        received = str(task.raw_store.meta(origin.sha256)["time"])
        dated = replace(origin, published=received)
        parse(read_csv(file.body), options, file.folder, dated, rows)
        return 0

    answer = pull_files(task, find_files(task.inbox, any_kind), options.pattern, parse_file)
    # A return is received, not published: the dataset as a whole has no day of publication.
    return replace(answer, published=None)


def parse(
    table: CsvTable, options: CouncilReturnsOptions, folder: str, origin: Origin, rows: RawRows
) -> None:
    """Add the rows of one return to `rows`; `folder` is the council whose folder it lay in."""
    rows.add_faults(origin, table.faults)
    if not table.rows:
        return
    fault = header_fault(table.header, FORM_COLUMNS, FORM_COLUMNS)
    cells = {name: table.column(name) for name in FORM_COLUMNS}
    refs = [ReturnRef.parse(text) for text in cells["return_ref"]]
    keys = zip(cells["indicator_key"], cells["field"], strict=True)
    measures = [options.fields.get(f"{key}.{field}") for key, field in keys]
    faults = _faults(options, folder, refs, measures, cells)
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
    cells: dict[str, list[str]],
) -> list[tuple[str | None, str | None]]:
    """(problem, particulars) of every row's keys."""
    keys = zip(*(cells[name] for name in FORM_COLUMNS[:4]), strict=True)
    return [
        _row_fault(options, folder, ref, measure, *keys_of_row)
        for ref, measure, keys_of_row in zip(refs, measures, keys, strict=True)
    ]


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
