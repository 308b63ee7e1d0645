"""What a screen reader says when a call changes: pure. Silent changes are those that nobody has to know of."""

from app.call.contract.call_state import CallSnapshot, CallState, ReconnectCause
from app.call.contract.devices import DeviceFault, DeviceKind
from app.state.call.words.device_words import blur_words, fault_words, faults_of
from app.state.call.words.file_words import file_announcement
from app.state.call.words.in_call_words import (
    microphone_note,
    no_picture_words,
    notes_of,
    own_notes,
    reconnecting_words,
)
from app.state.call.words.recording_words import recording_announcement
from app.state.call.words.screen_words import FAULTS, SHARING, STOPPED, shares_no_more_words, shares_words
from app.state.call.words.timer_words import timer_announcement


def announcement(before: CallSnapshot, after: CallSnapshot, other_name: str) -> str:
    """One short sentence for the way from one moment to the next; empty where there is nothing to say."""
    if before.state is not after.state:
        return _reconnecting(after) or _state_words(before.state, after.state, other_name)
    if after.reconnect_cause is not before.reconnect_cause:
        return _reconnecting(after)
    if new := _new_faults(before, after):
        kind, fault = new[0]
        return fault_words(kind, fault, other_name).what
    if after.background_blur.blocked and not before.background_blur.blocked:
        return blur_words(after.background_blur)
    if new_own := [note for note in own_notes(after) if note not in own_notes(before)]:
        return new_own[0]
    if new_notes := [note for note in notes_of(after, other_name) if note not in notes_of(before, other_name)]:
        return f"{new_notes[0]}."
    if before.microphone.enabled != after.microphone.enabled:
        return "Microphone on" if after.microphone.enabled else "Microphone muted"
    if before.camera.enabled != after.camera.enabled:
        return "Camera on" if after.camera.enabled else "Camera off"
    return _shared_words(before, after, other_name) or _other_words(before, after, other_name)


def _shared_words(before: CallSnapshot, after: CallSnapshot, other_name: str) -> str:
    """Of this side's screen, and of what both have in common: the timer, a recording, and files."""
    if before.screen != after.screen and (said := _screen_words(before, after)):
        return said
    if before.timer != after.timer and (said := timer_announcement(before.timer, after.timer)):
        return said
    if said := recording_announcement(before, after, other_name):
        return said
    return file_announcement(before.files, after.files, other_name) if before.files != after.files else ""


def _reconnecting(after: CallSnapshot) -> str:
    """Why, where more is known than that nothing comes."""
    known = after.reconnect_cause not in (None, ReconnectCause.NO_ANSWER)
    return f"Reconnecting. {reconnecting_words(after.reconnect_cause)}" if known else ""


def _state_words(before: CallState, after: CallState, other_name: str) -> str:
    match after:
        case CallState.WAITING if before in (CallState.IN_CALL, CallState.PEER_RECONNECTING):
            return f"{other_name} left the call."
        case CallState.WAITING:
            return f"You are in the room. Waiting for {other_name}."
        case CallState.IN_CALL if before in (CallState.RECONNECTING, CallState.PEER_RECONNECTING):
            return "Connected again."
        case CallState.IN_CALL if before is CallState.WAITING:
            return f"{other_name} joined."
        case CallState.IN_CALL:
            return f"You are in the call with {other_name}."
        case CallState.RECONNECTING:
            return "Your connection was interrupted. Reconnecting."
        case CallState.PEER_RECONNECTING:
            return f"{other_name} lost the connection. Waiting for them to come back."
        case _:
            return ""


def _new_faults(before: CallSnapshot, after: CallSnapshot) -> list[tuple[DeviceKind, DeviceFault]]:
    known = faults_of(before)
    return [fault for fault in faults_of(after) if fault not in known]


def _screen_words(before: CallSnapshot, after: CallSnapshot) -> str:
    if after.screen.fault is not None and after.screen.fault is not before.screen.fault:
        return FAULTS[after.screen.fault]
    if before.screen.sharing == after.screen.sharing:
        return ""
    return f"{SHARING if after.screen.sharing else STOPPED}."


def _other_words(before: CallSnapshot, after: CallSnapshot, other_name: str) -> str:
    if before.peer is None or after.peer is None or after.state is not CallState.IN_CALL:
        return ""
    if after.peer.microphone_fault not in (None, before.peer.microphone_fault):
        return f"{microphone_note(after, other_name)}."
    if after.peer.camera_fault not in (None, before.peer.camera_fault):
        return f"{no_picture_words(after.peer, other_name)}."
    if before.peer.screen_on != after.peer.screen_on:
        return f"{(shares_words if after.peer.screen_on else shares_no_more_words)(other_name)}."
    if before.peer.microphone_on != after.peer.microphone_on:
        return f"{other_name} unmuted." if after.peer.microphone_on else f"{other_name} muted themselves."
    if before.peer.camera_on != after.peer.camera_on:
        return f"{other_name} turned the camera {'on' if after.peer.camera_on else 'off'}."
    return ""
