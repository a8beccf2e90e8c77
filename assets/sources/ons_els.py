"""ONS Explore Local Statistics, API version 1: one CSV per indicator for the councils of Wales.

Here belongs the protocol and the columns of its CSV. ONS calls the service internal: one request
per indicator, both generations of its data route, columns by name, figures from CSV only (its
JSON-stat answers give other periods' figures in some versions).
"""

from hashlib import sha256

from assets.collection.reader import CsvTable, read_csv
from assets.sources.exchange import Exchange, PermanentFailure, SourceFailure, TransientFailure
from assets.sources.raw_frame import Origin, RawRows
from assets.sources.registry import OnsElsOptions
from assets.sources.selection import header_fault
from assets.sources.task import Answer, PullTask, london_day

PARSER = 1
PARAMS = {
    "geo": "ltla,W92000004,K02000001,K03000001,K04000001",
    "geoExtent": "W92000004",
    "time": "all",
    "includeStatus": "true",
}
"""Codes of the wider areas are written out: with an extent, level keys above it give nothing."""
REQUIRED = ("areacd", "areanm", "period", "value")
OPTIONAL = ("indicator", "sex", "age", "lci_95", "uci_95", "status")
WHOLES = frozenset({"", "all", "all ages", "all people", "all persons", "persons", "total"})


def pull(task: PullTask) -> Answer:
    """The indicators' rows; Answer.frame is None if the build or every body is as last time."""
    options = task.options(OnsElsOptions)
    commit = _commit(task, options.base_url)
    if commit and task.last is not None and task.last.service == commit:
        return Answer(None, service=commit, content=task.last.content)
    found = {slug: _data(task, options.base_url, slug) for slug in options.slugs}
    content = _hash(found)
    if task.last is not None and task.last.content == content:
        return Answer(None, service=commit or "-", content=content)
    rows = RawRows(task.entry.dataset)
    days: list[str] = []
    for slug, (exchange, table) in found.items():
        day = _published(task, options.base_url, slug)
        days += [day] if day else []
        parse(table, options.slugs[slug], Origin(exchange.url, exchange.sha256, day), rows)
    return Answer(rows.frame(), commit or "-", content, max(days, default=None))


def parse(table: CsvTable, measure: str, origin: Origin, rows: RawRows) -> None:
    """Add the rows of one indicator's CSV to `rows`."""
    rows.add_faults(origin, table.faults, measure=measure)
    if not table.rows:
        return
    fault = header_fault(table.header, REQUIRED, (*REQUIRED, *OPTIONAL))
    sex, age = table.column("sex"), table.column("age")
    types, categories = _breakdowns(sex, age)
    rows.add(
        origin,
        table.numbers,
        measure=measure,
        period_text=table.column("period"),
        area_text=table.column("areacd"),
        area_name=table.column("areanm"),
        breakdown_type=types,
        breakdown=categories,
        value_text=table.column("value"),
        lower_95_text=table.column("lci_95"),
        upper_95_text=table.column("uci_95"),
        note_text=table.column("status"),
        problem=fault.code if fault else None,
        problem_detail=fault.detail if fault else None,
    )


def _breakdowns(sex: list[str], age: list[str]) -> tuple[list[str], list[str]]:
    """(breakdown_type, breakdown) per row: sex, age, both as `sex_age`, or the total."""
    types, categories = [], []
    for pair in zip(sex, age, strict=True):
        parts = {
            name: cell.strip().lower()
            for name, cell in zip(("sex", "age"), pair, strict=True)
            if cell.strip().lower() not in WHOLES
        }
        types.append("_".join(parts) or "total")
        categories.append("|".join(parts.values()) or "total")
    return types, categories


def _commit(task: PullTask, base: str) -> str | None:
    """The build that is deployed, if the service says so: it only saves requests."""
    address = base.rpartition("/")[0] + "/health"
    try:
        found = task.fetcher.get(address, tries=1).json()
    except SourceFailure:
        return None
    version = found.get("version") if isinstance(found, dict) else None
    commit = version.get("git_commit") if isinstance(version, dict) else None
    return commit if isinstance(commit, str) and commit.isalnum() and commit != "unknown" else None


def _data(task: PullTask, base: str, slug: str) -> tuple[Exchange, CsvTable]:
    """The indicator's CSV by its own route or, where that is no route yet, by the older one."""
    try:
        exchange = task.fetcher.get(f"{base}/data/{slug}.csv", PARAMS)
    except PermanentFailure as failure:
        answer = failure.exchange
        if answer is None or answer.status != 404 or answer.is_json:
            raise
        exchange = task.fetcher.get(f"{base}/data.csv", {"indicator": slug, **PARAMS})
    if not exchange.body.strip():
        raise TransientFailure(
            f"{exchange.url} answered with nothing at all: run again later, and look whether"
            f' ONS still has the indicator "{slug}".'
        )
    if exchange.is_html or exchange.is_json:
        raise TransientFailure(
            f'{exchange.url} answered with "{exchange.opening}" instead of figures:'
            " run again later, and look at the address in a browser if it stays."
        )
    table = read_csv(exchange.body)
    _whole(exchange, table)
    return exchange, table


def _whole(exchange: Exchange, table: CsvTable) -> None:
    """TransientFailure if the body was cut off: there is no total to compare with."""
    is_cut = any(fault.code == "truncated_body" for fault in table.faults)
    last = max((fault.row for fault in table.faults if fault.code == "ragged_row"), default=0)
    if is_cut or last > max(table.numbers, default=0):
        raise TransientFailure(f"{exchange.url} came cut off in its last row: run again later.")


def _published(task: PullTask, base: str, slug: str) -> str | None:
    """The day of the newest release among the indicator's sources, if the service tells it."""
    try:
        found = task.fetcher.get(f"{base}/metadata/indicators/{slug}").json()
    except PermanentFailure:
        return None
    return london_day(found.get("updated")) if isinstance(found, dict) else None


def _hash(found: dict[str, tuple[Exchange, CsvTable]]) -> str:
    listed = "\n".join(f"{slug} {exchange.sha256}" for slug, (exchange, _) in found.items())
    return sha256(listed.encode()).hexdigest()
