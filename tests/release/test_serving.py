"""Reading over HTTP: a real server process, asked by a plain client.

Only what a pointer named can be read; aliases follow it; nothing can be written.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest

from assets.publishing.candidates import CandidateStore
from assets.publishing.files import files_below, json_bytes, read_json
from assets.publishing.pointer import POINTER, Notice, Pointer, Standing, read_standing
from assets.publishing.publish import publish_candidate
from assets.publishing.reading import Readers, resolve
from assets.publishing.store import ReleaseStore
from pipelines.serving import only_reads
from tests.release.sample import (
    COUNCILS,
    NOW,
    PRODUCT,
    YEARS,
    correct,
    make_candidate,
    night_of,
    small_figures,
)
from tests.release.served import Site, serving

VALUES = "data/indicator_values.csv"
CURRENT = "1.0.1"


def sql(query: str) -> str:
    return f"/api/{PRODUCT}.json?_shape=array&sql={quote(query)}"


# --- files ---------------------------------------------------------------------------------------


def test_every_published_file_can_be_read_as_it_was_published(
    site: Site, two_versions: ReleaseStore
) -> None:
    for version in ("1.0.0", CURRENT):
        folder = two_versions.root / PRODUCT / version
        for name in files_below(folder):
            answer = site.ask(f"/{PRODUCT}/{version}/{name}")
            assert (answer.status, answer.body) == (200, (folder / name).read_bytes()), name
    for name in ("index.html", "catalogue.json", "feed.json", f"{PRODUCT}/{POINTER}"):
        assert site.ask(f"/{name}").body == (two_versions.root / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (f"{PRODUCT}/latest/{VALUES}", "text/csv; charset=utf-8"),
        (f"{PRODUCT}/latest/data/benchmarks.parquet", "application/vnd.apache.parquet"),
        (f"{PRODUCT}/latest/{PRODUCT}.sqlite", "application/vnd.sqlite3"),
        (f"{PRODUCT}/latest/datapackage.json", "application/json"),
        (f"{PRODUCT}/latest/csv-metadata.json", "application/csvm+json"),
        (f"{PRODUCT}/latest/site/index.html", "text/html; charset=utf-8"),
        (f"{PRODUCT}/latest/CHANGES.md", "text/markdown; charset=utf-8"),
        ("catalogue.json", "application/ld+json"),
        ("feed.json", "application/feed+json"),
    ],
)
def test_content_types_are_those_of_the_formats(site: Site, name: str, kind: str) -> None:
    answer = site.ask(f"/{name}", "HEAD")
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.body == b""


def test_the_entity_tag_is_the_hash_of_the_manifest(site: Site, two_versions: ReleaseStore) -> None:
    listed = read_json(two_versions.path(PRODUCT) / "manifest.json")["files"]
    answer = site.ask(f"/{PRODUCT}/latest/{VALUES}")
    assert answer.headers["etag"] == f'"{listed[VALUES]["sha256"]}"'
    for sent in (answer.headers["etag"], f'"old", W/{answer.headers["etag"]}', "*"):
        again = site.ask(f"/{PRODUCT}/{CURRENT}/{VALUES}", if_none_match=sent)
        assert (again.status, again.body) == (304, b""), "the same file under another address"
    older = site.ask(f"/{PRODUCT}/1.0.0/{VALUES}", if_none_match=answer.headers["etag"])
    assert older.status == 200, "another version is another file"


def test_a_part_of_a_file_can_be_asked_for(site: Site) -> None:
    answer = site.ask(f"/{PRODUCT}/latest/{PRODUCT}.sqlite", range="bytes=0-15")
    assert (answer.status, answer.body) == (206, b"SQLite format 3\0")


def test_a_csv_leads_to_its_description(site: Site) -> None:
    """What the W3C's model asks of a server, so that tools find types and meanings alone."""
    answer = site.ask(f"/{PRODUCT}/1/{VALUES}", "HEAD")
    assert answer.headers["link"] == (
        f'</{PRODUCT}/{CURRENT}/csv-metadata.json>; rel="describedby"'
    )


@pytest.mark.parametrize("folder", ["", "/", "/latest", "/latest/", "/1.0.0/"])
def test_a_folder_leads_to_its_page(site: Site, folder: str) -> None:
    answer = site.ask(f"/{PRODUCT}{folder}")
    assert answer.status == 307
    page = site.ask(answer.headers["location"])
    assert page.status == 200
    assert b"<h1" in page.body


# --- aliases -------------------------------------------------------------------------------------


@pytest.mark.parametrize("alias", ["latest", "1", "1.0", CURRENT])
def test_an_alias_is_the_version_it_stands_for(
    site: Site, two_versions: ReleaseStore, alias: str
) -> None:
    answer = site.ask(f"/{PRODUCT}/{alias}/{VALUES}")
    assert answer.body == (two_versions.path(PRODUCT) / VALUES).read_bytes()
    assert answer.headers["content-location"] == f"/{PRODUCT}/{CURRENT}/{VALUES}"
    is_fixed = alias == CURRENT
    assert answer.headers["cache-control"].startswith("public" if is_fixed else "no-cache")


@pytest.mark.parametrize("alias", ["2", "1.1", "0", "1.0.2", "Latest", "v1", "1.", "01"])
def test_an_alias_of_nothing_is_not_found(site: Site, alias: str) -> None:
    assert site.ask(f"/{PRODUCT}/{alias}/{VALUES}").status == 404


def standing(current: str | None, **notices: str) -> Standing:
    pointer = Pointer(PRODUCT, current, current, "0" * 64, "2026-01-01") if current else None
    listed = (
        Notice(kind.replace("_", " "), version, "2026-02-01", "2026-01-01", "0" * 64, "why", "pam")
        for kind, version in notices.items()
    )
    return Standing(PRODUCT, pointer, tuple(listed))


VERSIONS = ["1.0.0", "1.2.0", "1.2.9", "1.2.10", "1.10.0", "2.0.0"]


@pytest.mark.parametrize(
    ("current", "notices", "asked", "meant"),
    [
        ("2.0.0", {}, "latest", "2.0.0"),
        ("2.0.0", {}, "1", "1.10.0"),
        ("2.0.0", {}, "1.2", "1.2.10"),
        ("2.0.0", {}, "1.1", None),
        ("1.2.10", {"set_aside": "2.0.0"}, "2", None),
        ("1.2.10", {"set_aside": "2.0.0"}, "2.0.0", "2.0.0"),
        ("1.2.10", {}, "1", "1.2.10"),
        ("2.0.0", {"withdrawn": "1.2.10"}, "1.2", "1.2.9"),
        ("2.0.0", {"withdrawn": "1.2.10"}, "1.2.10", "1.2.10"),
        ("2.0.0", {"withdrawn": "1.2.10", "restored": "1.2.10"}, "1.2", "1.2.10"),
        (None, {"withdrawn": "1.0.0"}, "latest", None),
        (None, {"withdrawn": "1.0.0"}, "1", None),
    ],
)
def test_aliases_follow_the_pointer_and_avoid_withdrawn_versions(
    current: str | None, notices: dict[str, str], asked: str, meant: str | None
) -> None:
    assert resolve(asked, standing(current, **notices), VERSIONS) == meant


# --- the API -------------------------------------------------------------------------------------


def test_the_api_answers_what_the_files_hold(site: Site, two_versions: ReleaseStore) -> None:
    frame = pd.read_csv(two_versions.path(PRODUCT) / VALUES)
    rows = site.ask(
        sql("select area_code, sum(value) total from indicator_values group by 1")
    ).json()
    expected = frame.groupby("area_code")["value"].sum()
    assert {row["area_code"]: row["total"] for row in rows} == pytest.approx(expected.to_dict())
    listed = site.ask(f"/api/{PRODUCT}/areas.json?_shape=array&area_code={COUNCILS[0]}").json()
    assert [row["name_cy"] for row in listed] == [f"Cyngor {COUNCILS[0]}"]
    assert site.ask(f"/api/{PRODUCT}/areas").headers["content-type"].startswith("text/html")
    assert PRODUCT in site.ask("/api/.json").json()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "MKCOL", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", f"/api/{PRODUCT}.json", f"/{PRODUCT}/latest/{VALUES}"])
def test_nothing_can_be_written(site: Site, method: str, path: str) -> None:
    answer = site.ask(path, method)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert "Dim ond darllen" in answer.body.decode()


@pytest.mark.parametrize(
    "query",
    [
        "insert into areas values (1)",
        "delete from areas",
        "select 1; drop table areas",
        "pragma query_only = 0",
        "attach '/etc/passwd' as other",
        "vacuum into '/tmp/copy'",
        "select load_extension('x')",
        "select readfile('/etc/passwd')",
        "select file from pragma_database_list",
        "select file from pragma_database_list()",
        "with p as (select * from pragma_database_list) select count(*) from p",
        "select length(randomblob(200000))",
        "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n",
    ],
)
def test_a_query_can_only_read_the_tables(
    site: Site, two_versions: ReleaseStore, query: str
) -> None:
    answer = site.ask(sql(query))
    assert answer.status == 400
    assert str(two_versions.root.parent).encode() not in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/api/-/databases.json",
        "/api/-/plugins.json",
        "/api/-/settings.json",
        "/api/-/versions.json",
        "/api/-/threads.json",
        "/api/-/metadata.json",
        "/api/_memory.json?sql=select+1",
        "/api/_internal.json",
        f"/api/{PRODUCT}.db",
        f"/api/{PRODUCT}.csv?sql=select+1",
        f"/api/{PRODUCT}/areas.csv",
        "/api/nothing.json",
    ],
)
def test_the_api_shows_nothing_of_the_machine_and_no_csv(site: Site, path: str) -> None:
    """CSV comes from the released files, whose cells no spreadsheet runs."""
    assert site.ask(path).status == 404


def test_a_refused_query_leaves_no_traceback(two_versions: ReleaseStore, tmp_path: Path) -> None:
    """It is the reader's affair: the operator's log shows no variables of the server."""
    log = tmp_path / "log"
    with log.open("wb") as file, serving(two_versions.root.parent, file) as site:
        assert site.ask(sql("delete from areas")).status == 400
    assert b"Releases: http" in log.read_bytes()
    assert b"Traceback" not in log.read_bytes()


def test_a_connection_of_the_api_reads_and_does_no_more(two_versions: ReleaseStore) -> None:
    """The guard alone, without Datasette before it."""
    path = two_versions.path(PRODUCT) / f"{PRODUCT}.sqlite"
    connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
    only_reads.prepare_connection(connection, PRODUCT)
    assert connection.execute("select count(*) from areas").fetchone() == (6,)
    assert connection.execute("pragma table_info('areas')").fetchall()
    for query in (
        "select 1 from pragma_table_info('areas')",
        "create temp table t (x)",
        "attach ':memory:' as m",
        "pragma page_size = 512",
    ):
        with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
            connection.execute(query)
    connection.close()


# --- what is not public --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/../candidates/current.json",
        "/..%2fcandidates/current.json",
        "/%2e%2e/%2e%2e/etc/passwd",
        f"/{PRODUCT}/latest/../../../profile",
        f"/{PRODUCT}/latest/..%2f..%2f..%2fprofile",
        f"/{PRODUCT}/latest/data/../manifest.json/../../1.0.0/manifest.json",
        f"/{PRODUCT}/..",
        f"/{PRODUCT}/../{PRODUCT}/latest.json",
        "//etc/passwd",
        "/etc/passwd",
        f"/{PRODUCT}/latest//etc/passwd",
        f"/{PRODUCT}/latest/data",
        f"/{PRODUCT}/latest/%00",
        f"/{PRODUCT}/latest/data%5cindicator_values.csv",
        "/api/../../profile",
        "/api/%2e%2e/profile",
        f"/api/{PRODUCT}/../../../profile",
        "/.env",
        "/keys/../profile",
        "/" + "a" * 5000,
    ],
)
def test_no_path_leads_outside(site: Site, path: str) -> None:
    assert site.ask(path).status == 404


@pytest.fixture
def own_site(own_versions: ReleaseStore) -> Iterator[Site]:
    with serving(own_versions.root.parent) as running:
        yield running


def test_what_waits_is_not_there_and_what_is_published_is_at_once(
    own_versions: ReleaseStore, own_site: Site
) -> None:
    """One server, never restarted: a candidate, a version half moved in, then a release."""
    home = own_versions.root.parent
    candidates = CandidateStore(home / "candidates")
    secret = correct(small_figures(), COUNCILS[2], YEARS[1], 123.0)
    candidates.save(make_candidate(night_of(secret)))
    early = own_versions.root / PRODUCT / "1.0.2"
    shutil.copytree(own_versions.path(PRODUCT), early)
    for path in [f"/candidates/{name}" for name in files_below(home / "candidates")]:
        assert own_site.ask(path).status == 404
        assert own_site.ask(f"/..{path}").status == 404
    for alias in ("1.0.2", "latest", "1", "1.0"):
        answer = own_site.ask(f"/{PRODUCT}/{alias}/manifest.json")
        assert answer.status == 404 or answer.json()["version"] == CURRENT
    figure = sql(
        "select value from indicator_values where indicator = 'recycling'"
        f" and area_code = '{COUNCILS[2]}' and period = '{YEARS[1]}'"
    )
    assert own_site.ask(figure).json() != [{"value": 12.3}]

    shutil.rmtree(early)
    made = publish_candidate(candidates, own_versions, PRODUCT, NOW).version
    assert made is not None
    assert made > CURRENT
    assert own_site.ask(f"/{PRODUCT}/latest/manifest.json").json()["version"] == made
    assert own_site.ask(f"/{PRODUCT}/{made}/{VALUES}").status == 200
    assert own_site.ask(figure).json() == [{"value": 12.3}]


def test_public_keys_can_be_fetched_and_nothing_beside_them(own_versions: ReleaseStore) -> None:
    keys = own_versions.root / "keys"
    keys.mkdir(exist_ok=True)
    for name in ("1818012C23EC5E91.pub", "signing.key"):
        (keys / name).write_text("key", encoding="utf-8")
    readers = Readers(own_versions.root)
    assert readers.find("keys/1818012C23EC5E91.pub") is not None
    assert readers.find("keys/signing.key") is None
    assert readers.find("keys/FFFFFFFFFFFFFFFF.pub") is None


def test_a_removed_version_leaves_a_tombstone_only(own_versions: ReleaseStore) -> None:
    folder = own_versions.root / PRODUCT
    facts = read_standing(folder / POINTER)
    assert facts is not None
    notice = Notice("removed", "1.0.0", "2026-03-03", "2026-03-02", "0" * 64, "why", "pam")
    (folder / POINTER).write_bytes(json_bytes(replace(facts, notices=(notice,)).content()))
    own_versions.public.bury(PRODUCT, notice)
    readers = Readers(own_versions.root)
    assert readers.find(f"{PRODUCT}/1.0.0/{VALUES}") is None
    assert readers.find(f"{PRODUCT}/1.0.0/manifest.json") is None
    for name in ("withdrawn.json", "site/index.html"):
        found = readers.find(f"{PRODUCT}/1.0.0/{name}")
        assert found is not None
        assert found.address is None, "it may change"
    page = Path(found.path).read_text(encoding="utf-8")
    assert "This version was withdrawn" in page
    assert "Tynnwyd y fersiwn hon yn ôl" in page
