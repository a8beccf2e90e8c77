"""What a child process does to a home: publish, withdraw, roll back, read, with a fault or without.

Here belongs each deed as a function of its JSON order; how a child is made is in children.py.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from assets.publishing.candidates import Candidate, CandidateStore
from assets.publishing.fence import PublishingError
from assets.publishing.publish import publish_candidate, publish_due
from assets.publishing.signing import SecretKey
from assets.publishing.store import ReleaseStore
from assets.publishing.withdraw import reason_words, roll_back, withdraw
from pipelines.cli import explain
from tests.release.faults import POWER, Faults
from tests.release.power_cut import Disk
from tests.release.sample import (
    COUNCILS,
    LAST_YEAR,
    NOW,
    PRODUCT,
    correct,
    make_candidate,
    night_of,
    small_figures,
)

KEY = SecretKey(b"testonly", bytes(range(32)))
"""A key for tests, known to everybody."""
Order = Mapping[str, Any]
AT_THE_END = -1
"""The fault strikes after the deed said that it is done."""


def stores(home: str | Path, candidates: str | None = None) -> tuple[CandidateStore, ReleaseStore]:
    """The stores of a home of the tests, with the key of the tests."""
    root = Path(home)
    return (
        CandidateStore(Path(candidates or root / "candidates")),
        ReleaseStore(root / "releases", signer=KEY),
    )


def put_candidate(home: str | Path, numerator: float, **given: object) -> None:
    """A candidate whose one figure has that numerator; 500 is the first release's."""
    stores(home)[0].save(candidate_with(numerator, **given))


def candidate_with(numerator: float, **given: object) -> Candidate:
    """A candidate whose one figure has that numerator."""
    figures = correct(small_figures(), COUNCILS[0], LAST_YEAR, numerator)
    return make_candidate(night_of(figures), **given)


def do(order: Order) -> dict[str, Any]:
    """Do what is ordered; the answer says what came of it, also of a failure."""
    os._untouched = os.write  # type: ignore[attr-defined]  # the answer is not part of the deed
    kind = order.get("kind", "kill before")
    faults = Faults(kind, order.get("at", 0), order.get("good", False), seed=order.get("seed", 0))
    try:
        work = DEEDS[order["deed"]](order)
        if kind == POWER:
            faults.disk = Disk(Path(order["home"]))
        faults.install()
        said = work()
        if order.get("at") == AT_THE_END:
            faults.cut_power()
    except (PublishingError, OSError, ValueError) as error:
        status, sentence = explain(error)
        return {"failed": type(error).__name__, "said": sentence, "exit": status}
    return {"said": said, "n_calls": len(faults.seen)}


def _moment(order: Order) -> datetime:
    return NOW + timedelta(seconds=order.get("seconds", 0))


def _publish(order: Order) -> Callable[[], object]:
    candidates, releases = stores(order["home"], order.get("candidates"))
    if "numerator" in order:
        candidates.save(candidate_with(order["numerator"]))

    def work() -> object:
        outcome = publish_candidate(candidates, releases, PRODUCT, _moment(order))
        return [outcome.decision.action, outcome.version]

    return work


def _due(order: Order) -> Callable[[], object]:
    candidates, releases = stores(order["home"])
    return lambda: [
        [outcome.decision.action, outcome.version]
        for outcome in publish_due(candidates, releases, _moment(order))
    ]


def _withdraw(order: Order) -> Callable[[], object]:
    _, releases = stores(order["home"])

    def work() -> object:
        standing = withdraw(
            releases,
            PRODUCT,
            order["versions"],
            reason_words("A wrong file", "Ffeil anghywir"),
            _moment(order),
            disclosure=order.get("disclosure", False),
        )
        return standing.pointer.version if standing.pointer else None

    return work


def _roll_back(order: Order) -> Callable[[], object]:
    _, releases = stores(order["home"])

    def work() -> object:
        words = reason_words("Examined", "Archwilir")
        standing = roll_back(releases, PRODUCT, order["version"], words, _moment(order))
        return standing.pointer.version if standing.pointer else None

    return work


def _publish_many(order: Order) -> Callable[[], object]:
    """A run of publications, each with a figure of its own."""
    candidates, releases = stores(order["home"])

    def work() -> object:
        for number in range(order["n"]):
            put_candidate(order["home"], 501.0 + order["from"] + number)
            publish_candidate(candidates, releases, PRODUCT, NOW)
        Path(order["home"], "done").touch()
        return order["n"]

    return work


def _read_many(order: Order) -> Callable[[], object]:
    """Follow the pointer and read one file after it, until the publications are done."""
    root = Path(order["home"]) / "releases" / PRODUCT

    def work() -> object:
        faults, seen, n = [], set(), 0
        while n < order["least"] or not Path(order["until"]).exists():
            time.sleep(0.004)
            fault, version = _read_once(root, n)
            faults += [fault] if fault else []
            seen.add(version)
            n += 1
        return {"n": n, "faults": faults[:5], "n_faults": len(faults), "versions": len(seen)}

    return work


def _read_once(root: Path, n: int) -> tuple[str | None, str]:
    pointer = json.loads((root / "latest.json").read_bytes())
    folder, version = root / pointer["path"], pointer["version"]
    try:
        content = (folder / "manifest.json").read_bytes()
        if hashlib.sha256(content).hexdigest() != pointer["manifest_sha256"]:
            return f"{version}: the manifest is another one", version
        files = json.loads(content)["files"]
        name = sorted(files)[n % len(files)]
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != files[name]["sha256"]:
            return f"{version}: {name} is another one", version
    except OSError as error:
        return f"{version}: {error}", version
    return None, version


DEEDS: dict[str, Callable[[Order], Callable[[], object]]] = {
    "publish": _publish,
    "due": _due,
    "withdraw": _withdraw,
    "roll back": _roll_back,
    "publish many": _publish_many,
    "read many": _read_many,
}
