"""One professional and one user over either backend: what the states' tests need beside the API itself."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from app.api.client import ApiClient
from app.api.models import Booking, Role
from app.state.core.services import Services
from app.state.core.sign_in import AccountState
from tests.app.stage.session_stage import services_of
from tests.backend.bookings.acting import send_refunds
from tests.backend.stage import START, MovableClock
from tests.contract.bookings_stage import DAY
from tests.fakes.api import FakeApi

BERLIN = ZoneInfo("Europe/Berlin")
NORA = "Nora Berg"
Pay = Callable[[str], Awaitable[None]]


class World(Protocol):
    """Nora offers hours in Berlin, Sam books them. `day` is tomorrow there; the clocks stand."""

    day: dt.date = DAY

    async def nora(self) -> Services:
        """What Nora's screens stand on; she is the one who acts until `sam` is asked for."""
        ...

    async def sam(self) -> Services:
        """The same of Sam."""
        ...

    async def pay(self, booking: Booking) -> None:
        """The payment page was filled in."""
        ...

    def settle_refund(self, booking: Booking) -> None:
        """The provider has sent the money back."""
        ...

    def set_clock(self, at: dt.datetime) -> None:
        """The backend's clock shows that now."""
        ...


class FakeWorld:
    """Over the fake backend of the screens' tests."""

    day: dt.date = DAY

    def __init__(self) -> None:
        self._api = FakeApi(START)
        self._api.add_professional("pro-1", name=NORA)

    async def nora(self) -> Services:
        return services_of(self._api, "professional", BERLIN)

    async def sam(self) -> Services:
        return services_of(self._api, "user", BERLIN)

    async def pay(self, booking: Booking) -> None:
        self._api.pay(booking.id)

    def settle_refund(self, booking: Booking) -> None:
        self._api.settle_refund(booking.id)

    def set_clock(self, at: dt.datetime) -> None:
        self._api.now = at


class RealWorld:
    """Over the backend itself."""

    day: dt.date = DAY

    def __init__(self, people: dict[Role, ApiClient], pay: Pay, backend: FastAPI, clock: MovableClock) -> None:
        self._people, self._pay = people, pay
        self._backend, self._clock = backend, clock

    async def nora(self) -> Services:
        return await self._services("professional")

    async def sam(self) -> Services:
        return await self._services("user")

    async def _services(self, role: Role) -> Services:
        client = self._people[role]
        return Services(client, AccountState(await client.me()), client.server_now, BERLIN)

    async def pay(self, booking: Booking) -> None:
        await self._pay(cast(str, booking.checkout_url))

    def settle_refund(self, booking: Booking) -> None:
        send_refunds(self._backend.state.database, self._backend.state.payment_gateway, self._clock)

    def set_clock(self, at: dt.datetime) -> None:
        self._clock.set(at)
