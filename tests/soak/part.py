"""What a part of the soak is: one promise, tried case after case."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One promise of docs/reliability.md and how one case of it is tried."""

    name: str
    """Short and stable, like `reader-fuzz`."""
    promise: str
    """A sentence: what must hold in every case."""
    target: int
    """Number of cases after which the count is complete."""
    case: Callable[[int], str | None]
    """Tries the case of this number, which is its seed; None where the promise held, else what
    failed, in a sentence. It raises for a fault of the test itself."""
