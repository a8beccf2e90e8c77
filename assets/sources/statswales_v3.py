"""StatsWales (the service of 2025 on), API version 2: one cube, whole, of one revision.

Here belongs the protocol; the columns of a cube are in statswales_cube.py. The steps are those the
service needs: ask for the revision, store a query, read what it will hold, download it, and see
that the revision has not moved. An old query goes on answering with its old revision: none is kept.
"""

from dataclasses import dataclass

from assets.collection.reader import CsvTable, read_csv
from assets.sources.exchange import Exchange, TransientFailure
from assets.sources.raw_frame import Origin, RawRows
from assets.sources.registry import StatsWalesOptions
from assets.sources.statswales_cube import parse_cube
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
    n_unselected = parse_cube(cube.table, options, origin, rows)
    return Answer(
        rows.frame(),
        service=cube.revision,
        published=cube.published,
        n_unselected=n_unselected,
    )
