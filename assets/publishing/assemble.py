"""From the night's frames to a candidate: what one product would publish, and how good it is.

Here belongs the cutting of a product from the frames of a night and the facts the gate judges by.
"""

import hashlib
import importlib.metadata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
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
from assets.publishing.policy import EarlyAccess, ReleaseDate, ReleasePolicy
from assets.publishing.tables import ProductTables, select_product
from assets.publishing.words import Words
from sql.frames import empty, records
from sql.summary_tables import SUMMARY_TABLES
from validations.findings import gate_errors
from validations.suites import contract_gate, gate

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
    *SUMMARY_TABLES,
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
    confidential = datasets_of(
        [id_ for id_, item in catalogue.indicators.items() if item.disclosure_threshold], catalogue
    )
    tables = select_product(
        indicators,
        ProductTables.of(**night.frames, periods=_periods(night.frames)),
        unpublished_groups=unpublished,
        datasets=datasets,
        confidential_datasets=confidential,
        indicator_set=product.id,
    )
    policy = _policy(product)
    return Candidate(
        product=_facts(product, catalogue),
        tables=tables,
        origin=_origin(indicators, datasets, night, confidential),
        quality=_timed(_quality(product, tables, night, datasets), tables, policy.fault(now)),
        fingerprints=night.fingerprints(),
        not_before=policy.instant(now),
        policy=policy,
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


def _policy(product: Product) -> ReleasePolicy:
    return ReleasePolicy(
        product.release_time,
        tuple(ReleaseDate(item.day, item.confirmed) for item in product.release_calendar),
        tuple(
            EarlyAccess(
                _words(item.role), _words(item.organisation), item.confirmed_for, item.expires
            )
            for item in product.pre_release_access
        ),
    )


def _words(text: Bilingual) -> Words:
    return Words(text.en, text.cy)


def _input(counted: Mapping[str, Any], confidential: Collection[str]) -> Input:
    """The dataset; without hashes where counts are confidential: few digits are soon tried out."""
    dataset, used = counted["dataset"], counted["sha256s"]
    is_named = used and dataset not in confidential
    return Input(dataset, tuple(used.split(";")) if is_named else (), counted["source_published"])


def _origin(
    indicators: list[str], datasets: list[str], night: Night, confidential: Collection[str]
) -> Origin:
    published = night.frames["indicator_catalogue"]
    known = [name for name in indicators if name in set(published["indicator"])]
    declared = read_declarations(published, known)
    counts = night.answer_counts[night.answer_counts["dataset"].isin(datasets)]
    return Origin(
        profile=night.profile,
        inputs=tuple(_input(row, confidential) for row in records(counts)),
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
        systemic=(
            *systemic(night.frames["validation_findings"]),
            *systemic(_gate(tables)),
            *misread_datasets(ours, product.max_dataset_error_pct),
        ),
    )


def misread_datasets(counts: pd.DataFrame, max_error_pct: float) -> tuple[Words, ...]:
    """Datasets of which more answers were refused than may be: what was accepted is not trusted.

    counts: answer_counts. A dataset without one accepted answer was refused whole: there the last
    good answers stand, and nothing new would be published.
    """
    text = Words(
        "{a:.1f} % of the answers of {name} are in error, at most {b:g} % may be",
        "Mae {a:.1f} % o atebion {name} yn wallus, caniateir {b:g} % ar y mwyaf",
    )
    shares = 100 * counts["rejected"] / counts["n_raw"].where(counts["n_raw"] > 0)
    misread = (shares > max_error_pct) & (counts["accepted"] > 0)
    found = zip(counts["dataset"][misread], shares[misread], strict=True)
    return tuple(text.fill(name=name, a=float(share), b=max_error_pct) for name, share in found)


def _timed(quality: Quality, tables: ProductTables, fault: Words | None) -> Quality:
    """Figures that have no instant to go out at are blocked, and said to be, well before."""
    if fault is None or tables.indicator_values.empty:
        return quality
    return replace(quality, systemic=(*quality.systemic, fault))


def _gate(tables: ProductTables) -> pd.DataFrame:
    """What the gates on the candidate find: the contract of every table, and its figures' suite.

    A product without figures has no suite to pass: there is nothing to publish.
    """
    found = [contract_gate(frame, name) for name, frame in tables.items()]
    figures = tables.indicator_values
    found.append(gate(figures, "candidate") if len(figures) else empty("validation_findings"))
    return pd.concat(found, ignore_index=True)


def completeness_pct(figures: pd.DataFrame) -> float:
    """Per cent of the councils' figures that have a value, are confidential or do not apply (z).

    The grid is every council x every period, indicator and breakdown for which a council has a row.
    """
    councils = figures[figures["area_type"] == "council"]
    if councils.empty:
        return 100.0
    series = councils[["indicator", "period", "breakdown_type", "breakdown"]].drop_duplicates()
    expected = len(series) * councils["area_code"].nunique()
    codes = councils["note_code"].fillna("").str.split(",")
    not_shown = codes.map(lambda marks: not {"z", "c"}.isdisjoint(marks))
    return 100.0 * float((councils["value"].notna() | not_shown).sum()) / expected


def systemic(findings: pd.DataFrame) -> tuple[Words, ...]:
    """Errors of the gates: they block every product."""
    errors = gate_errors(findings)
    pairs = errors[["message_en", "message_cy"]].drop_duplicates()
    return tuple(Words(en, cy) for en, cy in pairs.itertuples(index=False))
