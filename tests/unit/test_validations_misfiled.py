"""Figures of one council under another's name: said, never moved, only where history can tell."""

import numpy as np
import pytest
from scipy import stats

from validations.rules import REGISTER
from validations.rules.examples import WIDE, answers, world
from validations.rules.history import history_of_frame
from validations.rules.likelihood import Replay, costs_of, exchanges, gains, replay
from validations.rules.limits import limits_of
from validations.validate import validate_answers


def judged(code: str):
    example = REGISTER[code].failing
    return validate_answers(answers(example.rows), world(example))


def block(questions: int = 5):
    example = REGISTER["figures_of_another_council"].passing
    frame = answers(example.rows)
    made = frame.assign(
        area_code=frame["area_text"],
        period=frame["period_text"] + "-01-01/P1Y",
        value=frame["value_text"].astype(float),
        unit="number",
    )
    return history_of_frame(
        made[made["measure"].isin(made["measure"].unique()[:questions])], set(WIDE)
    )


def test_a_return_that_fits_another_council_is_one_query_and_names_it():
    result = judged("figures_of_another_council")
    found = result.findings[result.findings["code"] == "figures_of_another_council"]
    assert found["area_code"].tolist() == [WIDE[2]]
    assert found["expected"].tolist() == [WIDE[9]]
    assert found["n_rows"].tolist() == [5]
    assert "Check that they are not the figures of" in found["message_en"].iloc[0]
    assert len(result.rejected) == 0, "no figure is moved or refused"
    marked = result.accepted[result.accepted["is_queried"]]
    assert set(marked["area_code"]) >= {WIDE[2]}


def test_two_councils_that_changed_places_are_said_once_each_and_not_as_misfiled_too():
    codes = judged("councils_exchanged").findings
    assert sorted(codes.loc[codes["code"] == "councils_exchanged", "area_code"]) == sorted(
        [WIDE[2], WIDE[9]]
    )
    assert "figures_of_another_council" not in set(codes["code"])


def test_one_column_in_another_order_is_one_query():
    result = judged("column_in_another_order").findings
    found = result[result["code"] == "column_in_another_order"]
    assert len(found) == 1
    assert found["n_rows"].item() == 4


def test_an_explanation_answers_it():
    example = REGISTER["figures_of_another_council"].failing
    rows = [dict(row) for row in example.rows]
    last = max(row["period_text"] for row in rows)
    for row in rows:
        if row["area_text"] == WIDE[2] and row["period_text"] == last:
            row["explanation_text"] = "The two councils share the service since April."
    found = validate_answers(answers(rows), world(example)).findings
    assert "figures_of_another_council" not in set(found["code"])


def test_costs_are_students_t_of_each_figure_given_the_past():
    made = block()
    costs, limits = costs_of(made), limits_of(made)
    period = len(made.periods) - 1
    councils = made.figures.shape[1]
    for sent, past in ((0, 0), (0, 3), (7, 2)):
        expected = 0.0
        for number in range(len(made.keys)):
            value, last = made.figures[number, sent, period], made.figures[number, past, period - 1]
            shift, spread = limits.shift[number, past, period], limits.spread[number, past, period]
            log = stats.t.logpdf(np.log(value), 3, loc=np.log(last) + shift, scale=spread)
            expected -= log + np.log(stats.t.pdf(0, 3) ** -1)
        assert costs.sent[period][sent, past] == pytest.approx(expected, rel=1e-9)
    assert costs.sent[period].shape == (councils, councils)


def test_gains_compare_with_the_best_other_council():
    cost = np.array([[1.0, 5.0, 9.0], [2.0, 7.0, 4.0], [3.0, 3.0, 3.0]])
    assert gains(cost).tolist() == [-4.0, 5.0, 0.0]


def test_exchanges_are_the_rings_of_the_best_assignment():
    cost = np.full((5, 5), 50.0)
    np.fill_diagonal(cost, 10.0)
    cost[[1, 3], [3, 1]] = 1.0
    assert exchanges(cost) == [([1, 3], 18.0)]
    assert exchanges(np.diag([1.0, 1.0]) + 1) == [([0, 1], 2.0)]
    assert exchanges(2 - np.eye(4)) == []


def test_a_replay_finds_out_whether_figures_can_tell_councils_apart():
    costs = costs_of(block())
    sure = replay(costs, len(costs.n_used))
    assert (sure.doubted, sure.found) == (0.0, 1.0)
    assert sure.is_trusted
    few = costs_of(block(questions=3))
    assert replay(few, len(few.n_used)) == Replay(0, 0.0, 0.0)
    assert not Replay(0, 0.0, 0.0).is_trusted, "nothing tried is no proof"
    assert not Replay(1000, 0.01, 1.0).is_trusted, "true returns were doubted"
    assert not Replay(1000, 0.0, 0.5).is_trusted, "half of the exchanged ones were missed"


def test_councils_that_are_alike_are_never_told_apart():
    """Where all councils have the same figures there is nothing to tell, and nothing is said."""
    example = REGISTER["figures_of_another_council"].passing
    by_year = {row["period_text"]: row["value_text"] for row in example.rows}
    rows = [{**row, "value_text": by_year[row["period_text"]]} for row in example.rows]
    found = validate_answers(answers(rows), world(example)).findings
    assert not {"figures_of_another_council", "councils_exchanged"} & set(found["code"])
