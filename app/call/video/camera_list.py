"""Which cameras there are, told apart by their identity, without opening one. Everything here may block.

An index changes with each plug: the camera behind it is another one tomorrow. So `Device.id` of a camera is
what the system calls the thing itself: the udev link under /dev/v4l (Linux), the device path (Windows), the uniqueID
(macOS). It is compared before each opening.
"""

import logging
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import cv2

from app.call.contract.devices import TEST_PATTERN, Device, DeviceFault, DeviceKind
from app.call.video.sources import Address, CameraDevice, CameraUnavailable, FrameSource, VideoFile
from app.call.video.test_pattern import MovingTestPattern

log = logging.getLogger(__name__)

SYS_FOLDER = Path("/sys/class/video4linux")
LINKS_FOLDER = Path("/dev/v4l")
PREFIX = "camera:"
"""Of every identity, so that none is taken for a setting's index or file."""


@dataclass(frozen=True)
class FoundCamera:
    """A camera that is connected, and where OpenCV opens it: the first address that works."""

    device: Device
    addresses: tuple[Address, ...]


class CameraInfo(Protocol):
    """`cv2_enumerate_cameras.CameraInfo`, as much as is used of it."""

    index: int
    name: str
    path: str | None


Enumerate = Callable[[int], Iterable[CameraInfo]]
"""`cv2_enumerate_cameras.enumerate_cameras`: the cameras of one OpenCV backend, without opening them."""


def source_of(device: Device) -> FrameSource:
    """How this camera is read; nothing is opened yet."""
    if device == TEST_PATTERN:
        return MovingTestPattern()
    if device.id.startswith(PREFIX) or device.id.isdecimal():
        return CameraDevice(lambda: addresses_of(device, connected_cameras()))
    return VideoFile(device.id)


def addresses_of(device: Device, connected: list[FoundCamera]) -> tuple[Address, ...]:
    """Where this very camera is now. Raises `CameraUnavailable` (MISSING) when it is not connected."""
    for position, found in enumerate(connected):
        if found.device.id == device.id or (device.id.isdecimal() and _numbered(found, position) == int(device.id)):
            return found.addresses
    raise CameraUnavailable(DeviceFault.MISSING, f"{device.label} is not connected.")


def _numbered(found: FoundCamera, position: int) -> int:
    """What RENDEZVOUS_CAMERA calls it: the node's number on Linux, elsewhere the place in the list."""
    at = found.addresses[0].at
    return int(at.removeprefix("/dev/video")) if isinstance(at, str) else position


def camera_named(setting: str) -> Device:
    """RENDEZVOUS_CAMERA as a device: `test-picture`, an index, or the path of a video file."""
    if setting == TEST_PATTERN.id:
        return TEST_PATTERN
    label = f"Camera {int(setting) + 1}" if setting.isdecimal() else Path(setting).name
    return Device(DeviceKind.CAMERA, setting, label)


def list_cameras(in_use: Device | None) -> list[Device]:
    """Every camera that can be chosen now, the test pattern last; with what is in use, connected or not."""
    found = [each.device for each in connected_cameras()]
    if in_use is not None and in_use.id not in {TEST_PATTERN.id, *(each.id for each in found)}:
        found.append(in_use)
    return [*found, TEST_PATTERN]


def connected_cameras() -> list[FoundCamera]:
    """The cameras of this machine, in the system's order."""
    if sys.platform == "linux":
        return linux_cameras()
    try:
        from cv2_enumerate_cameras import enumerate_cameras
    except ImportError:  # no build for this machine (Windows on ARM): the first one, without a name
        log.warning("cameras cannot be listed", exc_info=True)
        backend = cv2.CAP_DSHOW if sys.platform == "win32" else cv2.CAP_AVFOUNDATION
        return [FoundCamera(Device(DeviceKind.CAMERA, f"{PREFIX}0", "Camera"), (Address(backend, 0),))]
    return windows_cameras(enumerate_cameras) if sys.platform == "win32" else mac_cameras(enumerate_cameras)


def linux_cameras(sys_folder: Path = SYS_FOLDER, links_folder: Path = LINKS_FOLDER) -> list[FoundCamera]:
    """From the kernel's own list; a camera's further nodes (index above 0) carry metadata, not frames."""
    nodes: list[tuple[str, str]] = []
    for node in sorted(sys_folder.glob("video*"), key=lambda path: int(path.name.removeprefix("video"))):
        try:
            first = (node / "index").read_text().strip() == "0"
            label = (node / "name").read_text().strip()
        except OSError:  # unplugged while we looked
            continue
        if first:
            nodes.append((node.name, label))
    by_id, by_path = _links(links_folder / "by-id"), _links(links_folder / "by-path")
    return _numbered_twins(
        FoundCamera(
            Device(DeviceKind.CAMERA, _linux_identity(name, label, nodes, by_id, by_path), label),
            (Address(cv2.CAP_V4L2, f"/dev/{name}"),),
        )
        for name, label in nodes
    )


def _linux_identity(
    name: str, label: str, nodes: list[tuple[str, str]], by_id: dict[str, str], by_path: dict[str, str]
) -> str:
    """udev's link by vendor, model and serial number. Of two of one model without a serial number only one has it, now
    this one and now that: these are told apart by the socket that they are plugged into.
    """
    twins = [each for each, other in nodes if other == label]
    if name in by_id and all(each in by_id for each in twins):
        return f"{PREFIX}{by_id[name]}"
    return f"{PREFIX}{by_path.get(name, label)}"


def _links(folder: Path) -> dict[str, str]:
    """The first link to each node, by the node's name."""
    found: dict[str, str] = {}
    for link in sorted(folder.glob("*")):
        found.setdefault(link.resolve().name, link.name)
    return found


def windows_cameras(enumerate_cameras: Enumerate) -> list[FoundCamera]:
    """DirectShow's list first, which opens at once; then what only Media Foundation knows. Both name a camera by the
    same path up to the interface's GUID.
    """
    found: dict[str, FoundCamera] = {}
    for backend in (cv2.CAP_DSHOW, cv2.CAP_MSMF):
        for camera in _identified(enumerate_cameras, backend):
            known = found.setdefault(camera.device.id, camera)
            if known is not camera:
                found[camera.device.id] = replace(known, addresses=(*known.addresses, *camera.addresses))
    return list(found.values())


def mac_cameras(enumerate_cameras: Enumerate) -> list[FoundCamera]:
    """Sorted by uniqueID, as OpenCV numbers them."""
    return _identified(enumerate_cameras, cv2.CAP_AVFOUNDATION)


def _identified(enumerate_cameras: Enumerate, backend: int) -> list[FoundCamera]:
    return _numbered_twins(
        FoundCamera(
            Device(DeviceKind.CAMERA, f"{PREFIX}{(info.path or info.name).lower().partition('#{')[0]}", info.name),
            (Address(backend, info.index),),
        )
        for info in enumerate_cameras(backend)
    )


def _numbered_twins(cameras: Iterable[FoundCamera]) -> list[FoundCamera]:
    """What the system does not tell apart is numbered: a list has each entry once."""
    found: list[FoundCamera] = []
    seen: dict[str, int] = {}
    for camera in cameras:
        count = seen[camera.device.id] = seen.get(camera.device.id, 0) + 1
        twin = replace(camera.device, id=f"{camera.device.id} ({count})")
        found.append(camera if count == 1 else replace(camera, device=twin))
    return found
