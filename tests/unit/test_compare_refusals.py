"""What `compare` refuses in words that name table, row and remedy; small tables it must take."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from assets.methods.compare import ImpossibleInput, compare
from assets.methods.known import COLUMNS, PUBLISHED, check_columns
from assets.methods.tables_io import run_compare
from pipelines import cli
from sql.tables import column_names

OBSERVATIONS = [
    "indicator,period,area_code,numerator,denominator",
    "i,2022,W06000001,1,10",
    "i,2023,W06000001,2,10",
]


def save(home: Path, name: str, *lines: str) -> Path:
    (home / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return home / name


def refusal(home: Path, observations: Path, *others: Path | None) -> str:
    with pytest.raises(ImpossibleInput) as caught:
        run_compare(observations, home / "out", *others)
    assert not list(home.glob("out/*"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("place", "table", "header", "row", "meant"),
    [
        (1, "Indicators", "indicator,polarty", "i,higher", "polarity"),
        (2, "Groups", "group_code,member_codes,member_code", "g,x,W06000001", "member_code"),
        (3, "Targets", "indicator,period,value,direction,valeu", "i,2023,1,higher,2", "value"),
    ],
)
def test_a_misspelt_column_never_silently_takes_the_default(
    tmp_path: Path, place: int, table: str, header: str, row: str, meant: str
) -> None:
    paths: list[Path | None] = [save(tmp_path, "o.csv", *OBSERVATIONS), None, None, None]
    paths[place] = save(tmp_path, "other.csv", header, row)
    said = refusal(tmp_path, *paths)
    wrong = next(name for name in header.split(",") if name not in COLUMNS[table])
    assert said.startswith(f"{table}: unknown column {wrong!r}. Did you mean {meant}?")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_misspelt_column_of_observations_is_refused_in_either_form(
    tmp_path: Path, kind: str
) -> None:
    frame = pd.DataFrame(
        {"indicator": ["i"], "period": ["2023"], "area_code": ["W06000001"], "numeratr": [1.0]}
    )
    path = tmp_path / f"o.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    said = refusal(tmp_path, path)
    assert said.startswith("Observations: unknown column 'numeratr'. Did you mean numerator?")


def test_published_tables_are_taken_as_they_are() -> None:
    for table, published in PUBLISHED.items():
        check_columns(["product", "product_version", *column_names(published)], table)
    with pytest.raises(ImpossibleInput, match=r"unknown column 'colour'\. Known are indicator"):
        check_columns(["indicator", "period", "value", "direction", "colour"], "Targets")


@pytest.mark.parametrize(
    ("column", "cells", "word"),
    [("area_type", ("council", "counicl"), "counicl"), ("note_code", ("", "x,q"), "q")],
)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_unknown_area_type_or_note_code_names_its_row(
    tmp_path: Path, column: str, cells: tuple[str, str], word: str, kind: str
) -> None:
    frame = pd.DataFrame(
        {"indicator": "i", "period": ["2022", "2023"], "area_code": "W06000001", column: cells}
    )
    path = tmp_path / f"o.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    said = refusal(tmp_path, path)
    assert said.startswith(f"Unknown {column} {word!r}, not one of ")
    assert ("line 3 (i, 2023" if kind == "csv" else "row 2 (i, 2023") in said


def test_both_rows_of_a_repeated_key_are_named_as_a_person_counts_the_file(tmp_path: Path) -> None:
    path = save(tmp_path, "o.csv", *OBSERVATIONS, "j,2023,W06000001,2,10", OBSERVATIONS[1])
    assert "line 2 and line 5 (i, 2022, W06000001)" in refusal(tmp_path, path)
    frame = pd.read_csv(path)
    with pytest.raises(ImpossibleInput, match=r"row 1 and row 4 \(i, 2022, W06000001\)"):
        compare(frame)


def test_lines_of_a_csv_file_count_its_header_in_every_message(tmp_path: Path) -> None:
    bad = save(tmp_path, "bad.csv", *OBSERVATIONS, "i,2024,W06000001,many,10")
    assert "line 4 ('many')" in refusal(tmp_path, bad)
    empty = save(tmp_path, "empty.csv", *OBSERVATIONS, ",2024,W06000001,1,10")
    assert "no indicator in line 4" in refusal(tmp_path, empty)
    zero = save(tmp_path, "zero.csv", *OBSERVATIONS, "i,2024,W06000001,1,0")
    assert "line 4 (i, 2024, W06000001)" in refusal(tmp_path, zero)


def test_a_number_that_is_none_in_a_small_table_names_its_row(tmp_path: Path) -> None:
    observations = save(tmp_path, "o.csv", *OBSERVATIONS)
    declared = save(tmp_path, "i.csv", "indicator,decimals", "i,two")
    assert "Indicator i: decimals is not a number ('two')" in refusal(
        tmp_path, observations, declared
    )
    header = "indicator,period,value,direction"
    target = save(tmp_path, "t.csv", header, "i,2023,half,higher")
    said = refusal(tmp_path, observations, None, None, target)
    assert "Target of i, 2023: value is not a number ('half')" in said


@pytest.mark.parametrize(
    ("n_bad", "more"), [(1, ""), (5, ""), (6, " and 1 more"), (9, " and 4 more")]
)
def test_five_rows_are_named_and_the_others_counted(n_bad: int, more: str) -> None:
    areas = [f"W0600000{number}" for number in range(9)]
    rows = pd.DataFrame({"indicator": "i", "period": "2023", "area_code": areas, "numerator": 1.0})
    rows = rows.assign(denominator=[-1.0] * n_bad + [10.0] * (9 - n_bad))
    with pytest.raises(ImpossibleInput) as caught:
        compare(rows)
    named = "; ".join(
        f"row {place + 1} (i, 2023, {areas[place]})" for place in range(min(n_bad, 5))
    )
    said = f"Denominator below 0: {named}{more}. Correct the table and compare again."
    assert str(caught.value) == said


def test_the_command_ends_with_status_1_where_a_table_cannot_be_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path, "o.csv", *OBSERVATIONS, "i,2024,W06000001,1,0")
    monkeypatch.setattr("sys.argv", ["x", "compare", str(path), "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 1
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize("column", ["indicator", "period", "area_code"])
def test_a_table_without_a_key_column_is_refused_in_words(column: str) -> None:
    rows = pd.DataFrame([{"indicator": "i", "period": "2023", "area_code": "W06000001"}])
    with pytest.raises(ImpossibleInput, match=f"Observations: no column {column}. Add it."):
        compare(rows.drop(columns=column))


def test_a_group_is_fixed_or_owned_and_has_one_area() -> None:
    rows = pd.DataFrame({"indicator": "i", "period": "2023", "area_code": ["a", "b"], "value": 1.0})
    groups = pd.DataFrame({"group_code": "g", "owner_code": ["", "a"], "member_code": ["a", "b"]})
    with pytest.raises(ImpossibleInput, match="Group g: rows with and without owner_code"):
        compare(rows, groups=groups)
    for lacking in ("group_code", "member_code"):
        for bad in (groups.drop(columns=lacking), groups.assign(**{lacking: ["x", ""]})):
            with pytest.raises(ImpossibleInput, match=f"Groups: {lacking} is lacking or empty"):
                compare(rows, groups=bad)
    groups = groups.assign(owner_code="", group_area_code=["W92000004", "W93000001"])
    with pytest.raises(ImpossibleInput, match="Group g: two values of group_area_code"):
        compare(rows, groups=groups)
    assert len(compare(rows, groups=groups.assign(group_area_code="W92000004")).benchmarks) == 1


@pytest.mark.parametrize("kind", ["csv", "parquet", "parquet as it is streamed"])
def test_no_rows_are_refused_in_words(tmp_path: Path, kind: str) -> None:
    path = save(tmp_path, "o.csv", OBSERVATIONS[0])
    if kind != "csv":
        frame = pd.read_csv(tmp_path / "o.csv", dtype=str)
        numbers = ["numerator", "denominator"] if "stream" in kind else []
        path = tmp_path / "o.parquet"
        frame.astype(dict.fromkeys(numbers, float)).to_parquet(path)
    assert "has a header and no rows. Give observations to compare." in refusal(tmp_path, path)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_one_council_and_nothing_but_missing_figures_work(tmp_path: Path, kind: str) -> None:
    for name, numerators in (("one", ["1", "2"]), ("missing", ["", ""])):
        lines = [f"i,{2022 + at},W06000001,{text},10" for at, text in enumerate(numerators)]
        path = save(tmp_path, "o.csv", OBSERVATIONS[0], *lines)
        if kind == "parquet":
            path = tmp_path / "o.parquet"
            frame = pd.read_csv(tmp_path / "o.csv", dtype={"period": str})
            frame.astype({"numerator": float}).to_parquet(path)
        run_compare(path, tmp_path / name)
        found = pd.read_parquet(tmp_path / name / "comparisons.parquet")
        spread = pd.read_parquet(tmp_path / name / "benchmarks.parquet")
        assert len(found) == len(spread) == 2
        assert found["value"].notna().tolist() == [name == "one"] * 2
        assert spread["median"].notna().tolist() == [name == "one"] * 2
        assert found["rank"].isna().all()
        assert found["missing_reason"].eq("not returned").tolist() == [name == "missing"] * 2


def test_parquet_in_order_is_compared_without_pandas_or_scipy(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"indicator": "i", "period": "2023", "area_code": [f"W{n}" for n in range(9)]}
    ).assign(numerator=range(9), denominator=10.0)
    frame.to_parquet(tmp_path / "o.parquet")
    code = (
        "import sys; from pathlib import Path; from assets.methods.tables_io import run_compare;"
        f"home = Path({str(tmp_path)!r}); run_compare(home / 'o.parquet', home / 'out');"
        "print({'pandas', 'scipy', 'statsmodels', 'sqlalchemy'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
