"""Lips and voice: how far apart a flash and a beep that began together reach the eye and the ear.

    python -m benchmarks.bench_lips [--seconds 30] [--apart]

Our tracks on one side and our engine on the other, a real server beside the receiver, a wire between it and the sender
(Linux, as root): first calm, then narrow as in tests/live/test_low_bandwidth.py, in the same call. `--apart` makes the
room without synchronised streams, to compare with. The table is on the screen, the figures are in
benchmarks/results/lips.json. Positive: the voice comes after the lips. Figures depend on the machine and on what else
runs there.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2

from benchmarks.client_process import ClientProcess
from benchmarks.lips_client import FRAMES, HEIGHT, WIDTH
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards
from tests.stage.tokens import create_room, credentials
from tests.stage.two_networks import FAIR, Network, TwoNetworks, Weather, why_no_networks
from tests.stage.webcam import DISTINCT, webcam_frame

RESULTS = Path(__file__).resolve().parent / "results" / "lips.json"
CALM, NARROW = Weather(delay_ms=20), Weather(delay_ms=20, up_bits=400_000)
AIMS_MS = {"calm": 45.0, "narrow": 80.0}
WARM_UP_S = 12.0
"""The estimate of the bandwidth begins at 300 kbit/s, and WebRTC synchronises in steps of a second."""
TOGETHER_S = 0.7
"""A flash and a beep that are further apart are not a pair: one of them was lost."""


def offsets_ms(flashes: list[float], beeps: list[float]) -> list[float]:
    """Of each flash and the beep nearest to it, where there is one."""
    pairs = [(flash, min(beeps, key=lambda beep: abs(beep - flash))) for flash in flashes if beeps]
    return [1000 * (beep - flash) for flash, beep in pairs if abs(beep - flash) < TOGETHER_S]


def row_of(answer: dict[str, Any]) -> dict[str, Any]:
    offsets = offsets_ms(answer["flashes"], answer["beeps"])
    sizes = sorted(abs(each) for each in offsets)
    return {
        "pairs": len(offsets),
        "median_ms": round(statistics.median(offsets)) if offsets else None,
        "p90_apart_ms": round(sizes[int(0.9 * (len(sizes) - 1))]) if sizes else None,
        "most_apart_ms": round(sizes[-1]) if sizes else None,
        "offsets_ms": [round(each) for each in offsets],
        "height": answer["height"],
        "jitter_buffer_ms": answer["jitter_buffer_ms"] and round(answer["jitter_buffer_ms"]),
    }


class Stage:
    """Two networks with the server in one of them, sound cards, and the frames."""

    def __init__(self, synchronised: bool) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bench-lips-"))
        self.networks = TwoNetworks()
        self._cards = SoundCards(self._folder).start()
        there = self.networks.server
        self._server = LivekitServer(self._folder, address=there.address, interface=there.device)
        there.run(self._server.start)
        there.run(lambda: asyncio.run(create_room(self._server, "session_lips", synchronised=synchronised)))
        self._pictures = self._folder / "pictures.i420"
        with self._pictures.open("wb") as file:
            for number in range((DISTINCT - FRAMES) // 2, (DISTINCT + FRAMES) // 2):  # there and back again
                file.write(cv2.cvtColor(webcam_frame(number, WIDTH, HEIGHT), cv2.COLOR_BGR2YUV_I420).tobytes())
        self.receiver = self._client("receive", there)
        self.sender = self._client("send", self.networks.client)

    def _client(self, role: str, network: Network) -> ClientProcess:
        client = network.run(lambda: ClientProcess("lips_client", self._cards.environment("b")))
        given = asdict(credentials(self._server, "session_lips", role))
        client.tell({"role": role, "credentials": given, "pictures": str(self._pictures)})
        return client

    def measure(self, weather: Weather, seconds: float) -> dict[str, Any]:
        self.networks.weather(weather)
        self.receiver.tell()
        self.receiver.answer()
        time.sleep(seconds)
        self.receiver.tell()
        return row_of(self.receiver.answer())

    def close(self) -> None:
        for client in (self.sender, self.receiver):
            client.kill()
        self._server.kill()
        self._cards.stop()
        self.networks.close()
        self._pictures.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--apart", action="store_true", help="a room without synchronised streams")
    options = parser.parse_args()
    if reason := why_no_networks():
        print(f"not measured: {reason}")
        return
    stage = Stage(synchronised=not options.apart)
    try:
        stage.networks.weather(CALM)
        time.sleep(WARM_UP_S)
        rows = {"calm": stage.measure(CALM, options.seconds), "narrow": stage.measure(NARROW, options.seconds)}
        rows["calm again"] = stage.measure(FAIR, options.seconds)
    finally:
        stage.close()
    for name, row in rows.items():
        aim = AIMS_MS.get(name)
        print(name, "|", " | ".join(f"{key} {value}" for key, value in row.items()), "| aim", aim, flush=True)
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept["apart" if options.apart else "together"] = {
        "seconds": options.seconds,
        "load_average": round(os.getloadavg()[0], 1),
        "rows": rows,
    }
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
