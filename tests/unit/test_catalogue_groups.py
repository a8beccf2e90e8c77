"""Groups by date and service, families, ONS sets and the practice register."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError

from assets.catalogue.frames import WALES, group_frame, whole_frame
from assets.catalogue.load import CatalogueError, load_catalogue
from assets.catalogue.models import Group
from assets.catalogue.ons_neighbours import OnsNeighboursError, overlap, read_ons_neighbours
from assets.catalogue.practice import load_practice, practice_frame
from assets.methods.compare import compare
from assets.methods.impossible import ImpossibleInput
from assets.methods.scoped_groups import (
    Scope,
    compare_scopes,
    last_day,
    scopes_by_date,
    scopes_of,
)
from sql.frames import conform

BRIDGEND, SWANSEA = "W06000013", "W06000011"
MOVE = date(2019, 4, 1)
CATALOGUE = load_catalogue()
CODES = CATALOGUE.councils()[:6]


def group(**fields: object) -> Group:
    return Group.model_validate({"id": "made", "title": {"en": "Made", "cy": "Gwnaed"}} | fields)


def rows_of(*groups: Group) -> pd.DataFrame:
    """The groups as the night has them, without `all`."""
    made = {item.id: item for item in groups}
    frame = group_frame(replace(CATALOGUE, groups=made))
    return frame[frame["group_code"] != "all"].reset_index(drop=True)


# --- health boards --------------------------------------------------------------------------------

BOARDS = [item for id_, item in CATALOGUE.groups.items() if id_.startswith("health_board:")]


def boards(day: date) -> list[tuple[str, str]]:
    """Every council and its health board on that day, by council."""
    members = [
        (item.council, board.id, item.is_in_force(day))
        for board in BOARDS
        for item in board.members
    ]
    return sorted((council, board) for council, board, is_member in members if is_member)


def test_bridgend_moved_on_the_first_of_april_2019() -> None:
    before, after = dict(boards(date(2019, 3, 31))), dict(boards(MOVE))
    assert before[BRIDGEND] == before[SWANSEA] == "health_board:abertawe_bro_morgannwg"
    assert after[BRIDGEND] == "health_board:cwm_taf_morgannwg"
    assert after[SWANSEA] == "health_board:swansea_bay"
    moved = {code for code in before if before[code] != after[code]}
    assert moved == {BRIDGEND, SWANSEA, "W06000012", "W06000016", "W06000024"}


@pytest.mark.parametrize("day", [date(2010, 1, 1), date(2019, 3, 31), MOVE, date(2030, 1, 1)])
def test_every_council_lies_in_one_board_on_every_day(day: date) -> None:
    assert [council for council, _ in boards(day)] == CATALOGUE.councils()


def test_boards_from_which_a_council_could_subtract_itself_are_not_in_the_night() -> None:
    sizes = rows_of(*BOARDS).groupby("group_code").size().to_dict()
    assert sizes == {"health_board:betsi_cadwaladr": 6, "health_board:aneurin_bevan": 5}


def test_whatever_makes_up_an_area_is_known_where_counts_are_protected() -> None:
    found = whole_frame(CATALOGUE)
    assert set(found["group_area_code"]) == {item.area for item in BOARDS if item.area} | {WALES}
    bridgend = found[found["member_code"] == BRIDGEND].set_index("group_code")
    assert bridgend.loc["health_board:cwm_taf_morgannwg", "valid_from"] == "2019-04-01"


def test_boards_in_force_are_areas_of_the_catalogue() -> None:
    for board in BOARDS:
        assert board.area is None or CATALOGUE.areas[board.area].type == "health_board"


# --- families, lists, services --------------------------------------------------------------------


def test_a_member_has_its_days() -> None:
    left = {"council": BRIDGEND, "until": date(2019, 4, 1)}
    joined = {"council": SWANSEA, "since": date(2019, 4, 1)}
    found = rows_of(group(members=[*CODES[:4], left, joined])).set_index("member_code")
    assert found.loc[BRIDGEND, "valid_to"] == "2019-03-31"
    assert found.loc[SWANSEA, "valid_from"] == "2019-04-01"
    assert found.loc[CODES[0], ["valid_from", "valid_to"]].isna().all()


def test_a_family_is_an_own_group_of_each_member() -> None:
    found = rows_of(group(families=[CODES[:3], CODES[3:5]]))
    assert found.loc[found["owner_code"] == CODES[0], "member_code"].tolist() == CODES[1:3]
    assert found.loc[found["owner_code"] == CODES[3], "member_code"].tolist() == [CODES[4]]


@pytest.mark.parametrize("fields", [{}, {"members": CODES, "families": [CODES]}])
def test_a_group_has_members_or_families(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="members or families; give one of them"):
        group(**fields)


def test_a_group_is_as_small_as_it_ever_was() -> None:
    late = [{"council": code, "since": date(2020, 1, 1)} for code in CODES[3:]]
    assert group(members=[*CODES[:3], *late]).smallest() == 3
    assert group(members=late).smallest() == len(late), "before, there was none"
    assert group(families=[CODES[:4], CODES[4:6]]).smallest() == 2


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
    {"indicator": ["waste", "housing"], "theme": ["environment", "housing"]}
    | {"kind": "proportion", "multiplier": 100.0, "polarity": "higher", "decimals": 1}
)


def members(code: str, councils: str, **dates: list[str | None]) -> pd.DataFrame:
    rows = pd.DataFrame({"member_code": list(councils)}).assign(
        group_code=code, owner_code="", **dates
    )
    return conform(rows, "comparison_groups", fill=True)


def members_found(comparisons: pd.DataFrame) -> dict[tuple[str, str, str], str]:
    """Indicator, period, group -> its councils."""
    by = comparisons.groupby(["indicator", "period", "group_code"])["area_code"]
    return by.agg(lambda codes: "".join(sorted(set(codes)))).to_dict()


def test_groups_that_differ_by_service_and_date_make_one_comparison() -> None:
    coast = members("coast", "ABCDE")
    early, late = (members("board", own) for own in ("ABCD", "BCDEF"))
    scopes = [
        Scope(coast, indicators=["waste"]),
        Scope(early, periods=["2018-04-01/P1Y"]),
        Scope(late, periods=["2019-04-01/P1Y"]),
    ]
    comparisons, benchmarks = compare_scopes(figures(), INDICATORS, scopes)
    found = members_found(comparisons)
    assert found["waste", "2019-04-01/P1Y", "coast"] == "ABCDE"
    assert ("housing", "2019-04-01/P1Y", "coast") not in found
    assert found["housing", "2018-04-01/P1Y", "board"] == "ABCD"
    assert found["housing", "2019-04-01/P1Y", "board"] == "BCDEF"
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


def test_a_group_for_some_themes_compares_their_indicators_alone() -> None:
    coast = members("coast", "ABCDE", themes=["environment;transport"] * 5)
    left = members("left", "ABCDE", themes=["housing"] * 5, valid_to=["2019-03-31"] * 5)
    groups = pd.concat([members("all", "ABCDEF"), coast, left])
    scopes = scopes_of(groups, INDICATORS, figures()["period"])
    found = members_found(compare_scopes(figures(), INDICATORS, scopes)[0])
    periods = ("2018-04-01/P1Y", "2019-04-01/P1Y")
    everyone = {
        (name, period, "all"): "ABCDEF" for name in ("waste", "housing") for period in periods
    }
    assert found == everyone | {
        ("waste", periods[0], "coast"): "ABCDE",
        ("waste", periods[1], "coast"): "ABCDE",
        ("housing", periods[0], "left"): "ABCDE",
    }


def test_a_member_counts_in_the_periods_whose_last_day_it_is_in_force_on() -> None:
    always = members("all", "ABCDEF")
    board = members(
        "board",
        "ABCDE",
        valid_to=["2019-03-31", None, None, None, None],
        valid_from=[None, None, None, None, "2019-04-01"],
    )
    scopes = scopes_by_date(pd.concat([always, board]), figures()["period"])
    comparisons = compare_scopes(figures(), INDICATORS, scopes)[0]
    found = members_found(comparisons)
    assert found["waste", "2018-04-01/P1Y", "board"] == "ABCD"
    assert found["waste", "2019-04-01/P1Y", "board"] == "BCDE"
    assert found["waste", "2018-04-01/P1Y", "all"] == "ABCDEF"
    whole = compare(figures(), INDICATORS, always).comparisons
    kept = comparisons[comparisons["group_code"] == "all"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, whole, check_dtype=False)


@pytest.mark.parametrize(
    ("column", "text"), [("valid_from", "2019-04-01"), ("valid_to", "2019-03-31"), ("themes", "x")]
)
def test_one_comparison_refuses_a_group_for_some_of_it_only(column: str, text: str) -> None:
    groups = members("all", "ABCDEF", **{column: [text, *[None] * 5]})
    with pytest.raises(ImpossibleInput, match=f"{column} '{text}' holds for some periods or"):
        compare(figures(), INDICATORS, groups)


def test_groups_without_dates_are_one_comparison_of_any_periods() -> None:
    always = members("all", "ABCDEF")
    assert len(scopes_by_date(always, ["spring"])) == 1
    dated = always.assign(valid_from="2019-04-01")
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
    own = rows_of(group(families=[CODES[:2]]))
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
