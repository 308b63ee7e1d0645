"""Which cameras there are, how each is named, and which source reads it. Everything here may block."""

import sys
from pathlib import Path

import cv2

from app.call.contract.devices import Device, DeviceKind
from app.call.video.sources import CameraDevice, FrameSource, VideoFile, capture_backend
from app.call.video.test_pattern import MovingTestPattern

TEST_PATTERN = Device(DeviceKind.CAMERA, "test-picture", "Test picture")
PROBED_INDICES = range(4)


def source_of(device: Device) -> FrameSource:
    """How this camera is read; nothing is opened yet."""
    if device == TEST_PATTERN:
        return MovingTestPattern()
    return CameraDevice(int(device.id)) if device.id.isdecimal() else VideoFile(device.id)


def camera_named(setting: str) -> Device:
    """RENDEZVOUS_CAMERA as a device: `test-picture`, an index, or the path of a video file."""
    if setting == TEST_PATTERN.id:
        return TEST_PATTERN
    label = f"Camera {int(setting) + 1}" if setting.isdecimal() else Path(setting).name
    return Device(DeviceKind.CAMERA, setting, label)


def list_cameras(in_use: Device | None) -> list[Device]:
    """Every camera that can be chosen now, the test pattern last. Does not open what is in use, by us or by others
    where the system can tell without opening.
    """
    found = _linux_cameras() if sys.platform == "linux" else _probed_cameras(in_use)
    if in_use is not None and in_use not in (*found, TEST_PATTERN) and in_use.id not in {each.id for each in found}:
        found.append(in_use)
    return [*found, TEST_PATTERN]


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
        capture = cv2.VideoCapture(index, capture_backend())
        if capture.isOpened():
            found.append(device)
        capture.release()
    return found
