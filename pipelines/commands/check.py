"""The command `check`: what the hub would say of a return, before it is sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click
import pandas as pd

from assets.catalogue.load import load_catalogue
from assets.collection.check import check_file
from assets.collection.inbox import label
from assets.sources.registry import load_registry
from pipelines.commands.display import show_rows
from pipelines.settings import settings
from validations.messages import word
from validations.report import as_json, counts, table_rows
from validations.reports.officer import as_html

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
    found = [check_file(path, registry, catalogue, sent_before, now) for path in files]
    names = [label(path.name) for path in files]
    if form == "json":
        told = [as_json(findings, name) for findings, name in zip(found, names, strict=True)]
        click.echo(told[0] if len(told) == 1 else "[" + ",\n".join(told) + "]")
    elif form == "html":
        click.echo(as_html(pd.concat(found, ignore_index=True), ", ".join(names)))
    else:
        for findings, name in zip(found, names, strict=True):
            _show(findings, name, lang)
    return 1 if any(counts(findings)["errors"] for findings in found) else 0


def _show(findings: pd.DataFrame, file: str, lang: Lang) -> None:
    if findings.empty:
        click.echo(NOTHING[lang].format(file=file))
        return
    rows = table_rows(findings, lang)
    shown = [{word(name, lang): row[name] for name in SHOWN} for row in rows]
    show_rows(shown, title=file)
