"""The network fails just when a time is booked: the person presses Book again and finds their own hold."""

from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from app.api.client import ApiClient
from app.state.bookings.booking_flow import BookingFlow, Stage
from app.state.core.services import Services
from app.state.core.sign_in import AccountState
from tests.contract.bookings_stage import DAY, offer
from tests.contract.conftest import ADDRESS, Onboard, SignUp

BERLIN = ZoneInfo("Europe/Berlin")


class LosingAnswers(httpx.AsyncBaseTransport):
    """Carries each request to the backend; while `losing`, the answer to a booking is lost on its way back."""

    def __init__(self, backend: FastAPI) -> None:
        self._inner = httpx.ASGITransport(backend)
        self.losing = False
        self.lost = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if self.losing and request.url.path == "/sessions/book":
            self.lost += 1
            raise httpx.ReadError("the connection was lost", request=request)
        return answer


@pytest.fixture
def transport(backend: FastAPI) -> LosingAnswers:
    return LosingAnswers(backend)


@pytest.fixture
async def flow(transport: LosingAnswers, nora: ApiClient, sam: ApiClient) -> BookingFlow:
    client = ApiClient(ADDRESS, transport)
    client.use_token(sam.token)
    services = Services(client, AccountState(await client.me()), client.server_now, BERLIN)

    async def freed() -> None:
        """Nobody looks at the times here."""

    return BookingFlow(services, (await nora.me()).id, freed)


async def test_book_pressed_again_after_a_lost_answer_finds_the_hold(
    flow: BookingFlow, transport: LosingAnswers, nora: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.transport.RETRY_DELAYS_S", (0.0, 0.0))
    await offer(nora)
    (slot,) = (await flow.services.api.free_slots(flow.professional_id, DAY, "Europe/Berlin")).items
    transport.losing = True
    await flow.book(slot)
    assert transport.lost >= 1
    assert flow.error is not None
    assert "cannot be reached" in flow.error.text
    transport.losing = False
    await flow.book(slot)
    assert _stage_of(flow) is Stage.HELD
    assert flow.booking is not None
    assert flow.booking.checkout_url


def _stage_of(flow: BookingFlow) -> Stage:
    """Asked by a call: mypy believes that an attribute stays what it was compared with."""
    return flow.stage


async def test_a_time_beside_another_session_of_ones_own_stays_refused(
    flow: BookingFlow, nora: ApiClient, sam: ApiClient, sign_up: SignUp, onboard: Onboard
) -> None:
    ada = await sign_up("professional", "Ada Lovelace")
    await onboard(ada)
    await sam.book(await offer(ada))
    await offer(nora)
    (slot,) = (await flow.services.api.free_slots(flow.professional_id, DAY, "Europe/Berlin")).items
    await flow.book(slot)
    assert flow.stage is Stage.CHOOSING
    assert flow.error is not None
    assert "another session at this time" in flow.error.text
