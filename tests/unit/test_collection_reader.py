"""The safe reader: text exactly as it stands, every data line a row or a fault."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.collection.reader import read_csv


def faults(table):
    return [(fault.row, fault.code) for fault in table.faults]


def test_cells_are_text_exactly_as_they_stand():
    table = read_csv("code,value,note\n007,NA,\n1E5,1 234,ŵ £\n".encode())
    assert list(table.header) == ["code", "value", "note"]
    assert table.rows == [["007", "NA", ""], ["1E5", "1 234", "ŵ £"]]
    assert table.numbers == [2, 3]
    assert table.column("value") == ["NA", "1 234"]
    assert table.column("absent") == ["", ""]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_a_bom_and_any_newline_are_nothing(newline, bom):
    table = read_csv(bom + newline.join(("a,b", "1,2", "3,4")).encode())
    assert (list(table.header), table.rows) == (["a", "b"], [["1", "2"], ["3", "4"]])


def test_a_quoted_cell_may_hold_commas_and_lines():
    table = read_csv(b'a,b\n"1,5","two\nlines"\n3,4\n')
    assert table.rows == [["1,5", "two\nlines"], ["3", "4"]]
    assert table.numbers == [2, 3], "rows are counted as a spreadsheet counts them"


def test_lines_without_text_are_no_data_lines_but_are_counted():
    table = read_csv(b"a,b\n\n1,2\n,\n3,4\n\n")
    assert (table.rows, table.numbers) == ([["1", "2"], ["3", "4"]], [3, 5])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_file"),
        (b"\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"a,b\n", "header_only"),
        (b"a,b", "header_only"),
        (b"a,b\n,\n", "header_only"),
    ],
)
def test_a_file_without_rows_is_one_fault_of_the_file(body, code):
    assert faults(read_csv(body)) == [(0, code)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("a,b\ncaffi,1\ntŷ,2\n".encode("utf-16"), "not_utf8"),
        ("a,b\nCaffi,1\ncafé,2\n".encode("cp1252"), "not_utf8"),
        (b"a,b\n1,2\n3\x00,4\n", "unreadable_body"),
        (b'a,b\n1,2\n"3"x,4\n', "unreadable_body"),
        (b'a,b\n1,2\n3,"4\n', "truncated_body"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_a_fault_on_each_line(body, code):
    table = read_csv(body)
    assert table.rows == ()
    assert faults(table) == [(2, code), (3, code)]


def test_a_ragged_row_is_refused_alone():
    table = read_csv(b"a,b\n1,2\nPowys;2,25,1\n3\n4,5\n")
    assert table.rows == [["1", "2"], ["4", "5"]]
    assert faults(table) == [(3, "ragged_row"), (4, "ragged_row")]
    assert table.faults[0].detail == "3 cells instead of 2: Powys;2,25,1"


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=8))
def test_what_a_spreadsheet_writes_comes_back(rows):
    out = io.StringIO()
    csv.writer(out).writerows([["first", "second"], *rows])
    table = read_csv(out.getvalue().encode())
    assert list(table.rows) == [row for row in rows if any(row)]
    assert len(table.faults) == (0 if table.rows else 1)


@given(st.binary(max_size=200))
def test_no_bytes_crash_it_and_none_pass_unnoticed(body):
    table = read_csv(body)
    assert table.rows or table.faults
    assert all(len(row) == len(table.header) for row in table.rows)


def test_columns_at_the_end_without_a_name_and_a_cell_are_none():
    """A spreadsheet saves cells that were only formatted; some leave commas out of rows."""
    table = read_csv(b"a,b,,\n1,2,,\n3,4\n5,,,\n")
    assert (list(table.header), table.rows) == (["a", "b"], [["1", "2"], ["3", "4"], ["5", ""]])
    assert not table.faults
    beside = read_csv(b"a,b,,\n1,2,,x\n3,4,,\n5,6,,,\n7\n")
    assert list(beside.header) == ["a", "b", "", ""], "a cell without a name is not passed over"
    assert faults(beside) == [(4, "ragged_row"), (5, "ragged_row")]
