"""The boundary of validation: answers in; accepted, rejected and findings out.

Here belongs the order in which rules are asked, and the promise that no row is lost. What is wrong
is said in validations.rules; validate_answers and judge_figures only ask.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sql.frames import dtypes, empty
from validations.findings import Names, collapse, findings_frame, names_of, records_of
from validations.notices import notice_records
from validations.rules import rules_of
from validations.rules.duplicates import settle
from validations.rules.registry import Found, Rule, Stage, Values
from validations.rules.rows import Array, Record, Rows, RuleContext, as_array, is_null
from validations.rules.typed import read_rows, with_receipt
from validations.trial import explained_figures, files_refused, trial_figures

__all__ = [
    "RowsLost",
    "RuleContext",
    "Validated",
    "judge_across",
    "judge_figures",
    "validate_answers",
]

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
            self._tell(rule, found, rows)

    def ask_about_figures(self, rows: Rows, replacing: NDArray[np.intp]) -> None:
        """Refuse answers that replace others where their figure cannot be true.

        rows: answers that stand; replacing: places in them. Of a figure made of first answers the
        rules of figures will speak; here the earlier answer must not be lost to a worse one. The
        first rule to refuse a figure speaks for it.
        """
        trial = trial_figures(rows, replacing, self.context)
        if trial is None:
            return
        judged = _with_declarations(trial.figures, self.context.indicators)
        is_open = np.ones(len(judged), dtype=bool)
        for rule in rules_of("figure"):
            found = rule.check(judged, self.context) if rule.rejects else None
            if found is None or found.rows is None:
                continue
            first = _some(found, is_open[found.rows])
            for hit in judged.positions[found.rows]:
                made_of = rows.positions[trial.made_of[hit]]
                self.code[made_of[is_null(self.code[made_of])]] = rule.code
            is_open[found.rows] = False
            self._tell(rule, first, judged)

    def _tell(self, rule: Rule, found: Found, rows: Rows) -> None:
        records = records_of(rule, found, rows, self.context.dataset)
        for record in records:
            published = self.context.is_published and record.get("return_ref") is None
            record["is_published"] = published
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
        refused = everything.take(
            ~is_null(court.code) & ~np.isin(everything.positions, rows.positions)
        )
        court.context = replace(context, sent_broken=files_refused(refused, context))
        court.ask("grid", placed)
    return _outcome(raw, rows, court)


def judge_figures(
    figures: pd.DataFrame,
    indicators: pd.DataFrame,
    areas: pd.DataFrame | None = None,
    answers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Findings about figures: an error means that it must not be published, a query marks it.

    figures: indicator_values; indicators: indicator_catalogue; areas: the table areas, for the
    names in messages; answers: the validated_returns they were made of, for the explanations.
    One finding per figure and rule, with the figure's whole key.
    """
    context = RuleContext(
        dataset="indicator_values",
        measures=pd.DataFrame({"measure": [], "dataset": []}),
        areas=empty("areas") if areas is None else areas,
        now=date.max,
        indicators=indicators,
        is_published=True,
    )
    court = _Court(context, *_blank(len(figures)), [])
    rows = _with_declarations(figures, indicators)
    if answers is not None:
        rows = rows.with_columns({"is_explained": explained_figures(rows, indicators, answers)})
    court.ask("figure", rows)
    return findings_frame(court.records, _figure_names(context, indicators))


def judge_across(accepted: pd.DataFrame, context: RuleContext) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The accepted answers of all datasets, marked where they are queried, and the findings.

    accepted: validated_returns; context: any dataset's, whose measures are those of all datasets.
    """
    own = replace(context, measures=context.measures.assign(dataset=context.dataset))
    place = {name: number for number, name in enumerate(own.measure)}
    rows = Rows(accepted.reset_index(drop=True))
    index = np.array([place.get(name, -1) for name in rows["measure"]], dtype=np.intp)
    court = _Court(own, *_blank(len(accepted)), [])
    court.ask("across", rows.with_columns({"measure_index": index}))
    dataset_of = dict(zip(context.measures["measure"], context.measures["dataset"], strict=True))
    for record in court.records:
        record["indicator"] = own.indicator_of.get(str(record["measure"]))
        record["dataset"] = dataset_of[record["measure"]]
    marked = accepted["is_queried"].to_numpy(dtype=bool) | court.is_queried
    made = accepted.assign(is_queried=_column(marked, "boolean"))
    made.attrs = accepted.attrs
    return made, findings_frame(court.records, names_of(own))


def _ask_about_series(court: _Court, rows: Rows) -> None:
    """Ask about the rows that stand, then about those with the same key for which they stand.

    Where a row that replaces another is refused, both are asked once more without it: an answer
    that is refused for its unit never displaces the good one received before it.
    """
    while True:
        standing = court.standing(rows)
        settled = settle(standing)
        court.ask("series", standing.take(settled.stands))
        court.ask_about_figures(standing, np.unique(np.array(settled.replacing, dtype=np.intp)))
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
    return _some(found, alive[found.rows])


def _some(found: Found, wanted: NDArray[np.bool_]) -> Found:
    """Those of the hits that are wanted."""
    if found.rows is None:
        return found
    kept = np.flatnonzero(wanted).tolist()

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
        name = court.context.indicator_of.get(str(record.get("measure")))
        record["indicator"] = record.get("indicator") or name
    records = [*court.records, *notice_records(raw, court.context.dataset)]
    findings = findings_frame(records, names_of(court.context))
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
    declared = {name: as_array(indicators[name])[chosen] for name in _DECLARED}
    return known.with_columns({**declared, "is_explained": np.zeros(len(known), dtype=np.bool_)})


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
