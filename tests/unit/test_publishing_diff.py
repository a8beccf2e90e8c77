"""The cell changelog, the knock-on log and the version that follows (M16, M17)."""

import dataclasses

import pandas as pd
import pytest

from assets.publishing.diff import Difference, difference
from assets.publishing.structure import method_notices
from assets.publishing.tables import ProductTables
from assets.publishing.version import next_version, parse_version
from sql.matching import DuplicateKeyError
from tests.release.sample import (
    COUNCILS,
    WALES,
    YEARS,
    correct,
    figure,
    large_figures,
    night_of,
    small_figures,
)

FIRST, LAST = COUNCILS[0], YEARS[-1]


def compare_figures(old: pd.DataFrame, new: pd.DataFrame) -> Difference:
    return difference(night_of(old), night_of(new))


def test_the_first_release_has_no_changelog_and_the_number_1_0_0() -> None:
    found = difference(None, night_of(small_figures()))
    assert not found.is_empty
    assert len(found.changes) == 0
    assert next_version(None, found).version == "1.0.0"


def test_the_same_figures_in_another_order_are_no_difference() -> None:
    figures = small_figures()
    shuffled = figures.sample(frac=1, random_state=3).reset_index(drop=True)
    assert compare_figures(figures, shuffled).is_empty


def test_another_day_of_publication_is_no_difference() -> None:
    figures = small_figures()
    assert compare_figures(figures, figures.assign(source_published="2026-01-01")).is_empty


def test_a_sum_of_the_same_figures_in_another_order_is_no_difference() -> None:
    figures = small_figures()
    wobbling = figures.assign(value=figures["value"] * (1 + 2e-16))
    assert compare_figures(figures, wobbling).is_empty


def test_one_corrected_figure_is_one_row_with_old_new_and_reason() -> None:
    old = small_figures()
    found = compare_figures(old, correct(old, FIRST, LAST, 900.0))
    assert len(found.changes) == 1
    row = found.changes.iloc[0]
    assert (row.indicator, row.period, row.area_code) == ("recycling", LAST, FIRST)
    assert (row.old_value, row.new_value) == (51.4, 90.0)
    assert (row.old_numerator, row.new_numerator) == (514.0, 900.0)
    assert (row.old_denominator, row.new_denominator) == (1000.0, 1000.0)
    assert row.reason_class == "correction"
    assert row.reason_en == "Corrected by the source"


def test_knock_on_has_every_moved_cell_of_unchanged_figures_and_no_other() -> None:
    """An independent check: both versions as dictionaries, cell by cell."""
    old, new = small_figures(), correct(small_figures(), FIRST, LAST, 900.0)
    was, now = night_of(old), night_of(new)
    expected = _moved_cells(was, now, own=("recycling", LAST, FIRST))
    found = difference(was, now).knock_on
    columns = ["table", "indicator", "period", "area_code", "group_code", "owner_code", "column"]
    listed = {tuple(row) for row in found[columns].itertuples(index=False)}
    assert listed == expected
    assert len(found) == len(expected) > 10
    assert set(found["because_of"]) == {FIRST}


def _moved_cells(
    was: ProductTables, now: ProductTables, own: tuple[str, str, str]
) -> set[tuple[str, ...]]:
    cells = set()
    for name, columns in (("comparisons", ("rank", "band")), ("benchmarks", None)):
        sides = []
        for tables in (was, now):
            rows = {}
            for row in getattr(tables, name).to_dict("records"):
                area = row.get("area_code", "")
                if name == "comparisons":
                    owner = area if row["group_code"] == "neighbours" else ""
                else:
                    owner = row["owner_code"]
                rows[row["indicator"], row["period"], area, row["group_code"], owner] = row
            sides.append(rows)
        for key, before in sides[0].items():
            after = sides[1][key]
            for column in columns or [c for c in before if c not in ("group_code", "owner_code")]:
                same = before[column] == after[column] or (
                    pd.isna(before[column]) and pd.isna(after[column])
                )
                if not same and key[:3] != own:
                    cells.add((name, *key, column))
    return cells


def test_a_change_moves_nothing_in_a_group_it_is_not_in() -> None:
    old = small_figures()
    found = compare_figures(old, correct(old, FIRST, LAST, 900.0))
    owners = set(found.knock_on["owner_code"]) - {""}
    assert owners == {COUNCILS[3], COUNCILS[4]}, "only these two have the first as a neighbour"


def test_a_new_period_has_rows_of_its_own_and_no_knock_on() -> None:
    old = small_figures()
    added = [figure("recycling", "2024-04-01/P1Y", area, 600.0) for area in COUNCILS]
    new = pd.concat([old, pd.DataFrame(added)], ignore_index=True)
    found = compare_figures(old, new)
    assert len(found.changes) == 5
    assert set(found.changes["reason_class"]) == {"new"}
    assert len(found.knock_on) == 0
    assert next_version("1.0.3", found).version == "1.1.0"


def test_a_late_figure_moves_the_ranks_of_the_others() -> None:
    new = small_figures()
    is_late = new["area_code"].eq(FIRST) & new["period"].eq(LAST)
    old = new[~is_late]
    was = dataclasses.replace(
        night_of(old), comparison_groups=night_of(new).comparison_groups, areas=night_of(new).areas
    )
    found = difference(was, night_of(new))
    assert set(found.changes["reason_class"]) == {"late data"}
    assert FIRST not in set(found.knock_on["area_code"])
    assert set(found.knock_on["because_of"]) == {FIRST}
    assert next_version("1.0.0", found).level == "minor"


@pytest.mark.parametrize(
    ("before", "after", "reason", "level"),
    [
        ("p", None, "planned revision", "minor"),
        ("p", "p", "planned revision", "minor"),
        (None, "r", "planned revision", "minor"),
        (None, None, "correction", "patch"),
        ("r", "r", "correction", "patch"),
    ],
)
def test_planned_revision_or_correction(
    before: str | None, after: str | None, reason: str, level: str
) -> None:
    old = correct(small_figures(), FIRST, LAST, 514.0, note_code=before)
    new = correct(small_figures(), FIRST, LAST, 520.0, note_code=after)
    found = compare_figures(old, new)
    assert list(found.changes["reason_class"]) == [reason]
    assert next_version("1.2.3", found).level == level


def test_a_corrected_return_is_named() -> None:
    old = small_figures()
    ref = "AR/2023-24/W06000001/2024.1/s002"
    found = compare_figures(old, correct(old, FIRST, LAST, 520.0, return_ref=ref))
    row = found.changes.iloc[0]
    assert row.return_ref == ref
    assert ref in row.reason_en
    assert ref in row.reason_cy


def test_no_number_of_a_figure_that_is_or_was_confidential_is_logged() -> None:
    hidden = {"note_code": "c", "value": None, "value_rounded": None}
    old = small_figures()
    new = correct(old, FIRST, LAST, 3.0, **hidden)
    for was, now in ((old, new), (new, old)):
        row = compare_figures(was, now).changes.iloc[0]
        numbers = [
            f"{s}_{n}" for s in ("old", "new") for n in ("value", "numerator", "denominator")
        ]
        assert row[numbers].isna().all()
        assert row.reason_class == "disclosure"


def test_a_figure_that_disappears_is_listed() -> None:
    old = small_figures()
    new = old[~(old["area_code"].eq(FIRST) & old["period"].eq(YEARS[0]))]
    found = compare_figures(old, new)
    assert set(found.changes["change_type"]) == {"removed"}
    assert next_version("1.0.0", found).level == "patch"


def test_a_removed_indicator_is_major() -> None:
    old = small_figures()
    found = compare_figures(old, old[old["indicator"].eq("recycling")])
    step = next_version("1.4.2", found)
    assert (step.version, step.is_major) == ("2.0.0", True)
    assert "waiting" in step.reason_en


def test_a_column_removed_is_major_and_one_added_is_minor() -> None:
    now = night_of(small_figures())
    wider = dataclasses.replace(now, areas=now.areas.assign(nickname="x"))
    found = difference(wider, now)
    assert found.schema_changes == ("areas: column nickname removed",)
    assert next_version("1.0.0", found).is_major
    narrower = dataclasses.replace(now, areas=now.areas.drop(columns="predecessors"))
    assert next_version("1.0.0", difference(narrower, now)).version == "1.1.0"


def test_a_changed_text_is_a_patch() -> None:
    now = night_of(small_figures())
    was = dataclasses.replace(now, areas=now.areas.assign(name_cy="Hen enw"))
    step = next_version("1.0.0", difference(was, now))
    assert step.version == "1.0.1"
    assert "areas" in step.reason_en


def test_a_fixed_group_that_loses_a_member_is_another_geography() -> None:
    now = night_of(small_figures())
    groups = now.comparison_groups
    is_lost = groups["group_code"].eq("all") & groups["member_code"].eq(FIRST)
    smaller = dataclasses.replace(now, comparison_groups=groups[~is_lost])
    assert next_version("1.0.0", difference(now, smaller)).is_major
    owned = dataclasses.replace(now, comparison_groups=groups[groups["owner_code"].ne(FIRST)])
    assert next_version("1.0.0", difference(now, owned)).level == "minor"


def test_a_changed_method_default_is_major_and_a_new_entry_minor() -> None:
    was = {"band": {"type": 7}}
    assert [n.level for n in method_notices(was, {"band": {"type": 6}})] == ["major"]
    assert [n.level for n in method_notices(was, {**was, "trend": "none"})] == ["minor"]
    assert method_notices(was, {"band": {"type": 7}}) == []


def test_a_key_that_stands_twice_is_refused() -> None:
    now = night_of(small_figures())
    doubled = pd.concat([now.indicator_values, now.indicator_values.iloc[:1]], ignore_index=True)
    with pytest.raises(DuplicateKeyError, match="twice"):
        difference(now, dataclasses.replace(now, indicator_values=doubled))


def test_the_source_value_of_the_group_moves_because_of_its_own_area() -> None:
    rows = [figure("recycling", LAST, WALES, 600.0) | {"area_type": "nation"}]
    old = pd.concat([small_figures(), pd.DataFrame(rows)], ignore_index=True)
    was, now = night_of(old), night_of(correct(old, WALES, LAST, 610.0, area_type="nation"))
    moved = dataclasses.replace(now, benchmarks=now.benchmarks.assign(source_value=61.0))
    still = dataclasses.replace(was, benchmarks=was.benchmarks.assign(source_value=60.0))
    found = difference(still, moved).knock_on
    hit = found[found["column"].eq("source_value") & found["group_code"].eq("all")]
    here = hit["indicator"].eq("recycling") & hit["period"].eq(LAST)
    assert list(hit[here]["because_of"]) == [WALES]
    assert set(hit[~here]["because_of"]) == {""}


def test_versions_sort_by_number() -> None:
    assert parse_version("1.10.0") > parse_version("1.9.9")
    with pytest.raises(ValueError, match="not a version"):
        parse_version("1.2")


def test_every_figure_may_change_at_once() -> None:
    old = large_figures(4, 22, 3)
    new = old.assign(numerator=old["numerator"] + 1)
    assert len(compare_figures(old, new).changes) == len(old)


def test_a_correction_without_new_bytes_from_the_sources_is_ours() -> None:
    old = small_figures()
    new = night_of(correct(old, FIRST, LAST, 900.0))
    ours = difference(night_of(old), new, same_inputs=True).changes.iloc[0]
    theirs = difference(night_of(old), new).changes.iloc[0]
    assert ours.reason_class == theirs.reason_class == "correction"
    assert ours.reason_en.startswith("Corrected by us")
    assert theirs.reason_en == "Corrected by the source"
