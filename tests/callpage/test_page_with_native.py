"""A call page and the native engine in one call: each treats the other as its own kind."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from app.call.contract.call_state import CallState
from app.call.contract.devices import DeviceFault
from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import Guest, Member
from tests.live.sides import ANNA_NUMBERS, Side
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards, tone
from tests.stage.video_file import numbered_video
from tests.waiting import until

NATIVE_HZ = 880
NO_CAMERA = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wanted) =>
  wanted.video ? Promise.reject(new DOMException("none", "NotFoundError")) : open(wanted);
"""


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundCards]:
    cards = SoundCards(tmp_path_factory.mktemp("sound"), ("a",)).start()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cards.environment("a").items():
            patch.setenv(name, value)
        yield cards
    cards.stop()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numbered_video(tmp_path_factory.mktemp("video") / "native.avi", ANNA_NUMBERS)


@dataclass
class Mixed:
    """The professional in the native engine, the user at the page."""

    native: Side
    page: Guest


@pytest_asyncio.fixture(loop_scope="session")
async def native(livekit: LivekitServer, nora: Member, cards: SoundCards, video: Path) -> AsyncIterator[Side]:
    """In the room, alone; closed at the end."""
    link = nora.call_link().json()  # makes the room
    side = Side(livekit, f"session_{nora.session_id}", nora.identity, video)
    side.encryption_key = link["encryption_key"]
    await side.use_card("a")
    await side.join()
    yield side
    await side.engine.close()


@pytest_asyncio.fixture(loop_scope="session")
async def mixed(native: Side, enter: Enter, sam: Member) -> Mixed:
    """Both in the call: each has seen the other."""
    return await met(native, await enter(sam))


async def met(native: Side, page: Guest) -> Mixed:
    await page.join()
    await native.state(CallState.IN_CALL)
    await native.seen(NUMBERS["user"])
    await page.sees_number(ANNA_NUMBERS)
    return Mixed(native, page)


@contextlib.contextmanager
def speaking(cards: SoundCards) -> Iterator[None]:
    mouth = cards.say("a", tone(NATIVE_HZ, 60))
    try:
        yield
    finally:
        mouth.terminate()


async def test_frames_and_tones_go_both_ways(mixed: Mixed, cards: SoundCards) -> None:
    ear = cards.listen("spk_a")
    try:
        with speaking(cards):
            await mixed.page.hears(NATIVE_HZ)
            await until(lambda: abs(ear.dominant_hz(0.5) - HZ["user"]) < 20, "the native side hears the page's tone")
    finally:
        ear.close()


async def test_the_picture_moves_from_its_first_frame_on(native: Side, enter: Enter, sam: Member) -> None:
    """Of an encrypted track that comes too early the first frames are lost, and then it stands still for 3 s."""
    page = await enter(sam)
    await page.join()
    await page.sees_tile("other")
    first, end = await page.number(), time.monotonic() + 1.5
    while await page.number() == first:
        assert time.monotonic() < end, f"it stands still at {first}"
        await asyncio.sleep(0.05)


async def test_messages_go_both_ways_with_links_that_are_links_and_nothing_else_is_markup(
    mixed: Mixed, sam: Member
) -> None:
    native, page = mixed.native, mixed.page
    await native.engine.send_message("See https://example.org/?a=1. <b>bold</b>")
    await page.page.get_by_role("button", name=re.compile(r"Chat, \d+ new messages?")).click()
    link = page.page.get_by_role("link", name="https://example.org/?a=1", exact=True)
    await expect(link).to_have_attribute("href", "https://example.org/?a=1")
    await page.sees("<b>bold</b>")
    field = page.page.get_by_label("Write a message")
    await field.fill("mute me")
    await field.press("Shift+Enter")
    await field.type("second line")
    await field.press("Enter")
    both = "mute me\nsecond line"  # after what other tests wrote in this session, which the page sends again
    await until(lambda: native.now.chat[-1].text == both, lambda: f"it came: {native.now.chat}")
    await page.sees("Delivered")
    await until(lambda: all(each.delivered for each in native.now.chat if each.mine), "and so did the other")
    await until(lambda: [each["text"] for each in sam.messages()][-1:] == [both], "the page's is kept")
    await page.page.reload()
    await page.page.get_by_role("button", name="Chat", exact=False).click()
    await page.sees("second line")
    assert [each.text for each in native.now.chat][-2:] == ["See https://example.org/?a=1. <b>bold</b>", both]
    assert [each.text for each in native.now.chat].count(both) == 1


async def test_the_timer_of_the_native_professional_counts_on_the_page_over_a_reload_and_ends_when_stopped(
    mixed: Mixed,
) -> None:
    native, page = mixed.native, mixed.page
    await native.engine.set_timer(timedelta(minutes=10))
    counting = page.page.get_by_role("timer", name=re.compile("Timer: 9:5"))
    await expect(counting).to_be_visible()
    await page.page.reload()
    await expect(counting).to_be_visible()
    await native.engine.set_timer(None)
    await expect(counting).to_have_count(0)
    await page.page.keyboard.press("t")
    await expect(page.page.get_by_role("dialog")).to_have_count(0)


async def test_what_the_page_switches_off_is_off_for_the_native_side(mixed: Mixed) -> None:
    native, page = mixed.native, mixed.page
    await page.press("Turn camera off")
    await until(lambda: native.now.peer and not native.now.peer.camera_on, "the camera is off")
    await page.press("Mute microphone")
    await until(lambda: native.now.peer and not native.now.peer.microphone_on, "the microphone too")
    await page.press("Turn camera on")
    await page.press("Unmute microphone")
    await native.seen(NUMBERS["user"])
    await until(lambda: native.now.peer and native.now.peer.microphone_on, "both are back")


async def test_what_the_native_side_switches_off_is_said_on_the_page(mixed: Mixed) -> None:
    native, page = mixed.native, mixed.page
    await native.engine.set_camera(False)
    await page.sees("Camera is off")
    await native.engine.set_microphone(False)
    await page.sees("Nora Lindqvist is muted")
    await native.engine.set_camera(True)
    await native.engine.set_microphone(True)
    await page.sees_number(ANNA_NUMBERS)
    await page.sees_no("is muted")


async def test_the_pages_goodbye_is_understood(mixed: Mixed) -> None:
    mixed.native.states.clear()
    await mixed.page.press("End call")
    await mixed.native.state(CallState.WAITING, limit_s=5)
    assert CallState.PEER_RECONNECTING not in mixed.native.states
    await mixed.page.press("Rejoin")
    await mixed.native.state(CallState.IN_CALL)
    await mixed.native.seen(NUMBERS["user"])


async def test_the_native_sides_goodbye_is_understood(mixed: Mixed) -> None:
    await mixed.native.engine.leave()
    await mixed.page.sees("Nora Lindqvist has left", 5_000)
    await mixed.page.sees_no("lost the connection")


async def test_a_page_that_dies_is_missed_and_not_taken_for_gone(mixed: Mixed) -> None:
    mixed.native.states.clear()
    await mixed.page.page.close()
    await mixed.native.state(CallState.PEER_RECONNECTING, limit_s=10)
    assert CallState.WAITING not in mixed.native.states


async def test_a_hidden_native_window_is_sent_no_video_and_gets_it_back(mixed: Mixed) -> None:
    native, page = mixed.native, mixed.page
    await native.engine.set_remote_video_visible(False)
    await page.sends_no_video()
    assert native.now.state is CallState.IN_CALL
    await native.engine.set_remote_video_visible(True)
    await native.seen(NUMBERS["user"])


async def test_a_page_without_a_camera_joins_and_the_native_side_is_told_why(
    native: Side, enter: Enter, sam: Member
) -> None:
    page = await enter(sam, init=NO_CAMERA)
    await page.open()
    await page.sees("No camera found. Nora Lindqvist will not see you.")
    await page.press("Join")
    await page.sees_number(ANNA_NUMBERS)
    await until(lambda: native.now.peer and native.now.peer.camera_fault is DeviceFault.MISSING, "no camera there")
    await until(lambda: native.now.peer and native.now.peer.microphone_on, "but a microphone")
