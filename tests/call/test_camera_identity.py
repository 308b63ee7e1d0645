"""A camera is told by what the system calls it, not by its number, and listing opens none."""

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import pytest
from cv2_enumerate_cameras import CameraInfo

from app.call.contract.devices import DeviceFault
from app.call.video.camera_list import (
    FoundCamera,
    addresses_of,
    camera_named,
    connected_cameras,
    linux_cameras,
    mac_cameras,
    windows_cameras,
)
from app.call.video.sources import Address, CameraUnavailable

DESK = r"\\?\usb#vid_046d&pid_0825&mi_00#7&2b&0&0000#"
CAPTURE, VIDEO = "{65e8773d-8f56-11d0-a3b9-00a0c9223196}", "{e5323777-f976-4f5b-9b55-b94699c46e44}"


def node(folder: Path, name: str, label: str, index: str = "0", by_id: str = "", by_path: str = "") -> None:
    """A camera's node, as the kernel and udev lay it out."""
    (folder / "sys" / name).mkdir(parents=True)
    (folder / "sys" / name / "index").write_text(f"{index}\n")
    (folder / "sys" / name / "name").write_text(f"{label}\n")
    (folder / name).touch()
    for kind, link in (("by-id", by_id), ("by-path", by_path)):
        if link:
            (folder / "v4l" / kind).mkdir(parents=True, exist_ok=True)
            (folder / "v4l" / kind / link).symlink_to(folder / name)


def linux(folder: Path) -> list[FoundCamera]:
    return linux_cameras(folder / "sys", folder / "v4l")


def test_linux_cameras_are_listed_by_name_without_their_metadata_nodes(tmp_path: Path) -> None:
    for name, index, label in (("video0", "0", "Front"), ("video1", "1", "Front metadata"), ("video2", "0", "Desk")):
        node(tmp_path, name, label, index)
    assert [(each.device.label, each.addresses[0].at) for each in linux(tmp_path)] == [
        ("Front", "/dev/video0"),
        ("Desk", "/dev/video2"),
    ]


def test_a_remembered_camera_is_found_under_another_number_and_no_other_in_its_place(tmp_path: Path) -> None:
    """e25: saved was "Desk webcam" = /dev/video2, which is the room's camera today."""
    before, today = tmp_path / "before", tmp_path / "today"
    node(before, "video0", "Room camera", by_id="usb-Acme_Room_17-video-index0")
    node(before, "video2", "Desk webcam", by_id="usb-Acme_Desk_42-video-index0")
    node(today, "video2", "Room camera", by_id="usb-Acme_Room_17-video-index0")
    desk = linux(before)[1].device
    with pytest.raises(CameraUnavailable) as caught:
        addresses_of(desk, linux(today))
    assert caught.value.fault is DeviceFault.MISSING
    assert "Desk webcam" in caught.value.detail
    node(today, "video7", "Desk webcam", by_id="usb-Acme_Desk_42-video-index0")
    assert addresses_of(desk, linux(today)) == (Address(cv2.CAP_V4L2, "/dev/video7"),)


def test_two_cameras_of_one_model_without_a_serial_number_are_told_apart_by_their_socket(tmp_path: Path) -> None:
    """udev gives its one link to whichever came last."""
    for folder, linked in (("before", "video0"), ("today", "video2")):
        for name, socket in (("video0", "usb-0:1"), ("video2", "usb-0:2")):
            link = "usb-Acme_Twin-video-index0" if name == linked else ""
            node(tmp_path / folder, name, "Twin", by_id=link, by_path=f"{socket}-video-index0")
    left = linux(tmp_path / "before")[0].device
    assert addresses_of(left, linux(tmp_path / "today"))[0].at == "/dev/video0"


def test_cameras_that_nothing_tells_apart_are_listed_once_each(tmp_path: Path) -> None:
    node(tmp_path, "video0", "Twin")
    node(tmp_path, "video1", "Twin")
    found = linux(tmp_path)
    assert len({each.device.id for each in found}) == 2


def test_a_camera_by_its_number_is_the_node_of_that_number(tmp_path: Path) -> None:
    """RENDEZVOUS_CAMERA=2 is asked for, not remembered."""
    node(tmp_path, "video0", "Front")
    node(tmp_path, "video2", "Desk")
    assert addresses_of(camera_named("2"), linux(tmp_path))[0].at == "/dev/video2"


def enumerated(**by_backend: list[tuple[str, str | None]]) -> Callable[[int], Iterable[CameraInfo]]:
    numbers = {"dshow": cv2.CAP_DSHOW, "msmf": cv2.CAP_MSMF, "mac": cv2.CAP_AVFOUNDATION}
    lists = {numbers[name]: cameras for name, cameras in by_backend.items()}
    return lambda backend: [
        CameraInfo(index, name, path, None, None, backend) for index, (name, path) in enumerate(lists[backend])
    ]


def test_on_windows_a_camera_is_listed_once_with_both_ways_to_open_it() -> None:
    found = windows_cameras(
        enumerated(
            dshow=[("OBS Virtual Camera", None), ("Desk webcam", f"{DESK}{CAPTURE}\\global")],
            msmf=[("Desk webcam", f"{DESK.upper()}{VIDEO}\\global"), ("Phone", r"\\?\swd#vcam#phone#{a}")],
        )
    )
    assert [each.device.label for each in found] == ["OBS Virtual Camera", "Desk webcam", "Phone"]
    assert found[1].addresses == (Address(cv2.CAP_DSHOW, 1), Address(cv2.CAP_MSMF, 0))
    assert found[2].addresses == (Address(cv2.CAP_MSMF, 1),)


def test_on_windows_and_macos_a_remembered_camera_is_found_at_another_index() -> None:
    """An iPhone that comes near moves every index on macOS."""
    before = mac_cameras(enumerated(mac=[("FaceTime HD Camera", "47B4-B64B")]))
    today = mac_cameras(enumerated(mac=[("Anna's iPhone", "0A1B-2C3D"), ("FaceTime HD Camera", "47B4-B64B")]))
    assert addresses_of(before[0].device, today) == (Address(cv2.CAP_AVFOUNDATION, 1),)
    with pytest.raises(CameraUnavailable):
        addresses_of(today[0].device, before)


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_listing_opens_no_camera(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    def opened(*arguments: object) -> None:
        raise AssertionError("a light flashes")

    monkeypatch.setattr(cv2, "VideoCapture", opened)
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr(
        "cv2_enumerate_cameras.enumerate_cameras", enumerated(dshow=[("A", "a")], msmf=[("A", "a")], mac=[("A", "a")])
    )
    assert [each.device.label for each in connected_cameras()] == ["A"]
