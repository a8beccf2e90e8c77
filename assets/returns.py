"""Stage 1: pull every dataset of the registry as it stands, or keep the last good answer.

A source that fails does not stop the night: its last good frame goes on, marked stale, and the
check `pulled` says so.
"""

from collections.abc import Iterator
from datetime import datetime

import dagster as dg
import pandas as pd

from assets.sources.http import Fetcher, SourceFailure, TransientFailure
from assets.sources.pull import Pulled, pull
from assets.sources.raw_store import PullRecord, RawStore
from assets.sources.registry import SourceEntry
from sql.clock import Clock
from sql.frames import FrameStore, empty
from sql.home import Home

RETRIES = 1


def raw_returns(entry: SourceEntry, seconds_to_retry: float = 5) -> dg.AssetsDefinition:
    """The asset raw_returns/<dataset> of one registry entry."""
    key = dg.AssetKey(["raw_returns", entry.dataset])

    @dg.asset(
        key=key,
        description=f"{entry.title.en}, as {entry.publisher} publishes it: text, nothing judged.",
        check_specs=[
            dg.AssetCheckSpec("pulled", asset=key, description="The source answered this night.")
        ],
    )
    def _raw_returns(
        context: dg.AssetExecutionContext,
        home: dg.ResourceParam[Home],
        fetcher: dg.ResourceParam[Fetcher],
        raw_store: dg.ResourceParam[RawStore],
        frames: dg.ResourceParam[FrameStore],
        clock: dg.ResourceParam[Clock],
    ) -> Iterator[dg.MaterializeResult[pd.DataFrame]]:
        name = "/".join(key.path)
        last_good = _last_good(frames, name)
        now = clock.now()
        if home.profile not in entry.profiles:
            yield _not_connected(entry, home.profile, raw_store, now)
            return
        try:
            pulled = pull(entry, fetcher, raw_store, home.inbox, _revision(last_good), now)
        except SourceFailure as failure:
            if isinstance(failure, TransientFailure) and context.retry_number < RETRIES:
                raise dg.RetryRequested(RETRIES, seconds_to_retry) from failure
            yield _stale(entry, last_good, failure, raw_store, now)
            return
        yield _good(entry, pulled, last_good, raw_store, now)

    return _raw_returns


def _good(
    entry: SourceEntry,
    pulled: Pulled,
    last_good: pd.DataFrame | None,
    raw_store: RawStore,
    now: datetime,
) -> dg.MaterializeResult[pd.DataFrame]:
    frame = last_good if pulled.frame is None else pulled.frame
    if frame is None:
        raise RuntimeError(f"{entry.dataset}: unchanged, yet there is no frame to keep")
    state = "fresh" if pulled.changed else "unchanged"
    frame = frame.assign(is_stale=pd.array([False] * len(frame), dtype="boolean"))
    frame.attrs["revision"] = pulled.revision
    raw_store.record(
        entry.dataset,
        PullRecord(
            state="fresh" if pulled.changed else "unchanged",
            tried_at=now,
            revision=pulled.revision,
            n_rows=len(frame),
            n_unselected=pulled.n_unselected,
            sha256s=pulled.sha256s,
            source_published=pulled.source_published,
        ),
    )
    return _result(frame, state, f"{len(frame)} rows, {state}.", passed=True)


def _last_good(frames: FrameStore, name: str) -> pd.DataFrame | None:
    """The newest frame that came from an answer; an empty one of a failed night does not count."""
    frame = frames.read(name) if frames.has(name) else None
    return None if _revision(frame) is None else frame


def _revision(last_good: pd.DataFrame | None) -> str | None:
    """The revision of the last good frame: kept inside it, so that the two never part."""
    return None if last_good is None else last_good.attrs.get("revision")


def _stale(
    entry: SourceEntry,
    last_good: pd.DataFrame | None,
    failure: SourceFailure,
    raw_store: RawStore,
    now: datetime,
) -> dg.MaterializeResult[pd.DataFrame]:
    frame = empty("raw_returns") if last_good is None else last_good
    revision = _revision(last_good)
    frame = frame.assign(is_stale=pd.array([True] * len(frame), dtype="boolean"))
    frame.attrs["revision"] = revision
    raw_store.record(
        entry.dataset,
        PullRecord(state="stale", tried_at=now, reason=str(failure), n_rows=len(frame)),
    )
    age = raw_store.status(entry.dataset).age_days(now)
    kept = "there is no earlier answer" if last_good is None else f"that of {age} days ago is kept"
    return _result(frame, "stale", f"{failure} ({kept})", passed=False)


def _not_connected(
    entry: SourceEntry, profile: str, raw_store: RawStore, now: datetime
) -> dg.MaterializeResult[pd.DataFrame]:
    reason = f"There is no {profile} of {entry.dataset}: nothing was asked, nothing is made up."
    raw_store.record(entry.dataset, PullRecord(state="never", tried_at=now, reason=reason))
    frame = empty("raw_returns")
    frame.attrs["not_connected"] = reason
    return _result(frame, "never", reason, passed=True)


def _result(
    frame: pd.DataFrame, state: str, said: str, *, passed: bool
) -> dg.MaterializeResult[pd.DataFrame]:
    return dg.MaterializeResult(
        value=frame,
        metadata={"state": state, "result": said},
        check_results=[
            dg.AssetCheckResult(
                check_name="pulled",
                passed=passed,
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={"state": state, "reason": said},
            )
        ],
    )
