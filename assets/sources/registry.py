"""The registry of sources: where each dataset comes from, under what terms, by which connector.

Here belongs the shape of sources.yaml and its reading. What a connector does with its options is in
the module of that connector; no secret is ever written here.

sources.yaml is a list of entries. `options` depends on `connector`::

    - dataset: births
      title: {en: Live births, cy: Genedigaethau byw}
      publisher: Welsh Government
      homepage: https://stats.gov.wales/en-GB/...
      designation: accredited
      connector: statswales_v3
      group: health
      owner: team:statistics
      profiles: [sample, live]
      options:
        dataset_id: 213aeb99-18eb-42c9-b00e-e4b716e82cdf
        columns: {area: Authority, period: Year, measure: Data description}
        measures: {"1": live_births, "2": births_under_2500g}
"""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from assets.catalogue.load import UniqueKeys
from assets.catalogue.models import Bilingual, Entry, Identifier, Text

DEFAULT_PATH = Path(__file__).parent / "sources.yaml"
Address = Annotated[str, Field(pattern=r"^https?://[^\s@]+$")]
"""An address without user info: credentials come from the environment, never from here."""


class RegistryError(ValueError):
    """sources.yaml cannot be used; the message lists every fault of it."""

    exit_status = 2


class Breakdown(Entry):
    """A column that breaks figures down: each category of it is one breakdown of `type`.

    `categories` maps what the source writes (a reference or a label) to our category; what it does
    not list is not selected. Without it the source's own words are kept. A category mapped to
    `total` is the whole.
    """

    column: Text
    type: Identifier
    categories: dict[str, str] = Field(default_factory=dict)


class _OneOrManyMeasures(Entry):
    """Either one measure for the whole source, or a map from its labels to measures."""

    measure: Identifier | None = None
    measures: dict[str, Identifier] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _exactly_one_form(self) -> Self:
        if (self.measure is None) == (not self.measures):
            raise ValueError("give either `measure` or `measures`")
        return self


class StatsWalesColumns(Entry):
    """Display names of the cube's dimensions."""

    area: Text
    period: Text
    measure: Text | None = None


class StatsWalesOptions(_OneOrManyMeasures):
    """A cube of StatsWales, API version 2.

    `only` keeps the rows whose dimension has one of these references or labels, for dimensions that
    are neither area, period, measure nor breakdown: {Tenure: [All]}.
    """

    dataset_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    columns: StatsWalesColumns
    breakdown: Breakdown | None = None
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    base_url: Address = "https://api.stats.gov.wales/v2"

    @model_validator(mode="after")
    def _measures_have_a_column(self) -> Self:
        if self.measures and self.columns.measure is None:
            raise ValueError("`measures` needs `columns.measure`")
        return self


class OnsElsOptions(Entry):
    """Indicators of ONS Explore Local Statistics: slug -> measure."""

    slugs: Annotated[dict[str, Identifier], Field(min_length=1)]
    base_url: Address = "https://www.ons.gov.uk/explore-local-statistics/api/v1"


class Series(Entry):
    """One ONS time series, at <base>/<path>/timeseries/<cdid>/<dataset>/data."""

    cdid: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{4}$")]
    dataset: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{2,8}$")]
    path: Annotated[str, Field(pattern=r"^[a-z0-9]+(/[a-z0-9]+)*$")]
    measure: Identifier
    every: Literal["month", "quarter"] = "month"


class OnsTimeseriesOptions(Entry):
    """ONS time series; the area is the United Kingdom throughout."""

    series: Annotated[tuple[Series, ...], Field(min_length=1)]
    base_url: Address = "https://www.ons.gov.uk"


class InboxColumns(Entry):
    """Names of the columns to read; the file may have others, which are not read."""

    area: Text
    period: Text
    value: Text
    area_name: Text | None = None
    measure: Text | None = None
    note: Text | None = None
    breakdown: Text | None = None
    lower_95: Text | None = None
    upper_95: Text | None = None
    published: Text | None = None


class InboxCsvOptions(_OneOrManyMeasures):
    """Plain CSV files of a publisher without a connector, laid into the inbox."""

    pattern: Text
    columns: InboxColumns
    breakdown_type: Identifier | None = None
    categories: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        if self.measures and self.columns.measure is None:
            raise ValueError("`measures` needs `columns.measure`")
        if (self.breakdown_type is None) != (self.columns.breakdown is None):
            raise ValueError("`breakdown_type` and `columns.breakdown` go together")
        return self


class CouncilReturnsOptions(Entry):
    """Returns of councils: `fields` maps indicator_key.field of the form to a measure."""

    return_key: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*$")]
    pattern: Text
    fields: Annotated[dict[str, Identifier], Field(min_length=1)]


OPTIONS: dict[str, type[Entry]] = {
    "statswales_v3": StatsWalesOptions,
    "ons_els": OnsElsOptions,
    "ons_timeseries": OnsTimeseriesOptions,
    "inbox_csv": InboxCsvOptions,
    "council_returns": CouncilReturnsOptions,
}
Connector = Literal["statswales_v3", "ons_els", "ons_timeseries", "inbox_csv", "council_returns"]


class SourceEntry(Entry):
    """One dataset of the registry."""

    dataset: Identifier
    title: Bilingual
    publisher: Text
    homepage: Address
    licence: Literal["OGL-UK-3.0"] = "OGL-UK-3.0"
    designation: Literal["official", "accredited", "in_development", "management", "none"]
    connector: Connector
    group: Identifier
    owner: Annotated[str, Field(pattern=r"^team:[a-z0-9_-]+$")]
    profiles: tuple[Literal["sample", "live"], ...]
    on_query: Literal["pass", "hold"] = "pass"
    """pass: a queried answer is published with its mark; hold: not before it was answered."""
    next_expected: Text | None = None
    options: SerializeAsAny[Entry]

    @field_validator("options", mode="before")
    @classmethod
    def _options_of_the_connector(cls, given: object, info: ValidationInfo) -> object:
        shape = OPTIONS.get(info.data.get("connector", ""))
        if shape is None or isinstance(given, Entry):
            return given
        try:
            return shape.model_validate(given)
        except ValidationError as error:
            raise ValueError(", ".join(_words(fault) for fault in error.errors())) from None


def load_registry(path: Path | None = None) -> dict[str, SourceEntry]:
    """Dataset -> entry, in the order of the file (default: the bundled sources.yaml).

    RegistryError lists every fault of every entry at once.
    """
    return dict(_bundled()) if path is None else _load(Path(path))


@lru_cache(maxsize=1)
def _bundled() -> dict[str, SourceEntry]:
    return _load(DEFAULT_PATH)


def _load(path: Path) -> dict[str, SourceEntry]:
    try:
        items = yaml.load(path.read_text("utf-8"), UniqueKeys)  # noqa: S506 (a safe loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RegistryError(f"{path.name} cannot be read: {error}") from error
    if not isinstance(items, list):
        raise RegistryError(f"{path.name} is not a list of entries: begin each with `- dataset:`.")
    entries: dict[str, SourceEntry] = {}
    faults: list[str] = []
    for number, item in enumerate(items, start=1):
        name = item.get("dataset") if isinstance(item, dict) else None
        try:
            entry = SourceEntry.model_validate(item)
        except ValidationError as error:
            faults += [f"{name or f'entry {number}'}: {_words(fault)}" for fault in error.errors()]
            continue
        if entry.dataset in entries:
            faults.append(f"{entry.dataset}: there are two entries of that name")
        entries[entry.dataset] = entry
    if faults:
        raise RegistryError(f"{path.name}: " + "; ".join(faults))
    return entries


def _words(fault: ErrorDetails) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else str(fault["msg"])
