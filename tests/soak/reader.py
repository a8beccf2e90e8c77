"""The soak of the safe reader: mutated files through the real connectors and rules.

Every case lays one file into an inbox of its own, pulls it and judges its answers. What it asks:
no crash, under the limits, one stated reason for a file refused whole, every row accepted, rejected
or duplicate, and every figure of a known table there again, exactly once.
"""

import math
import os
import random
import resource
import tempfile
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pandas as pd

from assets.collection.forms import FORM_COLUMNS
from assets.sources.pull import pull
from assets.sources.registry import SourceEntry
from tests.fixtures import mutations as change
from tests.fixtures.seeds import (
    LARGEST_MESSY,
    PLAIN_HEADER,
    Cell,
    Grid,
    Seed,
    as_csv,
    as_form_xlsx,
    as_ods,
    as_xls,
    as_xlsx,
    form,
    messy_files,
    odd_values,
    plain,
    seeds,
)
from tests.fixtures.servers.rig import NOW, Rig, entry
from tests.soak.part import Part
from validations.rules.examples import context
from validations.rules.structure import NOT_READ
from validations.validate import Validated, validate_answers

MOST_SECONDS, MOST_BYTES = 10.0, 1 << 30
MEASURES = ("recycled_pct", "days_lost", "fte", "homes")
QUESTIONS = ("WASTE01.pct", "WORK01.days", "WORK01.fte", "HOUS01.homes")
MESSY_COLUMNS = {
    ".xlsx": (("ONS Code", "Authority", "1996 to 1997"), ("A", "B", "C")),
    ".xls": (("A", "B", "C"),),
}
"""Names in the headers of real workbooks that stand for area, period and value."""


@lru_cache(maxsize=1)
def _returns() -> SourceEntry:
    fields = dict(zip(QUESTIONS, MEASURES, strict=True))
    options = {"return_key": "AR", "pattern": "returns/*/*.csv", "fields": fields}
    return entry("council_returns", options, dataset="example")


@lru_cache(maxsize=64)
def _plain(
    area: str, period: str, value: str, note: str | None = None, area_name: str | None = None
) -> SourceEntry:
    columns = {"area": area, "period": period, "value": value, "note": note, "area_name": area_name}
    options = {"pattern": "plain/*.csv", "columns": columns, "measure": "births"}
    return entry("inbox_csv", options, dataset="example")


def _entry_of(seed: Seed, dice: random.Random) -> SourceEntry:
    if seed.is_return:
        return _returns()
    if not seed.name.endswith((".csv", ".xlsx", ".xls", ".ods")):
        return _plain("Code", "Year", "Number", "Note", "Area")
    if seed.kind != "csv":
        return _plain(*dice.choice(MESSY_COLUMNS[f".{seed.kind}"]))
    first = seed.body[:5000].decode("utf-8-sig", "replace").splitlines()[0]
    names = [name.strip('"') for name in first.split(",") if name.strip('"')] * 3
    return _plain(names[0], names[1], names[-1])


@lru_cache(maxsize=1)
def _context():
    named = [{"measure": name, "label_en": name, "label_cy": name} for name in MEASURES]
    return context(also=[{**one, "period_type": "financial_year"} for one in named])


def case(seed: int) -> str | None:
    """Try one mutated file; a sentence if a promise did not hold."""
    dice = random.Random(seed)
    if dice.random() < 0.4:
        return _try_table(dice)
    return _try_bytes(dice, seed)


def _try_bytes(dice: random.Random, number: int) -> str | None:
    """A seed with its bytes changed, or packed anew, which must change no figure."""
    chosen = _seed(dice, number)
    is_archive = chosen.kind in ("xlsx", "ods")
    if is_archive and dice.random() < 0.15:
        outcome = _outcome(chosen, chosen.body, dice)
        again = _outcome(chosen, change.repacked(dice, chosen.body), dice)
        same = isinstance(outcome, str) or isinstance(again, str) or outcome[1] == again[1]
        return next((o for o in (outcome, again) if isinstance(o, str)), None) or (
            None if same else f"{chosen.name}: packed anew, it has other figures"
        )
    kinds = change.ON_ARCHIVES if is_archive else (change.text,) if chosen.kind == "csv" else ()
    mutate = dice.choice((*change.ON_BYTES, *kinds, *kinds[:5]))
    body = mutate(dice, chosen.body)
    outcome = _outcome(chosen, body, dice)
    return f"{chosen.name}, {mutate.__name__}: {outcome}" if isinstance(outcome, str) else None


def _seed(dice: random.Random, number: int) -> Seed:
    messy = messy_files()
    small = [seed for seed in messy if seed.kind == "csv" and len(seed.body) < LARGEST_MESSY]
    if messy and number % 500 == 499:
        return messy[number // 500 % len(messy)]
    return dice.choice(small) if small and dice.random() < 0.05 else dice.choice(seeds())


def _try_table(dice: random.Random) -> str | None:
    """A table whose figures are known, in any format; all of them must be there, once."""
    is_return = dice.random() < 0.6
    value = 4 if is_return else 3
    base = dice.choice((form(), odd_values())) if is_return else plain()
    grid = change.on_tables(dice, base, value, is_return)
    kind = dice.choice(("csv", "csv", "xlsx", "xls", "ods"))
    body = _written(dice, grid, kind)
    made = Seed(f"table-{kind}", kind, body, is_return)
    outcome = _outcome(made, body, dice)
    if isinstance(outcome, str):
        return f"{made.name}: {outcome}"
    expected = figures_of(grid, is_return)
    if outcome[1] != expected:
        lost, more = expected - outcome[1], outcome[1] - expected
        return f"{made.name}: figures lost {dict(lost)}, figures too many {dict(more)}"
    return None


def _written(dice: random.Random, grid: Grid, kind: str) -> bytes:
    if kind == "csv":
        has_comma = any("," in str(cell) for row in grid for cell in row)
        divider = dice.choice(",\t|" if has_comma else ",;\t|")
        return as_csv(grid, divider, dice.choice(("utf-8", "utf-8-sig", "utf-16")))
    sheets: dict[str, Grid] = {"Return": grid, "Other": [["nothing"]]}
    is_formula = any(str(cell).startswith("=") for row in grid for cell in row)
    if kind == "xlsx":  # openpyxl would write a text that begins with = as a formula
        return (
            as_form_xlsx(sheets, ref=None) if is_formula or dice.random() < 0.5 else as_xlsx(sheets)
        )
    return as_xls(sheets) if kind == "xls" else as_ods(sheets)


def figures_of(grid: Grid, is_return: bool) -> Counter[object]:
    """What an independent look at the table sees in its column of figures."""
    header = [str(cell) for cell in grid[0]]
    column = header.index("value" if is_return else "Number")
    marks = FORM_COLUMNS[1:4] if is_return else (PLAIN_HEADER[2], PLAIN_HEADER[3])
    places = [header.index(name) for name in marks]
    rows = [row for row in grid[1:] if any(cell not in (None, "") for cell in row)]
    while rows and not any(str(rows[-1][p] or "").strip() or rows[-1][p] == 0 for p in places):
        rows.pop()
    return Counter(figure(row[column]) for row in rows if figure(row[column]) is not None)


def figure(cell: Cell) -> object:
    """A plain decimal as a number, any other text as it stands, nothing as None."""
    if cell is None or cell == "":
        return None
    text = str(cell)
    try:
        is_plain = math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return text
    return float(text) if is_plain else text


def _outcome(seed: Seed, body: bytes, dice: random.Random) -> str | tuple[Validated, Counter]:
    """The judged answers and their figures, or what went wrong."""
    source = _entry_of(seed, dice)
    name = f"returns/W06000015/a.{seed.kind}" if seed.is_return else f"plain/a.{seed.kind}"
    started = sum(os.times()[:4])
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        rig.lay(name, body)
        raw = pull(source, rig.fetcher, rig.store, rig.inbox, None, NOW).frame
    judged = validate_answers(raw, _context())
    taken = sum(os.times()[:4]) - started  # ours and the children's: a busy machine is no fault
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, -1)) * 1024
    if taken > MOST_SECONDS or peak > MOST_BYTES:
        return f"{taken:.1f} s, {peak >> 20} MiB"
    return _fault(raw, judged) or (judged, _figures(judged))


def _figures(judged: Validated) -> Counter:
    texts = pd.concat([judged.accepted["value_text"], judged.rejected["value_text"]])
    return Counter(figure(text) for text in texts.dropna())


def _fault(raw: pd.DataFrame, judged: Validated) -> str | None:
    """What is wrong with an outcome, if anything."""
    accepted, rejected, findings = judged.accepted, judged.rejected, judged.findings
    if len(raw) != len(accepted) + len(rejected) or not len(raw):
        return f"{len(raw)} rows in, {len(accepted)} accepted, {len(rejected)} rejected"
    if set(rejected["outcome"]) - {"rejected", "duplicate"} or rejected["code"].isna().any():
        return "a rejected row has no outcome or no code"
    if Counter(raw["value_text"].dropna()) != Counter(
        pd.concat([accepted["value_text"], rejected["value_text"]]).dropna()
    ):
        return "figures of the raw rows are not those of the judged ones"
    if rejected[["source_file", "source_row", "source_sha256"]].isna().any(axis=None):
        return "a rejected row does not say where it stood"
    whole = raw[raw["source_row"] == 0]
    if len(whole) and (len(raw) > 1 or raw["problem"].isna().any()):
        return f"a file refused whole has {len(raw)} reasons"
    if len(whole) and raw["problem"][0] in NOT_READ and len(set(findings["code"])) == 0:
        return "a file refused whole has no finding"
    for lang in ("en", "cy"):
        if findings[f"message_{lang}"].isna().any() or findings[f"message_{lang}"].eq("").any():
            return f"a finding has no message in {lang}"
    return None


PARTS: tuple[Part, ...] = (
    Part(
        name="reader-fuzz",
        promise="A mutated return or table never crashes the reader, takes 10 s or 1 GiB, or loses "
        "or adds a row or figure; a file refused whole has one stated reason",
        target=10_000,
        case=case,
    ),
)
