"""What is on a screen that is shared in tests: a number that changes, and a line of digits in letters of 12 pixels.

The page is 1920x1080. Its number stands in 16 blocks across the middle, as in `tests.stage.video_file`. The digits are
read at the other side by the shapes that they have on the screen itself, one cell after the other.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Page

TITLE = "Numbers to share"
WIDTH, HEIGHT = 1920, 1080
DIGITS = "31415926535897932384626433832795028841971693993751"
LEFT, TEXT_TOP, SHAPES_TOP = 200, 200, 260
CELL_WIDTH, CELL_HEIGHT = 9, 16
Grey = NDArray[np.uint8]
PAGE = f"""<!doctype html><meta charset="utf-8"><title>{TITLE}</title>
<style>
  body {{ margin: 0; width: {WIDTH}px; height: {HEIGHT}px; overflow: hidden; background: #fff; color: #000; }}
  span {{ position: absolute; font: 12px/16px monospace; }}
  i {{ position: absolute; top: 450px; height: 180px; width: 120px; background: #000; }}
</style><body></body>
<script>
  const line = (text, top) => [...text].forEach((digit, at) => {{
    const cell = document.createElement("span");
    cell.textContent = digit;
    cell.style.left = `${{{LEFT} + at * {CELL_WIDTH}}}px`;
    cell.style.top = `${{top}}px`;
    document.body.append(cell);
  }});
  line("{DIGITS}", {TEXT_TOP});
  line("0123456789", {SHAPES_TOP});
  const blocks = Array.from({{ length: 16 }}, (_, bit) => {{
    const block = document.createElement("i");
    block.style.left = `${{bit * 120}}px`;
    document.body.append(block);
    return block;
  }});
  let number = 0, timer = 0;
  globalThis.showNumber = (now) => {{
    number = now;
    blocks.forEach((block, bit) => (block.style.background = now >> bit & 1 ? "#fff" : "#000"));
  }};
  globalThis.count = (from, to) => {{
    clearInterval(timer);
    showNumber(from);
    timer = setInterval(() => showNumber(number + 1 < to ? number + 1 : from), 100);
  }};
  globalThis.standStill = (at) => {{ clearInterval(timer); showNumber(at); }};
</script>"""


async def shapes_on(page: Page) -> list[Grey]:
    """How each digit looks on the screen itself."""
    clip = {"x": LEFT, "y": SHAPES_TOP, "width": 10 * CELL_WIDTH, "height": CELL_HEIGHT}
    taken = await page.screenshot(clip=clip)  # type: ignore[arg-type]  # a mapping with the keys of FloatRect
    grey = cv2.imdecode(np.frombuffer(taken, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    shown = grey.astype(np.uint8, copy=False)
    return [_cell(shown, number) for number in range(10)]


def read_digits(grey: Grey, shapes: list[Grey]) -> str:
    """The digits of a whole frame of the screen, of its own size."""
    assert grey.shape == (HEIGHT, WIDTH), grey.shape
    line = grey[TEXT_TOP : TEXT_TOP + CELL_HEIGHT, LEFT:]
    return "".join(str(_likest(_cell(line, number), shapes)) for number in range(len(DIGITS)))


def _cell(line: Grey, number: int) -> Grey:
    return line[:CELL_HEIGHT, number * CELL_WIDTH : (number + 1) * CELL_WIDTH]


def _likest(cell: Grey, shapes: list[Grey]) -> int:
    apart = [float(np.abs(cell.astype(int) - shape.astype(int)).mean()) for shape in shapes]
    return int(np.argmin(apart))
