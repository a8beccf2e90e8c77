"""Releases at their time: none early, none missing, nothing to be found before.

Here belong two promises: nights of two years in London time, with everything a host's clock may do,
and probes of everything public while a candidate waits.
"""

import http.client
import http.server
import os
import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from assets.publishing.policy import ReleaseDate, ReleasePolicy
from assets.publishing.publish import publish_candidate, publish_due
from assets.publishing.warehouse import load_warehouse
from sql.warehouse import open_engine
from tests.release.deeds import candidate_with, stores
from tests.release.homes import OLD, a_home, look, scratch
from tests.release.sample import PRODUCT
from tests.soak.part import Part

FIRST_DAY, N_DAYS = date(2026, 11, 1), 730
BANK_HOLIDAYS = {
    *(date(2026, 12, day) for day in (25, 28)),
    *(date(2027, *day) for day in ((1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30))),
    *(date(2027, 12, day) for day in (27, 28)),
    *(date(2028, *day) for day in ((1, 3), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28))),
}
"""Days off in England and Wales in these years."""
HOSTS = ("UTC", "Asia/Tokyo", "America/New_York", "Europe/London")
TICK = timedelta(minutes=5)


def is_working(day: date) -> bool:
    """Whether releases come out on that day."""
    return day.isoweekday() <= 5 and day not in BANK_HOLIDAYS


def calendar() -> tuple[ReleaseDate, ...]:
    """Every working day of the two years and the weeks after them."""
    days = (FIRST_DAY + timedelta(days=n) for n in range(N_DAYS + 15))
    return tuple(ReleaseDate(day, confirmed=True) for day in days if is_working(day))


def half_past_nine(day: date) -> datetime:
    """09:30 in London in UTC, by the rule of the clocks itself: no library of zones."""
    begins, ends = (_last_sunday(day.year, month) for month in (3, 10))
    summer = begins <= day < ends
    return datetime(day.year, day.month, day.day, 8 if summer else 9, 30, tzinfo=UTC)


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=last.isoweekday() % 7)


def night(seed: int) -> str | None:
    """One night of 730: a release exactly where the calendar has one, by the host's clock."""
    day = FIRST_DAY + timedelta(days=seed % N_DAYS)
    chance = random.Random(seed)
    with _host_in(HOSTS[seed % len(HOSTS)]), a_home() as home:
        candidates, _ = stores(home)
        candidates.remove(PRODUCT)
        fault = _lead_up(home, day, chance)
        return f"{day}: {fault}" if fault else _day(home, day, chance)


def _lead_up(home: Path, day: date, chance: random.Random) -> str | None:
    """The night before, if nothing is released by day then: its candidate waits, and is replaced.

    The instant approved for it is the one its successor goes out at.
    """
    before = day - timedelta(days=1)
    if not is_working(before):
        _build(home, before, 503.0, chance)
        fault = _watch(home, before, chance, due=None)
        if fault:
            return fault
    _build(home, day, 512.0, chance)
    return None


def _day(home: Path, day: date, chance: random.Random) -> str | None:
    due = half_past_nine(day) if is_working(day) else None
    fault = _watch(home, day, chance, due)
    return f"{day}: {fault}" if fault else None


def _build(home: Path, day: date, numerator: float, chance: random.Random) -> None:
    """The night at 03:30: a candidate is made and judged; some nights run again at six."""
    candidates, releases = stores(home)
    policy = ReleasePolicy("09:30", calendar())
    runs = (6, 3.5) if chance.random() < 0.3 else (6,)
    for hours in runs:
        now = half_past_nine(day) - timedelta(hours=hours)
        made = replace(candidate_with(numerator), policy=policy, not_before=policy.instant(now))
        candidates.save(made)
        publish_candidate(candidates, releases, PRODUCT, now)


def _watch(home: Path, day: date, chance: random.Random, due: datetime | None) -> str | None:
    """Ticks of one day on the host's clock; what readers see may change once, at `due` or after."""
    candidates, releases = stores(home)
    released: list[datetime] = []
    for now in _host_clock(half_past_nine(day) - timedelta(hours=3), chance):
        if candidates.due(now):
            outcomes = publish_due(candidates, releases, now)
            released += [now for outcome in outcomes if outcome.is_published]
    if due is None:
        return f"released at {released} on a day without a release" if released else None
    if len(released) != 1:
        return f"{len(released)} releases on a release day"
    if released[0] < due:
        return f"released at {released[0]}, before {due}"
    return None if released[0] < due + TICK + timedelta(hours=1) else f"late: {released[0]}"


def _host_clock(start: datetime, chance: random.Random) -> Iterator[datetime]:
    """Ticks every five minutes of a host that drifts up to an hour, or is stepped back two."""
    drift = timedelta(minutes=chance.uniform(0, 60)) if chance.random() < 0.4 else timedelta()
    step_at = chance.randrange(288) if chance.random() < 0.4 else None
    shift = timedelta()
    for tick in range(288):
        if tick == step_at:
            shift = timedelta(hours=-2)
        yield start + tick * TICK + drift * (tick / 288) + shift


@contextmanager
def _host_in(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


SECRET = "987654"
"""A numerator that stands nowhere but in the waiting candidate."""
NAMES = (
    "", "index.html", "feed.json", "catalogue.json", "latest.json", "latest/", "manifest.json",
    "latest/manifest.json", "SHA256SUMS", "data/", "changes.csv", "CHANGES.md", "CITATION.cff",
    "data/indicator_values.csv", "data/indicator_values.parquet", f"{PRODUCT}.sqlite",
    f"{PRODUCT}.xlsx", "site/index.html",
    "current.json", "facts.json", "withdrawn.json", "keys/", "candidates/", "staging/",
)  # fmt: skip
PLACES = (
    "", f"{PRODUCT}/", f"{PRODUCT}/latest/", f"{PRODUCT}/1.0.2/", f"{PRODUCT}/1.1.0/",
    f"{PRODUCT}/2.0.0/", f"{PRODUCT}/next/", f"{PRODUCT}/draft/", f"{PRODUCT}/candidate/",
    f"{PRODUCT}/.1.0.2/", f"{PRODUCT}/1.0.1/", "candidates/", f"candidates/{PRODUCT}/",
    "staging/", "../candidates/", f"../candidates/{PRODUCT}/", "../staging/", "rehearsal/",
    "%2e%2e/candidates/",
    f"stage-{PRODUCT}-1.0.2-3/", "keys/", "tmp/", ".tmp/",
)  # fmt: skip
CLOCKED = ("Date", "Last-Modified")
ASKED = ("GET", "HEAD", "range", "unchanged")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
        """Nothing is logged."""


@cache
def served() -> tuple[int, int, Path, Path]:
    """Ports of two servers of the same releases, and the homes: without and with a candidate."""
    ports, homes = [], []
    for name in ("without", "waiting"):
        home = scratch() / name
        with a_home() as made:
            shutil.copytree(made, home)
        candidates, releases = stores(home)
        candidates.remove(PRODUCT)
        if name == "waiting":
            now = datetime.now(UTC)
            later = now + timedelta(days=1)
            candidates.save(candidate_with(float(SECRET), not_before=later))
            outcome = publish_candidate(candidates, releases, PRODUCT, now)
            assert outcome.decision.action == "wait"
        load_warehouse(open_engine(f"sqlite:///{home / 'warehouse.sqlite'}"), releases)
        handler = partial(_Quiet, directory=str(home / "releases"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ports.append(server.server_address[1])
        homes.append(home)
    return ports[0], ports[1], homes[0], homes[1]


def probe(seed: int) -> str | None:
    """One guess at something public: the answer is the one given where no candidate waits."""
    without, waiting, home_without, home = served()
    if seed % 50 == 49:
        return _probe_the_warehouse(home_without, home)
    chance = random.Random(seed)
    path = f"/{chance.choice(PLACES)}{chance.choice(NAMES)}"
    how = ASKED[seed % len(ASKED)]
    before, now = (_ask(port, path, how) for port in (without, waiting))
    if now != before:
        return f"{how} {path} answers {now[0]} instead of {before[0]}"
    seen = look(home)
    if isinstance(seen, str) or seen.version != OLD:
        return f"readers see {seen}"
    return f"{how} {path} shows the figure" if SECRET.encode() in now[2] else None


def _ask(port: int, path: str, how: str) -> tuple[int, tuple[Any, ...], bytes]:
    asked = {"range": {"Range": "bytes=0-99"}, "unchanged": {"If-None-Match": '"1.0.2"'}}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("HEAD" if how == "HEAD" else "GET", path, headers=asked.get(how, {}))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    told = sorted(item for item in answer.getheaders() if item[0] not in CLOCKED)
    return answer.status, tuple(told), body


def _probe_the_warehouse(without: Path, waiting: Path) -> str | None:
    """Every table and view holds the same rows, and the file not one byte of the figure."""
    found = [_rows(home / "warehouse.sqlite") for home in (without, waiting)]
    if found[0] != found[1]:
        return "the warehouse differs"
    content = (waiting / "warehouse.sqlite").read_bytes()
    return "the warehouse holds the figure" if SECRET.encode() in content else None


def _rows(path: Path) -> dict[str, list[Any]]:
    with sqlite3.connect(path) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            )
        ]
        return {
            name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for name in names
        }


PARTS = (
    Part(
        "embargo-nights",
        "730 nights in London time (four clock changes, 29 February, bank holidays; hosts in UTC,"
        " Asia and America; a clock stepped back two hours or drifting by one; nights run twice):"
        " one release on each scheduled day, none before 09:30, by the host's clock",
        N_DAYS,
        night,
    ),
    Part(
        "embargo-probes",
        "A probe of everything public while a candidate waits (guessed names, listings, HEAD,"
        " sizes, ranges, caches, the feed, every table and view of the warehouse) finds what it"
        " would find without one",
        1_000,
        probe,
    ),
)
