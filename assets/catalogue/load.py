"""Reads the catalogue: YAML in, one immutable Catalogue out, or every fault of every file at once.

Here belongs how the files are found and read. What an entry may say is in models, how entries must
agree with each other in checks, their frames in frames.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from assets.catalogue.models import (
    Area,
    DeflatorEntry,
    Entry,
    Group,
    Indicator,
    Measure,
    NeighbourSet,
    Product,
    Theme,
    Unit,
)

HERE = Path(__file__).parent
ModelT = TypeVar("ModelT", bound=Entry)


class CatalogueError(ValueError):
    """The catalogue has faults: `faults` lists them all, each with its file and entry."""

    exit_status = 2

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(f"the catalogue has {len(faults)} faults:\n" + "\n".join(faults))


@dataclass(frozen=True)
class Catalogue:
    """Everything the catalogue declares, each kind by id, in the order of the files."""

    themes: dict[str, Theme]
    units: dict[str, Unit]
    measures: dict[str, Measure]
    indicators: dict[str, Indicator]
    areas: dict[str, Area]
    groups: dict[str, Group]
    neighbour_sets: dict[str, NeighbourSet]
    deflators: dict[str, DeflatorEntry]
    products: dict[str, Product]

    def councils(self) -> list[str]:
        """Codes of the councils in force, in code order."""
        return sorted(
            code
            for code, area in self.areas.items()
            if area.type == "council" and area.valid_to is None
        )

    def published_indicators(self) -> list[str]:
        """Ids of the indicators that may be released, in catalogue order."""
        return [id_ for id_, item in self.indicators.items() if item.status == "published"]

    def product_indicators(self, product_id: str) -> list[str]:
        """Ids of the indicators a product releases, in catalogue order; KeyError if unknown."""
        product = self.products[product_id]
        return [
            id_
            for id_ in self.published_indicators()
            if id_ in product.indicators or self.indicators[id_].theme in product.themes
        ]


def load_catalogue(root: Path | None = None) -> Catalogue:
    """The catalogue of the package, or that under root; CatalogueError lists every fault."""
    return _load(Path(root) if root else HERE)


@lru_cache(maxsize=4)
def _load(root: Path) -> Catalogue:
    from assets.catalogue.checks import disagreements  # noqa: PLC0415 (checks names Catalogue)

    reader = _Reader(root)
    catalogue = Catalogue(
        themes=reader.entries(Theme, "themes.yaml"),
        units=reader.entries(Unit, "units.yaml"),
        measures=reader.entries(Measure, "measures/*.yaml"),
        indicators=reader.entries(Indicator, "indicators/*.yaml", theme_from_file=True),
        areas=reader.entries(Area, "areas.yaml", key="code"),
        groups=reader.entries(Group, "groups.yaml"),
        neighbour_sets=reader.entries(NeighbourSet, "neighbours.yaml"),
        deflators=reader.entries(DeflatorEntry, "deflators.yaml"),
        products=reader.entries(Product, "products/*.yaml"),
    )
    faults = reader.faults or disagreements(catalogue)
    if faults:
        raise CatalogueError(faults)
    return catalogue


class _Reader:
    """Reads the files below one folder and collects their faults instead of stopping at one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults: list[str] = []

    def entries(
        self, model: type[ModelT], pattern: str, *, key: str = "id", theme_from_file: bool = False
    ) -> dict[str, ModelT]:
        """Entries of every file of the pattern by their key, in file and then entry order."""
        found: dict[str, ModelT] = {}
        for path, place, raw in self._raw(pattern):
            extra = {"theme": path.stem} if theme_from_file else {}
            item = self._validated(model, {**raw, **extra}, place)
            if item is None:
                continue
            id_ = getattr(item, key)
            if id_ in found:
                self.faults.append(f"{place}: {key} {id_!r} is used twice; keep one")
            found[id_] = item
        return found

    def _raw(self, pattern: str) -> Iterator[tuple[Path, str, dict[str, Any]]]:
        paths = sorted(self.root.glob(pattern))
        if not paths:
            self.faults.append(f"{pattern}: there is no such file under {self.root.name}; add it")
        for path in paths:
            name = path.relative_to(self.root).as_posix()
            for number, raw in enumerate(self._parsed(path, name), start=1):
                place = f"{name}, entry {number}"
                if isinstance(raw, dict):
                    yield path, f"{place} ({raw.get('id') or raw.get('code')})", raw
                else:
                    self.faults.append(f"{place}: expected fields, found {str(raw)[:40]!r}")

    def _parsed(self, path: Path, name: str) -> list[Any]:
        try:
            content = yaml.load(path.read_text("utf-8"), UniqueKeys)  # noqa: S506 (a safe loader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self.faults.append(f"{name}: not readable as YAML: {' '.join(str(error).split())}")
            return []
        if isinstance(content, list):
            return content
        self.faults.append(f"{name}: expected a list of entries, each beginning with '- '")
        return []

    def _validated(self, model: type[ModelT], raw: dict[str, Any], place: str) -> ModelT | None:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for fault in error.errors():
                field = ".".join(str(part) for part in fault["loc"])
                self.faults.append(f"{place}: {field + ': ' if field else ''}{fault['msg']}")
            return None


class UniqueKeys(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # see below
    """A safe loader that refuses a repeated key, which YAML would silently overwrite.

    The base class is C where PyYAML was built with it, hence unknown to the type checker.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of a node; YAMLError with the line if a key stands twice."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        repeated = sorted({key for key in keys if keys.count(key) > 1})
        if repeated:
            mark = node.start_mark
            raise yaml.YAMLError(f"line {mark.line + 1}: {', '.join(repeated)} stands twice")
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping
