"""What the call screen says when something is wrong while the call goes on: the connections, the other's devices.

Pure functions of what is known.
"""

from app.call.contract.call_state import CallPart, CallSnapshot, CallState, Publication, ReconnectCause, RemotePeerState
from app.call.contract.devices import DeviceFault

_RECONNECTING = {
    ReconnectCause.NO_ANSWER: "Your connection was interrupted. Reconnecting automatically.",
    ReconnectCause.NETWORK_CHANGED: "Your network changed. Reconnecting over the new one.",
    ReconnectCause.NO_NETWORK: "This device is offline. The call reconnects once it is online.",
    ReconnectCause.SUSPENDED: "This device was asleep. Reconnecting.",
    ReconnectCause.SERVER_GONE: "The call server is not responding. We keep trying.",
}
_FAILING = {
    CallPart.CONNECTION: "Your connection is no longer checked. If the call stops, leave and rejoin.",
    CallPart.REJOINING: "Reconnecting keeps failing. Leave and rejoin.",
    CallPart.CAMERA: "Your camera is no longer checked. If it stops, switch it off and on.",
    CallPart.CHAT: "The chat keeps failing. Leave and rejoin to go on writing.",
    CallPart.TIMER: "The timer is no longer shared. Leave and rejoin to go on with it.",
    CallPart.FILES: "Sending files keeps failing. Leave and rejoin to go on with them.",
    CallPart.RECORDING: "Recording keeps failing. Leave and rejoin to go on with it.",
    CallPart.AUDIO: "Your microphone and speaker are no longer checked. If they stop, leave and rejoin.",
}
_CONNECTED = (CallState.WAITING, CallState.IN_CALL, CallState.PEER_RECONNECTING)
_NONE_THERE = (DeviceFault.MISSING, DeviceFault.NO_DRIVER)


def reconnecting_words(trouble: ReconnectCause | None) -> str:
    """Why this side is cut off, and that nothing has to be done."""
    return _RECONNECTING[trouble or ReconnectCause.NO_ANSWER]


def no_picture_words(other: RemotePeerState | None, name: str) -> str:
    """Why there is no picture of the other, while they are there."""
    if other is None or other.camera_fault is None:
        return "Camera is off"
    return f"{name} has no camera" if other.camera_fault in _NONE_THERE else f"{name}'s camera does not work"


def _microphone_words(other: RemotePeerState, name: str) -> str:
    match other.microphone_fault:
        case None:
            return "" if other.microphone_on else f"{name} is muted"
        case DeviceFault.SILENT:
            return f"{name}'s microphone is silent"
        case fault if fault in _NONE_THERE:
            return f"{name} has no microphone"
        case _:
            return f"{name}'s microphone does not work"


def microphone_note(snapshot: CallSnapshot, name: str) -> str:
    """Why the other is not heard, if that is theirs to mend; else empty."""
    other = snapshot.peer
    return _microphone_words(other, name) if other is not None and snapshot.state is CallState.IN_CALL else ""


def own_notes(snapshot: CallSnapshot) -> list[str]:
    """What is amiss on this side, though its devices work: what does not get out, and what keeps failing."""
    unseen = snapshot.camera.is_sending and snapshot.camera_publication is Publication.DELAYED
    unheard = snapshot.microphone.is_sending and snapshot.microphone_publication is Publication.DELAYED
    notes = [_FAILING[part] for part in CallPart if part in snapshot.failing_parts]
    if snapshot.state not in _CONNECTED or not (unseen or unheard):
        return notes
    verb = "seen or heard" if unseen and unheard else "seen" if unseen else "heard"
    return [f"You can't be {verb} yet. Trying again.", *notes]


def notes_of(snapshot: CallSnapshot, name: str) -> list[str]:
    """What else is amiss in a call that goes on, the most important first; a weak connection has its own sign. Empty
    while one side is cut off: that is said in the middle of the stage.
    """
    other = snapshot.peer
    if other is None or snapshot.state is not CallState.IN_CALL:
        return []
    notes = {
        f"{name} cannot hear you": other.speaker_fault is not None,
        f"{name}'s sound has stopped": other.audio_stalled,
        f"{name}'s picture has stopped": other.video_stalled,
    }
    return [words for words, holds in notes.items() if holds]
