"""The night report: which sources were stale, what was published, what waits, what is queried.

Here belongs what the last stage says about a night and the exit status that follows from it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

BLOCKED, STALE = 1, 3


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
    findings: Mapping[str, int] = field(default_factory=dict)
    index: str | None = None

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
            findings=told["findings"],
            index=told["index"],
        )

    def as_markdown(self) -> str:
        """The report as two tables, for the UI."""
        return "\n\n".join(
            [
                _markdown("Sources", (asdict(line) for line in self.sources)),
                _markdown("Products", (asdict(line) for line in self.products)),
                "Findings: " + ", ".join(f"{n} {kind}" for kind, n in self.findings.items()),
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
