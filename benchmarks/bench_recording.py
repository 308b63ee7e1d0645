"""What recording costs a call: the same call of two of our engines, by turns recorded on one side and not.

    python -m benchmarks.bench_recording [--seconds 60] [--rounds 2] [--width 1920 --height 1080]

CPU and memory are the kernel's counts of the process of the call, and of the one that writes; mouth to ear runs from
the side that records to the other. `--seconds 600 --rounds 1` is ten minutes of each. The table is on the screen, the
figures are in benchmarks/results/recording.json. They depend on the machine and on what else runs there.
"""

import argparse
import json
import os
import statistics as middle
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.bench_call import staged
from benchmarks.call_stage import CARDS, SETTLE_S, Pair, Stage
from benchmarks.client_process import ClientProcess
from benchmarks.process_cost import cpu_s_of, memory_mb_of
from benchmarks.sound_stage import PERIOD_S, listening, pairs_ms, statistics
from tests.stage.sound_cards import bursts
from tests.stage.tokens import credentials

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
}
ALLOWED_MORE = 0.10
Figures = dict[str, float]


def measure_once(stage: Stage, pair: Pair, size: tuple[int, int] | None, folder: Path) -> Figures:
    """`size` is of the canvas; without one nothing is recorded."""
    writer = None
    if size is not None:
        order = {"file": str(folder / "call.mp4"), "width": size[0], "height": size[1]}
        writer = pair.ask(pair.anna, "record", **order)["writer"]
    count = max(3, int(stage.seconds / PERIOD_S))
    with listening(stage.cards, "mic_a", "spk_b") as (mouth, ear):
        player = stage.cards.say("a", bursts(800, count))
        time.sleep(1)
        figures = _cost(stage, pair, writer)
        player.wait(PERIOD_S * count + 30)
        time.sleep(1.5)
        delay = statistics(pairs_ms(mouth.onsets(), ear.onsets()))
    figures |= {"ear_ms": delay["median"], "ear_p95_ms": delay["p95"]}
    if size is not None:
        written = pair.ask(pair.anna, "stop")
        figures["mb_a_minute"] = 60 * written["bytes"] / written["seconds"] / 1e6
    return figures


def _cost(stage: Stage, pair: Pair, writer: int | None) -> Figures:
    parts = {"call": [pair.anna.pid], "writer": [writer] if writer is not None else []}
    counted, began_s = pair.ask(pair.anna, "counts"), time.monotonic()
    before = {name: cpu_s_of(pids) for name, pids in parts.items()}
    time.sleep(stage.seconds)
    took_s = time.monotonic() - began_s
    figures = {f"{name}_cpu": (cpu_s_of(pids) - before[name]) / took_s for name, pids in parts.items() if pids}
    figures |= {f"{name}_mb": memory_mb_of(pids) for name, pids in parts.items() if pids}
    after = pair.ask(pair.anna, "counts")
    figures["sent_a_second"] = (after["encoded"] - counted["encoded"]) / took_s
    figures["seen_a_second"] = (after["decoded"] - counted["decoded"]) / took_s
    return figures


def measure(stage: Stage, rounds: int, size: tuple[int, int]) -> dict[str, list[Figures]]:
    room = stage.room("recording")
    pair = Pair(stage, room, *(ClientProcess("recording_client", stage.cards.environment(card)) for card in CARDS))
    found: dict[str, list[Figures]] = {"without": [], "recorded": []}
    speaker = stage.cards.say("b", stage.speech, times=1 + int(rounds * stage.seconds / 100))
    try:
        with tempfile.TemporaryDirectory(prefix="bench-recording-") as name:
            pair.ask_both("prepare", camera=str(stage.picture))
            for client, who in ((pair.ben, "ben"), (pair.anna, "anna")):
                given = asdict(credentials(stage.server, room, who))
                pair.ask(client, "join", see=client is pair.anna, credentials=given)
            time.sleep(SETTLE_S)
            for _ in range(rounds):
                found["without"].append(measure_once(stage, pair, None, Path(name)))
                found["recorded"].append(measure_once(stage, pair, size, Path(name)))
        pair.ask_both("leave")
    finally:
        pair.close()
        speaker.terminate()
        speaker.wait(5)
    return found


def medians(runs: list[Figures]) -> Figures:
    return {name: round(middle.median(run[name] for run in runs), 3) for name in ROWS if name in runs[0]}


def table(without: Figures, recorded: Figures) -> list[str]:
    lines = [f"{'':42}{'not recorded':>14}{'recorded':>14}{'more':>9}"]
    for name, label in ROWS.items():
        plain, with_it = without.get(name), recorded.get(name)
        more = f"{100 * (with_it / plain - 1):+.0f} %" if plain and with_it is not None else ""
        cells = ["-" if each is None else f"{each:.2f}" for each in (plain, with_it)]
        lines.append(f"{label:42}{cells[0]:>14}{cells[1]:>14}{more:>9}")
    over = [
        ROWS[name] for name in ("call_cpu", "call_mb", "ear_ms") if recorded[name] > (1 + ALLOWED_MORE) * without[name]
    ]
    return [*lines, f"more than {ALLOWED_MORE:.0%} above: {', '.join(over) or 'nothing'}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of each run")
    parser.add_argument("--rounds", type=int, default=2, help="each is a run without and one with recording")
    parser.add_argument("--width", type=int, default=1920)
    parser.add_argument("--height", type=int, default=1080)
    options = parser.parse_args()
    with staged(options.seconds, 1) as stage:
        runs = measure(stage, options.rounds, (options.width, options.height))
    without, recorded = (medians(runs[name]) for name in ("without", "recorded"))
    print("\n".join(table(without, recorded)), flush=True)
    taken = vars(options) | {"load_average": round(os.getloadavg()[0], 1)}
    result = {"taken": taken, "without": without, "recorded": recorded, "runs": runs}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
