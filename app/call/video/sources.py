"""Which cameras there are, and how each is opened and read: devices and video files by OpenCV, the test picture by us.

OpenCV: docs.opencv.org, "Flags for video I/O". Everything here blocks; it is called from threads made for it.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from app.call.contract.engine import Device, DeviceFault, DeviceKind
from app.call.video.convert import Bytes
from app.call.video.test_pattern import MovingPicture

TEST_PICTURE = Device(DeviceKind.CAMERA, "test-picture", "Test picture")
WIDTH, HEIGHT, RATE_HZ = 1280, 720, 30.0
PROBED_INDICES = range(4)


class CameraUnavailable(Exception):
    """Why a camera gives no picture; the text is for people."""

    def __init__(self, fault: DeviceFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class FrameSource(Protocol):
    """One opened camera; all methods are called from one thread."""

    def open(self) -> None:
        """Raises `CameraUnavailable`. May block for long."""
        ...

    def read(self, pause: Callable[[float], object]) -> Bytes | None:
        """The next picture (BGR) when it is due; None when there was none. Sources without a clock wait by `pause`."""
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
        capture = cv2.VideoCapture(self._index, _backend())
        if not capture.isOpened():
            capture.release()
            if sys.platform == "darwin":  # it does not say why; a denied permission is by far the likeliest
                raise CameraUnavailable(DeviceFault.REFUSED, "Allow the camera in System Settings, Privacy & Security.")
            raise CameraUnavailable(DeviceFault.BUSY, "Another program is using the camera.")
        if sys.platform == "linux":  # uncompressed 720p does not fit through USB 2 at 30 pictures a second
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        capture.set(cv2.CAP_PROP_FPS, RATE_HZ)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def read(self, pause: Callable[[float], object]) -> Bytes | None:
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

    def read(self, pause: Callable[[float], object]) -> Bytes | None:
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


def source_of(device: Device) -> FrameSource:
    """How this camera is read; nothing is opened yet."""
    if device == TEST_PICTURE:
        return MovingPicture()
    return CameraDevice(int(device.id)) if device.id.isdecimal() else VideoFile(device.id)


def camera_named(setting: str) -> Device:
    """RENDEZVOUS_CAMERA as a device: `test-picture`, an index, or the path of a video file."""
    if setting == TEST_PICTURE.id:
        return TEST_PICTURE
    label = f"Camera {int(setting) + 1}" if setting.isdecimal() else Path(setting).name
    return Device(DeviceKind.CAMERA, setting, label)


def list_cameras(in_use: Device | None) -> list[Device]:
    """Every camera that can be chosen now, the test picture last. Does not open what is in use, by us or by others
    where the system can tell without opening.
    """
    found = _linux_cameras() if sys.platform == "linux" else _probed_cameras(in_use)
    if in_use is not None and in_use not in (*found, TEST_PICTURE) and in_use.id not in {each.id for each in found}:
        found.append(in_use)
    return [*found, TEST_PICTURE]


def _linux_cameras(sys_folder: Path = Path("/sys/class/video4linux")) -> list[Device]:
    """From the kernel's own list; a camera's further nodes (index above 0) carry metadata, not pictures."""
    found = []
    for node in sorted(sys_folder.glob("video*"), key=lambda path: int(path.name.removeprefix("video"))):
        try:
            first = (node / "index").read_text().strip() == "0"
            label = (node / "name").read_text().strip()
        except OSError:  # unplugged while we looked
            continue
        if first:
            found.append(Device(DeviceKind.CAMERA, node.name.removeprefix("video"), label))
    return found


def _probed_cameras(in_use: Device | None) -> list[Device]:
    found = []
    for index in PROBED_INDICES:
        device = camera_named(str(index))
        if in_use is not None and in_use.id == device.id:
            found.append(device)
            continue
        capture = cv2.VideoCapture(index, _backend())
        if capture.isOpened():
            found.append(device)
        capture.release()
    return found


def _backend() -> int:
    return {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}.get(
        sys.platform, cv2.CAP_ANY
    )
