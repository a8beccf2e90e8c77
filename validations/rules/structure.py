"""Rules about the file: faults that its reader found and could not read around.

Here belongs one rule for each problem code that reading can set on a row; the row is refused and
one finding stands for all rows of a file with the same fault.
"""

import re
from collections.abc import Sequence

import numpy as np

from validations.rules.examples import one
from validations.rules.registry import Found, Level, rule
from validations.rules.rows import Array, Mask, Rows, RuleContext

NOT_READ = (
    *("file_unopened", "file_too_large", "file_kind_unknown", "file_has_macros"),
    *("file_has_password", "archive_damaged", "archive_too_large", "archive_unsafe_name"),
    *("archive_repeats", "xml_unsafe", "sheet_too_large", "file_too_heavy"),
    *("workbook_unreadable", "table_missing"),
)
"""Why the reader of files refuses one whole."""
WHOLE_FILE = (
    "empty_file",
    "header_only",
    "missing_column",
    "unknown_column",
    "not_utf8",
    "truncated_body",
    "row_count_mismatch",
    "wrong_folder",
    "unknown_return",
    *NOT_READ,
)
HEADER = ("missing_column", "unknown_column")
BY_CELL = ("error_cell", "formula_no_result")
"""Faults that name a cell: each cell has its own finding."""
ONE_ROW = (
    *("wrong_row_check", "ragged_row", "unreadable_body", "comma_unclear", "copies_disagree"),
    *BY_CELL,
)
SEEN_AND_EXPECTED = re.compile(r"(?P<seen>.*) \[(?P<expected>[^\[\]]*)\]")
DETAILS = {
    **dict.fromkeys((*NOT_READ, *BY_CELL, "copies_disagree"), SEEN_AND_EXPECTED),
    "missing_column": re.compile(r"(?P<expected>.+?); not looked for: (?P<seen>.+)"),
    "ragged_row": re.compile(r"(?P<seen>\d+) cells instead of (?P<expected>\d+)(?:: .*)?"),
    "wrong_folder": re.compile(r"(?P<seen>\S+) in the folder (?P<expected>.+)"),
    "label_missing": re.compile(r'(?P<expected>.+?) has no "(?P<seen>.*)"'),
}
"""How reading writes the two particulars of a fault; a text of another form is quoted whole."""
UNKNOWN_MEASURE = "unknown_measure"
UNREADABLE = "unreadable_row"
"""Stands for a problem code that has no rule of its own: the row is refused all the same."""


def problem_code(problem: str) -> str:
    """The rule that speaks for a problem set while reading."""
    return problem if problem in (*WHOLE_FILE, *ONE_ROW, UNKNOWN_MEASURE) else UNREADABLE


def _problem(code: str, level: Level) -> None:
    @rule(
        code,
        severity="error",
        level=level,
        stage="file",
        fields=("problem",),
        failing=one(problem=code, problem_detail="value", source_row=0),
        passing=one(),
        one_per=("seen", "expected") if code in BY_CELL else ("seen",),
    )
    def reported(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
        hits = np.flatnonzero(rows["problem"] == code)
        seen, expected = _particulars(code, rows["problem_detail"][hits])
        about = _of_the_file(expected, in_header=code in HEADER) if level == "return" else {}
        if code == "unknown_return":
            about |= _without_reference(rows.take(hits))
        return Found(hits, seen=seen, expected=expected, about=about)


def _particulars(code: str, details: Array) -> tuple[list[str], list[str]]:
    """What was seen and what was expected, taken from the words of the reader."""
    form = DETAILS.get(code)
    matches = [form.fullmatch(text or "") if form else None for text in details]
    seen, expected = [], []
    for text, match in zip(details, matches, strict=True):
        seen.append(match["seen"] if match else "-" if code == "missing_column" else text or "-")
        expected.append(match["expected"] if match else text or "-")
    return seen, expected


def _of_the_file(columns: list[str], *, in_header: bool) -> dict[str, list[object]]:
    """A fault of the file is about no single answer; one of the header is about row 1."""
    nothing: list[object] = [None] * len(columns)
    places: dict[str, list[object]] = dict.fromkeys(("measure", "period", "area_code"), nothing)
    named: list[object] = list(columns)
    row = 1 if in_header else 0
    places["source_row"] = [row] * len(columns)
    places["source_column"] = named if in_header else nothing
    return places


def _without_reference(rows: Rows) -> dict[str, list[object]]:
    """Of rows without a reference the wording, and which row it is: a total among the answers."""
    is_blank = [not (text or "").strip() for text in rows["problem_detail"]]
    places = zip(is_blank, rows["source_row"], strict=True)
    return {
        "wording": ["blank" if blank else "what" for blank in is_blank],
        "source_row": [row if blank else 0 for blank, row in places],
    }


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
    "label_missing",
    severity="error",
    level="return",
    stage="file",
    fields=("problem",),
    failing=one(problem=UNKNOWN_MEASURE, problem_detail='Sex has no "Female"', source_row=0),
    passing=one(problem=UNKNOWN_MEASURE, problem_detail="deaths"),
    one_per=("seen",),
)
def label_missing(rows: Rows, context: RuleContext) -> Found | None:  # noqa: ARG001  a rule's shape
    """A label that sources.yaml names and the source does not have: renamed, or withdrawn."""
    hits = np.flatnonzero(_is_label(rows))
    seen, expected = _particulars("label_missing", rows["problem_detail"][hits])
    return Found(hits, seen=seen, expected=expected)


def _is_label(rows: Rows) -> Mask:
    pairs = zip(rows["problem"], rows["source_row"], strict=True)
    return np.array([problem == UNKNOWN_MEASURE and row == 0 for problem, row in pairs], dtype=bool)


@rule(
    UNKNOWN_MEASURE,
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
    is_unknown = [
        problem == UNKNOWN_MEASURE if problem else measure not in context.measure
        for problem, measure in zip(rows["problem"], rows["measure"], strict=True)
    ]
    hits = np.flatnonzero(np.array(is_unknown, dtype=bool) & ~_is_label(rows))
    named = [
        detail or measure
        for detail, measure in zip(rows["problem_detail"][hits], rows["measure"][hits], strict=True)
    ]
    return Found(hits, seen=named)
