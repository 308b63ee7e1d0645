"""Sam at a call page behind a wire that loses a fifth of all packets, and then all; Nora is near LiveKit, at a page or
in the native engine.

LiveKit, the backend and each program live in network namespaces of their own (tests/stage/two_networks.py).
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright

from app.call.contract.call_state import CallState
from backend.demo.people import NORA, PASSWORD, SAM, DemoPerson
from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import LEFT_WHILE_REPAIRING, TORN_DOWN, Guest, Member, member
from tests.e2e.driving import CHROMIUM
from tests.live.peers import Peer
from tests.live.sides import ANNA_NUMBERS
from tests.stage.browser_files import write_picture_file, write_sound_file
from tests.stage.chromium import QUIET_FLAGS
from tests.stage.demo_backend import DemoBackend
from tests.stage.left_out import left_out
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards, tone
from tests.stage.tokens import credentials
from tests.stage.two_networks import FAIR, Network, TwoNetworks, Weather, why_no_networks
from tests.stage.video_file import numbered_video

BLACK_HOLE_S = 15
pytestmark = pytest.mark.timeout(400)  # four programs start in networks of their own; each step has its own limit


@dataclass(frozen=True)
class Far:
    """What both calls have in common, on both sides of the wire."""

    networks: TwoNetworks
    livekit: LivekitServer
    backend: DemoBackend

    def member(self, person: DemoPerson) -> Member:
        return self.networks.server.run(
            lambda: member(self.backend.url, person.role.value, person.name, person.email, PASSWORD)
        )


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    if reason := why_no_networks():
        left_out(reason)
    folder, networks = tmp_path_factory.mktemp("far"), TwoNetworks()
    there = networks.server
    livekit = LivekitServer(folder, address=there.address, interface=there.device)
    there.run(livekit.start)
    backend = DemoBackend(folder, livekit, HOST=there.address, RATE_LIMITS="off")
    there.run(backend.start)
    yield Far(networks, livekit, backend)
    backend.kill()
    livekit.kill()
    networks.close()


def chromium_in(network: Network, folder: Path) -> Path:
    """A program that starts Chromium inside that network."""
    thread = network.run(threading.get_native_id)
    program = folder / f"chromium-{network.device}"
    program.write_text(f'#!/bin/sh\nexec nsenter --net=/proc/{os.getpid()}/task/{thread}/ns/net {CHROMIUM} "$@"\n')
    program.chmod(0o755)
    return program


async def browser_in(network: Network, playwright: Playwright, folder: Path, role: str, origin: str) -> Browser:
    """With a camera and a microphone as in the other tests; the page's address counts as one of https."""
    picture = write_picture_file(folder / f"{role}.y4m", NUMBERS[role], 640, 360)
    sound = write_sound_file(folder / f"{role}.wav", tone(HZ[role], 20))
    media = (
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
        f"--unsafely-treat-insecure-origin-as-secure={origin}",
    )
    return await playwright.chromium.launch(
        executable_path=chromium_in(network, folder), headless=True, args=[*QUIET_FLAGS, *media]
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browsers(
    far: Far, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Browser]]:
    """Nora's beside LiveKit, Sam's behind the wire."""
    folder, started = tmp_path_factory.mktemp("media"), dict[str, Browser]()
    for network, person in ((far.networks.server, NORA), (far.networks.client, SAM)):
        role = person.role.value
        started[role] = await browser_in(network, playwright, folder, role, far.backend.url)
    yield started
    for browser in started.values():
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def enter(browsers: dict[str, Browser]) -> AsyncIterator[Enter]:
    """As elsewhere; but who leaves while LiveKit's client still repairs the connection hears that from it."""
    guests: list[Guest] = []

    async def make(who: Member, **details: Any) -> Guest:
        guests.append(await Guest.at(browsers[who.role], who, **details))
        return guests[-1]

    yield make
    for guest in guests:
        await guest.leave()
    assert {trouble for guest in guests for trouble in guest.broken} <= {LEFT_WHILE_REPAIRING, TORN_DOWN}


@pytest.fixture(autouse=True)
def fair_weather(far: Far) -> Iterator[None]:
    """At the end people leave by the wire."""
    yield
    far.networks.weather(FAIR)


async def joined(far: Far, enter: Enter, person: DemoPerson) -> Guest:
    """That person at a page, in the call."""
    guest = await enter(who := far.member(person))
    await guest.join(far.networks.server.run(lambda: who.call_url))
    return guest


async def test_a_lossy_wire_is_named_and_lived_with_and_a_dead_one_is_outlived(far: Far, enter: Enter) -> None:
    at_nora, at_sam = await joined(far, enter, NORA), await joined(far, enter, SAM)
    await at_nora.sees_number(NUMBERS["user"])
    await at_sam.sees_number(NUMBERS["professional"])
    far.networks.weather(Weather(loss=0.2))
    await at_sam.sees("Your connection is weak", 30_000)
    await at_nora.sees("Sam Okafor's connection is weak", 30_000)
    await at_sam.sees_number(NUMBERS["professional"])
    await at_nora.sees_number(NUMBERS["user"])
    await at_sam.hears(HZ["professional"])
    far.networks.weather(Weather(dead=True))
    await at_sam.sees("Your connection was interrupted", 6_000)
    await at_nora.sees("Sam Okafor lost the connection", 10_000)
    await asyncio.sleep(BLACK_HOLE_S)
    far.networks.weather(FAIR)
    await at_sam.sees_no("Reconnecting", 40_000)
    await at_nora.sees_no("lost the connection", 40_000)
    await at_sam.sees_number(NUMBERS["professional"], 40)
    await at_nora.sees_number(NUMBERS["user"], 40)
    await at_sam.hears(HZ["professional"])


@pytest.fixture
def at_nora(far: Far, tmp_path: Path) -> Iterator[Peer]:
    """Nora in the native engine, in the call."""
    sound = tmp_path / "sound"
    sound.mkdir()
    cards = SoundCards(sound, ("a",)).start()
    nora = far.member(NORA)
    link = far.networks.server.run(nora.call_link)  # makes the room, and has the session's key
    assert link.status_code == 200
    given = credentials(far.livekit, f"session_{nora.session_id}", nora.identity)
    given = replace(given, encryption_key=link.json()["encryption_key"])
    video = numbered_video(tmp_path / "native.avi", ANNA_NUMBERS)
    peer = Peer(given, video, cards, "a", network=far.networks.server)
    mouth = cards.say("a", tone(HZ["professional"], 120))
    yield peer
    mouth.terminate()
    peer.close()
    cards.stop()


async def test_the_native_side_and_a_page_outlive_the_same_wire(far: Far, at_nora: Peer, enter: Enter) -> None:
    at_sam = await joined(far, enter, SAM)
    await at_sam.sees_number(ANNA_NUMBERS)
    await at_nora.is_in(CallState.IN_CALL)
    await at_nora.sees()
    at_nora.forget()
    far.networks.weather(Weather(loss=0.2))
    await at_sam.sees("Your connection is weak", 30_000)
    await at_sam.sees_number(ANNA_NUMBERS)
    await at_nora.sees()
    await at_sam.hears(HZ["professional"])
    assert set(at_nora.states) == {CallState.IN_CALL}, "a bad network is no lost one"
    far.networks.weather(Weather(dead=True))
    await at_sam.sees("Your connection was interrupted", 6_000)
    await at_nora.is_in(CallState.PEER_RECONNECTING, 10)
    await asyncio.sleep(BLACK_HOLE_S)
    far.networks.weather(FAIR)
    await at_sam.sees_no("Reconnecting", 40_000)
    await at_nora.is_in(CallState.IN_CALL, 40)
    await at_sam.sees_number(ANNA_NUMBERS, 40)
    await at_nora.sees(40)
    await at_sam.hears(HZ["professional"])
    assert not {CallState.WAITING, CallState.ENDED} & set(at_nora.states), at_nora.states
