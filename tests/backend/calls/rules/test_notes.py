"""When notes may be made, and when a follow-up may be sent, at each very instant."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.bookings.rules import BookingStatus
from backend.calls.rules import NotPaid, SessionCancelled, SessionOver
from backend.calls.rules.notes import (
    FOLLOW_UP_WITHIN,
    NoteChanged,
    SessionNotOver,
    check_may_follow_up,
    check_may_note,
)
from backend.kit.errors import BusinessError

ENDS = datetime(2027, 3, 1, 10, 45, tzinfo=UTC)
TICK = timedelta(microseconds=1)
ONCE_CONFIRMED = [
    BookingStatus.CONFIRMED,
    BookingStatus.CANCELLED,
    BookingStatus.COMPLETED,
    BookingStatus.NO_SHOW,
]


@pytest.mark.parametrize("status", ONCE_CONFIRMED)
def test_notes_are_made_of_what_became_a_session(status: BookingStatus) -> None:
    check_may_note(status, ENDS)


@pytest.mark.parametrize(
    ("status", "confirmed_at"),
    [(BookingStatus.HELD, ENDS), (BookingStatus.EXPIRED, ENDS), (BookingStatus.CANCELLED, None)],
)
def test_of_what_was_never_paid_there_are_no_notes(status: BookingStatus, confirmed_at: datetime | None) -> None:
    with pytest.raises(NotPaid):
        check_may_note(status, confirmed_at)


@pytest.mark.parametrize("status", [BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW])
@pytest.mark.parametrize("now", [ENDS, ENDS + FOLLOW_UP_WITHIN - TICK])
def test_a_follow_up_is_sent_from_the_end_on_for_a_month(status: BookingStatus, now: datetime) -> None:
    check_may_follow_up(status, ENDS, now)


@pytest.mark.parametrize(
    ("status", "now", "why"),
    [
        (BookingStatus.CONFIRMED, ENDS - TICK, SessionNotOver),
        (BookingStatus.COMPLETED, ENDS + FOLLOW_UP_WITHIN, SessionOver),
        (BookingStatus.CANCELLED, ENDS, SessionCancelled),
        (BookingStatus.HELD, ENDS, NotPaid),
        (BookingStatus.EXPIRED, ENDS, NotPaid),
    ],
)
def test_who_may_not_send_a_follow_up_reads_why(status: BookingStatus, now: datetime, why: type[BusinessError]) -> None:
    with pytest.raises(why):
        check_may_follow_up(status, ENDS, now)


def test_who_sends_a_follow_up_too_early_reads_when_the_session_ends() -> None:
    with pytest.raises(SessionNotOver) as refused:
        check_may_follow_up(BookingStatus.CONFIRMED, ENDS, ENDS - TICK)
    assert refused.value.extra == {"ends_at": "2027-03-01T10:45:00.000Z"}


def test_who_would_overwrite_notes_gets_the_newer_ones() -> None:
    assert NoteChanged({"text": "newer"}).extra == {"note": {"text": "newer"}}
