"""ODS by the standard library's expat, in the child only: one pass over content.xml.

Here belongs the walk through OpenDocument's table elements. One pass gives value, error, formula
and percentage of a cell at the same address; repeated cells are measured before they are laid out.
Documents with a DOCTYPE or entities never come this far: the scan refuses them.
"""

import io
import zipfile
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from xml.parsers import expat

from assets.collection.formats.grid import Grid, Mark, SheetAnswer
from assets.collection.formats.values import number_text, percent_text, truth_text
from assets.collection.limits import MOST_CELLS, Refused, box_fault

OASIS = "urn:oasis:names:tc:opendocument:xmlns"
TABLE, TEXT = f"{OASIS}:table:1.0 ", f"{OASIS}:text:1.0 "
OFFICE, META = f"{OASIS}:office:1.0 ", f"{OASIS}:meta:1.0 "
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
NOT_THE_CELLS_TEXT = (f"{OFFICE}annotation", f"{TABLE}shapes", f"{TABLE}detective")
DRAWING = f"{OASIS}:drawing:1.0 "
LONGEST_TEXT = 32_767
"""Letters that a cell may hold in the programs that write these files."""
Attributes = dict[str, str]


def read(body: bytes) -> tuple[list[SheetAnswer], dict[str, str]]:
    """(sheets, properties whose name begins with cb_) of a spreadsheet."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        content = _Content()
        content.parse(archive.read("content.xml"))
        properties: dict[str, str] = {}
        if "meta.xml" in archive.namelist():
            properties = _properties(archive.read("meta.xml"))
    return [grid.answer() for grid in content.grids], properties


class _Content:
    """The state of the walk: where we are, and what the cell at hand holds so far."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.depth = self.skipped = 0
        self.row = self.column = self.next_row = 0
        self.cell: Attributes | None = None
        self.paragraphs: list[str] = []
        self.in_paragraph = False

    def parse(self, body: bytes) -> None:
        """Walk through a document."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.Parse(body, True)

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if self.skipped or name in NOT_THE_CELLS_TEXT or name.startswith(DRAWING):
            self.skipped += 1
        elif name == f"{TABLE}table":
            self.depth += 1
            if self.depth == 1:
                self.grids.append(Grid(attributes.get(f"{TABLE}name", "")))
                self.next_row = 1
        elif self.depth != 1:
            return
        elif name == f"{TABLE}table-row":
            self.row, self.column = self.next_row, 1
            self.next_row += _count(attributes, f"{TABLE}number-rows-repeated")
        elif name in CELLS:
            self.cell, self.paragraphs = attributes, []
        elif self.cell is not None:
            self._inside(name, attributes)

    def _inside(self, name: str, attributes: Attributes) -> None:
        if name == f"{TEXT}p":
            self.paragraphs.append("")
            self.in_paragraph = True
        elif self.in_paragraph and name == f"{TEXT}s":
            n_spaces = _count(attributes, f"{TEXT}c")
            if n_spaces > LONGEST_TEXT:
                raise Refused("file_too_heavy")
            self.text(" " * n_spaces)
        elif self.in_paragraph and name == f"{TEXT}tab":
            self.text("\t")
        elif self.in_paragraph and name == f"{TEXT}line-break":
            self.text("\n")

    def end(self, name: str) -> None:
        """An element ends."""
        if self.skipped:
            self.skipped -= 1
        elif name == f"{TABLE}table":
            self.depth -= 1
        elif self.depth == 1 and name == f"{TEXT}p":
            self.in_paragraph = False
        elif self.depth == 1 and name in CELLS and self.cell is not None:
            self._lay(self.cell)
            self.cell = None

    def text(self, text: str) -> None:
        """Letters, which count only within a paragraph of a cell."""
        if self.in_paragraph and not self.skipped and self.paragraphs:
            self.paragraphs[-1] += text

    def _lay(self, cell: Attributes) -> None:
        """Put the cell into its sheet as often as it is repeated, if that fits."""
        width = _count(cell, f"{TABLE}number-columns-repeated")
        text, mark = _value(cell, "\n".join(self.paragraphs))
        if text or mark:
            grid, height = self.grids[-1], self.next_row - self.row
            fault = box_fault(grid.name, self.next_row - 1, self.column + width - 1)
            if fault or width * height > MOST_CELLS:
                raise fault or Refused("sheet_too_large", grid.name)
            for row in range(self.row, self.next_row):
                for column in range(self.column, self.column + width):
                    grid.put(row, column, text, mark)
        self.column += width


def _value(cell: Attributes, shown: str) -> tuple[str, Mark | None]:
    kind = cell.get(f"{OFFICE}value-type")
    if cell.get(f"{CALC}value-type") == "error":
        return shown or "#ERROR!", "error"
    text = _typed(kind, cell, shown)
    if f"{TABLE}formula" not in cell:
        return text, None
    return text, "formula" if kind else "no_result"


def _typed(kind: str | None, cell: Attributes, shown: str) -> str:
    if kind in ("float", "currency", "percentage"):
        given = cell.get(f"{OFFICE}value", "")
        try:
            number = Decimal(given)
        except InvalidOperation:
            return given or shown
        return percent_text(number) if kind == "percentage" else number_text(number)
    if kind == "boolean":
        return truth_text(cell.get(f"{OFFICE}boolean-value") == "true")
    if kind == "date":
        return cell.get(f"{OFFICE}date-value", shown).removesuffix("T00:00:00").replace("T", " ")
    if kind == "time":
        return cell.get(f"{OFFICE}time-value", shown)
    return cell.get(f"{OFFICE}string-value", shown)


def _count(attributes: Mapping[str, str], name: str) -> int:
    """How often something is repeated; at least once."""
    text = attributes.get(name, "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 10 else 1


def _properties(body: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    name: list[str] = []

    def start(element: str, attributes: Attributes) -> None:
        if element == f"{META}user-defined":
            name[:] = [attributes.get(f"{META}name", "")]

    def text(letters: str) -> None:
        if name and name[0].startswith("cb_"):
            found[name[0]] = found.get(name[0], "") + letters

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler = lambda _element: name.clear()
    parser.Parse(body, True)
    return found
