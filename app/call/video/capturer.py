"""One opening of one camera, in a thread of its own: OpenCV blocks while it reads, and may hang while it opens."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from app.call.contract.devices import DeviceFault
from app.call.runtime.thread_priority import lower_priority
from app.call.video.blur_processor import BlurProcessor
from app.call.video.convert import UInt8Array, to_i420
from app.call.video.latest_frame import LatestFrame
from app.call.video.sources import HEIGHT, WIDTH, CameraUnavailable, FrameSource

log = logging.getLogger(__name__)

TILE_RATE_HZ = 15.0
EARLY_S = 0.25 / TILE_RATE_HZ
"""A camera is not punctual: a frame that comes so much early is shown."""


class FrameSink(Protocol):
    """Where frames go, beside the own tile. Both methods are called in the capture thread."""

    def wants_frame(self) -> bool:
        """Whether the next frame would be used."""
        ...

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        """Width, height and flat I420 of one frame."""
        ...


class Nowhere:
    """The `FrameSink` before the room is joined."""

    def wants_frame(self) -> bool:
        return False

    def send_frame(self, width: int, height: int, i420: UInt8Array) -> None:
        """Drops it."""


class VideoCapturer:
    """Reads `source` until stopped. `on_change` is called in the capture thread: once it runs, and when it fails.

    What `blur` does not let pass is neither shown nor sent, and what neither `frames` nor a sink wants is neither
    blurred nor converted; the camera goes on being read. `sinks` gives the sinks of the moment. The own tile gets 15
    frames a second: one's own movements need no more, and each costs this machine, not the peer, a drawing.
    A thread that hangs in the driver is abandoned: it delivers nothing more and frees the device when it can.
    """

    def __init__(
        self,
        source: FrameSource,
        blur: BlurProcessor,
        frames: LatestFrame,
        sinks: Callable[[], Sequence[FrameSink]],
        on_change: Callable[[], None],
    ) -> None:
        self._source = source
        self._blur = blur
        self._frames = frames
        self._sinks = sinks
        self._on_change = on_change
        self._stop = threading.Event()
        self._delivering = threading.Lock()
        self._on_released: Callable[[], None] | None = None
        self.released = False
        """The device is free again."""
        self._tile_due_at = 0.0
        self.started_at = time.monotonic()
        self.last_at: float | None = None
        """When the last frame was read (monotonic); None before the first."""
        self.failure: CameraUnavailable | None = None
        threading.Thread(target=self._run, name="call-camera", daemon=True).start()

    def age_s(self) -> float:
        """Seconds since the last frame, or since the opening began."""
        return time.monotonic() - (self.last_at or self.started_at)

    def stop(self) -> None:
        """No frame is delivered after this returns. Does not wait for the device to be free."""
        with self._delivering:
            self._stop.set()

    @property
    def is_stopped(self) -> bool:
        return self._stop.is_set()

    def flush(self) -> None:
        """Returns when the frame that is being handed over, if any, is out: later ones see what was switched."""
        with self._delivering:
            return

    def when_released(self, call: Callable[[], None]) -> None:
        """`call` is called once the device is free again: now, or in the capture thread."""
        with self._delivering:
            self._on_released = call
            if not self.released:
                return
        call()

    def _run(self) -> None:
        lower_priority()
        try:
            self._source.open()
            while not self._stop.is_set():
                image = self._source.read(self._pause)
                if image is not None:
                    self._deliver(image)
        except CameraUnavailable as unavailable:
            self._fail(unavailable)
        except Exception:  # OpenCV and drivers raise whatever they like; the call goes on without a frame
            log.exception("the camera failed")
            self._fail(CameraUnavailable(DeviceFault.SILENT, "The camera stopped working."))
        finally:
            self._free()

    def _free(self) -> None:
        try:
            self._source.release()
        except Exception:  # the device is as free as it can become
            log.exception("a camera was not closed properly")
        with self._delivering:
            self.released, call = True, self._on_released
        if call is not None:
            call()

    def _pause(self, wait_s: float) -> None:
        if wait_s > 0:
            self._stop.wait(wait_s)

    def _fail(self, failure: CameraUnavailable) -> None:
        self.failure = failure
        if not self._stop.is_set():
            self._on_change()

    def _deliver(self, image: UInt8Array) -> None:
        now_s = time.monotonic()
        takers = [sink for sink in self._sinks() if sink.wants_frame()]
        is_watched = self._frames.is_wanted()
        to_tile = is_watched and now_s >= self._tile_due_at - EARLY_S
        wanted = bool(takers) or to_tile
        processed = self._blur.process(image) if wanted else None  # with the conversion, what costs the most
        converted = to_i420(processed.bgr, WIDTH, HEIGHT) if processed is not None else None
        with self._delivering:
            if self._stop.is_set():
                return
            first, self.last_at = self.last_at is None, time.monotonic()
            if not (wanted or is_watched):
                self._frames.skip()
            elif processed is not None and converted is not None and processed.generation == self._blur.generation:
                if to_tile or not is_watched:
                    self._tile_due_at = max(self._tile_due_at + 1 / TILE_RATE_HZ, now_s)
                    self._frames.put(*converted)
                for sink in takers:
                    sink.send_frame(*converted)
        if first:
            self._on_change()
