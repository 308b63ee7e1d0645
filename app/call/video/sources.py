"""How a camera is opened and read: devices and video files by OpenCV.

OpenCV: docs.opencv.org, "Flags for video I/O". Everything here blocks; it is called from threads made for it.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from app.call.contract.devices import DeviceFault
from app.call.runtime.device_permission import Capability, DevicePermission, of_this_system
from app.call.video.convert import UInt8Array

WIDTH, HEIGHT, RATE_HZ = 1280, 720, 30.0
OTHER_SIZE = (640, 480)
DIRECTSHOW_LIMIT_S = 8.0


class CameraUnavailable(Exception):
    """Why a camera gives no frame; the text is for people."""

    def __init__(self, fault: DeviceFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class FrameSource(Protocol):
    """One opened camera; all methods are called from one thread."""

    def open(self) -> None:
        """Raises `CameraUnavailable`. May block for long."""
        ...

    def read(self, pause: Callable[[float], object]) -> UInt8Array | None:
        """The next frame (BGR) when it is due; None when there was none. Sources without a clock wait by `pause`."""
        ...

    def release(self) -> None: ...


@dataclass(frozen=True)
class Address:
    """Where OpenCV opens a camera: a backend (cv2.CAP_...) with a path (Linux) or an index."""

    backend: int
    at: str | int


_directshow = threading.Lock()
"""OpenCV keeps all of DirectShow's cameras in one object, which two threads must not set up at once."""


class CameraDevice:
    """A camera of this machine. `find` tells where it is at this moment, or raises `CameraUnavailable`."""

    def __init__(
        self, find: Callable[[], Sequence[Address]], permission: Callable[[], DevicePermission] = of_this_system
    ) -> None:
        self._find = find
        self._permission = permission
        self._capture: cv2.VideoCapture | None = None
        self._backend = cv2.CAP_ANY

    def open(self) -> None:
        for address in self._find():
            if address.backend == cv2.CAP_V4L2:
                _check_node(str(address.at))
            capture = self._set_up(address)
            if capture is not None:
                self._capture, self._backend = capture, address.backend
                return
        if self._permission().access(Capability.CAMERA).explains_failure:
            raise CameraUnavailable(DeviceFault.REFUSED, "The system's privacy settings forbid the camera.")
        raise CameraUnavailable(DeviceFault.BUSY, "Another program is using the camera.")

    def _set_up(self, address: Address) -> cv2.VideoCapture | None:
        with _alone(address.backend):
            capture = cv2.VideoCapture(address.at, address.backend)
            if not capture.isOpened():
                capture.release()
                return None
            choose_format(capture, address.backend)
            return capture

    def read(self, pause: Callable[[float], object]) -> UInt8Array | None:
        got, image = self._capture.read() if self._capture is not None else (False, None)
        if not got or image is None:
            pause(0.05)
            return None
        return image.astype(np.uint8, copy=False)

    def release(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            with _alone(self._backend, closing=True):
                capture.release()


@contextlib.contextmanager
def _alone(backend: int, closing: bool = False) -> Iterator[None]:
    """Waits for its turn at DirectShow. When another camera's driver keeps it for long, what is `closing` goes on, and
    all else raises `CameraUnavailable`.
    """
    if backend != cv2.CAP_DSHOW:
        yield
        return
    has_turn = _directshow.acquire(timeout=DIRECTSHOW_LIMIT_S)
    if not has_turn and not closing:
        raise CameraUnavailable(DeviceFault.BUSY, "Another camera's driver does not answer. Unplug that camera.")
    try:
        yield
    finally:
        if has_turn:
            _directshow.release()


def _check_node(path: str) -> None:
    if not os.path.exists(path):
        raise CameraUnavailable(DeviceFault.MISSING, "The camera is not connected.")
    if not os.access(path, os.R_OK | os.W_OK):
        raise CameraUnavailable(DeviceFault.REFUSED, "This app may not use the camera.")


def choose_format(capture: cv2.VideoCapture, backend: int) -> None:
    """720p at 30 frames a second, as MJPG: uncompressed it does not fit through USB 2, and a camera then gives 5 to 10.

    The order is each backend's own (opencv/modules/videoio). DirectShow begins again with every setting: the rate drops
    a format that was chosen before it, and width with height take one only when they change the size.
    """
    mjpg = cv2.VideoWriter.fourcc(*"MJPG")
    if backend == cv2.CAP_DSHOW:
        capture.set(cv2.CAP_PROP_FPS, RATE_HZ)
        _set_size(capture, WIDTH, HEIGHT, mjpg)
        if int(capture.get(cv2.CAP_PROP_FOURCC)) != mjpg:
            _set_size(capture, *OTHER_SIZE, mjpg)
            _set_size(capture, WIDTH, HEIGHT, mjpg)
        return
    _set_size(capture, WIDTH, HEIGHT, None if backend == cv2.CAP_AVFOUNDATION else mjpg)
    capture.set(cv2.CAP_PROP_FPS, RATE_HZ)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)


def _set_size(capture: cv2.VideoCapture, width: int, height: int, fourcc: int | None) -> None:
    if fourcc is not None:
        capture.set(cv2.CAP_PROP_FOURCC, fourcc)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)


class VideoFile:
    """A video file as a camera, over and over, at its own rate."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._capture: cv2.VideoCapture | None = None
        self._period_s = 1 / RATE_HZ
        self._due = 0.0

    def open(self) -> None:
        if not os.path.isfile(self._path):
            raise CameraUnavailable(DeviceFault.MISSING, "The video file is not there.")
        self._capture = self._opened()
        rate_hz = self._capture.get(cv2.CAP_PROP_FPS)
        self._period_s = 1 / rate_hz if 1 <= rate_hz <= 120 else 1 / RATE_HZ
        self._due = time.monotonic()

    def _opened(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(self._path)
        if not capture.isOpened():
            capture.release()
            raise CameraUnavailable(DeviceFault.MISSING, "The file is not a video that can be read.")
        return capture

    def read(self, pause: Callable[[float], object]) -> UInt8Array | None:
        got, image = self._capture.read() if self._capture is not None else (False, None)
        if not got:
            self.release()
            self._capture = self._opened()
            got, image = self._capture.read()
        self._due = max(self._due + self._period_s, time.monotonic() - 0.1)
        pause(self._due - time.monotonic())
        return image.astype(np.uint8, copy=False) if got and image is not None else None

    def release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
