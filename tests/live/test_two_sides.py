"""Two people in one room: they see and hear each other, and what each switches off is off for the peer."""

import asyncio
import time
from collections.abc import Callable, Iterator
from statistics import median

import pytest
from livekit import rtc

from app.call.audio.pcm import RATE_HZ
from app.call.contract.call_state import CallState, EndReason
from app.call.contract.devices import DeviceKind
from app.call.contract.engine import PixelFormat
from app.call.room.publishing import audio_sender as voice_sender
from app.call.room.sdk_private import direct_capture
from app.call.runtime.threads import EventLoopThread
from tests.live.conftest import MakeSide
from tests.live.sides import ANNA_NUMBERS, BEN_NUMBERS, both_in_call
from tests.stage.sound_cards import Listener, SoundCards, tone
from tests.stage.video_file import BITS, number_in
from tests.waiting import until

QUIET = 60
"""Root mean square below which a speaker counts as silent: comfort noise, no voice."""
LOUD = 700


@pytest.fixture
def media() -> Iterator[EventLoopThread]:
    thread = EventLoopThread()
    yield thread
    thread.stop()


async def test_each_side_sees_the_numbered_frames_of_the_peer(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    first = await anna.seen(BEN_NUMBERS)
    later = await anna.seen(BEN_NUMBERS, after=first.number)
    assert number_in(later) != number_in(first)


async def test_frames_come_in_the_size_and_form_that_the_tile_asks_for(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    raw = await ben.engine.remote_frame(0, 321, 200, PixelFormat.RGBA)
    assert raw is not None
    assert (raw.width, raw.height, len(raw.data)) == (320, 180, 320 * 180 * 4)
    assert number_in(raw) in ANNA_NUMBERS


async def test_more_than_ten_frames_a_second_flow_even_on_a_busy_machine(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    first = await anna.seen(BEN_NUMBERS)
    begun = time.monotonic()
    seen = 0
    number = first.number
    while time.monotonic() - begun < 3:
        frame = await anna.engine.remote_frame(number, 320, 180, PixelFormat.JPEG)
        assert frame is not None
        number, seen = frame.number, seen + 1
    assert seen > 30, "of about 90: the machine may be busy, but a call at ten frames a second would be broken"


async def test_each_side_hears_the_tone_of_the_peer(side: MakeSide, cards: SoundCards) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    await _hears(cards, "a", "spk_b", 700.0)
    await _hears(cards, "b", "spk_a", 1100.0)


def test_the_pinned_sdk_can_be_handed_audio_directly(media: EventLoopThread) -> None:
    """When a new release of the SDK fails here, its private names have changed: see `publishing.audio_sender`."""

    async def make() -> bool:
        return direct_capture(rtc.AudioSource(RATE_HZ, 1, loop=media.loop)) is not None

    assert asyncio.run_coroutine_threadsafe(make(), media.loop).result(10)


async def test_each_side_is_heard_also_where_the_sdk_takes_audio_only_from_its_loop(
    side: MakeSide, cards: SoundCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice_sender, "direct_capture", lambda source: None)
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    await _hears(cards, "a", "spk_b", 700.0)


async def _hears(cards: SoundCards, card: str, sink: str, hz: float) -> None:
    ear, mouth = cards.listen(sink), cards.say(card, tone(hz, 40))
    try:
        await until(lambda: ear.loudness(0.5) > LOUD, f"{sink} plays what is said into card {card}")
        await until(lambda: abs(ear.dominant_hz(1) - hz) < 30, f"it is the tone of {hz} Hz")
    finally:
        mouth.terminate()
        ear.close()


async def test_the_level_bar_follows_the_microphone(side: MakeSide, cards: SoundCards) -> None:
    anna = await side("anna", card="a")
    await anna.engine.prepare()
    assert anna.engine.microphone_level() < 0.2
    mouth = cards.say("a", tone(500, 20))
    try:
        await until(lambda: anna.engine.microphone_level() > 0.5, "the level shows the tone")
    finally:
        mouth.terminate()
    await until(lambda: anna.engine.microphone_level() < 0.2, "the level falls again")


async def _silenced_after_s(anna: object, ear: Listener) -> float:
    await until(lambda: ear.loudness(0.3) > LOUD, "Anna is heard")
    muted_at = time.perf_counter()
    await anna.engine.set_microphone(False)  # type: ignore[attr-defined]  # a Side
    await until(lambda: ear.loudness(0.5) < QUIET, "Anna is silent")
    last = ear.last_loud_at()
    assert last is not None
    return last - muted_at


async def test_mute_silences_within_300_ms_and_unmute_is_heard_again(side: MakeSide, cards: SoundCards) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    ear, mouth = cards.listen("spk_b"), cards.say("a", tone(700, 60, swells_hz=10))
    try:
        took_s = []
        for _ in range(3):
            took_s.append(await _silenced_after_s(anna, ear))
            await until(lambda: not (ben.now.peer and ben.now.peer.microphone_on), "Ben is told")
            await anna.engine.set_microphone(True)
            await until(lambda: ear.loudness(0.3) > LOUD, "Anna is heard again")
            await until(lambda: ben.now.peer and ben.now.peer.microphone_on, "Ben is told")
        assert median(took_s) < 0.3, took_s
    finally:
        mouth.terminate()
        ear.close()


async def test_camera_off_shows_no_video_to_the_peer_and_frees_the_device(
    side: MakeSide, files_open: Callable[[str], bool]
) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    assert files_open("anna.avi")
    await anna.engine.set_camera(False)
    assert not files_open("anna.avi"), "the capture holds the file no more"
    assert await anna.engine.own_frame(0, 320, 180, PixelFormat.JPEG) is None
    await until(lambda: ben.now.peer and not ben.now.peer.camera_on, "Ben is told")
    assert await ben.engine.remote_frame(0, 320, 180, PixelFormat.JPEG) is None
    await anna.engine.set_camera(True)
    await until(lambda: ben.now.peer and ben.now.peer.camera_on, "Ben is told")
    await ben.seen(ANNA_NUMBERS)


async def test_who_waits_for_a_video_is_told_when_there_will_be_none(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    newest = await ben.seen(ANNA_NUMBERS)
    waiting = asyncio.ensure_future(ben.engine.remote_frame(newest.number + 10_000, 320, 180, PixelFormat.JPEG))
    await anna.engine.set_camera(False)
    assert await asyncio.wait_for(waiting, 10) is None


async def test_someone_who_joins_muted_and_without_camera_is_shown_so(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await anna.engine.set_microphone(False)
    await anna.engine.set_camera(False)
    await asyncio.gather(anna.join(), ben.join())
    await ben.state(CallState.IN_CALL)
    await until(lambda: ben.now.peer, "Ben knows of Anna")
    other = ben.now.peer
    assert other is not None
    assert (other.name, other.camera_on, other.microphone_on) == ("Anna", False, False)
    await until(lambda: len(anna.engine.quality_samples()) >= 4, "four seconds were measured")
    assert {each.sent for each in anna.engine.quality_samples()[1:]} == {None}, "not even black ones are encoded"
    await anna.engine.set_camera(True)
    await ben.seen(ANNA_NUMBERS)


async def test_the_peer_changes_camera_and_the_new_video_is_seen(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    frames = {device.id: device for device in await anna.engine.devices(DeviceKind.CAMERA)}
    await anna.engine.choose(frames["test-picture"])
    assert anna.now.camera.working
    assert anna.now.camera.chosen == frames["test-picture"]
    await ben.seen(range(6000, 65536))  # what the blocks read in the landscape, never in a numbered frame


async def test_ending_the_call_ends_it_here_and_says_goodbye_there(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await both_in_call(anna, ben)
    ben.states.clear()
    await anna.engine.leave()
    assert (anna.now.state, anna.now.end_reason) == (CallState.ENDED, EndReason.LEFT)
    assert not anna.now.camera.working
    await ben.state(CallState.WAITING)
    assert CallState.PEER_RECONNECTING not in ben.states, "Anna said goodbye"
    assert ben.now.peer is not None
    assert (ben.now.peer.name, ben.now.peer.camera_on) == ("Anna", False)
    await ben.engine.leave()
    assert (ben.now.state, ben.now.end_reason) == (CallState.ENDED, EndReason.LEFT)


async def test_the_timer_counts_from_the_first_moment_that_both_were_there(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await anna.join()
    assert anna.now.state is CallState.WAITING
    assert anna.now.joined_at is not None
    assert anna.now.in_call_since is None
    await ben.join()
    await anna.state(CallState.IN_CALL)
    since = anna.now.in_call_since
    await ben.engine.leave()
    await anna.state(CallState.WAITING)
    assert anna.now.in_call_since == since


def test_numbers_fit_their_blocks() -> None:
    assert max(ANNA_NUMBERS) < 1 << BITS
