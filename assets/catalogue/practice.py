"""The practice register: what councils did about a measure, as they tell it (practice.yaml).

Here belongs what an entry may say and how the register becomes a frame; who is worth asking is
found by assets.methods.finder. The register says what was done and never that it caused a figure.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import yaml
from pydantic import Field, ValidationError

from assets.catalogue.load import Catalogue, CatalogueError, UniqueKeys
from assets.catalogue.models import Bilingual, Entry, Identifier, Text

FILE = Path(__file__).with_name("practice.yaml")
COLUMNS = (
    "area_code", "indicator", "practice_en", "practice_cy", "link", "contact_role", "reviewed",
)  # fmt: skip


class Practice(Entry):
    """What one council did about one measure."""

    council: Annotated[str, Field(pattern=r"^[A-Z]\d{8}$")]
    indicator: Identifier
    what: Bilingual
    link: Annotated[str, Field(pattern=r"^https://\S+$")]
    contact_role: Text
    """Whom to ask, by role: names change, and are personal data."""
    reviewed: date


def load_practice(catalogue: Catalogue, path: Path = FILE) -> tuple[Practice, ...]:
    """The register, empty or not; CatalogueError lists every fault of it at once."""
    try:
        content = yaml.load(path.read_text("utf-8"), UniqueKeys)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        raise CatalogueError([f"{path.name}: not readable as YAML: {error}"]) from error
    if not isinstance(content, list):
        raise CatalogueError([f"{path.name}: expected a list of entries, or [] for none"])
    faults: list[str] = []
    found = [_entry(raw, f"{path.name}, entry {n}", faults) for n, raw in enumerate(content, 1)]
    entries = tuple(item for item in found if item is not None)
    faults += _disagreements(entries, catalogue, path.name)
    if faults:
        raise CatalogueError(faults)
    return entries


def _entry(raw: Any, place: str, faults: list[str]) -> Practice | None:
    try:
        return Practice.model_validate(raw)
    except ValidationError as error:
        for fault in error.errors():
            field = ".".join(str(part) for part in fault["loc"])
            faults.append(f"{place}: {field + ': ' if field else ''}{fault['msg']}")
        return None


def _disagreements(entries: tuple[Practice, ...], catalogue: Catalogue, file: str) -> list[str]:
    faults, seen = [], set()
    for item in entries:
        place = f"{file}, {item.council} {item.indicator}"
        if item.council not in catalogue.councils():
            faults.append(f"{place}: {item.council!r} is no council in force; correct the code")
        if item.indicator not in catalogue.indicators:
            faults.append(f"{place}: indicator {item.indicator!r} is not declared")
        if (item.council, item.indicator) in seen:
            faults.append(f"{place}: it is there twice; keep one entry per council and indicator")
        seen.add((item.council, item.indicator))
    return faults


def practice_frame(entries: tuple[Practice, ...]) -> pd.DataFrame:
    """One row per entry, as find_practice reads it: COLUMNS, the date as ISO text."""
    rows = [
        (
            item.council,
            item.indicator,
            item.what.en,
            item.what.cy,
            item.link,
            item.contact_role,
            item.reviewed.isoformat(),
        )
        for item in entries
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")
