"""Where a call stands: its states, the remote participant, and the snapshot that the screen shows.

Pure declarations. Times are aware UTC, durations carry their unit in the name.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.call.contract.chat import ChatMessage
from app.call.contract.devices import AudioBackend, BlurState, DeviceFault, DeviceState
from app.call.contract.encryption import Encryption, KeyOrigin
from app.call.contract.files import FileTransfer
from app.call.contract.recording import OwnRecording, PeerRecording
from app.call.contract.screen import ScreenState
from app.call.contract.stats import Rating
from app.call.contract.timer import SharedTimer


class CallState(StrEnum):
    """Where a call stands; the table of transitions is `app.call.state.machine`."""

    IDLE = "idle"
    PREPARING = "preparing"  # devices open, own video shown, not joined
    CONNECTING = "connecting"
    WAITING = "waiting"  # in the room, the peer has not come (or has left)
    IN_CALL = "in_call"
    RECONNECTING = "reconnecting"  # this side lost the server
    PEER_RECONNECTING = "peer_reconnecting"  # the peer was lost without leaving, within their grace
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a call ended; the screen has words and a next step for each."""

    LEFT = "left"  # this person pressed End
    JOINED_ELSEWHERE = "joined_elsewhere"
    ROOM_CLOSED = "room_closed"  # the session's time is over, or it was cancelled
    REFUSED = "refused"  # the token was not accepted
    CONNECTION_LOST = "connection_lost"
    COULD_NOT_CONNECT = "could_not_connect"


class ReconnectCause(StrEnum):
    """What is known of why this side is cut off."""

    NO_ANSWER = "no_answer"  # nothing comes from the server
    NETWORK_CHANGED = "network_changed"  # this machine has another address than before
    NO_NETWORK = "no_network"  # this machine has no route to the server at all
    SUSPENDED = "suspended"  # the machine was suspended
    SERVER_GONE = "server_gone"  # the backend answers, LiveKit does not


class Publication(StrEnum):
    """Whether the peer can get one of this side's tracks, muted or not."""

    NONE = "none"  # there is no connection to publish over
    UNDERWAY = "underway"
    PUBLISHED = "published"
    DELAYED = "delayed"  # it takes long, or has failed and is tried again


class CallPart(StrEnum):
    """What must go on working during a call, and is started again when it fails (`TaskScope.supervise`)."""

    CONNECTION = "connection"  # the connection's monitor: stalls, quality, whether a rejoin is due
    REJOINING = "rejoining"
    CAMERA = "camera"  # the check that the camera still works
    CHAT = "chat"
    TIMER = "timer"
    FILES = "files"
    RECORDING = "recording"  # asking whether it may be recorded, and hearing whether it still may
    AUDIO = "audio"  # the same of the microphone and the speaker


@dataclass(frozen=True)
class RemotePeerState:
    """What is known of the remote participant; None in the snapshot until they have come once.

    The faults are what they published (None: nothing wrong, or unknown). `video_stalled` and `audio_stalled`: they are
    switched on, and nothing has come for seconds.
    """

    identity: str
    name: str
    microphone_on: bool = False
    camera_on: bool = False
    screen_on: bool = False  # they share a screen
    speaking: bool = False
    camera_fault: DeviceFault | None = None
    microphone_fault: DeviceFault | None = None
    speaker_fault: DeviceFault | None = None
    video_stalled: bool = False
    audio_stalled: bool = False
    can_encrypt: bool = True
    unencrypted_answer: bool | None = None  # whether they would go on without encryption; None: not answered


@dataclass(frozen=True)
class CallSnapshot:
    """Everything that the screen shows of a call, except video. A new object per change."""

    state: CallState = CallState.IDLE
    end_reason: EndReason | None = None
    camera: DeviceState = field(default_factory=DeviceState)
    microphone: DeviceState = field(default_factory=DeviceState)
    speaker: DeviceState = field(default_factory=DeviceState)
    camera_publication: Publication = Publication.NONE
    microphone_publication: Publication = Publication.NONE
    screen: ScreenState = field(default_factory=ScreenState)  # that this side shares
    peer: RemotePeerState | None = None
    in_call_since: datetime | None = None  # first moment both were there; the timer counts from it
    joined_at: datetime | None = None
    reconnecting_since: datetime | None = None
    own_quality: Rating | None = None  # None: not measured yet
    peer_quality: Rating | None = None  # None: not measured, or they are not there
    video_degraded: bool = False  # the own video gives way, so that the audio stays clear
    reconnect_cause: ReconnectCause | None = None  # while reconnecting
    audio_backend: AudioBackend = AudioBackend.PORTAUDIO
    background_blur: BlurState = field(default_factory=BlurState)
    failing_parts: frozenset[CallPart] = frozenset()  # they have failed several times in a row
    chat: tuple[ChatMessage, ...] = ()  # all of the session, in order
    files: tuple[FileTransfer, ...] = ()  # of this call, in the order in which they were offered
    timer: SharedTimer | None = None  # that the professional has set
    recording: OwnRecording = field(default_factory=OwnRecording)
    peer_recording: PeerRecording | None = None  # what the other asks to write, or writes
    encryption: Encryption = Encryption.ON
    key_origin: KeyOrigin = KeyOrigin.GIVEN
    key_words: tuple[str, ...] = ()  # of the agreed key, to be compared; empty unless it is `AGREED`
    key_words_changed: bool = False  # they were others earlier in this visit
    unencrypted_answer: bool | None = None  # this person's, to going on without encryption; None: not answered
    speaking_muted: bool = False  # this person speaks, is muted, and so is not heard
