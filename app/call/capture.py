"""One opening of one camera, in a thread of its own: OpenCV blocks while it reads, and may hang while it opens."""

import logging
import threading
import time
from collections.abc import Callable

from app.call.cameras import HEIGHT, WIDTH, CameraUnavailable, FrameSource
from app.call.pictures import Bytes, NewestPicture, to_i420
from app.call.ports import DeviceFault

log = logging.getLogger(__name__)

Sink = Callable[[int, int, Bytes], None]
"""Takes width, height and flat I420 of each picture; called in the capture thread."""


class Capture:
    """Reads `source` until stopped. `on_change` is called in the capture thread: once it runs, and when it fails.

    A thread that hangs in the driver is abandoned: it delivers nothing more and lets go of the device when it can.
    """

    def __init__(self, source: FrameSource, pictures: NewestPicture, sink: Sink, on_change: Callable[[], None]) -> None:
        self._source = source
        self._pictures = pictures
        self._sink = sink
        self._on_change = on_change
        self._stop = threading.Event()
        self._delivering = threading.Lock()
        self._on_released: Callable[[], None] | None = None
        self._released = False
        self.started_at = time.monotonic()
        self.last_at: float | None = None
        """When the last picture was read (monotonic); None before the first."""
        self.failure: CameraUnavailable | None = None
        threading.Thread(target=self._run, name="call-camera", daemon=True).start()

    def age_s(self) -> float:
        """Seconds since the last picture, or since the opening began."""
        return time.monotonic() - (self.last_at or self.started_at)

    def stop(self) -> None:
        """No picture is delivered after this returns. Does not wait for the device to be free."""
        with self._delivering:
            self._stop.set()

    def when_released(self, call: Callable[[], None]) -> None:
        """`call` is called once the device is free again: now, or in the capture thread."""
        with self._delivering:
            self._on_released = call
            if not self._released:
                return
        call()

    def _run(self) -> None:
        try:
            self._source.open()
            while not self._stop.is_set():
                image = self._source.read(self._pause)
                if image is not None:
                    self._deliver(image)
        except CameraUnavailable as unavailable:
            self._fail(unavailable)
        except Exception:  # OpenCV and drivers raise whatever they like; the call goes on without a picture
            log.exception("the camera failed")
            self._fail(CameraUnavailable(DeviceFault.SILENT, "The camera stopped working."))
        finally:
            self._source.release()
            with self._delivering:
                self._released, call = True, self._on_released
            if call is not None:
                call()

    def _pause(self, wait_s: float) -> None:
        if wait_s > 0:
            self._stop.wait(wait_s)

    def _fail(self, failure: CameraUnavailable) -> None:
        self.failure = failure
        if not self._stop.is_set():
            self._on_change()

    def _deliver(self, image: Bytes) -> None:
        width, height, i420 = to_i420(image, WIDTH, HEIGHT)
        with self._delivering:
            if self._stop.is_set():
                return
            first, self.last_at = self.last_at is None, time.monotonic()
            self._pictures.put(width, height, i420)
            self._sink(width, height, i420)
        if first:
            self._on_change()
