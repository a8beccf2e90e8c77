"""StatsWales (the service of 2025 on), API version 2: one cube, whole, of one revision.

Here belongs the protocol and the columns of a cube. The steps are those the service needs: ask for
the revision, store a query, read what it will hold, download it, and see that the revision has not
moved meanwhile. An old query goes on answering with an old revision, so none is kept.
"""

from dataclasses import dataclass

from assets.collection.reader import CsvTable, RowFault, read_csv
from assets.sources.exchange import Exchange, TransientFailure
from assets.sources.raw_frame import Origin, RawRows, keyed, missing_columns, unseen
from assets.sources.registry import StatsWalesOptions
from assets.sources.task import Answer, PullTask, london_day, member

PARSER = 1
ROUNDS = 3
"""How often the whole exchange is begun again because the cube moved or came incomplete."""
QUERY = {
    "filters": [],
    "options": {
        "data_value_type": "raw_extended",
        "use_raw_column_names": True,
        "use_reference_values": True,
    },
}
VALUE, DESCRIPTION, NOTES = "Data values", "Data description", "Notes"
SUFFIXES = ("_reference", "_sort", "_hierarchy")
GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class _Cube:
    revision: str
    published: str | None
    data: Exchange
    table: CsvTable


def pull(task: PullTask) -> Answer:
    """The cube's rows of the measures asked for; Answer.frame is None if the revision is known.

    TransientFailure if the cube keeps moving or keeps coming incomplete.
    """
    options = task.options(StatsWalesOptions)
    base = f"{options.base_url}/{options.dataset_id}"
    reason = ""
    for attempt in range(1, ROUNDS + 1):
        revision, published = _revision(task, base)
        if task.last is not None and task.last.service == revision:
            return Answer(None, service=revision, published=published)
        found = _download(task, base, revision, published)
        if isinstance(found, _Cube):
            return _parsed(task, options, found)
        reason = found
        if attempt < ROUNDS:
            task.fetcher.pause(attempt, reason)
    raise TransientFailure(f"{reason} ({ROUNDS} times): run again later.")


def _revision(task: PullTask, base: str) -> tuple[str, str | None]:
    exchange = task.fetcher.get(base)
    about = exchange.json()
    revision = member(exchange, about, "published_revision", dict)
    return (
        member(exchange, about, "published_revision.id", str),
        london_day(revision.get("publish_at")),
    )


def _download(task: PullTask, base: str, revision: str, published: str | None) -> _Cube | str:
    """The cube, or why it must be asked for again."""
    stored = task.fetcher.post_json(f"{base}/data", QUERY)
    query_id = member(stored, stored.json(), "filterId", str)
    asked = task.fetcher.get(f"{base}/query/{query_id}")
    query = asked.json()
    expected = member(asked, query, "totalLines", int)
    if member(asked, query, "revisionId", str) != revision:
        return f"{base} published a new revision while it was read"
    data = task.fetcher.get(f"{base}/data/{query_id}", {"format": "csv"})
    table = read_csv(data.body)
    if fault := _incomplete(data, table, expected):
        return fault
    if _revision(task, base)[0] != revision:
        return f"{base} published a new revision while it was read"
    return _Cube(revision, published, data, table)


def _incomplete(data: Exchange, table: CsvTable, expected: int) -> str | None:
    """Why a body is not the whole cube; an empty result is a single newline without a header."""
    if data.is_html:
        return f'{data.url} answered with a web page ("{data.opening}") instead of figures'
    if any(fault.code == "truncated_body" for fault in table.faults):
        return f"{data.url} came cut off in the middle of a row"
    came = len(table.rows) + sum(fault.row > 0 for fault in table.faults)
    if came != expected:
        return f"{data.url} sent {came} rows of the {expected} it announced"
    last = max((fault.row for fault in table.faults if fault.code == "ragged_row"), default=0)
    if last and last > max(table.numbers, default=0):
        return f"{data.url} came cut off in its last row"
    return None


def _parsed(task: PullTask, options: StatsWalesOptions, cube: _Cube) -> Answer:
    rows = RawRows(task.entry.dataset)
    origin = Origin(cube.data.url, cube.data.sha256, cube.published)
    n_unselected = parse_cube(_plain(cube.table), options, origin, rows)
    return Answer(
        rows.frame(),
        service=cube.revision,
        published=cube.published,
        n_unselected=n_unselected,
    )


def _plain(table: CsvTable) -> CsvTable:
    """The table without the apostrophes that guard spreadsheets against formulas."""
    return CsvTable(
        [_unguarded(cell) for cell in table.header],
        [[_unguarded(cell) for cell in row] for row in table.rows],
        table.numbers,
        table.faults,
    )


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in GUARDED else cell


def parse_cube(table: CsvTable, options: StatsWalesOptions, origin: Origin, rows: RawRows) -> int:
    """Add the table's rows to `rows`; the number of rows nobody asked for."""
    rows.add_faults(origin, table.faults)
    if not table.rows:
        return 0
    columns = options.columns
    dimensions = _dimensions(options)
    required = [VALUE, NOTES, *dimensions, *(f"{name}_reference" for name in dimensions)]
    refusal = _refusal(table, dimensions, required)
    labels = {name: table.column(name) for name in (*required, DESCRIPTION)}
    codes = {name: labels[f"{name}_reference"] for name in dimensions}
    measure, problem = _measures(options, labels, codes, refusal is None)
    kept = _selected(options, labels, codes, measure, problem) if refusal is None else None
    places = range(len(table.rows)) if kept is None else kept
    breakdown_type, breakdown = _breakdowns(options, labels, codes, len(table.rows))
    period = [a or b for a, b in zip(labels[columns.period], codes[columns.period], strict=True)]
    if refusal is None:
        refusal = _ambiguous(options, [labels[DESCRIPTION][place] for place in places])

    def of(cells: list[str] | list[str | None]) -> list[str | None]:
        return [cells[place] for place in places]

    rows.add(
        origin,
        [table.numbers[place] for place in places],
        measure=of(measure),
        period_text=of(period),
        area_text=of(codes[columns.area]),
        area_name=of(labels[columns.area]),
        breakdown_type=of(breakdown_type),
        breakdown=of(breakdown),
        value_text=of(labels[VALUE]),
        note_text=of(labels[NOTES]),
        problem=refusal.code if refusal else of(problem),
        problem_detail=refusal.detail if refusal else None,
    )
    if refusal is None:
        _add_unseen(options, labels, codes, origin, rows)
    return len(table.rows) - len(places)
