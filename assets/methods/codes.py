"""Words as small whole numbers: which of several conditions holds first.

Here belongs the choice itself; the words stand where they are given out.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from assets.methods.impossible import Flags

Words = npt.NDArray[np.int8]
"""Positions in a list of words, -1 for null."""


def first_true(conditions: Sequence[Flags], words: Sequence[int] | None = None) -> Words:
    """Position of the first condition that holds, or its number in `words`; -1 where none does.

    At most eight conditions of one shape; each is looked at once, and a table says the rest. A
    word more than there are conditions stands for none of them.
    """
    together = conditions[0].view(np.uint8)
    for place, flags in enumerate(conditions[1:], start=1):
        together = together | flags.view(np.uint8) * np.uint8(1 << place)
    numbers = tuple(range(len(conditions))) if words is None else tuple(words)
    return _table(len(conditions), numbers).take(together)


@lru_cache(maxsize=64)
def _table(n_conditions: int, words: tuple[int, ...]) -> Words:
    none = words[n_conditions] if len(words) > n_conditions else -1
    lowest = [(number & -number).bit_length() - 1 for number in range(1, 2**n_conditions)]
    return np.array([none, *(words[place] for place in lowest)], dtype=np.int8)
