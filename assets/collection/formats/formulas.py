"""Where formulas stand in a sheet of an XLSX workbook.

Here belongs one walk through the XML of a sheet, which is asked for one thing only: which cells
have a formula, and whether its saved result is a text, which may be the empty one.
"""

import re
from xml.parsers import expat

_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def formula_places(part: bytes) -> dict[tuple[int, int], bool]:
    """(row, column) of every cell with a formula -> whether its saved result is a text.

    A cell without an address follows the one before.
    """
    places: dict[tuple[int, int], bool] = {}
    here, kind = [0, 0], [""]

    def start(element: str, attributes: dict[str, str]) -> None:
        name = element.rpartition(" ")[2]
        if name == "c":
            kind[0] = attributes.get("t", "")
            found = _ADDRESS.fullmatch(attributes.get("r", "").upper())
            here[:] = [int(found[2]), _number(found[1])] if found else [here[0], here[1] + 1]
        elif name == "row":
            text = attributes.get("r", "")
            here[:] = [int(text) if text.isdecimal() else here[0] + 1, 0]
        elif name == "f" and here[1]:
            places[here[0], here[1]] = False
        elif name == "v" and (here[0], here[1]) in places:
            places[here[0], here[1]] = kind[0] == "str"

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.Parse(part, True)
    return places


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
