"""The files of a release as strangers' tools read them."""

import csv
import io
import re
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import frictionless
import pandas as pd
import pyarrow as pa
import pytest
import rdflib
import yaml
from csvw import CSVW

from assets.publishing.candidates import CandidateStore
from assets.publishing.data_files import csv_bytes, unescape
from assets.publishing.files import files_below, json_bytes, read_json
from assets.publishing.listings import write_listings
from assets.publishing.package import CSV_TABLES
from assets.publishing.pages import Listed
from assets.publishing.pointer import Notice
from assets.publishing.publish import publish_candidate
from assets.publishing.store import ReleaseStore
from assets.publishing.words import Words
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


@pytest.fixture
def path(two_versions: ReleaseStore) -> Path:
    """The second version: to be read only."""
    return two_versions.path(PRODUCT)


@pytest.fixture
def own_path(own_versions: ReleaseStore) -> Path:
    """A copy of the second version, to be damaged."""
    return own_versions.path(PRODUCT)


def test_the_data_package_is_valid(path: Path) -> None:
    with frictionless.system.use_context(trusted=True):
        report = frictionless.validate(str(path / "datapackage.json"))
    assert report.valid, report.flatten(["title", "note", "message"])[:5]
    assert len(report.tasks) == len(CSV_TABLES)


def test_the_data_package_notices_a_damaged_file(own_path: Path) -> None:
    file = own_path / "data" / "indicator_values.csv"
    file.write_text(file.read_text().replace("1000", "many", 1))
    with frictionless.system.use_context(trusted=True):
        assert not frictionless.validate(str(own_path / "datapackage.json")).valid


def test_csv_parquet_and_sqlite_hold_the_same_figures(path: Path) -> None:
    csv = pd.read_csv(path / "data" / "indicator_values.csv")
    excel = pd.read_csv(path / "data" / "excel" / "indicator_values.csv", encoding="utf-8-sig")
    query = "SELECT area_code, value FROM read_parquet(?) ORDER BY ALL"
    parquet = duckdb.execute(query, [str(path / "data" / "indicator_values.parquet")]).fetchall()
    connection = sqlite3.connect(path / f"{PRODUCT}.sqlite")
    stored = connection.execute("SELECT area_code, value FROM indicator_values ORDER BY 1, 2")
    expected = sorted(zip(csv["area_code"], csv["value"], strict=True))
    assert parquet == stored.fetchall() == expected
    assert excel.equals(csv)
    connection.close()


def test_no_cell_runs_in_a_spreadsheet(path: Path) -> None:
    findings = pd.read_csv(path / "findings.csv")
    assert list(findings["seen"]) == ["'=1+1"]


def test_the_dictionary_explains_every_column_of_every_csv(path: Path) -> None:
    dictionary = pd.read_csv(path / "dictionary.csv")
    assert dictionary["description"].notna().all()
    for file, columns in dictionary.groupby("file")["column"]:
        assert list(columns) == list(pd.read_csv(path / str(file), nrows=0).columns)


def test_the_readable_changelog_is_bilingual(path: Path) -> None:
    text = (path / "CHANGES.md").read_text(encoding="utf-8")
    english, welsh = text.split('<div lang="cy">')
    assert "Changed figures: 1" in english
    assert "Ffigurau a newidiodd: 1" in welsh
    assert "### Corrections of errors: 1" in english
    assert "### Cywiriadau i wallau: 1" in welsh
    assert "| Recycling | 2023-24 | Council W06000001 | Total | 51.4 | 90 |" in english
    assert "| Recycling (cy) | 2023-24 | Cyngor W06000001 | Cyfanswm | 51.4 | 90 |" in welsh


def test_what_moved_is_told_in_words_of_each_language(path: Path) -> None:
    """One line for each place in a group, ranks first; no codes, no more digits than help."""
    english, welsh = (path / "CHANGES.md").read_text(encoding="utf-8").split('<div lang="cy">')
    for text, rank, mean in ((english, "Rank", "Mean"), (welsh, "Safle", "Cymedr")):
        moved = [line for line in text.splitlines() if line.startswith("- ")]
        kinds = [rank in line for line in moved]
        assert any(kinds)
        assert kinds == sorted(kinds, reverse=True)
        assert any(f"{mean} " in line for line in moved)
        assert not [line for line in moved if re.search(r"headline|: mad|sd |q1|\d\.\d{7}", line)]
        assert len({(rank in line, line.partition(":")[0]) for line in moved}) == len(moved)


def test_a_planned_revision_is_no_correction(
    candidates: CandidateStore, releases: ReleaseStore
) -> None:
    """A figure marked provisional and then changed was announced; a plain one was wrong."""
    early = correct(small_figures(), COUNCILS[0], LAST_YEAR, 500.0, note_code="p")
    late = correct(early, COUNCILS[0], LAST_YEAR, 510.0, note_code="r")
    late = correct(late, COUNCILS[1], LAST_YEAR, 777.0)
    for figures in (early, late):
        candidates.save(make_candidate(night_of(figures)))
        path = publish_candidate(candidates, releases, PRODUCT, NOW).path
    assert path is not None
    text = (path / "CHANGES.md").read_text(encoding="utf-8")
    assert "### Corrections of errors: 1" in text
    assert "### Planned revisions: 1" in text
    item = read_json(releases.root / "feed.json")["items"][0]
    assert {"planned revision", "correction"} <= set(item["tags"])
    for words in ("Corrections of errors: 1", "Diwygiadau wedi'u cynllunio: 1"):
        assert words in item["content_text"]


def test_the_csvw_metadata_is_valid(path: Path) -> None:
    found = CSVW(str(path / "csv-metadata.json"), validate=True)
    assert found.is_valid, found.warnings[:5]
    assert {table.url.string for table in found.tables} == set(CSV_TABLES)
    described = found.tables[0].tableSchema.columns
    assert all(column.common_props["dc:description"] for column in described)


@pytest.mark.parametrize(
    ("file", "was", "now", "said"),
    [
        ("data/indicator_values.csv", ",1000,", ",many,", "many"),
        ("data/indicator_values.csv", '"recycling","2023', '"unknown","2023', "Key `unknown`"),
        ("data/areas.csv", '"W06000002"', '"W06000001"', "duplicate primary key"),
    ],
    ids=["a word for a number", "an indicator that is not in the catalogue", "a key twice"],
)
def test_the_csvw_metadata_notices_damage(
    own_path: Path, file: str, was: str, now: str, said: str
) -> None:
    text = (own_path / file).read_text()
    assert was in text
    (own_path / file).write_text(text.replace(was, now, 1))
    assert said in csvw_fault(own_path)


def csvw_fault(path: Path) -> str:
    """What the validator says first, however it says it."""
    found = CSVW(str(path / "csv-metadata.json"), validate=True)
    try:
        is_valid = found.is_valid
    except ValueError as error:
        return str(error)
    return "" if is_valid else str(found.warnings[0].message)


def test_the_catalogue_is_dcat(path: Path, two_versions: ReleaseStore) -> None:
    """Read as RDF by a stranger: every file can be found, with its type, licence and hash."""
    graph = rdflib.Graph()
    base = "https://example.org/releases/catalogue.json"
    graph.parse(two_versions.root / "catalogue.json", format="json-ld", publicID=base)
    dcat, spdx = (
        rdflib.Namespace("http://www.w3.org/ns/dcat#"),
        rdflib.Namespace("http://spdx.org/rdf/terms#"),
    )
    terms = rdflib.Namespace("http://purl.org/dc/terms/")
    catalogue = graph.value(predicate=rdflib.RDF.type, object=dcat.Catalog)
    (dataset,) = graph.objects(catalogue, dcat.dataset)
    titles = {str(t.language): str(t) for t in graph.objects(dataset, terms.title)}
    assert titles == {"en": "Council benchmarks", "cy": "Meincnodau cynghorau"}
    assert str(graph.value(dataset, dcat.version)) == path.name
    listed = read_json(path / "manifest.json")["files"]
    hashes = {}
    for item in graph.objects(dataset, dcat.distribution):
        address = str(graph.value(item, dcat.downloadURL))
        checksum = graph.value(item, spdx.checksum)
        name = address.removeprefix(f"https://example.org/releases/{PRODUCT}/{path.name}/")
        hashes[name] = str(graph.value(checksum, spdx.checksumValue))
        assert "iana.org" in str(graph.value(item, dcat.mediaType))
        assert "open-government-licence" in str(graph.value(item, terms.license))
    assert {f"{PRODUCT}.xlsx", f"{PRODUCT}.sqlite", "data/comparisons.csv"} <= hashes.keys()
    assert hashes == {name: listed[name]["sha256"] for name in hashes}


def test_the_feed_is_a_json_feed(path: Path, two_versions: ReleaseStore) -> None:
    feed = read_json(two_versions.root / "feed.json")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert [item["id"].split(":")[-1] for item in feed["items"]] == [path.name, "1.0.0"]
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_text"]
        assert '<div lang="en">' in item["content_html"]
        assert '<div lang="cy">' in item["content_html"]
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert (two_versions.root / item["url"]).is_file()


def test_notices_stand_in_feed_and_index(own_versions: ReleaseStore) -> None:
    releases, path = own_versions, own_versions.path(PRODUCT)
    standing = releases.standing(PRODUCT)
    facts = read_json(path.parent / "1.0.0" / "manifest.json")
    notice = Notice(
        "withdrawn",
        "1.0.0",
        "2026-03-03T09:00:00Z",
        facts["released_at"],
        "0" * 64,
        "A wrong table <b>",
        "Tabl anghywir",
    )
    content = replace(standing, notices=(notice,)).content()
    (path.parent / "latest.json").write_bytes(json_bytes(content))
    write_listings(releases.root, releases.private)
    item = next(i for i in read_json(releases.root / "feed.json")["items"] if "notice" in i["tags"])
    assert item["title"] == (
        "Withdrawn: Council benchmarks 1.0.0 / Tynnwyd yn ôl: Meincnodau cynghorau 1.0.0"
    )
    assert "&lt;b&gt;" in item["content_html"]
    page = (releases.root / "index.html").read_text(encoding="utf-8")
    assert "<strong>Withdrawn</strong>, Version 1.0.0" in page
    assert "Tabl anghywir" in page
    (dataset,) = read_json(releases.root / "catalogue.json")["dcat:dataset"]
    assert [item["@id"].split(":")[-1] for item in dataset["dcat:hasVersion"]] == [path.name]


def test_the_index_names_the_addresses_that_follow(path: Path, two_versions: ReleaseStore) -> None:
    words = Words("", "")
    listed = Listed("x", words, words, "1.2.3", words, "draft", "sample", True, ("1.2.3",))
    assert listed.is_signed
    assert listed.aliases == ("latest", "1", "1.2")
    assert replace(listed, version=None).aliases == ()
    text = (two_versions.root / "index.html").read_text(encoding="utf-8")
    for alias in ("latest", "1", "1.0"):
        assert f"<code>{PRODUCT}/{alias}/</code>" in text
    assert f"{PRODUCT}/{path.name}/site/index.html" in text


def test_a_release_is_cited_by_its_version(path: Path) -> None:
    cited = yaml.safe_load((path / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "version", "license"} <= cited.keys()
    assert cited["version"] == path.name


HOSTILE = (
    "=1+1",
    "+44 1248",
    "-x",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "'tis",
    "''",
    '="a"',
)


@pytest.mark.parametrize("text", [*HOSTILE, "-5", "+5.5", "plain", "a = b", "Ynys Môn"])
def test_text_like_a_formula_is_neutralised_and_comes_back(text: str) -> None:
    table = pa.table({"text": [text, None], "number": [-1.5, None]})
    written = csv_bytes(table).decode()
    (cell, _), (number, _) = zip(
        *list(csv.reader(io.StringIO(written, newline="")))[1:], strict=True
    )
    is_plain = text in ("-5", "+5.5", "plain", "a = b", "Ynys Môn")
    assert cell == (text if is_plain else f"'{text}")
    assert float(number) == -1.5, "a negative number stays a number"
    assert unescape(pa.chunked_array([[cell]]))[0].as_py() == text


def test_no_published_cell_runs(path: Path) -> None:
    """Every text cell of every CSV of a release: none begins as a formula does."""
    for file in path.rglob("*.csv"):
        for row in csv.reader(file.open(encoding="utf-8-sig", newline="")):
            for cell in row:
                is_number = re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", cell)
                assert is_number or not cell.startswith(tuple("=+-@\t\r\n\0")), (file.name, cell)


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    """Two homes, two instants: only the manifest differs (and SHA256SUMS holds no manifest)."""
    folders = []
    for name, now in (("a", NOW), ("b", NOW + timedelta(days=40))):
        candidates, releases = CandidateStore(tmp_path / name), ReleaseStore(tmp_path / name / "r")
        candidates.save(make_candidate(night_of(small_figures())))
        made = publish_candidate(candidates, releases, PRODUCT, now).path
        assert made is not None
        folders.append(made)
    first, second = ({f: (p / f).read_bytes() for f in files_below(p)} for p in folders)
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} == {"manifest.json"}
    assert f"{PRODUCT}.cy.xlsx" in first


class Page(HTMLParser):
    def __init__(self, file: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, tag: str, name: str) -> list[str]:
        return [a[name] or "" for t, a in self.tags if t == tag and name in a]


@pytest.mark.parametrize("which", ["site", "releases"])
def test_pages_are_bilingual_and_fetch_nothing(
    path: Path, two_versions: ReleaseStore, which: str
) -> None:
    file = path / "site" / "index.html" if which == "site" else two_versions.root / "index.html"
    page = Page(file)
    assert page.values("html", "lang") == ["en"]
    assert page.values("section", "lang") == ["en", "cy"]
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert not any(tag in ("script", "link", "img", "iframe") for tag, _ in page.tags)
    assert "default-src 'none'" in page.values("meta", "content")[1]
    for link in page.values("a", "href"):
        target, _, anchor = link.partition("#")
        if not target.startswith("https://"):
            found = (file.parent / target).resolve() if target else file
            assert found.is_file(), link
            assert not anchor or f'id="{anchor}"' in found.read_text(encoding="utf-8")


def test_the_page_shows_the_latest_figures_and_the_change(path: Path) -> None:
    text = (path / "site" / "index.html").read_text(encoding="utf-8")
    assert "63.4" in text, "the new median of recycling"
    assert "middle council" in text
    assert "cyngor canol" in text
    assert "Not official statistics; derived by council-benchmarks from figures of" in text
    assert "51.4" in text
    assert text.count("<h1") == 2
    assert "None" not in text
    assert "nan" not in text
