"""Plain tables of publishers without a connector, laid into the inbox: CSV, XLSX, ODS or XLS.

Here belongs the reading of such a file by the columns its entry names. Other columns are not read:
a publisher's table has its own, and rows that then look alike are found as duplicates.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from assets.collection.decimal_comma import with_points
from assets.collection.inbox import InboxFile, find_tables
from assets.collection.reader import CsvTable, RowFault
from assets.collection.tables import Wanted, read_tables
from assets.sources.exchange import PermanentFailure
from assets.sources.raw_frame import Origin, RawRows
from assets.sources.registry import InboxColumns, InboxCsvOptions
from assets.sources.selection import Dimension, Selection, header_fault, select, unseen_faults
from assets.sources.task import Answer, PullTask

PARSER = 2
Lacking = list[tuple[str | None, RowFault]]
"""(measure, fault) of each listed label that does not occur."""


def pull(task: PullTask) -> Answer:
    """The files' rows; Answer.frame is None if every file is as last time."""
    options = task.options(InboxCsvOptions)
    files = find_tables(task.inbox, options.pattern)
    lacking: list[Lacking] = []

    def parse_file(file: InboxFile, origin: Origin, rows: RawRows) -> int:
        n_all = 0
        for table in tables_of(file, wanted_of(options)):
            n_unselected, unseen = parse(table, options, on_sheet(origin, table), rows)
            n_all += n_unselected
            lacking.append(unseen)
        return n_all

    def finish(rows: RawRows) -> None:
        """A label that stands in one of several files is not lacking."""
        if not lacking:
            return
        for measure, fault in (row for row in lacking[0] if all(row in one for one in lacking)):
            rows.add_faults(Origin(files[0].name, files[0].sha256), [fault], measure=measure)

    return pull_files(task, files, options.pattern, parse_file, finish)


def pull_files(
    task: PullTask,
    files: list[InboxFile],
    pattern: str,
    parse_file: Callable[[InboxFile, Origin, RawRows], int],
    finish: Callable[[RawRows], None] = lambda _: None,
) -> Answer:
    """Keep the files' bytes and parse them unless all are as last time.

    `parse_file` adds a file's rows and gives the number nobody asked for; `finish` adds what only
    the files together show. PermanentFailure if there is no file: what was read before stands.
    """
    if not files:
        raise PermanentFailure(
            f'There is no file "{pattern}" in the inbox:'
            f" get it from {task.entry.publisher} and put it there."
        )
    hashes = tuple(file.sha256 for file in files)
    kept = tuple(file.sha256 for file in files if not file.fault)
    content = _content(files, hashes)
    if task.last is not None and task.last.content == content:
        return Answer(None, content=content, sha256s=kept)
    rows = RawRows(task.entry.dataset)
    n_unselected = 0
    for file, digest in zip(files, hashes, strict=True):
        origin = Origin(file.name, digest)
        if file.fault:
            rows.add_faults(origin, [RowFault(0, file.fault.code, file.fault.detail)])
            continue
        task.raw_store.put_file(file.name, file.body, task.now)
        n_unselected += parse_file(file, origin, rows)
    finish(rows)
    days = [day for day in rows.columns["source_published"] if day]
    return Answer(
        rows.frame(),
        content=content,
        published=max(days, default=None),
        sha256s=kept,
        n_unselected=n_unselected,
    )


def tables_of(file: InboxFile, wanted: Wanted) -> list[CsvTable]:
    """The tables of a file of the inbox that have the columns wanted; one of faults if none has."""
    return read_tables(file.body, file.name, wanted)


def on_sheet(origin: Origin, table: CsvTable) -> Origin:
    """The origin with the sheet behind the file's name, as spreadsheets write it: a.xlsx!Return."""
    return origin if table.sheet is None else replace(origin, file=f"{origin.file}!{table.sheet}")


def wanted_of(options: InboxCsvOptions) -> Wanted:
    """The columns a publisher's table must have; a row has a period or a value, or is a remark."""
    columns = options.columns
    named = tuple(name for name in columns.model_dump().values() if name)
    return Wanted(named, (columns.period, columns.value))


def _content(files: list[InboxFile], hashes: tuple[str, ...]) -> str:
    listed = zip(files, hashes, strict=True)
    said = "\n".join(
        f"{file.name} {digest} {file.fault.code if file.fault else ''}" for file, digest in listed
    )
    return sha256(said.encode()).hexdigest()


def parse(
    table: CsvTable, options: InboxCsvOptions, origin: Origin, rows: RawRows
) -> tuple[int, Lacking]:
    """Add the rows of one file to `rows`.

    Gives the number of rows that nobody asked for, and the listed labels that the file lacks.
    """
    rows.add_faults(origin, table.faults)
    figures = (options.columns.value, options.columns.lower_95, options.columns.upper_95)
    table = with_points(table, {name for name in figures if name})
    rows.add_notices(origin, table.notices)
    if not table.rows:
        return 0, []
    named = [name for name in options.columns.model_dump().values() if name]
    fault = header_fault(table.header, named)
    dimensions = _dimensions(table, options)
    chosen = select([] if fault else dimensions, len(table.rows))
    _add(table, options, chosen, fault, origin, rows)
    lacking: Lacking = [
        (key if dimension.name == options.columns.measure else None, unseen)
        for dimension in ([] if fault else dimensions)
        for key, unseen in unseen_faults(dimension)
    ]
    return len(table.rows) - len(chosen.places), lacking


def _dimensions(table: CsvTable, options: InboxCsvOptions) -> list[Dimension]:
    columns = options.columns
    wanted = {columns.measure: options.measures, columns.breakdown: options.categories}
    return [
        Dimension(name, ([cell.strip() for cell in table.column(name)],), mapping)
        for name, mapping in wanted.items()
        if name and (mapping or name == columns.breakdown)
    ]


def _add(
    table: CsvTable,
    options: InboxCsvOptions,
    chosen: Selection,
    fault: RowFault | None,
    origin: Origin,
    rows: RawRows,
) -> None:
    columns = options.columns
    nothing: list[str | None] = [None] * len(chosen.places)
    measures = chosen.keys.get(columns.measure or "", nothing)
    broken_down = chosen.keys.get(columns.breakdown or "", nothing)
    type_ = options.breakdown_type or "total"

    def cells(name: str | None) -> list[str | None]:
        return chosen.of(table.column(name)) if name else nothing

    rows.add(
        origin,
        [table.numbers[place] for place in chosen.places],
        measure=options.measure or measures,
        period_text=cells(columns.period),
        area_text=cells(columns.area),
        area_name=cells(columns.area_name),
        breakdown_type=["total" if key in (None, "total") else type_ for key in broken_down],
        breakdown=[key or "total" for key in broken_down],
        value_text=cells(columns.value),
        lower_95_text=cells(columns.lower_95),
        upper_95_text=cells(columns.upper_95),
        note_text=cells(columns.note),
        source_published=cells(columns.published),
        **_problems(table, columns, chosen, fault),
    )


def _problems(
    table: CsvTable, columns: InboxColumns, chosen: Selection, fault: RowFault | None
) -> dict[str, list[str | None]]:
    """Problem and particulars of each row: of the header, else of a cell, else of a blank label."""
    named = [name for name in columns.model_dump().values() if name]
    found = [fault or table.cell_fault(place, named) for place in chosen.places]
    pairs = zip(found, chosen.problems, strict=True)
    return {
        "problem": [of_cell.code if of_cell else blank for of_cell, blank in pairs],
        "problem_detail": [of_cell.detail if of_cell else None for of_cell in found],
    }
