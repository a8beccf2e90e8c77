"""What nobody should give to `compare`, and people do: one sentence, no tables, never a guess."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.methods.compare import ImpossibleInput, compare
from assets.methods.periods import parse_interval
from assets.methods.tables_io import run_compare

HEADER = b"indicator,period,area_code,numerator,denominator\n"
ROW = b"i,2023,W06000001,1,10\n"
LIMITS = b"indicator,period,area_code,value,se,lower_95,upper_95\n"
OFFICIAL = b"indicator,kind,interval,value_basis\ni,rate,supplied,as_published\n"
NOTHING = "No observation is of a council in a group: nothing can be compared."


def refusal(home: Path, observations: bytes | pd.DataFrame, **others: bytes) -> str:
    """What is said of those tables; groups, indicators, targets: the other tables as csv."""
    path = home / ("o.csv" if isinstance(observations, bytes) else "o.parquet")
    if isinstance(observations, bytes):
        path.write_bytes(observations)
    else:
        observations.to_parquet(path, index=False)
    for name, content in others.items():
        (home / f"{name}.csv").write_bytes(content)
    paths = {f"{name}_path": home / f"{name}.csv" for name in others}
    with pytest.raises(ImpossibleInput) as caught:
        run_compare(path, home / "out", **paths)  # type: ignore[arg-type]  # paths by their names
    assert not list(home.glob("out/*"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "o.csv has no header row."),
        (b"\n", "o.csv has no header row."),
        (HEADER.strip(), "o.csv has a header and no rows."),
        (HEADER.strip() + b",\n" + ROW, "o.csv column 6 has no name. Name or remove it."),
        (b"period,indicator,period\n1,2,3\n", "o.csv has column 'period' twice. Keep one."),
        (HEADER + ROW + b"i,2024,W06000001,1\n", "o.csv line 3 has 4 cells, the header has 5."),
        (HEADER + b"i,2023,M\xf4n,1,10\n", "o.csv is not text in UTF-8. Save it as CSV UTF-8."),
        ((HEADER + ROW).decode().encode("utf-16"), "o.csv is not text in UTF-8."),
    ],
)
def test_a_file_that_is_no_table_is_named_with_its_line(
    tmp_path: Path, content: bytes, said: str
) -> None:
    assert refusal(tmp_path, content).startswith(said)


@pytest.mark.parametrize("name", ["fake.parquet", "fake.csv"])
def test_no_word_of_a_library_reaches_the_reader(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00PAR\xff" * 9)
    with pytest.raises(ImpossibleInput) as caught:
        run_compare(tmp_path / name, tmp_path / "out")
    assert "codec" not in str(caught.value)
    assert "magic" not in str(caught.value)
    assert len(str(caught.value)) < 90


@pytest.mark.parametrize(
    "cells",
    [b"i,2023,W06000001 ,1,10", b" i,2023,W06000001,1,10", "i,2023,W06\u200b,1,10".encode()],
)
def test_a_space_at_an_end_never_makes_another_council(tmp_path: Path, cells: bytes) -> None:
    said = refusal(tmp_path, HEADER + ROW + cells + b"\n")
    assert said.startswith("A space at an end of ")
    assert "line 3" in said
    frame = pd.DataFrame(
        [line.split(",") for line in (ROW.decode().strip(), cells.decode())],
        columns=HEADER.decode().strip().split(","),
    ).astype({"numerator": float, "denominator": float})
    assert "row 2" in refusal(tmp_path, frame)


def test_an_area_is_never_a_list_of_areas(tmp_path: Path) -> None:
    said = refusal(tmp_path, HEADER + ROW + b"i,2023,W06000001;W06000002,1,10\n")
    assert said.startswith("A ; in area_code, which stands between the codes of a list: line 3")
    rows = {"indicator": "i", "period": "2023", "numerator": 1.0, "denominator": 10.0}
    table = pd.DataFrame([rows | {"area_code": "a"}, rows | {"area_code": "b;c"}])
    table.to_parquet(tmp_path / "o.parquet", index=False)
    with pytest.raises(ImpossibleInput, match=r"A ; in area_code.*: row 2 "):
        run_compare(tmp_path / "o.parquet", tmp_path / "out")


@pytest.mark.parametrize(
    ("table", "content", "said"),
    [
        (
            "groups",
            b"group_code,owner_code,member_code\ng,,W06000001;W06000002\n",
            "Groups: member_code 'W06000001;W06000002' is a list. Give every code a row",
        ),
        (
            "indicators",
            b"indicator,polarity\ni ,higher\n",
            "Indicators: indicator 'i ' has a space",
        ),
        ("indicators", b"indicator,polarity\n,higher\n", "Indicators: no indicator in row 1."),
        ("indicators", b"indicator,decimals\ni,nan\n", "Indicator i: decimals is not a number"),
        ("indicators", b"indicator,multiplier\ni,1_000\n", "Indicator i: multiplier is not a nu"),
        ("indicators", b"indicator,target\ni,inf\n", "Indicator i: target is not a number"),
        ("indicators", b"indicator,target\ni,1e300\n", "Indicator i: target must be below 1e15"),
        ("indicators", b"indicator,target\ni,1e-300\n", "Indicator i: target must be below 1e15"),
        ("indicators", b"indicator,multiplier\ni,1e99\n", "Indicator i: multiplier must be below"),
        ("groups", b"group_code,owner_code,member_code\ng,,W06000001 \n", "Groups: member_code"),
        ("groups", b"group_code,owner_code,member_code\n", NOTHING),
        ("groups", b"group_code,owner_code,member_code\ng,,W06000099\n", NOTHING),
        (
            "targets",
            b"indicator,period,value,direction\ni,2023,inf,lower\n",
            "Target of i, 2023: v",
        ),
        (
            "targets",
            b"indicator,period,value,direction\ni,2023,,lower\n",
            "Target of i, 2023: no v",
        ),
        ("targets", b"indicator,period,value,direction\ni,2023,1,down\n", "Target of i, 2023: unk"),
        (
            "targets",
            b"indicator,period,value,direction\ni ,2023,1,lower\n",
            "Targets: indicator 'i",
        ),
    ],
)
def test_the_other_tables_are_refused_by_row_and_remedy(
    tmp_path: Path, table: str, content: bytes, said: str
) -> None:
    assert refusal(tmp_path, HEADER + ROW, **{table: content}).startswith(said)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (b"5,,9,1", "Lower limit above the upper: line 2 (i, 2023, W06000001)."),
        (b"5,-1,,", "Standard error below 0: line 2"),
        (b"1e101,,,", "Observations: value is beyond 1e+100: line 2 ('1e101')."),
    ],
)
def test_limits_that_cannot_be_true_are_refused(tmp_path: Path, numbers: bytes, said: str) -> None:
    rows = LIMITS + b"i,2023,W06000001," + numbers + b"\n"
    assert refusal(tmp_path, rows, indicators=OFFICIAL).startswith(said)


def test_limits_without_width_and_a_standard_error_of_0_are_taken() -> None:
    limits = dict.fromkeys(("value", "lower_95", "upper_95", "lower_998", "upper_998"), 5.0)
    rows = pd.DataFrame([{"indicator": "i", "period": "2023", "area_code": "a", **limits, "se": 0}])
    official = {"kind": "rate", "interval": "supplied", "value_basis": "as_published"}
    found = compare(rows, pd.DataFrame([{"indicator": "i", **official}])).comparisons.iloc[0]
    assert found[list(limits)].tolist() == [5.0] * 5


def test_a_negative_spread_and_a_denominator_next_to_nothing_are_refused() -> None:
    rows = pd.DataFrame({"indicator": "i", "period": "2023", "area_code": ["a"], "numerator": 5.0})
    mean = pd.DataFrame([{"indicator": "i", "kind": "mean", "interval": "t"}])
    with pytest.raises(ImpossibleInput, match="Standard deviation below 0: row 1"):
        compare(rows.assign(denominator=10.0, sd=-1.0), mean)
    with pytest.raises(ImpossibleInput, match="more than 1e\\+50 times the denominator: row 1"):
        compare(rows.assign(denominator=1e-60))
    assert compare(rows.assign(numerator=0.0, denominator=0.0)).comparisons["note_code"][0] == "z"


@pytest.mark.parametrize(
    ("column", "cells", "said"),
    [
        ("numerator", [date(2023, 4, 1)], "is not a number"),
        ("numerator", pd.to_datetime(["2023-04-01"]), "holds datetime64"),
        ("numerator", pd.to_timedelta([1], unit="s"), "holds timedelta64"),
        ("numerator", [True], "holds bool"),
        ("numerator", [True, None], "holds bool"),
        ("area_code", [b"W06000001"], "area_code holds bytes"),
        ("area_code", [{"code": "W06000001"}], "area_code holds dict"),
    ],
)
def test_cells_of_another_kind_are_never_taken_for_numbers_or_codes(
    tmp_path: Path, column: str, cells: Iterable[object], said: str
) -> None:
    areas = [f"W0600000{number}" for number, _ in enumerate(cells, 1)]
    frame = pd.DataFrame({"indicator": "i", "period": "2023", "area_code": areas})
    frame = frame.assign(numerator=1.0, denominator=10.0).assign(**{column: cells})
    assert said in refusal(tmp_path, frame)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_without_councils_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame(
        {"indicator": ["i"], "period": ["2023"], "area_code": ["W92000004"], "numerator": [1.0]}
    ).assign(denominator=10.0, area_type="nation")
    given = frame if kind == "parquet" else frame.to_csv(index=False).encode()
    assert refusal(tmp_path, given).startswith(NOTHING)


def test_an_owner_without_figures_has_benchmarks_and_no_comparison(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_bytes(HEADER + ROW)
    (tmp_path / "g.csv").write_bytes(b"group_code,owner_code,member_code\ng,W06000009,W06000001\n")
    run_compare(tmp_path / "o.csv", tmp_path / "out", None, tmp_path / "g.csv")
    tables = [
        pd.read_parquet(tmp_path / "out" / f"{n}.parquet") for n in ("comparisons", "benchmarks")
    ]
    assert [len(table) for table in tables] == [0, 1]
    assert tables[1]["median"].tolist() == [0.1]


@pytest.mark.parametrize(
    "period", ["9999-04-01/P1Y", "0001-01-01/P1Y", "2000-01-01/P2500Y", "2023-04-01/P99999Y"]
)
def test_a_period_beyond_the_calendar_is_plain_text(period: str) -> None:
    assert parse_interval(period) is None
    rows = pd.DataFrame({"indicator": "i", "period": [period], "area_code": "a", "numerator": 1.0})
    assert compare(rows.assign(denominator=2.0)).comparisons["value"].tolist() == [0.5]


def test_byte_order_mark_line_ends_and_quotes_change_nothing(tmp_path: Path) -> None:
    plain = HEADER + ROW + ROW.replace(b"01,1", b"02,3")
    quoted = b"\n".join(
        b",".join(b'"' + cell + b'"' for cell in line.split(b",")) for line in plain.split()
    )
    found = []
    for content in (plain, b"\xef\xbb\xbf" + plain, plain.replace(b"\n", b"\r\n"), quoted):
        (tmp_path / "o.csv").write_bytes(content)
        run_compare(tmp_path / "o.csv", tmp_path / "out")
        found.append(pd.read_parquet(tmp_path / "out" / "comparisons.parquet"))
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other)
    assert np.allclose(found[0]["value"], [0.1, 0.3])


@pytest.mark.parametrize("events", [1e13, 3e17, 1e49])
def test_a_count_of_events_beyond_all_counting_is_not_tested(events: float) -> None:
    rows = pd.DataFrame({"indicator": "i", "period": ["2022", "2023"], "area_code": "a"})
    rate = pd.DataFrame([{"indicator": "i", "kind": "rate", "interval": "poisson"}])
    table = rows.assign(numerator=[events, 3 * events], denominator=10.0)
    latest = compare(table, rate).comparisons.iloc[1]
    assert latest[["change_test", "change_significant"]].isna().all()
    assert latest["change_reason"] == "no counts to test"
    assert latest["change_direction"] == "increased"


@pytest.mark.parametrize("dtype", ["float32", "Float32", "float64"])
@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_float_of_four_bytes_is_read_as_the_decimal_it_was(
    tmp_path: Path, dtype: str, order: list[int]
) -> None:
    rows = pd.DataFrame({"indicator": ["i", "j"], "period": "2023", "area_code": "a"})
    rows = rows.assign(value=pd.Series([2.675, None], dtype=dtype)).iloc[order]
    rows.to_parquet(tmp_path / "o.parquet", index=False)
    declared = pd.DataFrame({"indicator": ["i"], "value_basis": "as_published", "decimals": 3})
    target = pd.DataFrame({"indicator": ["i"], "period": "2023", "direction": "higher"})
    target = target.assign(value=pd.Series([2.675], dtype=dtype))
    declared.to_parquet(tmp_path / "i.parquet")
    target.to_parquet(tmp_path / "t.parquet")
    paths = [tmp_path / "i.parquet", None, tmp_path / "t.parquet"]
    run_compare(tmp_path / "o.parquet", tmp_path / "out", *paths)
    written = pd.read_parquet(tmp_path / "out" / "comparisons.parquet")
    for found in (written, compare(rows, declared, targets=target).comparisons):
        row = found[found["indicator"] == "i"].iloc[0]
        assert row[["value", "value_rounded", "statutory_target"]].tolist() == [2.675] * 3
        assert row["versus_target"] == "met"


@pytest.mark.parametrize("column", ["indicator", "area_code", "note_code", "numerator"])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_text_in_parquet_that_is_not_utf_8_is_named_by_its_row(
    tmp_path: Path, column: str, kind: pa.DataType
) -> None:
    rows = pd.DataFrame({"indicator": "i", "period": "2023", "area_code": ["a", "b", "c"]})
    table = pa.Table.from_pandas(rows.assign(numerator=1.0, denominator=2.0))
    binary = pa.binary() if kind == pa.string() else pa.large_binary()
    spoilt = pa.array([b"p", b"M\xf4n", b"r"], binary).view(kind)
    if column in table.column_names:
        table = table.drop_columns(column)
    pq.write_table(table.append_column(column, spoilt), tmp_path / "o.parquet")
    with pytest.raises(ImpossibleInput) as caught:
        run_compare(tmp_path / "o.parquet", tmp_path / "out")
    said = f"Observations: {column} is not text in UTF-8 in row 2. Write it again."
    assert str(caught.value) == said
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize("table", ["indicators", "groups", "targets"])
def test_a_small_parquet_table_that_is_not_utf_8_is_named(tmp_path: Path, table: str) -> None:
    (tmp_path / "o.csv").write_bytes(HEADER + ROW)
    spoilt = pa.array([b"M\xf4n"], pa.binary()).view(pa.string())
    column = {"indicators": "indicator", "groups": "group_code", "targets": "indicator"}[table]
    pq.write_table(pa.table({column: spoilt}), tmp_path / "t.parquet")
    with pytest.raises(ImpossibleInput, match=r"t\.parquet is not a Parquet file, or is damaged"):
        run_compare(
            tmp_path / "o.csv", tmp_path / "out", **{f"{table}_path": tmp_path / "t.parquet"}
        )
