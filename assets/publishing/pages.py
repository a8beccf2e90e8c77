"""The plain pages: site/index.html of a release and releases/index.html.

Here belongs what the pages say of a release; how they look is in templates/. Nothing on them comes
from a clock or from outside: the same tables give the same bytes.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import jinja2
import pandas as pd

from assets.publishing.candidates import ProductFacts
from assets.publishing.diff import Difference
from assets.publishing.page_lists import chance_totals, figure_text, summary_rows, watch_rows
from assets.publishing.tables import ProductTables
from assets.publishing.version import VersionStep
from assets.publishing.words import (
    DRAFT,
    ESCAPED,
    LICENCE,
    NOT_OFFICIAL,
    SAMPLE,
    UNSIGNED,
    Words,
)

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
KINDS = (
    (
        Words("To open and read", "I'w hagor a'u darllen"),
        ("*.xlsx", "CHANGES.md"),
    ),
    (Words("For a spreadsheet", "Ar gyfer taenlen"), ("data/excel/*",)),
    (Words("For programs", "Ar gyfer rhaglenni"), ("data/*.csv", "data/*.parquet", "*.sqlite")),
    (
        Words("What changed and what checks found", "Beth newidiodd a beth a ganfu'r gwirio"),
        ("changes.csv", "knock_on.csv", "findings.csv"),
    ),
    (Words("For StatsWales 3", "Ar gyfer StatsCymru 3"), ("statswales/*",)),
    (Words("What describes the files", "Yr hyn sy'n disgrifio'r ffeiliau"), ("*",)),
)
"""Kinds of files on the page, each with the paths that belong to it; the first that fits counts."""
TEXTS: dict[str, Any] = {
    "languages": ("en", "cy"),
    "licence": LICENCE,
    "unsigned": UNSIGNED,
    "escaped": ESCAPED,
    "sample": SAMPLE,
    "draft": DRAFT,
}
"""What every template is given."""


@dataclass(frozen=True)
class Download:
    """One file offered on a page: path in the release, path from the page, rows and bytes.

    Rows are None where it is no table, bytes where the file is written after the page.
    """

    path: str
    href: str
    n_rows: int | None
    n_bytes: int | None

    @property
    def size(self) -> str:
        """The size as people write it."""
        if self.n_bytes is None:
            return ""
        if self.n_bytes < 1_000_000:
            return f"{max(1, round(self.n_bytes / 1000))} kB"
        return f"{self.n_bytes / 1_000_000:.1f} MB"


@dataclass(frozen=True)
class ListedNotice:
    """A notice on releases/index.html: what happened to which version, on which day, and why."""

    kind: str
    version: str
    day: str
    reason: Words


@dataclass(frozen=True)
class Listed:
    """A product on releases/index.html: its current version (None: no version stands), all its

    versions, newest first, and the notices on them.
    """

    id: str
    title: Words
    description: Words
    version: str | None
    reason: Words
    cy_status: str
    profile: str
    is_signed: bool
    versions: tuple[str, ...]
    notices: tuple[ListedNotice, ...] = ()

    @property
    def aliases(self) -> tuple[str, ...]:
        """Addresses that follow the current version: latest, 1, 1.2."""
        if self.version is None:
            return ()
        major, minor, _ = self.version.split(".")
        return ("latest", major, f"{major}.{minor}")


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
        summaries=summary_rows(tables),
        watched=watch_rows(tables),
        chance=chance_totals(tables),
        changes=found.changes.head(MAX_CHANGES).to_dict("records"),
        n_changes=len(found.changes),
        n_knock_on=len(found.knock_on),
        notices=[item.words for item in found.notices],
        downloads=_by_kind(downloads),
        sources=_sources(tables.indicator_catalogue),
        published=sorted(set(tables.indicator_values["source_published"].dropna()))[-1:],
        is_draft=is_draft(product, tables),
        profile=profile,
        not_official=NOT_OFFICIAL.fill(publishers=publishers),
        **TEXTS,
    )


def _by_kind(downloads: Sequence[Download]) -> list[tuple[Words, list[Download]]]:
    """Files by what they are good for, in the order of KINDS."""
    left, kinds = list(downloads), []
    for title, patterns in KINDS:
        ours = [item for item in left if any(fnmatchcase(item.path, p) for p in patterns)]
        left = [item for item in left if item not in ours]
        if ours:
            kinds.append((title, ours))
    return kinds


def withdrawn_page(product: str, version: str, reason: Words) -> str:
    """The page that stands where a removed version was: that it is gone, and why."""
    return _template("withdrawn.html.j2").render(
        product=product, version=version, reason=reason, **TEXTS
    )


def releases_page(products: Sequence[Listed]) -> str:
    """The page that lists every product with its current and earlier versions."""
    return _template("releases.html.j2").render(
        products=products,
        is_draft=any(item.cy_status != "approved" for item in products),
        **TEXTS,
    )


def latest_by_theme(tables: ProductTables) -> dict[str, list[dict[Hashable, Any]]]:
    """Theme -> one row per indicator: titles, latest period, headline, spread, councils."""
    latest = _latest(tables)
    themes: dict[str, list[dict[Hashable, Any]]] = {}
    for row in latest.to_dict("records"):
        row["headline_text"] = figure_text(row["headline"], row["decimals"])
        row["spread"] = [figure_text(row[end], row["decimals"]) for end in ("min", "max")]
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


def _sources(catalogue: pd.DataFrame) -> list[dict[Hashable, Any]]:
    columns = ["publisher", "source_name", "source_url", "designation"]
    wanted = catalogue[columns].fillna("").drop_duplicates().sort_values(columns)
    return list(wanted.to_dict("records"))


def is_draft(product: ProductFacts, tables: ProductTables) -> bool:
    """Whether a Welsh text of the product still awaits approval."""
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
