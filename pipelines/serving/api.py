"""The read-only API: Datasette over the SQLite file of every current release, opened immutable.

Here belongs what the API may do: select from the released tables, as JSON or as pages, with a time
limit. Nothing is written, no other file is opened, no path of the machine is shown, and CSV, in
which a spreadsheet would run text as formulas, is left to the released files. When a pointer moves,
the next request is answered from the new release.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.plugins import pm
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assets.publishing.dcat import LICENCE_PAGE
from assets.publishing.reading import Readers
from pipelines.serving import only_reads

PREFIX = "/api/"
SETTINGS: Mapping[str, Any] = {
    "base_url": PREFIX,
    "sql_time_limit_ms": 2000,
    "facet_time_limit_ms": 500,
    "max_returned_rows": 1000,
    "num_sql_threads": 2,
    "allow_download": False,
    "allow_csv_stream": False,
}


class Api:
    """The API as an ASGI application; it follows the pointers."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._served: dict[str, Path] = {}
        self._app: ASGIApp | None = None
        self._running: list[Datasette] = []
        self._lock = asyncio.Lock()
        if not pm.is_registered(only_reads):
            pm.register(only_reads)
        # Else each refused query prints every variable it met:
        vars(pm.get_plugin("datasette.handle_exception")).update(rich=None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request below PREFIX."""
        databases = await asyncio.to_thread(self._readers.databases)
        if not _is_open(scope["path"].removeprefix(PREFIX), databases):
            refusal = JSONResponse(
                {"ok": False, "error": "Not found / Heb ei ganfod"}, status_code=404
            )
            await refusal(scope, receive, send)
            return
        app = await self._current(databases)
        await app(scope, receive, send)

    async def _current(self, databases: dict[str, Path]) -> ASGIApp:
        async with self._lock:
            if self._app is None or databases != self._served:
                datasette = _datasette(databases)
                await datasette.invoke_startup()
                self._app, self._served = datasette.app(), databases
                self._retire(datasette)
            return self._app

    def _retire(self, datasette: Datasette) -> None:
        """Keep the one before for requests under way; older ones give up their threads."""
        self._running.append(datasette)
        for old in self._running[:-2]:
            old.executor.shutdown(wait=False)
        self._running = self._running[-2:]


def _is_open(path: str, databases: Mapping[str, Path]) -> bool:
    """Whether the path is the list, a product, a table or a row, or what the pages look like."""
    first, *rest = path.split("/")
    if {".", ".."} & {first, *rest}:
        return False
    if path in ("", ".json") or path.startswith("-/static/"):
        return True
    return first.removesuffix(".json") in databases and not path.endswith((".csv", ".db", ".blob"))


def _datasette(databases: Mapping[str, Path]) -> Datasette:
    described = {
        product: {
            "source": f"{product} {path.parent.name}",
            "source_url": f"/{product}/{path.parent.name}/site/index.html",
        }
        for product, path in databases.items()
    }
    return Datasette(
        immutables=[str(path) for path in databases.values()],
        cors=True,
        settings=dict(SETTINGS),
        metadata={
            "title": "Council benchmarks / Meincnodau cynghorau",
            "license": "Open Government Licence v3.0",
            "license_url": LICENCE_PAGE,
            "databases": described,
        },
    )
