"""The fetcher against a real server on this machine: what is repeated, refused and said."""

import gzip
import logging
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from assets.sources.http import Fetcher, Limits, PermanentFailure, TransientFailure
from tests.fixtures.servers.faulty import FAULTS_OF_TRANSPORT, FaultyServer, Reply
from tests.fixtures.servers.rig import NOW, Rig

BODY = b"area,value\n" + b"W06000015,12.5\n" * 400


class Plain(FaultyServer):
    def answer(self, method, path, query, body):
        if path == "/moved":
            return Reply(301, b"", {"Location": "http://169.254.169.254/latest"})
        if path.startswith("/status/"):
            return Reply(int(path.rpartition("/")[2]), b'{"message":"no"}')
        return Reply(200, BODY, {"Content-Type": "text/csv", "Set-Cookie": "session=canary"})


@pytest.fixture
def server():
    with Plain() as running:
        yield running


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path)


@contextmanager
def dripping(head, body, pause):
    """A server that sends a head, then the body byte by byte; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError):
                        connection.recv(65_536)
                        connection.sendall(head)
                        for byte in body:
                            time.sleep(pause)
                            connection.sendall(bytes([byte]))

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/data"
        listening.shutdown(socket.SHUT_RDWR)


def test_an_answer_comes_whole_and_is_kept(server, rig):
    exchange = rig.fetcher.get(f"{server.url}/data", {"format": "csv"})
    assert (exchange.status, exchange.body) == (200, BODY)
    assert exchange.url == f"{server.url}/data?format=csv"
    assert rig.store.get(exchange.sha256) == BODY
    assert rig.store.meta(exchange.sha256)["time"] == "2026-11-21T03:30:00+00:00"


def test_we_say_who_we_are(server, rig):
    rig.fetcher.get(f"{server.url}/data")
    assert "council-benchmarks" in rig.session.headers["User-Agent"]


@pytest.mark.parametrize("fault", FAULTS_OF_TRANSPORT)
def test_a_passing_fault_leaves_identical_bytes(server, rig, fault):
    server.retry_at = NOW + timedelta(seconds=9)
    server.fail("/data", fault, times=2)
    assert rig.fetcher.get(f"{server.url}/data").body == BODY
    assert server.count("/data") == 3


@pytest.mark.parametrize("fault", FAULTS_OF_TRANSPORT)
def test_a_lasting_fault_is_a_transient_failure_after_five_tries(server, rig, fault):
    server.retry_at = NOW + timedelta(seconds=9)
    server.fail("/data", fault)
    with pytest.raises(TransientFailure) as failure:
        rig.fetcher.get(f"{server.url}/data")
    assert server.count("/data") == 5
    said = str(failure.value)
    assert said.endswith("5 times: run again later.")
    assert "127.0.0.1" in said
    assert not list(rig.store.root.glob("*/*")), "nothing half read is kept"


def test_retry_after_is_obeyed_in_seconds_and_as_a_date(server, rig):
    server.fail("/data", "429-seconds", times=1)
    rig.fetcher.get(f"{server.url}/data")
    server.retry_at = NOW + timedelta(seconds=33)
    server.fail("/data", "429-date", times=1)
    rig.fetcher.get(f"{server.url}/data")
    assert rig.slept == [7, 33]


def test_pauses_grow_and_are_jittered(server, rig):
    server.fail("/data", "503")
    with pytest.raises(TransientFailure):
        rig.fetcher.get(f"{server.url}/data")
    assert rig.slept == [1, 2, 4, 8]
    rig.slept.clear()
    rig.fetcher.jitter = lambda: 0.0
    with pytest.raises(TransientFailure):
        rig.fetcher.get(f"{server.url}/data")
    assert rig.slept == [0.5, 1, 2, 4]


def test_a_source_has_fifteen_minutes_and_no_more(server, rig):
    fetcher = rig.fetcher.for_source()
    server.retry_at = NOW + timedelta(minutes=16)
    server.fail("/data", "429-date")
    with pytest.raises(TransientFailure, match="960 s more would pass the 900 s"):
        fetcher.get(f"{server.url}/data")
    assert (server.count(), rig.slept) == (1, [])
    assert rig.fetcher.limits.budget_seconds == 15 * 60


def test_each_source_gets_its_own_time(server, rig):
    rig.slept.append(899.5)
    server.fail("/data", "503", times=1)
    with pytest.raises(TransientFailure):
        rig.fetcher.get(f"{server.url}/data")
    server.fail("/data", "503", times=1)
    assert rig.fetcher.for_source().get(f"{server.url}/data").body == BODY


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 422])
def test_other_refusals_are_permanent_and_asked_once(server, rig, status):
    with pytest.raises(PermanentFailure, match=f"answered {status}") as failure:
        rig.fetcher.get(f"{server.url}/status/{status}")
    assert server.count() == 1
    assert failure.value.exchange.status == status


def test_a_redirect_is_told_and_not_followed(server, rig):
    with pytest.raises(PermanentFailure, match="it has moved"):
        rig.fetcher.get(f"{server.url}/moved")
    assert server.count() == 1


def test_a_body_over_the_limit_is_refused_also_when_it_only_unpacks_to_it(server, rig):
    small = Fetcher(rig.session, rig.store, Limits(max_bytes=3000), sleep=rig.slept.append)
    with pytest.raises(PermanentFailure, match="ask for less"):
        small.get(f"{server.url}/data")
    server.fail("/data", "gzip")
    with pytest.raises(PermanentFailure, match="ask for less"):
        small.get(f"{server.url}/data")
    assert rig.fetcher.get(f"{server.url}/data").body == BODY


@pytest.mark.parametrize(
    ("status", "header", "number"),
    [
        (429, "Retry-After", "\xb2"),
        (429, "Retry-After", "Mon, 01 Jan 2024 00:00:00 +9999999999999999999999"),
        (200, "Content-Length", "\xb2"),
        (200, "Content-Length", "1" * 5000),
    ],
)
def test_a_header_that_is_no_number_breaks_nothing(rig, status, header, number):
    """What breaks a connector would stop the night; a failure of one source does not."""
    head = f"HTTP/1.1 {status} x\r\n{header}: {number}\r\n\r\n".encode("latin-1")
    with dripping(head, b"x", 0) as url:
        if (status, number) == (200, "\xb2"):
            assert rig.fetcher.get(url).body == b"x"
            return
        with pytest.raises(TransientFailure) as failure:
            rig.fetcher.get(url)
        assert len(str(failure.value)) < 200


def test_a_body_that_drips_ends_with_the_time_budget(rig):
    """Each byte comes in time, and all of them would come too late."""
    hasty = Fetcher(rig.session, rig.store, Limits(tries=1, budget_seconds=0.3))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"
    started = time.monotonic()
    with dripping(head, b"x" * 40, 0.1) as url:
        with pytest.raises(TransientFailure, match="sends too slowly"):
            hasty.get(url)
        assert time.monotonic() - started < 2


def test_an_answer_nested_too_deep_is_no_json(server, rig):
    exchange = replace(rig.fetcher.get(f"{server.url}/data"), body=b"[" * 200_000)
    assert not exchange.is_json
    with pytest.raises(TransientFailure, match="instead of JSON"):
        exchange.json()


def test_a_body_of_some_gzip_streams_is_one_and_of_thousands_none(server, rig):
    server.answer = lambda *_: Reply(200, gzip.compress(BODY) * 2, {"Content-Encoding": "gzip"})
    assert rig.fetcher.get(f"{server.url}/data").body == BODY * 2
    server.answer = lambda *_: Reply(200, gzip.compress(b"") * 200, {"Content-Encoding": "gzip"})
    with pytest.raises(TransientFailure, match="more than 100 gzip streams"):
        rig.fetcher.get(f"{server.url}/data")


def test_a_host_that_is_not_there_is_said_in_words(rig):
    with FaultyServer() as gone:
        address = gone.url
    with pytest.raises(TransientFailure, match="connection refused"):
        rig.fetcher.get(f"{address}/data")


def test_a_canary_in_an_address_is_nowhere_kept_logged_or_said(server, rig, caplog):
    caplog.set_level(logging.DEBUG)
    address = server.url.replace("//", "//user:canary1@") + "/data"
    params = {"api_key": "canary2", "access_token": "canary3", "format": "csv"}
    exchange = rig.fetcher.get(address, params)
    assert "format=csv" in exchange.url
    server.fail("/data", "503")
    with pytest.raises(TransientFailure) as transient:
        rig.fetcher.get(address, params)
    with pytest.raises(PermanentFailure) as permanent:
        rig.fetcher.get(address.replace("/data", "/status/404"), params)
    server.fail("/elsewhere", "reset")
    with pytest.raises(TransientFailure) as reset:
        rig.fetcher.get(address.replace("/data", "/elsewhere"), params)
    kept = b"".join(path.read_bytes() for path in rig.root.rglob("*") if path.is_file())
    said = caplog.text + "".join(
        repr(e.value) + str(e.value) for e in (transient, permanent, reset)
    )
    assert b"canary" not in kept
    assert "canary" not in said
    assert all(failure.value.__context__ is None for failure in (transient, reset))
