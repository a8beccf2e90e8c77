"""The gate on assembled frames: the contract, the floors and the checks of a suite, all asked.

Here belongs the only use of great_expectations, imported when a gate is first asked. Whatever
cannot be checked is an error: no rows, no suite, no checks, too few results or rows looked at, a
validator that failed. What is wrong with a single answer is said by validations.rules, long before.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from validations.assembled import Assembled
from validations.contracts import contract_records, failures, floor_records, record, shaped
from validations.findings import NAMES_OF_GATES, Names, findings_frame
from validations.messages import Lang
from validations.rules.rows import Record
from validations.suite_files import FOLDER, Check, Suite, SuiteError, read_suite

_log = logging.getLogger(__name__)

_CHECKED_COLUMNS = ("column", "column_A", "column_B")
Result = Mapping[str, Any]


def gate(frame: object, suite: str, folder: Path = FOLDER) -> pd.DataFrame:
    """What stands against an assembled frame: findings, none if it may pass.

    frame: a DataFrame, or the path of a Parquet file too large to hold, which is read in slices;
    suite: name of a file in the folder. Findings have dataset `gate:<suite>` and severity error
    for critical checks; code is the check's id, or gate_... where the gate itself could not be
    asked, which is always an error.
    """
    try:
        spec = read_suite(suite, folder)
        records = _judge(shaped(frame, spec.table, may_be_empty=spec.may_be_empty), spec)
    except SuiteError as fault:
        expected = suite if fault.expected is None else fault.expected
        records = [record(fault.code, seen=str(fault.seen), expected=expected)]
    except Exception as error:  # noqa: BLE001  whatever the validator raises, nothing may pass
        _log.exception("the gate %s could not be asked", suite)
        records = [record("gate_raised", seen=f"{type(error).__name__}: {error}"[:120])]
    return _named(records, suite)


def gates(frames: Mapping[str, object]) -> pd.DataFrame:
    """The gates of several frames, by the name of their suite, as one findings frame."""
    return pd.concat([gate(frame, suite) for suite, frame in frames.items()], ignore_index=True)


def contract_gate(frame: object, table: str) -> pd.DataFrame:
    """What stands against a frame by the contract of its table alone; it may have no rows."""
    try:
        records = contract_records(shaped(frame, table, may_be_empty=True), table)
    except SuiteError as fault:
        records = [record(fault.code, seen=str(fault.seen), expected=fault.expected or table)]
    return _named(records, table)


def _named(records: Sequence[Record], suite: str) -> pd.DataFrame:
    named = [{**item, "dataset": NAMES_OF_GATES + suite} for item in records]
    return findings_frame(named, Names(_code, _code))


def _judge(source: Assembled, spec: Suite) -> list[Record]:
    if not len(source):
        return []
    found = [*contract_records(source, spec.table), *floor_records(source, spec)]
    by_row = [check for check in spec.checks if check.is_by_row]
    whole = [check for check in spec.checks if not check.is_by_row]
    in_slices = _results_in_slices(source, by_row)
    for check in by_row:
        found += _verdict(check, in_slices[check.id], source)
    for check in whole:
        columns = check.columns or list(source.shape.columns)
        seen = source.read(list(dict.fromkeys(columns)))
        results = _complete(_results(seen, [check]), [check])
        found += _verdict(check, [results[check.id]], source)
    return found


def _results_in_slices(source: Assembled, checks: Sequence[Check]) -> dict[str, list[Result]]:
    """For every check its results, one of each slice."""
    found: dict[str, list[Result]] = {check.id: [] for check in checks}
    columns = list(dict.fromkeys(name for check in checks for name in check.columns))
    for part in source.slices(columns) if checks else ():
        for name, result in _complete(_results(part, checks), checks).items():
            found[name].append(result)
    return found


def _complete(results: Sequence[Result], checks: Sequence[Check]) -> dict[str, Result]:
    """Results by the id of their check; SuiteError unless every check has exactly one."""
    by_id = {str(result["id"]): result for result in results}
    if by_id.keys() != {check.id for check in checks} or len(by_id) != len(results):
        raise SuiteError("gate_results_missing", len(by_id), len(checks))
    return by_id


def _results(frame: pd.DataFrame, checks: Sequence[Check]) -> list[Result]:
    """One result per check, as Great Expectations gives it, with the labels of failing rows."""
    import great_expectations as gx

    expectations = [
        {"type": item.type, "kwargs": item.kwargs, "meta": {"id": item.id}} for item in checks
    ]
    suite = gx.ExpectationSuite(name="gate", expectations=expectations)
    batch = _batch_definition().get_batch({"dataframe": frame})
    outcome = batch.validate(suite, result_format={"result_format": "COMPLETE"})
    return [
        {
            "id": result.expectation_config.meta["id"],
            "success": result.success,
            "result": result.result,
            "raised": _raised(result.exception_info),
        }
        for result in outcome.results
    ]


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


def _verdict(check: Check, results: Sequence[Result], source: Assembled) -> list[Record]:
    """What the results of a check over all slices say; raised and failed are told apart."""
    raised = next((result["raised"] for result in results if result["raised"]), None)
    if raised:
        return [record("gate_check_raised", seen=raised.replace("\n", " "), expected=check.id)]
    held = [result["result"] or {} for result in results]
    if not held or any(_is_without_result(item) for item in held):
        return [record("gate_check_without_result", seen=str(len(held)), expected=check.id)]
    if check.needs_values and not _n_checked(held):
        return [record("gate_checked_nothing", seen="0", expected=check.id)]
    looked_at = sum(item["element_count"] for item in held if "element_count" in item)
    is_partial = check.is_by_row and "row_condition" not in check.kwargs
    if is_partial and looked_at != len(source):
        return [record("gate_rows_missing", seen=str(looked_at), expected=len(source))]
    if all(result["success"] is True for result in results):
        return []
    return _failed(check, held, source)


def _is_without_result(held: Mapping[str, Any]) -> bool:
    return "element_count" not in held and "observed_value" not in held


def _n_checked(held: Sequence[Mapping[str, Any]]) -> int:
    """Values that a check looked at: those not missing, or one for a figure of the whole column."""
    return sum(
        item["element_count"] - (item.get("missing_count") or 0)
        if "element_count" in item
        else not _is_nothing(item["observed_value"])
        for item in held
    )


def _is_nothing(observed: object) -> bool:
    return observed is None or (isinstance(observed, float) and math.isnan(observed))


def _failed(check: Check, held: Sequence[Mapping[str, Any]], source: Assembled) -> list[Record]:
    places = [place for item in held for place in item.get("unexpected_index_list") or []]
    if not places:
        seen = ", ".join(str(item.get("observed_value", "?")) for item in held)
        return [record(check.id, seen=seen, expected=check.id, severity=check.severity)]
    columns = [check.kwargs[name] for name in _CHECKED_COLUMNS if name in check.kwargs]
    return failures(check.id, source, np.array(places, dtype=np.intp), columns, check.severity)


def _code(code: str, lang: Lang) -> str:  # noqa: ARG001  a gate knows codes only
    return code
