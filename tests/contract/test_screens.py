"""The real screens over the real backend, in one process: plans that change, and codes that come by mail."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

import flet as ft
import pytest
from fastapi import FastAPI

from app.api.client import ApiClient
from app.api.models import Booking
from app.errors import NotSignedIn
from app.screens.forgotten_password import ForgottenPassword
from app.screens.public_microsite_pt_view import ProfessionalPage
from app.screens.session_settings import SessionSettings
from app.screens.upcoming_sessions import UpcomingSessions
from app.screens.upcoming_user_sessions import UpcomingUserSessions
from app.state.core.services import SERVICES, Services
from app.state.core.sign_in import AccountState
from tests.app.stage.harness import Harness, screen
from tests.app.stage.settings_stage import fill
from tests.backend.bookings.acting import send_refunds
from tests.backend.mail.outbox import answer_reset_requests, codes_for
from tests.backend.stage import PASSWORD, MovableClock
from tests.contract.bookings_stage import confirmed, offer
from tests.contract.conftest import Onboard, Pay

BERLIN = ZoneInfo("Europe/Berlin")
Worker = Callable[[], None]


@pytest.fixture
def send(backend: FastAPI, clock: MovableClock) -> Worker:
    """One round of the worker's refunds."""
    return lambda: send_refunds(backend.state.database, backend.state.payment_gateway, clock)


@asynccontextmanager
async def details(person: ApiClient, booking: Booking) -> AsyncIterator[Harness]:
    """That person's own list with the session's details open."""
    account = await person.me()
    services = Services(person, AccountState(account), person.server_now, BERLIN)
    path, list_of = ("upcoming", UpcomingSessions) if account.is_professional else ("my-sessions", UpcomingUserSessions)

    @ft.component
    def Routes() -> ft.Control:
        return ft.Router([ft.Route(path=f"{path}/:session_id?", component=list_of)])

    async with screen(lambda: SERVICES(services, Routes), route=f"/{path}/{booking.id}", width=1280) as app:
        yield app


async def test_a_user_moves_a_session_and_cancels_it_and_both_read_of_it(
    nora: ApiClient, sam: ApiClient, pay: Pay, send: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.bookings.session_detail.REFUND_POLL_S", 0.05)
    booking = await confirmed(nora, sam, pay, 14)
    await offer(nora, 17)
    async with details(sam, booking) as app:
        await app.shows("Free cancellation until tomorrow 02:00.")
        await app.click("Move to another time")
        await app.shows("17:00")
        await app.click("17:00 to 17:45, $45.00")
        await app.click("Move to tomorrow 17:00")
        await app.shows("Moved from tomorrow 14:00")
        async with details(nora, booking) as hers:
            await hers.shows("Moved from tomorrow 14:00")
        await app.click("Cancel session")
        await app.shows("You get a full refund of $45.00.")
        await app.click("Cancel and get $45.00 back")
        await app.shows("You cancelled. $45.00 is on its way back to you.")
        send()
        await app.shows("You cancelled. $45.00 went back to you today")
    async with details(nora, booking) as app:
        await app.shows("Sam Vale cancelled. $45.00 went back to Sam Vale today")


async def test_a_professional_cancels_and_the_time_is_gone(
    nora: ApiClient, sam: ApiClient, pay: Pay, send: Worker
) -> None:
    booking = await confirmed(nora, sam, pay)
    async with details(nora, booking) as app:
        await app.shows("If you cancel, Sam Vale gets a full refund.")
        await app.click("Cancel session")
        await app.shows("Sam Vale gets a full refund of $45.00.")
        await app.click("Cancel and refund $45.00")
        await app.shows("You cancelled. $45.00 is on its way back to Sam Vale.")
    send()
    async with details(sam, booking) as app:
        await app.shows("Nora Berg cancelled. $45.00 went back to you today")
    assert (await sam.free_slots(booking.professional.id, booking.starts_at.date(), str(BERLIN))).items == ()


async def test_who_books_for_the_first_time_types_the_code_from_the_mail_and_holds_the_time(
    backend: FastAPI, nora: ApiClient, connect: Callable[[], ApiClient]
) -> None:
    await offer(nora, 14)
    nora_id = (await nora.me()).id
    kim = connect()
    account = (await kim.sign_up("kim@example.com", PASSWORD, "Kim Sand", "user", "Europe/Berlin")).account
    services = Services(kim, AccountState(account), kim.server_now, BERLIN)
    async with screen(lambda: SERVICES(services, lambda: ProfessionalPage(nora_id)), width=1280) as app:
        await app.shows("14:00")
        await app.click("14:00 to 14:45, $45.00")
        await app.click("Book 14:00, $45.00")
        await app.shows("We sent a code to kim@example.com.")
        await app.type(codes_for(backend.state.database, "kim@example.com")[-1], "Code")
        await app.click("Confirm and book")
        await app.shows("Held for you")


async def test_the_first_hour_is_published_after_typing_the_code(
    backend: FastAPI, connect: Callable[[], ApiClient], onboard: Onboard
) -> None:
    ada = connect()
    account = (await ada.sign_up("ada@example.com", PASSWORD, "Ada Lovelace", "professional", "Europe/Berlin")).account
    await onboard(ada)
    services = Services(ada, AccountState(account), ada.server_now, BERLIN)
    async with screen(lambda: SERVICES(services, SessionSettings), width=1280) as app:
        await app.shows("No times on this day yet")
        await fill(app, "20", "21", "45")
        await app.click("Add")
        await app.shows("We sent a code to ada@example.com.")
        await app.type(codes_for(backend.state.database, "ada@example.com")[-1], "Code")
        await app.click("Confirm and add the time")
        await app.shows("20:00–21:00")


async def test_a_forgotten_password_is_set_on_the_screen_and_signs_in(
    backend: FastAPI, sam: ApiClient, connect: Callable[[], ApiClient], clock: MovableClock
) -> None:
    client = connect()
    services = Services(client, AccountState(None), client.server_now, BERLIN)
    async with screen(lambda: SERVICES(services, ForgottenPassword), width=390) as app:
        await app.type("sam.vale@example.com", "E-mail")
        await app.click("Send a code")
        await app.shows("If sam.vale@example.com has an account")
        answer_reset_requests(backend, clock)
        await app.type(codes_for(backend.state.database, "sam.vale@example.com")[-1], "Code")
        await app.type("a brand new pass phrase", "New password")
        await app.click("Set the new password")
        await app.until(lambda: services.account.account is not None)
    with pytest.raises(NotSignedIn):
        await sam.me()
