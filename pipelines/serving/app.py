"""The server's application: files of the public folder by address, and the API beside them.

Here belongs HTTP: which answer an address gets, content types, entity tags, caching. Which file an
address means is in assets.publishing.reading.
"""

import asyncio
from pathlib import PurePosixPath

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assets.publishing.dcat import MEDIA_TYPES
from assets.publishing.reading import PAGE, Found, Readers
from pipelines.serving.api import PREFIX, Api

METHODS = ("GET", "HEAD", "OPTIONS")
TYPES = {
    **MEDIA_TYPES,
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".cff": "application/yaml; charset=utf-8",
}
NAMED_TYPES = {
    "catalogue.json": "application/ld+json",
    "csv-metadata.json": "application/csvm+json",
    "feed.json": "application/feed+json",
}
READ_ONLY = "Only reading is possible here. / Dim ond darllen sy'n bosibl yma.\n"
NOT_FOUND = "Not found. / Heb ei ganfod.\n"
FOREVER = "public, max-age=300, must-revalidate"
"""A version never changes, but one removed for confidentiality must soon be gone everywhere."""
FOLLOWS = "no-cache"
_OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "content-location, etag, link",
    "x-content-type-options": "nosniff",
}


class ReadOnly:
    """Whatever is asked, nothing but reading is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse every method that could write; a WebSocket is not answered at all."""
        if scope["type"] == "http" and scope["method"] not in METHODS:
            allowed = {"allow": ", ".join(METHODS)}
            refusal = PlainTextResponse(READ_ONLY, 405, allowed)
            await refusal(scope, receive, send)
        elif scope["type"] != "websocket":
            await self.app(scope, receive, send)


def build_app(readers: Readers) -> Starlette:
    """The application over a public folder."""

    async def file(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={**_OPEN, "allow": ", ".join(METHODS)})
        address = request.path_params["address"] or "index.html"
        found = await asyncio.to_thread(readers.find, address)
        if found is None:
            return await _page_or_nothing(readers, address)
        return _answer(found, address, request)

    return Starlette(
        routes=[
            Route(PREFIX.rstrip("/"), lambda _: RedirectResponse(PREFIX)),
            Route(PREFIX + "{rest:path}", Api(readers)),
            Route("/{address:path}", file, methods=list(METHODS)),
        ],
        middleware=[Middleware(ReadOnly)],
    )


async def _page_or_nothing(readers: Readers, address: str) -> Response:
    """A folder of a product leads to the page of that version."""
    folder = address.rstrip("/")
    if "/" not in folder:
        folder += "/latest"
    page = f"{folder}/{PAGE}"
    if await asyncio.to_thread(readers.find, page) is None:
        return PlainTextResponse(NOT_FOUND, 404, _OPEN)
    return RedirectResponse(f"/{page}", headers=_OPEN)


def _answer(found: Found, address: str, request: Request) -> Response:
    tag = f'"{found.sha256}"'
    headers = {**_OPEN, "etag": tag, "cache-control": FOLLOWS}
    if found.address is not None:
        headers["content-location"] = f"/{found.address}"
        headers["cache-control"] = FOREVER if found.address == address else FOLLOWS
        if found.path.suffix == ".csv":
            version = "/".join(found.address.split("/")[:2])
            headers["link"] = f'</{version}/csv-metadata.json>; rel="describedby"'
    asked = request.headers.get("if-none-match", "")
    if tag in (part.strip().removeprefix("W/") for part in asked.split(",")) or asked == "*":
        return Response(status_code=304, headers=headers)
    media = NAMED_TYPES.get(found.path.name) or TYPES.get(PurePosixPath(found.path).suffix)
    return FileResponse(found.path, headers=headers, media_type=media or "text/plain")
