"""Sam at a call page behind a wire that loses a fifth of all packets, and then all; Nora's page is near LiveKit.

LiveKit, the backend and each browser live in network namespaces of their own (tests/stage/two_networks.py).
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright

from backend.demo.people import NORA, PASSWORD, SAM
from tests.callpage.conftest import HZ, NUMBERS
from tests.callpage.people import Guest, Member, member
from tests.e2e.driving import CHROMIUM
from tests.stage.browser_files import write_picture_file, write_sound_file
from tests.stage.chromium import QUIET_FLAGS
from tests.stage.demo_backend import DemoBackend
from tests.stage.left_out import left_out
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import tone
from tests.stage.two_networks import FAIR, Network, TwoNetworks, Weather, why_no_networks

pytestmark = pytest.mark.timeout(400)  # four programs start in networks of their own; each step has its own limit


@pytest.fixture
def networks() -> Iterator[TwoNetworks]:
    if reason := why_no_networks():
        left_out(reason)
    networks = TwoNetworks()
    yield networks
    networks.close()


@pytest.fixture
def far_backend(networks: TwoNetworks, tmp_path: Path) -> Iterator[DemoBackend]:
    there = networks.server
    livekit = LivekitServer(tmp_path, address=there.address, interface=there.device)
    there.run(livekit.start)
    backend = DemoBackend(tmp_path, livekit, HOST=there.address, RATE_LIMITS="off")
    there.run(backend.start)
    yield backend
    backend.kill()
    livekit.kill()


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


@pytest_asyncio.fixture(loop_scope="session")
async def pair(
    networks: TwoNetworks, far_backend: DemoBackend, playwright: Playwright, tmp_path: Path
) -> AsyncIterator[tuple[Guest, Guest]]:
    """Nora beside LiveKit, Sam behind the wire; each has seen the other."""
    guests: list[Guest] = []
    browsers: list[Browser] = []
    url = far_backend.url
    for network, person in ((networks.server, NORA), (networks.client, SAM)):
        who: Member = networks.server.run(
            lambda person=person: member(url, person.role.value, person.name, person.email, PASSWORD)  # type: ignore[misc]  # the default binds this round's person
        )
        browsers.append(await browser_in(network, playwright, tmp_path, who.role, url))
        guest = await Guest.at(browsers[-1], who)
        await guest.open(networks.server.run(lambda who=who: who.call_url))  # type: ignore[misc]  # likewise
        await guest.sees_tile("preview")
        await guest.press("Join")
        guests.append(guest)
    await guests[0].sees_number(NUMBERS["user"])
    await guests[1].sees_number(NUMBERS["professional"])
    yield guests[0], guests[1]
    for browser in browsers:
        await browser.close()


async def test_a_lossy_wire_is_named_and_lived_with_and_a_dead_one_is_outlived(
    pair: tuple[Guest, Guest], networks: TwoNetworks
) -> None:
    at_nora, at_sam = pair
    networks.weather(Weather(loss=0.2))
    await at_sam.sees("Your connection is weak", 30_000)
    await at_nora.sees("Sam Okafor's connection is weak", 30_000)
    await at_sam.sees_number(NUMBERS["professional"])
    await at_nora.sees_number(NUMBERS["user"])
    await at_sam.hears(HZ["professional"])
    networks.weather(Weather(dead=True))
    await at_sam.sees("Your connection was interrupted", 6_000)
    await at_nora.sees("Sam Okafor lost the connection", 10_000)
    await asyncio.sleep(15)
    networks.weather(FAIR)
    await at_sam.sees_no("Reconnecting", 40_000)
    await at_nora.sees_no("lost the connection", 40_000)
    await at_sam.sees_number(NUMBERS["professional"], 40)
    await at_nora.sees_number(NUMBERS["user"], 40)
    await at_sam.hears(HZ["professional"])
