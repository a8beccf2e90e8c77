"""The documents say what is there: every path exists, every command and target is real."""

import re
from pathlib import Path

import pytest

from pipelines.cli import cli

PROJECT = Path(__file__).resolve().parents[2]
DOCS = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    *sorted((PROJECT / "docs").rglob("*.md")),
]
PATH = re.compile(r"`((?:assets|pipelines|validations|sql|tests|docs|\.ci)/[\w./-]*\w)`")


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_path_a_document_names_exists(path: Path) -> None:
    for name in PATH.findall(path.read_text(encoding="utf-8")):
        assert (PROJECT / name).exists(), f"{path.name} names {name}"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_picture_and_link_exists(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links {target}"


def test_readme_names_every_command_and_no_other() -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    table = text.split("| command | does |")[1].split("\n\n")[0]
    named = {
        word
        for cell in re.findall(r"^\| (.*?) \|", table, re.MULTILINE)
        for word in re.findall(r"`(\w+)", cell)
    }
    assert named == set(cli.commands) - {"ui"}


def test_readme_names_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)", (PROJECT / "README.md").read_text(encoding="utf-8")))
    assert {"run", "test", "ui", "help"} <= named <= targets


def test_locks_hold_names_versions_and_hashes_only() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        for line in (PROJECT / name).read_text().splitlines():
            assert re.match(r"^([A-Za-z0-9._-]+==\S+|    --hash=sha256:[0-9a-f]{64})", line), line


def test_location_has_one_name() -> None:
    for name in ("workspace.yaml", "pyproject.toml"):
        assert "council_benchmarks" in (PROJECT / name).read_text()
