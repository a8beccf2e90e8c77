"""Findings as data: from what rules found to rows of validation_findings, with their messages.

Here belong the place of a finding in words, the collapse of one cause into one finding, and the
frame. What is wrong is said by the rules; the words are in messages.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

import pandas as pd

from sql.frames import conform, empty
from sql.periods import describe_period
from validations.messages import LANGS, Lang, has_message, remedy, remedy_at_end, what, word
from validations.rules.registry import Found, Rule, Values
from validations.rules.rows import Record, Rows, RuleContext

CUT = 40
NAMES_OF_GATES = "gate:"
"""How the dataset of a gate's findings begins."""
GATE_CHECK = "gate_check_failed"
"""The message of every check of a suite that failed; its code is the check's id."""
_FROM_ROW = (
    *("measure", "indicator", "period", "area_code", "breakdown_type", "breakdown"),
    *("return_ref", "source_file", "source_row", "source_sha256", "source_published"),
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_SHEET_OF = re.compile(r".*\.(xlsx|xlsm|xls|ods|csv|txt|tsv)", re.IGNORECASE | re.DOTALL)
"""What stands before the ! and the name of a sheet in source_file."""
_COLUMN_NAMES = {"value": "value", "area_code": "area", "note_code": "note"}
"""What a finding calls a column where the file's own name is not known."""
FIGURES = "indicator_values"
"""The dataset of findings about figures made from answers of any dataset."""
_AREA_CODE = re.compile(r"[A-Z]\d{8}")
_NO_COLUMN = {"problem", "measure", "indicator"}


@dataclass(frozen=True)
class Names:
    """How codes are called: the labels that places are written with, by language."""

    area: Callable[[str, Lang], str]
    subject: Callable[[str, Lang], str]


def names_of(context: RuleContext) -> Names:
    """Names from a context: areas, and measures by their label."""

    def area(code: str, lang: Lang) -> str:
        return str(context.area.get(code, {}).get(f"name_{lang}") or code)

    def subject(measure: str, lang: Lang) -> str:
        return str(context.measure.get(measure, {}).get(f"label_{lang}") or measure)

    return Names(area, subject)


def records_of(rule: Rule, found: Found, rows: Rows, dataset: str) -> list[Record]:
    """One record per hit, not yet collapsed and without messages."""
    hits = None if found.rows is None else found.rows.tolist()
    count = len(hits) if hits is not None else max(map(len, found.about.values()), default=0)
    columns = {name: rows[name] for name in _FROM_ROW if rows.has(name)}
    seen, expected = _aligned(found.seen, count), _aligned(found.expected, count)
    column = None if rule.fields[0] in _NO_COLUMN else rule.fields[0]
    records = []
    for number in range(count):
        record: Record = {
            "dataset": dataset,
            "code": rule.code,
            "severity": rule.severity,
            "level": rule.level,
            "source_column": _COLUMN_NAMES.get(column or "", column),
            "seen": cut(seen[number]),
            "expected": expected[number],
            "n_rows": 1,
        }
        if hits is not None:
            record |= {name: values[hits[number]] for name, values in columns.items()}
        record |= {name: values[number] for name, values in found.about.items()}
        records.append(record)
    return records


def collapse(records: Iterable[Record], one_per: Sequence[str] | None) -> list[Record]:
    """One record per cause: those of one file with the same code that agree in `one_per`.

    n_rows adds up; a column in which they differ is null, except that the first row, what was
    seen and what was expected stay. None keeps every record apart.
    """
    if one_per is None:
        return list(records)
    causes: dict[tuple[object, ...], Record] = {}
    for record in records:
        key = (record["code"], record.get("source_file"), *(record.get(name) for name in one_per))
        first = causes.setdefault(key, record)
        if first is not record:
            causes[key] = _merged(first, record)
    return list(causes.values())


def _merged(first: Record, other: Record) -> Record:
    kept = {"source_row", "seen", "expected", "change", "limit"}
    merged = {
        name: value if name in kept or other.get(name) == value else None
        for name, value in first.items()
    }
    return merged | {"n_rows": first["n_rows"] + other["n_rows"]}


def findings_frame(records: Sequence[Record], names: Names) -> pd.DataFrame:
    """Records in the shape of validation_findings, each with its message in both languages."""
    if not records:
        return no_findings()
    made = [record | _messages(record, names) for record in records]
    columns = no_findings().columns
    frame = pd.DataFrame({name: [record.get(name) for record in made] for name in columns})
    return conform(frame, "validation_findings")


def no_findings() -> pd.DataFrame:
    """A findings frame without rows."""
    return _empty().copy()


@lru_cache(maxsize=1)
def _empty() -> pd.DataFrame:
    return empty("validation_findings")


def cut(text: object) -> str | None:
    """The text as a message quotes it: without control characters, at most 40 characters."""
    if text is None:
        return None
    plain = _CONTROL.sub(" ", str(text)).strip()
    return plain if len(plain) <= CUT else plain[: CUT - 1] + "…"


def message(record: Mapping[str, object], names: Names, lang: Lang) -> str:
    """Place, what was seen, what to do: one sentence and its remedy."""
    code = str(record["code"])
    code = code if has_message(code) else GATE_CHECK
    shown = {name: "" if value is None else value for name, value in record.items()}
    shown |= {name: _called(shown.get(name), names, lang) for name in ("seen", "expected")}
    seen = what(code, lang, shown, str(record.get("wording") or "what"))
    todo = remedy(code, lang, shown, is_published=bool(record.get("is_published")))
    return f"{_place(record, names, lang)}: {seen} {todo}"


def _called(value: object, names: Names, lang: Lang) -> object:
    """The value; an area's code with the name that people know it by."""
    text = str(value or "")
    name = names.area(text, lang) if _AREA_CODE.fullmatch(text) else text
    return value if name == text else f"{name} ({text})"


def split_message(text: str, code: str, seen: str, expected: str, lang: Lang) -> dict[str, str]:
    """A message taken apart again: place, what, remedy."""
    known = code if has_message(code) else GATE_CHECK
    values = {"seen": seen, "expected": expected}
    choices = [remedy(known, lang, values, is_published=published) for published in (True, False)]
    todo = next((choice for choice in choices if text.endswith(choice)), None)
    todo = todo or remedy_at_end(text, known, lang) or choices[-1]
    place, _, rest = text.partition(": ")
    return {"place": place, "what": rest.removesuffix(todo).strip(), "remedy": todo}


def _messages(record: Record, names: Names) -> dict[str, str]:
    return {f"message_{lang}": message(record, names, lang) for lang in LANGS}


def _aligned(values: Values, count: int) -> list[object]:
    return [values] * count if values is None or isinstance(values, str) else list(values)


def _place(record: Mapping[str, object], names: Names, lang: Lang) -> str:
    """Where: file, row, column, question, area, period, as far as the finding is about them."""
    parts = [_file(record, lang), _row(record, lang)]
    column, subject = record.get("source_column"), record.get("measure") or record.get("indicator")
    if column and record.get("source_file"):
        parts.append(word("column", lang).format(column=column))
    if subject:
        parts.append(names.subject(str(subject), lang))
    if record.get("breakdown") and record["breakdown"] != "total":
        parts.append(str(record["breakdown"]))
    if record.get("area_code"):
        parts.append(names.area(str(record["area_code"]), lang))
    if record.get("period"):
        parts.append(_period_label(str(record["period"])))
    return ", ".join(part for part in parts if part).replace(": ", " ")


def _file(record: Mapping[str, object], lang: Lang) -> str:
    file, dataset = str(record.get("source_file") or ""), str(record.get("dataset") or "")
    if file and "://" not in file:
        book, is_sheet, sheet = file.rpartition("!")
        named = _SHEET_OF.fullmatch(book) if is_sheet else None
        name = cut(PurePosixPath(book if named else file).name) or file
        return f"{name}, {word('sheet', lang).format(sheet=cut(sheet))}" if named else name
    if dataset.startswith(NAMES_OF_GATES):
        return word("gate", lang).format(dataset=dataset.removeprefix(NAMES_OF_GATES))
    if dataset == FIGURES:
        return word("figure", lang)
    return word("dataset", lang).format(dataset=dataset)


def _row(record: Mapping[str, object], lang: Lang) -> str:
    row, count = record.get("source_row"), int(str(record.get("n_rows") or 1))
    if not row or row != row:  # noqa: PLR0124  NaN
        return ""
    if count > 1 and record.get("level") != "return":
        return word("rows", lang).format(row=row, more=count - 1)
    return word("row", lang).format(row=row)


@lru_cache(maxsize=4096)
def _period_label(key: str) -> str:
    try:
        return describe_period(key).label
    except ValueError:
        return key


def gate_errors(findings: pd.DataFrame) -> pd.DataFrame:
    """The findings that close a gate: errors of a suite over an assembled frame."""
    is_gate = findings["dataset"].str.startswith(NAMES_OF_GATES, na=False)
    return findings[is_gate & (findings["severity"] == "error")]


def by_gate(findings: pd.DataFrame, suites: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Suite -> what its gate found."""
    return {name: findings[findings["dataset"] == NAMES_OF_GATES + name] for name in suites}


def is_gate_passed(findings: pd.DataFrame) -> bool:
    """Whether what stands behind the gate may be computed."""
    return gate_errors(findings).empty
