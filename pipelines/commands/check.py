"""The command `check`: what the hub would say of a return, before it is sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click
import pandas as pd

from assets.catalogue.load import load_catalogue
from assets.collection.check import check_file
from assets.sources.registry import load_registry
from pipelines.commands.display import show_rows
from pipelines.settings import settings
from validations.messages import word
from validations.report import as_html, as_json, counts, table_rows

Lang = Literal["en", "cy"]
SHOWN = ("severity", "place", "what", "remedy")
NOTHING = {
    "en": "{file}: nothing to correct.",
    "cy": "{file}: dim byd i'w gywiro.",
}


def check_files(files: tuple[Path, ...], *, form: str, lang: Lang) -> int:
    """Print the findings of each file; 1 if there is an error in one."""
    inbox = settings().home.expanduser().absolute() / "inbox"
    sent_before = inbox if inbox.is_dir() else None
    catalogue, registry, now = load_catalogue(), load_registry(), datetime.now(UTC)
    has_errors = False
    for path in files:
        findings = check_file(path, registry, catalogue, sent_before, now)
        _show(findings, path.name, form, lang)
        has_errors = has_errors or bool(counts(findings)["errors"])
    return 1 if has_errors else 0


def _show(findings: pd.DataFrame, file: str, form: str, lang: Lang) -> None:
    if form == "json":
        click.echo(as_json(findings, file))
    elif form == "html":
        click.echo(as_html(findings, file))
    elif findings.empty:
        click.echo(NOTHING[lang].format(file=file))
    else:
        rows = table_rows(findings, lang)
        show_rows([{word(name, lang): row[name] for name in SHOWN} for row in rows], title=file)
