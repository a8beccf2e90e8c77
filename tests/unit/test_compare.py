"""compare(): what is refused, what does not matter, and the files of the command."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assets.methods import lines
from assets.methods.compare import ImpossibleInput, compare
from assets.methods.tables_io import read_table, run_compare
from sql.tables import column_names
from tests.unit.test_compare_reference import drop_impossible, random_table

ROW = {"indicator": "i", "period": "2023-04-01/P1Y", "area_code": "W06000001", "numerator": 1.0}


def table(*changes: dict) -> pd.DataFrame:
    rows = [{**ROW, "denominator": 10.0, **change} for change in changes]
    for number, (row, change) in enumerate(zip(rows, changes, strict=True)):
        row.setdefault("area_code", f"W0600000{number}")
        if "area_code" not in change:
            row["area_code"] = f"W0600000{number + 1}"
    return pd.DataFrame(rows)


REFUSED = {
    "Denominator 0 under a numerator": ({"denominator": 0.0}, {}),
    "Denominator below 0": ({"denominator": -2.0}, {}),
    "Numerator above the denominator": ({"numerator": 11.0}, {"kind": "proportion"}),
    "Numerator below 0": ({"numerator": -1.0}, {"interval": "poisson"}),
    "same key": ({"area_code": "W06000001"}, {}),
    "numerator is not a number": ({"numerator": "1.2m"}, {}),
    "unknown polarity 'up'": ({}, {"polarity": "up"}),
    "polarity target needs a target": ({}, {"polarity": "target"}),
    "decimals must be": ({}, {"decimals": 1.5}),
}


@pytest.mark.parametrize("words", REFUSED)
def test_impossible_input_is_refused_in_words_that_name_the_row(words: str) -> None:
    change, declared = REFUSED[words]
    good_table, bad_table = table({}, {}), table({}, change)
    assert len(compare(good_table).comparisons) == 2
    indicators = pd.DataFrame([{"indicator": "i", **declared}])
    with pytest.raises(ImpossibleInput, match=words) as caught:
        compare(bad_table, indicators)
    if change:
        assert "row 2 (" in str(caught.value)


def test_an_indicator_declared_twice_and_a_second_target_are_refused() -> None:
    with pytest.raises(ImpossibleInput, match="Declared twice: i"):
        compare(table({}), pd.DataFrame({"indicator": ["i", "i"]}))
    target = {"indicator": "i", "period": "2023-04-01/P1Y", "value": 5, "direction": "higher"}
    with pytest.raises(ImpossibleInput, match="Two targets of i"):
        compare(table({}), targets=pd.DataFrame([target, target]))


def test_a_row_marked_missing_is_not_judged() -> None:
    found = compare(table({"denominator": 0.0, "note_code": "x"})).comparisons.iloc[0]
    assert found["note_code"] == "x"
    assert np.isnan(found["value"])


def test_an_empty_table_gives_empty_tables_with_every_column() -> None:
    found = compare(table({}).iloc[:0])
    assert list(found.comparisons) == column_names("comparisons")
    assert list(found.benchmarks) == column_names("benchmarks")
    assert len(found.comparisons) == len(found.benchmarks) == 0


def test_no_groups_and_members_nobody_has_seen_give_no_rows() -> None:
    nobody = pd.DataFrame({"group_code": ["g"], "member_code": ["W06000099"]})
    for groups in (nobody, nobody.iloc[:0]):
        found = compare(table({}), groups=groups)
        assert len(found.comparisons) == len(found.benchmarks) == 0


def frames(seed: int) -> list[pd.DataFrame | None]:
    observations, *others = random_table(seed)
    rest = [pd.DataFrame(rows) if rows else None for rows in others]
    return [drop_impossible(pd.DataFrame(observations), rest[0]), *rest]


def test_row_order_and_block_size_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    observations, *others = frames(1)
    expected = compare(observations, *others)
    shuffled = observations.sample(frac=1, random_state=3)
    monkeypatch.setattr(lines, "BLOCK_CELLS", 1)
    monkeypatch.setattr(lines.split_blocks, "__defaults__", (1,))
    found = compare(shuffled, *others)
    pd.testing.assert_frame_equal(found.comparisons, expected.comparisons)
    pd.testing.assert_frame_equal(found.benchmarks, expected.benchmarks)


def test_rows_in_are_rows_out() -> None:
    observations, indicators, _, _ = frames(3)
    found = compare(observations, indicators).comparisons
    councils = observations[observations["area_type"] == "council"]
    assert len(found) == len(councils)


def test_the_inputs_are_not_changed() -> None:
    given = frames(2)
    before = [None if frame is None else frame.copy(deep=True) for frame in given]
    compare(*given)
    for frame, copy in zip(given, before, strict=True):
        if frame is not None:
            pd.testing.assert_frame_equal(frame, copy)


def test_a_nation_is_never_a_23rd_council() -> None:
    rows = [{"area_code": f"W0600000{n}", "numerator": float(n)} for n in range(1, 7)]
    wales = {"area_code": "W92000004", "area_type": "nation", "numerator": 9.0}
    found = compare(table(*rows, wales), pd.DataFrame({"indicator": ["i"], "polarity": ["higher"]}))
    assert "W92000004" not in set(found.comparisons["area_code"])
    assert found.benchmarks.loc[0, "n_members"] == 6


def test_the_sources_own_figure_is_the_headline_and_a_confidential_one_is_not() -> None:
    rows = [{"area_code": f"W0600000{n}"} for n in range(1, 4)]
    wales = {"area_code": "W92000004", "area_type": "nation", "numerator": 5.0}
    groups = pd.DataFrame(
        {
            "group_code": "all",
            "member_code": [row["area_code"] for row in rows],
            "group_area_code": "W92000004",
        }
    )
    first = compare(table(*rows, wales), groups=groups).benchmarks.iloc[0]
    hidden = compare(table(*rows, {**wales, "note_code": "c"}), groups=groups).benchmarks.iloc[0]
    assert (first["headline"], first["headline_kind"]) == (0.5, "source")
    assert (hidden["headline"], hidden["headline_kind"]) == (0.1, "ratio_of_sums")


def test_ranks_are_uncertain_where_intervals_overlap_and_sure_where_they_do_not() -> None:
    rows = [
        {"area_code": f"W0600000{n}", "numerator": float(n * 100), "denominator": 1000.0}
        for n in (1, 2, 3, 4)
    ]
    close = [
        {"area_code": f"W0601000{n}", "numerator": 600.0 + n, "denominator": 1000.0}
        for n in (1, 2, 3)
    ]
    declared = pd.DataFrame([{"indicator": "i", "polarity": "lower", "interval": "binomial"}])
    found = compare(table(*rows, *close), declared, rank_uncertainty=True).comparisons
    assert found["rank_low"].tolist() == [1, 2, 3, 4, 5, 5, 5]
    assert found["rank_high"].tolist() == [1, 2, 3, 4, 7, 7, 7]
    again = compare(table(*rows, *close), declared, rank_uncertainty=True).comparisons
    pd.testing.assert_frame_equal(found, again)
    none = compare(table(*rows, *close), declared).comparisons
    assert none[["rank_low", "rank_high"]].isna().all(axis=None)


def test_csv_and_parquet_give_the_same_tables_and_na_is_a_code(tmp_path: Path) -> None:
    observations, indicators, groups, targets = frames(1)
    observations.to_csv(tmp_path / "o.csv", index=False)
    observations.to_parquet(tmp_path / "o.parquet")
    others = []
    for name, frame in (("i", indicators), ("g", groups), ("t", targets)):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        others.append(tmp_path / f"{name}.csv")
    steps: list[tuple[int, int]] = []
    run_compare(
        tmp_path / "o.csv", tmp_path / "one", *others, progress=lambda *at: steps.append(at)
    )
    run_compare(tmp_path / "o.parquet", tmp_path / "two", *others)
    assert steps[-1] == (len(observations), len(observations))
    for name in ("comparisons", "benchmarks"):
        one, two = (pd.read_parquet(tmp_path / run / f"{name}.parquet") for run in ("one", "two"))
        pd.testing.assert_frame_equal(one, two)
        assert list(one) == column_names(name)
    manifest = json.loads((tmp_path / "one" / "methods.json").read_text())
    assert manifest["indicators"]["i1"]["kind"] == indicators.loc[0, "kind"]
    (tmp_path / "na.csv").write_text("indicator,period,area_code,numerator\nNA,007,None,\n")
    assert read_table(tmp_path / "na.csv").iloc[0].tolist() == ["NA", "007", "None", ""]


@pytest.mark.parametrize("text", ["", "a,a\n1,2\n", "indicator,period\n1\n"])
def test_a_file_that_is_no_table_is_refused_and_leaves_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(ImpossibleInput, match=r"bad\.csv"):
        run_compare(tmp_path / "bad.csv", tmp_path / "out")
    assert not list(tmp_path.glob("out/*.parquet"))


def test_compare_needs_neither_dagster_nor_great_expectations_nor_a_database() -> None:
    heavy = "{'dagster', 'great_expectations', 'sqlalchemy'}"
    code = f"import sys, assets.methods.tables_io; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_one_price_for_all_has_no_spread_whatever_the_pence() -> None:
    homes = np.array([3.0, 7.0, 11.0, 13.0, 21.0, 29.0, 37.0, 41.0, 53.0, 67.0])
    table = pd.DataFrame({"indicator": "fee", "period": "2023", "denominator": homes})
    table = table.assign(area_code=[f"W060000{n:02}" for n in range(10)])
    found = compare(table.assign(numerator=(206.4 * homes).round(2)))
    assert found.benchmarks[["mean", "sd", "mad"]].iloc[0].tolist() == [206.4, 0.0, 0.0]
    scores = found.comparisons[["z_score", "mad_score", "mad_z"]]
    assert scores.isna().all(axis=None)
