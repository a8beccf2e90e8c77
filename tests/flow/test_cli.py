"""The command line over a house after its first night: answers, exit statuses, one-line errors."""

import io
import json
import re
import shutil
import subprocess
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pandas as pd
import pytest

from pipelines.cli import main
from pipelines.commands.display import show_rows
from tests.house import House

PROJECT = Path(__file__).resolve().parents[2]
CARDIFF = "W06000015"


def cli(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would, but in this process: most commands are light."""
    out, err = io.StringIO(), io.StringIO()
    status: str | int | None = 0
    with (
        warnings.catch_warnings(),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", ["council-benchmarks", *words])
        patch.chdir(PROJECT)
        try:
            main()
        except SystemExit as end:
            status = end.code
    return subprocess.CompletedProcess(words, int(status or 0), out.getvalue(), err.getvalue())


def run_in_a_process_of_its_own(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *words],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )


def home_of(house: House) -> str:
    return str(house.home.root)


def said_once(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence on stderr; a traceback or a second line is a fault."""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("council-benchmarks: ")
    return lines[0]


def test_run_again_publishes_nothing_says_why_and_repairs_pointers(whole_house: House) -> None:
    pointer = whole_house.home.releases / "inflation" / "latest.json"
    before = pointer.read_bytes()
    pointer.unlink()
    (whole_house.home.releases / "child-poverty" / "latest.json").write_text("{")
    done = run_in_a_process_of_its_own("run", "--home", home_of(whole_house))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("No difference from version 1.0.0") == 5
    assert "Open queries: W06000015 1, W06000018 1, W06000019 1\n" in done.stdout
    page = whole_house.home.reports / "latest" / "index.html"
    assert page.is_file()
    assert f"Report: {page}\n" in done.stdout
    assert "Releases: " in done.stdout
    assert re.search(r"│ (\d\d) to \d\d years │ +1 │ cpih_12_month_rate ", done.stdout)
    assert "There is no sample of ukraine_sponsorship" in done.stdout
    assert pointer.read_bytes() == before
    assert [line for line in done.stderr.splitlines() if "pointer" not in line] == []


def test_run_refuses_a_home_of_another_profile(first_night: House) -> None:
    done = cli("run", "--home", home_of(first_night), "--profile", "live")
    assert done.returncode == 2
    assert "--home" in said_once(done)


def test_run_says_who_holds_the_home(first_night: House) -> None:
    with first_night.home.lock("a long night"):
        done = run_in_a_process_of_its_own("run", "--home", home_of(first_night))
    assert done.returncode == 3
    assert "a long night" in said_once(done)


def test_only_runs_some_assets(house: House) -> None:
    done = run_in_a_process_of_its_own("run", "--home", home_of(house), "--only", "key:areas")
    assert done.returncode == 0, done.stderr
    assert "1 assets materialised" in done.stdout
    wrong = cli("run", "--home", home_of(house), "--only", "key:nothing_of_that_name")
    assert wrong.returncode == 2


def test_releases_show_and_verify(first_night: House) -> None:
    home = home_of(first_night)
    listed = json.loads(cli("releases", "--home", home, "--format", "json").stdout)
    assert {row["product"] for row in listed} >= {"council-benchmarks", "inflation"}
    shown = json.loads(cli("show", "inflation", "--home", home, "--format", "json").stdout)
    assert "data/indicator_values.csv" in {row["file"] for row in shown}
    release = first_night.home.releases / "inflation" / "1.0.0"
    whole = cli("verify", str(release))
    assert whole.returncode == 0
    assert "whole" in whole.stdout
    missing = cli("show", "inflation", "9.9.9", "--home", home)
    assert missing.returncode == 2
    assert "1.0.0" in said_once(missing)


def test_verify_finds_a_changed_byte(first_night: House, tmp_path: Path) -> None:
    copy = tmp_path / "release"
    shutil.copytree(first_night.home.releases / "inflation" / "1.0.0", copy)
    file = copy / "data" / "indicator_values.csv"
    file.write_bytes(file.read_bytes().replace(b"2.4", b"2.5", 1))
    done = cli("verify", str(copy))
    assert done.returncode == 1
    assert "indicator_values.csv" in done.stderr


@pytest.mark.parametrize(
    ("indicator", "period", "area", "last"),
    [
        ("municipal_waste_recycled", "2024-04-01/P1Y", CARDIFF, "AR/2024-25/W06000015"),
        ("ultra_low_emission_share", "2025-01-01/P1Y", CARDIFF, "Ultra low emission vehicles"),
        ("claimant_count", "2025-01-01/P1Y", CARDIFF, "W06000015"),
        ("population", "2019-01-01/P1Y", CARDIFF, "W06000015"),
    ],
)
def test_trace_ends_at_the_raw_line(
    first_night: House, indicator: str, period: str, area: str, last: str
) -> None:
    words = ("council-benchmarks", indicator, period, area, "--home", home_of(first_night))
    done = cli("trace", *words, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert any(last in step["seen"] for step in json.loads(done.stdout) if step["what"] == "bytes")


def test_trace_of_a_figure_that_is_not_there(first_night: House) -> None:
    words = ("council-benchmarks", "population", "1900-01-01/P1Y", CARDIFF)
    done = cli("trace", *words, "--home", home_of(first_night))
    assert done.returncode != 0
    assert "1900" in said_once(done)


def test_sources_tells_state_and_age(first_night: House) -> None:
    done = cli("sources", "--home", home_of(first_night), "--format", "json")
    rows = {row["dataset"]: row for row in json.loads(done.stdout)}
    assert rows["population"]["state"] == "fresh"
    assert rows["population"]["latest_period"] == "2019-01-01/P1Y"
    assert rows["ukraine_sponsorship"]["state"] == "never"


@pytest.mark.parametrize(("value", "status"), [("64", 0), ("64%%", 1), ("640", 1)])
def test_check_says_what_the_hub_would_say(
    first_night: House, tmp_path: Path, value: str, status: int
) -> None:
    sent = first_night.home.inbox / "returns" / CARDIFF / "waste-2024-25.csv"
    copy = tmp_path / "mine.csv"
    copy.write_text(sent.read_text().replace(",64,", f",{value},"))
    for lang in ("en", "cy"):
        done = cli("check", str(copy), "--lang", lang)
        assert done.returncode == status, done.stdout + done.stderr
        assert "mine.csv" in done.stdout
    found = json.loads(cli("check", str(copy), "--format", "json").stdout)
    assert found["errors"] == status
    page = cli("check", str(copy), "--format", "html").stdout
    assert page.count("<section") == 2
    assert 'lang="cy"' in page


@pytest.mark.parametrize("seen", ["[c1]", "[/b]", ":smile:"])
def test_what_stands_in_a_file_is_shown_as_it_stands(first_night: House, seen: str) -> None:
    """Square brackets are StatsWales's, not those of a table on a terminal."""
    sent = next((first_night.home.inbox / "returns" / CARDIFF).glob("*.csv"))
    header, answer, *_ = sent.read_text().splitlines()
    folder = Path(first_night.home.root) / CARDIFF
    folder.mkdir(exist_ok=True)
    cells = answer.split(",")
    (folder / "mine.csv").write_text("\n".join([header, ",".join([*cells[:4], seen, *cells[5:]])]))
    done = cli("check", str(folder / "mine.csv"))
    shutil.rmtree(folder)
    assert done.returncode == 1, done.stderr
    assert seen in done.stdout


def test_nothing_that_is_shown_moves_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([{"file": "a\x1b[2Jb\x9b1A\udcff", "rows": 3}], title="\x1b]0;title\x07")
    shown = capsys.readouterr().out
    assert "a\ufffd[2Jb\ufffd1A\ufffd" in shown
    assert not set("\x1b\x9b\x07") & set(shown)


def test_publish_needs_a_product_or_due(first_night: House) -> None:
    assert cli("publish", "--home", home_of(first_night)).returncode == 2
    due = cli("publish", "--due", "--home", home_of(first_night))
    assert due.returncode == 0, due.stderr


def test_doctor_shows_settings_but_not_their_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNCIL_BENCHMARKS_DATABASE_URL", "postgresql://u:canary@127.0.0.1:1/x")
    done = cli("doctor", "--home", str(tmp_path))
    assert done.returncode == 3
    assert "start the database" in done.stdout
    assert "COUNCIL_BENCHMARKS_DATABASE_URL" in done.stdout
    assert "canary" not in done.stdout + done.stderr


def test_a_setting_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNCIL_BENCHMARKS_REQUIRE_ALL", "canary")
    done = cli("releases", "--home", str(tmp_path))
    assert done.returncode == 2
    assert "COUNCIL_BENCHMARKS_REQUIRE_ALL" in said_once(done)
    assert "canary" not in done.stderr


@pytest.mark.parametrize("url", ["postgresql://user:canary", "canary", ""])
@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_an_address_of_a_database_that_cannot_be_read_is_never_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, debug: tuple[str, ...]
) -> None:
    """Without the host, the password stands where the port would be."""
    monkeypatch.setenv("COUNCIL_BENCHMARKS_DATABASE_URL", url)
    done = cli(*debug, "doctor", "--home", str(tmp_path))
    assert done.returncode == 2
    assert "COUNCIL_BENCHMARKS_DATABASE_URL cannot be used" in done.stderr
    assert "canary" not in done.stdout + done.stderr


def test_a_blank_home_is_not_the_folder_we_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNCIL_BENCHMARKS_HOME", "")
    assert "COUNCIL_BENCHMARKS_HOME" in said_once(cli("releases"))


@pytest.mark.parametrize(
    "words",
    [("run", "--only", "bad((("), ("publish", "nosuch"), ("serve", "--port", "99999")],
)
def test_wrong_usage_is_2(first_night: House, words: tuple[str, ...]) -> None:
    done = cli(*words, "--home", home_of(first_night))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_check_of_several_files_is_one_document(first_night: House) -> None:
    sent = sorted((first_night.home.inbox / "returns" / CARDIFF).glob("*.csv"))[:2]
    done = cli("check", *map(str, sent), "--format", "json")
    assert [item["file"] for item in json.loads(done.stdout)] == [path.name for path in sent]


def test_compare_on_a_table_of_ones_own(tmp_path: Path) -> None:
    observations = tmp_path / "mine.csv"
    rows = [f"waste,2024,W0600000{code},{code}0,100" for code in range(1, 7)]
    observations.write_text("\n".join(["indicator,period,area_code,numerator,denominator", *rows]))
    done = cli("compare", str(observations), "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    compared = pd.read_parquet(tmp_path / "out" / "comparisons.parquet")
    assert compared["value"].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    doubled = tmp_path / "doubled.csv"
    doubled.write_text(observations.read_text() + f"\n{rows[0]}")
    refused = cli("compare", str(doubled), "-o", str(tmp_path / "none"))
    assert refused.returncode == 1
    assert "W06000001" in said_once(refused)
    assert not (tmp_path / "none" / "comparisons.parquet").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"indicator,period,area_code,numerator,denominator\n", "no rows"),
        ("indicator,period\nŵ,2024\n".encode("utf-16"), "UTF-8"),
    ],
)
def test_compare_refuses_what_is_no_table(tmp_path: Path, content: bytes, said: str) -> None:
    table = tmp_path / "mine.csv"
    table.write_bytes(content)
    done = cli("compare", str(table), "-o", str(tmp_path / "out"))
    assert done.returncode == 1
    assert said in said_once(done)
