"""What readers may have kept: the figures of every version that is still published.

Here belongs reading them back for the protection of confidential counts, oldest first, and naming
the versions that must be withdrawn. What is confidential is decided in assets.methods.disclosure.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from assets.methods.disclosure import (
    SHOWN_EARLIER,
    Protected,
    has_rule,
    protect,
    sharing_counts,
    shown_earlier,
)
from assets.publishing.fingerprints import fingerprint
from assets.publishing.released import load_manifest, load_supplied_figures
from assets.publishing.store import ReleaseStore
from assets.publishing.words import Words
from sql.frames import FrameStore, conform
from sql.tables import FIGURE_KEY

COUNTED = (*FIGURE_KEY, "area_type", "numerator", "denominator", "denominator_period", "value",
           "note_code")  # fmt: skip
TRUTH = "confidential"
"""Private frames: figures before suppression, by the fingerprint of what was published of them."""
WITHDRAW = Words(
    "{product} {version} shows {n} figures that are confidential now, the first {place}. Withdraw"
    " it: council-benchmarks withdraw {product} {version} --disclosure",
    "Mae {product} {version} yn dangos {n} ffigur sy'n gyfrinachol bellach, y cyntaf {place}."
    " Tynnwch ef yn ôl: council-benchmarks withdraw {product} {version} --disclosure",
)


@dataclass(frozen=True)
class Version:
    """A published version: its figures of the indicators asked for, as supplied.

    Without the mark r that the release added, as they were when their truth was kept beside them.
    """

    product: str
    version: str
    figures: pd.DataFrame


def published_versions(releases: ReleaseStore, indicators: Collection[str]) -> list[Version]:
    """Every version of every product whose figures can still be read, in order of release."""
    found = []
    for product in releases.products():
        for version in releases.versions(product):
            folder = releases.path(product, version)
            if (folder / "data" / "indicator_values.parquet").exists():
                instant = str(load_manifest(folder)["released_at"])
                figures = load_supplied_figures(folder, indicators)
                found.append((instant, Version(product, version, figures)))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def kept_by_readers(
    versions: Collection[Version], frames: FrameStore
) -> tuple[list[pd.DataFrame], list[pd.DataFrame | None]]:
    """The figures that stood after each release, and the same before suppression where known."""
    shown: dict[str, pd.DataFrame] = {}
    true: dict[str, pd.DataFrame | None] = {}
    states: list[pd.DataFrame] = []
    truths: list[pd.DataFrame | None] = []
    for item in versions:
        shown = {
            **{k: v for k, v in shown.items() if k != item.product},
            item.product: item.figures,
        }
        true[item.product] = read_truth(frames, item.figures)
        state = _united(shown.values())
        if len(state) and not (states and state.equals(states[-1])):
            known = [frame for frame in (true[product] for product in shown) if frame is not None]
            states.append(state)
            truths.append(_united(known) if len(known) == len(shown) else None)
    return states, truths


def _united(figures: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """One row per figure, the newest that was released, in the order of the key."""
    columns = [frame.reindex(columns=list(COUNTED)) for frame in figures]
    whole = pd.concat(columns, ignore_index=True).drop_duplicates(list(FIGURE_KEY), keep="last")
    return whole.sort_values(list(FIGURE_KEY), ignore_index=True)


def keep_truth(
    frames: FrameStore,
    run_id: str,
    published: pd.DataFrame,
    truth: pd.DataFrame,
    products: Mapping[str, Collection[str]],
) -> None:
    """Keep figures before suppression, for each product beside what it would publish of them.

    published, truth: figures with a rule, or that share counts with one, after and before;
    products: product -> indicators. Once is enough: what was true when figures came out does not
    change.
    """
    for indicators in products.values():
        ours = published[published["indicator"].isin(list(indicators))]
        name = _name_of(ours)
        if len(ours) and not frames.has(name):
            frames.write(name, run_id, truth.reindex(columns=list(COUNTED)))


def read_truth(frames: FrameStore, published: pd.DataFrame) -> pd.DataFrame | None:
    """The figures before suppression of a published table; None if they were not kept."""
    name = _name_of(published)
    return frames.read(name) if frames.has(name) else None


def _name_of(published: pd.DataFrame) -> str:
    plain = published.reindex(columns=list(COUNTED)).reset_index(drop=True)
    return f"{TRUTH}/{fingerprint(plain)}"


def protect_figures(
    figures: pd.DataFrame,
    indicators: pd.DataFrame,
    groups: pd.DataFrame,
    releases: ReleaseStore,
    frames: FrameStore,
) -> Protected:
    """`protect` beside every version that readers may have kept; nothing to do without a rule."""
    if not has_rule(indicators):
        return protect(figures, indicators, groups)
    versions = published_versions(releases, sharing_counts(indicators))
    kept = protect(figures, indicators, groups, *kept_by_readers(versions, frames))
    return replace(kept, findings=name_versions(kept.findings, figures, versions))


def name_versions(
    found: pd.DataFrame, figures: pd.DataFrame, versions: Collection[Version]
) -> pd.DataFrame:
    """The findings, with one for each version to withdraw in the place of those it causes.

    found: findings of protect; figures: indicator_values before suppression.
    """
    earlier = found[found["code"] == SHOWN_EARLIER]
    wanted = figures.merge(earlier[list(FIGURE_KEY)].drop_duplicates(), on=list(FIGURE_KEY))
    rows, named = [], []
    for item in versions if len(wanted) else ():
        keys = shown_earlier(wanted, item.figures)
        if len(keys):
            first = keys.iloc[0].to_dict()
            said = {"product": item.product, "version": item.version, "n": len(keys)}
            words = WITHDRAW.fill(**said, place=", ".join(map(str, first.values())))
            named.append(keys)
            rows.append(
                {**first, "dataset": "gate:disclosure", "code": SHOWN_EARLIER, "severity": "error",
                 "level": "dataset", "n_rows": len(keys),
                 "message_en": words.en, "message_cy": words.cy}
            )  # fmt: skip
    if not rows:
        return found
    is_named = pd.MultiIndex.from_frame(found[list(FIGURE_KEY)]).isin(
        pd.MultiIndex.from_frame(pd.concat(named))
    )
    left = found[~(is_named & found["code"].eq(SHOWN_EARLIER).to_numpy())]
    made = conform(pd.DataFrame(rows), "validation_findings", fill=True)
    return pd.concat([left, made], ignore_index=True)
