"""Files of the inbox: publishers' plain CSV and councils' returns, every line accounted for."""

import csv
import io
import time
from datetime import timedelta

import pytest

from assets.collection.forms import FORM_COLUMNS, row_check
from assets.sources.http import PermanentFailure
from assets.sources.inbox import seed_inbox
from assets.sources.pull import pull
from assets.sources.raw_store import PullRecord
from tests.fixtures.servers.rig import NOW, Rig, entry

PLAIN = {
    "pattern": "dft/*.csv",
    "columns": {
        "area": "Code",
        "area_name": "Area",
        "period": "Year",
        "value": "Number",
        "measure": "Kind",
        "note": "Note",
    },
    "measures": {"All": "vehicles", "Electric": "electric_vehicles"},
}
VEHICLES = (
    "Code,Area,Year,Kind,Number,Note,Footnote\n"
    "W06000001,Isle of Anglesey,2023,All,40123,,\n"
    "W06000001,Isle of Anglesey,2023,Electric,[c],c,1\n"
    "W06000001,Isle of Anglesey,2023,Diesel,9,,\n"
)
RETURNS = {
    "return_key": "AR",
    "pattern": "returns/*/*.csv",
    "fields": {"recycling.value": "recycled_pct", "pupils.numerator": "pupils_absent"},
}
REF = "AR/2024-25/W06000001/2025.1/s001"


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path)


def plain(**more):
    return entry("inbox_csv", {**PLAIN, **more})


def returns():
    return entry("council_returns", RETURNS)


def row(value="64.1", status="actual", explanation="", key="recycling.value", ref=REF, check=None):
    indicator_key, _, field = key.partition(".")
    check = row_check(ref, indicator_key, field) if check is None else check
    return [ref, indicator_key, field, check, value, status, explanation]


def form(*rows, header=FORM_COLUMNS):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def lay_return(rig, *rows, folder="W06000001", header=FORM_COLUMNS, name="any name.csv"):
    rig.lay(f"returns/{folder}/{name}", form(*rows, header=header))


# --- plain files of publishers ---


def test_a_plain_file_is_read_by_the_columns_named(rig):
    rig.lay("dft/vehicles.csv", VEHICLES)
    pulled = rig.pull(plain())
    columns = ["measure", "period_text", "area_text", "area_name", "value_text", "note_text"]
    assert pulled.frame[columns].fillna("").to_numpy().tolist() == [
        ["vehicles", "2023", "W06000001", "Isle of Anglesey", "40123", ""],
        ["electric_vehicles", "2023", "W06000001", "Isle of Anglesey", "[c]", "c"],
    ]
    assert pulled.n_unselected == 1
    assert pulled.frame["source_file"].tolist() == ["dft/vehicles.csv"] * 2
    assert pulled.frame["source_row"].tolist() == [2, 3]
    digest = pulled.frame["source_sha256"][0]
    assert rig.store.get(digest) == VEHICLES.encode()
    assert rig.store.meta(digest)["url"] == "dft/vehicles.csv"


def test_a_label_that_no_file_has_is_a_problem_and_one_that_some_file_has_is_not(rig):
    first, second, _ = VEHICLES.splitlines()[1:]
    header = VEHICLES.splitlines()[0]
    rig.lay("dft/all.csv", f"{header}\n{first}\n")
    frame = rig.pull(plain()).frame
    assert frame["problem_detail"].dropna().tolist() == ['Kind has no "Electric"']
    assert frame.loc[frame["problem"].notna(), "measure"].tolist() == ["electric_vehicles"]
    rig.lay("dft/electric.csv", f"{header}\n{second}\n")
    assert rig.pull(plain()).frame["problem"].isna().all()


def test_a_breakdown_and_its_total(rig):
    body = "Code,Year,Band,Number\nW06000001,2023,All,9\nW06000001,2023,A,4\nW06000001,2023,I,1\n"
    rig.lay("voa/bands.csv", body)
    columns = {"area": "Code", "period": "Year", "value": "Number", "breakdown": "Band"}
    options = {
        "pattern": "voa/bands.csv",
        "columns": columns,
        "measure": "dwellings",
        "breakdown_type": "band",
        "categories": {"All": "total", "A": "a"},
    }
    pulled = rig.pull(entry("inbox_csv", options))
    assert pulled.frame[["breakdown_type", "breakdown"]].to_numpy().tolist() == [
        ["total", "total"],
        ["band", "a"],
    ]
    assert pulled.n_unselected == 1


@pytest.mark.parametrize(
    ("body", "problem", "rows"),
    [
        ("", "empty_file", [0]),
        ("Code,Area,Year,Kind,Number,Note\n", "header_only", [0]),
        (VEHICLES.replace("Number", "Count"), "missing_column", [2, 3, 4]),
        (VEHICLES.replace("Footnote", "Year"), "unknown_column", [2, 3, 4]),
        (VEHICLES.replace("Isle", "Iśle").encode("cp1250"), "not_utf8", [2, 3, 4]),
        (VEHICLES + '"cut', "truncated_body", [2, 3, 4, 5]),
        (VEHICLES + 'a "b",\n"c"d', "unreadable_body", [2, 3, 4, 5, 6]),
    ],
)
def test_a_refused_file_loses_no_line(rig, body, problem, rows):
    rig.lay("dft/vehicles.csv", body)
    frame = rig.pull(plain()).frame
    assert set(frame["problem"]) == {problem}
    assert frame["source_row"].tolist() == rows
    assert set(frame["source_file"]) == {"dft/vehicles.csv"}


def test_a_renamed_column_is_named_with_what_there_is_instead(rig):
    rig.lay("dft/vehicles.csv", VEHICLES.replace("Number", "Count"))
    frame = rig.pull(plain()).frame
    assert frame["problem_detail"][0] == "Number; not looked for: Count, Footnote"
    assert frame["area_text"].notna().all(), "what can be read stays with the row"


def test_one_bad_file_does_not_stop_the_others(rig):
    rig.lay("dft/a.csv", b"\xff\xfe\xff")
    rig.lay("dft/b.csv", VEHICLES)
    frame = rig.pull(plain()).frame
    assert frame["problem"].fillna("").tolist() == ["not_utf8", "", ""]


def test_no_file_at_all_is_a_failure_so_that_the_last_answer_stands(rig):
    with pytest.raises(PermanentFailure, match=r'no file "dft/\*\.csv" in the inbox'):
        rig.pull(plain())


def test_unchanged_files_are_not_read_again_and_any_change_is_seen(rig):
    path = rig.lay("dft/vehicles.csv", VEHICLES)
    first = rig.pull(plain())
    path.touch()
    again = rig.pull(plain(), first.revision)
    assert (again.changed, again.frame, again.revision) == (False, None, first.revision)
    rig.lay("dft/vehicles.csv", VEHICLES.replace("40123", "40124"))
    assert rig.pull(plain(), first.revision).changed
    rig.lay("dft/vehicles.csv", VEHICLES)
    path.rename(path.with_name("renamed.csv"))
    assert rig.pull(plain(), first.revision).changed


# --- returns of councils ---


def test_a_return_as_it_stands(rig):
    lay_return(
        rig,
        row(),
        row("12", "estimate", "Late data", key="pupils.numerator"),
    )
    frame = rig.pull(returns()).frame
    columns = ["measure", "period_text", "area_text", "value_text", "note_text"]
    assert frame[[*columns, "explanation_text", "return_ref"]].fillna("").to_numpy().tolist() == [
        ["recycled_pct", "2024-25", "W06000001", "64.1", "", "", REF],
        ["pupils_absent", "2024-25", "W06000001", "12", "e", "Late data", REF],
    ]
    assert frame["problem"].isna().all()


def test_a_value_that_is_not_there_keeps_its_reason(rig):
    lay_return(rig, row("", "unable to report", "Server lost"), row("", "not applicable"))
    frame = rig.pull(returns()).frame
    assert frame["value_text"].isna().all()
    assert frame["note_text"].tolist() == ["x", "z"]
    assert frame["explanation_text"].tolist() == ["unable to report: Server lost", "not applicable"]


def test_rows_say_who_they_are_whatever_their_order(rig):
    lay_return(rig, row("12", key="pupils.numerator"), row())
    frame = rig.pull(returns()).frame
    assert dict(zip(frame["measure"], frame["value_text"], strict=True)) == {
        "pupils_absent": "12",
        "recycled_pct": "64.1",
    }


@pytest.mark.parametrize(
    ("bad", "problem", "detail"),
    [
        (row(ref="XX/2024-25/W06000001/2025.1/s001"), "unknown_return", "XX/2024-25"),
        (row(ref="nonsense"), "unknown_return", "nonsense"),
        (row(ref=REF.replace("001/", "002/")), "wrong_folder", "W06000002 in the folder W06000001"),
        (row(check="00000000"), "wrong_row_check", "recycling.value"),
        (row(check=""), "wrong_row_check", "recycling.value"),
        (row(key="waste.value"), "unknown_measure", "waste.value"),
        (row()[:6], "ragged_row", "6 cells instead of 7"),
        ([*row(), "64", "1"], "ragged_row", "9 cells instead of 7"),
    ],
)
def test_a_row_whose_keys_are_wrong_is_a_problem_of_that_row_alone(rig, bad, problem, detail):
    lay_return(rig, row(), bad)
    frame = rig.pull(returns()).frame.sort_values("source_row")
    assert frame["problem"].fillna("").tolist() == ["", problem]
    assert frame["problem_detail"].tolist()[1].startswith(detail)


@pytest.mark.parametrize("column", FORM_COLUMNS)
def test_a_missing_or_renamed_column_refuses_the_file_and_loses_no_row(rig, column):
    renamed = [f"my {name}" if name == column else name for name in FORM_COLUMNS]
    lay_return(rig, row(), row(), header=renamed)
    frame = rig.pull(returns()).frame
    assert frame["problem"].tolist() == ["missing_column"] * 2
    assert frame["source_row"].tolist() == [2, 3]
    assert frame["problem_detail"].tolist() == [f"{column}; not looked for: my {column}"] * 2


def test_a_column_that_is_not_the_forms_is_refused_because_figures_may_stand_in_it(rig):
    lay_return(rig, [*row(), "99"], header=[*FORM_COLUMNS, "corrected value"])
    frame = rig.pull(returns()).frame
    assert frame["problem"].tolist() == ["unknown_column"]
    assert frame["problem_detail"].tolist() == ["corrected value"]


def test_a_repeated_row_is_left_to_the_rules(rig):
    lay_return(rig, row(), row())
    frame = rig.pull(returns()).frame
    assert (len(frame), frame["problem"].isna().all()) == (2, True)


def test_a_return_says_when_it_was_first_received_and_keeps_saying_it(rig):
    lay_return(rig, row())
    rig.pull(returns())
    lay_return(rig, row("65"), name="again.csv")
    on_sunday = NOW + timedelta(days=1)
    pulled = pull(returns(), rig.fetcher, rig.store, rig.inbox, None, on_sunday)
    received = dict(zip(pulled.frame["value_text"], pulled.frame["source_published"], strict=True))
    assert received == {"64.1": "2026-11-21T03:30:00+00:00", "65": "2026-11-22T03:30:00+00:00"}
    assert pulled.source_published is None, "a return is received, not published"


def test_a_file_of_another_kind_is_told(rig):
    lay_return(rig, row())
    rig.lay("returns/W06000002/return.xlsx", b"PK\x03\x04")
    frame = rig.pull(returns()).frame
    bad = frame[frame["problem"].notna()].iloc[0]
    assert (bad["problem"], bad["source_row"]) == ("archive_damaged", 0)
    assert bad["source_file"] == "returns/W06000002/return.xlsx"
    rig.lay("returns/W06000002/return.docx", b"PK\x03\x04")
    frame = rig.pull(returns()).frame
    bad = frame[frame["source_file"] == "returns/W06000002/return.docx"].iloc[0]
    assert (bad["problem"], bad["problem_detail"]) == ("file_kind_unknown", ".docx")


def test_two_hundred_and_twenty_returns_are_read_in_well_under_a_second(rig):
    for council in range(1, 23):
        ref = f"AR/2024-25/W060000{council:02d}/2025.1/s001"
        rows = [row(ref=ref), row(ref=ref, key="pupils.numerator")]
        for year in range(10):
            lay_return(rig, *rows, folder=f"W060000{council:02d}", name=f"{year}.csv")
    started = time.perf_counter()
    frame = rig.pull(returns()).frame
    assert time.perf_counter() - started < 1
    assert (len(frame), frame["problem"].isna().all()) == (440, True)


# --- the sample's inbox ---


def test_an_inbox_is_filled_once_and_what_is_taken_out_stays_out(tmp_path):
    sample, inbox = tmp_path / "sample", tmp_path / "inbox"
    (sample / "dft").mkdir(parents=True)
    (sample / "dft" / "a.csv").write_text("sample")
    (sample / "b.csv").write_text("sample")
    (inbox / "dft").mkdir(parents=True)
    (inbox / "dft" / "a.csv").write_text("mine")
    assert seed_inbox(inbox, sample) == 1
    assert (inbox / "dft" / "a.csv").read_text() == "mine"
    (inbox / "b.csv").unlink()
    assert seed_inbox(inbox, sample) == 0
    assert not (inbox / "b.csv").exists()


def test_a_file_that_is_never_read_does_not_make_an_unchanged_inbox_new(rig):
    rig.lay("dft/vehicles.csv", VEHICLES)
    rig.lay("dft/notes.docx", b"PK")
    first = rig.pull(plain())
    assert all(map(rig.store.holds, first.sha256s))
    state = PullRecord("fresh", NOW, first.revision, sha256s=first.sha256s)
    rig.store.record("some_dataset", state)
    assert not rig.pull(plain(), first.revision).changed
