"""Words in OBSERVATIONS that mean something, and the refusal of those that do not.

Here belong the area types, the note codes and the columns; their meaning is in the methods. An
unknown word would else pass as "not a council" or as no mark at all.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches

import numpy as np

from assets.methods import declarations, groups, versus
from assets.methods.columns import SEPARATOR
from assets.methods.impossible import ImpossibleInput, refuse
from assets.methods.observations import DEFAULTS, KEY, MARKS, NUMBERS, Observations
from assets.methods.small_tables import is_untidy

AREA_TYPES = (
    "council", "nation", "region", "health_board", "planning_authority", "unallocated", "uk"
)  # fmt: skip
NOTE_CODES = (
    "a", "b", "c", "e", "f", "k", "ns", "p", "r", "s", "ss", "sss", "t", "u", "w", "x", "z"
)  # fmt: skip
COLUMNS = {
    "Observations": (*dict.fromkeys((*KEY, *DEFAULTS, *NUMBERS, *MARKS)), "stated_value"),
    "Indicators": ("indicator", *declarations.WORDS, *declarations.NUMBERS),
    "Groups": groups.COLUMNS,
    "Targets": versus.COLUMNS,
}
"""Columns of each table of the command."""
PUBLISHED = {
    "Observations": "indicator_values",
    "Indicators": "indicator_catalogue",
    "Groups": "comparison_groups",
}
"""Published tables that the command takes as they are, with columns it does not read."""
INDEX = "__index_level_"
"""Begins the columns in which pandas keeps the numbers of rows in a Parquet file."""


def check_columns(names: Sequence[str], table: str) -> None:
    """Refuse columns that nobody reads: a misspelt one would silently take its default."""
    known = COLUMNS[table]
    unknown = [name for name in names if name not in known and not name.startswith(INDEX)]
    if unknown and table in PUBLISHED:
        from sql.tables import column_names  # noqa: PLC0415  # half a second, rarely wanted

        also = {*column_names(PUBLISHED[table]), "product", "product_version"}
        unknown = [name for name in unknown if name not in also]
    if unknown:
        close = get_close_matches(unknown[0], known, n=1)
        meant = f"Did you mean {close[0]}?" if close else f"Known are {', '.join(known)}."
        seen = ", ".join(repr(name[:40]) for name in unknown[:5])
        raise ImpossibleInput(f"{table}: unknown column {seen}. {meant} Rename or remove it.")


def check_codes(observations: Observations) -> None:
    """Refuse, naming rows, codes with a space at an end, and areas that are a list of areas."""
    for name in (*KEY, "area_type"):
        said = f"A space at an end of {name}, or a sign that cannot be seen"
        _refuse_texts(observations, name, is_untidy, said)
    said = f"A {SEPARATOR} in area_code, which stands between the codes of a list"
    _refuse_texts(observations, "area_code", lambda text: SEPARATOR in text, said)


def _refuse_texts(
    observations: Observations, name: str, is_bad: Callable[[str], bool], said: str
) -> None:
    column = observations.columns[name]
    bad = [place for place, text in enumerate(column.texts) if is_bad(text)]
    rows = np.isin(column.codes, bad) if bad else np.zeros(0, dtype=bool)
    refuse(rows, said, observations.name_row)


def check_known(observations: Observations) -> None:
    """Refuse, naming rows, an area type or a note code that nobody knows."""
    _check(observations, "area_type", AREA_TYPES, lambda text: [text])
    _check(observations, "note_code", NOTE_CODES, lambda text: text.split(","))


def _check(
    observations: Observations, name: str, known: tuple[str, ...], split: Callable[[str], list[str]]
) -> None:
    column = observations.columns[name]
    for place, text in enumerate(column.texts):
        unknown = [word for word in split(text) if word.strip() and word.strip() not in known]
        rows = column.codes == place if unknown else np.zeros(0, dtype=bool)
        if rows.any():
            refuse(
                rows,
                f"Unknown {name} {unknown[0].strip()[:40]!r}, not one of {', '.join(known)}",
                observations.name_row,
            )
