"""Serves the app to browsers, many people at once, directly or behind a proxy."""

import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import platformdirs
import uvicorn
from flet.app import AppCallable
from flet_web.fastapi import FletUpload, app_manager
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from app.call.contract.files import LARGEST_FILE
from app.settings import PRODUCT_NAME, AppSettings
from app.web.access import Access
from app.web.client_files import client_files
from app.web.connections import Connections
from app.web.fonts import Fonts
from app.web.pages import Pages, cookie_name
from app.web.photos import BELOW, Photos
from app.web.tab_protocol import TabProtocol

UPLOAD_MAX_BYTES = LARGEST_FILE + 1024 * 1024  # of a file for a call or a follow-up; a photo has at most 5 MB
PING_S = 10.0
"""How often a silent connection is tried (RFC 6455 5.5.2), and how long its answer may take."""
ENDS_WITHIN_S = 3


def cache_folder(settings: AppSettings) -> Path:
    """Where the client's files are made."""
    return settings.web_cache or platformdirs.user_cache_path(PRODUCT_NAME) / "web"


def create_web_app(settings: AppSettings, main: AppCallable, upload_dir: Path) -> Starlette:
    """The ASGI app; `main` is what Flet calls for every new session."""
    secure = settings.public_url.startswith("https://")
    hosts = [urlsplit(settings.public_url).hostname or "", *settings.allowed_hosts.split(",")]
    pages = Pages(client_files(cache_folder(settings)), secure)
    photos = Photos(settings.api_url)
    upload_key = token_hex(32)  # what is uploaded is signed with a key of this process and goes with it
    connections = Connections(main, upload_key, cookie_name(secure))
    uploads = FletUpload(str(upload_dir), UPLOAD_MAX_BYTES, upload_key)

    async def alive(request: Request) -> Response:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    async def upload(request: Request) -> Response:
        await uploads.handle(request)
        return Response()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await app_manager.start()  # ends sessions without a tab
        yield
        await app_manager.shutdown()
        await photos.close()

    routes: list[Any] = [
        WebSocketRoute("/ws", connections.serve),
        Route("/alive", alive),
        Route("/upload", upload, methods=["PUT"]),
        Route("/c/{digest}/{name:path}", pages.client),
        Route(f"{BELOW}/professional/{{professional_id:uuid}}/photo", photos.photo),
        Route("/noto/{name:path}", Fonts(settings.web_fonts).font),
        Route("/service-worker.js", pages.service_worker),
        Route("/manifest.json", pages.manifest),
        Route("/{path:path}", pages.page),
    ]
    named = [name.strip() for name in hosts if name.strip()]
    return Starlette(routes=routes, middleware=[Middleware(Access, named)], lifespan=lifespan)


class _Server(uvicorn.Server):
    """Calls `on_start` once it takes connections."""

    on_start: Callable[[], object] = staticmethod(lambda: None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_start()


def serve(settings: AppSettings, main: AppCallable, upload_dir: Path, on_start: Callable[[], object]) -> None:
    """Until SIGINT or SIGTERM; returns then, once every connection is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _heard)  # uvicorn raises the signal again when it has ended, for whoever was there before
    server = _Server(server_config(settings, create_web_app(settings, main, upload_dir)))
    server.on_start = on_start
    server.run()


def server_config(settings: AppSettings, app: Starlette) -> uvicorn.Config:
    """How it is served."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="asyncio",
        ws=TabProtocol,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        forwarded_allow_ips=settings.trusted_proxies,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=ENDS_WITHIN_S,
    )


def _heard(signum: int, frame: object) -> None:
    """The server has ended for it already."""
