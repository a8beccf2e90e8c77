"""Missing algebra and note codes (M2), and which counts are confidential (M14, first step).

Here belongs what makes a figure missing and how its codes are written; nothing is ever imputed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets.methods.impossible import Flags, Floats, Ints

CODES = ("", "z", "c", "x", "w", "k")
"""Result of the algebra by number; 0 is a value. Of several input codes the first here wins."""
Z, C, X = 1, 2, 3
NOT_RETURNED = "not returned"


@dataclass(frozen=True)
class Marks:
    """Distinct texts of note_code: which codes each holds, and the text for each result."""

    missing: Ints
    """Number of the winning missing code of each text, 0 if none."""
    is_break: Flags
    is_unreliable: Flags
    texts: list[str]
    """Text at position len(CODES) * mark + result; empty where there is nothing to say."""


def read_marks(texts: Sequence[str]) -> Marks:
    """Split comma-separated note codes, one entry per distinct text (empty for none)."""
    lists = [[part.strip() for part in text.split(",") if part.strip()] for text in texts]
    ranks = {code: number for number, code in enumerate(CODES) if code}
    missing = [min((ranks[code] for code in codes if code in ranks), default=0) for codes in lists]
    out: list[str] = []
    for codes in lists:
        others = list(dict.fromkeys(code for code in codes if code not in ranks))
        out.extend(",".join(([code] if code else []) + others) for code in CODES)
    return Marks(
        missing=np.array(missing, dtype=np.int64),
        is_break=np.array(["b" in codes for codes in lists], dtype=bool),
        is_unreliable=np.array(["u" in codes for codes in lists], dtype=bool),
        texts=out,
    )


def merge_marks(texts: Sequence[str]) -> str:
    """Note codes of several inputs of one figure as one text: the winning missing code first."""
    marks = read_marks([",".join(texts)])
    return marks.texts[int(marks.missing[0])]


def confidential(
    numerator: Floats, denominator: Floats, threshold: Floats, *, is_count: Flags
) -> Flags:
    """Counts from 1 up to the threshold: numerator, denominator or the rest; or n of n below 10.

    For a count only the numerator is looked at. A threshold of 0 hides nothing.
    """

    def small(count: Floats) -> Flags:
        return np.asarray((count >= 1) & (count <= threshold))

    parts = small(denominator) | small(denominator - numerator)
    whole = (numerator == denominator) & (denominator < 10) & (denominator > 0)
    return np.asarray((threshold > 0) & (small(numerator) | (~is_count & (parts | whole))))


def combine(marked: Ints, *, hidden: Flags, absent: Flags, is_zero_of_zero: Flags) -> Ints:
    """Result of M2 for each figure, as a number of CODES.

    marked: winning code of the input's own marks; hidden: confidential counts; absent: an input
    is null; is_zero_of_zero: 0/0. z before c before x before w before k, then absent (x), then 0/0.
    """
    result = np.array(marked, dtype=np.int64)
    np.copyto(result, Z, where=(marked == 0) & is_zero_of_zero)
    np.copyto(result, X, where=(marked == 0) & absent)
    np.copyto(result, C, where=hidden & (result != Z))
    return result
