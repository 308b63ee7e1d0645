"""Private notes beside the chat during a call and on the page after it."""

import pytest

from app.errors import Offline
from app.state.call import chat
from app.state.core import private_notes
from app.state.core.private_notes import CLOSE, FIELD, NOT_YET, OPEN, SAVED
from tests.app.stage.call_stage import together
from tests.app.stage.call_world import SESSION


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_notes, "PAUSE_S", 0.0)
    monkeypatch.setattr(private_notes, "AGAIN_AFTER_S", (0.01,))


async def test_what_is_typed_in_the_call_is_saved_and_stands_on_the_page_after_it() -> None:
    async with together() as call:
        await call.app.click(OPEN)
        await call.app.type("Likes Bach", FIELD)
        await call.app.until(lambda: (SESSION, "user-1") in call.world.api.notes)
        await call.app.shows(SAVED)
        assert call.world.api.notes[SESSION, "user-1"].text == "Likes Bach"
        await call.app.click("End call")
        await call.app.shows("Rejoin")
        assert call.app.field(FIELD).value == "Likes Bach"


async def test_in_a_narrow_window_they_are_a_tab_beside_the_chat() -> None:
    async with together(width=390) as call:
        assert OPEN not in call.app.labels()
        await call.app.click(chat.OPEN)
        await call.app.shows(chat.EMPTY)
        await call.app.click(OPEN)
        await call.app.until(lambda: CLOSE in call.app.labels())
        await call.app.type("Likes Bach", FIELD)
        await call.app.until(lambda: (SESSION, "user-1") in call.world.api.notes)


async def test_that_they_are_not_saved_yet_is_said_until_they_are() -> None:
    async with together() as call:
        await call.app.key("N")
        await call.app.until(lambda: CLOSE in call.app.labels())
        call.world.api.fail["save_note"] = Offline()
        await call.app.type("in the tunnel", FIELD)
        await call.app.shows(NOT_YET)
        del call.world.api.fail["save_note"]
        await call.app.shows(SAVED)


async def test_letters_belong_to_the_notes_while_they_are_open() -> None:
    async with together() as call:
        await call.app.key("N")
        await call.app.until(lambda: CLOSE in call.app.labels())
        for key in ("M", "V", "C", "?"):
            await call.app.key(key)
        assert not [asked for asked in call.engine.calls if asked[0] in ("microphone", "camera")]
        assert CLOSE in call.app.labels()
        await call.app.key("Escape")
        await call.app.until(lambda: CLOSE not in call.app.labels())
