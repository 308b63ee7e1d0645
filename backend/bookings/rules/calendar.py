"""Which revision of a booking's calendar event a file is (RFC 5545, 3.8.7.4)."""

from backend.bookings.rules import BookingStatus


def calendar_sequence(status: BookingStatus, moves: int, *, confirmed: bool) -> int:
    """Larger after each change that calendars have to show, and never smaller than in an earlier file.

    A hold is 0, a hold that ended 1; paid late after that it is 2 like every confirmed one; each move adds one, and so
    does cancelling. A calendar ignores a file with a smaller number than it has.
    """
    ended = status in (BookingStatus.EXPIRED, BookingStatus.CANCELLED)
    return 2 * confirmed + moves + ended
