"""A worker whose mails go to a real SMTP server."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from backend.bookings.access import terms_of
from backend.calls.access import limits_of
from backend.integrations.smtp import SmtpTransport, server_of
from backend.mail.service.writing import Writer
from backend.main import writer_of
from backend.settings import Settings
from backend.worker import Worker
from backend.worker.mail_tasks import Post
from tests.backend.mail.smtp_server import SmtpServer
from tests.backend.stage import MovableClock
from tests.fakes.call_rooms import FakeCallRooms


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    """Listens already."""
    server = SmtpServer().start()
    yield server
    server.stop()


@pytest.fixture
def writer(settings: Settings) -> Writer:
    """As the backend has it."""
    return writer_of(settings)


@pytest.fixture
def transport(server: SmtpServer) -> SmtpTransport:
    """Without encryption, on loopback; short of patience."""
    return SmtpTransport(server_of(f"smtp+plain://127.0.0.1:{server.port}"), step_timeout_s=2.0, deadline_s=2.0)


@pytest.fixture
def worker(
    app: FastAPI,
    settings: Settings,
    clock: MovableClock,
    rooms: FakeCallRooms,
    writer: Writer,
    transport: SmtpTransport,
) -> Worker:
    """Sends the app's mails to `server`."""
    state = app.state
    parts = (terms_of(settings), limits_of(settings), clock)
    return Worker(state.database, state.payment_gateway, rooms, *parts, post=Post(writer, transport))
