"""Whose correction it is: ours only where the sources' bytes are known to be the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from assets.publishing.candidates import Input, Origin
from assets.publishing.publish import Outcome
from assets.publishing.released import load_log
from tests.release.sample import NOW, corrected, make_candidate, night_of, small_figures

Publish = Callable[..., Outcome]


def origin(*hashes: str) -> Origin:
    made = make_candidate(night_of(small_figures())).origin
    inputs = (Input("births", hashes, "2025-10-01"),)
    return Origin(made.profile, inputs, "0.1.0", "c" * 64, "d" * 64, made.methods)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (["ab" * 32], ["ab" * 32], "Corrected by us"),
        (["ab" * 32], ["cd" * 32], "Corrected by the source"),
        ([], [], "Corrected by the source"),
    ],
    ids=["same bytes", "other bytes", "hashes withheld as confidential"],
)
def test_a_correction_is_ours_only_where_the_bytes_are_the_same(
    publish: Publish, before: list[str], after: list[str], said: str
) -> None:
    publish(small_figures(), NOW, origin=origin(*before))
    made = publish(corrected(), NOW + timedelta(days=1), origin=origin(*after))
    assert made.path is not None
    (reason,) = load_log(made.path, "changes.csv")["reason_en"]
    assert reason.startswith(said)
