"""Rules about the file: faults that its reader found and could not read around.

Here belongs one rule for each problem code that reading can set on a row; the row is refused and
one finding stands for all rows of a file with the same fault.
"""

from collections.abc import Sequence

import numpy as np

from validations.rules.examples import one
from validations.rules.registry import Found, Level, rule
from validations.rules.rows import Array, Rows, RuleContext

WHOLE_FILE = (
    "empty_file",
    "header_only",
    "missing_column",
    "unknown_column",
    "not_utf8",
    "unreadable_body",
    "truncated_body",
    "row_count_mismatch",
    "wrong_folder",
    "unknown_return",
)
HEADER = ("missing_column", "unknown_column")
ONE_ROW = ("wrong_row_check", "ragged_row")
UNREADABLE = "unreadable_row"
"""Stands for a problem code that has no rule of its own: the row is refused all the same."""


def problem_code(problem: str) -> str:
    """The rule that speaks for a problem set while reading."""
    return problem if problem in (*WHOLE_FILE, *ONE_ROW, "unknown_measure") else UNREADABLE


def _problem(code: str, level: Level) -> None:
    @rule(
        code,
        severity="error",
        level=level,
        stage="file",
        fields=("problem",),
        failing=one(problem=code, problem_detail="value", source_row=0),
        passing=one(),
        one_per=("seen",),
    )
    def reported(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
        hits = np.flatnonzero(rows["problem"] == code)
        details = rows["problem_detail"][hits]
        about = _of_the_file(details, in_header=code in HEADER) if level == "return" else {}
        return Found(hits, seen=details, expected=details, about=about)


def _of_the_file(details: Array, *, in_header: bool) -> dict[str, list[object]]:
    """A fault of the file is about no single answer; one of the header is about row 1."""
    nothing: list[object] = [None] * len(details)
    places: dict[str, list[object]] = dict.fromkeys(("measure", "period", "area_code"), nothing)
    row = 1 if in_header else 0
    columns = list(details) if in_header else nothing
    return places | {"source_row": [row] * len(details), "source_column": columns}


def _problems(codes: Sequence[str], level: Level) -> None:
    for code in codes:
        _problem(code, level)


_problems(WHOLE_FILE, "return")
_problems(ONE_ROW, "row")


@rule(
    UNREADABLE,
    severity="error",
    level="row",
    stage="file",
    fields=("problem",),
    failing=one(problem="struck_by_lightning"),
    passing=one(),
    one_per=("seen",),
)
def unreadable_row(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A problem code that no other rule knows: refused, never passed over."""
    problems = rows["problem"]
    is_other = [bool(item) and problem_code(item) == UNREADABLE for item in problems]
    hits = np.flatnonzero(is_other)
    detail = rows["problem_detail"][hits]
    return Found(hits, seen=[a or b for a, b in zip(detail, problems[hits], strict=True)])


@rule(
    "unknown_measure",
    severity="error",
    level="row",
    stage="file",
    fields=("measure",),
    failing=one(measure="deaths"),
    passing=one(),
    one_per=("seen",),
)
def unknown_measure(rows: Rows, context: RuleContext) -> Found | None:
    """A question that is not one of the dataset's, whether reading said so or not."""
    problems = rows["problem"]
    is_unknown = [
        problem == "unknown_measure" or (not problem and measure not in context.measure)
        for problem, measure in zip(problems, rows["measure"], strict=True)
    ]
    hits = np.flatnonzero(is_unknown)
    named = [
        detail or measure
        for detail, measure in zip(rows["problem_detail"][hits], rows["measure"][hits], strict=True)
    ]
    return Found(hits, seen=named)
