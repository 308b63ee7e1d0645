"""Recording a call: asked for, agreed to, written, and why it ended. Pure declarations.

Nothing is written without the other's explicit yes, which they can take back at any time.
"""

from dataclasses import dataclass
from enum import StrEnum


class RecordingState(StrEnum):
    """Where this side's own recording stands."""

    OFF = "off"
    ASKING = "asking"  # the other has not answered
    RECORDING = "recording"
    PAUSED = "paused"  # agreed to, but the other cannot be reached just now: nothing is written
    FINISHING = "finishing"  # the file is being made ready
    ENDED = "ended"  # `end` says why; `file` is empty where nothing was written


class RecordingEnd(StrEnum):
    """Why this side's recording, or its question, is over; the screen has words for each."""

    STOPPED = "stopped"  # by this person
    REFUSED = "refused"  # the other said no
    WITHDRAWN = "withdrawn"  # the other said yes, and then no
    PEER_LEFT = "peer_left"
    CALL_ENDED = "call_ended"
    DISK_FULL = "disk_full"  # nearly: what was written is whole
    NOT_WRITABLE = "not_writable"  # there is no such folder, or nothing may be written to it
    SYSTEM_AUDIO = "system_audio"  # the system plays and records the voices by itself: there is nothing to write
    FAILED = "failed"


@dataclass(frozen=True)
class OwnRecording:
    """What this side writes, or asks to. `written_s` grows while it is written; `free_bytes` is what the disk has left.
    `file` is where it is written to, and at the end what was made of it.
    """

    state: RecordingState = RecordingState.OFF
    ask_id: str = ""
    file: str = ""
    written_s: float = 0.0
    size_bytes: int = 0
    free_bytes: int | None = None
    end: RecordingEnd | None = None


@dataclass(frozen=True)
class PeerRecording:
    """What the other asks to write, or writes, on their device. `agreed` is this person's answer; None: none yet."""

    ask_id: str
    agreed: bool | None = None
    writing: bool = False
