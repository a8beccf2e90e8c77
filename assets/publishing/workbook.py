"""PRODUCT.xlsx and PRODUCT.cy.xlsx: an accessible workbook in each language.

Here belongs how a workbook is laid out: cover, contents, notes, then one table a sheet, each a
real Excel table with one header row, no merged cells and no meaning in colour alone. A missing
value is a blank cell whose note code and reason stand in columns of their own. Text that looks like
a formula is stored as text and marked so that editing the cell does not run it. What stands in the
tables is in sheets.py. The same tables give the same bytes.
"""

import gc
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from assets.publishing.candidates import ProductFacts
from assets.publishing.sheets import Chosen, Language, Sheet, chosen_rows, sheets_of
from assets.publishing.terms import terms
from assets.publishing.words import DRAFT, LICENCE, NOT_OFFICIAL, SAMPLE, Words

MAX_ROWS = 200_000
"""Longest sheet of a workbook; Excel itself stops at 1,048,576 rows."""
LEFT_OUT = Words(
    "No workbook: {n} rows are more than a workbook is good for ({most}); use the data files.",
    "Dim llyfr gwaith: mae {n} rhes yn fwy nag y mae llyfr gwaith yn addas ar ei gyfer ({most});"
    " defnyddiwch y ffeiliau data.",
)
SAY = {
    "cover": Words("Cover", "Clawr"),
    "contents": Words("Contents", "Cynnwys"),
    "notes": Words("Notes", "Nodiadau"),
    "version": Words("Version {v}: {why}", "Fersiwn {v}: {why}"),
    "published": Words(
        "Latest publication day of a source: {day}",
        "Diwrnod cyhoeddi diweddaraf ffynhonnell: {day}",
    ),
    "sources": Words("Sources", "Ffynonellau"),
    "contact": Words("Who answers for it: {owner}", "Pwy sy'n gyfrifol: {owner}"),
    "other": Words(
        "The same in Welsh: {product}.cy.xlsx. Yr un peth yn Gymraeg: {product}.cy.xlsx.",
        "Yr un peth yn Saesneg: {product}.xlsx. The same in English: {product}.xlsx.",
    ),
    "differ": Words(
        "The tables show where councils differ, not which is best.",
        "Mae'r tablau'n dangos lle mae cynghorau'n wahanol, nid pa un yw'r gorau.",
    ),
    "sheet": Words("Sheet", "Dalen"),
    "rows": Words("Rows", "Rhesi"),
    "holds": Words("What it holds", "Beth sydd ynddi"),
    "code": Words("Note code", "Cod nodyn"),
    "meaning": Words("Meaning", "Ystyr"),
    "back": Words("Back to the contents", "Yn ôl i'r cynnwys"),
    "blank": Words(
        "A blank cell is a missing value; note codes and reasons stand in columns of their own.",
        "Gwerth coll yw cell wag; mae codau nodyn a rhesymau mewn colofnau ar wahân.",
    ),
    "one": Words("This sheet holds one table. {about}", "Mae un tabl yn y ddalen hon. {about}"),
}
FIRST_ROW = 3
"""Row of the headers, from 0: title, what the sheet holds and the way back stand above."""
RISKY = frozenset("=+-@\t\r\n\0＝＋－＠")
"""How a text begins that a spreadsheet might run as a formula."""
WIDEST, NARROWEST, SAMPLED = 60, 10, 50
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's times know no zone


@dataclass(frozen=True)
class About:
    """What the cover says of a release."""

    product: ProductFacts
    version: str
    reason: Words
    profile: str
    is_draft: bool


@dataclass(frozen=True)
class _Formats:
    title: Any
    bold: Any
    header: Any
    text: Any
    guarded: Any


def workbooks(
    about: About, tables: Mapping[str, pa.Table]
) -> tuple[dict[str, bytes], dict[str, Words]]:
    """File name -> bytes of the workbook in English and in Welsh, and what is left out, and why."""
    product, chosen = about.product.id, chosen_rows(tables)
    n_rows = max(map(len, chosen))
    if n_rows > MAX_ROWS:
        return {}, {f"{product}.xlsx": LEFT_OUT.fill(n=n_rows, most=MAX_ROWS)}
    with _collector_paused():
        made = {
            f"{product}.xlsx": workbook(about, chosen, "en"),
            f"{product}.cy.xlsx": workbook(about, chosen, "cy"),
        }
    return made, {}


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Without the cycle collector: it walks every cell again and again, a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def workbook(about: About, chosen: Sequence[Chosen], language: Language) -> bytes:
    """The workbook in one language."""
    sink = io.BytesIO()
    font = {"font_name": "Arial", "font_size": 12}
    book = xlsxwriter.Workbook(sink, {"in_memory": True, "default_format_properties": font})
    columns = {item.table: item.columns for item in chosen}
    days = sorted({day for day in columns["indicator_values"]["source_published"] if day})
    _properties(book, about, language, days)
    formats = _Formats(
        title=book.add_format({"bold": True, "font_size": 16}),
        bold=book.add_format({"bold": True}),
        header=book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        text=book.add_format({"text_wrap": True, "valign": "top"}),
        guarded=book.add_format({"quote_prefix": True}),
    )
    sheets = list(sheets_of(chosen, about.product.themes, language))
    sources = _sources(columns["indicator_catalogue"], language)
    _cover(book, about, sources, language, days, formats)
    _contents(book, sheets, language, formats)
    _notes(book, language, formats)
    for sheet in sheets:
        _table(book, sheet, formats, language)
    book.close()
    return sink.getvalue()


def _properties(book: Workbook, about: About, language: Language, days: Sequence[str]) -> None:
    book.set_properties(
        {
            "title": f"{about.product.title[language]} {about.version}",
            "subject": about.product.description[language],
            "author": "council-benchmarks",
            "comments": LICENCE[language],
            "created": datetime.fromisoformat(days[-1][:10]) if days else EPOCH,
        }
    )
    book.set_custom_property("Language", {"en": "en-GB", "cy": "cy-GB"}[language], "text")


def _cover(
    book: Workbook,
    about: About,
    sources: tuple[str, Sequence[str]],
    language: Language,
    days: Sequence[str],
    formats: _Formats,
) -> None:
    product, (publishers, listed) = about.product, sources
    lines = [
        product.description[language],
        SAY["version"].fill(v=about.version, why=about.reason[language])[language],
        *(SAY["published"].fill(day=day)[language] for day in days[-1:]),
        NOT_OFFICIAL.fill(publishers=publishers)[language],
        SAY["differ"][language],
        SAY["contact"].fill(owner=product.owner)[language],
        LICENCE[language],
        SAY["other"].fill(product=product.id)[language],
        *([SAMPLE[language]] if about.profile == "sample" else []),
        *([DRAFT[language]] if about.is_draft else []),
    ]
    sheet = _new(book, SAY["cover"][language], product.title[language], formats)
    sheet.set_column(0, 0, 100)
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line, formats.text)
    sheet.write_string(len(lines) + 2, 0, SAY["sources"][language], formats.bold)
    for row, line in enumerate(listed, start=len(lines) + 3):
        sheet.write_string(row, 0, line, formats.text)


def _sources(
    catalogue: Mapping[str, Sequence[Any]], language: Language
) -> tuple[str, Sequence[str]]:
    """The publishers, and a line for each source: publisher, name, designation, address."""
    said = terms("words")
    columns = (catalogue[c] for c in ("publisher", "source_name", "designation", "source_url"))
    rows = sorted({tuple(cell or "" for cell in row) for row in zip(*columns, strict=True)})
    lines = [
        f"{publisher}: {name}" + (f" ({said[mark][language]})" if mark in said else "") + f", {url}"
        for publisher, name, mark, url in rows
    ]
    return "; ".join(sorted({row[0] for row in rows if row[0]})), lines


def _contents(
    book: Workbook, sheets: Sequence[Sheet], language: Language, formats: _Formats
) -> None:
    name = SAY["contents"][language]
    sheet = _new(book, name, name, formats)
    rows = [(item.title, len(item), item.about) for item in sheets]
    heads = [SAY[key][language] for key in ("sheet", "rows", "holds")]
    _real_table(sheet, 1, heads, len(rows), "contents", formats)
    for row, (title, n_rows, holds) in enumerate(rows, start=2):
        sheet.write_url(row, 0, f"internal:'{title}'!A1", string=title)
        sheet.write_number(row, 1, n_rows)
        sheet.write_string(row, 2, holds, formats.text)
    for column, width in enumerate((35, 10, 80)):
        sheet.set_column(column, column, width)


def _notes(book: Workbook, language: Language, formats: _Formats) -> None:
    name = SAY["notes"][language]
    sheet = _new(book, name, name, formats)
    sheet.write_string(1, 0, SAY["blank"][language])
    codes = terms("note_codes")
    heads = [SAY["code"][language], SAY["meaning"][language]]
    _real_table(sheet, 2, heads, len(codes), "note_codes", formats)
    for row, (code, words) in enumerate(codes.items(), start=3):
        sheet.write_string(row, 0, code)
        sheet.write_string(row, 1, words[language])
    sheet.set_column(0, 0, 15)
    sheet.set_column(1, 1, 80)


def _table(book: Workbook, item: Sheet, formats: _Formats, language: Language) -> None:
    sheet = _new(book, item.title, item.title, formats)
    sheet.write_string(1, 0, SAY["one"].fill(about=item.about)[language])
    contents = SAY["contents"][language]
    sheet.write_url(2, 0, f"internal:'{contents}'!A1", string=SAY["back"][language])
    _real_table(sheet, FIRST_ROW, item.headings, len(item), item.table, formats)
    _cells(sheet, item.columns, formats.guarded)
    for place, (head, cells) in enumerate(zip(item.headings, item.columns, strict=True)):
        sheet.set_column(place, place, _width(head, cells))
    sheet.freeze_panes(FIRST_ROW + 1, 1)


def _new(book: Workbook, name: str, title: str, formats: _Formats) -> Worksheet:
    sheet: Worksheet = book.add_worksheet(name)
    sheet.write_string(0, 0, title, formats.title)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    return sheet


def _real_table(
    sheet: Worksheet, row: int, heads: Sequence[str], n_rows: int, name: str, formats: _Formats
) -> None:
    sheet.add_table(
        *(row, 0, row + n_rows, len(heads) - 1),
        {
            "name": f"table_{re.sub(r'[^A-Za-z0-9_]', '_', name)}",
            "style": "Table Style Light 1",
            "columns": [{"header": head, "header_format": formats.header} for head in heads],
        },
    )


def _cells(sheet: Worksheet, columns: Sequence[Sequence[Any]], guarded: Any) -> None:
    text, number = sheet.write_string, sheet.write_number
    for row, cells in enumerate(zip(*columns, strict=True), start=FIRST_ROW + 1):
        for place, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            if not isinstance(cell, str):
                number(row, place, cell)
            elif cell[:1] in RISKY:
                text(row, place, cell, guarded)
            else:
                text(row, place, cell)


def _width(head: str, cells: Sequence[Any]) -> int:
    longest = max((len(str(cell)) for cell in cells[:SAMPLED] if cell is not None), default=0)
    words = max(len(word) for word in head.split())
    return max(NARROWEST, words + 4, min(WIDEST, longest + 2))
