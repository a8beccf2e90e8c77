"""The officer's check: what the hub would say of one file, before it is sent.

Here belongs laying the file into an inbox of its own, beside what the council sent before, and
asking the hub's own connector and rules. Nothing is kept and nothing leaves the machine.
"""

import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd

from assets.catalogue.frames import areas_frame, breaks_frame, indicator_frame, measures_frame
from assets.catalogue.load import Catalogue
from assets.collection.forms import FORM_COLUMNS, ReturnRef
from assets.collection.inbox import find_tables, label
from assets.collection.limits import LARGEST_FILE
from assets.collection.reader import CsvTable
from assets.collection.sheets import read_sheets
from assets.collection.tables import Wanted, read_tables, tables_in
from assets.methods.figures import build_figures
from assets.sources.council_returns import WANTED
from assets.sources.http import Fetcher, live_session
from assets.sources.inbox_csv import wanted_of
from assets.sources.pull import pull
from assets.sources.raw_store import RawStore
from assets.sources.registry import CouncilReturnsOptions, InboxCsvOptions, SourceEntry
from validations.validate import RuleContext, judge_figures, validate_answers

COUNCIL_FOLDER = re.compile(r"[A-Z]\d{8}", re.IGNORECASE)


def check_file(
    path: Path,
    registry: Mapping[str, SourceEntry],
    catalogue: Catalogue,
    sent_before: Path | None,
    now: datetime,
) -> pd.DataFrame:
    """Findings about the file, as validation_findings; empty when the hub would accept it whole.

    sent_before is an inbox whose other files serve as history, so that a change on last year is
    seen; without it that rule has nothing to compare with.
    """
    with path.open("rb") as file:
        body = file.read(LARGEST_FILE + 1)
    entry, table = entry_for(body, path.name, registry)
    with tempfile.TemporaryDirectory() as folder:
        inbox = Path(folder) / "inbox"
        place = _lay(path, body, table, entry, inbox)
        _lay_history(entry, inbox, place, sent_before, table)
        raw_store = RawStore(Path(folder) / "raw")
        fetcher = Fetcher(live_session(), raw_store)
        raw = pull(_any_name(entry), fetcher, raw_store, inbox, None, now).frame
    if raw is None:
        raise RuntimeError(f"{path.name}: a file that was never read cannot be unchanged")
    findings = _judge(raw, entry, catalogue, now)
    files = findings["source_file"].fillna("")
    ours = findings[(files == str(place)) | files.str.startswith(f"{place}!")]
    names = ours["source_file"].str.removeprefix(f"{place.parent.as_posix()}/")
    return ours.assign(source_file=names).reset_index(drop=True)


def entry_for(
    body: bytes, name: str, registry: Mapping[str, SourceEntry]
) -> tuple[SourceEntry, CsvTable]:
    """The dataset the file belongs to, by its keys, else by shared columns; and its table."""
    wanted = {entry.dataset: _wanted(entry) for entry in registry.values()}
    columns = {column for one in wanted.values() if one for column in one.columns}
    found = read_sheets(body, name, columns)
    tables = {
        dataset: tables_in(found, body, one)[0] if one else CsvTable()
        for dataset, one in wanted.items()
    }
    entry = max(registry.values(), key=lambda entry: _likeness(entry, tables[entry.dataset]))
    return entry, tables[entry.dataset]


def _wanted(entry: SourceEntry) -> Wanted | None:
    options = entry.options
    if isinstance(options, InboxCsvOptions):
        return wanted_of(options)
    return WANTED if isinstance(options, CouncilReturnsOptions) else None


def _likeness(entry: SourceEntry, table: CsvTable) -> tuple[int, int]:
    """(questions, columns) that the table shares with a dataset's; -1 of one that no file feeds."""
    options = entry.options
    if isinstance(options, CouncilReturnsOptions):
        pairs = zip(table.column("indicator_key"), table.column("field"), strict=True)
        keys = {f"{key}.{field}" for key, field in pairs}
        return len(keys & options.fields.keys()), len({*FORM_COLUMNS} & {*table.header})
    if isinstance(options, InboxCsvOptions):
        named = {name for name in options.columns.model_dump().values() if name}
        labels = _labels(table, options)
        return len(labels & options.measures.keys()), len(named & {*table.header})
    return -1, -1


def _labels(table: CsvTable, options: InboxCsvOptions) -> set[str]:
    column = options.columns.measure
    return set(table.column(column)) if column and column in table.header else set()


def _any_name(entry: SourceEntry) -> SourceEntry:
    """The entry, reading every file of its folder: an officer may call a file anything."""
    options = entry.options
    if not isinstance(options, CouncilReturnsOptions | InboxCsvOptions):
        return entry
    pattern = f"{_folder_pattern(options.pattern)}/*.csv"
    return entry.model_copy(update={"options": options.model_copy(update={"pattern": pattern})})


def _folder_pattern(pattern: str) -> str:
    return pattern.rpartition("/")[0]


def _lay(path: Path, body: bytes, table: CsvTable, entry: SourceEntry, inbox: Path) -> Path:
    """Put the file into the inbox; its place below it."""
    options = entry.options
    pattern = getattr(options, "pattern", "files/*.csv")
    folder = _folder_pattern(pattern).replace("*", _council(path, table))
    place = Path(folder) / label(f"{path.stem}{path.suffix or '.csv'}")
    (inbox / folder).mkdir(parents=True)
    (inbox / place).write_bytes(body)
    return place


def _council(path: Path, table: CsvTable) -> str:
    """The council's folder the file lies in, else the council its first reference names."""
    if COUNCIL_FOLDER.fullmatch(path.resolve().parent.name):
        return path.resolve().parent.name
    refs = _refs(table)
    return next(iter(refs)).area_code if refs else "unknown"


def _refs(table: CsvTable) -> set[ReturnRef]:
    texts = table.column("return_ref") if "return_ref" in table.header else []
    return {ref for text in set(texts) if (ref := ReturnRef.parse(text))}


def _lay_history(
    entry: SourceEntry, inbox: Path, place: Path, sent_before: Path | None, table: CsvTable
) -> None:
    """Copy the same council's other returns, those of another period, beside the file."""
    if sent_before is None or not isinstance(entry.options, CouncilReturnsOptions):
        return
    now_sent = {(ref.period, ref.area_code) for ref in _refs(table)}
    for file in find_tables(sent_before, entry.options.pattern):
        if file.folder != place.parent.name:
            continue
        tables = read_tables(file.body, file.name, WANTED)
        before = {(ref.period, ref.area_code) for table in tables for ref in _refs(table)}
        if not before & now_sent:
            (inbox / place.parent / f"before-{Path(file.name).name}").write_bytes(file.body)


def _judge(
    raw: pd.DataFrame, entry: SourceEntry, catalogue: Catalogue, now: datetime
) -> pd.DataFrame:
    areas, indicators = areas_frame(catalogue), indicator_frame(catalogue)
    context = RuleContext(
        dataset=entry.dataset,
        measures=measures_frame(catalogue),
        areas=areas,
        indicators=indicators,
        now=now.date(),
        is_published=not isinstance(entry.options, CouncilReturnsOptions),
    )
    judged = validate_answers(raw, context)
    figures = build_figures(judged.accepted, indicators, areas, breaks_frame(catalogue))
    of_figures = judge_figures(figures, indicators, areas, judged.accepted)
    return pd.concat([judged.findings, of_figures], ignore_index=True)
