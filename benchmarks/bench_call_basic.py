"""A two-way 720p call through our engine on one machine: frame delay, CPU of one client, mouth to ear.

    python -m benchmarks.bench_call_basic [--seconds 20]

A real LiveKit server, two client processes, virtual sound cards (PulseAudio). Figures depend on the machine and on what
else runs there: compare them with each other, never with another day.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards, bursts
from tests.stage.tokens import create_room, credentials
from tests.stage.video_file import numbered_video

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
ROOM = "session_bench"
RATE_HZ = 30


def start_client(server: LivekitServer, cards: SoundCards, name: str, card: str, camera: Path, seconds: float) -> Any:
    client = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.call_client"],
        cwd=ROOT,
        env=os.environ | cards.environment(card),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    told = {"camera": str(camera), "credentials": asdict(credentials(server, ROOM, name)), "seconds": seconds}
    assert client.stdin is not None
    client.stdin.write(json.dumps(told) + "\n")
    client.stdin.flush()
    return client


def answer_of(client: Any) -> dict[str, Any]:
    *_, last = client.stdout
    answer: dict[str, Any] = json.loads(last)
    return answer


def delays_ms(sent: dict[str, float], seen: dict[str, float]) -> dict[str, float]:
    delays = np.array([1000 * (seen[number] - at) for number, at in sent.items() if number in seen])
    return {"p50": round(float(np.percentile(delays, 50)), 1), "p95": round(float(np.percentile(delays, 95)), 1)}


def mouth_to_ear_ms(cards: SoundCards, count: int) -> list[float]:
    """Onsets at both sinks by one clock, so the recorder's own delay cancels out."""
    said_ear, heard_ear = cards.listen("mic_a"), cards.listen("spk_b")
    cards.say("a", bursts(800, count)).wait(count * 2 + 20)
    asyncio.run(asyncio.sleep(1.5))
    said, heard = said_ear.onsets(), heard_ear.onsets()
    said_ear.close()
    heard_ear.close()
    return [round(1000 * min(h - s for h in heard if h > s), 1) for s in said if any(s < h < s + 1.9 for h in heard)]


def measure(seconds: float) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="bench-call-"))
    count = int(seconds + 10) * RATE_HZ
    camera = numbered_video(folder / "720p.avi", range(1, count), 1280, 720, RATE_HZ)
    cards, server = SoundCards(folder).start(), LivekitServer(folder).start()
    try:
        asyncio.run(create_room(server, ROOM))
        clients = [
            start_client(server, cards, "anna", "a", camera, seconds),
            start_client(server, cards, "ben", "b", camera, seconds),
        ]
        for client in clients:
            client.stdout.readline()
        ear = mouth_to_ear_ms(cards, int(seconds / 2) - 1)
        anna, ben = (answer_of(client) for client in clients)
    finally:
        server.stop()
        cards.stop()
    return {
        "video": "1280x720 at 30, both ways, 720p JPEG of each received picture made",
        "seconds": seconds,
        "frames_sent": len(anna["sent"]),
        "frames_arrived": len(ben["arrived"]),
        "capture_to_python_ms": delays_ms(anna["sent"], ben["arrived"]),
        "capture_to_jpeg_ms": delays_ms(anna["sent"], ben["drawn"]),
        "cpu_of_a_core": [round(anna["cpu"], 2), round(ben["cpu"], 2)],
        "mouth_to_ear_ms": {"median": float(np.median(ear)), "least": min(ear), "most": max(ear), "bursts": len(ear)},
        "rings": anna["rings"] + ben["rings"],
        "loudspeaker_buffer_ms": [anna["out_ms"], ben["out_ms"]],
        "load_average": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    result = measure(parser.parse_args().seconds)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "call_basic.json").write_text(json.dumps(result, indent=2) + "\n")
    for name, value in result.items():
        print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
