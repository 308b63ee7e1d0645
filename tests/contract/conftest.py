"""The real client against the real backend, in one process: httpx's ASGI transport, a database per test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher

from app.api.client import ApiClient
from app.api.models import Role
from backend.auth.service import PasswordHasher
from backend.main import create_app
from backend.settings import Settings
from tests.backend.bookings.acting import GOOD_CARD
from tests.backend.stage import PASSWORD, START, MovableClock, verify_email
from tests.fakes.call_rooms import FakeCallRooms
from tests.stage.databases import SqliteFiles

SignUp = Callable[..., Awaitable[ApiClient]]
Onboard = Callable[[ApiClient], Awaitable[None]]
Pay = Callable[[str], Awaitable[None]]
ADDRESS = "http://backend.test"


@dataclass
class Kept:
    """One backend for all tests: FastAPI builds the validators of each app again, and each database is migrated."""

    databases: SqliteFiles
    url: str
    clock: MovableClock
    rooms: FakeCallRooms
    app: FastAPI


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    databases = SqliteFiles(tmp_path_factory.mktemp("databases"))
    url, clock, rooms = databases.new_database(), MovableClock(), FakeCallRooms()
    settings = Settings(database_url=url, rendezvous_demo=True, public_url=ADDRESS)
    cheap = PasswordHasher(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))
    app = create_app(settings, now=clock, passwords=cheap, call_rooms=rooms, run_worker=False)
    return Kept(databases, url, clock, rooms, app)


@pytest.fixture
def clock(kept: Kept) -> MovableClock:
    """The backend's clock: a Monday, nine in the morning UTC."""
    kept.clock.set(START)
    return kept.clock


@pytest.fixture
def rooms(kept: Kept) -> FakeCallRooms:
    """LiveKit is another server; who is in a room is told here."""
    kept.rooms.forget()
    return kept.rooms


@pytest.fixture
async def backend(kept: Kept, clock: MovableClock, rooms: FakeCallRooms) -> AsyncIterator[FastAPI]:
    """A started backend on an empty database, with the sandbox's payments."""
    async with kept.app.router.lifespan_context(kept.app):
        yield kept.app
    kept.databases.give_back(kept.url)
    assert kept.databases.new_database() == kept.url, "somebody still held the database"


@pytest.fixture
def connect(backend: FastAPI) -> Callable[[], ApiClient]:
    """A client that nobody is signed in to."""
    return lambda: ApiClient(ADDRESS, httpx.ASGITransport(backend))


@pytest.fixture
def sign_up(backend: FastAPI, connect: Callable[[], ApiClient]) -> SignUp:
    """Somebody new, signed in, their e-mail confirmed: `await sign_up("professional", "Nora Berg")`."""

    async def somebody(role: Role, name: str, time_zone: str = "Europe/Berlin") -> ApiClient:
        client = connect()
        email = f"{name.lower().replace(' ', '.')}@example.com"
        signed_in = await client.sign_up(email, PASSWORD, name, role, time_zone)
        verify_email(backend.state.database, signed_in.account.id)
        return client

    return somebody


@pytest.fixture
def onboard(backend: FastAPI) -> Onboard:
    """Sets up payouts on the provider's page, as a professional's browser does."""

    async def on_its_page(professional: ApiClient) -> None:
        url = (await professional.set_up_payouts("DE")).url
        async with httpx.AsyncClient(transport=httpx.ASGITransport(backend)) as browser:
            assert url is not None
            answer = await browser.post(url)
            assert answer.status_code < 400

    return on_its_page


@pytest.fixture
async def nora(sign_up: SignUp, onboard: Onboard) -> ApiClient:
    """A professional in Berlin, who can be paid."""
    professional = await sign_up("professional", "Nora Berg")
    await onboard(professional)
    return professional


@pytest.fixture
async def sam(sign_up: SignUp) -> ApiClient:
    """A user in Berlin."""
    return await sign_up("user", "Sam Vale")


@pytest.fixture
def pay(backend: FastAPI) -> Pay:
    """Fills in the payment page with a card that works, as the person's browser does."""

    async def with_good_card(checkout_url: str) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(backend)) as browser:
            answer = await browser.post(f"{checkout_url}/pay", data=GOOD_CARD)
            assert answer.status_code < 400

    return with_good_card
