"""From a published figure back to the line it stood on."""

from hashlib import sha256

import pandas as pd
import pytest

from assets.publishing.trace import FigureKey, TraceError, raw_line, trace
from sql.frames import conform
from tests.release.sample import COUNCILS, LAST_YEAR, night_of, small_figures

BODY = b"area,yes,all\nW06000001,514,1000\n"


class Raw:
    def get(self, digest: str, /) -> bytes:
        assert digest == sha256(BODY).hexdigest()
        return BODY


def answers() -> pd.DataFrame:
    rows = [
        {
            "dataset": "waste",
            "measure": measure,
            "period": LAST_YEAR,
            "area_code": COUNCILS[0],
            "breakdown_type": "total",
            "breakdown": "total",
            "value_text": text,
            "source_file": "waste.csv",
            "source_row": 2,
            "source_sha256": sha256(BODY).hexdigest(),
        }
        for measure, text in (("recycling_yes", "514"), ("recycling_all", "1000"))
    ]
    return conform(pd.DataFrame(rows), "validated_returns", fill=True)


def test_a_figure_leads_to_its_answers_and_their_lines() -> None:
    figure = FigureKey("recycling", LAST_YEAR, COUNCILS[0])
    steps = trace(figure, night_of(small_figures()), answers(), Raw())
    assert [step.what for step in steps] == [
        "figure",
        "indicator",
        "answer",
        "bytes",
        "answer",
        "bytes",
    ]
    assert steps[0].seen == "51.4 (numerator 514, denominator 1000)"
    assert steps[3].seen == "W06000001,514,1000"
    assert "row 2" in steps[3].where


def test_an_answer_that_is_gone_is_said() -> None:
    figure = FigureKey("recycling", LAST_YEAR, COUNCILS[0])
    steps = trace(figure, night_of(small_figures()), answers().iloc[:1], Raw())
    assert steps[-1].seen == "no answer is on record now"


def test_a_figure_that_is_not_there_is_answered_with_what_is() -> None:
    figure = FigureKey("recycling", "1999-04-01/P1Y", COUNCILS[0])
    with pytest.raises(TraceError, match=LAST_YEAR):
        trace(figure, night_of(small_figures()), answers(), Raw())


@pytest.mark.parametrize(
    ("body", "row", "seen"),
    [
        (BODY, 1, "area,yes,all"),
        (BODY, 9, "no such row"),
        (b'a,b\n"x\ny",2\n3,4\n', 3, "3,4"),
        (b'{"months": [{"date": "2015 JAN"}], "years": []}', 1, '{"date":"2015 JAN"}'),
        (b"\xef\xbb\xbfa,b\n", 1, "a,b"),
    ],
)
def test_raw_lines(body: bytes, row: int, seen: str) -> None:
    assert raw_line(body, row) == seen
