"""Runs the soak for some minutes and writes the counts into docs/reliability.md.

    python -m tests.soak --minutes 30 [--part NAME ...] [--fresh]

Parts take turns, so that none waits for another; what was tried is remembered and the next run goes
on behind it. A case that fails is shown with its number, which is its seed, and stays in the table.
"""

import argparse
import importlib
import json
import pkgutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests import soak
from tests.soak.part import Part

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".soak" / "state.json"
DOCUMENT = ROOT / "docs" / "reliability.md"
START, END = "<!-- counts: written by make soak -->", "<!-- end of counts -->"
TURN_SECONDS = 5.0
"""How long a part keeps its turn."""


@dataclass
class Count:
    """How far a part has come: cases tried, those that failed, and when."""

    done: int = 0
    failed: list[int] = field(default_factory=list)
    on: str = ""


def find_parts() -> dict[str, Part]:
    """Every part by name; ValueError if two have the same."""
    modules = (m.name for m in pkgutil.iter_modules(soak.__path__) if not m.name.startswith("_"))
    found: dict[str, Part] = {}
    for name in modules:
        for part in getattr(importlib.import_module(f"tests.soak.{name}"), "PARTS", ()):
            if part.name in found:
                raise ValueError(f'Two parts of the soak are called "{part.name}".')
            found[part.name] = part
    return found


def read_counts(path: Path = STATE) -> dict[str, Count]:
    """Counts of earlier runs; none if there was no run."""
    if not path.exists():
        return {}
    return {name: Count(**given) for name, given in json.loads(path.read_text()).items()}


def write_counts(counts: dict[str, Count], path: Path = STATE) -> None:
    """Remember the counts, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({name: asdict(count) for name, count in counts.items()}, indent=1))
    fresh.replace(path)


def run_parts(
    parts: Sequence[Part], counts: dict[str, Count], seconds: float
) -> Iterator[tuple[Part, int, str | None]]:
    """Cases in turns of the parts until the time is up or all are complete; counts go along."""
    end = time.monotonic() + seconds
    waiting = [part for part in parts if counts.setdefault(part.name, Count()).done < part.target]
    while waiting and time.monotonic() < end:
        part = waiting.pop(0)
        turn = min(end, time.monotonic() + TURN_SECONDS)
        while counts[part.name].done < part.target:
            yield part, *_try_next(part, counts[part.name])
            if time.monotonic() >= turn:
                waiting.append(part)
                break


def _try_next(part: Part, count: Count) -> tuple[int, str | None]:
    number = count.done
    failure = part.case(number)
    count.done, count.on = number + 1, datetime.now(UTC).date().isoformat()
    if failure:
        count.failed.append(number)
    return number, failure


def table_of(parts: Sequence[Part], counts: dict[str, Count]) -> str:
    """The table of docs/reliability.md: what was promised, tried and found."""
    lines = ["| part | promise | cases | failed | last |", "|---|---|---|---|---|"]
    for part in parts:
        count = counts.get(part.name, Count())
        tried = (
            f"{count.done:,}" if count.done >= part.target else f"{count.done:,} of {part.target:,}"
        )
        cells = (f"`{part.name}`", part.promise, tried, _failures(count), count.on or "-")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _failures(count: Count) -> str:
    named = ", ".join(map(str, count.failed[:5]))
    return f"{len(count.failed)} (cases {named})" if count.failed else "0"


def write_document(table: str, path: Path = DOCUMENT) -> None:
    """Put the table between the two marks; the rest of the page stays."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{path.name} has no place for the counts: {START} ... {END}")
    path.write_text(f"{before}{START}\n{table}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Run for the given minutes; 1 if a case failed in this run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--part", action="append", help="only this part; may be repeated")
    parser.add_argument("--fresh", action="store_true", help="forget the counts of earlier runs")
    given = parser.parse_args()
    known = find_parts()
    unknown = set(given.part or ()) - known.keys()
    if unknown:
        parser.error(
            f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    chosen = [part for name, part in known.items() if not given.part or name in given.part]
    counts = {} if given.fresh else read_counts()
    n_failed = _run_and_show(chosen, counts, 60 * given.minutes)
    write_document(table_of(list(known.values()), counts))
    return 1 if n_failed else 0


def _run_and_show(parts: Sequence[Part], counts: dict[str, Count], seconds: float) -> int:
    console, n_failed = Console(), 0
    with Progress(console=console) as progress:
        lines = {
            part.name: progress.add_task(
                part.name, total=part.target, completed=counts.get(part.name, Count()).done
            )
            for part in parts
        }
        for part, number, failure in run_parts(parts, counts, seconds):
            progress.advance(lines[part.name])
            if failure:
                n_failed += 1
                console.print(f"[red]{part.name} case {number}[/red]: {failure}")
            write_counts(counts)
    return n_failed


if __name__ == "__main__":
    sys.exit(main())
