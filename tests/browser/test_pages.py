"""The pages of a release in a real browser: accessible, bilingual, nothing fetched from outside."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from assets.publishing.pages import withdrawn_page
from assets.publishing.words import Words
from tests.house import House

PAGES = (
    "index.html",
    "cost-of-living/latest/site/index.html",
    "inflation/latest/site/index.html",
)
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
pytestmark = pytest.mark.browser


def open_page(page: Page, house: House, name: str, width: int) -> list[str]:
    """Open a page of the releases at that width; the addresses it asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((house.home.releases / name).resolve().as_uri())
    return asked


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_page_meets_wcag_22_aa(page: Page, first_night: House, name: str, width: int) -> None:
    open_page(page, first_night, name, width)
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", PAGES)
def test_page_does_not_scroll_sideways_on_a_phone(
    page: Page, first_night: House, name: str
) -> None:
    open_page(page, first_night, name, 320)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_for_files_only(page: Page, first_night: House, name: str) -> None:
    asked = open_page(page, first_night, name, 1280)
    assert asked
    assert all(address.startswith(("file:", "data:")) for address in asked)


@pytest.mark.parametrize("name", PAGES)
def test_page_speaks_english_and_welsh(page: Page, first_night: House, name: str) -> None:
    open_page(page, first_night, name, 1280)
    assert page.locator("html").get_attribute("lang") == "en"
    welsh = page.locator('[lang="cy"]')
    assert welsh.count() > 0
    assert len(welsh.first.inner_text()) > 0


def test_every_link_of_the_index_leads_to_a_file(page: Page, first_night: House) -> None:
    open_page(page, first_night, "index.html", 1280)
    links = page.locator("a[href]").evaluate_all("found => found.map(a => a.getAttribute('href'))")
    inner = [link for link in links if not link.startswith(("http", "#", "mailto:"))]
    assert inner
    for link in inner:
        assert (first_night.home.releases / link.split("#")[0]).exists(), link


@pytest.mark.parametrize("language", ["en", "cy"])
def test_downloads_offer_every_file_and_fit_a_phone(
    page: Page, first_night: House, language: str
) -> None:
    name = "inflation/latest/site/index.html"
    open_page(page, first_night, name, 320)
    section = page.locator(f"section#{language}")
    links = section.locator("table.files a").evaluate_all(
        "found => found.map(a => a.getAttribute('href').slice(3))"
    )
    folder = first_night.home.releases / "inflation" / "latest"
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    assert set(links) == {*listed, "manifest.json"} - {"site/index.html"}
    assert len(links) == len(set(links))
    for table in section.locator("table.files").all():
        assert table.evaluate("t => t.scrollWidth - t.parentElement.clientWidth") <= 0


def test_a_withdrawn_version_has_an_accessible_page(page: Page, tmp_path: Path) -> None:
    made = withdrawn_page("inflation", "1.0.0", Words("A wrong table.", "Tabl anghywir."))
    (tmp_path / "index.html").write_text(made, encoding="utf-8")
    page.goto((tmp_path / "index.html").as_uri())
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    for language, said in (("en", "A wrong table."), ("cy", "Tabl anghywir.")):
        assert said in page.locator(f"section#{language}").inner_text()
