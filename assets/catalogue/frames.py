"""The catalogue as frames in the shape of the contract: what rules, methods and releases read.

Here belongs the passage from catalogue entries to rows; nothing here reads a file or judges.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import permutations

import pandas as pd

from assets.catalogue.load import Catalogue
from assets.catalogue.models import Area, Group, Indicator, Measure
from assets.methods.summary_tables import Prices
from sql.frames import conform, sort_by_key
from sql.periods import describe_period

WALES = "W92000004"
ALL_COUNCILS = "all"
ALL_TITLE_EN, ALL_TITLE_CY = "All councils in Wales", "Holl gynghorau Cymru"
OWN_LABEL = "Not official statistics; derived by council-benchmarks from {publisher}, {name}"
SUPPLIED_LABEL = "Figures of {publisher}, {name}; comparisons derived by council-benchmarks"


def areas_frame(catalogue: Catalogue) -> pd.DataFrame:
    """The table `areas`: one row per area code."""
    rows = [_area_row(area) for area in catalogue.areas.values()]
    return sort_by_key(conform(pd.DataFrame(rows), "areas"), "areas")


def _area_row(area: Area) -> dict[str, object]:
    return {
        "area_code": area.code,
        "area_type": area.type,
        "name_en": area.name.en,
        "name_cy": area.name.cy,
        "parent_code": area.parent,
        "valid_from": area.valid_from,
        "valid_to": area.valid_to,
        "predecessors": ";".join(area.predecessors) or None,
    }


def indicator_frame(catalogue: Catalogue) -> pd.DataFrame:
    """The table `indicator_catalogue`: one row per indicator that may be released."""
    rows = [
        {
            **_naming(item, catalogue),
            **_treatment(item),
            **_origin(item),
        }
        for item in (catalogue.indicators[id_] for id_ in catalogue.published_indicators())
    ]
    return sort_by_key(conform(pd.DataFrame(rows), "indicator_catalogue"), "indicator_catalogue")


def _naming(item: Indicator, catalogue: Catalogue) -> dict[str, object]:
    unit = catalogue.units[item.unit]
    return {
        "indicator": item.id,
        "title_en": item.title.en,
        "title_cy": item.title.cy,
        "definition_en": item.definition.en,
        "definition_cy": item.definition.cy,
        "cy_status": item.cy_status,
        "theme": item.theme,
        "unit": item.unit,
        "unit_en": unit.label.en,
        "unit_cy": unit.label.cy,
        "caveat_en": item.caveat.en if item.caveat else None,
        "caveat_cy": item.caveat.cy if item.caveat else None,
    }


def _treatment(item: Indicator) -> dict[str, object]:
    return {
        "kind": item.kind,
        "multiplier": item.multiplier,
        "polarity": item.polarity,
        "target": item.target,
        "decimals": item.decimals,
        "value_basis": item.value_basis,
        "interval": item.interval,
        "interval_reason": item.interval_reason.en,
        "aggregation": item.aggregation,
        "accumulation": item.accumulation,
        "disclosure_threshold": item.disclosure_threshold,
        "noise": item.noise,
        "lower_bound": item.bounds.min,
        "upper_bound": item.bounds.max,
        "numerator": item.numerator,
        "denominator": item.denominator,
        "value_measure": item.value,
        "stated_measure": item.stated_value,
        "period_type": item.period_type,
        "valid_from": item.since,
        "valid_to": item.until,
        "is_reference_series": item.is_reference_series,
    }


def _origin(item: Indicator) -> dict[str, object]:
    source = item.source
    label = SUPPLIED_LABEL if _is_verbatim(item) else OWN_LABEL
    return {
        "framework_codes": ";".join(f"{line.framework} {line.code}" for line in item.lineage)
        or None,
        "designation": source.designation,
        "publisher": source.publisher,
        "source_name": source.name,
        "source_url": source.url,
        "licence": source.licence,
        "next_expected": item.next_expected,
        "label": label.format(publisher=source.publisher, name=source.name),
        "act_2021": ";".join(item.act_2021) or None,
        "corporate_areas": ";".join(item.corporate_areas) or None,
        "wellbeing_goals": ";".join(item.wellbeing_goals) or None,
    }


def _is_verbatim(item: Indicator) -> bool:
    """Whether the figure is the publisher's number itself: nothing is divided or multiplied."""
    is_bare_count = item.kind == "count" and item.multiplier == 1
    return item.value_basis == "as_published" or is_bare_count


def measures_frame(catalogue: Catalogue) -> pd.DataFrame:
    """One row per measure: measure, dataset, label_en, label_cy, unit, period_type, is_whole, min,
    max, noise, breakdown_type, breakdowns (joined by ;), has_total, max_change_pct, tolerance,
    adds_up, agrees_with, agrees_within_pct.
    """
    frame = pd.DataFrame([_measure_row(item) for item in catalogue.measures.values()])
    kinds = {"is_whole": "boolean", "has_total": "boolean"}
    numbers = dict.fromkeys(("min", "max", "max_change_pct", "agrees_within_pct"), "float64")
    texts = {name: "str" for name in frame.columns if name not in {**kinds, **numbers}}
    return frame.astype({**texts, **kinds, **numbers})


def _measure_row(item: Measure) -> dict[str, object]:
    return {
        "measure": item.id,
        "dataset": item.dataset,
        "label_en": item.label.en,
        "label_cy": item.label.cy,
        "unit": item.unit,
        "period_type": item.period_type,
        "is_whole": item.is_whole,
        "min": item.min,
        "max": item.max,
        "noise": item.noise,
        "breakdown_type": item.breakdown_type,
        "breakdowns": ";".join(item.breakdowns) or None,
        "has_total": item.has_total,
        "max_change_pct": item.max_change_pct,
        "tolerance": item.tolerance,
        "adds_up": item.adds_up,
        "agrees_with": item.agrees_with,
        "agrees_within_pct": item.agrees_within_pct,
    }


def group_frame(catalogue: Catalogue) -> pd.DataFrame:
    """The groups of `comparison_groups`: `all`, and those that publish a benchmark.

    A group from whose benchmark a member could be subtracted is left out (M13): Mid Wales has two.
    """
    groups = [group for group in catalogue.groups.values() if group.publishes_benchmark]
    return _rows(_everyone(catalogue), *groups)


def whole_frame(catalogue: Catalogue) -> pd.DataFrame:
    """Every group that makes up an area, in the same shape, whether it publishes or not.

    The area's own figure is the sum of its members': a confidential count could be subtracted.
    """
    groups = [group for group in catalogue.groups.values() if group.area]
    return _rows(_everyone(catalogue), *groups)


def _rows(*groups: Group) -> pd.DataFrame:
    rows = [row for group in groups for row in (*_members(group), *_families(group))]
    return conform(pd.DataFrame(rows), "comparison_groups", fill=True)


def _everyone(catalogue: Catalogue) -> Group:
    return Group.model_validate(
        {
            "id": ALL_COUNCILS,
            "title": {"en": ALL_TITLE_EN, "cy": ALL_TITLE_CY},
            "members": tuple(catalogue.councils()),
            "area": WALES,
        }
    )


def _members(group: Group) -> Iterable[dict[str, object]]:
    for item in group.members:
        yield {
            **_shared(group),
            "owner_code": "",
            "member_code": item.council,
            "valid_from": item.since.isoformat() if item.since else None,
            "valid_to": (item.until - timedelta(days=1)).isoformat() if item.until else None,
        }


def _families(group: Group) -> Iterable[dict[str, object]]:
    for family in group.families:
        for owner, member in permutations(family, 2):
            yield {**_shared(group), "owner_code": owner, "member_code": member}


def _shared(group: Group) -> dict[str, object]:
    return {
        "group_code": group.id,
        "group_area_code": group.area,
        "title_en": group.title.en,
        "title_cy": group.title.cy,
        "set_version": "1",
        "themes": ";".join(group.themes) or None,
    }


def targets_frame(catalogue: Catalogue) -> pd.DataFrame:
    """Statutory targets: indicator, period, value, direction (higher = at least)."""
    rows = [
        (item.id, target.period, target.value, target.direction)
        for item in catalogue.indicators.values()
        for target in item.targets
    ]
    frame = pd.DataFrame(rows, columns=["indicator", "period", "value", "direction"])
    return frame.astype(
        {"indicator": "str", "period": "str", "value": "float64", "direction": "str"}
    )


def breaks_frame(catalogue: Catalogue) -> pd.DataFrame:
    """Periods that begin a new series (note code b): indicator, period."""
    return _periods_of({id_: item.breaks for id_, item in catalogue.indicators.items()})


def provisional_frame(catalogue: Catalogue) -> pd.DataFrame:
    """Periods whose figures the source calls provisional (note code p): indicator, period."""
    return _periods_of({id_: item.provisional for id_, item in catalogue.indicators.items()})


def _periods_of(periods: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    rows = [(indicator, period) for indicator, found in periods.items() for period in found]
    return pd.DataFrame(rows, columns=["indicator", "period"]).astype("str")


def denominator_lags(catalogue: Catalogue) -> dict[str, int]:
    """Indicator -> years by which its denominator lies before its numerator, where it does."""
    return {
        id_: item.denominator_lag_years
        for id_, item in catalogue.indicators.items()
        if item.denominator_lag_years
    }


def breakdown_types(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Indicator -> the breakdown types it publishes."""
    return {id_: item.breakdown_types for id_, item in catalogue.indicators.items()}


def summary_sets(catalogue: Catalogue) -> dict[str, list[str]]:
    """Product -> its indicators, of the products that have lists and summaries."""
    return {
        id_: catalogue.product_indicators(id_)
        for id_, item in catalogue.products.items()
        if item.has_summaries
    }


def gap_references(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Indicator -> breakdown type -> the part its others are compared with."""
    return {
        id_: dict(catalogue.indicators[id_].gap_references)
        for id_ in catalogue.published_indicators()
        if catalogue.indicators[id_].gap_references
    }


def inequality_orders(catalogue: Catalogue) -> dict[str, dict[str, tuple[str, ...]]]:
    """Indicator -> breakdown type -> its groups, from the most deprived to the least."""
    return {
        id_: dict(catalogue.indicators[id_].inequality_orders)
        for id_ in catalogue.published_indicators()
        if catalogue.indicators[id_].inequality_orders
    }


def prices(catalogue: Catalogue) -> list[Prices]:
    """The deflators, each with the indicators it is for."""
    published = [catalogue.indicators[id_] for id_ in catalogue.published_indicators()]
    return [
        Prices(
            indicator=item.indicator,
            reference=item.reference,
            base=item.base,
            caveat=(item.caveat.en, item.caveat.cy),
            deflates={money.id: money.decimals for money in published if money.deflator == id_},
        )
        for id_, item in catalogue.deflators.items()
    ]


def periods_frame(keys_and_types: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """The table `periods` of those (key, period type); a key used with two types keeps the first
    in alphabetical order, so that the same input gives the same rows.
    """
    types: dict[str, str] = {}
    for key, kind in sorted(set(keys_and_types)):
        types.setdefault(key, kind)
    found = [describe_period(key, kind) for key, kind in types.items()]
    rows = {
        "period": [item.key for item in found],
        "period_type": [item.type for item in found],
        "period_start": [item.start.isoformat() for item in found],
        "period_end": [item.end.isoformat() for item in found],
        "label": [item.label for item in found],
    }
    return conform(pd.DataFrame(rows), "periods")
