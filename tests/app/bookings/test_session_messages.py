"""The messages of a call with its session: read on any device, and deleted for both."""

import asyncio
from datetime import timedelta

import flet as ft
import pytest

from app.api.models import Message
from app.errors import Offline
from app.state.bookings.session_detail import SessionDetail
from app.state.bookings.session_messages import ASK_TITLE, DELETE, DELETED, show_words
from tests.app.stage.booking_stage import book
from tests.app.stage.details_stage import HOUR, api_with_a_session, sessions_of
from tests.app.stage.session_stage import services_of
from tests.fakes.api import NOW, FakeApi


@pytest.fixture
def api() -> FakeApi:
    return api_with_a_session()


def wrote(api: FakeApi, number: int) -> str:
    """A session that is over, with so many messages, of both in turn."""
    session_id = book(api, -2 * HOUR)
    api.kept_messages[session_id] = tuple(
        Message(
            id=f"m{each}",
            role="user" if each % 2 else "professional",
            text=f"message {each}",
            sent_at=NOW - 2 * HOUR + timedelta(minutes=each),
        )
        for each in range(number)
    )
    return session_id


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_last_ones_are_shown_and_the_others_on_demand(api: FakeApi, width: float) -> None:
    session_id = wrote(api, 9)
    async with sessions_of(api, "user", session_id, width=width) as app:
        await app.shows("message 8")
        assert "message 2" not in app.texts()
        await app.click(show_words(9))
        await app.shows("message 0")


async def test_they_are_deleted_for_both_once_that_is_confirmed(api: FakeApi) -> None:
    session_id = wrote(api, 2)
    async with sessions_of(api, "user", session_id) as app:
        await app.shows("message 1")
        asking = await app.begin(DELETE)
        await app.shows(ASK_TITLE)
        assert api.kept_messages[session_id]
        await app.click("Delete")
        await asking
        await app.until(lambda: app.all(ft.SnackBar, content=DELETED))
        assert session_id not in api.kept_messages
        await app.until(lambda: "message 1" not in app.texts())


async def test_deleting_that_fails_says_so_and_keeps_them(api: FakeApi) -> None:
    session_id = wrote(api, 2)
    api.fail["delete_messages"] = Offline()
    async with sessions_of(api, "user", session_id) as app:
        await app.shows("message 1")
        asking = await app.begin(DELETE)
        await app.shows(ASK_TITLE)
        await app.click("Delete")
        await asking
        await app.until(lambda: app.all(ft.SnackBar, content=Offline().detail))
        assert "message 1" in app.texts()


async def test_a_session_without_messages_says_nothing_of_them(api: FakeApi) -> None:
    async with sessions_of(api, "user", book(api, -2 * HOUR)) as app:
        await app.shows("Book again")
        assert DELETE not in app.labels()


async def test_of_two_requests_the_older_answer_takes_nothing_away(api: FakeApi) -> None:
    session_id = wrote(api, 2)
    detail = SessionDetail(services_of(api, "user"), "user", session_id)
    await detail.poll()
    answers = []
    for count in (2, 3):
        arrives = api.late("messages")
        answers.append((arrives, asyncio.create_task(detail.poll())))
        await api.until_called("messages", count)
    for arrives, polling in answers:
        arrives.set()
        await polling
        assert len(detail.messages) == 2
