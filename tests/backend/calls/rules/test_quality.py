"""When a report of a call's quality is taken, and which one is kept, at each very instant."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.bookings.rules import BookingStatus, JoinWindow
from backend.calls.rules import NotPaid, SessionCancelled, SessionOver, TooEarlyToStart
from backend.calls.rules.quality import REPORTED_WITHIN, check_may_report, check_took_place, replaces
from backend.kit.errors import BusinessError, InvalidPayload

OPENS = datetime(2027, 3, 1, 9, 45, tzinfo=UTC)
WINDOW = JoinWindow(OPENS, OPENS + timedelta(hours=1))
TICK = timedelta(microseconds=1)
LAST = WINDOW.closes_at + REPORTED_WITHIN - TICK


@pytest.mark.parametrize("status", [BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW])
@pytest.mark.parametrize("now", [OPENS, LAST])
def test_a_call_is_reported_until_a_day_after_its_room_has_closed(status: BookingStatus, now: datetime) -> None:
    check_took_place(status, WINDOW, now)


@pytest.mark.parametrize(
    ("status", "now", "why"),
    [
        (BookingStatus.CONFIRMED, OPENS - TICK, TooEarlyToStart),
        (BookingStatus.COMPLETED, LAST + TICK, SessionOver),
        (BookingStatus.CANCELLED, OPENS, SessionCancelled),
        (BookingStatus.HELD, OPENS, NotPaid),
        (BookingStatus.EXPIRED, OPENS, NotPaid),
    ],
)
def test_nothing_is_reported_of_a_call_that_cannot_have_taken_place(
    status: BookingStatus, now: datetime, why: type[BusinessError]
) -> None:
    with pytest.raises(why):
        check_took_place(status, WINDOW, now)
    with pytest.raises(why):
        check_may_report(status, WINDOW, now, measured_s=0)


def test_who_reports_too_early_reads_when_the_room_opens() -> None:
    with pytest.raises(TooEarlyToStart) as refused:
        check_took_place(BookingStatus.CONFIRMED, WINDOW, OPENS - TICK)
    assert refused.value.extra == {"opens_at": "2027-03-01T09:45:00.000Z"}


@pytest.mark.parametrize(("now", "longest_s"), [(OPENS + timedelta(seconds=90), 90), (LAST, 3600)])
def test_nothing_is_measured_for_longer_than_the_room_was_open(now: datetime, longest_s: int) -> None:
    check_may_report(BookingStatus.CONFIRMED, WINDOW, now, longest_s)
    with pytest.raises(InvalidPayload) as refused:
        check_may_report(BookingStatus.CONFIRMED, WINDOW, now, longest_s + 1)
    assert refused.value.extra == {"fields": {"measured_s": "The room was not open for that long."}}


@pytest.mark.parametrize(("kept_s", "measured_s", "taken"), [(None, 0, True), (60, 60, True), (60, 59, False)])
def test_the_longer_report_of_a_call_is_kept(kept_s: int | None, measured_s: int, taken: bool) -> None:
    assert replaces(kept_s, measured_s) is taken
