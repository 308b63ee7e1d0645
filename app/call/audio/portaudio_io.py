"""This side's microphone and speaker by PortAudio, with WebRTC's processing between. Lives on the media loop."""

import asyncio
import time
from collections.abc import Callable

from livekit import rtc

from app.call.audio import portaudio
from app.call.audio.apm import AudioProcessing
from app.call.audio.audio_device import AudioDevice
from app.call.audio.capture import CapturePipeline
from app.call.audio.pcm import FRAME, RATE_HZ
from app.call.audio.platform_io import PlatformAudioIO
from app.call.audio.playout import PlayoutMixer
from app.call.audio.test_tone import tone_frames
from app.call.contract.devices import AudioBackend, DeviceFault, DeviceKind
from app.call.runtime.threads import Worker

TEST_TONE = "test-tone"


def create_audio_io(
    preferred: AudioBackend,
    worker: Worker,
    on_change: Callable[[], None],
    on_frame: Callable[[rtc.AudioFrame], None],
) -> "tuple[PortAudioIO | PlatformAudioIO, AudioBackend]":
    """What is preferred, or the system's audio where PortAudio is missing."""
    if preferred is AudioBackend.PORTAUDIO and portaudio.is_installed():
        return PortAudioIO(worker, on_change, on_frame), AudioBackend.PORTAUDIO
    return PlatformAudioIO(worker, on_change, as_fallback=preferred is AudioBackend.PORTAUDIO), AudioBackend.PLATFORM


class PortAudioIO:
    """Both directions of the audio. `on_frame` gets each 10 ms of the microphone, in PortAudio's thread."""

    def __init__(
        self, worker: Worker, on_change: Callable[[], None], on_frame: Callable[[rtc.AudioFrame], None]
    ) -> None:
        self._processing = AudioProcessing()
        self.capture = CapturePipeline(self._processing, on_frame)
        self.mixer = PlayoutMixer(self._processing)
        self.microphone = AudioDevice(
            DeviceKind.MICROPHONE,
            self.capture,
            worker,
            on_change,
            self.capture.digital_silence.restart,
            self.mixer.quiet_s,
        )
        self.speaker = AudioDevice(
            DeviceKind.SPEAKER, self.mixer, worker, on_change, lambda now_s: None, self.mixer.quiet_s
        )

    source = None
    """The microphone's track is fed by `on_frame`."""

    async def open(self) -> None:
        await self.speaker.open()
        await self.microphone.open()

    def set_microphone(self, on: bool) -> None:
        """Off is silence from the next 10 ms on; the device stays open, so that on is as quick."""
        self.capture.mute(not on)
        self.microphone.change(enabled=on)

    def joined(self) -> None:
        """The machine is busy for a moment: what the speaker loses then does not count."""
        self.speaker.ignore_startup_xruns()

    def level(self) -> float:
        return self.capture.level() if self.microphone.state.working else 0.0

    @property
    def speaking_muted(self) -> bool:
        """Nobody hears what this person is saying, because they are muted."""
        return self.microphone.state.working and self.capture.speaking_muted

    async def play_test_tone(self) -> bool:
        """Three tones, at the pace at which a remote track would come; False where the speaker does not work."""
        if not self.speaker.state.working:
            return False
        buffer = self.mixer.add_track(TEST_TONE)
        try:
            loop = asyncio.get_running_loop()
            due = loop.time()
            for frame in tone_frames():
                buffer.put(frame)
                due += FRAME / RATE_HZ
                await asyncio.sleep(max(0.0, due - loop.time()))
        finally:
            self.mixer.remove_track(TEST_TONE)
        return self.speaker.state.working

    async def check(self) -> None:
        """To be called a few times a second."""
        await self.microphone.check()
        await self.speaker.check()
        self._processing.set_delay_s(self.microphone.delay_s + self.speaker.delay_s)
        self._note_silent_microphone()

    def _note_silent_microphone(self) -> None:
        """It runs and gives nothing but zeros: it stays in use, and its fault says so."""
        state = self.microphone.state
        if not state.working:
            return
        silent = state.enabled and self.capture.digital_silence.silent(time.monotonic())
        if silent and state.fault is None:
            self.microphone.change(fault=DeviceFault.SILENT, detail="The microphone gives only silence.")
        elif not silent and state.fault is DeviceFault.SILENT:
            self.microphone.change(fault=None, detail="")

    async def close(self) -> None:
        await self.microphone.close()
        await self.speaker.close()
