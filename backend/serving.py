"""How the backend is served: its socket, its server, its log, and the figures beside it."""

import errno
import logging
import socket
import sys

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import DatabaseError

from backend.kit.database import Database, unusable
from backend.kit.http_protocol import http_protocol
from backend.kit.telemetry.metrics import MetricsServer, serve_metrics
from backend.main import create_app, prepare_demo
from backend.migrations import is_behind, upgrade
from backend.settings import Settings

logger = logging.getLogger(__name__)

BEHIND = "The database is of an older version. Run `python -m backend.migrate`, then start again."


class CannotStart(Exception):
    """Why the backend cannot serve: one sentence with what to do."""


def listening_socket(settings: Settings) -> socket.socket:
    """Bound and ready to be served on. Raises CannotStart."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let two programs share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {settings.port} is in use by another program. Stop it, or set PORT to a free port."
            ) from error
        raise CannotStart(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.") from error
    return listener


def prepare_database(settings: Settings) -> None:
    """Brings a demo's database to the newest form. Elsewhere that is a step of its own (`backend.migrate`), by a role
    that may change tables, and CannotStart says so while it is missing; also where the database cannot be used.
    """
    try:
        database = Database(settings.database_url)
        try:
            if settings.rendezvous_demo:
                upgrade(database)
            elif is_behind(database):
                raise CannotStart(BEHIND)
        finally:
            database.dispose()
    except (DatabaseError, OSError) as error:
        raise CannotStart(unusable(error)) from error


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves the app; behind a trusted proxy a request comes from whom the proxy names."""
    return uvicorn.Config(
        app,
        http=http_protocol(),
        # httpx drops idle connections after 5 s, which is uvicorn's default too: whoever is first wins, and a request
        # that is sent into a closing connection is lost.
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=None,  # backend/kit/telemetry/logs.py
        access_log=False,  # backend/kit/telemetry/requests.py
    )


def serve(settings: Settings) -> None:
    """Serves until it is stopped; BadSettings or CannotStart before the first request."""
    settings.check_ready_to_serve()
    if settings.loss_at_minimum and not settings.rendezvous_demo:
        logger.warning(settings.loss_at_minimum)
    listener = listening_socket(settings)
    metrics: MetricsServer | None = None
    try:
        settings = settings.listening_on(listener.getsockname()[1])
        prepare_database(settings)
        app = create_app(settings)
        if settings.rendezvous_demo:
            prepare_demo(app)
        metrics = _metrics(app, settings)
        logger.info("Rendezvous serves on %s", settings.public_url)
        uvicorn.Server(server_config(app, settings)).run(sockets=[listener])
    finally:
        if metrics is not None:
            metrics.stop()
        listener.close()


def _metrics(app: FastAPI, settings: Settings) -> MetricsServer | None:
    if not settings.metrics_port:
        return None
    try:
        return serve_metrics(app.state.gauges, settings.metrics_host, settings.metrics_port)
    except OSError as error:
        where = f"{settings.metrics_host}:{settings.metrics_port}"
        raise CannotStart(f"Figures cannot be served on {where}: {error.strerror}. Set METRICS_PORT.") from error
