"""The raw store: bytes by hash, how they came, and where each dataset stands."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest

from assets.sources.exchange import Exchange
from assets.sources.raw_store import PullRecord, RawStore, RawStoreError
from tests.fixtures.servers.rig import NOW


@pytest.fixture
def store(tmp_path):
    return RawStore(tmp_path / "raw")


def exchange(body=b"a,b\n1,2\n", url="https://example.org/data"):
    return Exchange("GET", url, 200, {"content-type": "text/csv"}, body, NOW)


def test_bytes_go_in_and_come_out_under_their_hash(store):
    digest = store.put(exchange())
    assert digest == sha256(b"a,b\n1,2\n").hexdigest()
    assert store.get(digest) == b"a,b\n1,2\n"
    assert store.meta(digest) == {
        "sha256": digest,
        "bytes": 8,
        "method": "GET",
        "url": "https://example.org/data",
        "status": 200,
        "headers": {"content-type": "text/csv"},
        "time": "2026-11-21T03:30:00+00:00",
        "request_body": None,
    }


def test_the_same_bytes_are_kept_once_as_they_first_came(store):
    first = store.put(exchange())
    assert store.put(exchange(url="https://example.org/again")) == first
    assert store.meta(first)["url"] == "https://example.org/data"
    assert len([path for path in store.root.rglob("*") if path.is_file()]) == 2


def test_a_file_of_the_inbox_is_kept_under_its_name_in_the_inbox(store):
    digest = store.put_file("returns/W06000001/waste.csv", b"x", NOW)
    assert store.meta(digest)["url"] == "returns/W06000001/waste.csv"


def test_a_flipped_bit_is_noticed(store):
    digest = store.put(exchange())
    path = store.root / digest[:2] / digest
    path.write_bytes(b"a,b\n1,3\n")
    with pytest.raises(RawStoreError, match="changed on disk"):
        store.get(digest)


def test_a_half_written_file_is_replaced(store):
    digest = store.put(exchange())
    (store.root / digest[:2] / digest).write_bytes(b"a,b")
    store.put(exchange())
    assert store.get(digest) == b"a,b\n1,2\n"


@pytest.mark.parametrize("name", ["../../etc/passwd", "0" * 64, ""])
def test_what_is_not_there_is_said(store, name):
    with pytest.raises(RawStoreError):
        store.get(name)


def test_a_dataset_never_tried_stands_at_never(store):
    status = store.status("births")
    assert (status.state, status.revision, status.age_days(NOW)) == ("never", None, None)


def test_after_a_failure_the_last_good_answer_stands(store):
    good = PullRecord(
        state="fresh",
        tried_at=NOW,
        revision="f:r1:-",
        n_rows=22,
        n_unselected=3,
        sha256s=("ab",),
        source_published="2026-10-01",
    )
    store.record("births", good)
    store.record(
        "births", PullRecord(state="stale", tried_at=NOW + timedelta(days=3), reason="It is down.")
    )
    status = RawStore(store.root).status("births")
    assert status.state == "stale"
    assert status.reason == "It is down."
    assert status.last_pulled == "2026-11-21T03:30:00+00:00"
    assert status.last_tried == "2026-11-24T03:30:00+00:00"
    assert (status.revision, status.n_rows, status.n_unselected) == ("f:r1:-", 22, 3)
    assert (status.sha256s, status.source_published) == (("ab",), "2026-10-01")
    assert status.age_days(NOW + timedelta(days=3, hours=5)) == 3


def test_a_confirmation_is_a_good_pull(store):
    store.record("births", PullRecord(state="fresh", tried_at=NOW, n_rows=22, n_unselected=3))
    later = NOW + timedelta(days=1)
    store.record("births", PullRecord(state="unchanged", tried_at=later, n_rows=22))
    status = store.status("births")
    assert status.age_days(later) == 0
    assert status.n_unselected == 3


def test_a_dataset_is_a_name_and_never_a_path(store):
    with pytest.raises(RawStoreError):
        store.status("../births")


def test_status_files_are_plain_json(store):
    store.record("births", PullRecord(state="fresh", tried_at=NOW, revision="f:r:c"))
    said = json.loads((store.root / "status" / "births.json").read_text())
    assert said["revision"] == "f:r:c"


def test_where_nothing_has_changed_the_bytes_of_the_figures_are_still_the_ones_named(store):
    """A build or revision that is confirmed is no answer with figures in it."""
    good = PullRecord("fresh", NOW, "f:r:c", sha256s=("data",), source_published="2026-10-01")
    store.record("births", good)
    store.record("births", PullRecord("unchanged", NOW, "f:r:c", sha256s=("health",)))
    status = store.status("births")
    assert (status.sha256s, status.source_published) == (("data",), "2026-10-01")
