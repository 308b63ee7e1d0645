"""Which mails there are, and what becomes of one that is not taken: pure."""

from datetime import datetime, timedelta
from enum import StrEnum


class MailKind(StrEnum):
    """What a mail is about; the names are on the wire and in the database."""

    VERIFY_CODE = "verify_code"
    RESET_CODE = "reset_code"
    BOOKED = "booked"
    NEW_BOOKING = "new_booking"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMINDER_DAY = "reminder_day"
    REMINDER_SOON = "reminder_soon"
    REFUND = "refund"
    FOLLOW_UP = "follow_up"
    NEW_SIGN_IN = "new_sign_in"
    CHANGE_CODE = "change_code"
    EMAIL_CHANGED = "email_changed"
    SECOND_FACTOR_OFF = "second_factor_off"


ALWAYS = frozenset(
    {
        *(MailKind.VERIFY_CODE, MailKind.RESET_CODE, MailKind.CHANGE_CODE),
        *(MailKind.EMAIL_CHANGED, MailKind.SECOND_FACTOR_OFF),
    }
)
"""They cannot be switched off: somebody asked for them just now, or has to hear of it whoever is in the account."""
OPTIONAL = tuple(kind for kind in MailKind if kind not in ALWAYS)
REMINDERS = (MailKind.REMINDER_DAY, MailKind.REMINDER_SOON)


class MailState(StrEnum):
    """`pending` until it is sent, given up, or no longer wanted."""

    PENDING = "pending"
    SENT = "sent"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"


NOWHERE = "@deleted.invalid"
"""Behind it are the addresses of deleted accounts (RFC 2606, 2: nobody ever receives mail at .invalid)."""
LEASE = timedelta(minutes=5)
"""For how long one worker alone may be sending a mail; a transport gives up before."""
AGAIN_WHEN_UNREACHABLE = timedelta(seconds=30)
GIVE_UP_AFTER = timedelta(days=2)
"""As most mail servers do with what they cannot deliver (RFC 5321, 4.5.4.1, says 4 to 5 days between servers)."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


def wait_after(attempts: int) -> timedelta:
    """How long a mail waits that the server has put off `attempts` times: a minute, doubled up to an hour."""
    return min(_FIRST_WAIT * (1 << min(attempts - 1, 10)), _LONGEST_WAIT)


def is_too_late(not_after: datetime | None, created_at: datetime, now: datetime) -> bool:
    """Whether a mail is worth nothing any more: its code or its reminder is over, or it waited for too long."""
    return now >= (not_after or created_at + GIVE_UP_AFTER)


REMIND = {
    MailKind.REMINDER_DAY: (timedelta(hours=24), timedelta(hours=20)),
    MailKind.REMINDER_SOON: (timedelta(minutes=15), timedelta(minutes=5)),
}
"""Of each reminder: how long before the start it is due, and how long before it is too late to be sent."""
