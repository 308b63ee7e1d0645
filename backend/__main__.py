"""`python -m backend`: prepares the database, then serves. Settings come from the environment."""

import errno
import logging
import socket
import sys

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import DatabaseError

from backend.kit.database import Database
from backend.kit.http_protocol import http_protocol
from backend.main import create_app, prepare_demo
from backend.migrations import upgrade
from backend.settings import BadSettings, Settings, load_settings

logger = logging.getLogger(__name__)


class CannotStart(Exception):
    """Why the backend cannot serve: one sentence with what to do."""


class _WithoutQuery(logging.Filter):
    """Access lines name the path alone: a query may hold what someone searched for."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(part.split("?")[0] if isinstance(part, str) else part for part in record.args)
        return True


def _listening_socket(settings: Settings) -> socket.socket:
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


def _prepare_database(settings: Settings) -> None:
    try:
        database = Database(settings.database_url)
        try:
            upgrade(database)
        finally:
            database.dispose()
    except (DatabaseError, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise CannotStart(f"The database cannot be used: {reason}. Check DATABASE_URL.") from error


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
    )


def serve(settings: Settings) -> None:
    """Serves until it is stopped; BadSettings or CannotStart before the first request."""
    settings.check_ready_to_serve()
    if settings.loss_at_minimum and not settings.rendezvous_demo:
        logger.warning(settings.loss_at_minimum)
    listener = _listening_socket(settings)
    try:
        settings = settings.listening_on(listener.getsockname()[1])
        _prepare_database(settings)
        logging.getLogger("uvicorn.access").addFilter(_WithoutQuery())
        app = create_app(settings)
        if settings.rendezvous_demo:
            prepare_demo(app)
        logger.info("Rendezvous serves on %s", settings.public_url)
        uvicorn.Server(server_config(app, settings)).run(sockets=[listener])
    finally:
        listener.close()


def main() -> int:
    """The process's exit status: 0 after a normal stop, 2 with one sentence on stderr if it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        serve(load_settings())
    except (BadSettings, CannotStart) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        pass  # uvicorn has stopped in order; Ctrl-C is a normal way to end
    return 0


if __name__ == "__main__":
    sys.exit(main())
