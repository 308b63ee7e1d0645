"""This side's microphone and speaker by PortAudio, with WebRTC's processing between. Lives on the media loop."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc

from app.call.audio.apm import AudioProcessing
from app.call.audio.audio_device import AudioDevice
from app.call.audio.capture import CapturePipeline
from app.call.audio.device_streams import FORBIDDEN
from app.call.audio.driver import portaudio
from app.call.audio.driver.errors import AudioUnavailable
from app.call.audio.pcm import FRAME, RATE_HZ
from app.call.audio.platform_io import PlatformAudioIO
from app.call.audio.playout import PlayoutMixer
from app.call.audio.test_tone import tone_frames
from app.call.contract.devices import AudioBackend, DeviceFault, DeviceKind
from app.call.runtime.device_permission import Capability, DevicePermission, of_this_system

log = logging.getLogger(__name__)

TEST_TONE = "test-tone"
START_LIMIT_S = 5.0


@dataclass(frozen=True)
class AudioSelection:
    """How a call records and plays; `is_missing`: PortAudio was wanted, and its library is not installed."""

    backend: AudioBackend = AudioBackend.PORTAUDIO
    is_missing: bool = False


PORTAUDIO = AudioSelection()


async def select_audio(preferred: AudioBackend) -> AudioSelection:
    """What is preferred, or the system's audio where PortAudio is missing, or hangs while it starts. One that only
    fails to start is tried again by its devices.
    """
    if preferred is AudioBackend.PLATFORM:
        return AudioSelection(AudioBackend.PLATFORM)
    try:
        await portaudio.start(START_LIMIT_S)
    except TimeoutError:
        log.warning("PortAudio does not start: the system's audio is used")
        return AudioSelection(AudioBackend.PLATFORM)
    except AudioUnavailable as unavailable:
        if unavailable.fault is DeviceFault.NO_DRIVER:
            return AudioSelection(AudioBackend.PLATFORM, is_missing=True)
        log.warning("PortAudio could not be started: %s", unavailable)
    return PORTAUDIO


def create_audio_io(
    selection: AudioSelection, on_change: Callable[[], None], on_frame: Callable[[rtc.AudioFrame], None]
) -> "PortAudioIO | PlatformAudioIO":
    """Both directions, not open yet; nothing here blocks."""
    if selection.backend is AudioBackend.PORTAUDIO:
        return PortAudioIO(on_change, on_frame)
    return PlatformAudioIO(on_change, as_fallback=selection.is_missing)


class PortAudioIO:
    """Both directions of the audio. `on_frame` gets each 10 ms of the microphone, in PortAudio's thread."""

    def __init__(
        self,
        on_change: Callable[[], None],
        on_frame: Callable[[rtc.AudioFrame], None],
        permission: DevicePermission | None = None,
    ) -> None:
        self._permission = permission or of_this_system()
        self._processing = AudioProcessing()
        self.capture = CapturePipeline(self._processing, on_frame)
        self.mixer = PlayoutMixer(self._processing)
        self.microphone = AudioDevice(
            DeviceKind.MICROPHONE,
            self.capture,
            self._permission,
            on_change,
            self.capture.digital_silence.restart,
            self.mixer.quiet_s,
        )
        self.speaker = AudioDevice(
            DeviceKind.SPEAKER, self.mixer, self._permission, on_change, lambda now_s: None, self.mixer.quiet_s
        )

    source = None
    """The microphone's track is fed by `on_frame`."""

    async def open(self) -> None:
        """At once: the one does not wait for a driver of the other that hangs."""
        await asyncio.gather(self.speaker.open(), self.microphone.open())

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
        """To be called a few times a second, beside the `check` of each device."""
        self._processing.set_delay_s(self.microphone.delay_s + self.speaker.delay_s)
        self._note_silent_microphone()

    def _note_silent_microphone(self) -> None:
        """It runs and gives nothing but zeros: it stays in use, and its fault says so."""
        state = self.microphone.state
        if not state.working:
            return
        silent = state.enabled and self.capture.digital_silence.silent(time.monotonic())
        if silent and state.fault is None:
            if self._permission.access(Capability.MICROPHONE).explains_failure:
                self.microphone.change(fault=FORBIDDEN.fault, detail=FORBIDDEN.detail)
            else:
                self.microphone.change(fault=DeviceFault.SILENT, detail="The microphone gives only silence.")
        elif not silent and state.fault is not None:
            self.microphone.change(fault=None, detail="")

    async def close(self) -> None:
        """Raises the first error; both are closed then."""
        for ended in await asyncio.gather(self.microphone.close(), self.speaker.close(), return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    def end_workers(self) -> None:
        """After `close`."""
        self.microphone.end_worker()
        self.speaker.end_worker()
