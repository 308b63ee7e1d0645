"""What a call can do, whichever engine carries it: the contract between the call screen and the engines.

Pure declarations: nothing here does I/O. Times are aware UTC, durations carry their unit in the name.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from app.call.contract.call_state import CallSnapshot, EndReason
from app.call.contract.chat import ChatMessage
from app.call.contract.devices import Device, DeviceKind
from app.call.contract.files import FileProblem
from app.call.contract.screen import Screen
from app.call.contract.stats import QualityReport, QualitySample
from app.call.contract.timer import SharedTimer


@dataclass(frozen=True)
class CallCredentials:
    """What `generate-call-link` gave this participant. Never logged: `access_token` opens the room, and
    `encryption_key` (ASCII) what is said in it.
    """

    session_id: str
    room_name: str
    livekit_url: str
    access_token: str = field(repr=False)
    participant_identity: str
    participant_role: str
    call_url: str = field(repr=False)
    encryption_key: str = field(repr=False)


class RejoinRefused(Exception):
    """There is no entry to this room any more; `reason` is shown to the person."""

    def __init__(self, reason: EndReason) -> None:
        super().__init__(reason)
        self.reason = reason


RefreshCredentials = Callable[[], Coroutine[Any, Any, CallCredentials]]
"""Fetches fresh credentials for the same room, on the interface's loop. Raises `RejoinRefused` when there are none to
be had for good (the session is over), and anything else when they cannot be had now.
"""


class Reachability(StrEnum):
    """How far the call server was reached when it was tried."""

    UDP = "udp"  # as media is meant to travel
    TCP = "tcp"  # UDP is blocked: the call works, with more delay
    SIGNAL_ONLY = "signal_only"  # the server answers, but no media gets through
    REFUSED = "refused"
    NONE = "none"


@dataclass(frozen=True)
class ConnectionCheck:
    """What trying the connection found; `round_trip_ms` is None where no media got through."""

    reachability: Reachability
    round_trip_ms: float | None = None


class PixelFormat(StrEnum):
    JPEG = "jpeg"  # over a web socket: raw pixels would be 3 frames a second
    RGBA = "rgba"  # local transport, straight to a texture


@dataclass(frozen=True)
class Frame:
    """One frame ready to be drawn; `data` is a JPEG file or width*height*4 bytes of RGBA."""

    width: int
    height: int
    pixel_format: PixelFormat
    data: bytes = field(repr=False)
    number: int  # grows with every new frame of this source; the tile skips one that it has shown


class CallEngine(Protocol):
    """A call from preview to end. All methods are called on the interface's event loop and return at once or await
    without blocking it. One engine object serves one call; after `close` it is spent.
    """

    def snapshot(self) -> CallSnapshot: ...

    def subscribe(self, on_change: Callable[[CallSnapshot], None]) -> Callable[[], None]:
        """`on_change` is called on the interface's loop (never from another thread). Returns the unsubscribe."""
        ...

    async def prepare(self) -> None:
        """Opens camera, microphone and speaker for the preview. Faults are reported in the snapshot, not raised."""
        ...

    async def join(self, credentials: CallCredentials, refresh: RefreshCredentials | None = None) -> None:
        """Connects and publishes. Returns when connected or ended: see the snapshot. Opens devices if need be.

        With `refresh`, a connection that is lost for good is made again, as often as it takes; without, the call ends.
        """
        ...

    async def leave(self) -> None:
        """Ends the call (ENDED, LEFT) and gives the devices back at once; the network follows in the background."""
        ...

    async def close(self) -> None:
        """Leaves if need be and ends every task, thread and stream of this call. Can be called twice."""
        ...

    def terminate(self) -> None:
        """`close` for the end of the process: from any thread, blocks for a few seconds at most."""
        ...

    async def set_microphone(self, on: bool) -> None: ...

    async def set_camera(self, on: bool) -> None:
        """Off stops the capture, frees the device and mutes the track."""
        ...

    async def set_background_blur(self, on: bool) -> None:
        """Once on, no frame is sent nor shown unblurred; if it cannot be had, the camera goes off (`BlurState`)."""
        ...

    async def set_remote_video_visible(self, on: bool) -> None:
        """Whether anybody can see the peer's video (True at first). While not, they are asked to send none: nothing
        is encoded, fetched or decoded for it. Goes on at once.
        """
        ...

    async def answer_unencrypted(self, goes_on_without: bool) -> None:
        """The answer to `Encryption.ASKING`, which can be changed. Nothing is sent unencrypted before both said yes."""
        ...

    async def send_message(self, text: str) -> None:
        """Into the chat (`CallSnapshot.chat`), cleaned as `clean_message` does; empty text is not sent. It is sent
        again until the peer has it, also to one who comes later.
        """
        ...

    async def take_messages(self, messages: Sequence[ChatMessage]) -> None:
        """What is known of the session's messages from elsewhere: kept by the backend, or of an engine before this."""
        ...

    async def send_file(self, name: str, content: bytes, note: str) -> FileProblem | None:
        """To the other's device (`CallSnapshot.files`), sealed; why it is refused, and then nothing is sent. `note` is
        what the chat says of it, with the file's id, once it has arrived.
        """
        ...

    async def send_file_again(self, file_id: str) -> FileProblem | None:
        """One of one's own that failed (`FileTransfer.may_send_again`)."""
        ...

    async def cancel_file(self, file_id: str) -> None:
        """Of either; the other side is told. One of theirs that has ended is removed, and its content with it."""
        ...

    async def received_file(self, file_id: str) -> bytes | None:
        """The content of one of theirs that is whole, as long as the call lasts; nobody but the person opens it."""
        ...

    async def set_timer(self, length: timedelta | None) -> None:
        """Starts a timer that both see (`CallSnapshot.timer`), or stops it (None). The professional's side only."""
        ...

    async def take_timer(self, timer: SharedTimer) -> None:
        """What is known of the timer from an earlier visit to this session; what is newer counts more. Before `join`,
        so that the peer is not first told that there is none.
        """
        ...

    async def ask_to_record(self, file: str) -> None:
        """Asks the peer whether the call may be recorded into `file` (a path on this device); `CallSnapshot.recording`
        says how it stands. Nothing is written before they said yes, nor while they cannot be heard to say it still.
        Changes nothing while nobody is there, or a recording runs.
        """
        ...

    async def stop_recording(self) -> None:
        """Takes the question back, or ends the recording; also puts away how the last one ended."""
        ...

    async def answer_recording(self, ask_id: str, agreed: bool) -> None:
        """To `CallSnapshot.peer_recording`. A no after a yes takes that back; then the peer has to ask again."""
        ...

    async def screens(self) -> list[Screen]:
        """Those of this machine that can be shared now; where there is none, `CallSnapshot.screen` says why."""
        ...

    async def share_screen(self, screen: Screen) -> None:
        """Shows it to the peer, instead of another one if need be. `CallSnapshot.screen` says when it is shared, and
        what keeps it from being. The peer may share one at the same time.
        """
        ...

    async def stop_sharing(self) -> None:
        """Ends it; also puts away the fault that `CallSnapshot.screen` shows."""
        ...

    async def retry(self, kind: DeviceKind) -> None:
        """Opens a faulty device again."""
        ...

    async def devices(self, kind: DeviceKind) -> list[Device]:
        """What can be chosen now; cameras include the moving test pattern. Lists them again each time, off the loop."""
        ...

    async def choose(self, device: Device, instead_of: Device | None = None) -> None:
        """Switches to a device, in the preview or during the call. `instead_of`: the one that the person wants and is
        not connected (`DeviceState.instead_of`).
        """
        ...

    async def check_connection(self, livekit_url: str, access_token: str) -> ConnectionCheck:
        """Joins a room made for trying, sees how media travels, and leaves. Takes some seconds; before a call only."""
        ...

    async def play_test_tone(self) -> bool:
        """A short chime from the chosen speaker; returns once it is over. False: the speaker does not work."""
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

    async def own_frame(self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat) -> Frame | None:
        """The newest own video with a number above `after`, scaled to fit; waits for one. None: the camera is off.
        Converted off the loop, only when asked; 15 a second at most.
        """
        ...

    async def remote_frame(
        self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat
    ) -> Frame | None:
        """As `own_frame`, of the peer; None when there is no frame of them. They are asked to send no larger video than
        this needs (720p, 540p or 360p).
        """
        ...

    async def remote_screen_frame(
        self, after: int, max_width: int, max_height: int, pixel_format: PixelFormat
    ) -> Frame | None:
        """As `own_frame`, of a screen that the peer shares: up to 1920x1080, whatever size is asked for here."""
        ...


@dataclass(frozen=True)
class CallLimits:
    """How long a call is patient, in seconds. A paid call is never ended for the peer's silence."""

    join_s: float = 20.0
    peer_grace_s: float = 30.0
    reconnect_s: float = 90.0
    """Until a call that cannot have fresh credentials ends."""
    rejoin_after_s: float = 12.0
    """Until one that can takes a new connection in place of one that does not come back."""
