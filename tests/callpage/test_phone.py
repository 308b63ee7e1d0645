"""A phone: a page that is touched, two cameras, a phone call in between, a page that was hidden."""

import pytest_asyncio
from playwright.async_api import expect

from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import PHONE, Guest, Member
from tests.callpage.test_devices import FAILING

TOUCHED = {"size": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 3}
TWO_CAMERAS = """
const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
navigator.mediaDevices.enumerateDevices = async () => {
  const found = await list();
  const camera = found.find((each) => each.kind === "videoinput");
  return camera?.deviceId ? [...found, { kind: "videoinput", deviceId: "back", label: "Back camera" }] : found;
};
globalThis.wanted = [];
const give = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (constraints) => {
  wanted.push(constraints.video?.facingMode ?? "");
  return give(constraints);
};
"""
HIDE = """
(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


@pytest_asyncio.fixture(loop_scope="session")
async def at_nora(enter: Enter, nora: Member) -> Guest:
    """On a computer, in the room."""
    guest = await enter(nora)
    await guest.join()
    return guest


async def joined(enter: Enter, sam: Member, init: str) -> Guest:
    guest = await enter(sam, init=init, **TOUCHED)
    await guest.open()
    await guest.sees_tile("preview")
    await guest.page.get_by_role("button", name="Join", exact=True).tap()
    await guest.sees_number(NUMBERS["professional"])
    return guest


async def test_the_call_is_joined_by_touch_and_the_other_camera_is_a_tap_away(
    at_nora: Guest, enter: Enter, sam: Member
) -> None:
    guest = await joined(enter, sam, TWO_CAMERAS)
    await guest.hears(HZ["professional"])
    await at_nora.sees_number(NUMBERS["user"])
    await guest.page.get_by_role("button", name="Switch camera").tap()
    await expect(guest.page.locator(".tile.inset.mirrored")).to_have_count(0)
    assert (await guest.page.evaluate("wanted"))[-1] == "environment"
    await at_nora.sees_number(NUMBERS["user"])
    await guest.page.get_by_role("button", name="End call").tap()
    await guest.page.get_by_role("button", name="Rejoin").tap()
    await guest.sees_number(NUMBERS["professional"])
    assert (await guest.page.evaluate("wanted"))[-1] == "environment"  # what was chosen holds


async def test_what_a_phone_call_takes_is_muted_for_the_other_and_comes_back(
    at_nora: Guest, enter: Enter, sam: Member
) -> None:
    guest = await joined(enter, sam, FAILING)
    await at_nora.hears(HZ["user"])
    interrupt = (
        "(name) => given.filter((t) => t.readyState === 'live').forEach((t) => t.dispatchEvent(new Event(name)))"
    )
    await guest.page.evaluate(interrupt, "mute")
    await at_nora.sees("Sam Okafor's camera does not work")
    await at_nora.sees("Sam Okafor's microphone is silent")
    await guest.page.evaluate(interrupt, "unmute")
    await at_nora.sees_number(NUMBERS["user"])
    await at_nora.hears(HZ["user"])


async def test_a_page_that_comes_back_opens_again_what_was_ended_meanwhile(
    at_nora: Guest, enter: Enter, sam: Member
) -> None:
    """A locked screen: iOS ends the tracks of a page that nobody sees, and gives no others before it is seen."""
    guest = await joined(enter, sam, FAILING)
    await guest.page.evaluate(HIDE, True)
    await guest.page.evaluate("takeAway('video'); takeAway('audio')")
    await at_nora.sees("Sam Okafor has no camera")
    await guest.page.evaluate("failing = {}")
    await guest.page.evaluate(HIDE, False)
    await at_nora.sees_number(NUMBERS["user"])
    await at_nora.hears(HZ["user"])


async def test_a_hidden_page_asks_for_no_video_and_gets_it_back(at_nora: Guest, enter: Enter, sam: Member) -> None:
    guest = await joined(enter, sam, "")
    await guest.page.evaluate(HIDE, True)
    await at_nora.sends_no_video()
    await at_nora.sees_no("lost the connection", 1_000)
    await guest.page.evaluate(HIDE, False)
    await guest.sees_number(NUMBERS["professional"])
    await guest.sees_no("picture has stopped")
