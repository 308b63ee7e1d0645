"""What a recording is given: what is sent and heard, behind blur and muting, and nothing while it does not write."""

import threading
from collections.abc import AsyncIterator

import numpy as np
import pytest

from app.call.audio.pcm import FRAME
from app.call.audio.portaudio_io import PortAudioIO
from app.call.recording.feed import MOST_WAITING, RecordingFeed
from app.call.recording.frame_slots import MAX_HEIGHT, MAX_WIDTH, SIZE, FrameSlots
from app.call.recording.messages import Kind, Message, Picture, Voice
from app.call.recording.taps import RecordingTaps
from app.call.room.publishing.screen_sharing import ScreenSharing
from app.call.state.store import SnapshotStore
from app.call.video.camera import Camera
from app.call.video.convert import I420Frame
from app.call.video.latest_frame import LatestFrame
from tests.call.test_blur_processor import Nobody, Stage, reads, stage
from tests.call.test_screens import x_screen
from tests.stage.x_screen import XScreen
from tests.waiting import eventually, until

__all__ = ["stage", "x_screen"]
BLOCK = (np.arange(FRAME) * 20).astype(np.int16).tobytes()


class Tapped:
    """The parts of a call with a recording attached; `feed` is what it gets."""

    def __init__(self, camera: Camera) -> None:
        self.audio = PortAudioIO(lambda: None, lambda frame: None)
        self.screen = ScreenSharing(SnapshotStore(), lambda work, name: work.close(), lambda: True)
        self.frames, self.screen_frames = LatestFrame(), LatestFrame()
        self.taps = RecordingTaps(camera, self.audio, self.screen, self.frames, self.screen_frames)
        self.feed = RecordingFeed()
        self.feed.slots = FrameSlots(bytearray(SIZE))
        self.feed.slots.prepare()
        self.taps.attach(self.feed)

    def seen(self, picture: Picture) -> I420Frame | None:
        assert self.feed.slots is not None
        taken = self.feed.slots.take(picture)
        return taken.frame if taken else None

    def said(self, kind: Kind) -> list[Message]:
        return [each for each in self.feed.drain() if each.kind is kind]

    def close(self) -> None:
        self.taps.detach()
        self.audio.end_workers()


@pytest.fixture
async def camera(stage: Stage) -> AsyncIterator[Camera]:
    camera, seen = stage(Nobody)
    seen.wants = False
    await camera.open()
    yield camera
    await camera.close()


@pytest.fixture
async def tapped(camera: Camera) -> AsyncIterator[Tapped]:
    tapped = Tapped(camera)
    yield tapped
    tapped.close()


def is_sharp(frame: I420Frame) -> bool:
    luma = frame.i420[: frame.width * frame.height].reshape(frame.height, frame.width).astype(np.int16)
    return bool(np.abs(np.diff(luma, axis=1)).mean() > 20)


async def test_the_own_camera_is_recorded_though_nobody_looks_and_the_room_wants_none(
    tapped: Tapped, camera: Camera
) -> None:
    await reads(camera, 5)
    assert tapped.seen(Picture.OWN_CAMERA) is None, "not before it is written"
    tapped.feed.write(True)
    frame = await until(lambda: tapped.seen(Picture.OWN_CAMERA), "frames come")
    assert is_sharp(frame)
    tapped.feed.write(False)
    camera._capture.flush()  # type: ignore[union-attr]
    tapped.seen(Picture.OWN_CAMERA)
    await reads(camera, 5)
    assert tapped.seen(Picture.OWN_CAMERA) is None, "nor after"


async def test_what_the_blur_hides_stays_hidden(tapped: Tapped, camera: Camera) -> None:
    tapped.feed.write(True)
    await until(lambda: tapped.seen(Picture.OWN_CAMERA), "frames come")
    camera.set_blur(True)
    assert tapped.said(Kind.CLOSED), "the last sharp one is taken away"
    tapped.seen(Picture.OWN_CAMERA)
    for _ in range(5):
        frame = await until(lambda: tapped.seen(Picture.OWN_CAMERA), "blurred frames come")
        assert not is_sharp(frame)


async def test_a_camera_that_is_switched_off_is_said(tapped: Tapped, camera: Camera) -> None:
    tapped.feed.write(True)
    await camera.set_enabled(False)
    assert Picture.OWN_CAMERA in {each.which for each in tapped.said(Kind.CLOSED)}


async def test_the_own_voice_is_recorded_as_it_is_sent_and_silent_while_muted(tapped: Tapped) -> None:
    tapped.audio.capture(BLOCK, FRAME)
    assert tapped.said(Kind.AUDIO) == []
    tapped.feed.write(True)
    tapped.audio.capture(BLOCK, FRAME)
    tapped.audio.set_microphone(False)
    tapped.audio.capture(BLOCK, FRAME)
    heard = tapped.said(Kind.AUDIO)
    assert [each.which for each in heard] == [Voice.OWN, Voice.OWN]
    assert any(heard[0].payload)
    assert not any(heard[1].payload)
    assert len(heard[1].payload) == 2 * FRAME


async def test_the_other_voice_is_recorded_as_it_goes_to_the_speaker(tapped: Tapped) -> None:
    tapped.feed.write(True)
    buffer = tapped.audio.mixer.add_track("TR_1")
    played = []
    for _ in range(20):
        buffer.put(np.frombuffer(BLOCK, np.int16))
        out = bytearray(FRAME)
        tapped.audio.mixer(memoryview(out), FRAME // 2)
        played.append(bytes(out))
    heard = tapped.said(Kind.AUDIO)
    assert [each.payload for each in heard] == played
    assert {each.which for each in heard} == {Voice.PEER}
    assert any(any(each) for each in played)


async def test_the_other_camera_and_their_screen_are_recorded_with_their_rotation(tapped: Tapped) -> None:
    tapped.feed.write(True)
    for frames, picture in ((tapped.frames, Picture.PEER_CAMERA), (tapped.screen_frames, Picture.PEER_SCREEN)):
        frames.open()
        frames.put(16, 8, np.arange(192, dtype=np.uint8), 90)
        frame = tapped.seen(picture)
        assert frame is not None
        assert (frame.width, frame.height, frame.rotation_deg) == (16, 8, 90)
        assert np.array_equal(frame.i420, np.arange(192, dtype=np.uint8))
        tapped.said(Kind.CLOSED)
        frames.close()
        assert [each.which for each in tapped.said(Kind.CLOSED)] == [picture]


async def test_the_own_screen_is_recorded_though_the_room_gets_none(
    tapped: Tapped,
    x_screen: XScreen,
) -> None:
    (screen,) = await tapped.screen.screens()
    await tapped.screen.share(screen)
    tapped.feed.write(True)
    frame = await until(lambda: tapped.seen(Picture.OWN_SCREEN), "frames come")
    assert (frame.width, frame.height) == (screen.width, screen.height)
    await tapped.screen.stop()
    assert Picture.OWN_SCREEN in {each.which for each in tapped.said(Kind.CLOSED)}
    tapped.screen.close()
    eventually(lambda: "call-screen" not in {each.name for each in threading.enumerate()}, "its thread has ended")


async def test_blocks_that_find_no_room_are_said_with_the_next_one(tapped: Tapped) -> None:
    tapped.feed.write(True)
    for _ in range(MOST_WAITING + 5):
        tapped.feed.hear(Voice.PEER, BLOCK)
    assert len(tapped.feed.drain()) == MOST_WAITING + 1
    for voice in (Voice.OWN, Voice.PEER, Voice.PEER):
        tapped.feed.hear(voice, BLOCK)
    kinds = [(each.kind, each.which) for each in tapped.feed.drain()[:-1]]
    assert kinds == [(Kind.AUDIO, Voice.OWN), (Kind.RESYNC, Voice.PEER), (Kind.AUDIO, Voice.PEER)]


async def test_once_detached_nothing_of_the_call_is_told(tapped: Tapped, camera: Camera) -> None:
    tapped.feed.write(True)
    tapped.taps.detach()
    tapped.feed.drain()
    tapped.frames.open()
    tapped.frames.put(16, 8, np.zeros(192, np.uint8))
    tapped.frames.close()
    tapped.audio.capture(BLOCK, FRAME)
    await camera.set_enabled(False)
    assert [each.kind for each in tapped.feed.drain()] == [Kind.TICK]
    assert tapped.seen(Picture.PEER_CAMERA) is None


@pytest.mark.parametrize("size", [(0, 0), (1, 5000), (640, 360), (-3, 8), (1 << 30, 1 << 30)])
def test_a_frame_that_is_not_as_large_as_it_says_is_left_out(size: tuple[int, int]) -> None:
    """It comes from the other side."""
    slots = FrameSlots(bytearray(SIZE))
    slots.prepare()
    slots.put(Picture.PEER_CAMERA, 1.0, I420Frame(*size, np.zeros(100, np.uint8), 0, 0))
    assert slots.take(Picture.PEER_CAMERA) is None


def test_a_frame_larger_than_a_slot_is_made_smaller() -> None:
    slots = FrameSlots(bytearray(SIZE))
    slots.prepare()
    grey = np.full(3840 * 2160 * 3 // 2, 90, np.uint8)
    slots.put(Picture.PEER_SCREEN, 1.0, I420Frame(3840, 2160, grey, 0, 0))
    taken = slots.take(Picture.PEER_SCREEN)
    assert taken is not None
    assert (taken.frame.width, taken.frame.height) == (MAX_WIDTH, MAX_HEIGHT)
    assert set(taken.frame.i420.tolist()) == {90}


def test_a_frame_that_is_being_read_is_not_written_over() -> None:
    slots = FrameSlots(bytearray(SIZE))
    slots.prepare()

    def put(value: int) -> None:
        slots.put(Picture.OWN_CAMERA, float(value), I420Frame(16, 8, np.full(192, value, np.uint8), 0, 0))

    put(1)
    taken = slots.take(Picture.OWN_CAMERA)
    assert taken is not None
    for value in range(2, 9):
        put(value)
    assert set(taken.frame.i420.tolist()) == {1}
    newest = slots.take(Picture.OWN_CAMERA)
    assert newest is not None
    assert (newest.instant_s, set(newest.frame.i420.tolist())) == (8.0, {8})
    assert slots.take(Picture.OWN_CAMERA) is None, "once only"
