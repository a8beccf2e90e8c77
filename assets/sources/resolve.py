"""A StatsWales dataset made into a registry entry, as far as its own metadata says.

Here belongs the reading of title, publisher and dimensions of a cube. What a person must still
decide (our name of the dataset, which label is which measure) stands in the entry as words to
replace.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from assets.sources.http import Fetcher, PermanentFailure

BASE = "https://api.stats.gov.wales/v2"
SITE = "https://stats.gov.wales/en-GB"
COUNCIL = re.compile(r"W0600\d{4}|5[1-9]\d")
"""A council as a cube writes it: a GSS code, or a number of the older StatsWales list."""
YEAR = re.compile(r"(19|20)\d{2}")


def resolve(dataset_id: str, fetcher: Fetcher, base: str = BASE) -> str:
    """The entry of the cube as YAML for sources.yaml; PermanentFailure if it has no areas."""
    cube = fetcher.get(f"{base}/{dataset_id}").json()
    filters = fetcher.get(f"{base}/{dataset_id}/filters").json()
    if not isinstance(cube, dict) or not isinstance(filters, list):
        raise PermanentFailure(f"{dataset_id}: StatsWales did not describe it; check the id.")
    try:
        dimensions = {item["columnName"]: list(_values(item["values"])) for item in filters}
    except (KeyError, TypeError, AttributeError):
        raise PermanentFailure(
            f"{dataset_id}: StatsWales no longer describes its dimensions as it did; compare its"
            " answer with its documentation."
        ) from None
    area = _first(dimensions, lambda ref: bool(COUNCIL.fullmatch(ref)))
    period = _first(dimensions, lambda ref: bool(YEAR.match(ref)))
    if area is None or period is None:
        raise PermanentFailure(
            f"{dataset_id} has no dimension with {'councils' if area is None else 'years'}"
            f" among {', '.join(dimensions)}: it cannot be compared between councils."
        )
    entry = _entry(dataset_id, cube, dimensions, area, period)
    text: str = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=100)
    return text


def _values(values: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """(reference, description) of every value, the children of a hierarchy included."""
    for item in values:
        yield str(item["reference"]), str(item["description"])
        yield from _values(item.get("children") or [])


def _first(dimensions: dict[str, list[tuple[str, str]]], fits: Any) -> str | None:
    """The dimension of whose references at least half fit."""
    for name, values in dimensions.items():
        if values and 2 * sum(fits(reference) for reference, _ in values) >= len(values):
            return name
    return None


def _entry(
    dataset_id: str,
    cube: dict[str, Any],
    dimensions: dict[str, list[tuple[str, str]]],
    area: str,
    period: str,
) -> dict[str, Any]:
    revision = cube.get("published_revision") or {}
    titles = {item["language"][:2]: item["title"] for item in revision.get("metadata", [])}
    others = [name for name in dimensions if name not in (area, period)]
    measure = next((name for name in others if name == "Data description"), None)
    columns = {"area": area, "period": period} | ({"measure": measure} if measure else {})
    labels = {ref: _measure_id(text) for ref, text in dimensions.get(measure or "", [])}
    only = {name: [ref for ref, _ in dimensions[name][:1]] for name in others if name != measure}
    options: dict[str, Any] = {"dataset_id": dataset_id, "columns": columns}
    options |= {"measures": labels} if labels else {"measure": "name_of_the_measure"}
    publisher = (cube.get("publisher") or {}).get("organisation") or {}
    return {
        "dataset": "name_of_the_dataset",
        "title": {"en": titles.get("en", "Title"), "cy": titles.get("cy", "Teitl")},
        "publisher": publisher.get("name", "Welsh Government"),
        "homepage": f"{SITE}/{dataset_id}",
        "designation": revision.get("designation") or "none",
        "connector": "statswales_v3",
        "group": "name_of_the_theme",
        "owner": "team:data",
        "profiles": ["live"],
        "options": options | ({"only": only} if only else {}),
    }


def _measure_id(label: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", label.lower().replace("£", "gbp")).strip("_")
    return words if words[:1].isalpha() else f"measure_{words}"
