"""The gate on assembled frames: Great Expectations suites, made from the contract and from YAML.

Here belongs the only use of great_expectations, imported when a gate is first asked. Whatever
cannot be checked is an error: no rows, no suite, no checks, too few results, a validator that
failed. What is wrong with a single answer is said by validations.rules, long before.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sql.frames import dtypes
from sql.tables import column_names, key_of
from validations.findings import NAMES_OF_GATES, Names, findings_frame
from validations.messages import Lang
from validations.rules.rows import Record

_log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "suites"
SEVERITY = {"critical": "error", "warning": "query", "info": "note"}
MAY_BE_EMPTY = {"owner_code"}
"""Key columns that are empty by design: a fixed group has no owner."""
_COLUMN_ARGUMENTS = ("column", "column_A", "column_B")
NAMED = 3
"""Values that a failed check quotes; the others are counted."""


class Check(BaseModel):
    """One expectation of a suite file; needs_values: to find nothing to check is a failure."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    type: Annotated[str, Field(pattern=r"^expect_[a-z0-9_]+$")]
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning", "info"] = "critical"
    needs_values: bool = True


class Suite(BaseModel):
    """A suite file: the table of the contract it is for, and its checks."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    table: str
    checks: tuple[Check, ...]


class SuiteError(Exception):
    """The gate cannot be asked; code is the finding's, seen what was met."""

    def __init__(self, code: str, seen: object, expected: object = None) -> None:
        super().__init__(f"{code}: {seen}")
        self.code, self.seen, self.expected = code, seen, expected


def gate(frame: object, suite: str, folder: Path = FOLDER) -> pd.DataFrame:
    """What stands against an assembled frame: findings, none if it may pass.

    suite: name of a file in the folder. Findings have dataset `gate:<suite>` and severity error
    for critical checks; code is the check's id, or gate_... where the gate itself could not be
    asked, which is always an error.
    """
    try:
        spec = read_suite(suite, folder)
        records = _judge(_shaped(frame, spec), spec)
    except SuiteError as fault:
        expected = suite if fault.expected is None else fault.expected
        records = [_record(fault.code, seen=str(fault.seen), expected=expected)]
    except Exception as error:  # noqa: BLE001  whatever the validator raises, nothing may pass
        _log.exception("the gate %s could not be asked", suite)
        records = [_record("gate_raised", seen=f"{type(error).__name__}: {error}"[:120])]
    named = [{**record, "dataset": NAMES_OF_GATES + suite} for record in records]
    return findings_frame(named, Names(_code, _code))


def read_suite(suite: str, folder: Path = FOLDER) -> Suite:
    """The suite of that name; SuiteError if it is missing, unreadable or empty."""
    path = folder / f"{suite}.yaml"
    if not path.is_file():
        raise SuiteError("gate_suite_missing", suite)
    try:
        spec = Suite.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        column_names(spec.table)
    except (ValidationError, yaml.YAMLError, KeyError, UnicodeDecodeError) as error:
        raise SuiteError("gate_suite_faulty", str(error).replace("\n", " ")[:120]) from error
    if not spec.checks:
        raise SuiteError("gate_suite_empty", suite)
    ids = [check.id for check in spec.checks]
    if len(set(ids)) < len(ids):
        raise SuiteError("gate_suite_faulty", "an id stands twice")
    if any(float(check.kwargs.get("mostly", 1)) <= 0 for check in spec.checks):
        raise SuiteError("gate_suite_faulty", "mostly 0 lets everything pass")
    return spec


def contract_checks(table: str) -> list[Check]:
    """Checks that follow from the contract alone: the key is unique and nowhere null."""
    key = list(key_of(table))
    if not key:
        return []
    unique = Check(
        id="key_is_unique",
        type="expect_compound_columns_to_be_unique",
        kwargs={"column_list": key, "ignore_row_if": "never"},
    )
    filled = [
        Check(
            id=f"{column}_is_filled",
            type="expect_column_values_to_not_be_null",
            kwargs={"column": column},
        )
        for column in key
        if column not in MAY_BE_EMPTY
    ]
    return [unique, *filled]


def _shaped(frame: object, spec: Suite) -> pd.DataFrame:
    """The frame, if it has the contract's columns, order and types, and a row; else SuiteError."""
    if not isinstance(frame, pd.DataFrame):
        raise SuiteError("gate_not_a_table", type(frame).__name__)
    wanted, held = column_names(spec.table), [str(column) for column in frame.columns]
    if held != wanted:
        odd = [*sorted(set(wanted) ^ set(held)), *(["order"] if set(wanted) == set(held) else [])]
        raise SuiteError("gate_columns", ", ".join(odd) or "repeated", spec.table)
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    wrong = [
        f"{name} {kinds[name]}" for name, kind in dtypes(spec.table).items() if kinds[name] != kind
    ]
    if wrong:
        raise SuiteError("gate_types", ", ".join(wrong), spec.table)
    if frame.empty:
        raise SuiteError("gate_no_rows", 0)
    return frame


def _judge(frame: pd.DataFrame, spec: Suite) -> list[Record]:
    checks = {check.id: check for check in (*contract_checks(spec.table), *spec.checks)}
    results = _results(frame, list(checks.values()), list(key_of(spec.table)))
    by_id = {str(result["expectation_config"]["meta"]["id"]): result for result in results}
    if by_id.keys() != checks.keys():
        raise SuiteError("gate_results_missing", len(by_id), len(checks))
    return [record for name, check in checks.items() for record in _verdict(check, by_id[name])]


def _results(
    frame: pd.DataFrame, checks: Sequence[Check], key: Sequence[str]
) -> list[dict[str, Any]]:
    """One result per check, as Great Expectations gives it, with the keys of failing rows."""
    import great_expectations as gx

    expectations = [
        {
            "type": item.type,
            "kwargs": item.kwargs,
            "severity": item.severity,
            "meta": {"id": item.id},
        }
        for item in checks
    ]
    suite = gx.ExpectationSuite(name="gate", expectations=expectations)
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": list(key)}
    batch = _batch_definition().get_batch({"dataframe": frame.reset_index(drop=True)})
    outcome = batch.validate(suite, result_format=wanted)
    found: list[dict[str, Any]] = [
        {
            "success": result.success,
            "result": result.result,
            "raised": _raised(result.exception_info),
            "expectation_config": {"meta": result.expectation_config.meta},
        }
        for result in outcome.results
    ]
    return found


@lru_cache(maxsize=1)
def _batch_definition() -> Any:
    """The one in-memory frame of this process that Great Expectations looks at."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger(ProgressBarsConfig.__module__).setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _raised(info: Mapping[str, Any]) -> str | None:
    """What went wrong inside a check; the mapping is flat, or one entry per failed metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [
        str(entry.get("exception_message"))
        for entry in entries
        if isinstance(entry, Mapping) and entry.get("raised_exception")
    ]
    return messages[0] if messages else None


def _verdict(check: Check, result: Mapping[str, Any]) -> list[Record]:
    severity, held = SEVERITY[check.severity], result["result"] or {}
    if result["raised"]:
        seen = result["raised"].replace("\n", " ")
        return [_record("gate_check_raised", seen=seen, expected=check.id)]
    elements, missing = held.get("element_count"), held.get("missing_count") or 0
    if check.needs_values and elements is not None and elements - missing <= 0:
        return [_record("gate_checked_nothing", seen="0", expected=check.id)]
    if result["success"] is True:
        return []
    return _failures(check, severity, held)


def _failures(check: Check, severity: str, held: Mapping[str, Any]) -> list[Record]:
    """One record per indicator or measure among the failing rows, else one."""
    rows: list[dict[str, Any]] = list(held.get("unexpected_index_list") or [])
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(str(row.get("indicator") or row.get("measure") or ""), []).append(row)
    if not groups:
        seen = str(held.get("observed_value", "?"))
        return [_record(check.id, seen=seen, expected=check.id, severity=severity)]
    return [
        _record(check.id, seen=_quoted(some, check), expected=check.id, severity=severity)
        | {"n_rows": len(some)}
        | _key(some)
        for some in groups.values()
    ]


def _quoted(rows: Sequence[Mapping[str, Any]], check: Check) -> str:
    columns = [check.kwargs[name] for name in _COLUMN_ARGUMENTS if name in check.kwargs]
    named = [" / ".join(_plain(row.get(column)) for column in columns) for row in rows[:NAMED]]
    if not columns:
        named = [str(row.get("area_code") or row) for row in rows[:NAMED]]
    more = f" (+{len(rows) - NAMED})" if len(rows) > NAMED else ""
    return ", ".join(named) + more


def _plain(value: object) -> str:
    is_blank = value is None or value is pd.NA or value != value  # noqa: PLR0124  NaN
    return "-" if is_blank else str(value)


def _key(rows: Sequence[Mapping[str, Any]]) -> Record:
    """Key columns in which the failing rows agree."""
    names = ("measure", "indicator", "period", "area_code", "breakdown_type", "breakdown")
    first = rows[0]
    shared = [
        name
        for name in names
        if isinstance(first.get(name), str) and all(row.get(name) == first[name] for row in rows)
    ]
    return {name: first[name] for name in shared}


def _record(code: str, *, seen: str, expected: object = None, severity: str = "error") -> Record:
    return {
        "code": code,
        "severity": severity,
        "level": "dataset",
        "seen": seen if len(seen) <= 120 else seen[:119] + "…",
        "expected": None if expected is None else str(expected),
        "n_rows": 0,
    }


def _code(code: str, lang: Lang) -> str:  # noqa: ARG001  a gate knows codes only
    return code
