"""From a published figure back to the bytes it came from, step by step.

Here belongs the way back: release, indicator, answers of its measures, raw bytes. It reads what
others kept and computes nothing anew.
"""

import csv
import io
from dataclasses import dataclass
from typing import Protocol

import orjson
import pandas as pd

from assets.publishing.tables import MEASURE_COLUMNS, ProductTables

SHOWN = 200
"""Characters of a raw line that are shown."""


class TraceError(Exception):
    """There is no such figure; the sentence says what there is instead."""

    exit_status = 2


class RawBytes(Protocol):
    """What trace needs of the raw store."""

    def get(self, digest: str, /) -> bytes:
        """The bytes of that SHA-256."""


@dataclass(frozen=True)
class FigureKey:
    """Which figure: indicator, period, area and breakdown."""

    indicator: str
    period: str
    area_code: str
    breakdown_type: str = "total"
    breakdown: str = "total"


@dataclass(frozen=True)
class Step:
    """One step back: what it is (figure, indicator, answer, bytes), where, and what is seen."""

    what: str
    where: str
    seen: str


def trace(
    figure: FigureKey, release: ProductTables, answers: pd.DataFrame, raw: RawBytes
) -> list[Step]:
    """The steps from a published figure to its raw lines.

    release holds the released tables, answers the rows of validated_returns (or of the ledger as
    it stood), raw gives bytes by SHA-256. TraceError if the figure is not in the release. Answers
    that came in since the release, or are gone, show as they are now: the steps say so.
    """
    row = _figure_row(figure, release)
    indicator = release.indicator_catalogue.set_index("indicator").loc[figure.indicator]
    steps = [
        Step("figure", _place(figure), _figure_seen(row)),
        Step("indicator", figure.indicator, f"{indicator['title_en']}: {indicator['kind']}"),
    ]
    for role in MEASURE_COLUMNS:
        measure = indicator[role]
        if isinstance(measure, str) and measure:
            period = _period_of(role, row, figure)
            steps += _answer_steps(role, measure, period, figure, answers, raw)
    return steps


def _figure_row(figure: FigureKey, release: ProductTables) -> pd.Series:
    values = release.indicator_values
    hit = values["indicator"].eq(figure.indicator) & values["area_code"].eq(figure.area_code)
    near = values[hit]
    found = near[
        near["period"].eq(figure.period)
        & near["breakdown_type"].eq(figure.breakdown_type)
        & near["breakdown"].eq(figure.breakdown)
    ]
    if len(found):
        return found.iloc[0]
    periods = ", ".join(sorted(near["period"].unique())) or "no period"
    raise TraceError(
        f"There is no figure {_place(figure)} in this release:"
        f" {figure.indicator} for {figure.area_code} has {periods}."
    )


def _place(figure: FigureKey) -> str:
    parts = [figure.indicator, figure.period, figure.area_code]
    if figure.breakdown_type != "total":
        parts.append(f"{figure.breakdown_type} {figure.breakdown}")
    return ", ".join(parts)


def _figure_seen(row: pd.Series) -> str:
    value = "no value" if pd.isna(row["value_rounded"]) else f"{row['value_rounded']:g}"
    parts = [
        f"{name} {row[name]:g}" for name in ("numerator", "denominator") if pd.notna(row[name])
    ]
    if pd.notna(row["note_code"]):
        parts.append(f"note {row['note_code']}")
    return f"{value} ({', '.join(parts)})" if parts else value


def _period_of(role: str, row: pd.Series, figure: FigureKey) -> str:
    other = row["denominator_period"]
    return str(other) if role == "denominator" and pd.notna(other) else figure.period


def _answer_steps(
    role: str, measure: str, period: str, figure: FigureKey, answers: pd.DataFrame, raw: RawBytes
) -> list[Step]:
    hit = (
        answers["measure"].eq(measure)
        & answers["period"].eq(period)
        & answers["area_code"].eq(figure.area_code)
    )
    near = answers[hit]
    own = near["breakdown"].eq(figure.breakdown) & near["breakdown_type"].eq(figure.breakdown_type)
    whole = near["breakdown"].eq("total")
    found = near[own] if own.any() else near[whole]
    if found.empty:
        return [Step("answer", f"{role}: {measure}, {period}", "no answer is on record now")]
    steps = []
    for answer in found.to_dict("records"):
        origin = answer["return_ref"] if pd.notna(answer["return_ref"]) else answer["dataset"]
        steps.append(
            Step("answer", f"{role}: {measure}, {period} ({origin})", str(answer["value_text"]))
        )
        steps.append(_bytes_step(answer["source_file"], answer, raw))
    return steps


def _bytes_step(file: object, answer: "dict[object, object]", raw: RawBytes) -> Step:
    digest, number = str(answer["source_sha256"]), answer["source_row"]
    row = 0 if pd.isna(number) else int(str(number))  # type: ignore[call-overload] # one cell
    return Step("bytes", f"{file}, row {row}, sha256 {digest}", raw_line(raw.get(digest), row))


def raw_line(body: bytes, row: int) -> str:
    """Row `row` of a source's bytes as it stands there, cut at 200 characters.

    In a CSV row 1 is the header; in JSON rows are counted from 1 in its longest list; row 0 is the
    file itself.
    """
    text = body.decode("utf-8-sig", errors="replace")
    if row < 1:
        return text[:SHOWN]
    if text.lstrip()[:1] in ("{", "["):
        items = _longest_list(orjson.loads(body))
        return orjson.dumps(items[row - 1]).decode()[:SHOWN] if row <= len(items) else "no such row"
    return _csv_row(text, row)[:SHOWN]


def _csv_row(text: str, row: int) -> str:
    lines = text.splitlines()
    if len(lines) >= row and '"' not in text:
        return lines[row - 1]
    for number, cells in enumerate(csv.reader(io.StringIO(text)), start=1):
        if number == row:
            return ",".join(cells)
    return "no such row"


def _longest_list(content: object) -> list[object]:
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        return max((_longest_list(part) for part in content.values()), key=len, default=[])
    return []
