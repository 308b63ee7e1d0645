"""Camera, microphone and speaker of this side, and the background blur: how each stands. Pure declarations."""

from dataclasses import dataclass
from enum import StrEnum


class BlurFault(StrEnum):
    """Why the background cannot be blurred."""

    NOT_INSTALLED = "not_installed"  # there is no LiteRT for this system, or a part of the app is missing
    FAILED = "failed"  # it did not start, or stopped working


@dataclass(frozen=True)
class BlurState:
    """`enabled` and not `working`: it is being made ready, and meanwhile no frame is sent nor shown.

    `blocked`: it was enabled and has a `fault`. It is disabled now, and the camera is off until the person switches it
    on themselves: only they can decide to be seen without it.
    """

    enabled: bool = False
    working: bool = False
    fault: BlurFault | None = None
    blocked: bool = False

    @property
    def starting(self) -> bool:
        return self.enabled and not self.working


class DeviceKind(StrEnum):
    CAMERA = "camera"
    MICROPHONE = "microphone"
    SPEAKER = "speaker"


class DeviceFault(StrEnum):
    """Why a device gives nothing."""

    MISSING = "missing"
    BUSY = "busy"
    REFUSED = "refused"
    SILENT = "silent"  # opened, but delivers nothing (unplugged, switched off)
    NO_DRIVER = "no_driver"  # the system library is not installed
    STUCK = "stuck"  # its driver hangs. A camera that does not close may still record, switched off or not


class AudioBackend(StrEnum):
    """How a call records and plays. The values are kept on people's machines as their preference."""

    PORTAUDIO = "own"  # PortAudio and our own buffers: level bar, notice to a muted speaker, fallback device
    PLATFORM = "system"  # WebRTC's own device module, without these; also the fallback where PortAudio is missing


class VideoEncoder(StrEnum):
    """What encodes the camera's video. Where there is no hardware for it, the SDK encodes its codec in software."""

    SOFTWARE = "software"  # VP8 by libvpx
    HARDWARE = "hardware"  # H.264 by VideoToolbox, NVENC or VAAPI


@dataclass(frozen=True)
class Device:
    """`id` is what the choose functions take, and the same on this machine as long as it is the same device; `label` is
    for people.
    """

    kind: DeviceKind
    id: str
    label: str


TEST_PATTERN = Device(DeviceKind.CAMERA, "test-picture", "Test picture")
"""A camera that is none. Only ever somebody's own choice: nobody is shown it in place of a person."""


@dataclass(frozen=True)
class DeviceState:
    """One device of this side: switched on or off, what is chosen, what is wrong (None: nothing).

    `fallback`: the chosen one is away, and the system's default works in its place until it is back.
    `instead_of`: what the person wanted and is not connected, so that `chosen` was taken.
    """

    enabled: bool = True
    working: bool = False
    chosen: Device | None = None
    fault: DeviceFault | None = None
    detail: str = ""
    fallback: bool = False
    instead_of: Device | None = None

    @property
    def is_sending(self) -> bool:
        """Whether something comes from it: on, and working."""
        return self.enabled and self.working
