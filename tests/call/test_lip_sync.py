"""Frames are held back by what the voice is late, and by no more; they stay in their order and are bounded."""

import asyncio
from typing import Any, cast

import numpy as np
import pytest

from app.call.contract.stats import QualitySample
from app.call.room.subscriber import MAX_HELD_FRAMES, TrackSubscriber
from app.call.stats.lip_sync import MAX_HOLD_MS, FrameHold
from app.call.video.latest_frame import LatestFrame
from tests.waiting import until


def sample(audio_ms: float | None, video_ms: float | None) -> QualitySample:
    return QualitySample(at_s=1.0, span_s=1.0, jitter_buffer_ms=audio_ms, video_buffer_ms=video_ms)


@pytest.mark.parametrize(
    ("audio_ms", "video_ms", "playout_ms", "hold_ms"),
    [
        (40.0, 20.0, 10.0, 0.0),  # a calm wire
        (336.0, 20.0, 14.0, 290.0),  # a narrow one, before WebRTC has followed
        (336.0, 310.0, 14.0, 0.0),  # and after
        (40.0, 20.0, 130.0, 110.0),  # our own buffer, of which WebRTC does not know
        (20.0, 300.0, 0.0, 0.0),  # the voice is never held back for the video
        (2000.0, 0.0, 0.0, MAX_HOLD_MS),
        (None, 20.0, 10.0, 0.0),
        (300.0, None, 10.0, 0.0),
    ],
)
def test_frames_wait_for_what_the_voice_is_late_beyond_what_is_noticed(
    audio_ms: float | None, video_ms: float | None, playout_ms: float, hold_ms: float
) -> None:
    assert FrameHold().update(sample(audio_ms, video_ms), playout_ms) == pytest.approx(hold_ms)


def test_small_changes_of_the_difference_do_not_move_the_frames() -> None:
    hold = FrameHold()
    before_ms = hold.update(sample(200.0, 20.0), 10.0)
    assert hold.update(sample(210.0, 20.0), 10.0) == before_ms
    assert hold.update(sample(240.0, 20.0), 10.0) > before_ms


class Stage:
    """A subscriber without a connection, whose frames the test gives."""

    def __init__(self) -> None:
        self.frames = LatestFrame()
        self.frames.open()
        self.subscriber = TrackSubscriber(self.frames, LatestFrame(), None, cast(Any, None), lambda work, name: None)
        self.subscriber._video = "TR_1"
        self.put: list[int] = []
        self.frames.put = lambda width, *_: self.put.append(width)  # type: ignore[method-assign]  # to see the order

    def give(self, number: int) -> None:
        self.subscriber._hold("TR_1", (number, 1, np.zeros(1, np.uint8), 0))


async def test_held_frames_come_late_in_order_also_when_the_hold_shrinks() -> None:
    stage = Stage()
    stage.subscriber.hold_s = 0.1
    stage.give(1)
    stage.give(2)
    stage.subscriber.hold_s = 0.0
    stage.give(3)
    assert stage.put == []
    await until(lambda: stage.put == [1, 2, 3], "all come, in order", 2)
    stage.give(4)
    assert stage.put == [1, 2, 3, 4], "and then at once"


async def test_held_frames_are_bounded_and_those_of_a_track_that_is_gone_are_not_shown() -> None:
    stage = Stage()
    stage.subscriber.hold_s = 0.05
    for number in range(3 * MAX_HELD_FRAMES):
        stage.give(number)
    stage.subscriber._video = "TR_2"
    await asyncio.sleep(0.1)
    assert stage.put == []
    assert not stage.subscriber._held
    stage.subscriber._video = "TR_1"
    for number in range(3 * MAX_HELD_FRAMES):
        stage.give(number)
    await until(lambda: not stage.subscriber._held, "all are through", 2)
    assert stage.put == list(range(MAX_HELD_FRAMES))
