"""How a camera is opened and read: devices and video files by OpenCV.

OpenCV: docs.opencv.org, "Flags for video I/O". Everything here blocks; it is called from threads made for it.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Protocol

import cv2
import numpy as np

from app.call.contract.devices import DeviceFault
from app.call.video.convert import UInt8Array

WIDTH, HEIGHT, RATE_HZ = 1280, 720, 30.0


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


class CameraDevice:
    """A camera of this machine, by its OpenCV index."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        if sys.platform == "linux":
            path = f"/dev/video{self._index}"
            if not os.path.exists(path):
                raise CameraUnavailable(DeviceFault.MISSING, "The camera is not connected.")
            if not os.access(path, os.R_OK | os.W_OK):
                raise CameraUnavailable(DeviceFault.REFUSED, "This app may not use the camera.")
        capture = cv2.VideoCapture(self._index, capture_backend())
        if not capture.isOpened():
            capture.release()
            if sys.platform == "darwin":  # it does not say why; a denied permission is by far the likeliest
                raise CameraUnavailable(DeviceFault.REFUSED, "Allow the camera in System Settings, Privacy & Security.")
            raise CameraUnavailable(DeviceFault.BUSY, "Another program is using the camera.")
        if sys.platform == "linux":  # uncompressed 720p does not fit through USB 2 at 30 frames a second
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        capture.set(cv2.CAP_PROP_FPS, RATE_HZ)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def read(self, pause: Callable[[float], object]) -> UInt8Array | None:
        got, image = self._capture.read() if self._capture is not None else (False, None)
        if not got or image is None:
            pause(0.05)
            return None
        return image.astype(np.uint8, copy=False)

    def release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None


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


def capture_backend() -> int:
    return {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}.get(
        sys.platform, cv2.CAP_ANY
    )
