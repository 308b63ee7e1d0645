"""One person at our call page, in a Chromium of its own, for `bench_call`: orders by standard input, a line each."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from benchmarks.client_process import ClientProcess
from tests.callpage.people import KEEP_CONNECTIONS, Member
from tests.stage.chromium_call import FLAGS

STARTS_WITHIN_S = 30.0
PREVIEW = "() => (document.querySelector('.tile.preview video') ?? {}).videoWidth > 0"
JOIN = """
(button, see) => new Promise((done) => {
  const began = performance.now();
  button.click();
  const look = () => {
    const video = document.querySelector(".tile.other video");
    if (!video) requestAnimationFrame(look);
    else if (see) video.requestVideoFrameCallback(() => done(performance.now() - began));
    else done(null);
  };
  look();
})
"""
"""From the press to the other's first frame that is drawn, in milliseconds."""
COUNTS = """
async () => {
  const found = { encoded: 0, decoded: 0 };
  for (const connection of connections) {
    for (const each of (await connection.getStats()).values()) {
      if (each.kind !== "video") continue;
      if (each.type === "outbound-rtp") found.encoded += each.framesEncoded ?? 0;
      if (each.type === "inbound-rtp") found.decoded += each.framesDecoded ?? 0;
    }
  }
  const video = document.querySelector(".tile.other video");
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return { ...found, shown: totalVideoFrames - droppedVideoFrames };
}
"""
WATCH = """
async (seconds) => {
  const BITS = 16;
  const follow = (video, moment, found) => {
    const context = new OffscreenCanvas(2 * BITS, 1).getContext("2d", { willReadFrequently: true });
    let going = true;
    const look = (now, metadata) => {
      if (!going) return;
      video.requestVideoFrameCallback(look);
      if (metadata[moment] === undefined) return;
      context.drawImage(video, 0, video.videoHeight / 2, video.videoWidth, 1, 0, 0, 2 * BITS, 1);
      const { data } = context.getImageData(0, 0, 2 * BITS, 1);
      let number = 0;
      for (let bit = 0; bit < BITS; bit++) if (data[4 * (2 * bit + 1) + 1] > 128) number |= 1 << bit;
      found.push([number, performance.timeOrigin + metadata[moment]]);
    };
    video.requestVideoFrameCallback(look);
    return () => { going = false; };
  };
  const [own, other] = ["inset", "other"].map((tile) => document.querySelector(`.tile.${tile} video`));
  const sent = [], seen = [];
  const stop = [follow(own, "captureTime", sent), follow(other, "presentationTime", seen)];
  await new Promise((done) => setTimeout(done, seconds * 1000));
  stop.forEach((each) => each());
  return { sent, seen, size: [other.videoWidth, other.videoHeight] };
}
"""
"""Which numbered frame (tests/stage/video_file.py) was captured and shown when: as in tests/stage/callpage/call.js."""


class PageClient(ClientProcess):
    """`bench_call`'s side of it; `pid` is the browser's, whose family is what the page costs."""

    def __init__(self, who: Member, picture: Path, sound: Path, environment: dict[str, str]) -> None:
        super().__init__("page_client", environment)
        self.tell({"who": asdict(who), "picture": str(picture), "sound": str(sound)})
        self.pid = self.answer()["pid"]


class Visitor:
    """The browser and the page that is open in it."""

    def __init__(self, playwright: Playwright, who: Member, picture: str, sound: str) -> None:
        self._who = who
        self._profile = tempfile.mkdtemp(prefix="bench-page-")
        media = (
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={picture}",
            f"--use-file-for-fake-audio-capture={sound}",
        )
        own = (f"--user-data-dir={self._profile}", "--remote-debugging-port=0")
        self.process = subprocess.Popen(
            ["chromium", *FLAGS, *own, *media, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._browser = self._connected(playwright)
        self._page: Page | None = None
        self._starts_ms: list[float] = []

    def _connected(self, playwright: Playwright) -> Browser:
        port, end = Path(self._profile) / "DevToolsActivePort", time.monotonic() + STARTS_WITHIN_S
        while not (port.exists() and port.read_text().count("\n")):
            assert time.monotonic() < end, "Chromium does not start"
            time.sleep(0.05)
        return playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port.read_text().splitlines()[0]}")

    @property
    def page(self) -> Page:
        assert self._page is not None, "not prepared"
        return self._page

    def prepare(self) -> dict[str, Any]:
        """Opens the link as Start does, until the preview is seen."""
        self._page = self._browser.contexts[0].new_page()
        self._page.add_init_script(KEEP_CONNECTIONS)
        url, began = self._who.call_url, time.monotonic()
        self._page.goto(url)
        while not self._page.evaluate(PREVIEW):
            assert time.monotonic() < began + STARTS_WITHIN_S, "no preview"
            time.sleep(0.01)
        self._starts_ms.append((time.monotonic() - began) * 1000)
        return {}

    def join(self, see: bool) -> dict[str, Any]:
        button = self.page.get_by_role("button", name="Join", exact=True).element_handle()
        return {"first_frame_ms": button.evaluate(JOIN, see)}

    def leave(self) -> dict[str, Any]:
        self.page.get_by_role("button", name="End call", exact=True).dispatch_event("click")
        self.page.locator("main.stage").wait_for(state="detached")
        self.page.close()
        return {}

    def counts(self) -> dict[str, Any]:
        return dict(self.page.evaluate(COUNTS))

    def watch(self, seconds: float) -> dict[str, Any]:
        return dict(self.page.evaluate(WATCH, seconds))

    def starts(self) -> dict[str, Any]:
        """From Start to the preview, each time."""
        return {"start_ms": [round(each) for each in self._starts_ms]}


def main() -> None:
    said = json.loads(sys.stdin.readline())
    with sync_playwright() as playwright:
        visitor = Visitor(playwright, Member(**said["who"]), said["picture"], said["sound"])
        doing: dict[str, Callable[..., dict[str, Any]]] = {
            name: getattr(visitor, name) for name in ("prepare", "join", "leave", "counts", "watch", "starts")
        }
        print(json.dumps({"pid": visitor.process.pid}), flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            print(json.dumps(doing[order.pop("do")](**order)), flush=True)
        visitor.process.terminate()
        visitor.process.wait(10)


if __name__ == "__main__":
    main()
