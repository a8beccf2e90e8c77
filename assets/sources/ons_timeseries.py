"""ONS time series: monthly index numbers and rates of the United Kingdom, from the pages' JSON.

Here belongs the protocol and its two known forms (2014; 2015 on). A series without a revision id is
compared by its figures as decimals: `5` and `5.0` are the same figure, and an unused key may be
empty or absent.
"""

from decimal import Decimal, InvalidOperation
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
    """The months of every series; Answer.frame is None if every figure is as last time."""
    options = task.options(OnsTimeseriesOptions)
    found = [(series, _fetch(task, options.base_url, series)) for series in options.series]
    read = [(series, exchange, exchange.json()) for series, exchange in found]
    content = sha256(
        "\n".join(f"{series.cdid} {_canonical(page)}" for series, _, page in read).encode()
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
    """Add the months of one series to `rows`; source_row is the place in the list of months."""
    months = page.get("months") if isinstance(page, dict) else None
    if not isinstance(months, list) or not months:
        fault = RowFault(0, "unreadable_body", 'there is no list of "months"')
        rows.add_faults(origin, [fault], measure=series.measure)
        return
    cells = [_cells(month) for month in months]
    wrong = _another_series(page, series)
    rows.add(
        origin,
        list(range(1, len(months) + 1)),
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


def _cells(month: object) -> tuple[str | None, str | None, str | None, str | None]:
    """(period, value, problem, particulars) of one month."""
    if isinstance(month, dict):
        period, value = month.get("date"), month.get("value")
        if isinstance(period, str) and isinstance(value, str):
            return period, value, None, None
    return None, None, "unreadable_body", f"a month of another form: {str(month)[:40]}"


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


def _canonical(page: object) -> str:
    """The figures of a page, alike for pages that say the same: dates, units, decimals."""
    about = _described(page)
    months = page.get("months") if isinstance(page, dict) else None
    said = [f"{about.get(name) or ''}" for name in ("cdid", "unit", "preUnit")]
    for month in months if isinstance(months, list) else [page]:
        period, value, problem, detail = _cells(month)
        said.append(f"{period}={_decimal(value or '')}{problem or ''}{detail or ''}")
    return ";".join(said)


def _decimal(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number.normalize() + 0:f}" if number.is_finite() else text
