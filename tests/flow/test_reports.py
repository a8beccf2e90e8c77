"""The report of a night: a council reads on its page what to correct, where, how, and no more."""

import csv
import io
import re
from html import unescape
from pathlib import Path

import dagster as dg
import openpyxl
import pandas as pd
import pytest

from assets.catalogue.frames import areas_frame
from assets.catalogue.load import load_catalogue
from assets.publishing.night import NightReport
from sql.frames import FrameStore
from tests.edits import break_source
from tests.flow.test_broken_input import BROKEN_RETURNS
from tests.house import House
from validations.messages import LANGS
from validations.report import table_rows
from validations.reports.night import letters
from validations.reports.owners import NOBODY, owners, tally

AREAS = areas_frame(load_catalogue())
IS_COUNCIL = (AREAS["area_type"] == "council") & AREAS["valid_to"].isna()
COUNCILS = AREAS.loc[IS_COUNCIL, "area_code"].tolist()
FINDINGS = (
    "validation_findings",
    "validation_findings/indicator_values",
    "validation_findings/comparisons",
)


def reports(house: House) -> Path:
    return house.home.reports / "latest"


def text_of(path: Path) -> str:
    """What a reader reads: the page without its tags."""
    body = path.read_text(encoding="utf-8").partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def findings_of(house: House) -> pd.DataFrame:
    return pd.concat([house.frame(name) for name in FINDINGS], ignore_index=True)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("council", "code"), [(c, k) for c, _, k, _ in BROKEN_RETURNS])
def test_a_council_reads_what_to_correct_where_and_how(
    broken: tuple[House, str], council: str, code: str, lang: str
) -> None:
    house, _run = broken
    page = text_of(reports(house) / lang / "council" / f"{council}.html")
    found = findings_of(house)
    place = found["source_file"].fillna("") + found["area_code"].fillna("")
    ours = found[place.str.contains(council)]
    assert code in set(ours["code"])
    for row in table_rows(ours, lang):  # type: ignore[arg-type]  # one of LANGS
        for part in ("place", "what", "remedy"):
            assert " ".join(row[part].split()) in page, (row["code"], part)


@pytest.mark.parametrize("lang", LANGS)
def test_every_finding_is_on_the_page_of_its_dataset_and_in_its_files(
    broken: tuple[House, str], lang: str
) -> None:
    house, _run = broken
    found = findings_of(house)
    assert len(found) > len(BROKEN_RETURNS)
    for dataset, some in found.groupby("dataset"):
        page = reports(house) / lang / "dataset" / f"{dataset}.html"
        told = text_of(page)
        listed = list(csv.DictReader(io.StringIO(page.with_suffix(".csv").read_text("utf-8-sig"))))
        assert len(listed) == len(some)
        book = openpyxl.load_workbook(page.with_suffix(".xlsx"))
        assert book.worksheets[0].max_row == len(some) + 1
        for row, line in zip(table_rows(some, lang), listed, strict=True):  # type: ignore[arg-type]
            assert " ".join(row["place"].split()) in told
            assert {row["place"], row["what"], row["remedy"]} <= set(line.values())


def test_a_page_holds_only_the_councils_own(broken: tuple[House, str]) -> None:
    house, _run = broken
    found = findings_of(house)
    owner = owners(found, COUNCILS)
    assert set(owner) > {NOBODY, "W06000001"}
    for council in COUNCILS:
        page = text_of(reports(house) / "en" / "council" / f"{council}.html")
        mine = set(found.loc[owner == council, "message_en"])
        for message in set(found["message_en"]) - mine:
            place, _, rest = message.partition(": ")
            assert f"{place} {rest}" not in page


def test_a_council_with_nothing_to_do_is_told_so(broken: tuple[House, str]) -> None:
    house, _run = broken
    found = findings_of(house)
    quiet = next(council for council in COUNCILS if council not in set(owners(found, COUNCILS)))
    page = reports(house) / "cy" / "council" / f"{quiet}.html"
    assert "Nid oes dim i'w gywiro na'i esbonio." in text_of(page)
    assert not page.with_suffix(".csv").exists()


def test_rows_in_are_accepted_rejected_and_duplicate_for_everyone(
    broken: tuple[House, str],
) -> None:
    house, run = broken
    frames = FrameStore(house.home.frames)
    counted = tally(frames.read("validated_returns"), frames.read("rejected_returns"), COUNCILS)
    assert (counted["n_raw"] == counted[["accepted", "rejected", "duplicate"]].sum(axis=1)).all()
    summed = counted.groupby("dataset")[
        ["n_raw", "accepted", "rejected", "duplicate", "kept"]
    ].sum()
    report = NightReport.read(house.home.reports / f"{run}.json")
    for line in report.sources:
        if line.n_rows or line.kept:
            assert summed.loc[line.dataset].tolist() == [
                *(line.n_rows, line.accepted, line.rejected, line.duplicate, line.kept)
            ]
    ceredigion = counted.set_index(["dataset", "owner"]).loc[("waste_returns", "W06000008")]
    assert ceredigion.tolist() == [11, 10, 0, 1, 0]


def test_the_night_says_open_queries_per_council(broken: tuple[House, str]) -> None:
    house, run = broken
    report = NightReport.read(house.home.reports / f"{run}.json")
    found = findings_of(house)
    queried = found[(found["severity"] == "query") & (owners(found, COUNCILS) != NOBODY)]
    assert sum(report.open_queries.values()) == len(queried) > 0
    assert report.open_queries["W06000009"] == 1
    assert report.queries_text in report.as_markdown()
    assert report.page is not None
    assert Path(report.page) == reports(house) / "index.html"


def test_both_languages_have_the_same_pages_and_every_link_leads_somewhere(
    broken: tuple[House, str],
) -> None:
    root = reports(broken[0])
    pages = {
        lang: {path.relative_to(root / lang) for path in (root / lang).rglob("*") if path.is_file()}
        for lang in LANGS
    }
    assert pages["en"] == pages["cy"]
    assert len(list((root / "en" / "council").glob("*.html"))) == len(COUNCILS)
    for path in root.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert re.search(rf'<html lang="{path.relative_to(root).parts[0][:2]}"', text) or (
            path == root / "index.html"
        )
        for link in re.findall(r'href="([^"#]+)"', text):
            assert (path.parent / link).is_file(), (path, link)
        marks = re.findall(r' id="([^"]+)"', text)
        assert len(marks) == len(set(marks)), path


def test_the_same_night_is_the_same_bytes_and_its_own_folder(broken: tuple[House, str]) -> None:
    house, run = broken
    latest, own = reports(house), house.home.reports / run
    files = sorted(path.relative_to(latest) for path in latest.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(own) for path in own.rglob("*") if path.is_file())
    before = {name: (latest / name).read_bytes() for name in files}
    assert all(body == (own / name).read_bytes() for name, body in before.items())
    now = pd.Timestamp("2026-11-22T03:30Z").to_pydatetime()
    _result, report = house.run("night_report", now=now)
    assert report is not None
    assert {name: (latest / name).read_bytes() for name in files} == before


def test_a_silent_source_is_said_on_the_page_by_its_check_and_by_the_standing_one(
    house: House,
) -> None:
    break_source(house.sample, "claimant-count")
    result, report = house.run()
    assert report is not None
    assert report.exit_status == 3
    assert "No answer from the source of Claimant count" in text_of(
        reports(house) / "en" / "index.html"
    )
    assert "Dim ateb gan y ffynhonnell" in text_of(reports(house) / "cy" / "index.html")
    checks = {
        (check.asset_key.to_user_string(), check.check_name): check
        for check in result.get_asset_check_evaluations()
    }
    fresh = checks["validated_returns/claimant_count", "freshness"]
    assert (fresh.passed, fresh.metadata["state"].value) == (False, "stale")
    assert checks["validated_returns/population", "freshness"].passed
    standing = checks["night_report", "what_is_broken_now"]
    assert not standing.passed
    shown = str(standing.metadata["links"].value)
    assert "| [raw_returns/claimant_count](/assets/raw_returns/claimant_count?view=checks)" in shown
    assert report.problems[0].split(": ", 1)[1][:60] in shown


def test_the_standing_check_lists_every_check_that_failed(broken: tuple[House, str]) -> None:
    house, run = broken
    logged = house.instance.all_logs(run, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    events = [entry.get_dagster_event() for entry in logged]
    checks = [event.asset_check_evaluation_data for event in events]
    failed = {
        f"{check.asset_key.to_user_string()} {check.check_name}"
        for check in checks
        if not check.passed
        and check.asset_key.path[0] != "night_report"
        # the assembled answers show once more what each dataset shows of its own
        and check.asset_key.path != ["validated_returns"]
    }
    (standing,) = [check for check in checks if check.check_name == "what_is_broken_now"]
    assert failed
    listed = re.findall(r"\[([^\]]+)\]\([^)]*\) \| (\w+) \|", str(standing.metadata["links"].value))
    assert {" ".join(pair) for pair in listed} == failed
    assert standing.metadata["failed"].value == len(failed)


def test_the_report_is_private_and_never_in_a_release(broken: tuple[House, str]) -> None:
    house, _run = broken
    assert house.home.reports.stat().st_mode & 0o077 == 0
    released = {path.name for path in house.home.releases.rglob("*.html")}
    assert not any(name.startswith("W06") for name in released)
    assert "Private: this page quotes returns." in text_of(reports(house) / "en" / "index.html")


def test_welsh_letters_sort_in_their_own_order() -> None:
    names = ["Chwilog", "Cwm", "Dinas", "Ddawan", "Llan", "Lôn", "Ngwynedd", "Gwent", "Hafod"]
    order = sorted(names, key=lambda name: letters(name, "cy"))
    assert order == [
        "Cwm",
        "Chwilog",
        "Dinas",
        "Ddawan",
        "Gwent",
        "Ngwynedd",
        "Hafod",
        "Lôn",
        "Llan",
    ]
