"""The gate lets a sound table pass, finds one wrong row in each, and names it.

What passes although there is nothing in it is the business of test_nothing_passes. Only these two
modules import Great Expectations.
"""

import numpy as np
import pandas as pd
import pytest

from assets.catalogue.load import load_catalogue
from pipelines.definitions import defs
from sql.frames import empty
from sql.tables import metadata as contract
from tests.flow.gate_frames import SOUND, areas, benchmarks, figures
from validations import assembled
from validations.suite_files import FOLDER, read_suite, suites
from validations.suites import contract_gate, gate, gates

UNGATED = {
    "raw_returns": "text as it stood: the rules judge every row of it",
    "release_candidate": "counts of a candidate, whose tables have gates of their own",
    "release": "what was decided, after the gates",
    "warehouse": "row counts of what was loaded, after the gates",
    "night_report": "what was decided, after the gates",
}


def codes(found):
    return found["code"].tolist()


@pytest.mark.parametrize("suite", SOUND)
def test_a_sound_table_passes(suite):
    assert gate(SOUND[suite](), suite)["message_en"].tolist() == []


def test_every_suite_asks_enough_questions_and_each_is_understood():
    assert set(SOUND) <= set(suites())
    for name in suites():
        assert len(read_suite(name).checks) >= 3, name


def test_every_assembled_frame_has_a_suite():
    """One YAML file is all that a new frame needs, and without it this fails."""
    products = set(load_catalogue().products)
    keys = {key.path[0] for key in defs.resolve_asset_graph().get_all_asset_keys()}
    frames = {name for name in keys if name in contract.tables and name not in products}
    tables = {read_suite(name).table for name in suites()}
    assert frames - tables - set(UNGATED) == set()


def test_every_suite_file_is_asked_by_a_stage():
    stages = "".join(path.read_text() for path in FOLDER.parents[1].glob("assets/**/*.py"))
    for name in suites():
        assert f'"{name}"' in stages, f"nobody asks {name}.yaml"


def test_the_words_of_the_code_lists_are_those_of_the_catalogue():
    from typing import get_args

    from assets.catalogue import models

    lists = {
        ("areas", "type_is_known"): models.AreaType,
        ("indicator_values", "area_type_is_known"): models.AreaType,
        ("candidate", "area_type_is_known"): models.AreaType,
        ("indicator_catalogue", "kind_is_known"): models.Kind,
        ("indicator_catalogue", "polarity_is_known"): models.Polarity,
        ("indicator_catalogue", "interval_is_known"): models.Interval,
        ("indicator_catalogue", "welsh_has_a_status"): models.CyStatus,
    }
    for (suite, check), words in lists.items():
        (held,) = [item for item in read_suite(suite).checks if item.id == check]
        assert set(held.kwargs["value_set"]) == set(get_args(words)), (suite, check)


def changed(**columns):
    frame = figures()
    for name, value in columns.items():
        frame.loc[3, name] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (changed(area_code=None), "area_code_is_filled"),
        (changed(area_code="nan"), "area_code_is_filled"),
        (changed(area_code="W06000001"), "key_is_unique"),
        (changed(area_type="planet"), "area_type_is_known"),
        (changed(area_type=None), "area_has_a_type"),
        (changed(period="2022"), "period_is_canonical"),
        (changed(value=np.inf), "value_is_finite"),
        (changed(sd=-np.inf), "sd_is_finite"),
        (changed(value=np.nan), "no_value_has_a_code"),
        (changed(value_rounded=np.nan), "rounded_where_a_value"),
        (changed(note_code="q"), "note_codes_are_known"),
        (changed(note_code="e,x"), "note_codes_are_known"),
        (changed(lower_95=2.0, upper_95=1.0), "limits_95_in_order"),
        (changed(is_queried=None), "queried_is_yes_or_no"),
    ],
)
def test_one_wrong_row_is_found_and_named(frame, code):
    found = gate(frame, "indicator_values")
    mine = found[found["code"] == code]
    assert len(mine) == 1, found["message_en"].tolist()
    assert mine["severity"].tolist() == ["error"]
    assert mine["dataset"].tolist() == ["gate:indicator_values"]
    assert mine["indicator"].tolist() == ["indicator_0"]
    if code != "key_is_unique":
        assert mine["period"].tolist() == [frame.loc[3, "period"]]


@pytest.mark.parametrize("size", [7, 44, 88])
def test_slices_find_the_same_rows_as_the_whole(monkeypatch, size):
    """Rows in the first, a middle and the last slice; the last slice is a short one."""
    frame = changed(area_type="planet")
    frame.loc[[50, 87], "area_type"] = "planet"
    frame.loc[[60], "note_code"] = "q"
    frame.loc[[61], "value"] = np.nan
    whole = gate(frame, "indicator_values")
    assert len(whole) >= 4
    monkeypatch.setattr(assembled, "SLICE", size)
    pd.testing.assert_frame_equal(gate(frame, "indicator_values"), whole)


@pytest.mark.parametrize("size", [7, 1_000])
def test_a_file_is_judged_as_the_frame_it_holds(monkeypatch, tmp_path, size):
    monkeypatch.setattr(assembled, "SLICE", size)
    frame = changed(area_type="planet")
    frame.loc[50, "area_code"] = None
    frame.loc[60, "note_code"] = "q"
    frame.loc[61, "value"] = np.inf
    frame.loc[[70, 71], "area_code"] = "W06000001"
    frame.to_parquet(tmp_path / "figures.parquet", index=False)
    found = gate(tmp_path / "figures.parquet", "indicator_values")
    assert {"key_is_unique", "area_code_is_filled", "value_is_finite"} < set(found["code"])
    pd.testing.assert_frame_equal(found, gate(frame, "indicator_values"))
    figures().to_parquet(tmp_path / "sound.parquet", index=False)
    assert gate(tmp_path / "sound.parquet", "indicator_values").empty
    assert codes(gate(tmp_path / "none.parquet", "indicator_values")) == ["gate_raised"]


def test_a_repeated_key_is_found_across_slices(monkeypatch):
    monkeypatch.setattr(assembled, "SLICE", 10)
    frame = figures()
    twice = pd.concat([frame, frame.head(1)], ignore_index=True)
    found = gate(twice, "indicator_values")
    assert codes(found) == ["key_is_unique"]
    assert found["n_rows"].tolist() == [2]


def test_failing_rows_are_one_finding_for_each_indicator_with_their_keys():
    frame = figures().assign(area_type=pd.array(["planet"] * 88, dtype="str"))
    found = gate(frame, "indicator_values").query("code == 'area_type_is_known'")
    assert found[["indicator", "n_rows"]].to_numpy().tolist() == [
        ["indicator_0", 44],
        ["indicator_1", 44],
    ]
    named = [f"planet [W0600000{n} 2021-01-01/P1Y]" for n in (1, 2, 3)]
    assert ", ".join(named) + " (+41)" in found["message_en"].iloc[0]


def test_raised_and_failed_are_told_apart(tmp_path):
    text = "table: indicator_values\nchecks:\n"
    line = "  - {{id: {0}, type: expect_column_values_to_be_between, kwargs: {{{1}}}}}\n"
    text += line.format("fails", "column: value, min_value: 40")
    text += line.format("raises", "column: area_code, min_value: 0")
    (tmp_path / "own.yaml").write_text(text)
    found = gate(figures(), "own", tmp_path).set_index("code")
    assert set(found.index) == {"fails", "gate_check_raised"}
    assert "raises could not be made" in found.loc["gate_check_raised", "message_en"]
    assert "fails failed for 0.0 [W06000001" in found.loc["fails", "message_en"]


def test_gates_of_several_frames_name_their_suite():
    wrong = benchmarks()
    wrong.loc[0, "headline_kind"] = "guess"
    found = gates({"areas": areas().iloc[:1], "benchmarks": wrong})
    assert found["dataset"].tolist() == ["gate:areas", "gate:benchmarks"]
    assert codes(found) == ["enough_councils", "headline_kinds"]


def test_the_contract_alone_may_be_asked_of_a_frame_without_rows():
    assert contract_gate(empty("comparisons"), "comparisons").empty
    assert codes(contract_gate(empty("comparisons").iloc[:, 1:], "comparisons")) == ["gate_columns"]
    twice = pd.concat([benchmarks(), benchmarks()])
    assert codes(contract_gate(twice, "benchmarks")) == ["key_is_unique"]


def test_a_warning_is_a_query_and_information_a_note(tmp_path):
    text = "table: indicator_values\nchecks:\n"
    for name, least, severity in (("a", 0, "critical"), ("b", 80, "warning"), ("c", 87, "info")):
        text += (
            f"  - {{id: {name}, type: expect_column_values_to_be_between,"
            f" kwargs: {{column: value, min_value: {least}}}, severity: {severity}}}\n"
        )
    (tmp_path / "own.yaml").write_text(text)
    found = gate(figures(), "own", tmp_path).groupby("severity")["n_rows"].sum()
    assert found.to_dict() == {"note": 87, "query": 80}
