"""A call between the native engine and livekit-client in Chromium, whose camera and microphone are files."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.call.contract.call_state import CallState
from app.call.contract.engine import CallCredentials
from tests.live.conftest import MakeSide
from tests.live.sides import ANNA_NUMBERS, Side
from tests.stage.browser_files import write_picture_file, write_sound_file
from tests.stage.chromium_call import CallPages, ChromiumClient, NotHere, install_page
from tests.stage.left_out import left_out
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards, speech_like, tone
from tests.stage.tokens import credentials
from tests.waiting import until

CHROMIUM_NUMBERS = range(7000, 7060)
CHROMIUM_HZ, ANNA_HZ = 440, 880
QUIET, LOUD = 60, 700
"""Root mean square of what a speaker gives: comfort noise, and a voice."""


@dataclass(frozen=True)
class Files:
    """What Chromium has for a camera and a microphone."""

    frame: Path
    sound: Path


@pytest.fixture(scope="module")
def pages() -> Iterator[CallPages]:
    try:
        library = install_page()
    except NotHere as reason:
        left_out(str(reason))
    with CallPages(library) as pages:
        yield pages


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("chromium")
    return Files(
        write_picture_file(folder / "picture.y4m", CHROMIUM_NUMBERS, 640, 360),
        write_sound_file(folder / "sound.wav", tone(CHROMIUM_HZ, 20)),
    )


def joining(given: CallCredentials) -> dict[str, str]:
    """What the page is told of them."""
    return {"url": given.livekit_url, "token": given.access_token, "key": given.encryption_key}


class Browser:
    """Chromium's side of a call; each order returns when the page has done it."""

    def __init__(self, client: ChromiumClient) -> None:
        self.client = client

    async def does(self, order: str, **details: Any) -> dict[str, Any]:
        self.client.tell({"do": order} | details)
        return await asyncio.to_thread(self.client.answer)

    async def numbers_seen(self) -> set[int]:
        return {int(number) for number, _ in (await self.does("watch", seconds=1))["seen"]}

    async def sees(self, numbers: range, limit_s: float = 30.0) -> None:
        end = time.monotonic() + limit_s
        while not (seen := await self.numbers_seen()) & set(numbers):
            assert time.monotonic() < end, f"Chromium sees none of {numbers}: {seen}"

    async def others(self) -> dict[str, Any]:
        return await self.does("others")


@dataclass
class Mixed:
    """Anna in the native engine on card a, and Chromium on card b."""

    anna: Side
    browser: Browser


@pytest.fixture
async def mixed(
    side: MakeSide, server: LivekitServer, room: str, pages: CallPages, files: Files, cards: SoundCards
) -> AsyncIterator[Mixed]:
    """Both in the call: each has seen the peer."""
    anna, client = await side("anna", card="a"), ChromiumClient(pages, cards, "b", files.frame, files.sound)
    try:
        browser, given = Browser(client), credentials(server, room, "ben")
        await browser.does("prepare", video=True)
        await anna.join()
        await browser.does("join", **joining(given), see=True)
        await browser.does("draw", shown=True)
        await anna.state(CallState.IN_CALL)
        yield Mixed(anna, browser)
    finally:
        client.close()


async def test_frames_and_voices_go_both_ways(mixed: Mixed, cards: SoundCards) -> None:
    ears, mouth = (cards.listen("spk_a"), cards.listen("spk_b")), cards.say("a", tone(ANNA_HZ, 60))
    try:
        await mixed.anna.seen(CHROMIUM_NUMBERS)
        await mixed.browser.sees(ANNA_NUMBERS)
        await until(lambda: abs(ears[0].dominant_hz(0.5) - CHROMIUM_HZ) < 20, "Anna hears Chromium's tone")
        await until(lambda: abs(ears[1].dominant_hz(0.5) - ANNA_HZ) < 20, "Chromium plays Anna's tone")
    finally:
        mouth.terminate()
        for ear in ears:
            ear.close()


async def test_what_either_switches_off_is_off_for_the_peer(mixed: Mixed, cards: SoundCards) -> None:
    anna, browser = mixed.anna, mixed.browser
    ear, mouth = cards.listen("spk_b"), cards.say("a", speech_like(60))
    try:
        await browser.does("mute", kind="camera", muted=True)
        await until(lambda: anna.now.peer and not anna.now.peer.camera_on, "Anna sees no video of Chromium")
        await browser.does("mute", kind="microphone", muted=True)
        await until(lambda: anna.now.peer and not anna.now.peer.microphone_on, "nor hears it")
        await browser.does("mute", kind="camera", muted=False)
        await anna.seen(CHROMIUM_NUMBERS)
        await until(lambda: ear.loudness(0.5) > LOUD, "Chromium plays Anna's voice")
        await anna.engine.set_microphone(False)
        await anna.engine.set_camera(False)
        await until(lambda: ear.loudness(0.5) < QUIET, "and then silence")
        person = (await browser.others())["people"][0]
        assert (person["identity"], person["camera"]) == ("anna", False)
    finally:
        mouth.terminate()
        ear.close()


async def test_a_goodbye_is_understood_on_both_sides(mixed: Mixed, server: LivekitServer, room: str) -> None:
    anna, browser = mixed.anna, mixed.browser
    anna.states.clear()
    await browser.does("leave", goodbye=True)
    await anna.state(CallState.WAITING, limit_s=5)
    assert CallState.PEER_RECONNECTING not in anna.states
    given = credentials(server, room, "ben")
    await browser.does("join", **joining(given), see=True)
    await anna.state(CallState.IN_CALL)
    await anna.engine.close()
    assert (await browser.others())["goodbyes"] == ["anna"]


async def test_a_browser_that_dies_is_missed_and_not_taken_for_gone(mixed: Mixed) -> None:
    mixed.anna.states.clear()
    mixed.browser.client.close()
    await mixed.anna.state(CallState.PEER_RECONNECTING, limit_s=10)
    assert CallState.WAITING not in mixed.anna.states
