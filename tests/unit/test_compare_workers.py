"""Several processes over a long table: the same tables, and never a short one when one fails."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from assets.methods import streams, workers
from assets.methods.tables_io import run_compare
from assets.methods.workers import WorkerFailed, choose_workers, shares
from pipelines import cli
from tests.unit.test_compare_streams import write


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """A table in nine parts, each a task of its own."""
    monkeypatch.setattr(streams, "PART_ROWS", 1)
    return write(tmp_path, 1, ["indicator", "area_code"])


def left(home: Path) -> list[Path]:
    return list(home.glob("out/*")) + list(home.glob("out/.*"))


def test_processes_do_not_change_a_bit_and_rows_in_are_rows_out(
    tmp_path: Path, paths: list[Path | None]
) -> None:
    steps: list[tuple[int, int]] = []
    run_compare(
        paths[0],
        tmp_path / "two",
        *paths[1:],
        workers=2,
        progress=lambda *at: steps.append(at),
    )
    run_compare(paths[0], tmp_path / "one", *paths[1:], workers=1)
    n_rows = pq.read_metadata(paths[0]).num_rows
    assert steps[-1] == (n_rows, n_rows)
    assert len(steps) == 9
    for name in ("comparisons", "benchmarks"):
        one, two = (pq.read_table(tmp_path / run / f"{name}.parquet") for run in ("one", "two"))
        assert one.equals(two)
        assert one.num_rows > 0
    assert {path.name for path in (tmp_path / "two").iterdir()} == {
        "comparisons.parquet",
        "benchmarks.parquet",
        "methods.json",
    }


def test_a_killed_process_fails_the_whole_in_words_and_leaves_no_table(
    tmp_path: Path, paths: list[Path | None]
) -> None:
    def kill(*_: int) -> None:
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)

    with pytest.raises(WorkerFailed, match="ended before it was done") as caught:
        run_compare(paths[0], tmp_path / "out", *paths[1:], workers=2, progress=kill)
    assert caught.value.exit_status == 3
    assert not left(tmp_path)


def test_a_fault_in_the_last_process_fails_the_whole_and_leaves_no_table(
    tmp_path: Path, paths: list[Path | None]
) -> None:
    """No later part is handed out that could notice: the failed one itself must be heard."""

    def occupy(*_: int) -> None:
        for folder in tmp_path.rglob(".parts-*"):
            (folder / "8").mkdir(exist_ok=True)

    with pytest.raises(WorkerFailed, match="A process of the comparison failed"):
        run_compare(paths[0], tmp_path / "out", *paths[1:], workers=2, progress=occupy)
    assert not left(tmp_path)


def test_a_process_that_hands_back_too_little_is_found_out(
    tmp_path: Path, paths: list[Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_but_the_first(folder: Path) -> Iterator[workers.Pair]:
        pairs = list(whole(folder))
        yield from pairs[1:]

    whole = workers.read_pairs
    monkeypatch.setattr(workers, "read_pairs", all_but_the_first)
    with pytest.raises(WorkerFailed, match="came back short"):
        run_compare(paths[0], tmp_path / "out", *paths[1:], workers=2)
    assert not left(tmp_path)


def test_the_command_ends_with_status_3_and_one_sentence(
    tmp_path: Path, paths: list[Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise WorkerFailed("A process of the comparison failed (disk full). No table was written.")

    monkeypatch.setattr("pipelines.commands.compare.run_compare", full)
    monkeypatch.setattr("sys.argv", ["x", "compare", str(paths[0]), "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 3
    assert CliRunner().invoke(cli.cli, ["compare", "--help"]).exit_code == 0


def test_further_processes_are_used_only_where_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, rows, expected in (
        (2, 10**8, 1),
        (8, 10**6, 1),
        (3, 10**7, 2),
        (8, 10**7, workers.MOST),
    ):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=cores: set(range(n)))
        assert choose_workers(rows) == expected
    assert [len(share) for share in shares(50, 2)] == [6] * 8 + [2]
    assert [list(share) for share in shares(2, 4)] == [[0], [1]]
