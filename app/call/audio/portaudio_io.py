"""This side's microphone and loudspeaker by PortAudio, with WebRTC's processing between. Lives on the media loop."""

import asyncio
import time
from collections.abc import Callable

from livekit import rtc

from app.call.audio import portaudio
from app.call.audio.apm import Processing
from app.call.audio.audio_device import SoundDevice
from app.call.audio.capture import Mouth
from app.call.audio.pcm import FRAME, RATE_HZ
from app.call.audio.platform_io import SystemSound
from app.call.audio.playout import Ear
from app.call.audio.test_tone import chime
from app.call.contract.devices import DeviceFault, DeviceKind, SoundPath
from app.call.runtime.threads import Worker

TEST_SOUND = "test-sound"


def sound_for(
    wanted: SoundPath,
    worker: Worker,
    on_change: Callable[[], None],
    hand_on: Callable[[rtc.AudioFrame], None],
) -> "tuple[Audio | SystemSound, SoundPath]":
    """What is wanted, or the system's sound where PortAudio is missing."""
    if wanted is SoundPath.OWN and portaudio.is_installed():
        return Audio(worker, on_change, hand_on), SoundPath.OWN
    return SystemSound(worker, on_change, instead=wanted is SoundPath.OWN), SoundPath.SYSTEM


class Audio:
    """Both directions of the sound. `hand_on` gets each 10 ms of the microphone, in PortAudio's thread."""

    def __init__(
        self, worker: Worker, on_change: Callable[[], None], hand_on: Callable[[rtc.AudioFrame], None]
    ) -> None:
        self._processing = Processing()
        self.mouth = Mouth(self._processing, hand_on)
        self.ear = Ear(self._processing)
        self.microphone = SoundDevice(
            DeviceKind.MICROPHONE, self.mouth, worker, on_change, self.mouth.nothing.restart, self.ear.quiet_s
        )
        self.speaker = SoundDevice(
            DeviceKind.SPEAKER, self.ear, worker, on_change, lambda now_s: None, self.ear.quiet_s
        )

    source = None
    """The microphone's track is fed by `hand_on`."""

    async def open(self) -> None:
        await self.speaker.open()
        await self.microphone.open()

    def set_microphone(self, on: bool) -> None:
        """Off is silence from the next 10 ms on; the device stays open, so that on is as quick."""
        self.mouth.mute(not on)
        self.microphone.change(wanted=on)

    def joined(self) -> None:
        """The machine is busy for a moment: what the loudspeaker loses then says nothing of the call."""
        self.speaker.excuse()

    def level(self) -> float:
        return self.mouth.level() if self.microphone.state.working else 0.0

    @property
    def speaking_muted(self) -> bool:
        """Nobody hears what this person is saying, because they are muted."""
        return self.microphone.state.working and self.mouth.speaking_muted

    async def play_test_sound(self) -> bool:
        """A chime at the pace at which a voice would come; False where the loudspeaker takes none."""
        if not self.speaker.state.working:
            return False
        ring = self.ear.add(TEST_SOUND)
        try:
            loop = asyncio.get_running_loop()
            due = loop.time()
            for frame in chime():
                ring.put(frame)
                due += FRAME / RATE_HZ
                await asyncio.sleep(max(0.0, due - loop.time()))
        finally:
            self.ear.remove(TEST_SOUND)
        return self.speaker.state.working

    async def check(self) -> None:
        """To be called a few times a second."""
        await self.microphone.check()
        await self.speaker.check()
        self._processing.set_delay_s(self.microphone.delay_s + self.speaker.delay_s)
        self._note_dead_microphone()

    def _note_dead_microphone(self) -> None:
        """It runs and gives nothing but zeros: it stays in use, and the person is told."""
        state = self.microphone.state
        if not state.working:
            return
        dead = state.wanted and self.mouth.nothing.dead(time.monotonic())
        if dead and state.fault is None:
            self.microphone.change(fault=DeviceFault.SILENT, detail="The microphone gives only silence.")
        elif not dead and state.fault is DeviceFault.SILENT:
            self.microphone.change(fault=None, detail="")

    async def close(self) -> None:
        await self.microphone.close()
        await self.speaker.close()
