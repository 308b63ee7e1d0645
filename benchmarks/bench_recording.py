"""What recording and a shared screen cost a call: the same call of two of our engines, by turns plain, recorded on one
side, and with a screen of 1080p shared from that side, on which the picture changes 15 times a second.

    python -m benchmarks.bench_recording [--seconds 60] [--rounds 2] [--width 1920 --height 1080]

CPU and memory are the kernel's counts of the process of the call, and of the one that writes; mouth to ear runs from
the side that records or shares to the other. `--seconds 600 --rounds 1` is ten minutes of each. The table is on the
screen, the figures are in benchmarks/results/recording.json. They depend on the machine and on what else runs there.
"""

import argparse
import json
import os
import statistics as middle
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.bench_call import staged
from benchmarks.call_stage import CARDS, SETTLE_S, Pair, Stage
from benchmarks.client_process import ClientProcess
from benchmarks.process_cost import cpu_s_of, memory_mb_of
from benchmarks.sound_stage import PERIOD_S, listening, pairs_ms, statistics
from tests.e2e.driving import CHROMIUM
from tests.stage.chromium import QUIET_FLAGS
from tests.stage.shared_picture import PAGE
from tests.stage.sound_cards import bursts
from tests.stage.tokens import credentials
from tests.stage.x_screen import XScreen

RESULTS = Path(__file__).resolve().parent / "results" / "recording.json"
ROWS = {
    "call_cpu": "CPU of the call's process, cores",
    "writer_cpu": "CPU of the process that writes, cores",
    "call_mb": "memory of the call's process, MB",
    "writer_mb": "memory of the process that writes, MB",
    "ear_ms": "mouth to ear, median, ms",
    "ear_p95_ms": "mouth to ear, p95, ms",
    "sent_a_second": "frames sent a second",
    "seen_a_second": "frames of the other a second",
    "mb_a_minute": "written, MB a minute",
    "screen_a_second": "frames of the screen seen by the other a second",
}
TURNS = ("without", "recorded", "sharing")
CHANGES = "setInterval(() => showNumber((globalThis.at = (globalThis.at || 0) + 1) % 1000), 1000 / 15)"
ALLOWED_MORE = 0.10
Figures = dict[str, float]


def measure_once(stage: Stage, pair: Pair, turn: str, size: tuple[int, int], folder: Path) -> Figures:
    """`size` is of the recording's canvas."""
    writer = None
    if turn == "recorded":
        order = {"file": str(folder / "call.mp4"), "width": size[0], "height": size[1]}
        writer = pair.ask(pair.anna, "record", **order)["writer"]
    if turn == "sharing":
        pair.ask(pair.anna, "share")
    count = max(3, int(stage.seconds / PERIOD_S))
    with listening(stage.cards, "mic_a", "spk_b") as (mouth, ear):
        player = stage.cards.say("a", bursts(800, count))
        time.sleep(1)
        figures = _cost(stage, pair, writer)
        player.wait(PERIOD_S * count + 30)
        time.sleep(1.5)
        delay = statistics(pairs_ms(mouth.onsets(), ear.onsets()))
    figures |= {"ear_ms": delay["median"], "ear_p95_ms": delay["p95"]}
    if turn == "sharing":
        pair.ask(pair.anna, "stop_sharing")
    if turn == "recorded":
        written = pair.ask(pair.anna, "stop")
        figures["mb_a_minute"] = 60 * written["bytes"] / written["seconds"] / 1e6
    return figures


def _cost(stage: Stage, pair: Pair, writer: int | None) -> Figures:
    parts = {"call": [pair.anna.pid], "writer": [writer] if writer is not None else []}
    screen = pair.ask(pair.ben, "screen_frames")["frames"]
    counted, began_s = pair.ask(pair.anna, "counts"), time.monotonic()
    before = {name: cpu_s_of(pids) for name, pids in parts.items()}
    time.sleep(stage.seconds)
    took_s = time.monotonic() - began_s
    figures = {f"{name}_cpu": (cpu_s_of(pids) - before[name]) / took_s for name, pids in parts.items() if pids}
    figures |= {f"{name}_mb": memory_mb_of(pids) for name, pids in parts.items() if pids}
    after = pair.ask(pair.anna, "counts")
    figures["sent_a_second"] = (after["encoded"] - counted["encoded"]) / took_s
    figures["seen_a_second"] = (after["decoded"] - counted["decoded"]) / took_s
    figures["screen_a_second"] = (pair.ask(pair.ben, "screen_frames")["frames"] - screen) / took_s
    return figures


@contextmanager
def shown_screen() -> Iterator[XScreen]:
    """A screen of 1080p whose picture changes 15 times a second."""
    screen = XScreen().start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM,
                headless=False,
                args=[*QUIET_FLAGS, *screen.flags],
                env=dict(screen.environment),
            )
            page = browser.new_context(no_viewport=True).new_page()
            page.set_content(PAGE)
            page.evaluate(CHANGES)
            yield screen
            browser.close()
    finally:
        screen.stop()


def measure(stage: Stage, rounds: int, size: tuple[int, int], display: str) -> dict[str, list[Figures]]:
    room, shown = stage.room("recording"), {"DISPLAY": display}
    environments = [stage.cards.environment(card) | shown for card in CARDS]
    pair = Pair(stage, room, *(ClientProcess("recording_client", each) for each in environments))
    found: dict[str, list[Figures]] = {turn: [] for turn in TURNS}
    speaker = stage.cards.say("b", stage.speech, times=1 + int(rounds * stage.seconds / 60))
    try:
        with tempfile.TemporaryDirectory(prefix="bench-recording-") as name:
            pair.ask_both("prepare", camera=str(stage.picture))
            for client, who in ((pair.ben, "ben"), (pair.anna, "anna")):
                given = asdict(credentials(stage.server, room, who))
                pair.ask(client, "join", see=client is pair.anna, credentials=given)
            time.sleep(SETTLE_S)
            for _ in range(rounds):
                for turn in TURNS:
                    found[turn].append(measure_once(stage, pair, turn, size, Path(name)))
        pair.ask_both("leave")
    finally:
        pair.close()
        speaker.terminate()
        speaker.wait(5)
    return found


def medians(runs: list[Figures]) -> Figures:
    return {name: round(middle.median(run[name] for run in runs), 3) for name in ROWS if name in runs[0]}


def table(found: dict[str, Figures]) -> list[str]:
    lines = ["".join([f"{'':48}", *(f"{turn:>11}" for turn in TURNS)])]
    for name, label in ROWS.items():
        cells = [found[turn].get(name) for turn in TURNS]
        lines.append("".join([f"{label:48}", *(f"{'-' if each is None else f'{each:.2f}':>11}" for each in cells)]))
    compared = ("call_cpu", "call_mb", "ear_ms")
    over = [ROWS[each] for each in compared if found["recorded"][each] > (1 + ALLOWED_MORE) * found["without"][each]]
    return [*lines, f"recorded, more than {ALLOWED_MORE:.0%} above the plain call: {', '.join(over) or 'nothing'}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of each run")
    parser.add_argument("--rounds", type=int, default=2, help="each is a run of every kind")
    parser.add_argument("--width", type=int, default=1920)
    parser.add_argument("--height", type=int, default=1080)
    options = parser.parse_args()
    with staged(options.seconds, 1) as stage, shown_screen() as screen:
        runs = measure(stage, options.rounds, (options.width, options.height), screen.name)
    found = {turn: medians(runs[turn]) for turn in TURNS}
    print("\n".join(table(found)), flush=True)
    taken = vars(options) | {"load_average": round(os.getloadavg()[0], 1)}
    result = {"taken": taken, **found, "runs": runs}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
