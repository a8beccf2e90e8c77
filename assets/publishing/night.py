"""The night report: which sources were stale, what was published, what waits, what is queried.

Here belongs what the last stage says about a night and the exit status that follows from it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from sql.frames import records
from sql.periods import describe_period

BLOCKED, STALE = 1, 3
OF_A_SOURCE = ("dataset", "state", "age_days", "latest_period", "period_age_days", "reason")
COUNTED = {
    "n_rows": "n_raw",
    "accepted": "accepted",
    "rejected": "rejected",
    "duplicate": "duplicate",
    "kept": "kept",
}


@dataclass(frozen=True)
class SourceLine:
    """One dataset: its state this night, why, how old its answer and its latest figure are."""

    dataset: str
    state: str
    n_rows: int
    accepted: int
    rejected: int
    duplicate: int
    kept: int
    age_days: float | None
    latest_period: str | None
    period_age_days: int | None
    reason: str | None


@dataclass(frozen=True)
class SeriesLine:
    """One indicator: its latest period with a figure and how old that is."""

    indicator: str
    latest_period: str
    age_days: int


@dataclass(frozen=True)
class ProductLine:
    """One product: what was decided, the version that stands, what changed."""

    product: str
    action: str
    version: str | None
    figures: int
    changes: int
    knock_on: int
    reason_en: str
    reason_cy: str
    path: str | None


@dataclass(frozen=True)
class NightReport:
    """All lines of a night; `problems` are the sentences that make it red."""

    run_id: str
    profile: str
    sources: tuple[SourceLine, ...]
    products: tuple[ProductLine, ...]
    series: tuple[SeriesLine, ...] = ()
    findings: Mapping[str, int] = field(default_factory=dict)
    index: str | None = None
    unclaimed: tuple[str, ...] = ()
    """Files of the inbox that no dataset reads."""
    open_queries: Mapping[str, int] = field(default_factory=dict)
    """Council -> queries that wait for its correction or explanation."""
    page: str | None = None
    """Start page of the report for people, private."""

    @property
    def problems(self) -> list[str]:
        """One sentence per blocked product and stale source; empty for a clean night."""
        blocked = [
            f"{line.product} is blocked: {line.reason_en}"
            for line in self.products
            if line.action == "blocked"
        ]
        stale = [
            f"{line.dataset} could not be pulled: {line.reason}"
            for line in self.sources
            if line.state == "stale"
        ]
        return blocked + stale

    @property
    def exit_status(self) -> int:
        """0 clean, 1 a product is blocked, 3 a source could not be pulled; 1 wins."""
        if any(line.action == "blocked" for line in self.products):
            return BLOCKED
        return STALE if any(line.state == "stale" for line in self.sources) else 0

    @property
    def queries_text(self) -> str:
        """Open queries per council in one line."""
        return ", ".join(f"{code} {n}" for code, n in self.open_queries.items()) or "none"

    def write(self, folder: Path) -> Path:
        """Write <folder>/<run_id>.json and latest.json, whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        for name in (f"{self.run_id}.json", "latest.json"):
            temporary = folder / f".{name}.tmp"
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(folder / name)
        return folder / f"{self.run_id}.json"

    @classmethod
    def read(cls, path: Path) -> "NightReport":
        """The report written at path."""
        told = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            run_id=told["run_id"],
            profile=told["profile"],
            sources=tuple(SourceLine(**line) for line in told["sources"]),
            products=tuple(ProductLine(**line) for line in told["products"]),
            series=tuple(SeriesLine(**line) for line in told["series"]),
            findings=told["findings"],
            index=told["index"],
            unclaimed=tuple(told["unclaimed"]),
            open_queries=told.get("open_queries", {}),
            page=told.get("page"),
        )

    def as_markdown(self) -> str:
        """The report as two tables, for the UI."""
        return "\n\n".join(
            [
                _markdown("Sources", (asdict(line) for line in self.sources)),
                _markdown("Products", (asdict(line) for line in self.products)),
                _markdown("Age of each series", (asdict(line) for line in self.series)),
                "Findings: " + ", ".join(f"{n} {kind}" for kind, n in self.findings.items()),
                f"Open queries: {self.queries_text}",
                f"Report for people: {self.page}",
            ]
        )


def _markdown(title: str, lines: Iterable[Mapping[str, object]]) -> str:
    rows = list(lines)
    if not rows:
        return f"**{title}**: none"
    head = "| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0])
    body = "\n".join(
        "| " + " | ".join("" if value is None else str(value) for value in row.values()) + " |"
        for row in rows
    )
    return f"**{title}**\n\n{head}\n{body}"


def source_lines(sources: pd.DataFrame, answer_counts: pd.DataFrame) -> tuple[SourceLine, ...]:
    """One line per dataset: rows of the table sources, with those of answer_counts."""
    counts = answer_counts.set_index("dataset")
    lines = []
    for row in records(sources):
        counted = counts.loc[row["dataset"]]
        numbers: dict[str, Any] = {name: int(counted[col]) for name, col in COUNTED.items()}
        lines.append(SourceLine(**{name: row[name] for name in OF_A_SOURCE}, **numbers))
    return tuple(lines)


def product_lines(decisions: pd.DataFrame) -> tuple[ProductLine, ...]:
    """One line per product: rows of the table release."""
    return tuple(ProductLine(**row) for row in records(decisions))


def series_lines(figures: pd.DataFrame, today: date) -> tuple[SeriesLine, ...]:
    """One line per indicator with a figure: rows of indicator_values."""
    held = figures.loc[figures["value"].notna(), ["indicator", "period"]].drop_duplicates()
    ends = held.assign(end=held["period"].map(lambda key: describe_period(key).end))
    latest = ends.sort_values(["end", "period"]).groupby("indicator").tail(1)
    return tuple(
        SeriesLine(row["indicator"], row["period"], (today - row["end"]).days)
        for row in records(latest.sort_values("indicator"))
    )
