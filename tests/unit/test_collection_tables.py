"""Workbooks as returns and publishers' tables: found by their keys, odd cells named."""

from datetime import date

import pytest

from assets.collection.check import check_file
from assets.collection.decimal_comma import with_points
from assets.collection.forms import FORM_COLUMNS
from assets.collection.reader import CsvTable
from assets.collection.tables import Wanted, read_tables
from assets.sources.registry import load_registry
from tests.fixtures import mutations
from tests.fixtures.seeds import (
    PLAIN_HEADER,
    REF,
    as_csv,
    as_form_xlsx,
    as_ods,
    as_xls,
    as_xlsx,
    form,
    form_row,
    odd_values,
    plain,
    shown_form,
)
from tests.fixtures.servers.rig import NOW, Rig
from tests.soak.reader import _context as soak_context
from tests.soak.reader import _plain, _returns
from validations.validate import validate_answers

WANTED = Wanted(FORM_COLUMNS, FORM_COLUMNS[1:4])
WRITERS = {"xlsx": as_xlsx, "xls": as_xls, "ods": as_ods}
SUMS = [*form(), form_row("=SUM(E2:E3)", ref=REF.replace("2024-25", "2023-24"))]


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path)


def pulled(rig, body, ending="xlsx", is_return=True):
    """raw_returns of one file."""
    rig.lay(f"returns/W06000015/a.{ending}" if is_return else f"plain/a.{ending}", body)
    return rig.pull(
        _returns() if is_return else _plain("Code", "Year", "Number", "Note", "Area")
    ).frame


def said(raw):
    """Messages of the findings about a file by code, in English."""
    findings = validate_answers(raw, soak_context()).findings
    return dict(zip(findings["code"], findings["message_en"], strict=True))


# --- the same rows from every format ---


@pytest.mark.parametrize("kind", WRITERS)
def test_a_workbook_gives_the_rows_that_its_csv_gives(rig, kind):
    expected = pulled(rig, as_csv(form()), "csv").drop(columns=["source_file", "source_sha256"])
    (rig.inbox / "returns/W06000015/a.csv").unlink()
    raw = pulled(rig, WRITERS[kind]({"Return": form()}), kind)
    assert raw.drop(columns=["source_file", "source_sha256"]).equals(expected)
    assert set(raw["source_file"]) == {f"returns/W06000015/a.{kind}!Return"}
    assert raw["source_row"].tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_form_with_titles_labels_a_total_and_other_sheets_is_found_by_its_keys(rig, kind):
    book = WRITERS[kind]({"Cover": [["Return 2025"]], "Ffurflen": shown_form()})
    raw = pulled(rig, book, kind)
    assert raw["value_text"].tolist() == ["64.1", "4120", "1873.25", "12"]
    assert raw["problem"].isna().all()
    told = {notice["code"]: notice["seen"] for notice in raw.attrs["notices"]}
    assert told == {"read_outside": "Ffurflen 9", "read_other_sheet": "Cover"}


def test_order_of_rows_and_columns_and_the_name_of_the_sheet_are_nothing(rig):
    rows = [row[::-1] for row in [form()[0], *form()[:0:-1]]]
    raw = pulled(rig, as_xlsx({"Sheet 7": rows}))
    assert dict(zip(raw["measure"], raw["value_text"], strict=True)) == {
        "recycled_pct": "64.1",
        "days_lost": "4120",
        "fte": "1873.25",
        "homes": "12",
    }


def test_answers_on_two_sheets_are_all_read_and_a_repeated_key_is_the_rules(rig):
    raw = pulled(rig, as_xlsx({"One": form(), "Two": form([64.1, 5])}))
    assert len(raw) == 6
    judged = validate_answers(raw, soak_context())
    codes = judged.rejected["code"].tolist()
    assert codes.count("duplicate_row") == 1, "the same answer twice is counted once"
    assert codes.count("duplicate_key") == 2, "of two different answers none is used"


@pytest.mark.parametrize("kind", WRITERS)
def test_a_publishers_workbook_is_read_below_its_title_and_above_its_notes(rig, kind):
    grid = [["Table 1"], ["Source: a survey"], *plain(), [], ["Notes: rounded to 10"]]
    raw = pulled(rig, WRITERS[kind]({"Notes": [["n"]], "Data": grid}), kind, is_return=False)
    assert len(raw) == 12
    assert raw["source_row"].tolist() == list(range(4, 16))
    assert raw["area_text"].iloc[0] == "W06000015"
    assert [notice["code"] for notice in raw.attrs["notices"]] == [
        "read_outside",
        "read_other_sheet",
    ]


# --- what is odd about a cell ---


def test_a_percentage_is_what_the_officer_sees(rig):
    raw = pulled(rig, as_xlsx({"R": form([0.641, 0.125])}, ("E2",)))
    assert raw["value_text"].tolist() == ["64.1%", "0.125"], "a bare share is not turned into one"


def test_a_formula_is_read_by_its_saved_result_and_told(rig):
    raw = pulled(rig, as_form_xlsx({"Return": SUMS}, {"=SUM(E2:E3)": 4184.1}, None))
    assert raw["value_text"].iloc[4] == "4184.1"
    assert raw["problem"].isna().all()
    assert said(raw)["read_formula"] == (
        "a.xlsx, sheet Return: the saved results of formulas were read (Return E6)."
        " Nothing to do, if the results are right."
    )


def test_a_formula_without_a_saved_result_refuses_its_row_alone(rig):
    raw = pulled(rig, as_xlsx({"Return": SUMS}))
    assert raw["problem"].fillna("").tolist() == ["", "", "", "", "formula_no_result"]
    assert said(raw)["formula_no_result"].endswith(
        ": the formula in E6 has no saved result. Type the number in E6."
    )


def test_a_formula_whose_saved_result_is_the_empty_text_is_a_blank(rig):
    parts = mutations._members(as_form_xlsx({"Return": SUMS}, {"=SUM(E2:E3)": "gone"}, None))
    sheet = "xl/worksheets/sheet1.xml"
    assert b't="str"><f>SUM(E2:E3)</f><v>gone</v>' in parts[sheet], "as Excel writes a text"
    parts[sheet] = parts[sheet].replace(b"<v>gone</v>", b"<v></v>")
    raw = pulled(rig, mutations._packed(list(parts.items())))
    assert raw["problem"].isna().all()
    assert raw["value_text"].isna().tolist() == [False] * 4 + [True], "a blank, to be explained"


def test_an_error_cell_refuses_its_row_alone_and_names_its_address(rig):
    grid = [*form(), form_row("=1/0", ref=REF.replace("2024-25", "2023-24"))]
    raw = pulled(rig, as_form_xlsx({"Return": grid}, {"=1/0": "#DIV/0!"}, None))
    assert raw["problem"].fillna("").tolist() == ["", "", "", "", "error_cell"]
    message = said(raw)["error_cell"]
    assert message.startswith("a.xlsx, sheet Return, row 6")
    assert "#DIV/0! in E6 is an error of the spreadsheet" in message


def test_an_error_cell_of_an_old_workbook_is_no_blank(rig):
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Return")
    for number, row in enumerate(form()):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    sheet.row(5).set_cell_error(4, 0x17)
    for place, cell in enumerate(form_row(None)[:4]):
        sheet.write(5, place, cell)
    import io

    out = io.BytesIO()
    book.save(out)
    raw = pulled(rig, out.getvalue(), "xls")
    assert raw["problem"].tolist()[4] == "error_cell"
    assert raw["problem_detail"].tolist()[4] == "#REF! [E6]"


@pytest.mark.parametrize("kind", WRITERS)
def test_dates_and_truths_are_texts_that_no_figure_is(rig, kind):
    refs = [REF.replace("2024-25", f"{year}-{year - 1999}") for year in (2021, 2022)]
    grid = [*form(), form_row(date(2024, 3, 31), ref=refs[0]), form_row(True, ref=refs[1])]
    if kind == "xls":
        grid[5][4] = "2024-03-31"  # xlwt writes a date as a number without its format
    raw = pulled(rig, WRITERS[kind]({"Return": grid}), kind)
    assert raw["value_text"].tolist()[4:] == ["2024-03-31", "TRUE"]
    judged = validate_answers(raw, soak_context())
    assert set(judged.rejected["code"]) == {"number_unreadable"}


@pytest.mark.parametrize("kind", [*WRITERS, "csv"])
def test_number_forms_are_the_same_in_every_format(rig, kind):
    grid = odd_values()
    body = as_csv(grid) if kind == "csv" else WRITERS[kind]({"Return": grid})
    judged = validate_answers(pulled(rig, body, kind), soak_context())
    refused = judged.rejected[judged.rejected["code"] == "number_unreadable"]
    assert sorted(refused["value_text"]) == ["1.2m", "1E+05", "½"]
    remedies = judged.findings.query("code == 'number_unreadable'")["expected"]
    assert set(remedies) == {"1200000", "100000", "0.5"}
    signs = judged.accepted.set_index("value_text")["note_code"].reindex(["..", ".", "*"])
    assert signs.tolist() == ["x", "z", "c"], "a sign is a status, never zero"
    assert judged.accepted.set_index("value_text")["value"].get("£1,200") == 1200


# --- identity ---


def test_a_copy_of_the_reference_that_disagrees_refuses_the_rows_and_says_which(rig):
    other = REF.replace("W06000015", "W06000002")
    raw = pulled(rig, as_form_xlsx({"Return": form(), "_id": [["return_ref", other]]}))
    assert set(raw["problem"]) == {"copies_disagree"}
    assert raw["problem_detail"].iloc[0] == f"{REF} [_id B1: {other}]"
    message = said(raw)["copies_disagree"]
    assert REF[:20] in message
    assert "elsewhere the workbook says _id B1" in message


def test_copies_that_agree_and_the_property_of_the_document_are_fine(rig):
    raw = pulled(rig, as_form_xlsx({"Return": form(), "_id": [["return_ref", REF]]}))
    assert raw["problem"].isna().all()
    moved = [
        [cell.replace("s001", "s002") if cell == REF else cell for cell in row]
        for row in ([str(cell) for cell in row] for row in form())
    ]
    moved[0] = list(FORM_COLUMNS)
    raw = pulled(rig, as_form_xlsx({"Return": moved}))
    assert set(raw["problem"]) == {"copies_disagree"}, "cb_return_ref says s001"


def test_a_row_whose_keys_were_overwritten_is_refused_and_a_total_below_is_told(rig):
    broken = form_row(7, key=1)
    broken[1] = "WASTE09"
    blank = [None, None, None, None, 99, None, "inserted"]
    total = [None, None, None, None, 6069.35, None, "Total"]
    raw = pulled(rig, as_xlsx({"Return": [*form()[:2], broken, blank, *form()[2:], total]}))
    assert raw["problem"].fillna("").tolist() == [
        *("", "wrong_row_check", "unknown_return", "", "", "")
    ]
    assert raw.attrs["notices"][0]["seen"] == "Return 8", "the total; the inserted row is refused"


def test_a_workbook_without_the_columns_is_refused_with_the_sheets_it_has(rig):
    raw = pulled(rig, as_xlsx({"Budget": [["a", "b"], [1, 2]], "Plan": [["c"]]}))
    assert raw[["source_row", "problem"]].to_numpy().tolist() == [[0, "table_missing"]]
    message = said(raw)["table_missing"]
    assert "(sheets: Budget, Plan)" in message


def test_a_renamed_column_is_named_on_its_sheet(rig):
    grid = [[*FORM_COLUMNS[:4], "figure", *FORM_COLUMNS[5:]], *form()[1:]]
    raw = pulled(rig, as_xlsx({"Return": grid}))
    assert set(raw["problem_detail"]) == {"value; not looked for: figure"}
    assert len(raw) == 4


def test_an_unknown_column_is_refused_because_figures_may_stand_in_it(rig):
    grid = [[*row, "corrected" if number == 0 else 5] for number, row in enumerate(form())]
    raw = pulled(rig, as_xlsx({"Return": grid}))
    assert set(raw["problem"]) == {"unknown_column"}


# --- text files ---


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-8", None)]
)
def test_an_encoding_is_read_if_it_can_only_be_that_one_and_told(rig, encoding, name):
    grid = [*plain(), ["W06000001", "Ynys Môn", 2030, "£5", ""]]
    raw = pulled(rig, as_csv(grid, encoding=encoding), "csv", is_return=False)
    assert raw["area_name"].iloc[-1] == "Ynys Môn"
    assert raw["value_text"].iloc[-1] == "£5"
    told = [notice["seen"] for notice in raw.attrs.get("notices", [])]
    assert told == ([name] if name else [])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("a,Łódź\n1,2\n".encode("cp1250"), id="Polish"),
        pytest.param("a,Łukasz\n1,2\n".encode("cp1250"), id="a pound in a word"),
        pytest.param("a,maź\n1,2\n".encode("cp1250"), id="a letter of no Welsh word"),
        pytest.param("a,Ynys MÃ´n £\n1,2\n".encode("cp1252"), id="mojibake in cp1252"),
        pytest.param(b"a,b\x81\n1,2\n", id="a byte that is no letter"),
        pytest.param("a,b\n1,2\n".encode("utf-16")[:-1], id="half a letter"),
    ],
)
def test_an_encoding_that_would_be_guessed_is_refused(body):
    (table,) = read_tables(body, "a.csv", WANTED)
    assert {fault.code for fault in table.faults} == {"not_utf8"}


def test_letters_damaged_before_are_found(rig):
    grid = [*plain(), ["W06000001", "Ynys MÃ´n", 2030, 5, ""]]
    raw = pulled(rig, as_csv(grid), "csv", is_return=False)
    assert "Ynys MÃ´n" in said(raw)["garbled_text"]


@pytest.mark.parametrize("divider", [",", ";", "\t", "|"])
def test_the_divider_is_the_one_under_which_the_header_is_found(rig, divider):
    raw = pulled(rig, as_csv(plain(), divider), "csv", is_return=False)
    assert raw["problem"].isna().all()
    assert raw["value_text"].tolist()[:3] == ["100.0", "107.5", "115.0"]


def test_a_decimal_comma_belongs_to_semicolons_and_is_told(rig):
    grid = [
        list(PLAIN_HEADER),
        *(
            ["W06000001", "", 2020 + n, text, ""]
            for n, text in enumerate(("12,5", "1234,567", "1,234", "-0,25", "7"))
        ),
    ]
    raw = pulled(rig, as_csv(grid, ";"), "csv", is_return=False)
    assert raw["value_text"].tolist() == ["12.5", "1234.567", "1,234", "-0.25", "7"]
    assert raw["problem"].fillna("").tolist() == ["", "", "comma_unclear", "", ""]
    assert raw.attrs["notices"][0]["code"] == "read_decimal_comma"
    with_comma = pulled(rig, as_csv(grid), "csv", is_return=False)
    assert with_comma["value_text"].tolist()[0] == "12,5", "elsewhere the rules refuse it"


def test_with_points_leaves_other_columns_and_other_dividers_alone():
    table = CsvTable(["a", "b"], [["1,5", "1,5"]], [2], divider=";")
    assert with_points(table, {"b"}).rows == [["1,5", "1.5"]]
    comma = CsvTable(["a", "b"], [["1,5", "1,5"]], [2])
    assert with_points(comma, {"b"}) is comma


# --- the officer's check ---


@pytest.mark.parametrize("kind", [*WRITERS, "csv"])
def test_the_officers_check_reads_every_format_and_names_the_sheet(tmp_path, kind):
    from assets.catalogue.load import load_catalogue
    from assets.collection.forms import row_check

    ref = "AR/2024-25/W06000015/2025.1/s001"
    check = row_check(ref, "WASTE01", "stated_pct")
    grid = [list(FORM_COLUMNS), [ref, "WASTE01", "stated_pct", check, "58.2m", "actual", ""]]
    folder = tmp_path / "W06000015"
    folder.mkdir()
    path = folder / f"my waste.{kind}"
    path.write_bytes(as_csv(grid) if kind == "csv" else WRITERS[kind]({"Ffurflen": grid}))
    found = check_file(path, load_registry(), load_catalogue(), None, NOW)
    (finding,) = [row for row in found.to_dict("records") if row["severity"] == "error"]
    place = f"my waste.{kind}" + ("" if kind == "csv" else ", sheet Ffurflen")
    assert finding["message_en"].startswith(f"{place}, row 2, column value")
    assert finding["message_cy"].startswith(place.replace("sheet", "dalen"))
    assert finding["expected"] == "58200000"


def test_of_a_publishers_file_the_officer_is_told_to_ask_the_publisher(tmp_path):
    from assets.catalogue.load import load_catalogue

    path = tmp_path / "solar.csv"
    path.write_text(
        "publisher,table,area_code,area_name,period,measure,unit,value,note\n"
        "DESNZ,Statistics,W06000015,Cardiff,2024,Electricity generated by photovoltaics,MWh,1.2m,\n"
    )
    found = check_file(path, load_registry(), load_catalogue(), None, NOW)
    (message,) = found.loc[found["code"] == "number_unreadable", "message_en"]
    assert message.endswith("Ask the publisher what 1.2m means; the figure is left out.")


def test_the_officer_is_told_in_a_sentence_why_a_file_is_not_read(tmp_path):
    from assets.catalogue.load import load_catalogue

    path = tmp_path / "return.xlsx"
    path.write_bytes(b"PK\x03\x04 cut off")
    found = check_file(path, load_registry(), load_catalogue(), None, NOW)
    assert found["message_en"].tolist()[0] == (
        "return.xlsx: the workbook is damaged or was not sent whole."
        " Open it, save it as a new .xlsx file and send that."
    )


@pytest.mark.parametrize("text", ["£12,345", "(12,345)", "-£1,234"])
def test_pounds_and_brackets_do_not_make_an_unclear_comma_clear(rig, text):
    """As a decimal comma it is a thousandth of what it is as thousands."""
    grid = [list(PLAIN_HEADER), ["W06000001", "", 2020, text, ""]]
    raw = pulled(rig, as_csv(grid, ";"), "csv", is_return=False)
    assert raw["problem"].tolist() == ["comma_unclear"]
    commas = pulled(rig, as_csv(grid), "csv", is_return=False)
    assert commas["problem"].isna().all(), "where commas divide thousands it is clear"


@pytest.mark.parametrize("kind", WRITERS)
def test_answers_that_a_sort_put_above_the_header_are_told(rig, kind):
    header, *answers = form()
    grid = [["Return of Cardiff"], *answers[:2], header, *answers[2:]]
    raw = pulled(rig, WRITERS[kind]({"Return": grid}), kind)
    assert raw["value_text"].tolist() == ["1873.25", "12"]
    assert said(raw)["read_outside"].startswith(
        "a." + kind + ", sheet Return: text or figures beside, above or below the table were not"
        " read (rows: Return 2, 3)."
    )
