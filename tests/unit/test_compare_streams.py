"""Long input: read in parts, written by threads; nothing depends on either and no fault is lost."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from assets.methods import lines, streams, tables_out
from assets.methods.compare import ImpossibleInput, compare
from assets.methods.rows import BENCHMARKS, COMPARISONS
from assets.methods.streams import NotStreamed, open_stream, read_parts
from assets.methods.tables_io import run_compare
from tests.unit.test_compare_reference import drop_impossible, random_table


def write(home: Path, seed: int, order: list[str] | None) -> list[Path | None]:
    """Files of a random table; sorted by those columns, or in random order."""
    observations, *others = random_table(seed)
    rest = [pd.DataFrame(rows) if rows else None for rows in others]
    table = drop_impossible(pd.DataFrame(observations), rest[0])
    table = table.sort_values(order) if order else table.sample(frac=1, random_state=seed)
    paths: list[Path | None] = []
    for name, frame in zip("oigt", [table, *rest], strict=True):
        if frame is not None:
            frame.to_parquet(home / f"{name}.parquet", index=False, row_group_size=97)
        paths.append(None if frame is None else home / f"{name}.parquet")
    return paths


@pytest.mark.parametrize("seed", [1, 3, 4])
@pytest.mark.parametrize("part", [1, 300, 100_000])
def test_parts_blocks_and_slabs_do_not_change_a_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, part: int
) -> None:
    paths = write(tmp_path, seed, ["indicator", "area_code"])
    frames = [None if path is None else pd.read_parquet(path) for path in paths]
    expected = compare(*frames)
    monkeypatch.setattr(streams, "PART_ROWS", part)
    monkeypatch.setattr(tables_out, "SLAB_ROWS", part)
    monkeypatch.setattr(lines.split_blocks, "__defaults__", (part,))
    steps: list[tuple[int, int]] = []
    run_compare(paths[0], tmp_path / "out", *paths[1:], progress=lambda *at: steps.append(at))
    assert steps[-1] == (len(frames[0]), len(frames[0]))
    n_parts = len(list(read_parts(open_stream(paths[0]))))
    assert n_parts == {1: 9, 100_000: 1}.get(part, n_parts)
    for name in ("comparisons", "benchmarks"):
        found = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")
        wanted = getattr(expected, name)
        pd.testing.assert_frame_equal(found.astype(wanted.dtypes), wanted, check_exact=True)


@pytest.mark.parametrize("cells", [1, 30_000])
def test_a_single_line_in_a_block_is_summed_as_beside_others(
    monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    draw = np.random.default_rng(3)
    areas = [f"W060000{number:02}" for number in range(1, 23)]
    parts = {name: draw.random(22 * 9).round(2) + 1.0 for name in ("numerator", "denominator")}
    rows = [(name, "2023", area) for name in "abcdefghi" for area in areas]
    frame = pd.DataFrame(rows, columns=["indicator", "period", "area_code"]).assign(**parts)
    monkeypatch.setattr(lines.split_blocks, "__defaults__", (cells,))
    found = compare(pd.concat([frame, frame.assign(period="2022")])).benchmarks
    latest = found[found["period"] == "2023"].reset_index(drop=True)
    pd.testing.assert_frame_equal(compare(frame).benchmarks, latest, check_exact=True)


def test_a_table_in_another_order_is_read_as_a_whole(tmp_path: Path) -> None:
    paths = write(tmp_path, 1, None)
    with pytest.raises(NotStreamed, match="not sorted"):
        open_stream(paths[0])
    run_compare(paths[0], tmp_path / "out", *paths[1:])
    expected = compare(*[None if path is None else pd.read_parquet(path) for path in paths])
    found = pq.read_table(tmp_path / "out" / "comparisons.parquet")
    assert found.num_rows == len(expected.comparisons) > 0


@pytest.mark.parametrize("missing", [None, ""])
@pytest.mark.parametrize("column", ["period", "area_code"])
def test_a_row_without_a_key_is_never_taken_for_another(
    tmp_path: Path, column: str, missing: str | None
) -> None:
    table = pd.DataFrame({"indicator": "i", "period": "2023", "area_code": ["a", "b", "c", "d"]})
    table = table.assign(numerator=1.0, denominator=10.0)
    table.loc[2, column] = missing
    table.to_parquet(tmp_path / "o.parquet")
    with pytest.raises(ImpossibleInput, match=f"no {column} in row 3. Fill it in"):
        run_compare(tmp_path / "o.parquet", tmp_path / "out")
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize("n_workers", [1, 2])
def test_a_fault_in_the_last_part_names_its_row_and_leaves_no_table(
    tmp_path: Path, n_workers: int
) -> None:
    rows = [
        {"indicator": name, "period": "2023", "area_code": "W06000001", "denominator": 10.0}
        for name in ("a", "b", "c")
    ]
    table = pd.DataFrame(rows).assign(numerator=[1.0, 2.0, 3.0])
    table.loc[2, "denominator"] = -1.0
    table.to_parquet(tmp_path / "o.parquet")
    with pytest.raises(ImpossibleInput, match=r"Denominator below 0: row 3 \(c, 2023"):
        run_compare(tmp_path / "o.parquet", tmp_path / "out", workers=n_workers)
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize("slab_rows", [1, 131_072])
def test_a_failed_writer_raises_and_never_leaves_an_empty_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slab_rows: int
) -> None:
    paths = write(tmp_path, 1, ["indicator"])
    run_compare(paths[0], tmp_path / "good", *paths[1:])
    assert len(list(tmp_path.glob("good/*.parquet"))) == 2

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(tables_out, "SLAB_ROWS", slab_rows)
    monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    with pytest.raises(OSError, match="no space left"):
        run_compare(paths[0], tmp_path / "out", *paths[1:])
    assert not list(tmp_path.glob("out/*"))
    assert not list(tmp_path.glob("out/.*"))


def test_without_trend_only_its_columns_are_null(tmp_path: Path) -> None:
    paths = write(tmp_path, 3, ["indicator"])
    run_compare(paths[0], tmp_path / "with", *paths[1:])
    run_compare(paths[0], tmp_path / "without", *paths[1:], with_trend=False)
    one, two = (pq.read_table(tmp_path / n / "comparisons.parquet") for n in ("with", "without"))
    assert one.drop_columns(["trend", "trend_reason"]) == two.drop_columns(
        ["trend", "trend_reason"]
    )
    assert one["trend_reason"].null_count < two["trend_reason"].null_count == len(two)


def test_only_what_a_reader_can_choose_by_carries_its_least_and_greatest(tmp_path: Path) -> None:
    paths = write(tmp_path, 3, ["indicator"])
    run_compare(paths[0], tmp_path / "out", *paths[1:])
    for name, schema in (("comparisons", COMPARISONS), ("benchmarks", BENCHMARKS)):
        file = pq.ParquetFile(tmp_path / "out" / f"{name}.parquet")
        group = file.metadata.row_group(0)
        columns = [group.column(number) for number in range(group.num_columns)]
        told = {column.path_in_schema for column in columns if column.is_stats_set}
        assert told == {"indicator", "period"}
        coded = {c.path_in_schema for c in columns if "RLE_DICTIONARY" in c.encodings}
        assert coded >= {"indicator", *set(tables_out.FEW_VALUES).intersection(schema.names)}
        required = {field.name for field in file.schema_arrow if not field.nullable}
        assert required == {field.name for field in schema if not field.nullable}
        assert {"indicator", "period", "breakdown", "group_code"} < required
        found = file.read()
        assert not any(found[column].null_count for column in required)
