"""The plain pages: site/index.html of a release and releases/index.html.

Here belongs what the pages say of a release; how they look is in templates/. Nothing on them comes
from a clock or from outside: the same tables give the same bytes.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import jinja2
import pandas as pd

from assets.publishing.candidates import ProductFacts
from assets.publishing.diff import Difference
from assets.publishing.tables import ProductTables
from assets.publishing.version import VersionStep
from assets.publishing.words import LICENCE, NOT_OFFICIAL, UNSIGNED, Words

WALES = "W92000004"
ALL_COUNCILS = "all"
HEADLINE_KINDS = {
    "source": Words("published by the source", "cyhoeddwyd gan y ffynhonnell"),
    "ratio_of_sums": Words("all councils together", "pob cyngor gyda'i gilydd"),
    "partial_ratio": Words("{k} of {n} councils", "{k} o {n} cyngor"),
    "median": Words("middle council", "cyngor canol"),
    "series": Words("the series itself", "y gyfres ei hun"),
}
MAX_CHANGES = 50


@dataclass(frozen=True)
class Download:
    """One file offered on a page: path from the page, rows (None where it is no table)."""

    path: str
    href: str
    n_rows: int | None


@dataclass(frozen=True)
class Listed:
    """A product on releases/index.html: its current version and all its versions, newest first."""

    id: str
    title: Words
    description: Words
    version: str
    reason: Words
    cy_status: str
    profile: str
    versions: tuple[str, ...]


def product_page(
    product: ProductFacts,
    tables: ProductTables,
    step: VersionStep,
    found: Difference,
    downloads: Sequence[Download],
    profile: str,
) -> str:
    """The page of one release, English and Welsh side by side in one file."""
    publishers = "; ".join(sorted(set(tables.indicator_catalogue["publisher"].dropna())))
    return _template("product.html.j2").render(
        product=product,
        step=step,
        reason=Words(step.reason_en, step.reason_cy),
        themes=latest_by_theme(tables),
        changes=found.changes.head(MAX_CHANGES).to_dict("records"),
        n_changes=len(found.changes),
        n_knock_on=len(found.knock_on),
        notices=[item.words for item in found.notices],
        downloads=downloads,
        sources=_sources(tables.indicator_catalogue),
        published=sorted(set(tables.indicator_values["source_published"].dropna()))[-1:],
        is_draft=_is_draft(product, tables),
        profile=profile,
        not_official=NOT_OFFICIAL.fill(publishers=publishers),
        licence=LICENCE,
        unsigned=UNSIGNED,
        languages=("en", "cy"),
    )


def releases_page(products: Sequence[Listed]) -> str:
    """The page that lists every product with its current and earlier versions."""
    return _template("releases.html.j2").render(
        products=products,
        is_draft=any(item.cy_status != "approved" for item in products),
        licence=LICENCE,
        unsigned=UNSIGNED,
        languages=("en", "cy"),
    )


def latest_by_theme(tables: ProductTables) -> dict[str, list[dict[Hashable, Any]]]:
    """Theme -> one row per indicator: titles, latest period, headline, spread, councils."""
    latest = _latest(tables)
    themes: dict[str, list[dict[Hashable, Any]]] = {}
    for row in latest.to_dict("records"):
        row["headline_text"] = _figure(row["headline"], row["decimals"])
        row["spread"] = [_figure(row[end], row["decimals"]) for end in ("min", "max")]
        row["kind_words"] = _kind_words(row)
        themes.setdefault(str(row["theme"]), []).append(row)
    return dict(sorted(themes.items()))


def _latest(tables: ProductTables) -> pd.DataFrame:
    values, catalogue = tables.indicator_values, tables.indicator_catalogue
    total = values[values["breakdown_type"].eq("total") & values["value_rounded"].notna()]
    ends = total.merge(tables.periods[["period", "period_end", "label"]], on="period", how="left")
    ends = ends.rename(columns={"label": "period_label"}).sort_values(["period_end", "period"])
    newest = ends.groupby("indicator")[["period", "period_label"]].last().reset_index()
    standings = tables.benchmarks
    whole = standings[
        standings["group_code"].eq(ALL_COUNCILS) & standings["breakdown_type"].eq("total")
    ]
    # A series of one area, or a count known for Wales, is its own headline.
    own = ends.groupby(["indicator", "period"]).filter(lambda part: len(part) == 1)
    own = pd.concat([ends[ends["area_code"].eq(WALES)], own]).drop_duplicates(
        ["indicator", "period"]
    )
    shown = catalogue.merge(newest, on="indicator").merge(
        whole.drop(columns=["breakdown_type", "breakdown"]), on=["indicator", "period"], how="left"
    )
    shown = shown.merge(
        own[["indicator", "period", "value_rounded"]], on=["indicator", "period"], how="left"
    )
    is_own = shown["headline"].isna() & shown["value_rounded"].notna()
    return shown.assign(
        headline=shown["headline"].fillna(shown["value_rounded"]),
        headline_kind=shown["headline_kind"].mask(is_own, "series"),
    )


def _kind_words(row: dict[Hashable, Any]) -> Words | None:
    kind = HEADLINE_KINDS.get(str(row["headline_kind"]))
    if kind is None or pd.isna(row["n_valid"]):
        return kind
    return kind.fill(k=row["n_valid"], n=row["n_members"])


def _figure(value: Any, decimals: Any) -> str:
    """A number at the indicator's decimals, half away from zero (M19), with thin grouping."""
    if pd.isna(value):
        return ""
    step = Decimal(1).scaleb(-int(str(decimals)))
    return f"{Decimal(repr(value)).quantize(step, ROUND_HALF_UP):,}"


def _sources(catalogue: pd.DataFrame) -> list[dict[Hashable, Any]]:
    columns = ["publisher", "source_name", "source_url", "designation"]
    wanted = catalogue[columns].fillna("").drop_duplicates().sort_values(columns)
    return list(wanted.to_dict("records"))


def _is_draft(product: ProductFacts, tables: ProductTables) -> bool:
    drafts = tables.indicator_catalogue["cy_status"].ne("approved").any()
    return product.cy_status != "approved" or bool(drafts)


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("assets.publishing"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["present"] = pd.notna
    return environment.get_template(name)
