"""Every trouble of a running call has words, and none is said that explains nothing."""

from dataclasses import replace

import pytest

from app.call.contract.call_state import (
    CallPart,
    CallSnapshot,
    CallState,
    Publication,
    ReconnectCause,
    RemotePeerState,
)
from app.call.contract.devices import DeviceFault, DeviceState
from app.state.call.words.in_call_words import (
    microphone_note,
    no_picture_words,
    notes_of,
    own_notes,
    reconnecting_words,
)

WELL = RemotePeerState("user_x", "Mia", microphone_on=True, camera_on=True)


def in_call(other: RemotePeerState = WELL) -> CallSnapshot:
    return CallSnapshot(CallState.IN_CALL, peer=other)


def test_every_reason_for_reconnecting_is_a_sentence_of_its_own_that_asks_for_nothing() -> None:
    said = {reconnecting_words(trouble) for trouble in ReconnectCause}
    assert len(said) == len(ReconnectCause)
    assert all(each.endswith(".") and "_" not in each for each in said)
    assert reconnecting_words(None) in said


@pytest.mark.parametrize("fault", list(DeviceFault))
def test_every_fault_of_the_others_camera_is_said_in_place_of_their_picture(fault: DeviceFault) -> None:
    assert no_picture_words(replace(WELL, camera_on=False, camera_fault=fault), "Mia").startswith("Mia")


def test_a_camera_that_is_switched_off_is_no_fault() -> None:
    assert no_picture_words(replace(WELL, camera_on=False), "Mia") == "Camera is off"
    assert no_picture_words(None, "Mia") == "Camera is off"


def test_someone_without_a_camera_is_told_from_someone_whose_camera_fails() -> None:
    assert no_picture_words(replace(WELL, camera_fault=DeviceFault.MISSING), "Mia") == "Mia has no camera"
    assert no_picture_words(replace(WELL, camera_fault=DeviceFault.BUSY), "Mia") == "Mia's camera does not work"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (WELL, ""),
        (replace(WELL, microphone_on=False), "Mia is muted"),
        (replace(WELL, microphone_on=False, microphone_fault=DeviceFault.SILENT), "Mia's microphone is silent"),
        (replace(WELL, microphone_on=False, microphone_fault=DeviceFault.MISSING), "Mia has no microphone"),
        (replace(WELL, microphone_on=False, microphone_fault=DeviceFault.REFUSED), "Mia's microphone does not work"),
    ],
)
def test_a_fault_of_the_others_microphone_is_told_from_being_muted(other: RemotePeerState, words: str) -> None:
    assert microphone_note(in_call(other), "Mia") == words


@pytest.mark.parametrize(
    ("snapshot", "notes"),
    [
        (in_call(), []),
        (in_call(replace(WELL, speaker_fault=DeviceFault.MISSING)), ["Mia cannot hear you"]),
        (in_call(replace(WELL, video_stalled=True)), ["Mia's picture has stopped"]),
        (in_call(replace(WELL, audio_stalled=True)), ["Mia's sound has stopped"]),
        (
            in_call(replace(WELL, audio_stalled=True, video_stalled=True)),
            ["Mia's sound has stopped", "Mia's picture has stopped"],
        ),
    ],
)
def test_what_is_amiss_is_said_in_few_words(snapshot: CallSnapshot, notes: list[str]) -> None:
    assert notes_of(snapshot, "Mia") == notes


@pytest.mark.parametrize("state", [each for each in CallState if each is not CallState.IN_CALL])
def test_nothing_is_said_of_the_details_while_a_side_is_cut_off(state: CallState) -> None:
    broken = replace(WELL, audio_stalled=True, speaker_fault=DeviceFault.MISSING, microphone_on=False)
    snapshot = CallSnapshot(state, peer=broken)
    assert notes_of(snapshot, "Mia") == []
    assert microphone_note(snapshot, "Mia") == ""


ON, OFF = DeviceState(enabled=True, working=True), DeviceState(enabled=False)
NOT_YET, OUT = Publication.DELAYED, Publication.PUBLISHED


@pytest.mark.parametrize(
    ("camera", "camera_out", "microphone", "microphone_out", "notes"),
    [
        (ON, OUT, ON, OUT, []),
        (ON, NOT_YET, ON, OUT, ["You can't be seen yet. Trying again."]),
        (ON, OUT, ON, NOT_YET, ["You can't be heard yet. Trying again."]),
        (ON, NOT_YET, ON, NOT_YET, ["You can't be seen or heard yet. Trying again."]),
        (OFF, NOT_YET, OFF, NOT_YET, []),
        (ON, Publication.UNDERWAY, ON, Publication.UNDERWAY, []),
    ],
)
def test_who_cannot_be_seen_or_heard_though_switched_on_is_told(
    camera: DeviceState,
    camera_out: Publication,
    microphone: DeviceState,
    microphone_out: Publication,
    notes: list[str],
) -> None:
    snapshot = CallSnapshot(
        state=CallState.WAITING,
        camera=camera,
        microphone=microphone,
        camera_publication=camera_out,
        microphone_publication=microphone_out,
    )
    assert own_notes(snapshot) == notes
    assert own_notes(replace(snapshot, state=CallState.RECONNECTING)) == [], "that is said in the middle of the stage"


def test_every_part_of_a_call_that_keeps_failing_is_told_with_what_to_do() -> None:
    found = own_notes(CallSnapshot(state=CallState.IN_CALL, failing_parts=frozenset(CallPart)))
    assert len(found) == len(CallPart)
    assert all(note.count(".") == 2 for note in found), "what is wrong, and what to do"
