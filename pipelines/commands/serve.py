"""`serve`: the published site, its files and the read-only API, on this machine alone."""

from pathlib import Path

import click
import uvicorn

from assets.publishing.reading import Readers
from pipelines.serving.app import build_app
from pipelines.settings import settings

HOST = "127.0.0.1"


def serve_releases(*, home: Path | None, port: int) -> None:
    """Serve the releases of the home until interrupted; what is published meanwhile is seen."""
    releases = settings(home=home).open_home().releases
    readers = Readers(releases)
    click.echo(f"Releases: http://{HOST}:{port}/")
    click.echo(f"API:      http://{HOST}:{port}/api/")
    for product in readers.products():
        click.echo(f"          http://{HOST}:{port}/{product}/latest/")
    uvicorn.run(build_app(readers), host=HOST, port=port, log_level="warning", access_log=False)
