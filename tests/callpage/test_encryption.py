"""Encryption on the page: what leaves it, a key that does not fit, and a browser that cannot encrypt."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from app.call.contract.call_state import CallState
from app.call.contract.encryption import Encryption
from app.call.contract.engine import CallCredentials
from tests.callpage.conftest import NUMBERS, Enter
from tests.callpage.people import Guest, Member
from tests.callpage.test_page_with_native import Mixed, cards, mixed, native, video
from tests.live.sides import ANNA_NUMBERS, Side
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards
from tests.stage.tokens import credentials
from tests.waiting import until

__all__ = ["cards", "mixed", "native", "video"]  # fixtures

CANNOT_ENCRYPT = """
delete globalThis.RTCRtpScriptTransform;
delete RTCRtpSender.prototype.createEncodedStreams;
delete RTCRtpReceiver.prototype.createEncodedStreams;
"""
PRESS_AT_ONCE = """
async (names) => {
  for (const name of names) {
    const found = () => [...document.querySelectorAll("button")].find((each) => each.textContent === name);
    while (!found()) await new Promise((next) => setTimeout(next));
    found().click();
  }
}
"""
ASKED, OPEN, CLOSED = "cannot encrypt calls", "Not encrypted", "Encrypted"
GO_ON = "Go on without encryption"


@pytest_asyncio.fixture(loop_scope="session")
async def rejoining(livekit: LivekitServer, nora: Member, cards: SoundCards, video: Path) -> AsyncIterator[Side]:
    """As `native`, with fresh credentials for another connection."""
    link = nora.call_link().json()
    side = Side(livekit, f"session_{nora.session_id}", nora.identity, video)
    side.encryption_key = link["encryption_key"]
    await side.use_card("a")

    async def refresh() -> CallCredentials:
        return credentials(livekit, side.room_name, side.identity, encryption_key=side.encryption_key)

    await side.join(refresh)
    yield side
    await side.engine.close()


def with_another_key(who: Member) -> str:
    url, _, key = who.call_url.rpartition("encryption_key=")
    return f"{url}encryption_key={key[::-1]}"


async def shows_nothing(guest: Guest, seconds: float = 2.0) -> None:
    """No frame of the other for this long."""
    for _ in range(int(seconds / 0.2)):
        assert await guest.number() is None
        await asyncio.sleep(0.2)


async def test_page_and_native_engine_say_that_the_call_is_encrypted_and_what_that_means(mixed: Mixed) -> None:
    await mixed.page.page.get_by_role("button", name="Encrypted. About the encryption").click()
    await mixed.page.sees("The call server between you cannot read picture, voice, messages or files.")
    await mixed.page.page.keyboard.press("Escape")
    assert mixed.native.now.encryption is Encryption.ON
    room = mixed.native.engine._call._session.room  # type: ignore[union-attr]  # a call that is going on
    publications = next(iter(room.remote_participants.values())).track_publications.values()
    assert publications
    assert all(each.encryption_type for each in publications)


async def test_a_page_with_another_key_says_so_and_shows_nothing_and_so_does_the_other_side(
    native: Side, enter: Enter, sam: Member
) -> None:
    page = await enter(sam)
    await page.open(with_another_key(sam))
    await page.sees_tile("preview")
    await page.press("Join")
    await page.sees("What Nora Lindqvist sends cannot be decrypted")
    await until(lambda: native.now.encryption is Encryption.UNREADABLE, "the native side says so too")
    assert await page.number() not in ANNA_NUMBERS
    with contextlib.suppress(AssertionError):
        await native.seen(NUMBERS["user"], limit_s=1)
        raise RuntimeError("the native side read what it has no key for")


async def test_a_browser_that_cannot_encrypt_sends_nothing_before_both_agreed_and_then_it_is_shown(
    rejoining: Side, enter: Enter, sam: Member
) -> None:
    native = rejoining
    page = await enter(sam, init=CANNOT_ENCRYPT)
    await page.join()
    await page.sees("This browser cannot encrypt calls")
    await native.state(CallState.IN_CALL)
    await until(lambda: native.now.encryption is Encryption.ASKING, "the native side is asked")
    await native.engine.answer_unencrypted(True)
    await shows_nothing(page)
    await page.sends_no_video()
    await until(lambda: native.now.encryption is Encryption.WAITING, "the page has not answered")
    await page.press("Do not go on")
    await until(lambda: native.now.encryption is Encryption.PEER_DECLINED, "the no is said")
    await page.press("Go on after all")
    await page.sees_number(ANNA_NUMBERS)
    await native.seen(NUMBERS["user"])
    await page.sees(OPEN)
    await until(lambda: native.now.encryption is Encryption.OFF, "it is shown")
    await native.engine.answer_unencrypted(False)
    await page.sees("did not agree to go on without encryption")
    await page.sends_no_video()


async def test_an_answer_that_is_changed_while_the_first_is_on_its_way_arrives_over_the_new_connection(
    rejoining: Side, enter: Enter, sam: Member
) -> None:
    """The page knew of both yeses and the other side never did: each waited for the other for good."""
    native = rejoining
    page = await enter(sam, init=CANNOT_ENCRYPT)
    await page.join()
    await native.state(CallState.IN_CALL)
    await until(lambda: native.now.encryption is Encryption.ASKING, "the native side is asked")
    await native.engine.answer_unencrypted(False)
    await page.sees("Nora Lindqvist did not agree")
    await native.engine.answer_unencrypted(True)
    await page.sees_no("Nora Lindqvist did not agree")  # the page knows the yes
    await page.page.evaluate(PRESS_AT_ONCE, ["Do not go on", "Go on after all"])
    await page.sees_number(ANNA_NUMBERS)
    await native.seen(NUMBERS["user"])


async def test_a_page_asks_too_and_a_device_that_can_encrypt_ends_the_open_call(
    enter: Enter, nora: Member, sam: Member
) -> None:
    at_nora, at_sam = await enter(nora), await enter(sam, init=CANNOT_ENCRYPT)
    await at_nora.join()
    await at_sam.join()
    await at_nora.sees(f"Sam Okafor's browser {ASKED}")
    await at_nora.press(GO_ON)
    await at_sam.press(GO_ON)
    await at_nora.sees_number(NUMBERS["user"])
    await at_sam.sees_number(NUMBERS["professional"])
    await at_nora.sees(OPEN)
    at_phone = await enter(sam)
    await at_phone.join()
    await at_phone.sees_number(NUMBERS["professional"])
    await at_nora.sees_number(NUMBERS["user"])
    await expect(at_nora.page.locator(".sign")).to_have_text(CLOSED)
