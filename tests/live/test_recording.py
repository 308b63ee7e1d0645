"""A call of two real sides is recorded on one of them: what is in the file is what was seen and heard there, when it
was.
"""

import asyncio
import os
import signal
import time
from pathlib import Path

from app.call.recording.messages import Picture
from app.call.recording.process_recorder import ProcessRecorder
from tests.live.conftest import MakeSide
from tests.live.live_recording import APART_S, LiveRecording, box_of, in_parts, split
from tests.live.sides import ANNA_NUMBERS, BEN_NUMBERS, both_in_call
from tests.live.soak import times
from tests.stage.recorded import Recorded
from tests.stage.sound_cards import SoundCards, bursts
from tests.waiting import until

SECONDS = times(12, 60)
PERIOD_S = 1.0
ANNA_HZ, BEN_HZ = 800.0, 1300.0
IN_SYNC_MS = 40.0


async def test_both_pictures_and_both_voices_are_recorded_in_sync_to_the_end(
    side: MakeSide, cards: SoundCards, tmp_path: Path
) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    mouth, ear = cards.listen("mic_a"), cards.listen("spk_a")
    count = int(SECONDS / PERIOD_S) + 30  # it begins before what writes has started
    players = [cards.say(card, bursts(hz, count, PERIOD_S)) for card, hz in (("a", ANNA_HZ), ("b", BEN_HZ))]
    recording = LiveRecording(anna)
    try:
        await recording.begin(tmp_path / "call.mp4")
        await until(lambda: time.perf_counter() - recording.began_s > SECONDS, "it goes on", SECONDS + 5)
        file = await recording.finish()
    finally:
        for one in players:
            one.kill()
        heard = {Picture.OWN_CAMERA: mouth.onsets(apart_s=APART_S), Picture.PEER_CAMERA: ear.onsets(apart_s=APART_S)}
        mouth.close()
        ear.close()
    assert file is not None
    recorded = await asyncio.to_thread(Recorded, file, 4)
    size = (await asyncio.to_thread(file.stat)).st_size
    print(f"{recorded.seconds:.1f} s, {60 * size / recorded.seconds / 1e6:.1f} MB a minute")
    assert abs(recorded.seconds - SECONDS) < 0.5
    for picture, numbers, hz in (
        (Picture.OWN_CAMERA, ANNA_NUMBERS, ANNA_HZ),
        (Picture.PEER_CAMERA, BEN_NUMBERS, BEN_HZ),
    ):
        frames = recording.frames_late_ms(recorded, picture)
        tones = recording.tones_late_ms(recorded, hz, recording.tones(picture))
        assert {number for _, number in recorded.numbers(box_of(picture), range(1, 1 << 16))} <= {*numbers}
        assert all(len(part) > 2 for part in split(frames, SECONDS))  # a busy machine leaves frames out
        assert all(len(part) > 1 for part in split(tones, SECONDS))
        at_card = in_parts(recording.tones_late_ms(recorded, hz, heard[picture]), SECONDS)
        pictures, voices = in_parts(frames, SECONDS), in_parts(tones, SECONDS)
        apart = [voice - frame for frame, voice in zip(pictures, voices, strict=True)]
        print(picture.name, "pictures", _said(pictures), "voices", _said(voices), "apart", _said(apart), "ms")
        print("  voices by the card", _said(at_card), "ms")
        print("  latest picture", round(max(late for _, late in frames)), "ms")
        assert max(map(abs, apart)) < IN_SYNC_MS


def _said(figures: list[float]) -> list[int]:
    return [round(each) for each in figures]


async def test_the_call_goes_on_when_what_writes_is_killed_and_the_file_plays(side: MakeSide, tmp_path: Path) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    recording = LiveRecording(anna)
    await recording.begin(tmp_path / "call.mp4")
    recorder = recording.recorder
    assert isinstance(recorder, ProcessRecorder)
    written_s = await until(lambda: (now := recorder.progress().written_s) > 4 and now, "it goes on")
    os.kill(recorder._outlet.process.pid, signal.SIGKILL)  # type: ignore[union-attr]
    left = await asyncio.to_thread(Recorded, tmp_path / "call.mkv")
    assert left.seconds > written_s - 1
    call = anna.engine._call
    assert call is not None
    await anna.seen(BEN_NUMBERS, after=call.remote_frames.count)
    file = await recording.finish()
    assert file == tmp_path / "call.mp4"


async def test_an_ended_camera_of_the_other_leaves_a_plain_tile(side: MakeSide, tmp_path: Path) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    recording = LiveRecording(anna)
    await recording.begin(tmp_path / "call.mp4")
    await until(lambda: len(recording.seen[Picture.PEER_CAMERA]) > 20, "frames of the other come")
    await ben.engine.set_camera(False)
    await until(lambda: anna.now.peer is not None and not anna.now.peer.camera_on, "it is off")
    off_s = time.perf_counter() - recording.began_s
    await until(lambda: time.perf_counter() - recording.began_s > off_s + 1, "it goes on")
    file = await recording.finish()
    assert file is not None
    recorded = await asyncio.to_thread(Recorded, file)
    box = box_of(Picture.PEER_CAMERA)
    tile = recorded.at(off_s + 0.7)[box.y + 8 : box.y + box.height - 8, box.x + 8 : box.x + box.width - 8]
    assert tile.std() < 3
    assert recorded.numbers(box, BEN_NUMBERS)
