"""Notices of the reader as findings: what a council is told although nothing is wrong.

Here belongs the passage from the attrs of raw_returns, where reading leaves its notices, to notes
of a file: saved results of formulas that were read, sheets and rows that were not. They refuse
nothing and are about no single answer.
"""

from typing import Any

import pandas as pd

from validations.findings import cut
from validations.rules.rows import Record

NOTICES = "notices"
"""Name of the attr: a list of {code, seen, source_file, source_sha256}."""


def notice_records(raw: pd.DataFrame, dataset: str) -> list[Record]:
    """One record per notice; none of a frame that has none."""
    told: list[dict[str, Any]] = raw.attrs.get(NOTICES, [])
    return [
        {
            "dataset": dataset,
            "code": notice["code"],
            "severity": "note",
            "level": "return",
            "seen": cut(notice["seen"]),
            "n_rows": 1,
            "source_file": notice["source_file"],
            "source_sha256": notice["source_sha256"],
        }
        for notice in told
    ]
