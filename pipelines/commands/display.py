"""How commands show results: a table a person can read, or JSON for a program."""

import json
import re
from collections.abc import Mapping, Sequence

import click
from rich.console import Console
from rich.table import Table

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def console() -> Console:
    """A console as wide as the terminal, or wide enough for a file or pipe.

    What it shows comes from files of others: [c] and :x: stand for themselves.
    """
    screen = Console(markup=False, emoji=False)
    return screen if screen.is_terminal else Console(width=180, markup=False, emoji=False)


def show_rows(
    rows: Sequence[Mapping[str, object]], *, form: str = "table", title: str | None = None
) -> None:
    """Print rows as a table or as JSON; columns are the keys of the first row."""
    if form == "json":
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2, default=str))
        return
    if not rows:
        click.echo(f"{title}: none" if title else "none")
        return
    title = title and printable(title)
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in rows[0]:
        numeric = all(isinstance(row[name], int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if row[name] is None else printable(row[name]) for name in rows[0]))
    console().print(table)


def printable(value: object) -> str:
    """A text as a terminal may show it: nothing in it moves the cursor or changes a colour."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))
