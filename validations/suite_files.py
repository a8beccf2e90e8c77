"""What a suite file may say: its checks and floors, and the ways in which one would check nothing.

Here belongs reading and judging validations/suites/*.yaml. Asking the checks of a frame is done by
validations.suites, the floors and what follows from the contract by validations.contracts.
"""

import re
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sql.tables import column_names

FOLDER = Path(__file__).parent / "suites"
Severity = Literal["critical", "warning", "info"]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_COLUMNS = ("column", "column_A", "column_B", "column_list", "column_set")
_OF_THE_WHOLE_TABLE = "expect_table_"
LEAST_MOSTLY = 0.5
"""A check that may fail for more than half of the rows tells nothing."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(_Strict):
    """One expectation of a suite file; needs_values: to find nothing to check is a failure."""

    id: Id
    type: Annotated[str, Field(pattern=r"^expect_[a-z0-9_]+$")]
    kwargs: dict[str, Any]
    severity: Severity = "critical"
    needs_values: bool = True

    @property
    def columns(self) -> list[str]:
        """Every column the check names, its row condition among them."""
        named: list[str] = []
        for name in _COLUMNS:
            value = self.kwargs.get(name, [])
            named += [value] if isinstance(value, str) else list(value)
        return [*named, *_condition_columns(self.kwargs.get("row_condition"))]

    @property
    def is_by_row(self) -> bool:
        """Whether a frame may be asked in slices: each row is judged alone."""
        row_wise = self.type.startswith(("expect_column_values_", "expect_column_pair_values_"))
        over_rows = re.search(r"unique|increasing|decreasing", self.type) or "mostly" in self.kwargs
        return row_wise and not over_rows


class Floor(_Strict):
    """What a frame must hold at least, counted over all its rows.

    share: part of the rows in which the column is filled; distinct: different values of the column.
    Rows counted are those that agree with `where` and, if named, have the column `filled`.
    """

    id: Id
    column: str
    share: Annotated[float | None, Field(gt=0, le=1)] = None
    distinct: Annotated[int | None, Field(ge=1)] = None
    where: dict[str, str | bool] = {}
    filled: str | None = None
    severity: Severity = "critical"

    @model_validator(mode="after")
    def _one_measure(self) -> "Floor":
        if (self.share is None) == (self.distinct is None):
            raise ValueError(f"{self.id}: a floor has either share or distinct")
        return self

    @property
    def least(self) -> float:
        """The share or the number it asks for."""
        return self.share or self.distinct or 1

    @property
    def columns(self) -> list[str]:
        """Every column the floor names."""
        return [self.column, *self.where, *([self.filled] if self.filled else [])]


class Suite(_Strict):
    """A suite file: the table of the contract it is for, its checks and its floors.

    may_be_empty: a night without a row of it is a good night (answers that were refused).
    """

    table: str
    checks: tuple[Check, ...]
    floors: tuple[Floor, ...] = ()
    may_be_empty: bool = False


class SuiteError(Exception):
    """The gate cannot be asked; code is the finding's, seen what was met."""

    def __init__(self, code: str, seen: object, expected: object = None) -> None:
        super().__init__(f"{code}: {seen}")
        self.code, self.seen, self.expected = code, seen, expected


def read_suite(suite: str, folder: Path = FOLDER) -> Suite:
    """The suite of that name; SuiteError if it is missing, unreadable, empty or checks nothing."""
    path = folder / f"{suite}.yaml"
    if not path.is_file():
        raise SuiteError("gate_suite_missing", suite)
    try:
        text = path.read_text(encoding="utf-8")
        read = yaml.load(text, Loader=_OneOfEach)  # noqa: S506 (it is a safe loader)
        spec = Suite.model_validate(read)
        known = column_names(spec.table)
    except (ValidationError, yaml.YAMLError, KeyError, UnicodeDecodeError) as error:
        raise SuiteError("gate_suite_faulty", str(error).replace("\n", " ")[:120]) from error
    if not spec.checks:
        raise SuiteError("gate_suite_empty", suite)
    fault = next(_faults(spec, set(known)), None)
    if fault:
        raise SuiteError("gate_suite_faulty", fault)
    return spec


def suites(folder: Path = FOLDER) -> list[str]:
    """Names of all suite files, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


class _OneOfEach(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would quietly keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if len(set(keys)) < len(keys):
            raise yaml.YAMLError(f"a key stands twice among {', '.join(map(str, keys))}")
        return super().construct_mapping(node, deep=deep)


def _faults(spec: Suite, known: set[str]) -> Iterator[str]:
    """Sentences about what would check nothing."""
    items: tuple[Check | Floor, ...] = (*spec.checks, *spec.floors)
    ids = [item.id for item in items]
    if len(set(ids)) < len(ids):
        yield "an id stands twice"
    if not any(check.severity == "critical" for check in spec.checks):
        yield "no check is critical, so everything would pass"
    for item in items:
        if unknown := sorted(set(item.columns) - known):
            yield f"{item.id} names columns that {spec.table} does not have: {', '.join(unknown)}"
    for check in spec.checks:
        yield from (f"{check.id} {fault}" for fault in _empty_promises(check))


def _empty_promises(check: Check) -> Iterator[str]:
    kwargs = check.kwargs
    if not check.columns and not check.type.startswith(_OF_THE_WHOLE_TABLE):
        yield "names no column"
    if float(kwargs.get("mostly", 1)) < LEAST_MOSTLY:
        yield f"has mostly below {LEAST_MOSTLY}, which lets nearly everything pass"
    bounds = [kwargs.get("min_value"), kwargs.get("max_value")]
    if check.type.endswith("_between") and bounds == [None, None]:
        yield "has neither min_value nor max_value"
    if "value_set" in kwargs and not kwargs["value_set"]:
        yield "has an empty value_set"
    if "regex" in kwargs and re.match(str(kwargs["regex"]), ""):
        yield "has a pattern that every text fits"


def _condition_columns(condition: object) -> list[str]:
    """Columns of a row condition: a mapping with a column, or several joined by and, or."""
    if condition is None:
        return []
    if not isinstance(condition, Mapping):
        return ["row_condition in words"]
    column = condition.get("column")
    inner = condition.get("conditions", [])
    named = [str(column["name"])] if isinstance(column, Mapping) and "name" in column else []
    return [*named, *(name for entry in inner for name in _condition_columns(entry))]
