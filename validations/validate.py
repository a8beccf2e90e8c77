"""The boundary of validation: answers in; accepted, rejected and findings out.

Here belongs the order in which rules are asked, and the promise that no row is lost. What is wrong
is said in validations.rules; validate_answers and judge_figures only ask.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sql.frames import dtypes, empty
from validations.findings import Names, collapse, findings_frame, names_of, records_of
from validations.rules import rules_of
from validations.rules.duplicates import settle
from validations.rules.registry import Found, Rule, Stage, Values
from validations.rules.rows import Array, Record, Rows, RuleContext, as_array, is_null
from validations.rules.typed import read_rows, with_receipt

__all__ = ["RowsLost", "RuleContext", "Validated", "judge_figures", "validate_answers"]

SET_ASIDE = ("duplicate_row", "superseded")
"""Codes of rows that are counted as duplicates: another row stands for them."""
_DECLARED = (
    *("title_en", "title_cy", "kind", "multiplier", "value_basis", "interval", "noise"),
    *("lower_bound", "upper_bound"),
)


class RowsLost(RuntimeError):  # noqa: N818  the name says what happened
    """Rows in are not rows accepted + rejected + duplicate: a fault of ours, never of the data."""


@dataclass(frozen=True)
class Validated:
    """What became of every answer.

    accepted: validated_returns; rejected: rejected_returns, with outcome rejected or duplicate and
    the code of the rule; findings: validation_findings.
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    findings: pd.DataFrame


@dataclass
class _Court:
    """The state of one judgement: who refused each row, which rows are queried, what was found."""

    context: RuleContext
    code: Array
    is_queried: NDArray[np.bool_]
    records: list[Record]

    def ask(self, stage: Stage, rows: Rows) -> None:
        """Ask every rule of a stage about the rows; the first to refuse a row gives its code."""
        for rule in rules_of(stage):
            found = _in_force(rule, rule.check(rows, self.context), rows)
            if found is None or (found.rows is not None and not len(found.rows)):
                continue
            if found.rows is not None:
                self._mark(rule, rows.positions[found.rows])
            records = records_of(rule, found, rows, self.context.dataset)
            self.records += collapse(records, rule.one_per)

    def standing(self, rows: Rows) -> Rows:
        """The rows that nobody has refused so far."""
        return rows.take(is_null(self.code[rows.positions]))

    def _mark(self, rule: Rule, positions: NDArray[np.intp]) -> None:
        if rule.severity == "query":
            self.is_queried[positions] = True
        elif rule.rejects or rule.code in SET_ASIDE:
            fresh = positions[is_null(self.code[positions])]
            self.code[fresh] = rule.code


def validate_answers(raw: pd.DataFrame, context: RuleContext) -> Validated:
    """Judge every answer of a dataset.

    raw: raw_returns, one row per answer, all text. Each row ends accepted, rejected or duplicate;
    RowsLost if one did not. Errors refuse a row, queries mark it, notes inform.
    """
    court = _Court(
        context, np.full(len(raw), None, dtype=object), np.zeros(len(raw), dtype=bool), []
    )
    everything = with_receipt(Rows(raw.reset_index(drop=True)))
    court.ask("file", everything)
    rows = read_rows(court.standing(everything), context)
    court.ask("cell", rows)
    placed = rows.take(_is_placed(rows, context))
    _ask_about_series(court, rows)
    court.ask("change", court.standing(rows))
    if len(placed) or not court.records:
        court.ask("grid", placed)
    return _outcome(raw, rows, court)


def judge_figures(
    figures: pd.DataFrame, indicators: pd.DataFrame, areas: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Findings about figures: an error means that it must not be published, a query marks it.

    figures: indicator_values; indicators: indicator_catalogue; areas: the table areas, for the
    names in messages. One finding per figure and rule, with the figure's whole key.
    """
    context = RuleContext(
        dataset="indicator_values",
        measures=pd.DataFrame({"measure": [], "dataset": []}),
        areas=empty("areas") if areas is None else areas,
        now=date.max,
        indicators=indicators,
    )
    court = _Court(context, *_blank(len(figures)), [])
    rows = _with_declarations(figures, indicators)
    court.ask("figure", rows)
    return findings_frame(court.records, _figure_names(context, indicators))


def _ask_about_series(court: _Court, rows: Rows) -> None:
    """Ask about the rows that stand, then about those with the same key for which they stand.

    Where a row that replaces another is refused, both are asked once more without it: an answer
    that is refused for its unit never displaces the good one received before it.
    """
    while True:
        standing = court.standing(rows)
        settled = settle(standing)
        court.ask("series", standing.take(settled.stands))
        is_refused = ~is_null(court.code[standing.positions])
        if not is_refused[settled.replacing].any():
            court.ask("duplicate", standing)
            return


def _blank(count: int) -> tuple[Array, NDArray[np.bool_]]:
    return np.full(count, None, dtype=object), np.zeros(count, dtype=bool)


def _in_force(rule: Rule, found: Found | None, rows: Rows) -> Found | None:
    """What a rule found among the rows that begin within its life."""
    alive = rule.in_force(rows)
    if found is None or found.rows is None or alive is None:
        return found
    kept = np.flatnonzero(alive[found.rows]).tolist()

    def some(values: Values) -> Values:
        if values is None or isinstance(values, str):
            return values
        return [values[place] for place in kept]

    about = {name: [values[place] for place in kept] for name, values in found.about.items()}
    return Found(found.rows[kept], some(found.seen), some(found.expected), about)


def _is_placed(rows: Rows, context: RuleContext) -> NDArray[np.bool_]:
    known = [
        bool(period) and area in context.area
        for period, area in zip(rows["period"], rows["area_code"], strict=True)
    ]
    return np.array(known, dtype=bool)


def _outcome(raw: pd.DataFrame, rows: Rows, court: _Court) -> Validated:
    accepted = court.standing(rows)
    refused = np.flatnonzero(~is_null(court.code))
    if sorted([*accepted.positions, *refused]) != list(range(len(raw))):
        raise RowsLost(
            f"{court.context.dataset}: {len(raw)} rows came in, {len(accepted)} were accepted and "
            f"{len(refused)} refused; stop the run and look at the rules' stages"
        )
    for record in court.records:
        record["indicator"] = court.context.indicator_of.get(str(record.get("measure")))
    findings = findings_frame(court.records, names_of(court.context))
    return Validated(_accepted(accepted, court), _rejected(raw, refused, court.code), findings)


def _accepted(rows: Rows, court: _Court) -> pd.DataFrame:
    columns = {
        "is_queried": court.is_queried[rows.positions],
        "is_kept": np.zeros(len(rows), dtype=np.bool_),
        "explanation": rows["explanation_text"],
    }
    kinds = dtypes("validated_returns")
    return pd.DataFrame(
        {
            name: _column(columns[name] if name in columns else rows[name], kind)
            for name, kind in kinds.items()
        }
    )


def _rejected(raw: pd.DataFrame, refused: NDArray[np.intp], code: Array) -> pd.DataFrame:
    kept = raw.iloc[refused].reset_index(drop=True)
    codes = code[refused]
    outcome = np.where(np.isin(codes.astype(str), SET_ASIDE), "duplicate", "rejected").astype(
        object
    )
    return kept.assign(
        outcome=_column(outcome, "str"),
        code=_column(codes, "str"),
    )


def _column(values: Array, kind: str) -> Any:
    make: Any = pd.array
    return make(values, dtype=kind)


def _with_declarations(figures: pd.DataFrame, indicators: pd.DataFrame) -> Rows:
    place = {name: row for row, name in enumerate(as_array(indicators["indicator"]))}
    rows = Rows(figures.reset_index(drop=True))
    index = np.array([place.get(name, -1) for name in rows["indicator"]], dtype=np.intp)
    known = rows.take(index >= 0)
    chosen = index[index >= 0]
    return known.with_columns({name: as_array(indicators[name])[chosen] for name in _DECLARED})


def _figure_names(context: RuleContext, indicators: pd.DataFrame) -> Names:
    titles = {
        lang: dict(
            zip(
                as_array(indicators["indicator"]),
                as_array(indicators[f"title_{lang}"]),
                strict=True,
            )
        )
        for lang in ("en", "cy")
    }
    plain = names_of(context)
    return Names(plain.area, lambda code, lang: str(titles[lang].get(code) or code))
