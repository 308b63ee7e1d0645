"""Video and speech over a wire that is narrow or loses: which settings of the SDK serve them best.

    python -m benchmarks.bench_narrow [preferences] [bitrates] [red] [--seconds 15] [--rounds 1] [--only "600, BAL"]

All three take twenty minutes. `preferences`: each degradation preference, over ways up to the server of 300, 600 and
1000 kbit/s and a free one. `bitrates`: caps of the video's bits, on a free wire. `red`: RED for audio on and off, at
10 and 20 % of random loss on the way to the server and on the way from it. `--only` takes the cases whose name holds
one of the words.

The SDK alone, one sender and one receiver process, each in its own network namespace (Linux, as root), a real server
beside one of them. The table is on the screen, the medians of the rounds in benchmarks/results/narrow.json, where cases
that this run leaves out stay as they were. Figures depend on the machine and on what else runs there: compare them with
each other, never with another day.
"""

import argparse
import asyncio
import itertools
import json
import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.bench_picture import ANSWER_LIMIT_S, delays_ms
from benchmarks.client_process import ClientProcess
from tests.stage.livekit_server import LivekitServer
from tests.stage.tokens import create_room, credentials
from tests.stage.two_networks import FAIR, Network, TwoNetworks, Weather, why_no_networks
from tests.stage.webcam import DISTINCT, RATE_HZ, webcam_frame

RESULTS = Path(__file__).resolve().parent / "results" / "narrow.json"
WIDTH, HEIGHT = 1280, 720
BITS = 1_700_000
WARM_UP_S = 10.0
"""The estimate of the bandwidth begins at 300 kbit/s and takes seconds to find what the wire carries."""
PREFERENCES = ("", "BALANCED", "MAINTAIN_FRAMERATE", "MAINTAIN_RESOLUTION", "MAINTAIN_FRAMERATE_AND_RESOLUTION")
"""Of `rtc.DegradationPreference`; the first leaves it to the SDK."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """`red` None leaves it to the SDK. The sender is behind the wire, or else the receiver."""

    name: str
    weather: Weather = FAIR
    preference: str = ""
    bits: int = BITS
    red: bool | None = None
    picture: bool = True
    sender_behind: bool = True


def preferences() -> list[Case]:
    rates = (300, 600, 1000, 0)
    return [
        Case(f"{rate or 'free'}, {wanted or 'unset'}", Weather(delay_ms=20, up_bits=1000 * rate), wanted)
        for rate in rates
        for wanted in PREFERENCES
    ]


def bitrates() -> list[Case]:
    return [Case(f"{bits / 1e6} Mbit/s", Weather(delay_ms=20), bits=bits) for bits in (1_000_000, BITS, 2_500_000)]


def red() -> list[Case]:
    """At a round trip of 80 ms, where what is lost comes again late, and at none, where it comes again in time; and
    beside video, where RED's bits are the video's.
    """
    losses = [(loss, delay_ms, behind) for loss in (0.1, 0.2) for delay_ms in (0, 40) for behind in (True, False)]
    narrow = Weather(delay_ms=20, up_bits=300_000)
    return [
        case
        for on, said in ((False, "no RED"), (True, "RED"))
        for case in (
            Case(f"{said}, fair", red=on, picture=False),
            *(
                Case(
                    f"{said}, {loss:.0%} {'up' if behind else 'down'}, round trip {2 * delay_ms} ms",
                    Weather(delay_ms=delay_ms, loss=loss),
                    red=on,
                    picture=False,
                    sender_behind=behind,
                )
                for loss, delay_ms, behind in losses
            ),
            Case(f"{said}, picture beside it over 300 kbit/s", narrow, "MAINTAIN_FRAMERATE", red=on),
        )
    ]


KINDS: dict[str, Callable[[], list[Case]]] = {"preferences": preferences, "bitrates": bitrates, "red": red}


class Stage:
    """Two networks with the server in one of them, and the pictures."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bench-narrow-"))
        self._numbers = itertools.count(1)
        self._networks = TwoNetworks()
        there = self._networks.server
        self._server = LivekitServer(self._folder, address=there.address, interface=there.device)
        there.run(self._server.start)
        self._pictures = self._folder / "pictures.i420"
        with self._pictures.open("wb") as file:
            for number in range(DISTINCT):
                file.write(cv2.cvtColor(webcam_frame(number, WIDTH, HEIGHT), cv2.COLOR_BGR2YUV_I420).tobytes())

    def measure(self, case: Case, seconds: float) -> Row:
        room = f"session_{next(self._numbers)}"
        here, there = self._networks.client, self._networks.server
        self._networks.weather(FAIR)
        there.run(lambda: asyncio.run(create_room(self._server, room)))
        behind = {"publish": here if case.sender_behind else there, "receive": there if case.sender_behind else here}
        self._networks.weather(case.weather)
        clients = [self._start(room, role, case, seconds, behind[role]) for role in ("receive", "publish")]
        try:
            received, sent = (client.only_answer(ANSWER_LIMIT_S) for client in clients)
        finally:
            for client in clients:
                client.kill()
        return row_of(case, received, sent)

    def _start(self, room: str, role: str, case: Case, seconds: float, network: Network) -> ClientProcess:
        told = {
            "role": role,
            "credentials": asdict(credentials(self._server, room, role)),
            "pictures": str(self._pictures) if case.picture else "",
            "width": WIDTH,
            "height": HEIGHT,
            "rate_hz": RATE_HZ,
            "warm_up_s": WARM_UP_S if case.picture else WARM_UP_S / 2,
            "seconds": seconds,
            **asdict(case),
        }
        client = network.run(lambda: ClientProcess("narrow_client"))
        client.tell(told)
        return client

    def close(self) -> None:
        self._server.stop()
        self._networks.close()
        self._pictures.unlink()


def row_of(case: Case, received: Row, sent: Row) -> Row:
    row: Row = {"case": case.name, **received["sound"]}
    row["sound_kbit"] = sent["kbit"].get("audio", 0)
    if case.picture:
        row |= picture_of(received, sent)
    return row | {"sender_cpu": round(sent["cpu"], 2), "receiver_cpu": round(received["cpu"], 2)}


def picture_of(received: Row, sent: Row) -> Row:
    seen = received["seen"]
    if len(seen) < 2:
        return {"rate_hz": len(seen) / received["took_s"], "picture_kbit": sent["kbit"].get("video", 0)}
    delays = delays_ms(sent["sent"], seen, DISTINCT)
    times = [at for _, at in seen]
    sizes = Counter(tuple(size) for size in received["sizes"])
    heights = [height for _, height in sizes]
    return {
        "rate_hz": round(len(seen) / received["took_s"], 1),
        "height": sizes.most_common(1)[0][0][1],
        "height_least": min(heights),
        "height_most": max(heights),
        "psnr_db": round(float(np.median(received["psnr_db"])), 1),
        "psnr_p10_db": round(float(np.percentile(received["psnr_db"], 10)), 1),
        "delay_p50_ms": round(float(np.percentile(delays, 50))),
        "delay_p95_ms": round(float(np.percentile(delays, 95))),
        "longest_gap_ms": round(1000 * max(after - before for before, after in itertools.pairwise(times))),
        "picture_kbit": sent["kbit"].get("video", 0),
    }


def median_of(rows: list[Row]) -> Row:
    """Column by column; of words the most common."""
    columns = dict.fromkeys(name for row in rows for name in row)
    result: Row = {}
    for name in columns:
        values = [row[name] for row in rows if name in row]
        words = isinstance(values[0], str)  # a column that a row lacks could not be measured there
        result[name] = Counter(values).most_common(1)[0][0] if words else round(statistics.median(values), 4)
    return result | {"rounds": len(rows)}


def keep(kind: str, rows: list[Row], seconds: float) -> None:
    """Writes the medians among the results of earlier runs."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    cases = {row["case"]: row for row in kept.get(kind, [])}
    load = round(os.getloadavg()[0], 1)
    for name in dict.fromkeys(row["case"] for row in rows):
        own = [row for row in rows if row["case"] == name]
        cases[name] = median_of(own) | {"seconds": seconds, "load_average": load}
    kept[kind] = [cases[case.name] for case in KINDS[kind]() if case.name in cases]
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")


def run(stage: Stage, kind: str, words: list[str], rounds: int, seconds: float) -> None:
    chosen = [case for case in KINDS[kind]() if any(word in case.name for word in words)]
    rows: list[Row] = []
    for case in chosen * rounds:
        rows.append(row := stage.measure(case, seconds))
        print(" | ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        keep(kind, rows, seconds)  # after each: a run that is ended early has still measured what it has


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(KINDS)}; all without")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rounds", type=int, default=1, help="all cases again and again, so that load hits all alike")
    parser.add_argument("--only", nargs="*", default=[""], help="words of the cases' names")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if reason := why_no_networks():
        print(f"not measured: {reason}")
        return
    stage = Stage()
    try:
        for kind in options.kinds or KINDS:
            run(stage, kind, options.only, options.rounds, options.seconds)
    finally:
        stage.close()


if __name__ == "__main__":
    main()
