"""Two nights with an indicator of few people: nothing that leaves the house gives a count away."""

import csv
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from assets.catalogue.load import Catalogue
from assets.catalogue.models import Indicator, Measure
from assets.collection.forms import FORM_COLUMNS, row_check
from assets.methods.disclosure_attack import attack
from assets.publishing.earlier import kept_by_readers, published_versions
from assets.publishing.released import load_log, load_manifest, load_release_tables
from assets.publishing.store import ReleaseStore
from assets.publishing.words import CONFIDENTIAL_FINDING
from assets.sources.registry import SourceEntry
from sql.frames import FrameStore
from tests.edits import versions_of
from tests.fixtures.one_product import one_product
from tests.house import House, new_house

PRODUCT, INDICATOR, DATASET = "rough-sleeping", "rough_sleepers_rate", "rough_sleeping_returns"
YNYS_MON, GWYNEDD, CONWY = "W06000001", "W06000002", "W06000003"
BEFORE, NOW = "2022-04-01/P1Y", "2023-04-01/P1Y"
TITLE = {"en": "People sleeping rough", "cy": "Pobl yn cysgu allan"}
REASON = {"en": "A count of people.", "cy": "Nifer o bobl."}
ENTRY = SourceEntry.model_validate(
    {
        "dataset": DATASET,
        "title": TITLE,
        "publisher": "The 22 councils",
        "homepage": "https://www.gov.wales/",
        "designation": "management",
        "connector": "council_returns",
        "group": "housing",
        "owner": "team:collection",
        "profiles": ["sample", "live"],
        "options": {
            "return_key": "AR",
            "pattern": "returns/*/rough-*.csv",
            "fields": {"ROUGH01.people": "rough_sleepers", "ROUGH01.asked": "people_asked"},
        },
    }
)


def few_people(threshold: int) -> Catalogue:
    """A catalogue of one product: the share of people sleeping rough, by council."""
    measures = {
        id_: Measure.model_validate(
            {"id": id_, "dataset": DATASET, "label": TITLE, "unit": "count", "is_whole": True,
             "period_type": "financial_year"}
        )
        for id_ in ("rough_sleepers", "people_asked")
    }  # fmt: skip
    indicator = Indicator.model_validate(
        {"id": INDICATOR, "theme": "housing", "title": TITLE, "definition": TITLE,
         "cy_status": "draft", "unit": "percent", "kind": "proportion", "multiplier": 100,
         "polarity": "lower", "decimals": 6, "value_basis": "derived",
         "numerator": "rough_sleepers", "denominator": "people_asked", "interval": "binomial",
         "interval_reason": REASON, "aggregation": "ratio", "disclosure_threshold": threshold,
         "period_type": "financial_year",
         "source": {"publisher": "The 22 councils", "name": "Returns",
                    "url": "https://www.gov.wales/", "designation": "management"}}
    )  # fmt: skip
    return one_product(PRODUCT, TITLE, measures, indicator)


def send(house: House, council: str, year: str, people: int, asked: int, issue: int = 1) -> None:
    """The return of a council for a year such as 2023-24, laid into the inbox."""
    ref = f"AR/{year}/{council}/2025.1/s{issue:03}"
    path = house.home.inbox / "returns" / council / f"rough-{year}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FORM_COLUMNS)
        for field, value in (("people", people), ("asked", asked)):
            check = row_check(ref, "ROUGH01", field)
            writer.writerow([ref, "ROUGH01", field, check, value, "actual", ""])


COUNTS = {
    (YNYS_MON, "2022-23"): (41, 971),
    (YNYS_MON, "2023-24"): (3, 977),
    (GWYNEDD, "2022-23"): (2, 983),
    (GWYNEDD, "2023-24"): (43, 991),
    (CONWY, "2022-23"): (47, 1013),
    (CONWY, "2023-24"): (1015, 1019),
}
"""Three with few people: 3, 2, and all but 4."""
SECRETS = [
    (YNYS_MON, NOW, "numerator"),
    (GWYNEDD, BEFORE, "numerator"),
    (CONWY, NOW, "rest"),
    (CONWY, BEFORE, "numerator"),
]
"""The last one only since the correction."""
CORRECTED = {(CONWY, "2022-23"): (1, 1013), (GWYNEDD, "2023-24"): (53, 997)}


def send_all(house: House) -> None:
    for number, council in enumerate(house.catalogue.councils()):
        for year in ("2022-23", "2023-24"):
            people, asked = COUNTS.get((council, year), (60 + number, 1100 + 7 * number))
            send(house, council, year, people, asked)


def secret_texts() -> list[str]:
    """How the values of the confidential counts would begin, wherever a number is written."""
    small = [COUNTS[YNYS_MON, "2023-24"], COUNTS[GWYNEDD, "2022-23"], COUNTS[CONWY, "2023-24"]]
    small.append(CORRECTED[CONWY, "2022-23"])
    return [f"{100 * people / asked:.6f}"[:7] for people, asked in small]


@pytest.fixture(scope="module")
def after_two_nights(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = new_house(tmp_path_factory.mktemp("few") / "house", [])
    house.catalogue, house.registry = few_people(4), {DATASET: ENTRY}
    send_all(house)
    house.run()
    for (council, year), (people, asked) in CORRECTED.items():
        send(house, council, year, people, asked, issue=2)
    unread = house.home.inbox / "returns" / YNYS_MON / "rough-unread.csv"
    unread.write_text("people;asked\n3;977\n", encoding="utf-8")
    _result, report = house.run()
    assert report is not None
    assert report.exit_status == 0, report.problems
    assert versions_of(house, PRODUCT) == ["1.0.0", "1.0.1"]
    return house


def folders(house: House) -> list[Path]:
    return [house.home.releases / PRODUCT / version for version in versions_of(house, PRODUCT)]


def written(path: Path) -> Iterator[str]:
    """All that a reader can get out of a file as text, whatever its format."""
    if path.suffix == ".parquet":
        yield pq.read_table(path).to_pandas().to_csv()
        yield str([group.to_dict() for group in _groups(path)])
    elif path.suffix in (".sqlite", ".db"):
        yield from sqlite3.connect(path).iterdump()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    else:
        yield path.read_text("utf-8", "replace")


def _groups(path: Path) -> Iterator[object]:
    about = pq.read_metadata(path)
    yield from (about.row_group(number) for number in range(about.num_row_groups))


def public_files(house: House) -> list[Path]:
    return sorted(path for path in house.home.releases.rglob("*") if path.is_file())


def test_no_public_file_holds_a_suppressed_number(after_two_nights: House) -> None:
    house, seen = after_two_nights, set()
    for path in public_files(house):
        seen.add(path.suffix)
        for text in written(path):
            assert not [secret for secret in secret_texts() if secret in text], path
    assert seen >= {".csv", ".json", ".md", ".html", ".parquet", ".sqlite"}


def test_the_search_would_find_them(after_two_nights: House) -> None:
    """The same values stand in the public files where nothing is confidential."""
    people, asked = COUNTS[YNYS_MON, "2022-23"]
    shown = f"{100 * people / asked:.6f}"[:7]
    hits = {p.suffix for p in public_files(after_two_nights) if any(shown in t for t in written(p))}
    assert hits >= {".csv", ".parquet", ".sqlite"}


def test_confidential_figures_are_rows_without_numbers(after_two_nights: House) -> None:
    figures = load_release_tables(folders(after_two_nights)[1]).indicator_values
    hidden = figures[figures["note_code"].fillna("").str.contains("c")]
    assert set(zip(hidden["area_code"], hidden["period"], strict=True)) == {
        (YNYS_MON, NOW),
        (GWYNEDD, BEFORE),
        (CONWY, NOW),
        (CONWY, BEFORE),
    }
    numbers = ["numerator", "value", "value_rounded", "lower_95", "upper_95", "lower_998", "se"]
    assert hidden[numbers].isna().all(axis=None)
    assert figures["numerator"].min() > 4


def test_statistics_of_the_columns_are_those_of_what_is_shown(after_two_nights: House) -> None:
    for folder in folders(after_two_nights):
        path = folder / "data" / "indicator_values.parquet"
        columns = pq.read_schema(path).names
        for group in _groups(path):
            told = group.column(columns.index("numerator")).statistics  # type: ignore[attr-defined]  # a row group
            assert told is None or told.min > 4


def test_who_keeps_both_versions_finds_nothing(after_two_nights: House) -> None:
    old, new = (load_release_tables(folder) for folder in folders(after_two_nights))
    given = (new.indicator_catalogue, new.comparison_groups)
    for table, before, n_secrets in ((old, [], 3), (new, [old.indicator_values], 4)):
        found = attack(table.indicator_values, *given, before, table.benchmarks)
        ranges = found.set_index(["area_code", "period", "part"])[["low", "high"]]
        for secret in SECRETS[:n_secrets]:
            low, high = ranges.loc[secret]
            assert low <= 1, secret
            assert high >= 4, secret


def test_the_truth_of_both_versions_is_found_beside_what_they_show(
    after_two_nights: House,
) -> None:
    """The second has figures marked r, which they had not yet when their truth was kept."""
    home = after_two_nights.home
    second = load_release_tables(folders(after_two_nights)[1]).indicator_values
    assert second["note_code"].eq("r").any()
    versions = published_versions(ReleaseStore(home.releases), [INDICATOR])
    states, truths = kept_by_readers(versions, FrameStore(home.frames))
    assert [len(state) for state in states] == [44, 44]
    hidden = [COUNTS[YNYS_MON, "2023-24"][0], CORRECTED[CONWY, "2022-23"][0]]
    found = [set(truth["numerator"]) for truth in truths if truth is not None]
    assert [[count in counts for count in hidden] for counts in found] == [
        [True, False],
        [True, True],
    ]


def test_changelog_has_no_number_on_either_side_of_a_confidential_figure(
    after_two_nights: House,
) -> None:
    changes = load_log(folders(after_two_nights)[1], "changes.csv").set_index("area_code")
    numbers = [name for name in changes if name.startswith(("old_", "new_")) and "code" not in name]
    assert changes.loc[CONWY, numbers].isna().all()
    assert changes.loc[CONWY, "reason_class"] == "disclosure"
    assert changes.loc[GWYNEDD, ["old_numerator", "new_numerator"]].tolist() == [43, 53]


def test_no_finding_tells_of_a_count_and_no_hash_can_be_tried_out(after_two_nights: House) -> None:
    """That a change was queried tells its size; two numbers are soon guessed from their hash."""
    private = after_two_nights.frame("validation_findings")
    assert len(private), "the drop from 47 to 1 and the like are queried"
    for folder, n_of_files in zip(folders(after_two_nights), (0, 1), strict=True):
        findings = load_log(folder, "findings.csv")
        assert len(findings) == n_of_files, "the file that nobody could read"
        assert set(findings["message_en"]) <= {CONFIDENTIAL_FINDING.en}
        assert findings[["measure", "seen", "expected", "source_sha256"]].isna().all(axis=None)
        assert not load_release_tables(folder).indicator_values["is_queried"].any()
        assert [item["sha256s"] for item in load_manifest(folder)["inputs"]] == [[]]
        assert "sha256s" in json.dumps(load_manifest(folder))


def test_ledger_keeps_the_truth_and_served_tables_do_not(after_two_nights: House) -> None:
    with sqlite3.connect(after_two_nights.home.warehouse) as connection:
        asked = "select value from returns_ledger where measure = 'rough_sleepers'"
        assert {1.0, 2.0, 3.0} <= {row[0] for row in connection.execute(asked)}
        served = pd.read_sql("select * from indicator_values", connection)
    assert served["numerator"].min() > 4


def test_a_rule_that_comes_later_names_the_version_to_withdraw(
    tmp_path: Path,
) -> None:
    house = new_house(tmp_path / "house", [])
    house.catalogue, house.registry = few_people(0), {DATASET: ENTRY}
    send_all(house)
    house.run()
    house.catalogue = few_people(4)
    _result, report = house.run()
    assert report is not None
    assert house.action(report, PRODUCT) == "blocked"
    reason = next(line.reason_en for line in report.products if line.product == PRODUCT)
    assert f"council-benchmarks withdraw {PRODUCT} 1.0.0 --disclosure" in reason
    assert "3 figures" in reason
    assert versions_of(house, PRODUCT) == ["1.0.0"]
