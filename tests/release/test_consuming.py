"""docs/consuming.md: every snippet is run as it stands against a served release."""

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from assets.publishing.store import ReleaseStore
from sql.warehouse import open_engine
from tests.release.sample import PRODUCT
from tests.release.served import Site

PAGE = Path(__file__).resolve().parents[2] / "docs" / "consuming.md"
ADDRESS = "http://127.0.0.1:8000"
TEXT = PAGE.read_text(encoding="utf-8")


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def run(command: list[str], snippet: str, site: Site, folder: Path) -> str:
    """What the snippet prints, with the address of the test's server in it."""
    assert ADDRESS in snippet
    text = snippet.replace(ADDRESS, site.address)
    done = subprocess.run(
        [*command, text], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def figures(two_versions: ReleaseStore) -> pd.DataFrame:
    return pd.read_csv(two_versions.path(PRODUCT) / "data" / "indicator_values.csv")


def test_python_alone(site: Site, tmp_path: Path, figures: pd.DataFrame) -> None:
    printed = run([sys.executable, "-I", "-c"], snippets("python")[0], site, tmp_path)
    assert printed.split() == ["1.0.1", str(len(figures)), "figures"]


def test_pandas(site: Site, tmp_path: Path, figures: pd.DataFrame) -> None:
    printed = run([sys.executable, "-I", "-c"], snippets("python")[1], site, tmp_path)
    n_series = figures.groupby(["indicator", "area_code"]).ngroups
    assert "Cyngor W06000001" in printed
    assert len(re.findall(r"^\d+ ", printed, re.MULTILINE)) == n_series


def test_r(
    site: Site, tmp_path: Path, figures: pd.DataFrame, require: Callable[[bool, str], None]
) -> None:
    (snippet,) = snippets("r")
    if shutil.which("Rscript") is None:
        # Nothing of the project needs R: the snippet is only looked at where it is missing.
        assert ADDRESS in snippet
        assert snippet.count("(") == snippet.count(")")
        return
    printed = run(["Rscript", "-e"], snippet, site, tmp_path)
    for indicator, part in figures.groupby("indicator"):
        assert re.search(rf"{indicator}\s+{part['value_rounded'].count()}\b", printed)


def test_the_shell_examples(
    site: Site, tmp_path: Path, figures: pd.DataFrame, require: Callable[[bool, str], None]
) -> None:
    require(shutil.which("curl") is not None, "curl is missing: apt-get install curl")
    download, api, unchanged, _verify = snippets("sh")
    run(["bash", "-ec"], download.splitlines()[0], site, tmp_path)
    connection = sqlite3.connect(tmp_path / "benchmarks.sqlite")
    (query,) = re.findall(r'"(select[^"]*)"', download)
    assert connection.execute(query).fetchone() == (len(figures),)
    connection.close()
    printed = run(["bash", "-ec"], api, site, tmp_path)
    assert '"name_cy": "Cyngor W06000001"' in printed
    assert printed.rstrip().endswith("[]"), "the sample has no such indicator"
    assert run(["bash", "-ec"], unchanged, site, tmp_path).strip() == "304"


def test_the_query_of_the_warehouse(tmp_path: Path) -> None:
    (query,) = snippets("sql")
    engine = open_engine(f"sqlite:///{tmp_path / 'warehouse.sqlite'}")
    with engine.connect() as connection:
        assert connection.execute(sa.text(query)).keys()
    engine.dispose()


@pytest.mark.parametrize("language", ["powerquery", "r"])
def test_recipes_name_files_and_columns_that_exist(
    site: Site, figures: pd.DataFrame, language: str
) -> None:
    (snippet,) = snippets(language)
    (path,) = set(re.findall(r"council-benchmarks/1/[\w/.]+", snippet))
    answer = site.ask(f"/{path}")
    assert answer.status == 200
    for column in re.findall(r'"(value\w*)"', snippet):
        assert column in figures.columns


def test_every_address_of_the_page_answers(site: Site) -> None:
    paths = set(re.findall(rf"{ADDRESS}(/[\w/.-]+[\w/])", TEXT))
    assert len(paths) >= 6
    for path in paths:
        assert site.ask(path).status in (200, 307), path
