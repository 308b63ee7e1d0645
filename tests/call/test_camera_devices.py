"""How a camera of this machine is found, opened and set up on each system, by stand-ins that behave as documented.

DirectShow's as opencv/modules/videoio/src/cap_dshow.cpp: setting the rate begins again without the chosen format, and
a format counts only with a width and height that change the size.
"""

import subprocess
import sys
import threading

import cv2
import pytest

from app.call.contract.devices import DeviceFault
from app.call.runtime.device_permission import Access, Capability
from app.call.video import sources
from app.call.video.sources import Address, CameraDevice, CameraUnavailable

MJPG = cv2.VideoWriter.fourcc(*"MJPG")
YUY2 = cv2.VideoWriter.fourcc(*"YUY2")


class Permission:
    def __init__(self, access: Access = Access.UNKNOWN) -> None:
        self._access = access

    def access(self, capability: Capability) -> Access:
        return self._access

    def request(self, capability: Capability) -> None: ...


class DirectShow:
    """One camera behind `cv2.VideoCapture`, by its defaults 640x480 (or what is given) uncompressed."""

    size = (640, 480)

    def __init__(self, at: int, backend: int) -> None:
        assert backend == cv2.CAP_DSHOW
        self.width, self.height = self.size
        self.fourcc, self.rate = YUY2, 15.0
        self._wanted: dict[int, float] = {}

    def isOpened(self) -> bool:
        return True

    def get(self, what: int) -> float:
        return {cv2.CAP_PROP_FOURCC: float(self.fourcc), cv2.CAP_PROP_FPS: self.rate}.get(what, 0.0)

    def set(self, what: int, value: float) -> bool:
        if what == cv2.CAP_PROP_FPS:
            if value != self.rate:
                self.rate, self.fourcc = value, YUY2
            return True
        self._wanted[what] = value
        width = self._wanted.get(cv2.CAP_PROP_FRAME_WIDTH)
        height = self._wanted.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width and height:
            if (width, height) != (self.width, self.height):
                self.width, self.height = int(width), int(height)
                self.fourcc = int(self._wanted.get(cv2.CAP_PROP_FOURCC, YUY2))
            self._wanted.clear()
        return True

    def release(self) -> None: ...


class Closed:
    """What is in use, forbidden or gone: OpenCV does not say which."""

    def __init__(self, at: object, backend: int) -> None: ...

    def isOpened(self) -> bool:
        return False

    def release(self) -> None: ...


def device(*addresses: Address, access: Access = Access.UNKNOWN) -> CameraDevice:
    return CameraDevice(lambda: addresses, lambda: Permission(access))


@pytest.mark.parametrize("default_size", [(640, 480), (1280, 720), (1920, 1080)])
def test_by_directshow_a_camera_gives_720p_as_mjpg_at_30_frames(
    monkeypatch: pytest.MonkeyPatch, default_size: tuple[int, int]
) -> None:
    monkeypatch.setattr(DirectShow, "size", default_size)
    monkeypatch.setattr(cv2, "VideoCapture", DirectShow)
    camera = device(Address(cv2.CAP_DSHOW, 0))
    camera.open()
    opened = camera._capture
    assert isinstance(opened, DirectShow)
    assert (opened.width, opened.height, opened.rate, opened.fourcc) == (1280, 720, 30.0, MJPG)
    camera.release()


def test_a_camera_that_directshow_cannot_open_is_tried_by_media_foundation(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    class ByMediaFoundation(Closed):
        def __init__(self, at: object, backend: int) -> None:
            tried.append(backend)

        def isOpened(self) -> bool:
            return tried[-1] == cv2.CAP_MSMF

        def set(self, what: int, value: float) -> bool:
            return True

    monkeypatch.setattr(cv2, "VideoCapture", ByMediaFoundation)
    camera = device(Address(cv2.CAP_DSHOW, 1), Address(cv2.CAP_MSMF, 0))
    camera.open()
    assert tried == [cv2.CAP_DSHOW, cv2.CAP_MSMF]
    camera.release()


@pytest.mark.parametrize(
    ("access", "fault"),
    [
        (Access.REFUSED, DeviceFault.REFUSED),
        (Access.SWITCHED_OFF, DeviceFault.REFUSED),
        (Access.UNKNOWN, DeviceFault.BUSY),
        (Access.GRANTED, DeviceFault.BUSY),
    ],
)
@pytest.mark.parametrize("backend", [cv2.CAP_DSHOW, cv2.CAP_AVFOUNDATION])
def test_a_camera_that_does_not_open_is_refused_only_if_the_system_refuses_it(
    monkeypatch: pytest.MonkeyPatch, backend: int, access: Access, fault: DeviceFault
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", Closed)
    with pytest.raises(CameraUnavailable) as caught:
        device(Address(backend, 0), access=access).open()
    assert caught.value.fault is fault


def test_a_camera_that_is_not_connected_is_missing() -> None:
    with pytest.raises(CameraUnavailable) as caught:
        device(Address(cv2.CAP_V4L2, "/dev/video97")).open()
    assert caught.value.fault is DeviceFault.MISSING


def test_a_camera_that_this_account_may_not_use_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.call.video.sources.os.path.exists", lambda _path: True)
    monkeypatch.setattr("app.call.video.sources.os.access", lambda _path, _mode: False)
    with pytest.raises(CameraUnavailable) as caught:
        device(Address(cv2.CAP_V4L2, "/dev/video0")).open()
    assert caught.value.fault is DeviceFault.REFUSED


def test_directshow_is_set_up_by_one_thread_at_a_time_and_a_hung_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go, entered = threading.Event(), threading.Event()

    class Hanging(Closed):
        def __init__(self, at: object, backend: int) -> None:
            entered.set()
            let_go.wait(30)

    monkeypatch.setattr(cv2, "VideoCapture", Hanging)
    monkeypatch.setattr(sources, "DIRECTSHOW_LIMIT_S", 0.1)

    def open_first() -> None:
        with pytest.raises(CameraUnavailable):
            device(Address(cv2.CAP_DSHOW, 0)).open()

    first = threading.Thread(target=open_first)
    first.start()
    assert entered.wait(10)
    with pytest.raises(CameraUnavailable, match="Another camera's driver"):
        device(Address(cv2.CAP_DSHOW, 1)).open()
    let_go.set()
    first.join(10)


def test_opencv_is_told_before_it_is_loaded_not_to_ask_on_macos_and_to_open_quickly_on_windows() -> None:
    code = (
        "import sys, os, app.call.video; "
        "print('cv2' in sys.modules, os.environ['OPENCV_AVFOUNDATION_SKIP_AUTH'], "
        "os.environ['OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS'])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.stdout.split() == ["False", "1", "0"], ran.stderr
