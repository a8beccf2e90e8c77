"""What a catalogue entry may say: pydantic models that refuse every unknown or missing field.

Here belongs the shape of the YAML under assets/catalogue; reading it is in assets.catalogue.load.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Kind = Literal["proportion", "rate", "mean", "cost", "count", "score", "share", "index"]
Polarity = Literal["higher", "lower", "target", "neutral"]
Interval = Literal["binomial", "poisson", "t", "supplied", "none"]
PeriodType = Literal[
    "calendar_year",
    "financial_year",
    "academic_year",
    "quarter",
    "month",
    "rolling",
    "snapshot",
]
AreaType = Literal[
    "council",
    "nation",
    "region",
    "health_board",
    "planning_authority",
    "unallocated",
    "uk",
]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
ProductId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Text = Annotated[str, Field(min_length=1)]
CyStatus = Literal["draft", "approved"]


class Entry(BaseModel):
    """Base of every catalogue entry: immutable, no unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Entry):
    """The same words in English and Welsh."""

    en: Text
    cy: Text


class Theme(Entry):
    """A theme of the catalogue; indicators/<id>.yaml holds its indicators."""

    id: Identifier
    title: Bilingual


class Unit(Entry):
    """A unit of measurement: percent, gbp, years..."""

    id: Identifier
    label: Bilingual


class Measure(Entry):
    """One question of a source or return: what an answer's number counts or measures.

    `breakdowns` are the categories of its `breakdown_type` where the source has them; the total is
    always expected unless `has_total` is false.
    """

    id: Identifier
    dataset: Identifier
    label: Bilingual
    unit: Identifier
    period_type: PeriodType
    is_whole: bool = False
    min: float | None = 0
    max: float | None = None
    noise: Annotated[str, Field(pattern=r"^(none|perturbed|rounded:\d+)$")] = "none"
    breakdown_type: Identifier | None = None
    breakdowns: tuple[str, ...] = ()
    has_total: bool = True
    max_change_pct: Annotated[float, Field(gt=0)] = 50
    """A change on the period before that is larger, in per cent, is queried where history is too
    short to learn a limit from, or `tolerance` says so."""
    tolerance: Literal["learnt", "declared"] = "learnt"
    """declared: a series that booms or is broken, for which max_change_pct holds by hand."""
    adds_up: Literal["areas"] | None = None
    """areas: Wales is the sum of the councils and of what belongs to none."""
    agrees_with: Identifier | None = None
    """A question of another dataset that asks the same; answers may differ by their rounding and
    by agrees_within_pct."""
    agrees_within_pct: Annotated[float, Field(ge=0)] = 0


class Lineage(Entry):
    """A code the indicator has or had in a framework (PAM, NSI, national indicators)."""

    framework: Text
    code: Text
    since: str | None = None
    until: str | None = None


class Target(Entry):
    """A statutory target: at least (higher) or at most (lower) that value in that period.

    One entry for every period it is in force: a target of a law holds until the next one begins.
    """

    period: str
    value: float
    direction: Literal["higher", "lower"]
    source: Text


class Bounds(Entry):
    """Smallest and largest possible value of an indicator."""

    min: float | None = None
    max: float | None = None


class Source(Entry):
    """Who publishes the figures, under what name, where and under which licence."""

    publisher: Text
    name: Text
    url: Annotated[str, Field(pattern=r"^https://")]
    licence: Literal["OGL-UK-3.0"] = "OGL-UK-3.0"
    designation: Literal["official", "accredited", "in_development", "management", "none"]


class Indicator(Entry):
    """Everything M0 asks an indicator to declare; its theme is the file it stands in."""

    id: Identifier
    theme: Identifier
    title: Bilingual
    definition: Bilingual
    cy_status: CyStatus
    status: Literal["published", "unverified"] = "published"
    unit: Identifier
    kind: Kind
    multiplier: Annotated[float, Field(gt=0)] = 1
    polarity: Polarity
    target: float | None = None
    decimals: Annotated[int, Field(ge=0, le=6)]
    value_basis: Literal["derived", "as_published"]
    numerator: Identifier | None = None
    denominator: Identifier | None = None
    denominator_lag_years: Annotated[int, Field(ge=0, le=10)] = 0
    value: Identifier | None = None
    stated_value: Identifier | None = None
    breakdown_types: tuple[Identifier, ...] = ("total",)
    gap_references: dict[Identifier, str] = Field(default_factory=dict)
    """Breakdown type -> the category (or `total`) that its others are compared with."""
    inequality_orders: dict[Identifier, tuple[str, ...]] = Field(default_factory=dict)
    """Breakdown type -> all its categories in order, from the most deprived group to the least."""
    deflator: Identifier | None = None
    """Deflator of the figures in real terms, where they are money over something else."""
    interval: Interval = "none"
    interval_reason: Bilingual
    aggregation: Literal["ratio", "none"]
    accumulation: Literal["discrete", "year_to_date", "rolling", "stock"] = "discrete"
    disclosure_threshold: Annotated[int, Field(ge=0)] = 0
    noise: Annotated[str, Field(pattern=r"^(none|perturbed|rounded:\d+)$")] = "none"
    bounds: Bounds = Bounds()
    period_type: PeriodType
    since: str | None = None
    until: str | None = None
    breaks: tuple[str, ...] = ()
    """Periods that begin a new series: note code b is set on them."""
    provisional: tuple[str, ...] = ()
    """Periods whose figures the source calls provisional: note code p is set on them."""
    lineage: tuple[Lineage, ...] = ()
    targets: tuple[Target, ...] = ()
    source: Source
    next_expected: str | None = None
    caveat: Bilingual | None = None
    is_reference_series: bool = False
    act_2021: tuple[Literal["a", "b", "c"], ...] = ()
    corporate_areas: tuple[Identifier, ...] = ()
    wellbeing_goals: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = list(_inconsistencies(self))
        if faults:
            raise ValueError(f"indicator {self.id}: " + "; ".join(faults))
        return self


def _inconsistencies(item: Indicator) -> list[str]:
    parts = (item.numerator is not None, item.denominator is not None)
    checks = [
        (
            item.value_basis == "as_published" and item.value is None,
            "as_published needs value, the measure the source publishes",
        ),
        (
            item.value_basis == "derived" and item.kind == "count" and parts != (True, False),
            "a derived count needs numerator and no denominator",
        ),
        (
            item.value_basis == "derived" and item.kind != "count" and parts != (True, True),
            "derived needs numerator and denominator",
        ),
        (
            (item.polarity == "target") != (item.target is not None),
            "target goes with polarity target, and only with it",
        ),
        (
            item.interval in ("binomial", "poisson") and item.value_basis != "derived",
            "an interval from counts needs the counts: value_basis derived",
        ),
        (
            item.kind in ("score", "index", "share") and item.aggregation == "ratio",
            "scores, shares and indices are never summed: aggregation none",
        ),
        (
            item.kind == "count" and item.polarity == "target",
            "a count has no rank, so no target to rank by",
        ),
    ]
    return [message for is_fault, message in checks if is_fault]


class Area(Entry):
    """An area code with its names, type and life."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9_]{3,12}$")]
    type: AreaType
    name: Bilingual
    parent: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    predecessors: tuple[str, ...] = ()


class Membership(Entry):
    """A council's time in a group: from `since` (first day) to before `until`; open if left out."""

    council: str
    since: date | None = None
    until: date | None = None

    def is_in_force(self, day: date) -> bool:
        """Whether the council is a member on that day."""
        after = self.since is None or self.since <= day
        return after and (self.until is None or day < self.until)


class Group(Entry):
    """Councils that are compared with each other: the `members` of one group, or `families`.

    A member is a code, or a council with the days it belongs; in families every council is compared
    with the others of its own. `themes` empty means every service. `area` is what the members make
    up together. `publishes_benchmark` is false where a council could be subtracted.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_:]*$")]
    title: Bilingual
    members: tuple[Membership, ...] = ()
    families: tuple[tuple[str, ...], ...] = ()
    themes: tuple[Identifier, ...] = ()
    area: str | None = None
    publishes_benchmark: bool = True

    @field_validator("members", mode="before")
    @classmethod
    def _always(cls, given: object) -> object:
        if not isinstance(given, (list, tuple)):
            return given
        return [{"council": item} if isinstance(item, str) else item for item in given]

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.members) == bool(self.families):
            raise ValueError("it has members or families; give one of them")
        return self

    def councils(self) -> list[str]:
        """Every council that is or was in it, in the order of the file."""
        listed = [item.council for item in self.members]
        return [*listed, *(code for family in self.families for code in family)]

    def smallest(self) -> int:
        """How many councils it has when it has fewest but some, or its smallest family has."""
        days = {day for item in self.members for day in (item.since, item.until) if day}
        sizes = [sum(item.is_in_force(day) for item in self.members) for day in {date.min, *days}]
        return min(size for size in (*sizes, *map(len, self.families)) if size)


class Feature(Entry):
    """One feature of the neighbour distance: a measure at a period, and its weight."""

    indicator: Identifier
    period: str
    weight: Annotated[float, Field(gt=0)]
    transform: Literal["none", "log"] = "none"


class NeighbourSet(Entry):
    """How neighbours are computed: features, weights, k, the cut-off for a distant neighbour."""

    id: Identifier
    title: Bilingual
    version: Text
    k: Annotated[int, Field(ge=1)]
    cutoff: Annotated[float, Field(gt=0)]
    features: Annotated[tuple[Feature, ...], Field(min_length=1)]


class DeflatorEntry(Entry):
    """A price index: the reference series it is, and the period whose prices are shown."""

    id: Identifier
    indicator: Identifier
    reference: str
    base: Text
    """What its publisher sets to 100."""
    caveat: Bilingual


class ReleaseDay(Entry):
    """A day of a release calendar, announced; only a confirmed one releases."""

    day: date
    confirmed: bool

    @model_validator(mode="after")
    def _on_a_working_day(self) -> Self:
        if self.day.isoweekday() > 5:
            raise ValueError(f"{self.day} is a Saturday or Sunday: releases are on working days")
        return self


class EarlyAccess(Entry):
    """A post that sees a release before it: confirmed anew for each day, until it expires."""

    role: Bilingual
    organisation: Bilingual
    confirmed_for: tuple[date, ...] = ()
    expires: date


class Product(Entry):
    """A versioned dataset: which indicators it holds and when it may appear.

    `indicators` names single ones, `themes` whole themes; `release_time` is immediately or a
    time of day in Europe/London (09:30), on the days of `release_calendar` where it has one.
    """

    id: ProductId
    title: Bilingual
    description: Bilingual
    cy_status: CyStatus
    owner: Annotated[str, Field(pattern=r"^(team:[a-z-]+|\S+@\S+)$")]
    indicators: tuple[Identifier, ...] = ()
    themes: tuple[Identifier, ...] = ()
    has_summaries: bool = False
    """Whether watch list, practice finder and sector summaries are made of its indicators."""
    wanted: tuple[Bilingual, ...] = ()
    """Indicators that readers want and no open source has yet, with the reason."""
    release_time: Annotated[str, Field(pattern=r"^(immediately|([01]\d|2[0-3]):[0-5]\d)$")] = (
        "immediately"
    )
    release_calendar: tuple[ReleaseDay, ...] = ()
    pre_release_access: tuple[EarlyAccess, ...] = ()
    completeness_floor_pct: Annotated[float, Field(ge=0, le=100)] = 80
    max_error_pct: Annotated[float, Field(ge=0, le=100)] = 10
    max_dataset_error_pct: Annotated[float, Field(ge=0, le=100)] = 50
    """Share of one dataset's answers in error above which nobody can have read it rightly."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [item.day for item in self.release_calendar]
        if days != sorted(set(days)):
            raise ValueError("release_calendar: write each day once, the earliest first")
        if days and self.release_time == "immediately":
            raise ValueError("release_calendar: a product with one has a release_time like 09:30")
        return self
