"""What a call can do, whichever engine carries it: the contract between the call screen and the engines.

Pure declarations: nothing here does I/O. Times are aware UTC, durations carry their unit in the name.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from app.call.contract.devices import BlurState
from app.call.stats.rating import QualitySample, Rating
from app.call.stats.report import QualityReport


class CallState(StrEnum):
    """Where a call stands; the table of moves between them is `app.call.state.machine`."""

    IDLE = "idle"
    PREPARING = "preparing"  # devices open, own picture shown, not joined
    CONNECTING = "connecting"
    WAITING = "waiting"  # in the room, the other has not come (or has left)
    IN_CALL = "in_call"
    RECONNECTING = "reconnecting"  # this side lost the server
    OTHER_RECONNECTING = "other_reconnecting"  # the other side vanished without saying goodbye, within its grace
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a call ended; the screen has words and a way on for each."""

    LEFT = "left"  # this person pressed End
    JOINED_ELSEWHERE = "joined_elsewhere"
    ROOM_CLOSED = "room_closed"  # the session's time is over, or it was cancelled
    REFUSED = "refused"  # the token was not accepted
    CONNECTION_LOST = "connection_lost"
    COULD_NOT_CONNECT = "could_not_connect"


class LinkTrouble(StrEnum):
    """What is known of why this side is cut off."""

    NO_ANSWER = "no_answer"  # nothing comes from the server
    NETWORK_CHANGED = "network_changed"  # this machine has another address than before
    NO_NETWORK = "no_network"  # this machine has no way to the server at all
    SLEPT = "slept"  # the machine was suspended
    SERVER_GONE = "server_gone"  # the backend answers, LiveKit does not


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


@dataclass(frozen=True)
class OtherSide:
    """What is known of the other participant; None in the snapshot until they have come once.

    The faults are theirs to tell (None: nothing wrong, or unknown). `picture_stopped` and `sound_stopped`: they are
    switched on, and nothing has come for seconds.
    """

    identity: str
    name: str
    microphone_on: bool = False
    camera_on: bool = False
    speaking: bool = False
    camera_fault: DeviceFault | None = None
    microphone_fault: DeviceFault | None = None
    speaker_fault: DeviceFault | None = None
    picture_stopped: bool = False
    sound_stopped: bool = False


@dataclass(frozen=True)
class CallSnapshot:
    """Everything that the screen shows of a call, except pictures. A new object per change."""

    state: CallState = CallState.IDLE
    end_reason: EndReason | None = None
    camera: DeviceState = field(default_factory=DeviceState)
    microphone: DeviceState = field(default_factory=DeviceState)
    speaker: DeviceState = field(default_factory=DeviceState)
    other: OtherSide | None = None
    in_call_since: datetime | None = None  # first moment both were there; the timer counts from it
    joined_at: datetime | None = None
    reconnecting_since: datetime | None = None
    own_quality: Rating | None = None  # None: not measured yet
    other_quality: Rating | None = None  # None: not measured, or they are not there
    picture_reduced: bool = False  # the own picture gives way, so that the sound stays clear
    link_trouble: LinkTrouble | None = None  # while reconnecting
    sound: SoundPath = SoundPath.OWN
    background_blur: BlurState = field(default_factory=BlurState)
    speaking_muted: bool = False  # this person speaks, is muted, and so is not heard


@dataclass(frozen=True)
class CallCredentials:
    """What `generate-call-link` gave this participant. Never logged: `access_token` opens the room."""

    session_id: str
    room_name: str
    livekit_url: str
    access_token: str = field(repr=False)
    participant_identity: str
    participant_role: str
    call_url: str = field(repr=False)


class NoWayBack(Exception):
    """There is no entry to this room any more; `reason` is what the person is told."""

    def __init__(self, reason: EndReason) -> None:
        super().__init__(reason)
        self.reason = reason


Renew = Callable[[], Coroutine[Any, Any, CallCredentials]]
"""Fetches fresh credentials for the same room, on the interface's loop. Raises `NoWayBack` when there are none to be
had for good (the session is over), and anything else when they cannot be had now.
"""


class Reach(StrEnum):
    """How far the call server was reached when it was tried."""

    UDP = "udp"  # as media is meant to travel
    TCP = "tcp"  # UDP is blocked on the way: the call works, with more delay
    SIGNAL_ONLY = "signal_only"  # the server answers, but no media gets through
    REFUSED = "refused"
    NONE = "none"


@dataclass(frozen=True)
class ConnectionCheck:
    """What trying the connection found; `round_trip_ms` is None where no media got through."""

    reach: Reach
    round_trip_ms: float | None = None


class FrameForm(StrEnum):
    JPEG = "jpeg"  # over a web socket: raw pixels would be 3 frames a second
    RGBA = "rgba"  # local transport, straight to a texture


@dataclass(frozen=True)
class Frame:
    """One picture ready to be drawn; `data` is a JPEG file or width*height*4 bytes of RGBA."""

    width: int
    height: int
    form: FrameForm
    data: bytes = field(repr=False)
    number: int  # grows with every new picture of this source; the tile skips one that it has shown


class CallEngine(Protocol):
    """A call from preview to end. All methods are called on the interface's event loop and return at once or await
    without blocking it. One engine object serves one call; after `close` it is spent.
    """

    def snapshot(self) -> CallSnapshot: ...

    def subscribe(self, on_change: Callable[[CallSnapshot], None]) -> Callable[[], None]:
        """`on_change` is called on the interface's loop (never from another thread). Returns the unsubscribe."""
        ...

    async def prepare(self) -> None:
        """Opens camera, microphone and loudspeaker for the preview. Faults are reported in the snapshot, not raised."""
        ...

    async def join(self, credentials: CallCredentials, renew: Renew | None = None) -> None:
        """Connects and publishes. Returns when connected or ended: see the snapshot. Opens devices if need be.

        With `renew`, a connection that is lost for good is made anew, as often as it takes; without, the call ends.
        """
        ...

    async def leave(self) -> None:
        """Ends the call (ENDED, LEFT) and gives the devices back at once; the network follows in the background."""
        ...

    async def close(self) -> None:
        """Leaves if need be and ends every task, thread and stream of this call. Can be called twice."""
        ...

    def end_now(self) -> None:
        """`close` for the end of the process: from any thread, blocks for a few seconds at most."""
        ...

    async def set_microphone(self, on: bool) -> None: ...

    async def set_camera(self, on: bool) -> None:
        """Off stops the capture and frees the device, and tells the other side."""
        ...

    async def set_background_blur(self, on: bool) -> None:
        """Once on, no picture is sent nor shown unblurred; if it cannot be had, the camera goes off (`BlurState`)."""
        ...

    async def watch_other(self, on: bool) -> None:
        """Whether anybody can see the other's picture (True at first). While not, they are asked to send none: nothing
        is encoded, fetched or decoded for it. Goes on at once.
        """
        ...

    async def retry(self, kind: DeviceKind) -> None:
        """Opens a faulty device again."""
        ...

    async def devices(self, kind: DeviceKind) -> list[Device]:
        """What can be chosen now; cameras include the moving test picture. Looks anew each time, off the loop."""
        ...

    async def choose(self, device: Device) -> None:
        """Switches to a device, in the preview or during the call."""
        ...

    async def check_connection(self, livekit_url: str, access_token: str) -> ConnectionCheck:
        """Joins a room made for trying, sees how media travels, and leaves. Takes some seconds; before a call only."""
        ...

    async def play_test_sound(self) -> bool:
        """A short chime from the chosen loudspeaker; returns once it is over. False: the loudspeaker does not work."""
        ...

    def microphone_level(self) -> float:
        """0..1, of the last 100 ms; for the level bar. 0 while muted by fault."""
        ...

    def quality_samples(self) -> tuple[QualitySample, ...]:
        """The last two minutes, one a second, the newest last; empty before the call."""
        ...

    def quality_report(self) -> QualityReport | None:
        """How the call ran so far, and when it has ended; None when nothing was measured."""
        ...

    async def own_frame(self, after: int, max_width: int, max_height: int, form: FrameForm) -> Frame | None:
        """The newest own picture with a number above `after`, scaled to fit; waits for one. None: the camera is off.
        Converted off the loop, only when asked.
        """
        ...

    async def other_frame(self, after: int, max_width: int, max_height: int, form: FrameForm) -> Frame | None:
        """As `own_frame`, of the other person; None when there is no picture of them."""
        ...
