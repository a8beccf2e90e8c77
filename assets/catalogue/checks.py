"""How entries of the catalogue must agree: every name that is used is declared, and fits.

Here belongs what one file says about another. What a single entry may say is in models.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from assets.catalogue.load import Catalogue
from assets.catalogue.models import Indicator, Measure, Product
from assets.methods.breakdown_gaps import SLOPE_FROM
from assets.methods.disclosure_cells import KINDS_WITHOUT_PARTS
from assets.methods.real_terms import is_money
from sql.periods import parse_period

CORPORATE_AREAS = (
    "corporate_planning",
    "financial_planning",
    "workforce_planning",
    "procurement",
    "assets",
    "risk_management",
    "performance_management",
)
"""The corporate areas of the Well-being of Future Generations (Wales) Act guidance (SPSF 1)."""
WELLBEING_GOALS = (
    "prosperous",
    "resilient",
    "healthier",
    "more_equal",
    "cohesive_communities",
    "vibrant_culture",
    "globally_responsible",
)
"""The seven goals of section 4 of the Well-being of Future Generations (Wales) Act 2015."""
SMALLEST = 4
"""Of two or three councils each could subtract itself from the benchmark (M13)."""
PARTS = ("month", "quarter")
"""Period types a yearly index is the mean of."""


def disagreements(catalogue: Catalogue) -> list[str]:
    """Every disagreement between entries, one sentence each; empty when there is none."""
    return [
        *_measures(catalogue),
        *_indicators(catalogue),
        *_disclosure(catalogue),
        *_areas_and_groups(catalogue),
        *_neighbours(catalogue),
        *_deflators(catalogue),
        *_products(catalogue),
    ]


def _unknown(place: str, what: str, used: Iterable[str | None], known: Iterable[str]) -> list[str]:
    known = set(known)
    return [
        f"{place}: {what} {name!r} is not declared"
        for name in used
        if name is not None and name not in known
    ]


def _measures(catalogue: Catalogue) -> Iterator[str]:
    ruled = [item for item in catalogue.indicators.values() if item.disclosure_threshold]
    confidential = {name for item in ruled for name in _measures_of(item) if name}
    for item in catalogue.measures.values():
        place = f"measure {item.id}"
        yield from _unknown(place, "unit", [item.unit], catalogue.units)
        yield from _unknown(place, "measure", [item.agrees_with], catalogue.measures)
        if (item.breakdown_type is None) != (not item.breakdowns):
            yield f"{place}: breakdown_type and breakdowns go together; give both or neither"
        if item.agrees_with in confidential and item.id not in confidential:
            yield (
                f"{place}: agrees_with {item.agrees_with!r} would quote a confidential count; "
                f"declare it at {item.agrees_with!r} instead"
            )


def _indicators(catalogue: Catalogue) -> Iterator[str]:
    for item in catalogue.indicators.values():
        place = f"indicator {item.id}"
        yield from _unknown(place, "theme", [item.theme], catalogue.themes)
        yield from _unknown(place, "unit", [item.unit], catalogue.units)
        yield from _unknown(place, "measure", _measures_of(item), catalogue.measures)
        yield from _unknown(place, "corporate area", item.corporate_areas, CORPORATE_AREAS)
        yield from _unknown(place, "well-being goal", item.wellbeing_goals, WELLBEING_GOALS)
        yield from _periods(item, place)
        yield from _parts(item, catalogue, place)
        yield from _gaps(item, catalogue, place)
        yield from _orders(item, catalogue, place)
        yield from _money(item, catalogue, place)


def _measures_of(item: Indicator) -> tuple[str | None, ...]:
    return item.numerator, item.denominator, item.value, item.stated_value


def _disclosure(catalogue: Catalogue) -> Iterator[str]:
    """Rules that would hide nothing, and figures that would show what a rule hides elsewhere (M14).

    A count is hidden wherever it is a numerator or denominator; not where it is the value itself.
    """
    ruled = [item for item in catalogue.indicators.values() if item.disclosure_threshold]
    for item in ruled:
        has_counts = item.numerator and (item.denominator or item.kind == "count")
        if not has_counts or item.kind in KINDS_WITHOUT_PARTS:
            yield (
                f"indicator {item.id}: disclosure_threshold hides nothing without numerator and "
                "denominator; a count needs numerator, a score or an index has no rule"
            )
    for item, other in product(catalogue.indicators.values(), ruled):
        counts, hidden = ({one.numerator, one.denominator} for one in (item, other))
        shared = set(_measures_of(item)) & set(_measures_of(other)) - (counts & hidden)
        shown = sorted(name for name in shared if name)
        if counts != hidden and shown:
            yield (
                f"indicator {item.id}: {', '.join(shown)} would be shown where {other.id} hides it;"
                " let both use it as numerator or denominator"
            )


def _periods(item: Indicator, place: str) -> Iterator[str]:
    targets = [target.period for target in item.targets]
    used = [*item.breaks, *item.provisional, *targets, item.since, item.until]
    for period in used:
        found = parse_period(period, item.period_type) if period else None
        if period and (found is None or found.key != period):
            yield f"{place}: {period!r} is not the key of a {item.period_type}"
    if len(set(targets)) < len(targets):
        yield f"{place}: two targets for one period; keep one"


def _parts(item: Indicator, catalogue: Catalogue, place: str) -> Iterator[str]:
    measures = [
        catalogue.measures[name]
        for name in (item.numerator, item.value, item.stated_value)
        if name in catalogue.measures
    ]
    for measure in measures:
        if measure.period_type != item.period_type:
            yield (
                f"{place}: measure {measure.id} is by {measure.period_type}, the indicator by "
                f"{item.period_type}; make them agree"
            )
        has = {"total"} if measure.has_total else set()
        yield from _unknown(
            place,
            f"in measure {measure.id} the breakdown",
            item.breakdown_types,
            has | {measure.breakdown_type or "total"},
        )


def _gaps(item: Indicator, catalogue: Catalogue, place: str) -> Iterator[str]:
    known = {"total"} | {
        name
        for measure in _measures_of(item)
        if measure in catalogue.measures
        for name in catalogue.measures[measure].breakdowns
    }
    yield from _unknown(place, "breakdown type", item.gap_references, item.breakdown_types)
    yield from _unknown(place, "reference", item.gap_references.values(), known)


def _orders(item: Indicator, catalogue: Catalogue, place: str) -> Iterator[str]:
    """A slope over ordered groups needs all of them, three or more, and the population of each."""
    used = [catalogue.measures[name] for name in _measures_of(item) if name in catalogue.measures]
    for kind, order in item.inequality_orders.items():
        at = f"{place}: inequality_orders of {kind!r}"
        if kind not in item.breakdown_types:
            yield f"{at}: the indicator is not published by it; add it to breakdown_types"
        if item.kind == "count" or item.denominator is None:
            yield f"{at}: a count, or a figure without denominator, has no slope; leave it out"
        if len(order) < SLOPE_FROM:
            yield (
                f"{at}: {len(order)} groups have no slope, which needs {SLOPE_FROM}; "
                "use gap_references"
            )
        for group in sorted({group for group in order if order.count(group) > 1}):
            yield f"{at}: {group!r} stands twice; keep one"
        for measure in used:
            yield from _order_of(measure, kind, order, at)


def _order_of(measure: Measure, kind: str, order: Sequence[str], at: str) -> Iterator[str]:
    """Groups that only one of the two names: the order, or the measure."""
    if measure.breakdown_type != kind:
        yield f"{at}: measure {measure.id} is not broken down by it; give it breakdowns in {kind!r}"
        return
    for group in dict.fromkeys(order):
        if group not in measure.breakdowns:
            yield (
                f"{at}: {group!r} is not among the breakdowns of measure {measure.id}; "
                "correct the name or declare it there"
            )
    for group in measure.breakdowns:
        if group not in order:
            yield (
                f"{at}: {group!r} of measure {measure.id} has no place; "
                "name every group from the most deprived to the least"
            )


def _money(item: Indicator, catalogue: Catalogue, place: str) -> Iterator[str]:
    """Real terms are for money over something else: money over money has no prices in it."""
    yield from _unknown(place, "deflator", [item.deflator], catalogue.deflators)
    below = catalogue.measures.get(item.denominator or "")
    if item.deflator and (not is_money(item.unit) or (below and is_money(below.unit))):
        yield f"{place}: it is not money over something else, so it has no deflator"


def _deflators(catalogue: Catalogue) -> Iterator[str]:
    for item in catalogue.deflators.values():
        place = f"deflator {item.id}"
        yield from _unknown(place, "indicator", [item.indicator], catalogue.indicators)
        series = catalogue.indicators.get(item.indicator)
        if series and not (series.is_reference_series and series.period_type in PARTS):
            yield f"{place}: {series.id} is no reference series by month or quarter"
        if parse_period(item.reference, "financial_year") is None:
            yield f"{place}: {item.reference!r} is no financial year"


def _areas_and_groups(catalogue: Catalogue) -> Iterator[str]:
    for area in catalogue.areas.values():
        used = [area.parent, *area.predecessors]
        yield from _unknown(f"area {area.code}", "area", used, catalogue.areas)
    councils = catalogue.councils()
    for group in catalogue.groups.values():
        place, listed = f"group {group.id}", group.councils()
        yield from _unknown(place, "area", [group.area], catalogue.areas)
        yield from _unknown(place, "council", listed, councils)
        yield from _unknown(place, "theme", group.themes, catalogue.themes)
        for code in sorted({code for code in listed if listed.count(code) > 1}):
            yield f"{place}: {code} is listed twice; keep one"
        if group.publishes_benchmark and group.smallest() < SMALLEST:
            yield (
                f"{place}: of {group.smallest()} councils each could be found from the benchmark; "
                "say publishes_benchmark: false"
            )


def _neighbours(catalogue: Catalogue) -> Iterator[str]:
    for item in catalogue.neighbour_sets.values():
        place = f"neighbour set {item.id}"
        used = [feature.indicator for feature in item.features]
        yield from _unknown(place, "indicator", used, catalogue.indicators)
        twice = sorted({name for name in used if used.count(name) > 1})
        if twice:
            yield f"{place}: feature {', '.join(twice)} twice; name it once, with its whole weight"
        for feature in item.features:
            indicator = catalogue.indicators.get(feature.indicator)
            if indicator and parse_period(feature.period, indicator.period_type) is None:
                yield f"{place}: {feature.period!r} is no period of {feature.indicator}"
            if indicator and indicator.polarity != "neutral":
                yield f"{place}: {feature.indicator} is an outcome; features are neutral (M13)"


def _products(catalogue: Catalogue) -> Iterator[str]:
    for item in catalogue.products.values():
        place = f"product {item.id}"
        yield from _unknown(place, "theme", item.themes, catalogue.themes)
        yield from _unknown(place, "indicator", item.indicators, catalogue.indicators)
        yield from _emptiness(item, catalogue, place)


def _emptiness(item: Product, catalogue: Catalogue, place: str) -> Iterator[str]:
    if not catalogue.product_indicators(item.id):
        yield f"{place}: it holds no indicator that may be released; name one or a theme"
