"""How long a person waits for the peer's video, through the whole product in a browser.

    python -m benchmarks.bench_first_frame [--rounds 5]

The professional is in the room already; the user presses Start, then Join as soon as it is there, and the clock stops
when the frame is drawn.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.driving import Person, open_browser
from tests.stage.product import Product
from tests.stage.sound_cards import SoundCards

RESULTS = Path(__file__).resolve().parent / "results"


def waits_of_one_round(sam: Person) -> dict[str, float]:
    """Seconds from Start to the preview with its Join, from Join to the frame, and in all."""
    sam.button("Start").wait_for()
    began = time.perf_counter()
    sam.press("Start")
    sam.button("Join").wait_for()
    previewed = time.perf_counter()
    sam.press("Join")
    sam.sees("Video of Nora Lindqvist, live")
    drawn = time.perf_counter()
    sam.press("End call")
    sam.press("Back to My sessions")
    return {"start_to_preview": previewed - began, "join_to_picture": drawn - previewed, "in_all": drawn - began}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    folder = Path(tempfile.mkdtemp())
    (folder / "sound").mkdir()
    (folder / "run").mkdir()
    sound = SoundCards(folder / "sound", ("a",)).start()
    product = Product(folder / "run", sound).start()
    try:
        with sync_playwright() as playwright:
            nora, sam = (Person(open_browser(playwright), name, folder, "Europe/Berlin") for name in ("nora", "sam"))
            nora.open(product.app_of("professional"), "Sign in")
            for name in ("Sign in as Nora", "Start", "Join"):
                nora.press(name)
            sam.open(product.app_of("user"), "Sign in")
            sam.press("Sign in as Sam")
            sam.go("My sessions")
            waits = [waits_of_one_round(sam) for _ in range(rounds)]
            nora.leave()
            sam.leave()
    finally:
        product.stop()
        sound.stop()
    report(waits)


def report(waits: list[dict[str, float]]) -> None:
    """A table on the screen, JSON beside it."""
    table = {
        name: {
            "median": statistics.median(wait[name] for wait in waits),
            "least": min(wait[name] for wait in waits),
            "most": max(wait[name] for wait in waits),
        }
        for name in waits[0]
    }
    print(f"{'':18} median   least    most   (s, {len(waits)} rounds)")
    for name, row in table.items():
        print(f"{name:18} {row['median']:6.2f}  {row['least']:6.2f}  {row['most']:6.2f}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "bench_first_frame.json").write_text(json.dumps({"rounds": waits, "seconds": table}, indent=2) + "\n")


if __name__ == "__main__":
    main()
