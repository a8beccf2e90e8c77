"""A good answer stands until a good one replaces it or a whole source leaves it out."""

import pandas as pd
import pytest

from assets.collection.standing import keep_standing
from sql.frames import conform, empty
from tests.fixtures.servers.rig import entry
from validations.validate import Validated

INBOX = entry(
    "council_returns",
    {"return_key": "AR", "pattern": "returns/*/a-*.csv", "fields": {"A1.value": "homes"}},
)
HTTP = entry("ons_els", {"slugs": {"homes": "homes"}})
MEASURES = pd.Series(["homes"])


def answers(values: dict[str, float], sha256: str) -> pd.DataFrame:
    rows = pd.DataFrame({"area_code": list(values), "value": list(values.values())})
    made = rows.assign(
        measure="homes",
        period="2023-04-01/P1Y",
        breakdown_type="total",
        breakdown="total",
        source_sha256=sha256,
        source_row=range(2, 2 + len(rows)),
    )
    return conform(made, "validated_returns", fill=True)


def tonight(accepted: pd.DataFrame, rejected: pd.DataFrame | None = None) -> Validated:
    refused = empty("rejected_returns") if rejected is None else rejected
    return Validated(accepted, refused, empty("validation_findings"))


def refusal(sha256: str, row: int) -> pd.DataFrame:
    told = {"source_sha256": [sha256], "source_row": [row], "outcome": ["rejected"]}
    return conform(pd.DataFrame(told), "rejected_returns", fill=True)


BEFORE = answers({"W06000001": 1.0, "W06000002": 2.0, "W06000003": 3.0}, "old")


def held(frame: pd.DataFrame) -> dict[str, tuple[float, bool]]:
    rows = zip(frame["area_code"], frame["value"], frame["is_kept"], strict=True)
    return {area: (value, bool(is_kept)) for area, value, is_kept in rows}


def test_what_the_inbox_lacks_stands_and_what_it_has_replaces() -> None:
    found = keep_standing(INBOX, tonight(answers({"W06000001": 9.0}, "new")), BEFORE, MEASURES)
    assert held(found) == {
        "W06000001": (9.0, False),
        "W06000002": (2.0, True),
        "W06000003": (3.0, True),
    }


def test_a_whole_source_that_leaves_an_answer_out_withdraws_it() -> None:
    whole = answers({"W06000001": 1.0, "W06000002": 2.0, "W06000009": 4.0}, "new")
    found = keep_standing(HTTP, tonight(whole), BEFORE, MEASURES)
    assert set(held(found)) == {"W06000001", "W06000002", "W06000009"}


@pytest.mark.parametrize("is_cut", [True, False])
def test_a_source_that_was_cut_or_refused_withdraws_nothing(is_cut: bool) -> None:
    rest = answers({"W06000001": 1.0} if is_cut else {"W06000001": 1.0, "W06000002": 2.0}, "new")
    refused = None if is_cut else refusal("new", 4)
    found = keep_standing(HTTP, tonight(rest, refused), BEFORE, MEASURES)
    assert held(found)["W06000003"] == (3.0, True)


def test_an_answer_that_new_rules_refuse_does_not_stand() -> None:
    rest = answers({"W06000001": 1.0}, "new")
    found = keep_standing(INBOX, tonight(rest, refusal("old", 4)), BEFORE, MEASURES)
    assert set(held(found)) == {"W06000001", "W06000002"}


def test_a_question_that_is_no_longer_asked_does_not_stand() -> None:
    found = keep_standing(INBOX, tonight(empty("validated_returns")), BEFORE, pd.Series(["rent"]))
    assert found.empty
