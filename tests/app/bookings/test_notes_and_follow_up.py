"""A session's details: one's own notes, and the one follow-up that a professional sends after it."""

import flet as ft
import pytest

from app.api.models import FollowUp, Note
from app.errors import Offline
from app.state.bookings.follow_up import ASK_TITLE, EXPLAINED, FIELD, SEND, SENT
from app.state.core import private_notes
from app.state.core.private_notes import FIELD as NOTES
from app.state.core.private_notes import SAVED
from tests.app.stage.booking_stage import book
from tests.app.stage.details_stage import HOUR, api_with_a_session, sessions_of
from tests.fakes.api import NOW, FakeApi


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_notes, "PAUSE_S", 0.0)


@pytest.fixture
def api() -> FakeApi:
    return api_with_a_session()


@pytest.mark.parametrize("width", [360, 1280])
async def test_notes_are_with_the_session_and_can_be_written_on(api: FakeApi, width: float) -> None:
    session_id = book(api, -2 * HOUR)
    api.notes[session_id, api.account_id] = Note(text="Likes Bach", version=1)
    async with sessions_of(api, "user", session_id, width=width) as app:
        await app.until(lambda: app.field(NOTES).value == "Likes Bach")
        await app.type("Likes Bach and Brahms", NOTES)
        await app.until(lambda: api.notes[session_id, api.account_id].version == 2)
        await app.shows(SAVED)


async def test_a_professional_sends_one_follow_up_once_that_is_confirmed(api: FakeApi) -> None:
    session_id = book(api, -2 * HOUR)
    async with sessions_of(api, "professional", session_id) as app:
        await app.shows(EXPLAINED)
        await app.type("See https://example.org/sheet", FIELD)
        asking = await app.begin(SEND)
        await app.shows(ASK_TITLE)
        assert not api.follow_ups
        await app.click("Send")
        await asking
        await app.until(lambda: app.all(ft.SnackBar, content=SENT))
        assert api.follow_ups[session_id].text == "See https://example.org/sheet"
        await app.until(lambda: any(text.startswith("You sent this ") for text in app.texts()))
        assert EXPLAINED not in app.texts()


async def test_who_thinks_again_sends_nothing_and_keeps_the_text(api: FakeApi) -> None:
    session_id = book(api, -2 * HOUR)
    async with sessions_of(api, "professional", session_id) as app:
        await app.shows(EXPLAINED)
        await app.type("Half a sentence", FIELD)
        asking = await app.begin(SEND)
        await app.shows(ASK_TITLE)
        await app.click("Not yet")
        await asking
        assert not api.follow_ups
        assert app.field(FIELD).value == "Half a sentence"


async def test_what_could_not_be_sent_is_said_and_stays(api: FakeApi) -> None:
    session_id = book(api, -2 * HOUR)
    async with sessions_of(api, "professional", session_id) as app:
        await app.shows(EXPLAINED)
        await app.type("Thank you", FIELD)
        api.fail["send_follow_up"] = Offline("Rendezvous cannot be reached.")
        asking = await app.begin(SEND)
        await app.shows(ASK_TITLE)
        await app.click("Send")
        await asking
        await app.shows("Rendezvous cannot be reached.")
        assert app.field(FIELD).value == "Thank you"


async def test_the_user_finds_it_with_the_session_and_its_links_can_be_opened(api: FakeApi) -> None:
    session_id = book(api, -2 * HOUR)
    api.follow_ups[session_id] = FollowUp(text="<b>See</b> https://example.org/sheet", sent_at=NOW - HOUR)
    async with sessions_of(api, "user", session_id) as app:
        await app.until(lambda: any(text.startswith("Ada Lovelace sent this ") for text in app.texts()))
        spans = [span for each in app.all(ft.Text) for span in each.spans or []]
        assert [(span.text, span.on_click is not None) for span in spans] == [
            ("<b>See</b> ", False),
            ("https://example.org/sheet", True),
        ]


async def test_before_the_end_and_for_the_user_there_is_nothing_to_send(api: FakeApi) -> None:
    past, to_come = book(api, -2 * HOUR), book(api, 48 * HOUR)
    for role, session_id in (("user", past), ("professional", to_come)):
        async with sessions_of(api, role, session_id) as app:  # type: ignore[arg-type]  # two of the roles
            await app.until(lambda: app.field(NOTES))
            await app.settle()
            assert EXPLAINED not in app.texts()
