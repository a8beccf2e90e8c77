"""What the Dagster UI shows of a frame: its row count, a few rows, a bar chart where it helps.

Here belongs how a frame looks in the UI; nothing here is published.
"""

import base64
from collections.abc import Mapping
from xml.sax.saxutils import escape

import dagster as dg
import pandas as pd

ROWS_SHOWN = 10
BARS_SHOWN = 25
WIDTH, LEFT, STEP, ROOM_FOR_NUMBER = 640, 260, 20, 70
COUNTED_BY = {
    "raw_returns": "measure",
    "validated_returns": "period",
    "rejected_returns": "code",
    "validation_findings": "code",
    "indicator_values": "indicator",
    "comparisons": "group_code",
    "benchmarks": "group_code",
    "comparison_groups": "group_code",
    "indicator_catalogue": "theme",
    "areas": "area_type",
}
"""Table -> the column whose rows are counted in its picture."""


def describe_frame(name: str, frame: pd.DataFrame) -> dict[str, dg.MetadataValue]:
    """Metadata of one asset's frame: row count, first rows, rows per category as a picture."""
    metadata: dict[str, dg.MetadataValue] = {"dagster/row_count": dg.MetadataValue.int(len(frame))}
    if len(frame):
        metadata["rows"] = dg.MetadataValue.md(_table(frame.head(ROWS_SHOWN)))
    column = COUNTED_BY.get(name.split("/", maxsplit=1)[0])
    if column in frame.columns and len(frame):
        counts = frame[column].value_counts().head(BARS_SHOWN)
        metadata[f"rows_by_{column}"] = dg.MetadataValue.md(
            f"![rows by {column}]({bar_chart(counts.to_dict(), f'Rows by {column}')})"
        )
    return metadata


def _table(frame: pd.DataFrame) -> str:
    shown = frame.dropna(axis="columns", how="all").astype("str").fillna("")
    head = "| " + " | ".join(shown.columns) + " |"
    rule = "|" + "---|" * len(shown.columns)
    rows = [
        "| " + " | ".join(_cell(value) for value in row) + " |"
        for row in shown.itertuples(index=False)
    ]
    return "\n".join([head, rule, *rows])


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")[:60]


def bar_chart(counts: Mapping[object, float], title: str) -> str:
    """A horizontal bar chart as a data: address of an SVG picture."""
    high = max([*counts.values(), 1])
    scale = (WIDTH - LEFT - ROOM_FOR_NUMBER) / high
    bars = "".join(
        _bar(str(label), count, index * STEP + 32, count * scale)
        for index, (label, count) in enumerate(counts.items())
    )
    height = len(counts) * STEP + 44
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        ' font-family="system-ui" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="8" y="18" font-weight="bold">{escape(title)}</text>{bars}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _bar(label: str, count: float, top: int, length: float) -> str:
    return (
        f'<text x="{LEFT - 8}" y="{top + 12}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="14" fill="#1d70b8"/>'
        f'<text x="{LEFT + length + 6:.1f}" y="{top + 12}">{count:g}</text>'
    )
