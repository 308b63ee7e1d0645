"""Screens shared between two call pages: what is on a real tab of the one arrives at the other."""

import asyncio
import base64
import time
from typing import Any

import cv2
import numpy as np
from playwright.async_api import Page, expect

from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import OF_SCREEN, PHONE, Guest, Member
from tests.callpage.test_page_with_page import Pair, pair
from tests.stage.livekit_server import LivekitServer
from tests.stage.shared_picture import DIGITS, HEIGHT, PAGE, WIDTH, Grey, read_digits, shapes_on
from tests.waiting import until

__all__ = ["pair"]  # a fixture

SHARED = range(9000, 9060)
SHARP_AFTER_S = 15
STILL_S = 7
"""More than a stall of the camera needs to be said."""
STOP_CAMERA = """
async () => {
  const set = RTCRtpSender.prototype.setParameters;
  RTCRtpSender.prototype.setParameters = function (parameters) {
    const isCamera = this.track?.kind === "video" && this.track.contentHint !== "detail";
    if (isCamera) for (const encoding of parameters.encodings) encoding.active = false;
    return set.call(this, parameters);
  };
  for (const connection of connections) {
    for (const sender of connection.getSenders()) {
      if (sender.track?.kind === "video") await sender.setParameters(sender.getParameters());
    }
  }
}
"""
"""For good: what the other asks for (their camera is an inset now) would switch it on again."""
REFUSE = """
navigator.mediaDevices.getDisplayMedia = async () => {
  throw new DOMException(globalThis.refusedBy ?? "Permission denied", "NotAllowedError");
};
"""
TAB_HZ = 1320
SOUND = """
(hz) => {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: hz });
  tone.connect(new GainNode(context, { gain: 0.3 })).connect(context.destination);
  tone.start();
}
"""
TRANSFORM = "() => document.querySelector('.tile.screen video').style.transform"
TAKE_FRAME = """
() => {
  const video = document.querySelector(".tile.screen video");
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}
"""


async def tab_to_share(guest: Guest, numbers: range = SHARED) -> Page:
    """Another tab of the same person, with the picture on it; the browser takes it without asking."""
    tab = await guest.context.new_page()
    await tab.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    await tab.set_content(PAGE)
    await tab.evaluate("([from, to]) => count(from, to)", [numbers.start, numbers.stop])
    await guest.page.bring_to_front()
    return tab


async def whole_frame(guest: Guest) -> Grey:
    taken: Any = await guest.page.evaluate(TAKE_FRAME)
    grey = cv2.imdecode(np.frombuffer(base64.b64decode(taken), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    return grey.astype(np.uint8, copy=False)


async def test_a_shared_tab_takes_the_others_stage_and_its_small_text_can_be_read(pair: Pair) -> None:
    at_nora, at_sam = pair
    tab = await tab_to_share(at_nora)
    shapes = await shapes_on(tab)
    await at_nora.press("Share your screen")
    await at_nora.sees("You are sharing your screen")
    await at_sam.sees_number(SHARED, tile="screen")
    await at_sam.sees_number(NUMBERS["professional"])
    screen, inset = (at_sam.page.locator(f".tile.{name}") for name in ("screen", "other"))
    large, small = await screen.bounding_box(), await inset.bounding_box()
    assert large is not None
    assert small is not None
    assert large["width"] == 1280
    assert small["width"] < 300

    end = time.monotonic() + SHARP_AFTER_S
    while (read := read_digits(await whole_frame(at_sam), shapes)) != DIGITS:
        assert time.monotonic() < end, f"not legible: {read}"
        await asyncio.sleep(0.1)


async def test_the_end_of_sharing_brings_the_camera_back_whoever_ends_it(pair: Pair) -> None:
    at_nora, at_sam = pair
    tab = await tab_to_share(at_nora)
    await at_nora.press("Share your screen")
    await at_sam.sees_number(SHARED, tile="screen")
    await at_nora.page.locator(".sharing").get_by_role("button", name="Stop sharing").click()
    await expect(at_sam.page.locator(".tile.screen")).to_be_hidden()
    await at_sam.sees_number(NUMBERS["professional"])
    box = await at_sam.page.locator(".tile.other").bounding_box()
    assert box is not None
    assert box["width"] == 1280
    await at_nora.sees_no("You are sharing your screen")
    await at_nora.page.keyboard.press("s")
    await at_sam.sees_number(SHARED, tile="screen")
    await tab.close()  # the browser ends it
    await expect(at_sam.page.locator(".tile.screen")).to_be_hidden()
    await at_nora.sees_no("You are sharing your screen")


async def test_a_screen_that_stands_still_is_no_stall(pair: Pair) -> None:
    at_nora, at_sam = pair
    tab = await tab_to_share(at_nora)
    await at_nora.press("Share your screen")
    await at_sam.sees_number(SHARED, tile="screen")
    await tab.evaluate("standStill(9100)")
    await at_sam.sees_number(range(9100, 9101), tile="screen")
    end = time.monotonic() + STILL_S
    while time.monotonic() < end:
        await at_sam.sees_no("picture has stopped")
        await asyncio.sleep(0.2)
    assert await at_sam.number("screen") == 9100


async def test_a_camera_that_stalls_is_noticed_while_the_screen_moves(pair: Pair) -> None:
    at_nora, at_sam = pair
    await tab_to_share(at_nora)
    await at_nora.press("Share your screen")
    await at_sam.sees_number(SHARED, tile="screen")
    await at_nora.page.evaluate(STOP_CAMERA)
    await at_sam.sees("Nora Lindqvist's picture has stopped")


async def test_the_sound_of_a_shared_tab_is_heard_beside_the_voice(pair: Pair) -> None:
    at_nora, at_sam = pair
    tab = await tab_to_share(at_nora)
    await tab.mouse.click(5, 5)  # a page may sound only once somebody has clicked
    await tab.evaluate(SOUND, TAB_HZ)
    await at_nora.page.bring_to_front()
    await at_nora.press("Share your screen")
    await at_sam.sees_number(SHARED, tile="screen")
    await at_sam.hears(TAB_HZ, player=OF_SCREEN)
    await at_sam.hears(HZ["professional"])


async def test_both_can_share_at_once_and_each_sees_the_others_screen(pair: Pair) -> None:
    at_nora, at_sam = pair
    others = range(9200, 9260)
    await tab_to_share(at_nora)
    await tab_to_share(at_sam, others)
    await at_nora.press("Share your screen")
    await at_sam.sees_number(SHARED, tile="screen")
    await at_sam.press("Share your screen")
    await at_nora.sees_number(others, tile="screen")
    await at_sam.sees_number(SHARED, tile="screen")
    await at_nora.sees("You are sharing your screen")
    await at_nora.page.keyboard.press("s")
    await expect(at_sam.page.locator(".tile.screen")).to_be_hidden()
    await at_nora.sees_number(others, tile="screen")


async def test_sharing_goes_on_after_a_rejoin(pair: Pair, livekit: LivekitServer) -> None:
    at_nora, at_sam = pair
    tab = await tab_to_share(at_nora)
    await at_nora.press("Share your screen")
    await at_sam.sees_number(SHARED, tile="screen")
    asked = len(joins(at_nora))
    livekit.freeze()
    try:
        await until(lambda: len(joins(at_nora)) > asked, "a rejoin begins", 30)
    finally:
        livekit.thaw()
    later = range(9300, 9360)
    await tab.evaluate("([from, to]) => count(from, to)", [later.start, later.stop])
    await at_sam.sees_number(later, 60, tile="screen")
    await at_sam.sees_number(NUMBERS["professional"])
    await at_nora.sees("You are sharing your screen")


def joins(guest: Guest) -> list[str]:
    """The page's requests for credentials."""
    return [address for address in guest.asked if address.endswith("/join")]


async def test_a_choice_that_is_closed_is_no_fault_and_a_system_that_forbids_it_is_said(
    enter: Enter, nora: Member
) -> None:
    guest = await enter(nora, init=REFUSE)
    await guest.join()
    await guest.press("Share your screen")
    await guest.sees_no("Your system keeps your screen")
    await guest.page.evaluate("globalThis.refusedBy = 'Permission denied by system'")
    await guest.press("Share your screen")
    await guest.sees("Your system keeps your screen from this program")
    await guest.press("Hide this notice about the screen")
    await guest.sees_no("Your system keeps your screen")


async def test_a_phone_is_not_offered_to_share(enter: Enter, sam: Member) -> None:
    phone = await enter(sam, size=PHONE, is_mobile=True, has_touch=True, user_agent="Mozilla/5.0 (Linux; Android 15)")
    await phone.join()
    assert await phone.page.get_by_role("button", name="Share your screen").count() == 0


async def test_the_shared_screen_is_zoomed_and_moved_by_wheel_keys_buttons_and_dragging(pair: Pair) -> None:
    at_nora, at_sam = pair
    await tab_to_share(at_nora)
    await at_nora.press("Share your screen")
    await at_sam.sees_number(SHARED, tile="screen")
    page = at_sam.page
    await page.mouse.move(640, 400)
    await page.mouse.wheel(0, -400)
    assert "scale(1.8" in await page.evaluate(TRANSFORM)
    before = await page.evaluate(TRANSFORM)
    await page.keyboard.press("ArrowLeft")
    assert (await page.evaluate(TRANSFORM)) != before
    before = await page.evaluate(TRANSFORM)
    await page.mouse.down()
    await page.mouse.move(560, 380, steps=3)
    await page.mouse.up()
    assert (await page.evaluate(TRANSFORM)) != before
    await page.keyboard.press("0")
    assert await page.evaluate(TRANSFORM) == "translate(0px, 0px) scale(1)"
    await at_sam.press("Zoom in")
    assert "scale(1.4)" in await page.evaluate(TRANSFORM)
    await page.keyboard.press("+")
    await page.keyboard.press("-")
    await at_sam.press("Zoom out")
    assert await page.evaluate(TRANSFORM) == "translate(0px, 0px) scale(1)"
    await page.mouse.dblclick(300, 300)
    assert "scale(2.5)" in await page.evaluate(TRANSFORM)
    await at_nora.page.locator(".sharing").get_by_role("button", name="Stop sharing").click()
    await expect(page.locator(".tile.screen")).to_be_hidden()
    assert await page.evaluate(TRANSFORM) == "translate(0px, 0px) scale(1)"
