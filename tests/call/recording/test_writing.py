"""What gets into the file, and when: told to the writer by messages, read again by PyAV."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from app.call.audio.pcm import FRAME, MS
from app.call.recording.messages import Kind, Message, Picture, Voice
from app.call.recording.writing.scene import EMPTY, GROUND
from app.call.video.convert import I420Frame
from tests.stage.recorded import Recorded, number_at
from tests.stage.written_call import (
    FRAMES_HZ,
    NUMBERS,
    OWN,
    OWN_HZ,
    PEER,
    PEER_HZ,
    TONE_S,
    WrittenCall,
    box_of,
    numbered,
)

IN_SYNC_S = 0.040
SILENT = 0.0005
CAMERAS = (Picture.OWN_CAMERA, Picture.PEER_CAMERA)
SCREEN_BOX = box_of(Picture.PEER_SCREEN, Picture.PEER_SCREEN)


@pytest.fixture
def call(tmp_path: Path) -> WrittenCall:
    return WrittenCall(tmp_path / "session.mp4")


def finished(call: WrittenCall) -> Recorded:
    file = call.finish()
    assert file is not None
    return Recorded(file)


def apart_s(recorded: Recorded, picture: Picture, hz: float, phase_s: float) -> list[float]:
    """By how much each tone begins after the frame of its second, which came `phase_s` after it."""
    shown = recorded.numbers(box_of(picture), NUMBERS[picture])
    seconds = [at_s - phase_s for at_s, number in shown if number % FRAMES_HZ == 0]
    tones = recorded.onsets(hz)
    assert len(seconds) - len(tones) in (0, 1)  # the last second may have begun
    return [tone_s - at_s for at_s, tone_s in zip(seconds, tones, strict=False)]


def test_both_pictures_and_both_voices_are_in_the_file_in_sync_from_beginning_to_end(call: WrittenCall) -> None:
    call.write(True)
    call.run(20)
    recorded = finished(call)
    assert recorded.codecs == ["h264", "aac"]
    assert abs(recorded.seconds - 20) < 0.1
    for picture, hz in ((Picture.OWN_CAMERA, OWN_HZ), (Picture.PEER_CAMERA, PEER_HZ)):
        shown = [number for _, number in recorded.numbers(box_of(picture), NUMBERS[picture])]
        assert shown == sorted(shown)
        assert len(shown) > 0.9 * 20 * FRAMES_HZ
        apart = apart_s(recorded, picture, hz, call.cameras[picture])
        assert len(apart) == 20
        assert max(map(abs, apart)) < IN_SYNC_S


def test_no_more_than_30_frames_a_second_are_written_whatever_comes(call: WrittenCall) -> None:
    call.cameras = {}
    call.write(True)
    for count in range(500):
        call.show(Picture.OWN_CAMERA, OWN[count])
        call.run(0.01)
    assert 28 * 5 < len(finished(call).frames) <= 32 * 5


def test_what_comes_while_nothing_is_written_is_left_out_to_the_sample(call: WrittenCall) -> None:
    call.write(True)
    call.run(2.5)
    call.write(False)
    call.tone_s = 1.0
    call.run(3)
    call.tone_s = TONE_S
    call.write(True)
    call.run(2)
    recorded = finished(call)
    assert abs(recorded.seconds - 4.5) < 0.1
    assert recorded.loudness(2.2, 2.9) < SILENT
    shown = [number - OWN[0] for _, number in recorded.numbers(box_of(Picture.OWN_CAMERA), OWN)]
    assert [each for each in shown if 2.5 * FRAMES_HZ < each < 5.5 * FRAMES_HZ - 1] == []
    assert shown[-1] > 7 * FRAMES_HZ
    tones = recorded.onsets(OWN_HZ)
    assert [round(each, 1) for each in tones] == [0, 1, 2, 3, 4]


def test_what_still_waits_when_writing_ends_is_left_out_too(call: WrittenCall) -> None:
    """Blocks and a frame that came after the end, and are only read after it."""
    call.write(True)
    call.run(1.5)
    call.write(False)
    call.tone_s = 1.0
    call.show(Picture.OWN_CAMERA, OWN[900], at_s=1.51)
    call.run(0.9)
    call.cameras, call.voices = {}, {}
    call.run(0.1)
    call.write(True)
    call.run(1)
    recorded = finished(call)
    assert recorded.loudness(1.2, 2.4) < SILENT
    numbers = {number_at(luma, box_of(Picture.OWN_CAMERA)) for _, luma in recorded.frames}
    assert OWN[900] not in numbers
    assert not any(1.55 * FRAMES_HZ < number - OWN[0] < 2.45 * FRAMES_HZ for number in numbers)


def test_of_a_block_that_began_before_writing_did_only_the_rest_is_heard(call: WrittenCall) -> None:
    call.run(0.005)
    call.write(True)
    loud = np.full(FRAME, 20_000, np.int16)
    call.writer.handle(Message(Kind.AUDIO, Voice.OWN, call.instant(0.004), loud.tobytes()))
    timeline = call.writer._timeline
    assert timeline is not None
    heard = timeline._voices.take(FRAME)
    assert np.flatnonzero(heard).max() == 4 * MS - 1


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_a_frame_stands_upright_however_it_is_turned(call: WrittenCall, rotation_deg: int) -> None:
    call.rotation_deg = rotation_deg
    call.write(True)
    call.run(1)
    assert len(finished(call).numbers(box_of(Picture.OWN_CAMERA), OWN)) > 20


def test_a_camera_that_is_off_leaves_a_plain_tile_and_not_its_last_frame(call: WrittenCall) -> None:
    call.write(True)
    call.run(1)
    call.tell(Kind.CLOSED, Picture.PEER_CAMERA)
    del call.cameras[Picture.PEER_CAMERA]
    call.run(1)
    recorded = finished(call)
    box = box_of(Picture.PEER_CAMERA)
    tile = recorded.at(1.5)[box.y + 4 : box.y + box.height - 4, box.x + 4 : box.x + box.width - 4]
    assert tile.std() < 3
    assert abs(float(tile.mean()) - EMPTY) < 4
    assert number_at(recorded.at(1.5), box_of(Picture.OWN_CAMERA)) in OWN


def test_a_frame_from_before_a_camera_went_off_does_not_come_back(call: WrittenCall) -> None:
    call.write(True)
    call.run(0.5)
    before_s = call.now_s
    del call.cameras[Picture.PEER_CAMERA]
    call.run(0.1)
    call.tell(Kind.CLOSED, Picture.PEER_CAMERA)
    call.show(Picture.PEER_CAMERA, PEER[700], at_s=before_s)
    call.run(0.5)
    box = box_of(Picture.PEER_CAMERA)
    assert finished(call).at(1.0)[box.y + box.height // 2, box.x : box.x + box.width].std() < 3


def test_a_shared_screen_is_large_with_both_people_beside_it_and_theirs_comes_first(call: WrittenCall) -> None:
    call.write(True)
    call.run(0.5)
    call.show(Picture.OWN_SCREEN, 9001)
    call.run(1)
    call.show(Picture.PEER_SCREEN, 9002)
    call.run(1)
    call.tell(Kind.CLOSED, Picture.PEER_SCREEN)
    call.run(1)
    call.tell(Kind.CLOSED, Picture.OWN_SCREEN)
    call.run(1)
    recorded = finished(call)
    assert [number_at(recorded.at(at_s), SCREEN_BOX) for at_s in (1.0, 2.0, 3.0)] == [9001, 9002, 9001]
    for at_s, screen in ((0.4, None), (2.0, Picture.PEER_SCREEN), (4.2, None)):
        for picture in CAMERAS:
            assert number_at(recorded.at(at_s), box_of(picture, screen)) in NUMBERS[picture]


def test_around_the_pictures_there_is_an_even_dark_margin(call: WrittenCall) -> None:
    call.write(True)
    call.run(0.5)
    luma = finished(call).at(0.4)
    assert np.abs(luma[2:12, :].astype(int) - GROUND).max() < 12
    assert np.abs(luma[:, 2:12].astype(int) - GROUND).max() < 12


def test_beside_a_narrow_picture_nothing_is_left_of_a_wide_one_before_it(call: WrittenCall) -> None:
    call.cameras = {}
    call.write(True)
    call.show(Picture.PEER_CAMERA, PEER[0])
    call.run(0.5)
    call.slots.put(Picture.PEER_CAMERA, call.instant(), numbered(PEER[1], 90, 160))
    call.run(0.5)
    wide = box_of(Picture.PEER_CAMERA)
    left = finished(call).at(0.9)[wide.y : wide.y + wide.height, wide.x : wide.x + 40]
    assert np.abs(left.astype(int) - GROUND).max() < 12


def test_a_picture_that_stands_still_is_written_again_every_second(call: WrittenCall) -> None:
    call.cameras = {}
    call.write(True)
    call.show(Picture.OWN_CAMERA, OWN[0])
    call.run(4)
    times = [at_s for at_s, _ in finished(call).frames]
    assert max(after - before for before, after in itertools.pairwise(times)) <= 1.0


def test_nothing_written_leaves_no_file(call: WrittenCall, tmp_path: Path) -> None:
    call.run(1)
    assert call.finish() is None
    assert list(tmp_path.iterdir()) == []


def test_blocks_that_are_lost_are_silence_and_what_follows_stays_in_its_place(call: WrittenCall) -> None:
    call.write(True)
    call.run(1.5)
    voices, call.voices = call.voices, {}
    call.run(2)
    call.voices = voices
    call.run(3)
    recorded = finished(call)
    assert [round(each, 1) for each in recorded.onsets(OWN_HZ)] == [0, 1, 4, 5, 6]
    assert recorded.loudness(1.6, 3.4) < 0.001


def test_a_machine_that_slept_leaves_no_hole(call: WrittenCall) -> None:
    call.write(True)
    call.run(1)
    call.now_s += 3600
    call.cameras = {}
    call.run(1)
    assert abs(finished(call).seconds - 2) < 0.2


@pytest.mark.parametrize("rotation_deg", [0, 90, 45])
def test_a_frame_of_any_size_is_drawn(call: WrittenCall, rotation_deg: int) -> None:
    """The other side decides on it."""
    call.cameras = {Picture.OWN_CAMERA: 0.0}
    call.write(True)
    for width, height in ((2, 2), (3, 1079), (1920, 2), (1919, 1077), (16, 16)):
        grey = np.full(width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2), 128, np.uint8)
        call.slots.put(Picture.PEER_CAMERA, call.instant(), I420Frame(width, height, grey, rotation_deg, 0))
        call.run(0.1)
    assert call.failure is None
    assert len(finished(call).numbers(box_of(Picture.OWN_CAMERA), OWN)) > 10
