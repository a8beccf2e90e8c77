"""What the report of a night is made of: the frames of the night, and their lines of numbers.

Here belongs counting for pages and tables. How a page looks is in templates, what is written where
in write.py.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from sql.frames import records
from sql.periods import describe_period
from validations.findings import NAMES_OF_GATES
from validations.messages import Lang, word
from validations.report import counts
from validations.reports.owners import NOBODY, owners, tally

GATES, FIGURES = "gates", "indicator_values"
"""Pages of findings that belong to no dataset: about our own tables, about figures."""
TALLIED = ("n_raw", "accepted", "rejected", "duplicate", "kept")
FOUND = ("errors", "queries", "notes")
Line = dict[str, Any]
_DIGRAPHS = ("ch", "dd", "ff", "ng", "ll", "ph", "rh", "th")


@dataclass(frozen=True)
class NightFrames:
    """The frames a report is written from, by their tables, and the night they are of.

    areas, sources, answer_counts, decisions (table release), findings (validation_findings),
    accepted (validated_returns) and rejected (rejected_returns) hold all datasets; titles: product
    -> its title by language; unclaimed: files of the inbox that no dataset reads.
    """

    day: str
    profile: str
    areas: pd.DataFrame
    sources: pd.DataFrame
    answer_counts: pd.DataFrame
    decisions: pd.DataFrame
    findings: pd.DataFrame
    accepted: pd.DataFrame
    rejected: pd.DataFrame
    titles: Mapping[str, Mapping[str, str]]
    unclaimed: tuple[str, ...] = ()

    @cached_property
    def councils(self) -> pd.DataFrame:
        """Councils whose code is in force: rows of areas."""
        is_council = self.areas["area_type"].eq("council") & self.areas["valid_to"].isna()
        return self.areas[is_council]

    @cached_property
    def owner(self) -> pd.Series:
        """The council of each finding, aligned with findings."""
        return owners(self.findings, self.councils["area_code"])

    @cached_property
    def page(self) -> pd.Series:
        """The dataset page of each finding, aligned with findings."""
        named = self.findings["dataset"].astype("str")
        return named.mask(named.str.startswith(NAMES_OF_GATES, na=False), GATES)

    @cached_property
    def tally(self) -> pd.DataFrame:
        """Rows of every dataset and council."""
        return tally(self.accepted, self.rejected, self.councils["area_code"])

    def open_queries(self) -> dict[str, int]:
        """Council -> its open queries, those who have some."""
        queried = self.owner[self.findings["severity"].eq("query") & self.owner.ne(NOBODY)]
        return {str(code): int(n) for code, n in queried.value_counts().sort_index().items()}


def council_lines(night: NightFrames, lang: Lang) -> list[Line]:
    """One line per council in the order of the alphabet, then what is no council's own."""
    named = dict(zip(night.councils["area_code"], night.councils[f"name_{lang}"], strict=True))
    order = sorted(named, key=lambda code: letters(named[code], lang))
    summed = night.tally.groupby("owner")[list(TALLIED)].sum()
    lines = [
        {
            "id": code,
            "name": named.get(code, word("no_council", lang)),
            "href": f"council/{code}.html" if code in named else None,
            **_tallied(summed.loc[code] if code in summed.index else None),
            **counts(night.findings[night.owner == code]),
        }
        for code in (*order, NOBODY)
    ]
    return [line for line in lines if line["id"] != NOBODY or line["n_raw"] or line["errors"]]


def dataset_lines(night: NightFrames, lang: Lang) -> list[Line]:
    """One line per dataset, in the order of the registry, then figures and gates if any speak."""
    counted = {row["dataset"]: row for row in records(night.answer_counts)}
    lines = [
        {
            "id": row["dataset"],
            "name": row[f"title_{lang}"],
            "href": f"dataset/{row['dataset']}.html",
            "state": word(row["state"], lang),
            "age": _whole(row["age_days"]),
            "latest_figure": _label(row["latest_period"]),
            "figure_age": _whole(row["period_age_days"]),
            **_tallied(counted.get(row["dataset"])),
            **counts(night.findings[night.page == row["dataset"]]),
        }
        for row in records(night.sources)
    ]
    blank = dict.fromkeys(("state", "age", "latest_figure", "figure_age", *TALLIED))
    for page, title in ((FIGURES, "figures_page"), (GATES, "gates_page")):
        some = night.findings[night.page == page]
        if len(some):
            about = {"id": page, "name": word(title, lang), "href": f"dataset/{page}.html"}
            lines.append(about | blank | counts(some))
    return lines


def rows_of(night: NightFrames, lang: Lang, **where: str) -> list[Line]:
    """Tally lines of one owner (by dataset) or of one dataset (by council)."""
    ((column, wanted),) = where.items()
    other = "dataset" if column == "owner" else "owner"
    of_datasets = dict(zip(night.sources["dataset"], night.sources[f"title_{lang}"], strict=True))
    of_councils = dict(zip(night.areas["area_code"], night.areas[f"name_{lang}"], strict=True))
    names = {**of_datasets, **of_councils, NOBODY: word("no_council", lang)}
    some = night.tally[night.tally[column] == wanted]
    lines = [{"name": names[row[other]], "href": None, **_tallied(row)} for row in records(some)]
    return sorted(lines, key=lambda line: letters(line["name"], lang))


def product_lines(night: NightFrames, lang: Lang) -> list[Line]:
    """One line per product: what was decided and why."""
    return [
        {
            "name": night.titles[row["product"]][lang],
            "href": None,
            "decision": word(row["action"], lang),
            "version": row["version"],
            "reason": row[f"reason_{lang}"],
        }
        for row in records(night.decisions)
    ]


def first_lines(night: NightFrames, lang: Lang) -> list[str]:
    """One sentence for each thing that needs a person: blocked, without an answer, unclaimed."""
    blocked = [
        word("blocked_line", lang).format(
            product=night.titles[row["product"]][lang], reason=row[f"reason_{lang}"]
        )
        for row in records(night.decisions)
        if row["action"] == "blocked"
    ]
    stale = [
        word("stale_line", lang).format(dataset=row[f"title_{lang}"], reason=row["reason"] or "")
        for row in records(night.sources)
        if row["state"] == "stale"
    ]
    files = [word("unclaimed_line", lang).format(file=file) for file in night.unclaimed]
    return [line.strip() for line in (*blocked, *stale, *files)]


def letters(text: str, lang: Lang) -> str:
    """A key that sorts as the language's alphabet: in Welsh ch follows c, ng follows g."""
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for pair in _DIGRAPHS if lang == "cy" else ():
        plain = plain.replace(pair, ("g" if pair == "ng" else pair[0]) + "~")
    return plain


def _tallied(row: Mapping[str, Any] | pd.Series | None) -> Line:
    return {name: 0 if row is None else int(row[name]) for name in TALLIED}


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _label(period: str | None) -> str | None:
    return None if period is None else describe_period(period).label


def columns(*names: str, text: Sequence[str] = ()) -> list[tuple[str, bool]]:
    """Columns of a table of counts: key of the word, and whether it holds numbers."""
    return [(name, name not in text) for name in names]
