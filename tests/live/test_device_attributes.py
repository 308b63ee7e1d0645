"""The peer learns which devices fail here."""

import asyncio
import shutil
from pathlib import Path

from app.call.contract.call_state import CallState
from app.call.contract.devices import DeviceKind
from tests.live.conftest import MakeSide
from tests.live.sides import ANNA_NUMBERS
from tests.waiting import until


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
