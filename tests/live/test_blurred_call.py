"""The peer of a real call gets no sharp frame of who has their background blurred."""

import asyncio
from pathlib import Path

import cv2
import numpy as np

from app.call.contract.call_state import CallState
from app.call.contract.engine import Frame, PixelFormat
from app.call.video.background_blur import can_blur
from tests.live.conftest import MakeSide
from tests.live.sides import Side
from tests.stage.left_out import left_out
from tests.waiting import until


def blocks_video(path: Path) -> Path:
    """A video of coloured blocks that move a little: sharp unless blurred, and no person in it (in stripes the model
    sees one).
    """
    blocks = np.random.default_rng(3).integers(0, 256, (45, 80, 3), np.uint8)
    image = cv2.resize(blocks, (640, 360), interpolation=cv2.INTER_NEAREST)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (640, 360))
    for at in range(30):
        writer.write(np.roll(image, at % 6, axis=1).astype(np.uint8))
    writer.release()
    return path


def contrast(frame: Frame) -> float:
    image = cv2.imdecode(np.frombuffer(frame.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    return float(image.astype(np.float32).std())


async def newest(side: Side, after: int) -> Frame:
    frame: Frame | None = None
    for _ in range(100):
        frame = await asyncio.wait_for(side.engine.remote_frame(after, 640, 360, PixelFormat.JPEG), 20)
        if frame is not None:
            return frame
        await asyncio.sleep(0.1)
    raise AssertionError("no video of the other came")


async def test_the_peer_receives_blurred_frames_only(side: MakeSide, tmp_path: Path) -> None:
    if not can_blur():
        left_out("LiteRT has no wheel for this system")
    anna, ben = await side("anna", camera=blocks_video(tmp_path / "blocks.avi")), await side("ben")
    await anna.engine.set_background_blur(True)
    await asyncio.gather(anna.join(), ben.join())
    await asyncio.gather(anna.state(CallState.IN_CALL), ben.state(CallState.IN_CALL))
    number = 0
    for _ in range(30):
        frame = await newest(ben, number)
        number = frame.number
        assert contrast(frame) < 20
    assert anna.now.background_blur.working

    await anna.engine.set_background_blur(False)

    async def sharp() -> None:
        seen = number
        while contrast(frame := await newest(ben, seen)) < 35:
            seen = frame.number

    await asyncio.wait_for(sharp(), 30)
    await anna.engine.set_background_blur(True)
    await until(lambda: anna.now.background_blur.working, "the blur is back")
