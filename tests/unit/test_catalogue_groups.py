"""Groups by date and service, families, ONS sets and the practice register."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from assets.catalogue.dated_groups import (
    DatedGroup,
    changes_of,
    family_groups,
    fixed_group,
    groups_on,
    load_dated_groups,
    standing_groups,
)
from assets.catalogue.load import CatalogueError, load_catalogue
from assets.catalogue.models import Bilingual
from assets.catalogue.ons_neighbours import OnsNeighboursError, overlap, read_ons_neighbours
from assets.catalogue.practice import load_practice, practice_frame
from assets.methods.compare import compare
from assets.methods.impossible import ImpossibleInput
from assets.methods.scoped_groups import Scope, compare_scopes, last_day, scopes_by_date

BRIDGEND, SWANSEA = "W06000013", "W06000011"
MOVE = date(2019, 4, 1)
NAMES = Bilingual(en="A family", cy="Teulu")


def boards(day: date) -> dict[str, str]:
    """Council -> health board on that day."""
    found = groups_on(load_dated_groups(), day, smallest=1)
    return dict(zip(found["member_code"], found["group_code"], strict=True))


# --- health boards --------------------------------------------------------------------------------


def test_bridgend_moved_on_the_first_of_april_2019() -> None:
    before, after = boards(date(2019, 3, 31)), boards(MOVE)
    assert before[BRIDGEND] == before[SWANSEA] == "health_board:abertawe_bro_morgannwg"
    assert after[BRIDGEND] == "health_board:cwm_taf_morgannwg"
    assert after[SWANSEA] == "health_board:swansea_bay"
    moved = {code for code in before if before[code] != after[code]}
    assert moved == {BRIDGEND, SWANSEA, "W06000012", "W06000016", "W06000024"}
    assert changes_of(load_dated_groups()) == [MOVE]


@pytest.mark.parametrize("day", [date(2010, 1, 1), date(2019, 3, 31), MOVE, date(2030, 1, 1)])
def test_every_council_lies_in_one_board_on_every_day(day: date) -> None:
    found = groups_on(load_dated_groups(), day, smallest=1)
    assert sorted(found["member_code"]) == load_catalogue().councils()


def test_boards_from_which_a_council_could_subtract_itself_are_left_out() -> None:
    found = groups_on(load_dated_groups(), MOVE)
    assert set(found["group_code"]) == {
        "health_board:betsi_cadwaladr",
        "health_board:aneurin_bevan",
    }


def test_boards_that_were_ever_too_small_are_not_in_the_night() -> None:
    found = standing_groups(load_dated_groups())
    sizes = found.groupby("group_code").size().to_dict()
    assert sizes == {"health_board:betsi_cadwaladr": 6, "health_board:aneurin_bevan": 5}
    assert found[["valid_from", "valid_to"]].isna().all(axis=None)
    everyone = standing_groups(load_dated_groups(), smallest=1)
    bridgend = everyone[everyone["member_code"] == BRIDGEND].set_index("group_code")
    assert bridgend["valid_to"].fillna("").to_dict() == {
        "health_board:abertawe_bro_morgannwg": "2019-03-31",
        "health_board:cwm_taf_morgannwg": "",
    }
    assert bridgend.loc["health_board:cwm_taf_morgannwg", "valid_from"] == "2019-04-01"


def test_boards_in_force_are_areas_of_the_catalogue() -> None:
    areas = load_catalogue().areas
    for group in load_dated_groups():
        assert group.area is None or areas[group.area].type == "health_board"


# --- families, lists, services --------------------------------------------------------------------


def test_a_family_is_an_own_group_of_each_member() -> None:
    found = family_groups("family:a", NAMES, [["A", "B", "C"], ["D", "E"]], "1")
    assert found.loc[found["owner_code"] == "A", "member_code"].tolist() == ["B", "C"]
    assert found.loc[found["owner_code"] == "D", "member_code"].tolist() == ["E"]
    with pytest.raises(ValueError, match="A is in two"):
        family_groups("family:a", NAMES, [["A", "B"], ["A", "C"]], "1")
    with pytest.raises(ValueError, match="A is listed twice"):
        fixed_group("list:mine", NAMES, ["A", "A"], "1")


def test_a_group_may_hold_for_one_service_only() -> None:
    members = tuple({"council": f"W0600000{n}"} for n in range(1, 6))
    coast = DatedGroup.model_validate(
        {"id": "coast", "title": {"en": "Coast", "cy": "Arfordir"}, "members": members}
        | {"themes": ["waste"]}
    )
    assert groups_on([coast], MOVE, "housing").empty
    assert len(groups_on([coast], MOVE, "waste")) == 5


def figures() -> pd.DataFrame:
    rows = [
        (name, period, code, "council", float(number), 100.0)
        for name in ("waste", "housing")
        for period in ("2018-04-01/P1Y", "2019-04-01/P1Y")
        for number, code in enumerate("ABCDEF")
    ]
    columns = ["indicator", "period", "area_code", "area_type", "numerator", "denominator"]
    return pd.DataFrame(rows, columns=columns)


INDICATORS = pd.DataFrame(
    {"indicator": ["waste", "housing"], "kind": "proportion", "multiplier": 100.0}
    | {"polarity": "higher", "decimals": 1}
)


def test_groups_that_differ_by_service_and_date_make_one_comparison() -> None:
    coast = fixed_group("coast", NAMES, list("ABCDE"), "1")
    early, late = (fixed_group("board", NAMES, list(own), "1") for own in ("ABCD", "BCDEF"))
    scopes = [
        Scope(coast, indicators=["waste"]),
        Scope(early, periods=["2018-04-01/P1Y"]),
        Scope(late, periods=["2019-04-01/P1Y"]),
    ]
    comparisons, benchmarks = compare_scopes(figures(), INDICATORS, scopes)
    members = comparisons.groupby(["indicator", "period", "group_code"])["area_code"].agg("".join)
    assert members["waste", "2019-04-01/P1Y", "coast"] == "ABCDE"
    assert ("housing", "2019-04-01/P1Y", "coast") not in members
    assert members["housing", "2018-04-01/P1Y", "board"] == "ABCD"
    assert members["housing", "2019-04-01/P1Y", "board"] == "BCDEF"
    assert benchmarks.loc[benchmarks["group_code"] == "board", "n_members"].tolist() == [4, 4, 5, 5]
    alone = compare(figures(), INDICATORS, late).comparisons
    kept = comparisons[
        (comparisons["group_code"] == "board") & (comparisons["period"] == "2019-04-01/P1Y")
    ]
    expected = alone[alone["period"] == "2019-04-01/P1Y"]
    pd.testing.assert_frame_equal(
        kept.reset_index(drop=True), expected.reset_index(drop=True), check_dtype=False
    )
    with pytest.raises(ImpossibleInput, match="Group board is given twice"):
        compare_scopes(figures(), INDICATORS, [Scope(early), Scope(late)])
    with pytest.raises(ImpossibleInput, match="No scope"):
        compare_scopes(figures(), INDICATORS, [])


def test_a_member_counts_in_the_periods_whose_last_day_it_is_in_force_on() -> None:
    always = fixed_group("all", NAMES, list("ABCDEF"), "1")
    board = fixed_group("board", NAMES, list("ABCDE"), "1").assign(
        valid_to=["2019-03-31", None, None, None, None],
        valid_from=[None, None, None, None, "2019-04-01"],
    )
    scopes = scopes_by_date(pd.concat([always, board]), figures()["period"])
    found = compare_scopes(figures(), INDICATORS, scopes)[0]
    by_group = found.groupby(["period", "group_code"])["area_code"]
    members = by_group.agg(lambda codes: "".join(sorted(set(codes))))
    assert members["2018-04-01/P1Y", "board"] == "ABCD"
    assert members["2019-04-01/P1Y", "board"] == "BCDE"
    assert members["2018-04-01/P1Y", "all"] == "ABCDEF"
    whole = compare(figures(), INDICATORS, always).comparisons
    kept = found[found["group_code"] == "all"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, whole, check_dtype=False)


def test_groups_without_dates_are_one_comparison_of_any_periods() -> None:
    group = fixed_group("all", NAMES, list("ABCDEF"), "1")
    assert len(scopes_by_date(group, ["spring"])) == 1
    dated = group.assign(valid_from="2019-04-01")
    with pytest.raises(ImpossibleInput, match="'spring' is no period with days"):
        scopes_by_date(dated, ["spring"])
    assert last_day("2018-04-01/P1Y") == "2019-03-31"
    assert last_day("2025-04-30") == "2025-04-30"


# --- ONS sets -------------------------------------------------------------------------------------

ONS = "\ufeffAREACD,1,2,3\nW06000001,W06000002,E06000001,W06000003\nW06000002,W06000003,,\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "neighbours.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_ons_neighbours_become_own_groups(tmp_path: Path) -> None:
    found = read_ons_neighbours(written(tmp_path, ONS), "2025", k=2)
    assert found[["owner_code", "member_code"]].to_numpy().tolist() == [
        ["W06000001", "W06000002"],
        ["W06000001", "E06000001"],
        ["W06000002", "W06000003"],
    ]
    assert found["distance_rank"].tolist() == [1, 2, 1]
    assert found["distance"].isna().all()
    assert set(found["set_version"]) == {"2025"}
    only = read_ons_neighbours(written(tmp_path, ONS), "2025", ["W06000002"], k=3)
    assert set(only["owner_code"]) == {"W06000002"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: expected AREACD"),
        ("AREACD,2,1\nW06000001,W06000002,W06000003\n", "line 1: expected AREACD"),
        ("AREACD,1\nW06000001,Gwynedd\n", "line 2: 'Gwynedd' is no area code"),
        ("AREACD,1\nW06000001\n", "line 2: 1 fields, expected 2"),
        ("AREACD,1\nW06000001,\n", "line 2: no neighbour"),
        ("AREACD,1\nW06000001,W06000001\n", "as its own neighbour"),
        (
            "AREACD,1\nW06000001,W06000002\nW06000001,W06000003\n",
            "line 3: W06000001 is there twice",
        ),
    ],
)
def test_another_form_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(OnsNeighboursError, match=words):
        read_ons_neighbours(written(tmp_path, text), "2025", k=1)


def test_more_neighbours_than_are_listed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OnsNeighboursError, match="lists 3 neighbours, not 7"):
        read_ons_neighbours(written(tmp_path, ONS), "2025", k=7)


def test_how_far_two_sets_agree(tmp_path: Path) -> None:
    own = family_groups("own", NAMES, [["W06000001", "W06000002"]], "1")
    found = overlap(own, read_ons_neighbours(written(tmp_path, ONS), "2025", k=3))
    assert found["n_possible"].tolist() == [1, 0]
    assert found["n_shared"].tolist() == [1, 0]
    assert found["shared"].tolist() == ["W06000002", ""]


# --- practice -------------------------------------------------------------------------------------

ENTRY = """
- council: W06000002
  indicator: {indicator}
  what: {{en: Opened a house., cy: Agorwyd tŷ.}}
  link: https://example.org/ty
  contact_role: head of housing
  reviewed: 2026-01-05
"""


def test_the_register_of_the_catalogue_is_good() -> None:
    frame = practice_frame(load_practice(load_catalogue()))
    assert list(frame.columns)[:2] == ["area_code", "indicator"]


def test_an_entry_becomes_a_row(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    name = catalogue.published_indicators()[0]
    frame = practice_frame(
        load_practice(catalogue, written(tmp_path, ENTRY.format(indicator=name)))
    )
    assert frame.loc[0, ["area_code", "practice_cy", "reviewed"]].tolist() == [
        "W06000002",
        "Agorwyd tŷ.",
        "2026-01-05",
    ]


def test_every_fault_of_the_register_is_listed(tmp_path: Path) -> None:
    text = ENTRY.format(indicator="nothing") * 2 + "- {council: Gwynedd}\n"
    with pytest.raises(CatalogueError) as caught:
        load_practice(load_catalogue(), written(tmp_path, text))
    said = "\n".join(caught.value.faults)
    for words in ("'nothing' is not declared", "there twice", "entry 3: council", "contact_role"):
        assert words in said
    with pytest.raises(CatalogueError, match=r"expected a list of entries, or \[\]"):
        load_practice(load_catalogue(), written(tmp_path, "council: W06000002\n"))
