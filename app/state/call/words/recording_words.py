"""What is said of a recording, to the one who asks for it and to the one who is asked."""

from app.call.contract.recording import RecordingEnd

RECORD = "Record"
STOP = "Stop recording"
STOP_THEIRS = "Stop"
CANCEL = "Cancel"
ALLOW = "Allow"
DO_NOT_ALLOW = "Don't allow"
RECORDING = "Recording"
PAUSED = "Recording paused"
FINISHING = "Saving the recording…"
SAVE = "Save"
REMOVE = "Remove"
EXPLAINED = "Both pictures, shared screens and both voices go into a file on their device. You can stop it at any time."
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


def asking_words(name: str) -> str:
    return f"Asking {name}…"


def asks_words(name: str) -> str:
    return f"{name} asks to record this session"


def theirs_words(name: str, writing: bool) -> str:
    return f"{name} is recording" if writing else f"{name}'s recording is paused"


def theirs_ended_words(name: str) -> str:
    return f"{name} is not recording any more"


def end_words(end: RecordingEnd, name: str) -> str:
    return _ENDS[end].format(name=name)


def saved_words(file: str) -> str:
    return f"Saved: {file}"
