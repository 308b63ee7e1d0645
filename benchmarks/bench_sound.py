"""Audio in a call: mouth to ear, interruptions and echo, beside what else LiveKit's SDK offers, in interleaved runs.

    python -m benchmarks.bench_sound

A real LiveKit server, two client processes a run, virtual sound cards (PulseAudio), audio only. Short by default;
RENDEZVOUS_BENCH_FULL=1 takes runs of two minutes, twice over, and ten minutes of ours. Figures depend on the machine
and on what else runs there: compare them with each other, never with another day.
"""

import asyncio
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.sound_stage import measure_call, measure_echo_db
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards
from tests.stage.tokens import create_room

RESULTS = Path(__file__).resolve().parent / "results" / "sound.json"
PATHS = {"ours": "ours", "platform": "rtc.PlatformAudio", "media_devices": "rtc.MediaDevices"}
ECHO_PATHS = ("ours", "platform")
"""What has an echo canceller."""
FULL = os.environ.get("RENDEZVOUS_BENCH_FULL") == "1"
SECONDS, ROUNDS = (120.0, 2) if FULL else (20.0, 1)
LONG_S, AT_ONCE_S = 600.0, min(SECONDS, 40.0)


def measure(seconds: float = SECONDS, rounds: int = ROUNDS, long_s: float = LONG_S if FULL else 0.0) -> dict[str, Any]:
    """Every path in turn, `rounds` times; then the echo; then, if asked for, a long call of ours."""
    folder = Path(tempfile.mkdtemp(prefix="bench-sound-"))
    cards, server = SoundCards(folder).start(), LivekitServer(folder).start()
    rooms = iter(range(1, 1000))

    def room() -> str:
        name = f"session_sound_{next(rooms)}"
        asyncio.run(create_room(server, name))
        return name

    try:
        runs: dict[str, Any] = {path: [] for path in PATHS}
        for _ in range(rounds):
            for path in PATHS:
                runs[path].append(measure_call(server, cards, room(), path, seconds))
        result: dict[str, Any] = {"seconds_a_run": seconds, "runs": runs}
        for name, drifting in (("echo_down_db", False), ("echo_down_db_drifting", True)):
            echo = {path: measure_echo_db(server, cards, room(), path, drifting=drifting) for path in ECHO_PATHS}
            result[name] = echo
        result["both_at_once"] = {
            path: measure_call(server, cards, room(), path, AT_ONCE_S, at_once=True) for path in ECHO_PATHS
        }
        if long_s:
            result["ours_for_ten_minutes"] = measure_call(server, cards, room(), "ours", long_s)
    finally:
        server.stop()
        cards.stop()
    return result


def table(result: dict[str, Any]) -> list[str]:
    """For people: a line a run. Echo: the median second, the worst."""
    lines = [f"{'':30}{'median ms':>10}{'p95 ms':>8}{'gaps/min':>10}{'CPU':>6}{'echo dB':>14}{'load':>6}"]
    for path, name in PATHS.items():
        for run in result["runs"][path]:
            lines.append(_line(name, run, result["echo_down_db"].get(path)))
    for path, run in result["both_at_once"].items():
        lines.append(_line(f"{PATHS[path]}, both at once", run, None))
    for path, echo in result["echo_down_db_drifting"].items():
        lines.append(f"{PATHS[path]}, echo over a way that drifts: {_down(echo)} dB")
    if "ours_for_ten_minutes" in result:
        long = result["ours_for_ten_minutes"]
        begin, end = (long["mouth_to_ear_ms"][f"median_{which}_fifth"] for which in ("first", "last"))
        lines.append(_line("ours, ten minutes", long, None))
        lines.append(f"ours, ten minutes: {begin:.0f} ms in the first two minutes, {end:.0f} ms in the last two")
    for number, run in enumerate(result["runs"]["ours"], 1):
        stages = ", ".join(f"{name.replace('_', ' ')} {ms:.0f}" for name, ms in run["stages_ms"].items())
        lines.append(f"ours, run {number}, by stage in ms: {stages}")
    return lines


def _line(name: str, run: dict[str, Any], echo: dict[str, float] | None) -> str:
    delay = run["mouth_to_ear_ms"]
    down = "" if echo is None else _down(echo)
    figures = (delay.get("median", float("nan")), delay.get("p95", float("nan")), run["heard_gaps_per_minute"])
    delays = f"{name:30}{figures[0]:>10.0f}{figures[1]:>8.0f}{figures[2]:>10.1f}"
    return f"{delays}{max(run['cpu_of_a_core']):>6.2f}{down:>14}{run['load_average']:>6.1f}"


def _down(echo: dict[str, float]) -> str:
    return f"{echo['median_second']:.0f} ({echo['worst_second']:.0f})"


def main() -> None:
    result = measure()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print("\n".join(table(result)))


if __name__ == "__main__":
    main()
