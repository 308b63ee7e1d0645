"""The call page in Chromium: what it takes on the wire, and how long a person waits for the peer's video.

    python -m benchmarks.bench_callpage [--rounds 5]

The professional is in the room already, at a page too. The clock runs from opening the link to the first time that Join
can be pressed, and from Join to the first frame of the peer that is drawn. Nothing is cached: each round is a visit.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.async_api import async_playwright

from backend.demo.people import NORA, PASSWORD, SAM
from tests.callpage.conftest import NUMBERS
from tests.callpage.people import Guest, member
from tests.e2e.driving import CHROMIUM
from tests.stage.browser_files import write_picture_file, write_sound_file
from tests.stage.chromium import QUIET_FLAGS
from tests.stage.demo_backend import DemoBackend
from tests.stage.livekit_server import LivekitServer
from tests.stage.sound_cards import tone
from tools import callpage

RESULTS = Path(__file__).resolve().parent / "results"


def wire_bytes() -> dict[str, int]:
    """All of the page's files, packed each way; fonts are packed already."""
    assets = callpage.BUILD / "assets"
    plain = [path for path in assets.iterdir() if path.suffix not in (".gz", ".br")]

    def packed(path: Path, ending: str) -> int:
        other = path.with_name(path.name + ending)
        return (other if other.exists() else path).stat().st_size

    return {
        "plain": sum(path.stat().st_size for path in plain),
        "gzip": sum(packed(path, ".gz") for path in plain),
        "brotli": sum(packed(path, ".br") for path in plain),
    }


async def wait_of_one_round(sam: Guest) -> dict[str, float]:
    """Seconds."""
    url = sam.who.call_url
    began = time.perf_counter()
    await sam.open(url)
    await sam.page.get_by_role("button", name="Join", exact=True).wait_for()
    pressable = time.perf_counter()
    await sam.sees_tile("preview")
    joined = time.perf_counter()
    await sam.press("Join")
    await sam.sees_tile("other")
    drawn = time.perf_counter()
    await sam.leave()
    return {"link_to_join": pressable - began, "join_to_picture": drawn - joined}


async def measured(backend: DemoBackend, folder: Path, rounds: int) -> list[dict[str, float]]:
    people = [member(backend.url, each.role.value, each.name, each.email, PASSWORD) for each in (NORA, SAM)]
    async with async_playwright() as playwright:
        browsers = []
        for who in people:
            picture = write_picture_file(folder / f"{who.role}.y4m", NUMBERS[who.role])
            sound = write_sound_file(folder / f"{who.role}.wav", tone(440, 20))
            media = (
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={picture}",
                f"--use-file-for-fake-audio-capture={sound}",
            )
            browsers.append(await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET_FLAGS, *media]))
        nora = await Guest.at(browsers[0], people[0])
        await nora.join()
        waits = [await wait_of_one_round(await Guest.at(browsers[1], people[1])) for _ in range(rounds)]
        await nora.leave()
        for browser in browsers:
            await browser.close()
    return waits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    callpage.ensure()
    folder = Path(tempfile.mkdtemp())
    livekit = LivekitServer(folder).start()
    backend = DemoBackend(folder, livekit, RATE_LIMITS="off").start()
    try:
        waits = asyncio.run(measured(backend, folder, rounds))
    finally:
        backend.kill()
        livekit.kill()
    report(waits)


def report(waits: list[dict[str, float]]) -> None:
    """A table on the screen, JSON beside it."""
    sizes = wire_bytes()
    print("  ".join(f"{name} {size / 1000:.0f} kB" for name, size in sizes.items()))
    table = {
        name: {"median": statistics.median(found), "least": min(found), "most": max(found)}
        for name in waits[0]
        for found in [[wait[name] for wait in waits]]
    }
    for name, row in table.items():
        print(f"{name:18} median {row['median']:.2f}  least {row['least']:.2f}  most {row['most']:.2f} s")
    RESULTS.mkdir(exist_ok=True)
    said = {"load": os.getloadavg()[0], "bytes": sizes, "rounds": waits, "seconds": table}
    (RESULTS / "callpage.json").write_text(json.dumps(said, indent=2) + "\n")


if __name__ == "__main__":
    main()
