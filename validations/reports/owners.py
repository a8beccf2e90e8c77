"""Whose a finding or an answer is, and how many answers each council sent.

Here belongs the assignment of rows to councils: a council's page may hold its own rows only.
"""

import re
from collections.abc import Iterable

import pandas as pd

NOBODY = ""
"""Owner of what belongs to no council: Wales, a publisher's whole file, our own tables."""
_FOLDER = re.compile(r"(?:^|/)([A-Za-z]\d{8})/[^/]+$")
TALLY = ("dataset", "owner", "n_raw", "accepted", "rejected", "duplicate", "kept")


def owners(frame: pd.DataFrame, councils: Iterable[str], area: str = "area_code") -> pd.Series:
    """The council each row belongs to, NOBODY if none; aligned with the frame.

    frame has source_file, return_ref and the column `area`. The folder of the inbox a file lay in
    decides first, then the reference of the return, then the area the row is about: what one
    council sent about another is shown to the sender only.
    """
    known = {code: code for code in councils}
    files = {name: _folder(name) for name in frame["source_file"].dropna().unique()}
    refs = {ref: _council_of(ref) for ref in frame["return_ref"].dropna().unique()}
    by_file = frame["source_file"].map(files)
    by_ref = frame["return_ref"].map(refs)
    by_area = frame[area].map(lambda text: str(text).strip().upper(), na_action="ignore")
    sender = by_file.astype("str").where(by_file.notna(), by_ref.astype("str"))
    owner = sender.where(sender.notna(), by_area.astype("str"))
    return owner.map(known).fillna(NOBODY).astype("str")


def tally(accepted: pd.DataFrame, rejected: pd.DataFrame, councils: Iterable[str]) -> pd.DataFrame:
    """One row per dataset and owner: answers read = accepted + rejected + duplicate, and kept.

    accepted: validated_returns; rejected: rejected_returns, both of all datasets. kept counts
    earlier answers that stand because no good one came; they were not read this night.
    """
    held = tuple(councils)
    is_kept = accepted["is_kept"].fillna(value=False).astype(bool)
    sorts = is_kept.map({True: "kept", False: "accepted"})
    parts = [
        pd.DataFrame(
            {"dataset": accepted["dataset"], "owner": owners(accepted, held), "is": sorts}
        ),
        pd.DataFrame(
            {
                "dataset": rejected["dataset"],
                "owner": owners(rejected, held, "area_text"),
                "is": rejected["outcome"],
            }
        ),
    ]
    rows = pd.concat(parts)
    found = pd.crosstab([rows["dataset"], rows["owner"]], rows["is"])
    found = found.reindex(columns=list(TALLY[3:]), fill_value=0)
    found.insert(0, "n_raw", found[["accepted", "rejected", "duplicate"]].sum(axis=1))
    return found.reset_index()[list(TALLY)]


def _folder(source_file: str) -> str | None:
    found = None if "://" in source_file else _FOLDER.search(source_file)
    return found.group(1).upper() if found else None


def _council_of(ref: str) -> str | None:
    """The third part of AR/2025-26/W06000001/2026.1/k7f3."""
    parts = ref.split("/")
    return parts[2].upper() if len(parts) > 2 else None
