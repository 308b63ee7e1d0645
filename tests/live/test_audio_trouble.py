"""Audio through trouble: cards that go and come, a stalled interface, changing buffers, a muted person who speaks."""

import asyncio
import contextlib
import time
from collections.abc import Iterator

import pytest

from app.call.audio import output_latency as buffer_length
from app.call.audio import vad as voice_activity
from app.call.audio.audio_device import AudioDevice
from app.call.audio.driver.errors import AudioUnavailable
from app.call.audio.driver.portaudio_stream import PortAudioStream
from app.call.audio.portaudio_io import PortAudioIO
from app.call.contract.devices import DeviceFault, DeviceKind
from tests.live.conftest import MakeSide
from tests.live.sides import Side, both_in_call
from tests.stage.hearing import heard_gaps
from tests.stage.sound_cards import SoundCards, bursts, speech_like
from tests.waiting import until

STALL_S, BETWEEN_S = 0.05, 0.01


def speaker_of(side: Side) -> AudioDevice:
    call = side.engine._call
    assert call is not None
    assert isinstance(call.devices.audio, PortAudioIO)
    return call.devices.audio.speaker


@contextlib.contextmanager
def nothing_else(cards: SoundCards) -> Iterator[None]:
    """Without the default's cards, so that nothing can stand in."""
    cards.unplug("a")
    cards.unplug("b")
    try:
        yield
    finally:
        cards.plug("a")
        cards.plug("b")


async def test_a_card_that_is_taken_away_and_put_back_is_heard_again_by_itself(
    side: MakeSide, cards: SoundCards, removable: SoundCards
) -> None:
    anna, ben = await side("anna", card="c"), await side("ben", card="c")
    await both_in_call(anna, ben)
    with nothing_else(cards):
        removable.unplug("c")
        try:
            await until(lambda: anna.now.microphone.fault is DeviceFault.SILENT, "Anna is told of her microphone", 60)
            await until(lambda: anna.now.speaker.fault is DeviceFault.SILENT, "and of her speaker", 60)
            assert anna.now.microphone.detail
        finally:
            removable.plug("c")
        await until(lambda: anna.now.microphone.working and anna.now.speaker.working, "Anna's are back", 60)
        await until(lambda: ben.now.speaker.working, "and Ben's speaker", 60)
    assert anna.now.microphone.fault is None
    ear, mouth = removable.listen("spk_c"), removable.say("c", speech_like(60))
    try:
        await until(lambda: ear.loudness(0.5) > 700, "they hear each other")
    finally:
        mouth.terminate()
        ear.close()


async def test_the_default_stands_in_for_a_chosen_card_until_it_is_back(
    side: MakeSide, cards: SoundCards, removable: SoundCards
) -> None:
    anna = await side("anna", card="c")
    await anna.engine.prepare()
    chosen = anna.now.microphone.chosen
    removable.unplug("c")
    try:
        await until(lambda: anna.now.microphone.fallback and anna.now.speaker.fallback, "the default stands in", 60)
        assert anna.now.microphone.working
        assert anna.now.microphone.chosen == chosen
        mouth = cards.say("a", speech_like(60))
        try:
            await until(lambda: anna.engine.microphone_level() > 0.4, "the default card is heard")
        finally:
            mouth.terminate()
    finally:
        removable.plug("c")
    await until(
        lambda: not anna.now.microphone.fallback and not anna.now.speaker.fallback, "the chosen one is back", 60
    )
    mouth = removable.say("c", speech_like(60))
    try:
        await until(lambda: anna.engine.microphone_level() > 0.4, "and is heard")
    finally:
        mouth.terminate()


async def test_a_microphone_that_gives_only_zeros_is_a_fault_until_something_comes(
    side: MakeSide, cards: SoundCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice_activity, "SILENT_FROM_START_S", 1.0)
    anna = await side("anna", card="a")
    await anna.engine.prepare()
    await until(lambda: anna.now.microphone.fault is DeviceFault.SILENT, "Anna is told")
    assert anna.now.microphone.working
    assert anna.now.microphone.detail
    mouth = cards.say("a", speech_like(60))
    try:
        await until(lambda: anna.now.microphone.fault is None, "it gives something")
    finally:
        mouth.terminate()


async def test_one_who_speaks_while_muted_is_told_and_not_heard(side: MakeSide, cards: SoundCards) -> None:
    anna = await side("anna", card="a")
    await anna.engine.prepare()
    mouth = cards.say("a", speech_like(90))
    try:
        await until(lambda: anna.engine.microphone_level() > 0.4, "she speaks")
        assert not anna.now.speaking_muted
        await anna.engine.set_microphone(False)
        await until(lambda: anna.now.speaking_muted, "she is told that nobody hears her")
        await anna.engine.set_microphone(True)
        await until(lambda: not anna.now.speaking_muted, "now she is heard")
        await anna.engine.set_microphone(False)
        await until(lambda: anna.now.speaking_muted, "muted again")
    finally:
        mouth.terminate()
    await until(lambda: not anna.now.speaking_muted, "silence ends it")


async def test_the_audio_is_unbroken_while_the_interface_stalls_again_and_again(
    side: MakeSide, cards: SoundCards
) -> None:
    """Compared with seconds without stalls in between, for a busy machine breaks the audio by itself."""
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    ear, mouth = cards.listen("spk_b"), cards.say("a", speech_like(120))
    calm = stalled = heard = 0
    try:
        await until(lambda: ear.loudness(0.5) > 700, "Ben hears Anna")
        for _ in range(4):
            calm_from = time.perf_counter()
            await asyncio.sleep(3)
            stalled_from = time.perf_counter()
            await stall_for(3)
            ended = time.perf_counter()
            calm += heard_gaps(ear, calm_from, stalled_from)
            stalled += heard_gaps(ear, stalled_from, ended)
            heard += sum(len(samples) for _, samples in ear.since(stalled_from))
    finally:
        mouth.terminate()
        ear.close()
    assert heard > 8 * 48_000
    assert stalled <= calm + 12, f"{stalled} gaps in 200 stalls, {calm} without stalls"


async def stall_for(seconds: float) -> None:
    """The interface's loop is busy, with the interpreter's lock: worse than asleep."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        until_s = time.perf_counter() + STALL_S
        while time.perf_counter() < until_s:
            pass
        await asyncio.sleep(BETWEEN_S)


async def test_a_card_that_takes_one_stream_only_gets_its_longer_buffer_all_the_same(
    side: MakeSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await side("anna", card="a")
    await anna.engine.prepare()
    speaker = speaker_of(anna)
    opened = speaker._streams.open

    async def one_only(stream: PortAudioStream) -> AudioUnavailable | None:
        if speaker._stream is not None:
            return AudioUnavailable(DeviceFault.BUSY, "The speaker could not be opened.")
        return await opened(stream)

    monkeypatch.setattr(speaker._streams, "open", one_only)
    monkeypatch.setattr(speaker.latency, "update", lambda now_s, lost: buffer_length.STEPS_S[2])
    speaker.latency.revert(buffer_length.STEPS_S[2])
    await until(lambda: speaker._stream and speaker._stream.latency_s == buffer_length.STEPS_S[2], "it is longer")
    assert anna.now.speaker.working


class CalmMachine(buffer_length.OutputLatencyController):
    """Hears of no loss, for the machine that runs the tests may be anything but calm."""

    def update(self, now_s: float, lost: int) -> float:
        return super().update(now_s, 0)


async def test_a_long_buffer_comes_down_in_a_call_and_nothing_is_lost(
    side: MakeSide, cards: SoundCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffer_length, "CALM_S", 1.0)
    monkeypatch.setattr(buffer_length, "GRACE_S", 0.1)
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    speaker = speaker_of(ben)
    speaker.latency = CalmMachine(time.monotonic())
    speaker.latency.revert(buffer_length.STEPS_S[-1])
    await ben.engine.retry(DeviceKind.SPEAKER)
    assert speaker._stream is not None
    assert speaker._stream.latency_s == buffer_length.STEPS_S[-1]
    ear, mouth_ear = cards.listen("spk_b"), cards.listen("mic_a")
    mouth = cards.say("a", bursts(800, 12, 1.5))
    try:
        await until(
            lambda: speaker._stream and speaker._stream.latency_s < buffer_length.STEPS_S[-2], "the buffer comes down"
        )
        await asyncio.to_thread(mouth.wait, 30)
        await until(lambda: len(ear.onsets()) >= len(mouth_ear.onsets()) - 1, "every burst is heard", 5)
    finally:
        mouth.terminate()
        ear.close()
        mouth_ear.close()
