"""The house itself: contract, home, frame store and the shape of the tree."""

import ast
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from pipelines.settings import Settings
from sql.clock import Clock
from sql.frames import ContractError, FrameStore, NoFrameError, conform, empty
from sql.home import Home, HomeBusyError, HomeError
from sql.tables import column_names, key_of, metadata, published_tables, table
from sql.warehouse import open_engine

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_every_column_of_the_contract_is_described(name: str) -> None:
    assert table(name).comment
    assert all(column.comment for column in table(name).columns)
    assert set(key_of(name)) <= set(column_names(name))


def test_no_two_test_files_share_a_name() -> None:
    """Of two that do, pytest collects neither and the whole suite stops."""
    names = [path.name for path in (PROJECT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


def test_unknown_table_names_those_there_are() -> None:
    with pytest.raises(KeyError, match="comparisons"):
        table("comparison")


def test_published_tables_hold_what_readers_rely_on() -> None:
    assert {"indicator_values", "comparisons", "benchmarks", "changes", "knock_on"} <= set(
        published_tables()
    )


def test_conform_refuses_unknown_and_missing_columns() -> None:
    with pytest.raises(ContractError, match="colour"):
        conform(empty("areas").assign(colour="red"), "areas")
    with pytest.raises(ContractError, match="name_cy"):
        conform(empty("areas").drop(columns="name_cy"), "areas")


def test_conform_orders_types_and_fills() -> None:
    shaped = conform(pd.DataFrame({"area_code": ["W06000001"]}), "areas", fill=True)
    assert list(shaped.columns) == column_names("areas")
    assert shaped.loc[0, "area_code"] == "W06000001"
    assert shaped["name_en"].isna().all()


def test_conform_refuses_text_in_a_number() -> None:
    with pytest.raises(ContractError, match="changes"):
        conform(pd.DataFrame({"old_value": ["many"]}), "changes", fill=True)


def test_store_keeps_three_runs_and_reads_its_own_first(tmp_path: Path) -> None:
    store = FrameStore(tmp_path)
    for run in range(5):
        store.write("raw/x", f"run{run}", pd.DataFrame({"n": [run]}))
    assert len(list((tmp_path / "raw" / "x").glob("*.parquet"))) == 3
    assert store.read("raw/x")["n"].item() == 4
    assert store.read("raw/x", "run3")["n"].item() == 3


def test_store_refuses_what_is_not_a_frame_and_unsafe_names(tmp_path: Path) -> None:
    store = FrameStore(tmp_path)
    with pytest.raises(TypeError, match="only frames"):
        store.write("x", "run", {"n": 1})  # type: ignore[arg-type]  # the refusal is the test
    with pytest.raises(ValueError, match="not a name"):
        store.write("../x", "run", pd.DataFrame())
    with pytest.raises(NoFrameError, match="run the nightly job"):
        store.read("nothing")


def test_frame_keeps_its_revision_on_disk(tmp_path: Path) -> None:
    store = FrameStore(tmp_path)
    frame = pd.DataFrame({"n": [1]})
    frame.attrs["revision"] = "r7"
    store.write("x", "run", frame)
    assert store.read("x").attrs["revision"] == "r7"


def test_home_belongs_to_one_profile(tmp_path: Path) -> None:
    Home(tmp_path, "sample").open()
    with pytest.raises(HomeError, match="--home"):
        Home(tmp_path, "live").open()
    with pytest.raises(HomeError, match="not a profile"):
        Home(tmp_path, "test").open()


def test_private_folders_are_private(tmp_path: Path) -> None:
    """Whatever holds answers that are not published, or not yet."""
    home = Home(tmp_path, "sample").open()
    open_engine(f"sqlite:///{home.warehouse}").dispose()
    folders = (home.raw, home.frames, home.dagster, home.reports, home.candidates, home.staging)
    for path in (*folders, home.rehearsal, home.warehouse):
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_lock_says_who_holds_it_and_is_free_afterwards(tmp_path: Path) -> None:
    home = Home(tmp_path, "sample").open()
    other = (
        "import sys; from pathlib import Path; from sql.home import Home\n"
        f"with Home(Path({str(tmp_path)!r}), 'sample').lock('another'): pass"
    )
    with home.lock("a nightly run"):
        done = subprocess.run(
            [sys.executable, "-c", other], capture_output=True, text=True, cwd=PROJECT, check=False
        )
    assert done.returncode == 1
    assert "a nightly run" in done.stderr
    with home.lock("again"):
        pass
    assert HomeBusyError.exit_status == 3


def test_clock_is_aware() -> None:
    assert Clock().now().tzinfo is not None
    fixed = datetime(2026, 11, 21, tzinfo=UTC)
    assert Clock(fixed).now() == fixed


@pytest.mark.parametrize("package", ["pipelines", "assets", "validations", "sql"])
def test_every_module_says_what_belongs_in_it(package: str) -> None:
    for path in (PROJECT / package).rglob("*.py"):
        assert path.read_text(encoding="utf-8").startswith('"""'), path


@pytest.mark.parametrize("package", ["pipelines", "assets", "validations", "sql", "tests"])
def test_no_file_is_over_400_lines(package: str) -> None:
    for path in (PROJECT / package).rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


@pytest.mark.parametrize("package", ["pipelines", "assets", "validations", "sql"])
def test_no_function_is_over_40_lines(package: str) -> None:
    for path in (PROJECT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 40, f"{path}: {node.name}"


@pytest.mark.parametrize("command", ["compare", "verify"])
def test_light_commands_import_neither_dagster_nor_great_expectations(command: str) -> None:
    module = {"compare": "pipelines.commands.compare", "verify": "pipelines.commands.releases"}
    code = (
        f"import sys, pipelines.cli, {module[command]}\n"
        "print([m for m in ('dagster', 'great_expectations') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_home_remembers_its_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings(home=tmp_path / "new").open_home().profile == "sample"
    Home(tmp_path / "live", "live").open()
    assert Settings(home=tmp_path / "live").open_home().profile == "live"
