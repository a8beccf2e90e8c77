"""Frames to publish in tests: small ones by hand, large ones in the size of the real sample.

Comparisons and benchmarks are computed here by plain pandas, not by the methods, so that the tests
of publishing stand alone: rank within the group `all` and within each council's own group.
"""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from assets.publishing.candidates import Candidate, Input, Origin, ProductFacts, Quality
from assets.publishing.tables import ProductTables, tidy
from assets.publishing.words import Words
from sql.frames import conform

COUNCILS = [f"W0600000{n}" for n in range(1, 6)]
WALES = "W92000004"
YEARS = [f"{year}-04-01/P1Y" for year in (2021, 2022, 2023)]
KEY = ["indicator", "period", "breakdown_type", "breakdown"]
LAST_YEAR = YEARS[-1]
TOTAL = {"breakdown_type": "total", "breakdown": "total"}


def small_figures() -> pd.DataFrame:
    """Recycling (100 x numerator / 1,000) and waiting (a number), five councils, three years."""
    rows = [
        figure(indicator, period, council, 500.0 + 40 * place + 7 * year + shift)
        for indicator, shift in (("recycling", 0), ("waiting", 3))
        for year, period in enumerate(YEARS)
        for place, council in enumerate(COUNCILS)
    ]
    return conform(pd.DataFrame(rows), "indicator_values", fill=True)


def figure(indicator: str, period: str, area: str, numerator: float) -> dict[str, object]:
    return {
        "indicator": indicator,
        "period": period,
        "area_code": area,
        **TOTAL,
        "area_type": "council",
        "numerator": numerator,
        "denominator": 1000.0,
        "value": numerator / 10,
        "value_rounded": round(numerator / 10, 1),
        "is_queried": False,
        "source_published": "2025-10-01",
    }


def correct(
    figures: pd.DataFrame, area: str, period: str, numerator: float, **cells: object
) -> pd.DataFrame:
    """The figures with one corrected recycling figure."""
    hit = (
        figures["indicator"].eq("recycling")
        & figures["area_code"].eq(area)
        & figures["period"].eq(period)
    )
    made = figures.copy()
    changed = {**figure("recycling", period, area, numerator), **cells}
    for name, value in changed.items():
        made.loc[hit, name] = value
    return made


def groups_of(councils: list[str]) -> pd.DataFrame:
    """The group all, and each council's own group of its two neighbours in the list."""
    rows: list[dict[str, object]] = [
        {"group_code": "all", "owner_code": None, "member_code": c, "group_area_code": WALES}
        for c in councils
    ]
    for place, owner in enumerate(councils):
        for step in (1, 2):
            member = councils[(place + step) % len(councils)]
            rows.append({"group_code": "neighbours", "owner_code": owner, "member_code": member})
    return conform(pd.DataFrame(rows), "comparison_groups", fill=True)


def compared(figures: pd.DataFrame, groups: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Comparisons and benchmarks with rank, band and the simplest statistics."""
    member = groups.assign(owner_code=groups["owner_code"].fillna(""))
    own = member[member["owner_code"].ne("")][["group_code", "owner_code"]].drop_duplicates()
    member = pd.concat([member, own.assign(member_code=own["owner_code"])])
    wide = figures.merge(
        member[["group_code", "owner_code", "member_code"]],
        left_on="area_code",
        right_on="member_code",
    )
    at = [*KEY, "group_code", "owner_code"]
    ranked = wide.groupby(at)["value_rounded"]
    wide["rank"] = ranked.rank(method="min", ascending=False).astype("Int64")
    wide["n_ranked"] = ranked.transform("count").astype("Int64")
    wide["band"] = np.ceil(4 * wide["rank"] / wide["n_ranked"]).astype("Int64")
    shown = wide[wide["owner_code"].eq("") | wide["owner_code"].eq(wide["area_code"])]
    others = wide[wide["owner_code"].ne(wide["area_code"])]
    stats = others.groupby(at)["value"].agg(["mean", "median", "min", "max", "count"])
    stats = stats.rename(columns={"count": "n_valid"}).reset_index()
    stats["n_members"] = stats["n_valid"]
    stats["headline"], stats["headline_kind"] = stats["median"], "median"
    return _kept(shown, "comparisons"), _kept(stats, "benchmarks")


def _kept(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = [c for c in conform(frame.iloc[:0][[]], name, fill=True).columns if c in frame]
    return conform(frame[columns].reset_index(drop=True), name, fill=True)


def catalogue_of(indicators: list[str]) -> pd.DataFrame:
    rows = [
        {
            "indicator": name,
            "title_en": name.title(),
            "title_cy": f"{name.title()} (cy)",
            "cy_status": "draft",
            "theme": "waste",
            "unit": "percent",
            "unit_en": "per cent",
            "unit_cy": "y cant",
            "kind": "proportion",
            "multiplier": 100.0,
            "polarity": "higher",
            "decimals": 1,
            "value_basis": "derived",
            "interval": "none",
            "aggregation": "ratio",
            "numerator": f"{name}_yes",
            "denominator": f"{name}_all",
            "period_type": "financial_year",
            "publisher": "Welsh Government",
            "source_name": "Waste",
            "source_url": "https://statswales.gov.wales",
            "designation": "official",
        }
        for name in indicators
    ]
    return conform(pd.DataFrame(rows), "indicator_catalogue", fill=True)


def night_of(figures: pd.DataFrame, findings: pd.DataFrame | None = None) -> ProductTables:
    """All tables of a product that holds these figures, sorted by key."""
    councils = sorted(set(figures["area_code"]) - {WALES})
    groups = groups_of(councils)
    comparisons, benchmarks = compared(figures, groups)
    periods = sorted(figures["period"].unique())
    frames = {
        "indicator_catalogue": catalogue_of(sorted(figures["indicator"].unique())),
        "areas": pd.DataFrame(
            {
                "area_code": [*councils, WALES],
                "area_type": ["council"] * len(councils) + ["nation"],
                "name_en": [f"Council {c}" for c in councils] + ["Wales"],
                "name_cy": [f"Cyngor {c}" for c in councils] + ["Cymru"],
            }
        ),
        "periods": pd.DataFrame(
            {
                "period": periods,
                "period_type": "financial_year",
                "period_start": [p[:10] for p in periods],
                "period_end": [f"{int(p[:4]) + 1}-03-31" for p in periods],
                "label": [f"{p[:4]}-{int(p[2:4]) + 1}" for p in periods],
            }
        ),
        "comparison_groups": groups,
        "indicator_values": figures,
        "comparisons": comparisons,
        "benchmarks": benchmarks,
    }
    if findings is not None:
        frames["validation_findings"] = findings
    made = ProductTables.of(**frames)
    return ProductTables(**{name: tidy(frame, name) for name, frame in made.items()})


def large_figures(n_indicators: int = 40, n_areas: int = 22, n_years: int = 12) -> pd.DataFrame:
    """Figures in the size of the real sample, seeded."""
    random = np.random.default_rng(7)
    index = pd.MultiIndex.from_product(
        [
            [f"indicator_{n:02d}" for n in range(n_indicators)],
            [f"{2010 + n}-04-01/P1Y" for n in range(n_years)],
            [f"W060000{n:02d}" for n in range(1, n_areas + 1)],
        ],
        names=["indicator", "period", "area_code"],
    )
    made = index.to_frame(index=False).assign(**TOTAL, area_type="council", denominator=1000.0)
    made["numerator"] = random.integers(100, 900, len(made)).astype("float64")
    made["value"] = made["numerator"] / 10
    made["value_rounded"] = made["value"].round(1)
    return conform(made, "indicator_values", fill=True)


NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PRODUCT = "council-benchmarks"


def make_candidate(tables: ProductTables, product: str = PRODUCT, **given: object) -> Candidate:
    facts: dict[str, object] = {
        "product": ProductFacts(
            product,
            Words("Council benchmarks", "Meincnodau cynghorau"),
            Words("Figures of councils, compared.", "Ffigurau cynghorau, wedi'u cymharu."),
            "team:statistics",
        ),
        "tables": tables,
        "origin": Origin(
            profile="sample",
            inputs=(Input("births", ("ab" * 32,), "2025-10-01"),),
            code_version="0.1.0",
            catalogue_sha256="c" * 64,
            rules_sha256="d" * 64,
            methods={"band": {"type": 7}},
        ),
        "quality": Quality(),
    }
    return Candidate(**{**facts, **given})


def corrected() -> pd.DataFrame:
    return correct(small_figures(), COUNCILS[0], LAST_YEAR, 900.0)
