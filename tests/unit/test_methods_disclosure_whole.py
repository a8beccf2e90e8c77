"""M14 once more, by other means: whole numbers, and none of our own sums.

What is published of a random table is written as equations over its inmost counts (council x sex x
age); an integer program is asked whether each of 1 to 4 is still possible for every small count.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from assets.catalogue.frames import group_frame, whole_frame
from assets.catalogue.load import load_catalogue
from assets.methods.disclosure import protect
from assets.methods.disclosure_attack import attack
from tests.disclosure_audit import NATION, THRESHOLD, Case, random_case, recoverable
from tests.fixtures.few_people import GWYNEDD, SHARE, YNYS_MON, figures


class Inmost:
    """Equations over the inmost counts: numerators first, denominators after."""

    def __init__(self, case: Case) -> None:
        members = case.groups.groupby("group_area_code")["member_code"].agg(list)
        self.members = members.to_dict()
        self.councils = self.members[NATION]
        kinds = case.figures.groupby("breakdown_type")["breakdown"].agg(lambda b: sorted(set(b)))
        self.sexes, self.ages = kinds["sex"], kinds["age"]
        self.size = len(self.councils) * len(self.sexes) * len(self.ages)

    def row(self, area: str, breakdown: str, part: str) -> np.ndarray:
        """Which inmost counts make up a published one."""
        shape = (len(self.councils), len(self.sexes), len(self.ages))
        inside = np.zeros(shape)
        for code in self.members.get(area, [area]):
            place = self.councils.index(code)
            if breakdown in self.sexes:
                inside[place, self.sexes.index(breakdown)] = 1
            elif breakdown in self.ages:
                inside[place, :, self.ages.index(breakdown)] = 1
            else:
                inside[place] = 1
        row = np.zeros(2 * self.size)
        offset = 0 if part == "numerator" else self.size
        row[offset : offset + self.size] = inside.ravel()
        return row

    def constraints(self, published: pd.DataFrame) -> list[LinearConstraint]:
        """Every number that is shown, and no numerator above its denominator."""
        found = []
        for figure in published.to_dict("records"):
            place = figure["area_code"], figure["breakdown"]
            parts = {part: self.row(*place, part) for part in ("numerator", "denominator")}
            found += [
                LinearConstraint(row, figure[part], figure[part])
                for part, row in parts.items()
                if not np.isnan(figure[part])
            ]
            above = parts["numerator"] - parts["denominator"]
            found.append(LinearConstraint(above, -np.inf, 0))
        return found

    def is_possible(self, known: list[LinearConstraint], row: np.ndarray, value: float) -> bool:
        """Whether whole numbers exist that fit what is known and give that value."""
        found = milp(
            np.zeros(2 * self.size),
            constraints=[*known, LinearConstraint(row, value, value)],
            integrality=np.ones(2 * self.size),
            bounds=Bounds(0, 2000),
        )
        return bool(found.status == 0)


@pytest.mark.parametrize("seed", [9])
def test_every_small_count_may_be_each_of_one_to_four_in_whole_numbers(seed: int) -> None:
    case = random_case(np.random.default_rng(seed))
    inmost = Inmost(case)
    published = protect(case.figures, case.indicators, case.groups).figures
    known = inmost.constraints(published)
    asked = 0
    shares = case.figures[case.figures["indicator"] == "share"]
    for figure in shares.to_dict("records"):
        place = figure["area_code"], figure["breakdown"]
        parts = {part: inmost.row(*place, part) for part in ("numerator", "denominator")}
        counts = {part: figure[part] for part in parts}
        parts["rest"] = parts["denominator"] - parts["numerator"]
        counts["rest"] = counts["denominator"] - counts["numerator"]
        for part, row in parts.items():
            if 1 <= counts[part] <= THRESHOLD:
                asked += 1
                possible = [value for value in range(1, 5) if inmost.is_possible(known, row, value)]
                assert possible == [1, 2, 3, 4], (place, part)
    assert asked >= 3


def test_the_integer_program_sees_a_count_that_is_not_protected() -> None:
    case = random_case(np.random.default_rng(2))
    inmost = Inmost(case)
    known = inmost.constraints(case.figures)
    row = inmost.row(inmost.councils[0], "total", "numerator")
    possible = [value for value in range(60) if inmost.is_possible(known, row, value)]
    assert len(possible) == 1


BOARDS = {
    "W11000025": ("W06000008", "W06000009", "W06000010"),
    "W11000030": ("W06000013", "W06000016", "W06000024"),
}


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(
    "period", ["2014-01-01/P1Y", "2023-01-01/P1Y"], ids=["restated to later boards", "as it was"]
)
def test_the_total_of_a_health_board_gives_no_council_away(board: str, period: str) -> None:
    """Boards too small to publish a benchmark are areas with figures of their own all the same."""
    rows = [*zip(BOARDS[board], (3, 50, 20), (100, 200, 200), strict=True), (board, 73, 500)]
    table = figures(rows, period)
    table["area_type"] = table["area_type"].mask(table["area_code"] == board, "health_board")
    everything = whole_frame(load_catalogue())
    kept = protect(table, SHARE, everything).figures
    assert kept["note_code"].eq("c").sum() >= 2
    assert len(recoverable(table, attack(kept, SHARE, everything))) == 0
    careless = protect(table, SHARE, group_frame(load_catalogue())).figures
    assert len(recoverable(table, attack(careless, SHARE, everything))) == 1


def test_quarters_that_do_not_add_up_in_one_council_open_no_other() -> None:
    """The half year of Ynys Môn, hidden, is smaller than its quarter: no reader sees it."""
    quarters, half = ("2023-04-01/P3M", "2023-07-01/P3M"), "2023-04-01/P6M"
    parts = [
        figures([(YNYS_MON, 9, 100), (GWYNEDD, 3, 100)], quarters[0]),
        figures([(YNYS_MON, 1, 100), (GWYNEDD, 17, 100)], quarters[1]),
        figures([(YNYS_MON, 3, 200), (GWYNEDD, 20, 200)], half),
    ]
    table = pd.concat(parts, ignore_index=True)
    kept = protect(table, SHARE, None).figures
    found = recoverable(table, attack(kept, SHARE, None))
    assert GWYNEDD not in set(found["area_code"])
