"""The safe reader's gates: each kind of hostile or broken file is refused in one sentence."""

import io
import os
import random
import resource
import struct
import sys
import zipfile

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from assets.collection import parse_child
from assets.collection.formats.child import LIMITS
from assets.collection.limits import LARGEST_FILE, WALL_SECONDS
from assets.collection.parse_child import COMMAND, ChildError
from assets.collection.scan import OLE
from assets.collection.sheets import Refusal, Sheets, address, read_sheets
from tests.fixtures import mutations
from tests.fixtures.seeds import as_csv, as_ods, as_xls, as_xlsx, form
from validations.rules.structure import NOT_READ

XLSX, ODS, XLS = (write({"Return": form()}) for write in (as_xlsx, as_ods, as_xls))
SHEET = "xl/worksheets/sheet1.xml"


def members(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes] | list[tuple[str, bytes]], method=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(name, content)
    return out.getvalue()


def also(name: str, content: bytes = b"<x/>", body: bytes = XLSX) -> bytes:
    """The workbook with one more member."""
    return packed([*members(body).items(), (name, content)])


def edited(old: bytes, new: bytes, name: str = SHEET, body: bytes = XLSX) -> bytes:
    """The workbook with a part changed, once."""
    parts = members(body)
    assert old in parts[name], "the edit must hit"
    parts[name] = parts[name].replace(old, new, 1)
    return packed(parts)


def flagged(body: bytes) -> bytes:
    """The workbook whose directory says that its first member is encrypted."""
    changed = bytearray(body)
    start = body.index(b"PK\x01\x02")
    changed[start + 8] |= 1
    return bytes(changed)


def refused(body: bytes, name: str = "a.xlsx") -> Refusal:
    found = read_sheets(body, name)
    assert isinstance(found, Refusal), found
    return found


def texts(body: bytes, name: str = "a.xlsx") -> list[list[str]]:
    found = read_sheets(body, name)
    assert isinstance(found, Sheets), found.message("en")
    return [list(row) for row in found.sheets[0].rows]


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
QUADRATIC = b'<!DOCTYPE q [<!ENTITY a "' + b"a" * 50_000 + b'">]>'
EXTERNAL = b'<!DOCTYPE e [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ENCRYPTED = OLE + bytes(1000) + "EncryptedPackage".encode("utf-16-le")
MACRO_XLS = XLS + "_VBA_PROJECT_CUR".encode("utf-16-le")
MANIFEST = b'<m:manifest xmlns:m="x"><m:encryption-data/></m:manifest>'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(also("xl/vbaProject.bin"), "file_has_macros", id="macros"),
        pytest.param(MACRO_XLS, "file_has_macros", id="macros of an old workbook"),
        pytest.param(also("Basic/Standard/x.xml", body=ODS), "file_has_macros", id="macros in ods"),
        pytest.param(ENCRYPTED, "file_has_password", id="password"),
        pytest.param(flagged(XLSX), "file_has_password", id="encrypted member"),
        pytest.param(
            packed({**members(ODS), "META-INF/manifest.xml": MANIFEST}),
            "file_has_password",
            id="password in ods",
        ),
        pytest.param(also("../../etc/cron.xml"), "archive_unsafe_name", id="path upwards"),
        pytest.param(also("/etc/cron.xml"), "archive_unsafe_name", id="absolute path"),
        pytest.param(also("xl\\..\\x.xml"), "archive_unsafe_name", id="backslash"),
        pytest.param(also("C:/x.xml"), "archive_unsafe_name", id="drive"),
        pytest.param(also("XL/WORKBOOK.xml"), "archive_repeats", id="member twice"),
        pytest.param(also("a.xml", bytes(8 << 20)), "archive_too_large", id="zip bomb"),
        pytest.param(
            packed([*members(XLSX).items(), *((f"xl/{n}.xml", b"") for n in range(2000))]),
            "archive_too_large",
            id="2,000 members and more",
        ),
        pytest.param(
            edited(b"<worksheet", LAUGHS + b"]><worksheet"), "xml_unsafe", id="billion laughs"
        ),
        pytest.param(
            edited(b"<worksheet", QUADRATIC + b"<worksheet"), "xml_unsafe", id="quadratic entity"
        ),
        pytest.param(
            edited(b"<worksheet", EXTERNAL + b"<worksheet"), "xml_unsafe", id="external entity"
        ),
        pytest.param(
            edited(b"?>", b"?>" + EXTERNAL, "content.xml", ODS),
            "xml_unsafe",
            id="external entity in ods",
        ),
        pytest.param(edited(b"<v>", b"<v>\0"), "xml_unsafe", id="zero byte in xml"),
        pytest.param(
            packed({**members(XLSX), SHEET: "<x/>".encode("utf-16")}), "xml_unsafe", id="utf-16 xml"
        ),
        pytest.param(XLSX[:-400], "archive_damaged", id="cut off"),
        pytest.param(b"PK\x03\x04", "archive_damaged", id="four bytes"),
        pytest.param(
            packed(members(XLSX), zipfile.ZIP_LZMA), "archive_damaged", id="odd compression"
        ),
        pytest.param(packed({"word/document.xml": b""}), "file_kind_unknown", id="another zip"),
        pytest.param(also("xl/workbook.bin"), "file_kind_unknown", id="xlsb"),
        pytest.param(b"%PDF-1.7 ...", "file_kind_unknown", id="pdf"),
        pytest.param(b"\n<html><table>", "file_kind_unknown", id="html called xls"),
        pytest.param(bytes(LARGEST_FILE + 1), "file_too_large", id="11 MiB"),
        pytest.param(OLE + bytes(5000), "workbook_unreadable", id="no workbook in it"),
        pytest.param(
            packed({**members(XLSX), SHEET: b"<worksheet"}), "workbook_unreadable", id="no xml"
        ),
        pytest.param(edited(b'r="E5"', b'r="E20001"'), "sheet_too_large", id="20,001 rows"),
        pytest.param(edited(b'r="E5"', b'r="SH5"'), "sheet_too_large", id="502 columns"),
        pytest.param(
            edited(
                b"</sheetData>",
                b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
            ),
            "sheet_too_large",
            id="all cells merged",
        ),
        pytest.param(
            edited(
                b"<table:table-row>",
                b'<table:table-row table:number-rows-repeated="1048576">',
                "content.xml",
                ODS,
            ),
            "sheet_too_large",
            id="a million repeated rows",
        ),
        pytest.param(
            edited(
                b"<table:table-cell",
                b'<table:table-cell table:number-columns-repeated="999999999"',
                "content.xml",
                ODS,
            ),
            "sheet_too_large",
            id="a billion repeated cells",
        ),
        pytest.param(
            edited(b"<text:p>", b'<text:p><text:s text:c="999999999"/>', "content.xml", ODS),
            "file_too_heavy",
            id="a gigabyte of spaces",
        ),
    ],
)
def test_a_hostile_or_broken_file_is_refused_whole_for_one_reason(body, code):
    found = refused(body)
    assert found.code == code
    for lang in ("en", "cy"):
        assert found.message(lang).startswith("a.xlsx: ")
        assert 30 < len(found.message(lang)) < 300
        assert "Traceback" not in found.message(lang)
    assert found.message("en") != found.message("cy")


def test_every_reason_of_a_refusal_has_a_rule():
    codes = {"archive_repeats", "archive_unsafe_name", "file_unopened", "table_missing"}
    assert codes < set(NOT_READ)


def test_a_claimed_size_is_not_believed():
    body = bytearray(also("xl/a.xml", b" " * (3 << 20)))
    place = body.rindex(b"PK\x01\x02")
    struct.pack_into("<I", body, place + 24, 10)
    assert refused(bytes(body)).code in ("archive_too_large", "archive_damaged")


def test_the_sentence_for_macros_is_the_one_that_councils_know():
    found = refused(also("xl/vbaProject.bin"), "return.xlsm")
    assert found.message("en") == (
        "return.xlsm: this workbook has macros. Save it as .xlsx and send it again."
    )
    assert found.message("cy").startswith("return.xlsm: mae macros yn y llyfr gwaith hwn.")


@pytest.mark.parametrize("make", ["link", "folder", "pipe", "nothing"])
def test_only_a_regular_file_is_opened_and_links_are_not_followed(tmp_path, make):
    (tmp_path / "secret.csv").write_text("canary")
    path = tmp_path / "a.csv"
    {
        "link": lambda: path.symlink_to(tmp_path / "secret.csv"),
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "nothing": lambda: None,
    }[make]()
    found = read_sheets(path, "a.csv")
    assert isinstance(found, Refusal)
    assert found.code == "file_unopened"


def test_a_text_that_begins_like_an_archive_is_a_text():
    found = read_sheets(b"PK,Area\n1,Cardiff\n", "keys.csv", ("PK", "Area"))
    assert isinstance(found, Sheets)
    assert found.sheets[0].rows == [["PK", "Area"], ["1", "Cardiff"]]


def test_the_kind_is_told_by_the_content_whatever_the_name():
    for body, kind in ((XLSX, "xlsx"), (ODS, "ods"), (XLS, "xls"), (as_csv(form()), "csv")):
        found = read_sheets(body, "figures.pdf")
        assert isinstance(found, Sheets)
        assert found.kind == kind
        assert found.sheets[0].rows[1][4] == "64.1"


@pytest.mark.parametrize("body", [XLSX, ODS, XLS])
def test_formats_agree_on_every_cell_and_its_address(body):
    found = read_sheets(body, "a")
    expected = [["" if cell is None else str(cell) for cell in row] for row in form()]
    assert [list(row) for row in found.sheets[0].rows] == [
        row[:6] if not row[6] else row for row in expected
    ]
    cell = next(cell for cell in found.sheets[0].cells() if cell.text == "4120")
    assert (cell.sheet, cell.address) == ("Return", "E3")


def in_calamine(body: bytes) -> list[list[str]]:
    """The first sheet as another reader sees it."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0)
    rows = [[plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    return [row[: max((n for n, cell in enumerate(row, 1) if cell), default=0)] for row in rows]


def plain(cell: object) -> str:
    is_whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if is_whole else str(cell)


REPEATED = edited(
    b"<table:table-cell/>",
    b'<table:table-cell table:number-columns-repeated="3"/>'
    b'<table:table-cell table:number-columns-repeated="2" office:value-type="float"'
    b' office:value="7.25"><text:p>7</text:p></table:table-cell>',
    "content.xml",
    edited(
        b"<table:table-row>",
        b'<table:table-row table:number-rows-repeated="40"><table:table-cell/></table:table-row>'
        b'<table:table-row table:number-rows-repeated="3">',
        "content.xml",
        ODS,
    ),
)


@pytest.mark.parametrize("body", [XLSX, ODS, XLS, REPEATED], ids=["xlsx", "ods", "xls", "repeated"])
def test_another_reader_sees_the_same_cells_at_the_same_places(body):
    assert texts(body) == in_calamine(body)


def test_an_address_is_written_as_a_spreadsheet_writes_it():
    assert [address(7, column) for column in (1, 6, 26, 27, 702, 703)] == [
        *("A7", "F7", "Z7", "AA7", "ZZ7", "AAA7")
    ]


def test_a_declared_dimension_is_not_believed():
    dice = random.Random(1)
    for _ in range(3):
        assert texts(mutations.repacked(dice, XLSX)) == texts(XLSX)


def test_openpyxl_reads_xml_with_defusedxml():
    assert openpyxl.DEFUSEDXML, "defusedxml is what guards openpyxl where the scan saw nothing"


# --- the process that parses ---


def child(code: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", code)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("while True: pass", "busy for ever"),
        ("import time; time.sleep(60)", "asleep"),
        ("import os; os.abort()", "a library that ends its process"),
        ("print('x' * 100); import sys; sys.exit(3)", "no answer"),
    ],
)
def test_a_process_that_does_not_answer_is_a_refusal(monkeypatch, code, why):
    monkeypatch.setattr(parse_child, "COMMAND", child(code))
    monkeypatch.setattr(parse_child, "WALL_SECONDS", 0.5)
    assert refused(XLSX).code == "file_too_heavy", why


def test_a_process_that_was_kept_waiting_is_asked_once_more(monkeypatch, tmp_path):
    mark = tmp_path / "asked"
    code = (
        f"import pathlib, time; mark = pathlib.Path({str(mark)!r})\n"
        "if not mark.exists(): mark.touch(); time.sleep(60)\n"
        'print(\'{"sheets": [], "properties": {}}\')'
    )
    monkeypatch.setattr(parse_child, "COMMAND", child(code))
    monkeypatch.setattr(parse_child, "WALL_SECONDS", 2)
    assert isinstance(read_sheets(XLSX, "a.xlsx"), Sheets), "a busy machine is no fault of the file"


def test_a_process_that_cannot_start_is_no_fault_of_the_file(monkeypatch):
    monkeypatch.setattr(parse_child, "COMMAND", child("import a_library_that_is_not_there"))
    with pytest.raises(ChildError, match="a_library_that_is_not_there"):
        read_sheets(XLSX, "a.xlsx")


def test_the_process_is_alone_and_limited():
    assert COMMAND[1] == "-I", "isolated: no environment, no folder of ours on its path"
    limits = dict(LIMITS)
    assert limits[resource.RLIMIT_AS] == 1 << 30
    assert limits[resource.RLIMIT_CPU] == 8 < WALL_SECONDS == 9
    assert limits[resource.RLIMIT_CORE] == 0
    assert limits[resource.RLIMIT_NOFILE] == 64


def test_the_process_has_an_empty_environment_and_takes_on_the_limits(monkeypatch):
    code = (
        "import sys, os, json, resource; sys.argv[1:] = ['xlsx']\n"
        "from assets.collection.formats import child\n"
        "child.answer = lambda kind, body: {'sheets': [], 'properties': {\n"
        "  'env': str(sorted(set(os.environ) - {'LC_CTYPE'})),\n"
        "  'memory': str(resource.getrlimit(resource.RLIMIT_AS)[0]),\n"
        "  'pandas': str('pandas' in sys.modules)}}\n"
        "child.main()"
    )
    monkeypatch.setattr(parse_child, "COMMAND", child(code))
    said = parse_child.parse(XLSX, "xlsx")["properties"]
    assert said == {"env": "[]", "memory": str(1 << 30), "pandas": "False"}
