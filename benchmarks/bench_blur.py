"""What blurring the background costs: CPU time of this process a picture, and of a core at 30 pictures a second.

    python -m benchmarks.bench_blur [--pictures 300]

Without a camera: a moving picture, at the sizes that cameras give and that calls send. Figures depend on the machine
and on what else runs there: compare them with each other, never with another day.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from app.call.video.background_blur import BackgroundBlur, BlendBuffers, LiteRtSegmenter, composite, weights_of
from app.call.video.convert import UInt8Array, to_i420

RATE_HZ = 30
RESULTS = Path(__file__).resolve().parent / "results" / "blur.json"


def pictures(width: int, height: int) -> list[UInt8Array]:
    """A textured room that moves a little, as a camera's noise does."""
    room = np.random.default_rng(1).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    large = cv2.resize(room, (width, height))
    return [np.roll(large, at, axis=1).astype(np.uint8) for at in range(8)]


def cost_ms(work: Callable[[UInt8Array], object], shown: list[UInt8Array], count: int) -> float:
    """CPU time of one, in ms, after a few to warm up."""
    for picture in shown:
        work(picture)
    begun = time.process_time()
    for at in range(count):
        work(shown[at % len(shown)])
    return (time.process_time() - begun) * 1000 / count


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Prints the table and writes it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=300)
    count = parser.parse_args().pictures
    cv2.setNumThreads(1)
    memory, begun = peak_mb(), time.perf_counter()
    segmenter = LiteRtSegmenter()
    loaded_s, brought_mb = time.perf_counter() - begun, peak_mb() - memory
    large, small = pictures(1280, 720), pictures(640, 360)
    weights = weights_of(segmenter.likelihoods(small[0]))

    layers, blur = BlendBuffers(), BackgroundBlur(segmenter)
    rows = {
        "the outline alone": cost_ms(segmenter.likelihoods, small, count),
        "put together, 640x360": cost_ms(lambda bgr: composite(bgr, weights, layers), small, count),
        "put together, 1280x720": cost_ms(lambda bgr: composite(bgr, weights, layers), large, count),
        "640x360 to I420, unblurred": cost_ms(lambda bgr: to_i420(bgr, 640, 360), small, count),
        "640x360 to I420, blurred": cost_ms(lambda bgr: to_i420(blur.blurred(bgr), 640, 360), small, count),
        "1280x720 to I420, unblurred": cost_ms(lambda bgr: to_i420(bgr, 1280, 720), large, count),
        "1280x720 to I420, blurred": cost_ms(lambda bgr: to_i420(blur.blurred(bgr), 1280, 720), large, count),
    }
    print(f"{'':50} ms a picture   of a core at {RATE_HZ} a second")
    for name, ms in rows.items():
        print(f"{name:50} {ms:12.2f} {ms * RATE_HZ / 1000:12.2f}")
    print(f"loaded in {loaded_s:.2f} s, {brought_mb:.0f} MB")
    kept = {"ms_a_picture": rows, "loaded_s": loaded_s, "memory_mb": brought_mb}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
