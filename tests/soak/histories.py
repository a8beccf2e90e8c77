"""Late, corrected, withdrawn and repeated figures: the past at any instant equals a replay."""

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from assets.publishing.candidates import CandidateStore
from assets.publishing.instants import utc_text
from assets.publishing.publish import publish_candidate
from assets.publishing.released import load_log, load_release_tables
from assets.publishing.store import ReleaseStore
from assets.publishing.vintages import NoVintageError, step_at
from assets.publishing.warehouse import load_warehouse
from assets.publishing.withdraw import WithdrawalError, reason_words, roll_back, withdraw
from sql.ledger import as_at, record
from sql.schema import FIGURE_KEY
from sql.warehouse import open_engine
from tests.release.sample import NOW, PRODUCT, correct, make_candidate, night_of, small_figures
from tests.soak.part import Part
from tests.unit.test_warehouse_ledger import DAY, KEY, answers

State = dict[tuple[str, ...], float | None]
N_NIGHTS, N_EVENTS = 15, 6


def answers_on_record(seed: int) -> str | None:
    """Fifteen nights of answers, some late, changed or taken back: the ledger at any instant."""
    chance = random.Random(seed)
    keys = [("tonnes", f"{2020 + n}-04-01/P1Y", f"W0600000{m}") for n in range(3) for m in (1, 2)]
    standing: State = {}
    nights: list[tuple[datetime, State]] = []
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/warehouse.sqlite")
        for night in range(N_NIGHTS):
            _change(standing, keys, chance)
            instant = DAY + timedelta(days=night)
            record(engine, answers(standing), instant, f"run-{night}", datasets=["waste"])
            nights.append((instant, dict(standing)))
        for instant, expected in nights:
            for later in (timedelta(0), timedelta(hours=23)):
                rows = as_at(engine, instant + later).to_dict("records")
                found = {tuple(row[name] for name in KEY): row["value"] for row in rows}
                if found != expected:
                    return f"on {instant + later} the ledger says {found}, not {expected}"
        engine.dispose()
    return None


def _change(standing: State, keys: list[tuple[str, str, str]], chance: random.Random) -> None:
    for key in keys:
        fate = chance.random()
        if fate < 0.15:
            standing.pop(key, None)
        elif fate < 0.4:
            standing[key] = float(chance.randint(1, 4))


@dataclass
class Story:
    """A product's life in a store, and beside it what a reader would have written down."""

    folder: Path
    chance: random.Random
    now: datetime = NOW
    figures: pd.DataFrame = field(default_factory=small_figures)
    versions: dict[str, State] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    seen: list[tuple[datetime, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open the stores and the warehouse in the folder."""
        self.releases = ReleaseStore(self.folder / "releases")
        self.candidates = CandidateStore(self.folder / "candidates")
        self.engine = open_engine(f"sqlite:///{self.folder}/warehouse.sqlite")

    def tell(self) -> str | None:
        """Some events, with a load of the warehouse now and then; what did not hold."""
        events: list[Callable[[], str | None]] = [self.publish, self.publish, self.back, self.take]
        for number in range(N_EVENTS):
            self.now += timedelta(days=self.chance.randint(1, 40), seconds=7)
            failure = self.publish() if number == 0 else self.chance.choice(events)()
            if failure:
                return failure
            if self.chance.random() < 0.4:
                load_warehouse(self.engine, self.releases)
        load_warehouse(self.engine, self.releases)
        self.engine.dispose()
        return self.differs()

    def publish(self) -> str | None:
        """A night with a correction, a late or a lost figure, or nothing new; its changelog."""
        fate, years = self.chance.random(), sorted(set(self.figures["period"]))
        area = self.chance.choice(sorted(set(self.figures["area_code"])))
        if fate < 0.6:
            tenths = float(self.chance.randint(100, 999))
            self.figures = correct(self.figures, area, self.chance.choice(years), tenths)
        elif fate < 0.75:
            row = self.chance.randrange(len(self.figures))
            self.figures = self.figures.drop(index=row).reset_index(drop=True)
        before = self.seen[-1][1] if self.seen else None
        self.candidates.save(make_candidate(night_of(self.figures)))
        made = publish_candidate(
            self.candidates, self.releases, PRODUCT, self.now, allow_major=True
        )
        if made.is_published and made.path is not None and made.version is not None:
            self.versions[made.version] = _state(self.figures)
            self.seen.append((self.now, made.version))
            return self.unlogged(before, made.version, made.path)
        return None

    def unlogged(self, before: str | None, version: str, path: Path) -> str | None:
        """Every changed figure has a row in the changelog, and no other has."""
        changes = load_log(path, "changes.csv")
        logged = {tuple(row) for row in changes[list(FIGURE_KEY)].itertuples(index=False)}
        old, new = self.versions.get(before or "", {}), self.versions[version]
        keys = old.keys() | new.keys() if before else set()
        changed = {key for key in keys if old.get(key) != new.get(key)}
        return None if logged == changed else f"{version} logs {logged ^ changed} wrongly"

    def back(self) -> str | None:
        """A roll-back to some version, if it may be rolled back to."""
        version = self.chance.choice(sorted(self.versions))
        try:
            roll_back(self.releases, PRODUCT, version, reason_words("An error"), self.now)
        except WithdrawalError:
            return None
        return self.note(version)

    def take(self) -> str | None:
        """A withdrawal of some version, with or without its files."""
        version, gone = self.chance.choice(sorted(self.versions)), self.chance.random() < 0.5
        try:
            told = withdraw(
                self.releases,
                PRODUCT,
                [version],
                reason_words("An error"),
                self.now,
                disclosure=gone,
            )
        except WithdrawalError:
            return None
        self.removed |= {version} if gone else set()
        return self.note(told.pointer.version if told.pointer else None)

    def note(self, version: str | None) -> str | None:
        """Write down what readers see now."""
        if not self.seen or self.seen[-1][1] != version:
            self.seen.append((self.now, version))
        return None

    def differs(self) -> str | None:
        """The past by files and by SQL beside what was written down."""
        for number, (since, version) in enumerate(self.seen):
            end = self.seen[number + 1][0] if number + 1 < len(self.seen) else None
            for instant in (since, (end or since + timedelta(days=1)) - timedelta(seconds=1)):
                is_gone = version is None or version in self.removed
                expected = {} if is_gone else self.versions[str(version)]
                for way, found in (
                    ("files", self.by_files(instant)),
                    ("SQL", self.by_sql(instant)),
                ):
                    if found != expected:
                        return f"{way} differ at {instant}, when {version} stood"
        return None

    def by_files(self, instant: datetime) -> State:
        """The figures at an instant from the files; none where they cannot be had."""
        try:
            return _state(figures_from_files(self.releases, instant))
        except NoVintageError:
            return {}

    def by_sql(self, instant: datetime) -> State:
        """The figures at an instant from the warehouse."""
        return _state(figures_from_sql(self.engine, instant))


def figures_from_files(releases: ReleaseStore, instant: datetime) -> pd.DataFrame:
    """The figures that readers saw at an instant, as `show --as-at` finds them."""
    version = str(step_at(releases, PRODUCT, instant).version)
    return load_release_tables(releases.path(PRODUCT, version)).indicator_values


def figures_from_sql(engine: sa.Engine, instant: datetime) -> pd.DataFrame:
    """The same from the view that dashboards read, by the condition its head names."""
    query = (
        "SELECT * FROM dash_vintages WHERE product = :product AND recorded_from <= :at"
        " AND (recorded_to > :at OR recorded_to IS NULL)"
    )
    with engine.connect() as connection:
        given = {"product": PRODUCT, "at": utc_text(instant)}
        return pd.read_sql(sa.text(query), connection, params=given)


def _state(figures: pd.DataFrame) -> State:
    keys = figures[list(FIGURE_KEY)].itertuples(index=False)
    values = figures["value"].astype(object).where(figures["value"].notna(), None)
    return {tuple(key): value for key, value in zip(keys, values, strict=True)}


def released_figures(seed: int) -> str | None:
    """Releases, withdrawals and roll-backs in any order: the past by files and by SQL."""
    with tempfile.TemporaryDirectory() as folder:
        return Story(Path(folder), random.Random(seed)).tell()


PARTS = (
    Part(
        "answers",
        "the ledger at any instant equals a replay of late, changed and withdrawn answers",
        1000,
        answers_on_record,
    ),
    Part(
        "histories",
        "after any releases, withdrawals and roll-backs the past by files and by SQL is what"
        " readers saw, and each changelog names the changed figures and no others",
        1000,
        released_figures,
    ),
)
