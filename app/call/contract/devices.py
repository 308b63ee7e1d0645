"""Camera, microphone and speaker of this side, and the background blur: how each stands. Pure declarations."""

from dataclasses import dataclass
from enum import StrEnum


class BlurFault(StrEnum):
    """Why the background cannot be blurred."""

    NOT_INSTALLED = "not_installed"  # there is no LiteRT for this system, or a part of the app is missing
    FAILED = "failed"  # it did not start, or stopped working


@dataclass(frozen=True)
class BlurState:
    """`wanted` and not `working`: it is being made ready, and meanwhile no picture is sent nor shown.

    `held`: it was wanted and has a `fault`. It is not wanted any more, and the camera is off until the person switches
    it on themselves: only they can decide to be seen without it.
    """

    wanted: bool = False
    working: bool = False
    fault: BlurFault | None = None
    held: bool = False

    @property
    def starting(self) -> bool:
        return self.wanted and not self.working


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


class SoundPath(StrEnum):
    """How a call records and plays."""

    OWN = "own"  # PortAudio and our own buffers: level bar, a word to who speaks muted, a stand-in for a lost device
    SYSTEM = "system"  # WebRTC's own device module, without these; also the way out where PortAudio is missing


@dataclass(frozen=True)
class Device:
    """`id` is stable while the program runs and is what the choose functions take; `label` is for people."""

    kind: DeviceKind
    id: str
    label: str


@dataclass(frozen=True)
class DeviceState:
    """One device of this side: wanted on or off, what is chosen, what is wrong (None: nothing).

    `stand_in`: the chosen one is away, and the system's default works in its place until it is back.
    """

    wanted: bool = True
    working: bool = False
    chosen: Device | None = None
    fault: DeviceFault | None = None
    detail: str = ""
    stand_in: bool = False

    @property
    def sends(self) -> bool:
        """Whether something comes from it: on, and working."""
        return self.wanted and self.working
