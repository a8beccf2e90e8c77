"""Publishing while something fails: kills, failing system calls, a full disk, readers, races.

Here belongs each promise of the release protocol as a part; children, faults and the cold look are
in tests/release.
"""

import errno
import os
import random
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from assets.publishing.candidates import CandidateStore
from assets.publishing.fence import ReleaseConflictError
from assets.publishing.publish import publish_candidate
from assets.publishing.store import ReleaseStore
from tests.release.children import nursery
from tests.release.deeds import AT_THE_END, KEY, put_candidate
from tests.release.faults import KILLS, PLACES, POWER
from tests.release.homes import NEXT, OLD, Seen, a_home, look, settle
from tests.release.sample import NOW, PRODUCT
from tests.soak.part import Part

BEFORE = Seen(OLD)
Ordered = tuple[dict[str, Any], Seen]
DEEDS: dict[str, Ordered] = {
    "publish": ({"deed": "publish"}, Seen(NEXT)),
    "withdraw": (
        {"deed": "withdraw", "versions": [OLD]},
        Seen("1.0.0", (("withdrawn", OLD),)),
    ),
    "disclosure": (
        {"deed": "withdraw", "versions": [OLD], "disclosure": True},
        Seen("1.0.0", (("removed", OLD),)),
    ),
    "roll back": (
        {"deed": "roll back", "version": "1.0.0"},
        Seen("1.0.0", (("set aside", OLD),)),
    ),
}
"""What is tried, and what readers see once it is done; before it they see 1.0.1."""
ORDER = ("publish", "publish", "publish", "withdraw", "disclosure", "roll back")


@cache
def measure(deed: str, kind: str | int) -> int:
    """Calls of the deed that this kind of fault can hit, when none strikes."""
    order, done = DEEDS[deed]
    with a_home() as home:
        answer = nursery().do(**order, home=str(home), kind=kind)
        assert "n_calls" in answer, answer
        assert look(home) == done
        return int(answer["n_calls"])


def kill(seed: int) -> str | None:
    """Even seeds die at a counted call, odd ones after a random time."""
    chance = random.Random(seed)
    deed = ORDER[seed // 2 % len(ORDER)]
    order, done = DEEDS[deed]
    kind = KILLS[seed // 2 % len(KILLS)]
    if seed % 2:
        fault: dict[str, Any] = {"kill_after": chance.uniform(0, 1.2)}
    else:
        fault = {"kind": kind, "at": chance.randint(1, measure(deed, kind))}
    with a_home() as home:
        answer = nursery().do(**order, **fault, home=str(home))
        if answer["status"] not in (0, -9) or "failed" in answer:
            return f"{deed}, {fault}: {answer}"
        return _old_or_new(home, done, f"{deed}, {fault}")


def cut_power(seed: int) -> str | None:
    """Dead at a counted call, and a share of what was not forced to the disk is lost.

    Every eighth case dies after the deed said that it was done: then it must be.
    """
    is_done = seed % 8 == 7
    deed = ORDER[(seed // 8 if is_done else seed) % len(ORDER)]
    order, done = DEEDS[deed]
    at = AT_THE_END if is_done else random.Random(seed).randint(1, measure(deed, POWER))
    told = f"{deed}, power cut at call {at}"
    with a_home() as home:
        answer = nursery().do(**order, kind=POWER, at=at, seed=seed, home=str(home))
        if answer["status"] != -9:
            return f"{told}: {answer}"
        if is_done and look(home) != done:
            return f"{told}: it was done, readers see {look(home)}"
        return _old_or_new(home, done, told)


def _old_or_new(home: Path, done: Seen, told: str) -> str | None:
    seen = look(home)
    if seen not in (BEFORE, done) or not isinstance(seen, Seen):
        return f"{told}: readers see {seen}"
    fault = settle(home, seen)
    return f"{told}: {fault}" if fault else None


FAULTS = [(kind, good) for kind in PLACES for good in (False, True)]


def failing_call(seed: int) -> str | None:
    """The Nth call fails, once or from there on: old or new, the cause named, the next run good."""
    chance = random.Random(seed)
    kind, good = FAULTS[seed % len(FAULTS)]
    deed = ORDER[seed // len(FAULTS) % len(ORDER)]
    order, done = DEEDS[deed]
    at = chance.randint(1, measure(deed, kind))
    told = f"{deed}, {kind} at call {at}{' and after' if good else ''}"
    with a_home() as home:
        answer = nursery().do(**order, home=str(home), kind=kind, at=at, good=good)
        seen = look(home)
        if answer["status"] != 0:
            return f"{told}: {answer}"
        if "failed" not in answer and seen != done:
            return f"{told}: it said {answer['said']}, readers see {seen}"
        if "failed" in answer and not _names_the_cause(answer, kind):
            return f"{told}: the cause is not named: {answer}"
        return _old_or_new(home, done, told)


def _names_the_cause(answer: dict[str, Any], kind: str | int) -> bool:
    code = kind if isinstance(kind, int) else errno.EIO
    causes = (os.strerror(code), "reads back", "No space", "is full")
    return answer["exit"] == 3 and any(cause in answer["said"] for cause in causes)


def can_mount() -> bool:
    """Whether this machine lets a test mount a small file system."""
    with tempfile.TemporaryDirectory() as folder:
        made = _mounted(Path(folder), 1 << 20)
        if made:
            subprocess.run(["umount", folder], check=True)
        return made


def _mounted(folder: Path, size: int) -> bool:
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def full_disk(seed: int) -> str | None:
    """A file system that is really full after some more bytes, whoever writes them."""
    deed = ORDER[seed % len(ORDER)]
    order, done = DEEDS[deed]
    with tempfile.TemporaryDirectory() as folder, a_home() as original:
        used = int(subprocess.check_output(["du", "-sk", str(original)]).split()[0])
        spare = random.Random(seed).randrange(4, 1400)
        if not _mounted(Path(folder), (used + spare) << 10):
            raise RuntimeError("A small file system cannot be mounted here: run as root.")
        try:
            home = Path(folder) / "home"
            subprocess.run(["cp", "-a", str(original), str(home)], check=True)
            answer = nursery().do(**order, home=str(home))
            told = f"{deed} with {spare} KiB free"
            if "failed" in answer and not _names_the_cause(answer, errno.ENOSPC):
                return f"{told}: the cause is not named: {answer}"
            seen = look(home)
            if seen not in (BEFORE, done):
                return f"{told}: readers see {seen}"
            subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
            return _old_or_new(home, done, told)
        finally:
            subprocess.run(["umount", folder], check=True)


PUBLICATIONS, READERS = 4, 8


def read_meanwhile(seed: int) -> str | None:
    """Four publications while eight readers follow the pointer; 50 cases are 200 publications."""
    with a_home() as home:
        at = str(home)
        publisher = {"deed": "publish many", "home": at, "n": PUBLICATIONS, "from": 10 * seed + 2}
        reader = {"deed": "read many", "home": at, "until": f"{at}/done", "least": 250}
        answers = nursery().run(publisher, *[reader] * READERS)
        told = [answer.get("said") for answer in answers]
        if told[0] != PUBLICATIONS:
            return f"the publisher failed: {answers[0]}"
        faults = [fault for said in told[1:] for fault in (said["faults"] if said else ["died"])]
        readings = sum(said["n"] for said in told[1:] if said)
        if not faults and readings < 2_000:
            return f"only {readings} readings were made"
        return f"{len(faults)} readings were wrong: {faults[0]}" if faults else None


def race(seed: int) -> str | None:
    """Two publishers, or one that comes back after another took its place."""
    return _zombie(seed) if seed % 4 == 3 else _two_at_once(seed)


def _two_at_once(seed: int) -> str | None:
    """The same or different figures; candidates of each apart, releases shared."""
    figures = (502.0, 502.0) if seed % 2 else (502.0, 503.0)
    with a_home() as home:
        orders = [
            {"deed": "publish", "home": str(home), "candidates": f"{home}/{name}", "numerator": n}
            for name, n in zip(("one", "two"), figures, strict=True)
        ]
        answers = nursery().run(*orders)
        actions = sorted(tuple(answer.get("said") or ("failed", None)) for answer in answers)
        wanted = [("nothing", NEXT), ("publish", NEXT)]
        if figures[0] != figures[1]:
            wanted = [("publish", NEXT), ("publish", "1.0.3")]
        seen = look(home)
        if actions != wanted or seen != Seen(str(wanted[-1][1])):
            return f"{figures}: {actions}, readers see {seen}"
        return None


def _zombie(seed: int) -> str | None:
    """One loses its lock before some step, another publishes, then the first comes back.

    "check" is the last look at the token, one rename before the pointer moves.
    """
    step = ("write", "claim", "move", "check")[seed // 4 % 4]
    with a_home() as home:
        slow = ReleaseStore(home / "releases", signer=KEY)
        put_candidate(home, 502.0)

        def meanwhile() -> None:
            (home / "staging" / "publish.lock").unlink()
            answer = nursery().do(
                deed="publish", home=str(home), candidates=f"{home}/two", numerator=503.0
            )
            assert answer["said"] == ["publish", NEXT], answer

        _interrupt(slow, step, meanwhile)
        try:
            outcome = publish_candidate(CandidateStore(home / "candidates"), slow, PRODUCT, NOW)
        except (ReleaseConflictError, FileNotFoundError):
            seen = look(home)
            return None if seen == Seen(NEXT) else f"zombie at {step}: readers see {seen}"
        return f"a zombie at {step} was let through: {outcome.decision}"


def _interrupt(store: ReleaseStore, step: str, meanwhile: Callable[[], None]) -> None:
    """Let something happen just before a step of this store, once."""
    owner, name = {
        "write": (store, "stage"),
        "claim": (store.claims, "take"),
        "move": (store.public, "move_in"),
        "check": (store.public, "move_in"),
    }[step]
    original = getattr(owner, name)

    def interrupted(*given: Any, **named: Any) -> Any:
        if step == "check":
            original(*given, **named)
            return meanwhile()
        meanwhile()
        return original(*given, **named)

    setattr(owner, name, interrupted)


PARTS = (
    Part(
        "torn-publish",
        "A publication, withdrawal or roll-back killed at any point (at a counted call, or after a"
        " random time) leaves the old or the new release whole; the next run goes on unaided",
        1_000,
        kill,
    ),
    Part(
        "power-cuts",
        "A power cut at any call, which loses what was written but not forced to the disk (the last"
        " new names, and some or all bytes), leaves the old or the new release whole; one that was"
        " told as done stays",
        500,
        cut_power,
    ),
    Part(
        "failing-calls",
        "The Nth system call failing, once or for good (no space, I/O error, no right, too many"
        " files, read-only, short write, failed fsync), leaves the old or the new release whole"
        " and names the cause",
        840,
        failing_call,
    ),
    Part(
        "full-disk",
        "A file system that is really full leaves the old or the new release whole; with space"
        " again the next run goes on",
        100,
        full_disk,
    ),
    Part(
        "readers",
        "4 publications while 8 readers follow the pointer at least 250 times each: no mixture of"
        " two releases, no missing file",
        50,
        read_meanwhile,
    ),
    Part(
        "races",
        "Two publishers, also one that comes back after losing its lock: one winner for a number,"
        " none lost or used twice",
        200,
        race,
    ),
)
