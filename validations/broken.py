"""What is broken now: every failed check, blocked product, silent source and open query, one table.

Here belongs the standing table that the Dagster UI shows on night_report. It is made of the same
findings, sources and decisions as the checks and the gate; it judges nothing by itself.
"""

from collections.abc import Mapping

import pandas as pd

from sql.frames import records
from validations.checks import CHECKS, kind_of, worst
from validations.rules.rows import Record

COLUMNS = ("asset", "check", "severity", "findings", "says")
_ORDER = ("decision", "pulled", *CHECKS)


def broken_now(
    findings: Mapping[str, pd.DataFrame], sources: pd.DataFrame, decisions: pd.DataFrame
) -> pd.DataFrame:
    """One row per failed check, the worst kind first: asset, check, severity, how many, the worst.

    findings: asset that shows the gates among them -> validation_findings; sources: the table
    sources; decisions: the table release. Empty when nothing is broken.
    """
    rows = [*_blocked(decisions), *_silent(sources)]
    datasets = set(sources["dataset"])
    for asset, frame in findings.items():
        rows += _failed(asset, frame, datasets)
    rows.sort(key=lambda row: (_ORDER.index(row["check"]), row["asset"]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def as_markdown(broken: pd.DataFrame) -> str:
    """The table for the UI, each asset a link to its checks."""
    if broken.empty:
        return "Nothing is broken."
    head = "| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS)
    rows = [
        f"| [{row['asset']}](/assets/{row['asset']}?view=checks) | {row['check']} |"
        f" {row['severity']} | {row['findings']} | {_cell(row['says'])} |"
        for row in records(broken)
    ]
    return "\n".join([head, *rows])


def _blocked(decisions: pd.DataFrame) -> list[Record]:
    return [
        _row(f"release/{row['product']}", "decision", "error", 1, row["reason_en"])
        for row in records(decisions)
        if row["action"] == "blocked"
    ]


def _silent(sources: pd.DataFrame) -> list[Record]:
    return [
        _row(f"raw_returns/{row['dataset']}", "pulled", "error", 1, row["reason"])
        for row in records(sources)
        if row["state"] == "stale"
    ]


def _failed(asset: str, findings: pd.DataFrame, datasets: set[str]) -> list[Record]:
    columns = ("code", "dataset", "severity")
    keys = [
        (f"validated_returns/{dataset}" if dataset in datasets else asset)
        + " "
        + kind_of(str(code), str(dataset), str(severity))
        for code, dataset, severity in zip(*(findings[name] for name in columns), strict=True)
    ]
    rows = []
    for key, some in findings.groupby(pd.Series(keys, index=findings.index, dtype="str")):
        shown_by, _, check = str(key).partition(" ")
        if check in CHECKS:
            first = worst(some).iloc[0]
            rows.append(_row(shown_by, check, first["severity"], len(some), first["message_en"]))
    return rows


def _row(asset: str, check: str, severity: str, findings: int, says: str | None) -> Record:
    return dict(zip(COLUMNS, (asset, check, severity, findings, says or ""), strict=True))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
