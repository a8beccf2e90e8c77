"""From the night's frames to a candidate: what one product would publish, and how good it is.

Here belongs the cutting of a product from the frames of a night and the facts the gate judges by.
"""

import hashlib
import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from assets.catalogue.frames import periods_frame
from assets.catalogue.load import Catalogue
from assets.catalogue.models import Bilingual, Product
from assets.methods.declarations import read_declarations
from assets.methods.manifest import method_manifest
from assets.publishing.candidates import Candidate, Input, Origin, ProductFacts, Quality
from assets.publishing.fingerprints import fingerprints
from assets.publishing.instants import release_instant
from assets.publishing.tables import ProductTables, select_product
from assets.publishing.words import Words
from sql.frames import empty, records
from validations.findings import gate_errors
from validations.suites import gate

PROJECT = Path(__file__).resolve().parent.parent.parent
RANK_UNCERTAINTY = True
"""Products publish each rank with its 5th and 95th percentile (M4)."""
FINGERPRINTED = (
    "indicator_catalogue",
    "areas",
    "comparison_groups",
    "indicator_values",
    "comparisons",
    "benchmarks",
)
"""Frames a candidate must have been made from when it is released."""


@dataclass(frozen=True)
class Night:
    """The frames of a night that products are cut from, by table name."""

    frames: Mapping[str, pd.DataFrame]
    answer_counts: pd.DataFrame
    profile: str

    def fingerprints(self) -> dict[str, str]:
        """Fingerprints of the frames a release must match."""
        return fingerprints({name: self.frames[name] for name in FINGERPRINTED})


def make_candidate(
    product: Product,
    catalogue: Catalogue,
    night: Night,
    now: datetime,
) -> Candidate:
    """The candidate of one product, with its origin, its quality and its release instant."""
    indicators = catalogue.product_indicators(product.id)
    datasets = datasets_of(indicators, catalogue)
    unpublished = [item.id for item in catalogue.groups.values() if not item.publishes_benchmark]
    tables = select_product(
        indicators,
        ProductTables.of(**night.frames, periods=_periods(night.frames)),
        unpublished_groups=unpublished,
        datasets=datasets,
    )
    return Candidate(
        product=_facts(product, catalogue),
        tables=tables,
        origin=_origin(indicators, datasets, night),
        quality=_quality(product, tables, night, datasets),
        fingerprints=night.fingerprints(),
        not_before=release_instant(product.release_time, now),
    )


def datasets_of(indicators: list[str], catalogue: Catalogue) -> list[str]:
    """Datasets whose measures the indicators are made of, sorted."""
    items = [catalogue.indicators[name] for name in indicators]
    named = [
        measure
        for item in items
        for measure in (item.numerator, item.denominator, item.value, item.stated_value)
        if measure
    ]
    return sorted({catalogue.measures[measure].dataset for measure in named})


def _periods(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    types = frames["indicator_catalogue"].set_index("indicator")["period_type"]
    pairs = frames["indicator_values"][["period", "indicator"]].drop_duplicates()
    kinds = pairs["indicator"].map(types)
    return periods_frame(sorted(set(zip(pairs["period"], kinds, strict=True))))


def _facts(product: Product, catalogue: Catalogue) -> ProductFacts:
    return ProductFacts(
        id=product.id,
        title=_words(product.title),
        description=_words(product.description),
        owner=product.owner,
        cy_status=product.cy_status,
        wanted=tuple(_words(item) for item in product.wanted),
        themes={theme.id: _words(theme.title) for theme in catalogue.themes.values()},
    )


def _words(text: Bilingual) -> Words:
    return Words(text.en, text.cy)


def _input(counted: Mapping[str, Any]) -> Input:
    used = counted["sha256s"]
    return Input(
        counted["dataset"], tuple(used.split(";")) if used else (), counted["source_published"]
    )


def _origin(indicators: list[str], datasets: list[str], night: Night) -> Origin:
    published = night.frames["indicator_catalogue"]
    known = [name for name in indicators if name in set(published["indicator"])]
    declared = read_declarations(published, known)
    counts = night.answer_counts[night.answer_counts["dataset"].isin(datasets)]
    return Origin(
        profile=night.profile,
        inputs=tuple(_input(row) for row in records(counts)),
        code_version=importlib.metadata.version("council-benchmarks"),
        catalogue_sha256=folder_sha256("assets/catalogue"),
        rules_sha256=folder_sha256("validations"),
        methods=method_manifest(declared, rank_uncertainty=RANK_UNCERTAINTY),
    )


@lru_cache
def folder_sha256(folder: str) -> str:
    """SHA-256 over names and bytes of the code and YAML below a folder of the project."""
    digest = hashlib.sha256()
    root = PROJECT / folder
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".yaml"):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _quality(product: Product, tables: ProductTables, night: Night, datasets: list[str]) -> Quality:
    counts = night.answer_counts
    ours = counts[counts["dataset"].isin(datasets)]
    read = int(ours["n_raw"].sum())
    return Quality(
        completeness_pct=completeness_pct(tables.indicator_values),
        completeness_floor_pct=product.completeness_floor_pct,
        error_pct=100 * int(ours["rejected"].sum()) / read if read else 0.0,
        max_error_pct=product.max_error_pct,
        systemic=(*systemic(night.frames["validation_findings"]), *systemic(_gate(tables))),
    )


def _gate(tables: ProductTables) -> pd.DataFrame:
    """What the gate on the candidate finds; a product without figures has no gate to pass."""
    figures = tables.indicator_values
    return gate(figures, "candidate") if len(figures) else empty("validation_findings")


def completeness_pct(figures: pd.DataFrame) -> float:
    """Per cent of the councils' figures that have a value or are not applicable (z).

    The grid is every council x every period, indicator and breakdown for which a council has a row.
    """
    councils = figures[figures["area_type"] == "council"]
    if councils.empty:
        return 100.0
    series = councils[["indicator", "period", "breakdown_type", "breakdown"]].drop_duplicates()
    expected = len(series) * councils["area_code"].nunique()
    not_applicable = councils["note_code"].fillna("").str.split(",").map(lambda codes: "z" in codes)
    return 100.0 * float((councils["value"].notna() | not_applicable).sum()) / expected


def systemic(findings: pd.DataFrame) -> tuple[Words, ...]:
    """Errors of the gates: they block every product."""
    errors = gate_errors(findings)
    pairs = errors[["message_en", "message_cy"]].drop_duplicates()
    return tuple(Words(en, cy) for en, cy in pairs.itertuples(index=False))
