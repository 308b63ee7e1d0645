"""What is said of a recording, to the one who asks for it and to the one who is asked. The call page says the same
(`tools/callpage_words.py`). Pure.
"""

import re

from app.call.contract.call_state import CallSnapshot, CallState
from app.call.contract.recording import OwnRecording, PeerRecording, RecordingEnd, RecordingState
from app.state.core.sizes import size_words
from app.state.core.wall_time import clock_words

TITLE = RECORD = "Record"
CLOSE, CLOSE_NOTICE = "Close the panel about recording", "Put away what became of the recording"
STOP, CANCEL, ALLOW, DO_NOT_ALLOW = "Stop recording", "Cancel", "Allow", "Don't allow"
STOP_THEIRS = "Stop"
SAVE, REMOVE, SHOW = "Save", "Remove", "Show details"
RECORDING, PAUSED, FINISHING = "Recording", "Recording paused", "Saving the recording…"
WHAT = "Both pictures, shared screens and both voices go into one video file on this device."
EXPLAINED = "Both pictures, shared screens and both voices go into a file on their device. You can stop it at any time."
NO_PLACE_YET = "Looking for room…"
SAVED_IN, CHANGE_FOLDER, CHOOSE_FOLDER = "Saved in", "Change folder", "Choose a folder for recordings"
SYSTEM_SOUND = (
    "System audio is in use, which cannot be recorded. Choose Rendezvous audio in Settings, then join the call again."
)
NOT_BOTH_THERE = "You can record once you are both here."
NOT_WRITABLE = "Nothing can be saved in this folder. Choose another one."
PAUSED_FOR_CONNECTION = "until you are connected again"
_ENDS = {
    RecordingEnd.STOPPED: "Recording stopped.",
    RecordingEnd.REFUSED: "{name} did not allow recording.",
    RecordingEnd.WITHDRAWN: "{name} stopped the recording.",
    RecordingEnd.PEER_LEFT: "Recording ended: {name} left.",
    RecordingEnd.CALL_ENDED: "Recording ended with the call.",
    RecordingEnd.DISK_FULL: "Recording stopped: there is almost no space left.",
    RecordingEnd.NOT_WRITABLE: "Recording stopped: it could not be written.",
    RecordingEnd.SYSTEM_AUDIO: "Recording stopped: the system plays the voices by itself.",
    RecordingEnd.FAILED: "Recording stopped: something went wrong.",
}
_NEXT = {
    RecordingEnd.REFUSED: "You can ask again if you both want it.",
    RecordingEnd.WITHDRAWN: "To go on, ask again.",
    RecordingEnd.PEER_LEFT: "Ask again when {name} is back.",
    RecordingEnd.DISK_FULL: "Free some space or choose another folder, then ask again.",
    RecordingEnd.NOT_WRITABLE: "Choose another folder, then ask again.",
    RecordingEnd.SYSTEM_AUDIO: "Choose Rendezvous audio in Settings, then join the call again.",
    RecordingEnd.FAILED: "To go on, ask again.",
}


def ask_words(name: str) -> str:
    """On the button."""
    return f"Ask {name}"


def asked_first_words(name: str) -> str:
    return f"{name} is asked first, sees all the time that you record, and can stop it."


def asking_words(name: str) -> str:
    return f"Asking {name}…"


def asks_words(name: str) -> str:
    return f"{name} asks to record this session"


def theirs_words(name: str, writing: bool) -> str:
    return f"{name} is recording" if writing else f"{name}'s recording is paused"


def stop_theirs_words(name: str) -> str:
    """For screen readers."""
    return f"Stop {name}'s recording"


def theirs_ended_words(name: str) -> str:
    return f"{name} is not recording any more"


def saved_words(file: str) -> str:
    return f"Saved: {file}"


def free_words(free_bytes: int | None) -> str:
    """Empty where it is not known."""
    return "" if free_bytes is None else f"{size_words(free_bytes)} free"


def size_of(recording: OwnRecording) -> str:
    return size_words(recording.size_bytes)


def name_of(file: str) -> str:
    """Of a path, the file's own; of Windows' kind too."""
    return re.split(r"[/\\]", file)[-1]


def own_words(recording: OwnRecording, name: str) -> str:
    """In the sign that this person sees all the time; empty while there is none."""
    match recording.state:
        case RecordingState.ASKING:
            return asking_words(name)
        case RecordingState.RECORDING:
            return f"{RECORDING} {clock_words(recording.written_s)}"
        case RecordingState.PAUSED:
            return PAUSED
        case RecordingState.FINISHING:
            return FINISHING
        case _:
            return ""


def paused_words(state: CallState, name: str) -> str:
    """Why nothing is written just now; `state` is the call's."""
    if state is CallState.IN_CALL:
        return f"Recording paused until {name} allows it again"
    return f"Recording paused {PAUSED_FOR_CONNECTION}"


def end_words(end: RecordingEnd, name: str) -> str:
    return _ENDS[end].format(name=name)


def next_words(recording: OwnRecording, name: str) -> str:
    """What was kept, and what can be done now."""
    end = recording.end or RecordingEnd.FAILED
    said = ["" if recording.file or end is RecordingEnd.NOT_WRITABLE else "Nothing was recorded."]
    if recording.file and end in (RecordingEnd.WITHDRAWN, RecordingEnd.FAILED, RecordingEnd.DISK_FULL):
        said.append("What was recorded until then is saved.")
    if end is RecordingEnd.DISK_FULL and recording.free_bytes is not None:
        said.append(f"{size_words(recording.free_bytes)} are left.")
    said.append(_NEXT.get(end, "").format(name=name))
    return " ".join(each for each in said if each)


def recording_announcement(before: CallSnapshot, after: CallSnapshot, name: str) -> str:
    """What a screen reader says; how far a recording is it does not."""
    own, was = after.recording, before.recording
    if own.state is not was.state and own.state is RecordingState.PAUSED:
        return f"{paused_words(after.state, name)}."
    if own.state is not was.state and own.state is RecordingState.RECORDING:
        return f"{RECORDING}. {name} sees it."
    if own.state is not was.state and own.end is not None:
        return f"{end_words(own.end, name)} {next_words(own, name)}".strip()
    return _theirs(before.peer_recording, after.peer_recording, name)


def _theirs(before: PeerRecording | None, after: PeerRecording | None, name: str) -> str:
    if after is None or after.agreed is False:
        ended = before is not None and before.agreed is True
        return f"{theirs_ended_words(name)}." if ended else ""
    if after.agreed is None:
        is_new = before is None or before.ask_id != after.ask_id or before.agreed is not None
        return f"{asks_words(name)}. {EXPLAINED}" if is_new else ""
    was_writing = before is not None and before.writing
    return f"{theirs_words(name, after.writing)}." if after.writing is not was_writing else ""
