"""The catalogue: what it must hold, and how its faults are told."""

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
import yaml

from assets.catalogue.frames import inequality_orders
from assets.catalogue.load import HERE, CatalogueError, load_catalogue
from assets.catalogue.models import Bilingual, Entry

COUNCILS = [f"W060000{n:02d}" for n in (*range(1, 7), *range(8, 17), *range(18, 25))]
SAME_IN_BOTH = {"%", "£", "MWh", "Gwynedd", "Ceredigion", "Neath Port Talbot", "Torfaen", "Powys"}
SAME_IN_BOTH |= {"Betsi Cadwaladr", "Hywel Dda", "Aneurin Bevan"}
SAME_IN_BOTH |= {"Abertawe Bro Morgannwg", "Cwm Taf", "Cwm Taf Morgannwg"}


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def bilingual_texts(item: Entry, place: str):
    """Every bilingual text of an entry with its place, however deep it lies."""
    for name, value in item:
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Bilingual):
                yield f"{place}.{name}", part
            elif isinstance(part, Entry):
                yield from bilingual_texts(part, f"{place}.{name}")


def all_texts(catalogue):
    for kind, entries in vars(catalogue).items():
        for id_, item in entries.items():
            yield from bilingual_texts(item, f"{kind}.{id_}")


def test_it_holds_thirty_indicators_over_seven_themes(catalogue):
    published = [catalogue.indicators[id_] for id_ in catalogue.published_indicators()]
    assert len(published) >= 38
    assert len({item.theme for item in published}) >= 8


def test_councils_are_the_22_with_their_names(catalogue):
    assert catalogue.councils() == COUNCILS
    assert catalogue.areas["W06000001"].name.cy == "Ynys Môn"
    assert catalogue.areas["W06000012"].name.cy == "Castell-nedd Port Talbot"
    assert catalogue.areas["W06000023"].predecessors == ("W06000007",)
    assert catalogue.areas["W06000024"].predecessors == ("W06000017",)


def test_every_text_stands_in_both_languages_and_says_the_same_numbers(catalogue):
    """Same digits in both, so that a Welsh text left behind after a change is found."""
    differing, untranslated = [], []
    for place, text in all_texts(catalogue):
        if re.findall(r"\d+", text.en) != re.findall(r"\d+", text.cy):
            differing.append(place)
        if text.en == text.cy and text.en not in SAME_IN_BOTH:
            untranslated.append(place)
    assert sorted(differing, key=str) == [
        "units.tonnes_per_head.label"
    ]  # CO2 is spelt out in Welsh
    assert [place for place in untranslated if not place.startswith("areas.")] == []


def test_texts_are_composed_unicode_without_damage(catalogue):
    for place, text in all_texts(catalogue):
        for words in (text.en, text.cy):
            assert words == unicodedata.normalize("NFC", words).strip(), place
            assert not re.search("\ufffd|Ã|ï¿½|Å·", words), place


def test_a_framework_code_belongs_to_one_indicator(catalogue):
    codes = Counter(
        (line.framework, line.code)
        for item in catalogue.indicators.values()
        for line in item.lineage
    )
    assert max(codes.values()) == 1


def test_a_code_from_memory_is_not_released(catalogue):
    assert catalogue.indicators["sickness_days_per_employee"].status == "unverified"
    assert "sickness_days_per_employee" not in catalogue.published_indicators()
    assert not any(
        "sickness_days_per_employee" in catalogue.product_indicators(product)
        for product in catalogue.products
    )


def test_intervals_from_counts_are_for_people_cases_and_events_only(catalogue):
    """Vehicles, dwellings, money, energy and journeys have none."""
    from_counts = {
        id_
        for id_, item in catalogue.indicators.items()
        if item.interval in ("binomial", "poisson")
    }
    assert from_counts == {"low_birth_weight"}
    supplied = [id_ for id_, item in catalogue.indicators.items() if item.interval == "supplied"]
    assert len(supplied) == 7


def test_no_sum_of_what_cannot_be_summed(catalogue):
    for id_, item in catalogue.indicators.items():
        if item.aggregation == "ratio":
            assert None not in (item.numerator, item.denominator), id_


def test_one_numerator_serves_one_indicator(catalogue):
    used = Counter(
        name
        for item in catalogue.indicators.values()
        for name in (item.numerator, item.denominator, item.value, item.stated_value)
        if name
    )
    assert used["ultra_low_emission_vehicles"] == 1
    assert used["population"] > 1


def test_recycling_has_the_targets_of_the_law(catalogue):
    """Each target holds until the next begins, so every year has the one in force."""
    targets = catalogue.indicators["municipal_waste_recycled"].targets
    begins = {2015: 58, 2019: 64, 2024: 70}
    expected = {year: begins[max(y for y in begins if y <= year)] for year in range(2015, 2025)}
    assert {int(target.period[:4]): target.value for target in targets} == expected
    assert {target.direction for target in targets} == {"higher"}
    for target in targets:
        assert f"section 3: {target.value:.0f} % from 20" in target.source
        assert "in force until the next target" in target.source


def test_child_poverty_begins_a_new_series_and_says_so(catalogue):
    for id_ in ("children_relative_poverty_bhc", "children_relative_poverty_ahc"):
        item = catalogue.indicators[id_]
        assert item.breaks
        assert item.interval == "none"
        assert "not the headline measure" in item.caveat.en


def test_gas_begins_anew_with_each_window_of_twelve_months(catalogue):
    item = catalogue.indicators["domestic_gas_consumption"]
    assert [period[:4] for period in item.breaks] == ["2016", "2017", "2018"]
    for words in ("October 2014 to September 2015", "mid-July", "mid-June", "73,200 kWh"):
        assert words in item.caveat.en


def test_money_at_current_prices_is_not_called_better(catalogue):
    for id_ in ("household_income_per_head", "median_weekly_pay"):
        item = catalogue.indicators[id_]
        assert item.polarity == "neutral"
        assert "current prices" in item.caveat.en


def test_a_date_in_the_past_is_not_expected(catalogue):
    assert {item.next_expected for item in catalogue.indicators.values()} == {None}


def test_what_is_inferred_says_so(catalogue):
    for id_ in ("flying_start_contacts", "ultra_low_emission_share", "electric_cars_share"):
        item = catalogue.indicators[id_]
        assert "inferred" in item.caveat.en
        assert "asgliad" in item.caveat.cy


def test_reference_series_are_those_of_inflation(catalogue):
    series = [id_ for id_, item in catalogue.indicators.items() if item.is_reference_series]
    assert catalogue.product_indicators("inflation") == series


def test_money_is_freed_of_inflation_where_it_is_over_something_else(catalogue):
    deflated = {id_ for id_, item in catalogue.indicators.items() if item.deflator}
    money = {id_ for id_, item in catalogue.indicators.items() if item.unit.startswith("gbp")}
    assert money - deflated == {"median_weekly_pay"}, "one day in April has no yearly index"
    assert deflated <= money


def test_self_assessment_is_what_is_tagged_with_section_89(catalogue):
    tagged = [id_ for id_ in catalogue.published_indicators() if catalogue.indicators[id_].act_2021]
    assert catalogue.product_indicators("self-assessment") == tagged


def test_regions_are_whole_councils_each_in_one(catalogue):
    regions = [item for id_, item in catalogue.groups.items() if id_.startswith("region:")]
    assert sorted(code for region in regions for code in region.councils()) == COUNCILS
    assert "W06000002" in catalogue.groups["region:north_wales"].councils()
    assert catalogue.groups["region:mid_wales"].councils() == ["W06000008", "W06000023"]
    assert not catalogue.groups["region:mid_wales"].publishes_benchmark


def test_neighbours_are_seven_by_what_a_council_is_given(catalogue):
    (item,) = catalogue.neighbour_sets.values()
    assert item.k == 7
    for feature in item.features:
        indicator = catalogue.indicators[feature.indicator]
        assert indicator.polarity == "neutral"
        assert "circular" in indicator.caveat.en, feature.indicator
        assert "cylchol" in indicator.caveat.cy, feature.indicator


# --- faults are told all at once, each with its place ------------------------------------------


@pytest.fixture
def copied(tmp_path):
    """The catalogue's files, to spoil."""
    for path in HERE.rglob("*.yaml"):
        target = tmp_path / path.relative_to(HERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text("utf-8"), "utf-8")
    return tmp_path


def spoil(root: Path, name: str, **fields: object) -> None:
    """Set fields of a file's first entry."""
    entries = yaml.safe_load((root / name).read_text("utf-8"))
    entries[0].update(fields)
    (root / name).write_text(yaml.safe_dump(entries, allow_unicode=True), "utf-8")


def faults_of(root: Path) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(root)
    return caught.value.faults


def test_an_unspoilt_copy_loads(copied, catalogue):
    assert load_catalogue(copied) == catalogue


def test_faults_of_several_files_are_told_at_once(copied):
    spoil(copied, "units.yaml", colour="red")
    spoil(copied, "indicators/health.yaml", decimals=9)
    faults = faults_of(copied)
    assert len(faults) == 2
    assert faults[0].startswith("units.yaml, entry 1 (percent): colour: Extra inputs")
    assert faults[1].startswith("indicators/health.yaml, entry 1 (low_birth_weight): decimals:")


@pytest.mark.parametrize(
    ("name", "fields", "told"),
    [
        ("indicators/health.yaml", {"numerator": "storks"}, "measure 'storks' is not declared"),
        ("indicators/health.yaml", {"unit": "ells"}, "unit 'ells' is not declared"),
        ("indicators/health.yaml", {"breaks": ["2018-04-01/P1Y"]}, "is not the key of a calendar"),
        ("indicators/health.yaml", {"provisional": ["2018"]}, "is not the key of a calendar"),
        ("indicators/health.yaml", {"breakdown_types": ["sex"]}, "the breakdown 'sex' is not"),
        ("indicators/health.yaml", {"wellbeing_goals": ["rich"]}, "goal 'rich' is not declared"),
        ("indicators/health.yaml", {"period_type": "month"}, "is by calendar_year, the indicator"),
        ("indicators/health.yaml", {"id": "population"}, "'population' is used twice; keep one"),
        ("measures/health.yaml", {"breakdown_type": "sex"}, "give both or neither"),
        ("groups.yaml", {"members": ["W06000007"]}, "council 'W06000007' is not declared"),
        ("groups.yaml", {"members": COUNCILS[:3]}, "of 3 councils each could be found from the"),
        ("groups.yaml", {"members": [*COUNCILS, "W06000003"]}, "W06000003 is listed twice; keep"),
        ("groups.yaml", {"families": [COUNCILS[:4]]}, "members or families; give one of them"),
        ("groups.yaml", {"themes": ["fun"]}, "theme 'fun' is not declared"),
        ("areas.yaml", {"parent": "X99"}, "area 'X99' is not declared"),
        ("products/inflation.yaml", {"themes": ["fun"]}, "theme 'fun' is not declared"),
        ("indicators/health.yaml", {"deflator": "gdp_deflator"}, "not money over something else"),
        ("indicators/finance.yaml", {"deflator": "bread"}, "deflator 'bread' is not declared"),
        ("indicators/education.yaml", {"gap_references": {"sex": "male"}}, "type 'sex' is not"),
        (
            "indicators/education.yaml",
            {"gap_references": {"school_sector": "evening"}},
            "reference 'evening' is not declared",
        ),
        ("deflators.yaml", {"indicator": "claimant_count"}, "no reference series by month or"),
        ("deflators.yaml", {"reference": "2024"}, "'2024' is no financial year"),
        ("products/inflation.yaml", {"themes": ["workforce"]}, "holds no indicator that may be"),
    ],
)
def test_what_does_not_fit_is_told(copied, name, fields, told):
    spoil(copied, name, **fields)
    assert any(told in fault for fault in faults_of(copied))


SECTORS = ["nursery", "primary", "middle", "secondary", "special"]


def in_order(root: Path, *groups: str, by: str = "school_sector", **fields: object) -> None:
    """Order the sectors of the budget per pupil, as if they were fifths of deprivation."""
    given = {"denominator": "school_pupils", "inequality_orders": {by: list(groups)}}
    spoil(root, "indicators/education.yaml", **given | fields)


def test_groups_in_order_go_to_the_methods(copied):
    in_order(copied, *SECTORS[::-1])
    found = inequality_orders(load_catalogue(copied))
    assert found == {"school_budget_per_pupil": {"school_sector": tuple(SECTORS[::-1])}}


@pytest.mark.parametrize(
    ("groups", "fields", "told"),
    [
        (SECTORS, {"breakdown_types": ["total"], "gap_references": {}},
         ["the indicator is not published by it; add it to breakdown_types"]),
        (SECTORS, {"denominator": None},
         ["a count, or a figure without denominator, has no slope; leave it out"]),
        (SECTORS, {"kind": "count"},
         ["a count, or a figure without denominator, has no slope; leave it out"]),
        (SECTORS, {"denominator": "population"},
         ["measure population is not broken down by it; give it breakdowns in 'school_sector'"]),
        ([*SECTORS, "middle"], {}, ["'middle' stands twice; keep one"]),
        (["evening", *SECTORS], {},
         [f"'evening' is not among the breakdowns of measure {measure}; correct the name or declare"
          " it there" for measure in ("school_pupils", "school_budget_per_pupil")]),
        (SECTORS[:4], {},
         [f"'special' of measure {measure} has no place; name every group from the most deprived to"
          " the least" for measure in ("school_pupils", "school_budget_per_pupil")]),
    ],
)  # fmt: skip
def test_an_order_that_gives_no_slope_is_told(copied, groups, fields, told):
    in_order(copied, *groups, **fields)
    place = "indicator school_budget_per_pupil: inequality_orders of 'school_sector': "
    assert faults_of(copied) == [place + words for words in told]


def test_two_groups_are_no_order(copied):
    path = copied / "measures/education.yaml"
    measures = yaml.safe_load(path.read_text("utf-8"))
    fewer = [{**measure, "breakdowns": SECTORS[:2]} for measure in measures]
    path.write_text(yaml.safe_dump(fewer), "utf-8")
    in_order(copied, *SECTORS[:2])
    (told,) = faults_of(copied)
    assert told.endswith("2 groups have no slope, which needs 3; use gap_references")


def test_an_order_by_an_unknown_breakdown_is_told_with_each_measure(copied):
    in_order(copied, "1", "2", "3", by="fifth")
    place = "indicator school_budget_per_pupil: inequality_orders of 'fifth': "
    faults = faults_of(copied)
    assert all(fault.startswith(place) for fault in faults)
    assert len(faults) == 3


def test_a_public_question_never_quotes_a_confidential_one(copied):
    """Of two that must agree the finding quotes both, and is about the one that declares it."""
    spoil(copied, "indicators/health.yaml", disclosure_threshold=5)
    spoil(copied, "measures/economy.yaml", agrees_with="births_under_2500g")
    told = "measure business_birth_pct: agrees_with 'births_under_2500g' would quote"
    assert [fault[: len(told)] for fault in faults_of(copied)] == [told]
    spoil(copied, "measures/economy.yaml", agrees_with=None)
    spoil(copied, "measures/health.yaml", agrees_with="business_birth_pct")
    assert load_catalogue(copied).measures["births_under_2500g"].agrees_with


def test_a_rule_that_would_hide_nothing_is_told(copied):
    """An official count, published as it came, has no numerator that could be found small."""
    as_it_came = {"kind": "count", "value_basis": "as_published", "interval": "none"}
    as_it_came |= {"value": "births_under_2500g", "numerator": None, "denominator": None}
    spoil(copied, "indicators/health.yaml", **as_it_came, disclosure_threshold=4)
    told = "indicator low_birth_weight: disclosure_threshold hides nothing without numerator"
    assert any(fault.startswith(told) for fault in faults_of(copied))


@pytest.mark.parametrize("role", ["value", "stated_value"])
def test_a_confidential_count_is_no_other_indicators_value(copied, role):
    spoil(copied, "indicators/health.yaml", disclosure_threshold=4)
    spoil(copied, "indicators/economy.yaml", **{role: "births_under_2500g"})
    told = "births_under_2500g would be shown where low_birth_weight hides it"
    assert any(told in fault for fault in faults_of(copied))


def test_an_outcome_is_no_feature_of_a_neighbour(copied):
    entries = yaml.safe_load((copied / "neighbours.yaml").read_text("utf-8"))
    entries[0]["features"][0] |= {"indicator": "employment_rate", "period": "2023-01-01/P1Y"}
    (copied / "neighbours.yaml").write_text(yaml.safe_dump(entries), "utf-8")
    assert any("employment_rate is an outcome" in fault for fault in faults_of(copied))


def test_a_feature_has_one_weight(copied):
    entries = yaml.safe_load((copied / "neighbours.yaml").read_text("utf-8"))
    entries[0]["features"].append(entries[0]["features"][0])
    name = entries[0]["features"][0]["indicator"]
    (copied / "neighbours.yaml").write_text(yaml.safe_dump(entries), "utf-8")
    assert any(f"feature {name} twice; name it once" in fault for fault in faults_of(copied))


def test_a_question_agrees_only_with_one_that_is_declared(copied):
    spoil(copied, "measures/economy.yaml", agrees_with="no_such_measure")
    assert any("measure 'no_such_measure' is not declared" in one for one in faults_of(copied))


def test_a_repeated_field_is_told_not_overwritten(copied):
    path = copied / "units.yaml"
    path.write_text(path.read_text("utf-8") + "  id: again\n", "utf-8")
    assert "units.yaml: not readable as YAML" in faults_of(copied)[0]
    assert "id stands twice" in faults_of(copied)[0]


def test_a_missing_file_is_told(copied):
    (copied / "units.yaml").unlink()
    assert any("units.yaml: there is no such file" in fault for fault in faults_of(copied))
