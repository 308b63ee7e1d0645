"""A key that the two devices agree on, with a page on one side or both: what is shown, and what it holds through."""

import asyncio
import re

from playwright.async_api import expect

from app.call.contract.call_state import CallState
from app.call.contract.encryption import KeyOrigin
from app.call.state.machine import CallEvent
from tests.callpage.conftest import NUMBERS, Enter
from tests.callpage.people import PATIENCE_MS, Guest, Member
from tests.callpage.test_encryption import rejoining
from tests.callpage.test_page_with_native import cards, native, video
from tests.callpage.test_page_with_page import Pair, pair
from tests.live.sides import ANNA_NUMBERS, Side
from tests.live.test_agreed_key import send_under_the_session_key
from tests.waiting import until

__all__ = ["cards", "native", "pair", "rejoining", "video"]  # fixtures

NO_CURVE = """
const make = crypto.subtle.generateKey.bind(crypto.subtle);
crypto.subtle.generateKey = (how, ...more) =>
  how.name === "X25519" ? Promise.reject(new DOMException("no", "NotSupportedError")) : make(how, ...more);
"""
"""Chrome before 133, Firefox before 130, Safari before 17."""
SIGN = re.compile("About the encryption")


async def open_panel(guest: Guest) -> None:
    await guest.page.get_by_role("button", name=SIGN).click()


async def words(guest: Guest, *, other_than: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The words of the open panel, once there are some, and they are others."""
    shown = guest.page.locator(".key-words")
    await expect(shown).to_be_visible(timeout=PATIENCE_MS)
    if other_than:
        await expect(shown).not_to_have_text(" ".join(other_than), timeout=PATIENCE_MS)
    return tuple((await shown.inner_text()).split())


async def native_words(native: Side) -> tuple[str, ...]:
    await until(lambda: native.now.key_origin is KeyOrigin.AGREED, "the native side has agreed")
    return native.now.key_words


async def see_each_other(native: Side, page: Guest) -> None:
    call = native.engine._call
    assert call is not None
    await native.seen(NUMBERS["user"], after=call.remote_frames.count)
    await page.sees_number(ANNA_NUMBERS)


async def test_page_and_native_engine_show_the_same_words_and_read_nothing_under_the_session_key(
    native: Side, enter: Enter, sam: Member
) -> None:
    """The native engine reads nothing else than the agreed key then (tests/live), so the page sends under it."""
    page = await enter(sam)
    await page.join()
    await open_panel(page)
    shown = await words(page)
    assert len(shown) == 4
    assert shown == await native_words(native)
    await page.sees("if both of you see the same, nobody else has that key")
    await see_each_other(native, page)
    send_under_the_session_key(native)
    await asyncio.sleep(0.5)  # what was on its way
    before = await page.number()
    for _ in range(10):
        assert await page.number() == before
        await asyncio.sleep(0.2)
    assert native.encryption_key not in " ".join(page.said)


async def test_a_rejoin_of_the_native_side_keeps_the_words(rejoining: Side, enter: Enter, sam: Member) -> None:
    page = await enter(sam)
    await page.join()
    await open_panel(page)
    before = await words(page)
    call, media = rejoining.engine._call, rejoining.engine._media
    assert call is not None
    assert media is not None
    rejoining.states.clear()
    media.post(call._connection_ended, CallEvent.CONNECTION_LOST)
    await rejoining.passed(CallState.RECONNECTING)
    await rejoining.state(CallState.IN_CALL)
    await see_each_other(rejoining, page)
    assert (await native_words(rejoining), await words(page)) == (before, before)


async def test_two_pages_show_the_same_words_and_a_reload_gives_both_new_ones(pair: Pair) -> None:
    at_nora, at_sam = pair
    for guest in pair:
        await open_panel(guest)
    before = await words(at_nora)
    assert await words(at_sam) == before
    await at_sam.page.reload()
    await at_sam.sees_number(NUMBERS["professional"])
    await open_panel(at_sam)
    after = await words(at_nora, other_than=before)
    assert await words(at_sam) == after != before
    await at_nora.sees("These words are new: Sam Okafor changed device or opened the call again.")
    await at_nora.sees("Encrypted, new words")
    await at_nora.sees_number(NUMBERS["user"])
    await at_sam.sees_number(NUMBERS["professional"])


async def test_a_second_device_gives_both_new_words(pair: Pair, enter: Enter, sam: Member) -> None:
    at_nora, at_sam = pair
    await open_panel(at_nora)
    before = await words(at_nora)
    at_phone = await enter(sam)
    await at_phone.join()
    await at_sam.ended("You joined somewhere else")
    await at_phone.sees_number(NUMBERS["professional"])
    await open_panel(at_phone)
    after = await words(at_nora, other_than=before)
    assert await words(at_phone) == after
    await at_nora.sees_number(NUMBERS["user"])


async def test_with_a_browser_that_does_not_know_the_curve_the_session_key_stays_and_is_what_is_told(
    native: Side, enter: Enter, sam: Member
) -> None:
    page = await enter(sam, init=NO_CURVE)
    await page.join()
    await see_each_other(native, page)
    await open_panel(page)
    await page.sees("Your devices have no key of their own")
    await page.sees("Rendezvous gives it to both of you")
    await expect(page.page.locator(".key-words")).to_have_count(0)
    await see_each_other(native, page)
    assert (native.now.key_origin, native.now.key_words) == (KeyOrigin.GIVEN, ())
