"""The files of a release as strangers' tools read them."""

import sqlite3
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import frictionless
import pandas as pd
import pytest

from assets.publishing.candidates import CandidateStore
from assets.publishing.publish import publish_candidate
from assets.publishing.store import ReleaseStore
from sql.frames import conform
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
def path(candidates: CandidateStore, releases: ReleaseStore) -> Path:
    """The second version of a product, with a change, a finding and a text like a formula."""
    finding = {"dataset": "waste", "indicator": "recycling", "seen": "=1+1", "severity": "note"}
    findings = conform(pd.DataFrame([finding]), "validation_findings", fill=True)
    for figures in (small_figures(), correct(small_figures(), COUNCILS[0], LAST_YEAR, 900.0)):
        candidates.save(make_candidate(night_of(figures, findings)))
        made = publish_candidate(candidates, releases, PRODUCT, NOW).path
    assert made is not None
    return made


def test_the_data_package_is_valid(path: Path) -> None:
    with frictionless.system.use_context(trusted=True):
        report = frictionless.validate(str(path / "datapackage.json"))
    assert report.valid, report.flatten(["title", "note", "message"])[:5]
    assert len(report.tasks) == 10


def test_the_data_package_notices_a_damaged_file(path: Path) -> None:
    file = path / "data" / "indicator_values.csv"
    file.write_text(file.read_text().replace("1000", "many", 1))
    with frictionless.system.use_context(trusted=True):
        assert not frictionless.validate(str(path / "datapackage.json")).valid


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
    for part in (english, welsh):
        assert f"| recycling | {LAST_YEAR} | {COUNCILS[0]} | total: total | 51.4 | 90 |" in part


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
    path: Path, releases: ReleaseStore, which: str
) -> None:
    file = path / "site" / "index.html" if which == "site" else releases.root / "index.html"
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
