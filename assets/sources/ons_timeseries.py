"""ONS time series: monthly and quarterly figures of the United Kingdom, from the pages' JSON.

Here belongs the protocol and its two known forms (2014; 2015 on). A series without a revision id is
compared by its figures as decimals: `5` and `5.0` are the same figure, and an unused key may be
empty or absent.
"""

from decimal import Decimal, DecimalException
from hashlib import sha256

from assets.collection.reader import RowFault
from assets.sources.exchange import Exchange
from assets.sources.raw_frame import Origin, RawRows
from assets.sources.registry import OnsTimeseriesOptions, Series
from assets.sources.selection import UNKNOWN
from assets.sources.task import Answer, PullTask, london_day

PARSER = 1
AREA = "K02000001"
AREA_NAME = "United Kingdom"


def pull(task: PullTask) -> Answer:
    """The figures of every series; Answer.frame is None if every one is as last time."""
    options = task.options(OnsTimeseriesOptions)
    found = [(series, _fetch(task, options.base_url, series)) for series in options.series]
    read = [(series, exchange, exchange.json()) for series, exchange in found]
    content = sha256(
        "\n".join(f"{series.cdid} {_canonical(page, series)}" for series, _, page in read).encode()
    ).hexdigest()
    days = [day for _, _, page in read if (day := _published(page))]
    published = max(days, default=None)
    if task.last is not None and task.last.content == content:
        return Answer(None, content=content, published=published)
    rows = RawRows(task.entry.dataset)
    for series, exchange, page in read:
        origin = Origin(exchange.url, exchange.sha256, _published(page))
        parse(page, series, origin, rows)
    return Answer(rows.frame(), content=content, published=published)


def parse(page: object, series: Series, origin: Origin, rows: RawRows) -> None:
    """Add the figures of one series to `rows`; source_row is the place in their list."""
    points = _points(page, series)
    if not isinstance(points, list) or not points:
        fault = RowFault(0, "unreadable_body", f'there is no list of "{series.every}s"')
        rows.add_faults(origin, [fault], measure=series.measure)
        return
    cells = [_cells(point, series.every) for point in points]
    wrong = _another_series(page, series)
    rows.add(
        origin,
        list(range(1, len(points) + 1)),
        measure=series.measure,
        period_text=[cell[0] for cell in cells],
        area_text=AREA,
        area_name=AREA_NAME,
        breakdown_type="total",
        breakdown="total",
        value_text=[cell[1] for cell in cells],
        problem=wrong.code if wrong else [cell[2] for cell in cells],
        problem_detail=wrong.detail if wrong else [cell[3] for cell in cells],
    )


def _points(page: object, series: Series) -> object:
    """The list of the series' months or quarters, whatever stands there."""
    return page.get(f"{series.every}s") if isinstance(page, dict) else None


def _cells(point: object, every: str) -> tuple[str | None, str | None, str | None, str | None]:
    """(period, value, problem, particulars) of one month or quarter."""
    if isinstance(point, dict):
        period, value = point.get("date"), point.get("value")
        if isinstance(period, str) and isinstance(value, str):
            return period, value, None, None
    return None, None, "unreadable_body", f"a {every} of another form: {str(point)[:40]}"


def _fetch(task: PullTask, base: str, series: Series) -> Exchange:
    path = f"{series.path}/timeseries/{series.cdid}/{series.dataset}/data"
    return task.fetcher.get(f"{base}/{path.lower()}")


def _another_series(page: object, series: Series) -> RowFault | None:
    found = _described(page).get("cdid")
    if isinstance(found, str) and found and found.lower() != series.cdid.lower():
        return RowFault(1, UNKNOWN, f"the answer is series {found[:40]}, not {series.cdid}")
    return None


def _published(page: object) -> str | None:
    return london_day(_described(page).get("releaseDate"))


def _described(page: object) -> dict[str, object]:
    found = page.get("description") if isinstance(page, dict) else None
    return found if isinstance(found, dict) else {}


def _canonical(page: object, series: Series) -> str:
    """The figures of a page, alike for pages that say the same: dates, units, decimals."""
    about = _described(page)
    points = _points(page, series)
    said = [f"{about.get(name) or ''}" for name in ("cdid", "unit", "preUnit")]
    for point in points if isinstance(points, list) else [page]:
        period, value, problem, detail = _cells(point, series.every)
        said.append(f"{period}={_decimal(value or '')}{problem or ''}{detail or ''}")
    return ";".join(said)


def _decimal(text: str) -> str:
    try:
        number = Decimal(text).normalize() + 0
    except DecimalException:
        return text
    return f"{number:f}" if number.is_finite() else text
