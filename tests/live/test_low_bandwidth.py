"""A way to the server that takes less than the call would like to send: the wire itself, and a call over it."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.abroad import Calls
from tests.live.soak import SOAK
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards, speech_like
from tests.stage.two_networks import FAIR, QUEUE_MS, Network, TwoNetworks, Weather
from tests.stage.webcam import webcam_video
from tests.waiting import until

PORT, PAYLOAD, HEADERS = 4242, 1000, 28
NARROW_BITS = 400_000
LOADED_MACHINE_S = 0.2
FULL_HEIGHT = 720


def arrivals(sender: Network, receiver: Network, seconds: float) -> list[tuple[float, float]]:
    """(sent, arrived) of the packets that came through, 100 sent a second: 822 kbit/s on the wire."""

    def bound() -> socket.socket:
        taking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        taking.bind((receiver.address, PORT))
        taking.settimeout(1.0)
        return taking

    def send() -> None:
        begun = time.monotonic()
        for count in range(int(seconds * 100)):
            time.sleep(max(0.0, begun + count / 100 - time.monotonic()))
            stamp = struct.pack("d", time.monotonic())
            sending.sendto(stamp.ljust(PAYLOAD, b"."), (receiver.address, PORT))

    found = []
    with receiver.run(bound) as taking, sender.run(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sending:
        thread = threading.Thread(target=send)
        thread.start()
        try:
            while True:
                (sent,) = struct.unpack_from("d", taking.recv(2 * PAYLOAD))
                found.append((sent, time.monotonic()))
        except TimeoutError:  # all that is to come has come
            thread.join()
    return found


def test_a_narrow_way_carries_its_rate_and_delays_no_longer_than_its_queue(networks: TwoNetworks) -> None:
    networks.weather(Weather(up_bits=NARROW_BITS))
    up = arrivals(networks.client, networks.server, 3)
    took_s = up[-1][1] - up[0][1]
    assert (len(up) - 1) * 8 * (PAYLOAD + HEADERS) / took_s == pytest.approx(NARROW_BITS, rel=0.1)
    delays_s = sorted(arrived - sent for sent, arrived in up)
    assert delays_s[len(up) // 2] > QUEUE_MS / 1000 / 2, "the queue stands"
    one_s = 8 * (PAYLOAD + HEADERS) / NARROW_BITS
    assert delays_s[-1] < QUEUE_MS / 1000 + one_s + LOADED_MACHINE_S, "what does not fit is dropped"


def test_the_way_back_of_a_narrow_one_is_as_wide_as_before_and_so_is_the_narrow_one_afterwards(
    networks: TwoNetworks,
) -> None:
    networks.weather(Weather(up_bits=NARROW_BITS))
    assert len(arrivals(networks.server, networks.client, 1)) == 100
    networks.weather(FAIR)
    assert len(arrivals(networks.client, networks.server, 1)) == 100


@pytest.fixture(scope="module")
def calls(
    networks: TwoNetworks,
    server_abroad: LivekitServer,
    videos: tuple[Path, Path],
    cards: SoundCards,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Calls]:
    """Anna's camera is one of 720p with a webcam's grain, which needs more than the wire takes."""
    large = webcam_video(tmp_path_factory.mktemp("large") / "anna.avi")
    calls = Calls(networks, server_abroad, (large, videos[1]), cards)
    yield calls
    calls.close()


async def test_with_low_bandwidth_up_the_audio_stays_whole_and_the_video_keeps_moving(
    calls: Calls, cards: SoundCards
) -> None:
    call = await calls.ready()
    ben = call.ben
    mouth = cards.say("a", speech_like(120))

    def height() -> int:
        newest = ben.samples[-1:]
        return int(newest[0]["received"]["height"]) if newest and newest[0]["received"] else 0

    try:
        await until(lambda: height() == FULL_HEIGHT, "Ben sees Anna as large as her camera gives it", 40)
        call.networks.weather(Weather(up_bits=NARROW_BITS))
        await until(lambda: 0 < height() < FULL_HEIGHT, "her video gives way", 30)
        ben.forget()
        await until(lambda: len(ben.samples) >= 8, "eight seconds of it")
        concealed = [sample["concealed"] for sample in ben.samples if sample["concealed"] is not None]
        assert concealed, "Ben hears Anna"
        assert sum(concealed) / len(concealed) < 0.04, concealed
        moving = [sample["received"] for sample in ben.samples]
        assert all(moving), "a frame in every second"
        call.networks.weather(FAIR)
        if SOAK:  # a rule of its own decides it, by the clock: tests/call/test_adaptation.py
            await until(lambda: height() == FULL_HEIGHT, "it is as large as before", 60)
    finally:
        mouth.terminate()
