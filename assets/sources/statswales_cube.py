"""The columns of a StatsWales cube, extended view, and their passage into raw rows.

Here belongs what a cube's header and labels mean. Area codes stand only in `<dimension>_reference`;
a value is always taken together with its `Notes`.
"""

from collections.abc import Sequence

from assets.collection.reader import CsvTable, RowFault
from assets.sources.raw_frame import Origin, RawRows
from assets.sources.registry import StatsWalesOptions
from assets.sources.selection import (
    UNKNOWN,
    Dimension,
    Selection,
    header_fault,
    select,
    unseen_faults,
)

VALUE, DESCRIPTION, NOTES = "Data values", "Data description", "Notes"
REFERENCE = "_reference"
SUFFIXES = ("", REFERENCE, "_sort", "_hierarchy")
GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n")


def parse_cube(table: CsvTable, options: StatsWalesOptions, origin: Origin, rows: RawRows) -> int:
    """Add the table's rows to `rows`; the number of rows that nobody asked for."""
    table = CsvTable(_plain(table.header), table.rows, table.numbers, table.faults)
    rows.add_faults(origin, table.faults)
    if not table.rows:
        return 0
    names = _dimensions(options)
    required = [VALUE, NOTES, *names, *(name + REFERENCE for name in names)]
    known = [name + suffix for name in (VALUE, DESCRIPTION, NOTES, *names) for suffix in SUFFIXES]
    dimensions = _labelled(table, options)
    fault = header_fault(table.header, required, known)
    chosen = select([] if fault else dimensions, len(table.rows))
    fault = fault or _ambiguous(options, chosen.of(_cells(table, DESCRIPTION)))
    _add(table, options, chosen, fault, origin, rows)
    for dimension in [] if fault else dimensions:
        for key, unseen in unseen_faults(dimension):
            named = key if dimension.name == options.columns.measure else None
            rows.add_faults(origin, [unseen], measure=named)
    return len(table.rows) - len(chosen.places)


def _add(
    table: CsvTable,
    options: StatsWalesOptions,
    chosen: Selection,
    fault: RowFault | None,
    origin: Origin,
    rows: RawRows,
) -> None:
    columns, places = options.columns, chosen.places
    nothing: list[str | None] = [None] * len(places)
    measures = chosen.keys.get(columns.measure or "", nothing)
    broken_down = chosen.keys.get(options.breakdown.column if options.breakdown else "", nothing)
    type_ = options.breakdown.type if options.breakdown else "total"
    years = zip(
        _cells(table, columns.period), _cells(table, columns.period + REFERENCE), strict=True
    )
    rows.add(
        origin,
        [table.numbers[place] for place in places],
        measure=options.measure or measures,
        period_text=chosen.of([label or reference for label, reference in years]),
        area_text=chosen.of(_cells(table, columns.area + REFERENCE)),
        area_name=chosen.of(_cells(table, columns.area)),
        breakdown_type=["total" if key in (None, "total") else type_ for key in broken_down],
        breakdown=[key or "total" for key in broken_down],
        value_text=chosen.of(_cells(table, VALUE)),
        note_text=chosen.of(_cells(table, NOTES)),
        problem=fault.code if fault else chosen.problems,
        problem_detail=fault.detail if fault else None,
    )


def _plain(cells: Sequence[str]) -> list[str]:
    """The cells without the apostrophes that guard spreadsheets against formulas."""
    return [cell[1:] if cell[:1] == "'" and cell[1:2] in GUARDED else cell for cell in cells]


def _cells(table: CsvTable, name: str) -> list[str]:
    return _plain(table.column(name))


def _dimensions(options: StatsWalesOptions) -> list[str]:
    columns, breakdown = options.columns, options.breakdown
    named = [columns.area, columns.period]
    named += [columns.measure] if columns.measure else []
    named += [breakdown.column] if breakdown else []
    return list(dict.fromkeys([*named, *options.only]))


def _labelled(table: CsvTable, options: StatsWalesOptions) -> list[Dimension]:
    """The dimensions that decide which rows are asked for."""
    wanted: dict[str, dict[str, str]] = {
        name: {label: label for label in labels} for name, labels in options.only.items()
    }
    if options.columns.measure:
        wanted[options.columns.measure] = dict(options.measures)
    if options.breakdown:
        wanted[options.breakdown.column] = dict(options.breakdown.categories)
    return [
        Dimension(name, (_cells(table, name + REFERENCE), _cells(table, name)), mapping)
        for name, mapping in wanted.items()
    ]


def _ambiguous(options: StatsWalesOptions, descriptions: list[str | None]) -> RowFault | None:
    """A fault if rows of one measure are described in several ways: £ thousand and £ per head."""
    found = sorted({description or "" for description in descriptions})
    if options.measure is None or options.columns.measure or len(found) < 2:
        return None
    return RowFault(1, UNKNOWN, f"{DESCRIPTION} has several labels: {', '.join(found)}")
