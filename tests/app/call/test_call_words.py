"""Every state, fault and refusal of a call has words, and the right ones."""

import datetime as dt

import pytest

from app.api.models import Booking
from app.call.contract.call_state import CallSnapshot, CallState, EndReason
from app.call.contract.devices import Device, DeviceFault, DeviceKind, DeviceState
from app.errors import NotSignedIn, Offline, Problem, Unavailable
from app.state.call.words.call_words import (
    closing_words,
    ended_words,
    length_words,
    problem_from_booking,
    problem_from_error,
    status_words,
)
from app.state.call.words.device_words import fault_words, faults_of, stand_in_words
from tests.app.stage.call_world import SESSION, CallWorld
from tests.fakes.api import NOW


def test_a_backend_that_answers_without_a_call_server_is_not_called_out_of_reach() -> None:
    said = problem_from_error(Unavailable("Calls are not available at the moment. Please try again shortly."))
    assert said.title == "The call could not be started"
    assert said.text.startswith("Calls are not available")
    assert said.retry
    assert problem_from_error(Offline()).title == "No connection"


def booking(**fields: object) -> Booking:
    world = CallWorld()
    world.api.bookings[SESSION] |= fields
    return Booking.model_validate(world.api.bookings[SESSION])


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CallState.IDLE, "Connecting…"),
        (CallState.CONNECTING, "Connecting…"),
        (CallState.WAITING, "Waiting for Mia"),
        (CallState.RECONNECTING, "Reconnecting…"),
        (CallState.PEER_RECONNECTING, "Mia lost the connection. Waiting for them to come back."),
        (CallState.IN_CALL, ""),
    ],
)
def test_each_state_is_said_in_one_line(state: CallState, words: str) -> None:
    assert status_words(CallSnapshot(state), "Mia") == words


@pytest.mark.parametrize("reason", [*EndReason, None])
def test_every_end_has_a_headline_and_a_sentence_without_codes(reason: EndReason | None) -> None:
    title, text = ended_words(reason, "Mia")
    assert title
    assert text.endswith(".")
    assert "_" not in title + text


def test_the_headlines_of_different_ends_differ() -> None:
    titles = [ended_words(reason, "Mia")[0] for reason in EndReason]
    assert len(set(titles)) == len(titles)


def test_a_session_opened_elsewhere_is_said_even_when_its_time_is_over() -> None:
    assert ended_words(EndReason.JOINED_ELSEWHERE, "Mia", over=True)[0] == "You joined somewhere else"


def test_a_room_closed_because_of_a_cancellation_says_so() -> None:
    assert ended_words(EndReason.ROOM_CLOSED, "Mia", cancelled=True)[0] == "This session was cancelled"


@pytest.mark.parametrize("fault", list(DeviceFault))
@pytest.mark.parametrize("kind", list(DeviceKind))
def test_every_fault_of_every_device_says_what_it_means_and_what_helps(kind: DeviceKind, fault: DeviceFault) -> None:
    words = fault_words(kind, fault, "Mia")
    assert "Mia" in words.what
    assert words.remedy.endswith((".", ")."))


@pytest.mark.parametrize("kind", [DeviceKind.CAMERA, DeviceKind.MICROPHONE])
def test_a_refused_device_says_what_to_press_on_each_system(kind: DeviceKind) -> None:
    remedies = {
        system: fault_words(kind, DeviceFault.REFUSED, "Mia", system).remedy for system in ("win32", "darwin", "linux")
    }
    assert len(set(remedies.values())) == 3
    assert "Privacy & security" in remedies["win32"]
    assert "System Settings" in remedies["darwin"]
    assert "group" in remedies["linux"]


def test_a_device_that_is_switched_off_is_no_fault() -> None:
    off = DeviceState(enabled=False, fault=DeviceFault.BUSY)
    assert faults_of(CallSnapshot(camera=off)) == []


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"status": "cancelled"}, "This session was cancelled"),
        ({"status": "held", "payment_status": "pending"}, "This session is not paid yet"),
        ({"status": "no_show"}, "This session is over"),
    ],
)
def test_a_booking_that_cannot_be_called_says_why(fields: dict[str, object], title: str) -> None:
    problem = problem_from_booking(booking(**fields), NOW)
    assert problem is not None
    assert problem.title == title


def test_who_was_cut_off_after_the_end_may_come_back_while_the_room_is_open() -> None:
    it = booking(status="completed")
    assert problem_from_booking(it, it.join_closes_at - dt.timedelta(seconds=1)) is None


def test_a_booking_is_over_from_the_instant_its_room_closes() -> None:
    it = booking()
    assert problem_from_booking(it, it.join_closes_at - dt.timedelta(seconds=1)) is None
    assert problem_from_booking(it, it.join_closes_at) is not None


@pytest.mark.parametrize(
    ("error", "title", "retry"),
    [
        (Problem("SessionOver", 409, "Over."), "This session is over", False),
        (Problem("SessionCancelled", 409, "Cancelled."), "This session was cancelled", False),
        (Problem("NotPaid", 409, "Unpaid."), "This session is not paid yet", False),
        (Problem("NotFound", 404, "Nothing."), "Session not found", False),
        (Problem("ServiceUnavailable", 503, "LiveKit is away."), "The call could not be started", True),
        (Offline(), "No connection", True),
        (NotSignedIn(), "You are signed out", False),
    ],
)
def test_each_refusal_is_told_apart(error: Problem, title: str, retry: bool) -> None:
    problem = problem_from_error(error)
    assert (problem.title, problem.retry) == (title, retry)


def test_a_start_that_is_too_early_keeps_the_instant_at_which_the_room_opens() -> None:
    opens_at = NOW + dt.timedelta(minutes=3)
    assert problem_from_error(Problem("TooEarlyToStart", 409, "Early.", opens_at=opens_at)).opens_at == opens_at


@pytest.mark.parametrize(
    ("remaining_s", "words"),
    [
        (601, ""),
        (600, "The room closes in 10 minutes"),
        (571, "The room closes in 10 minutes"),
        (569, ""),
        (121, ""),
        (120, "The room closes in 2:00"),
        (5, "The room closes in 0:05"),
        (0, ""),
    ],
)
def test_the_end_of_the_room_is_said_at_ten_minutes_and_through_the_last_two(remaining_s: float, words: str) -> None:
    assert closing_words(remaining_s) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second"), (40, "40 seconds"), (754, "12 min"), (3900, "1 h 5 min")]
)
def test_a_length_is_said_in_whole_units(seconds: int, words: str) -> None:
    assert length_words(dt.timedelta(seconds=seconds)) == words


def test_a_camera_that_does_not_close_is_said_though_it_is_switched_off() -> None:
    off = DeviceState(enabled=False, fault=DeviceFault.STUCK)
    stuck = CallSnapshot(camera=off, speaker=DeviceState(enabled=False, fault=DeviceFault.BUSY))
    assert faults_of(stuck) == [(DeviceKind.CAMERA, DeviceFault.STUCK)]
    words = fault_words(DeviceKind.CAMERA, DeviceFault.STUCK, "Mia")
    assert "may still be recording" in words.what
    assert "Unplug it" in words.remedy
    assert fault_words(DeviceKind.SPEAKER, DeviceFault.STUCK, "Mia").what.startswith("Your speaker does not answer.")


def test_what_is_taken_in_place_of_a_device_that_is_away_is_said() -> None:
    desk, room = Device(DeviceKind.CAMERA, "1", "Desk webcam"), Device(DeviceKind.CAMERA, "2", "Room camera")
    assert stand_in_words(DeviceState(chosen=room)) == ""
    said = stand_in_words(DeviceState(chosen=room, instead_of=desk))
    assert said == "Desk webcam is not connected. Room camera is used instead."
