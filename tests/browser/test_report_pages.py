"""The private report and the officer's page in a real browser: readable by everybody, offline."""

import re
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from sql.frames import conform
from tests.browser.test_pages import WCAG
from validations.messages import LANGS
from validations.reports.night import NightFrames
from validations.reports.officer import as_html
from validations.reports.owners import owners
from validations.reports.write import write_night
from validations.rules.examples import CARDIFF, RETURN, answers, context, series
from validations.validate import validate_answers

pytestmark = pytest.mark.browser
PAGES = ("index.html", "checks.html", f"council/{CARDIFF}.html", "dataset/example.html")


def judged():
    """A return with errors, queries and notes, of which one quotes a long text."""
    file = {"source_file": f"returns/{CARDIFF}/births.csv", "return_ref": RETURN}
    rows = [
        {"value_text": "1.2m", **file},
        {"period_text": "2021", "value_text": "one-word-" * 8, **file},
        *series({"2017": "10", "2018": "100"}, **file),
        *series({"2017": "10", "2018": "100"}, explanation_text="New boundary.", **file),
    ]
    return validate_answers(answers(rows), context())


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a night with a blocked product, a silent source and a return full of faults."""
    found = judged()
    areas = pd.DataFrame(
        [
            {
                "area_code": CARDIFF,
                "area_type": "council",
                "name_en": "Cardiff",
                "name_cy": "Caerdydd",
            }
        ]
    )
    source = {"dataset": "example", "title_en": "Births", "title_cy": "Genedigaethau"}
    sources = pd.DataFrame([{**source, "state": "stale", "reason": "503", "age_days": 3.0}])
    decision = {"product": "births", "action": "blocked", "reason_en": "Few", "reason_cy": "Prin"}
    counted = {"dataset": "example", "n_raw": 6, "accepted": 2, "rejected": 4, "duplicate": 0}
    night = NightFrames(
        day="2026-11-22",
        profile="sample",
        areas=conform(areas, "areas", fill=True),
        sources=conform(sources, "sources", fill=True),
        answer_counts=conform(pd.DataFrame([{**counted, "kept": 1}]), "answer_counts", fill=True),
        decisions=conform(pd.DataFrame([decision]), "release", fill=True),
        findings=found.findings,
        accepted=found.accepted,
        rejected=found.rejected,
        titles={"births": {"en": "Births", "cy": "Genedigaethau"}},
        unclaimed=("returns/a-file-with-a-rather-long-name-that-nobody-reads.csv",),
    )
    root = tmp_path_factory.mktemp("reports")
    (root / "check.html").write_text(as_html(found.findings, "births.csv"), encoding="utf-8")
    write_night(night, root, "run")
    return root


SEEN = [
    *((name, width) for name in ("check.html", "latest/index.html") for width in (320, 1280)),
    *((f"latest/en/{name}", 1280) for name in PAGES),
    *((f"latest/cy/{name}", 320) for name in PAGES),
]
"""Pages and widths: Welsh is the longer language, so it is the one on the phone."""


def opened(page: Page, report: Path, name: str, width: int) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((report / name).resolve().as_uri())
    return asked


@pytest.mark.parametrize(("name", "width"), SEEN)
def test_page_meets_wcag_22_aa_and_fits(page: Page, report: Path, name: str, width: int) -> None:
    asked = opened(page, report, name, width)
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert asked
    assert all(address.startswith("file:") for address in asked)


@pytest.mark.parametrize("lang", LANGS)
def test_everything_is_there_without_scripts(browser: Browser, report: Path, lang: str) -> None:
    context_ = browser.new_context(java_script_enabled=False)
    page = context_.new_page()
    page.goto((report / f"latest/{lang}/council/{CARDIFF}.html").resolve().as_uri())
    assert page.locator("html").get_attribute("lang") == lang
    body = page.locator("main").inner_text()
    found = judged().findings
    ours = found[owners(found, [CARDIFF]) == CARDIFF]
    assert set(ours["severity"]) == {"error", "query", "note"}
    for message in ours[f"message_{lang}"]:
        place, _, rest = message.partition(": ")
        assert place in body
        assert rest.split(". ")[0] in body
    context_.close()


def test_the_keyboard_reaches_content_tables_and_the_other_language(
    page: Page, report: Path
) -> None:
    opened(page, report, f"latest/en/council/{CARDIFF}.html", 1280)
    page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.getAttribute('href')") == "#main"
    assert page.evaluate(f"{focused}.getBoundingClientRect().left") >= 0, "the skip link is seen"
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"{focused}.getAttribute('href') || {focused}.className"))
    assert f"../../cy/council/{CARDIFF}.html" in reached
    assert "scroll" in reached
    assert f"{CARDIFF}.xlsx" in reached


def test_the_language_link_leads_to_the_same_page(page: Page, report: Path) -> None:
    opened(page, report, f"latest/en/council/{CARDIFF}.html", 320)
    page.locator("nav a[hreflang=cy]").click()
    assert page.url.endswith(f"/cy/council/{CARDIFF}.html")
    assert re.search("Caerdydd", page.locator("h1").inner_text())
