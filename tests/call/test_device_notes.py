"""The peer learns which devices fail here."""

import asyncio
import shutil
from pathlib import Path

from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.devices import DeviceFault, DeviceKind, DeviceState
from app.call.room.device_attributes import faults_to_publish, parse_fault
from tests.call.conftest import MakeSide
from tests.call.sides import ANNA_NUMBERS, until


def test_a_device_that_is_switched_off_is_not_missed() -> None:
    off = DeviceState(enabled=False, fault=DeviceFault.MISSING)
    broken = DeviceState(fault=DeviceFault.SILENT)
    noted = faults_to_publish(CallSnapshot(camera=off, microphone=broken))
    assert noted == {"camera_fault": "", "microphone_fault": "silent", "speaker_fault": ""}


def test_a_fault_that_this_version_does_not_know_counts_as_none() -> None:
    assert parse_fault({"camera_fault": "haunted"}, DeviceKind.CAMERA) is None
    assert parse_fault({}, DeviceKind.CAMERA) is None
    assert parse_fault({"camera_fault": "busy"}, DeviceKind.CAMERA) is DeviceFault.BUSY


async def test_someone_without_a_camera_is_known_to_have_none_by_those_there_and_those_who_come_later(
    side: MakeSide, tmp_path: Path
) -> None:
    anna, ben = await side("anna", camera=tmp_path / "no-such-video.avi"), await side("ben")
    await asyncio.gather(anna.join(), ben.join())
    await until(lambda: anna.now.camera.fault, "Anna has no camera")
    await until(lambda: ben.now.peer and ben.now.peer.camera_fault, "Ben is told")
    assert ben.now.peer is not None
    assert not ben.now.peer.camera_on
    await ben.engine.close()
    again = await side("ben")
    await again.join()
    await again.state(CallState.IN_CALL)
    await until(lambda: again.now.peer and again.now.peer.camera_fault, "Ben is told again")


async def test_a_fault_that_is_mended_is_taken_back(side: MakeSide, tmp_path: Path, videos: tuple[Path, Path]) -> None:
    anna, ben = await side("anna", camera=tmp_path / "later.avi"), await side("ben")
    await asyncio.gather(anna.join(), ben.join())
    await until(lambda: ben.now.peer and ben.now.peer.camera_fault, "Ben is told")
    shutil.copy(videos[0], tmp_path / "later.avi")
    await anna.engine.retry(DeviceKind.CAMERA)
    await until(lambda: ben.now.peer and ben.now.peer.camera_fault is None, "and told again")
    await ben.seen(ANNA_NUMBERS)
