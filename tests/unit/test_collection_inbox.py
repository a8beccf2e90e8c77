"""The inbox: what is found, what is left alone, and that nothing outside it is ever read."""

import os
from pathlib import Path

import pytest

from assets.collection.inbox import find_files, find_tables, unclaimed
from assets.collection.limits import LARGEST_FILE


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    (folder / "returns" / "W06000001").mkdir(parents=True)
    return folder


def lay(inbox, name, body=b"a\n1\n"):
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def test_files_are_found_by_pattern_in_order_whatever_their_capitals(inbox):
    for name in ("returns/W06000002/B.CSV", "returns/W06000001/a.csv", "other/c.csv"):
        lay(inbox, name)
    found = find_files(inbox, "returns/*/*.csv")
    assert [file.name for file in found] == ["returns/W06000001/a.csv", "returns/W06000002/B.CSV"]
    assert [file.folder for file in found] == ["W06000001", "W06000002"]


def test_a_star_stays_within_one_folder(inbox):
    lay(inbox, "returns/W06000001/old/a.csv")
    lay(inbox, "returns/a.csv")
    assert find_files(inbox, "returns/*/*.csv") == []


def test_files_of_other_programs_are_left_alone(inbox):
    for name in (".seeded", "returns/W06000001/.a.csv", "returns/W06000001/~$a.csv"):
        lay(inbox, name)
    assert find_files(inbox, "returns/*/*.csv") == []
    assert find_files(inbox, "*") == []


def test_an_inbox_that_is_not_there_is_empty(tmp_path):
    assert find_files(tmp_path / "none", "*.csv") == []


def test_a_link_is_told_and_not_followed(inbox, tmp_path):
    (tmp_path / "secret.csv").write_text("canary")
    (inbox / "a.csv").symlink_to(tmp_path / "secret.csv")
    (file,) = find_files(inbox, "*.csv")
    assert (file.body, file.fault.code) == (b"", "file_unopened")


def test_a_pipe_does_not_hang_it(inbox):
    os.mkfifo(inbox / "a.csv")
    (file,) = find_files(inbox, "*.csv")
    assert file.fault.code == "file_unopened"


def test_a_huge_file_is_told_and_not_read(inbox):
    with (inbox / "a.csv").open("wb") as out:
        out.truncate(LARGEST_FILE + (1 << 20))
    (file,) = find_files(inbox, "*.csv")
    assert (file.body, file.fault.code, file.fault.seen) == (b"", "file_too_large", "11.0")


@pytest.mark.parametrize("pattern", ["../*", "returns/../../*", "/etc/*"])
def test_a_pattern_cannot_leave_the_inbox(inbox, tmp_path, pattern):
    (tmp_path / "outside.csv").write_text("canary")
    assert find_files(inbox, pattern) == []


def test_a_name_that_is_no_text_is_only_a_label(inbox):
    (inbox / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"x")
    (file,) = find_files(inbox, "*.csv")
    assert file.body == b"x"
    file.name.encode("utf-8")


def test_a_table_is_found_whatever_it_ends_in_and_what_is_never_read_is_told(inbox):
    for name in ("waste-1.csv", "waste-1.xlsx", "waste-1.ODS", "waste-1.csv.bak", "waste-1"):
        lay(inbox, name)
    found = {
        file.name: file.fault and file.fault.seen for file in find_tables(inbox, "waste-*.csv")
    }
    assert found == {
        "waste-1.ODS": None,
        "waste-1.csv": None,
        "waste-1.csv.bak": ".bak",
        "waste-1.xlsx": None,
    }
    assert unclaimed(inbox, ["waste-*.csv"]) == ["waste-1"], "each file is read, told or unclaimed"


def test_unclaimed_names_what_no_dataset_reads(tmp_path: Path) -> None:
    for name in ("returns/W06000022/waste-1.csv", "returns/W06000022/recycling.csv", "loose.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "returns" / "W06000001" / "waste-2.csv").mkdir(parents=True)
    (tmp_path / "returns" / "W06000002").symlink_to(tmp_path / "returns" / "W06000022")
    assert unclaimed(tmp_path, ["returns/*/waste-*.csv"]) == [
        "loose.csv",
        "returns/W06000001/waste-2.csv",
        "returns/W06000002",
        "returns/W06000022/recycling.csv",
    ]


def test_an_unclaimed_name_that_is_no_text_can_stand_in_a_report(inbox):
    (inbox / os.fsdecode(b"caf\xe9.doc")).write_bytes(b"x")
    assert unclaimed(inbox, ["returns/*/*.csv"]) == ["caf\\udce9.doc"]
