"""The numbers that rules judge by, as data: each with its reason and the shift a test must notice.

Here belongs every threshold of ours. Limits that belong to one question (its largest value, its
declared change) stand in the catalogue; a rule's function holds no number of its own. Where a bound
was chosen by measurement, docs/validation.md has the measurement.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """One threshold: its value, a small shift that some verdict must show, and why it is so."""

    value: float
    step: float
    why: str


BOUNDS: dict[str, Bound] = {
    "desk_s": Bound(5, 0.1, "spreads from the usual change that are queried before all have sent"),
    "hub_s": Bound(4, 0.1, "the same from the usual change and from this year's, once many sent"),
    "hub_returns": Bound(12, 1, "returns from which this year's median change can be trusted"),
    "window_years": Bound(8, 1, "years of changes that limits are learnt from"),
    "fewest_changes": Bound(3, 1, "a council's own changes, below which the declared limit holds"),
    "floor_log": Bound(0.02, 0.001, "smallest spread of a positive quantity: two per cent"),
    "floor_points": Bound(0.5, 0.01, "smallest spread of a percentage, in points"),
    "small_count": Bound(10, 1, "counts that move by no more are never queried"),
    "small_points": Bound(0.5, 0.05, "percentages that move by no more points are never queried"),
    "unit_near": Bound(2, 0.1, "a ratio within this factor of 1000 or 100 is near it"),
    "unit_most": Bound(0.5, 0.05, "share of councils that must jump a hundredfold together"),
    "unit_councils": Bound(3, 1, "councils that must jump a hundredfold together"),
    "far_from_parts": Bound(0.02, 0.001, "share of its parts that a stated value may be off (M1)"),
    "zero_history": Bound(3, 1, "earlier figures, none of them 0, before a 0 is unexpected"),
    "zero_small": Bound(10, 0.5, "a series that was ever at or below this may well reach 0"),
    "sign_history": Bound(3, 1, "earlier figures, all of one sign, before the other is unexpected"),
    "sign_size": Bound(0.5, 0.05, "share of the smallest earlier figure: a slip of sign has it"),
    "copy_answers": Bound(3, 1, "answers of a council that must all equal last year's"),
    "copy_councils": Bound(12, 1, "councils that must all repeat last year's answer"),
    "misfiled_gain": Bound(8, 0.5, "log likelihood by which another council fits better"),
    "misfiled_measures": Bound(5, 1, "questions below which figures cannot tell councils apart"),
    "column_gain": Bound(20, 0.5, "the same for one column in another order of councils"),
    "column_periods": Bound(3, 1, "earlier periods in which a column could have been doubted"),
    "replay_false": Bound(0.005, 0.0005, "share of true returns that a replay may doubt"),
    "replay_found": Bound(0.8, 0.01, "share of exchanged returns that a replay must find"),
    "replay_returns": Bound(60, 1, "true returns that a replay must have tried"),
    "outlier_mad_z": Bound(3.5, 0.05, "robust z-score of a figure among the councils (M15)"),
    "outlier_gross": Bound(30, 0.5, "the same beyond which a publisher's is asked about too"),
    "outlier_councils": Bound(12, 1, "councils with a figure, below which nothing is an outlier"),
}  # fmt: skip


def bound(name: str) -> float:
    """The value of a bound; KeyError for one there is not."""
    return BOUNDS[name].value
