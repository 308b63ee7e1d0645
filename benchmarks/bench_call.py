"""The whole call in one table: our engine and our call page beside livekit-client in Chromium, for audio also what else
the SDK has.

    python -m benchmarks.bench_call [--seconds 8] [--joins 4] [--sound-seconds 16]

One LiveKit server, one video file and one audio file for all, each client with processes of its own, both ends on
this machine. RENDEZVOUS_BENCH_FULL=1 takes longer runs. Figures depend on the machine and on what else runs there:
compare them with each other, never with another day.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.call_files import write_picture_file
from benchmarks.call_stage import (
    CARDS,
    SoundPage,
    Stage,
    measure_chromium,
    measure_native,
    measure_page,
)
from benchmarks.call_table import table
from benchmarks.sound_stage import measure_call
from tests.stage.browser_files import write_sound_file
from tests.stage.chromium_call import CallPages, NotHere, install_page
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import SoundCards, speech_like
from tools import callpage

RESULTS = Path(__file__).resolve().parent / "results" / "bench_call.json"
FULL = os.environ.get("RENDEZVOUS_BENCH_FULL") == "1"
SPEECH_S = 20.0
SPEECH_TIMES = 30
"""Chromium reads its audio file over and over, and keeps it in memory: a short one for it, as often for the others."""
SOUND_PATHS = {"native": "ours", "platform": "platform", "media_devices": "media_devices"}


@contextmanager
def staged(seconds: float, joins: int) -> Iterator[Stage]:
    """Server, sound cards and files; every card's microphone also as a source that is no monitor, which is what
    Chromium lists.
    """
    with tempfile.TemporaryDirectory(prefix="bench-call-") as name:
        folder = Path(name)
        speech = speech_like(SPEECH_S)
        picture = write_picture_file(folder / "picture.y4m")
        sound = write_sound_file(folder / "sound.wav", speech)
        cards, server = SoundCards(folder), LivekitServer(folder)
        try:
            cards.start()
            server.start()
            for card in CARDS:
                words = (f"master=mic_{card}.monitor", f"source_name=mouth_{card}")
                cards.control("load-module", "module-remap-source", *words)
            yield Stage(server, cards, picture, sound, np.tile(speech, SPEECH_TIMES), seconds, joins)
        finally:
            server.stop()
            cards.stop()


def attempt(name: str, measured: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """One part of the run; what could not be measured says why under `failed`, and the rest goes on."""
    print(f"{name} ...", flush=True)
    try:
        return measured() | {"load_average_then": round(os.getloadavg()[0], 2)}
    except (NotHere, RuntimeError, OSError, subprocess.TimeoutExpired) as trouble:
        return {"failed": str(trouble)}


def measure(seconds: float, joins: int, sound_s: float) -> dict[str, Any]:
    callpage.ensure()
    with staged(seconds, joins) as stage:
        calls = {
            "native": attempt("this app, picture and sound", lambda: measure_native(stage)),
            "page": attempt("our call page, picture and sound", lambda: measure_page(stage)),
            "chromium": attempt(
                "livekit-client, picture and sound", lambda: in_chromium(partial(measure_chromium, stage))
            ),
            "native_open": attempt("this app, not encrypted", lambda: measure_native(stage, encrypted=False)),
            "chromium_open": attempt(
                "livekit-client, not encrypted", lambda: in_chromium(partial(measure_chromium, stage, encrypted=False))
            ),
        }

        def sound(path: str, **how: Any) -> dict[str, Any]:
            return measure_call(stage.server, stage.cards, stage.room(f"sound_{path}"), path, sound_s, **how)

        sounds = {kind: attempt(f"{path}, sound", partial(sound, path)) for kind, path in SOUND_PATHS.items()}
        sounds["chromium"] = attempt(
            "livekit-client, sound",
            lambda: in_chromium(lambda pages: sound("chromium", make=partial(SoundPage, pages))),
        )
    taken = {"seconds": seconds, "joins": joins, "sound_seconds": sound_s}
    return {"taken": taken, "calls": calls, "sound_only": sounds}


def in_chromium(measured: Callable[[CallPages], dict[str, Any]]) -> dict[str, Any]:
    with CallPages(install_page()) as pages:
        return measured(pages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30 if FULL else 8, help="of each look at a call with picture")
    parser.add_argument("--joins", type=int, default=10 if FULL else 4)
    parser.add_argument("--sound-seconds", type=float, default=120 if FULL else 16, help="of each call without picture")
    options = parser.parse_args()
    result = measure(options.seconds, options.joins, options.sound_seconds)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print("\n".join(["", *table(result)]))


if __name__ == "__main__":
    main()
