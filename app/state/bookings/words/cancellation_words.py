"""What cancelling gives back, in words: before booking, beside the booking, and in the question before it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.api.models import PROFESSIONAL, USER, Booking, Cancellation, CancellationPolicy, Role, money_words
from app.state.core.wall_time import duration_words, moment_words

DAY_MIN = 24 * 60
USER_STARTS = ("Free cancellation", "Half refund", "Cancelling no longer gives a refund.")
PROFESSIONAL_STARTS = (
    "If {name} cancels: full refund",
    "If {name} cancels: half refund",
    "If {name} cancels: no refund.",
)


@dataclass(frozen=True)
class CancelQuestion:
    """`headline` says what goes back, `reasons` why and until when that holds, `button` what pressing does."""

    headline: str
    reasons: tuple[str, ...]
    button: str


def offer_words(policy: CancellationPolicy) -> str:
    """A professional's policy before anything is booked: "Free cancellation until 12 h before the start, ..."."""
    full, half = policy.full_until_minutes, policy.half_until_minutes
    if not full:
        return "Free cancellation until the start."
    words = f"Free cancellation until {_before(full)} before the start"
    if not half:
        return f"{words}, half the price back after."
    if half == full:
        return f"{words}, nothing back after."
    return f"{words}, half the price back until {_before(half)} before, nothing after."


def policy_lines(booking: Booking, role: Role, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """What holds for this session from now on, to one of its two people; nothing where no policy is known."""
    if role != PROFESSIONAL:
        return _lines(booking, now, zone, USER_STARTS)
    name = booking.user.name
    theirs = _lines(booking, now, zone, tuple(each.format(name=name) for each in PROFESSIONAL_STARTS))
    return (" ".join(theirs), f"If you cancel, {name} gets a full refund.") if theirs else ()


def free_until_words(booking: Booking, now: datetime, zone: ZoneInfo) -> str:
    """The first of a session's lines: what to know before paying. Empty where no policy is known."""
    lines = policy_lines(booking, USER, now, zone)
    return lines[0] if lines else ""


def _lines(booking: Booking, now: datetime, zone: ZoneInfo, starts: tuple[str, ...]) -> tuple[str, ...]:
    """`starts` are what a line says while everything comes back, half, and nothing."""
    until = booking.policy
    if until is None:
        return ()
    all_back, half_back, nothing_back = starts
    half = money_words((booking.price_minor + 1) // 2, booking.currency)
    half_until = moment_words(until.half_until, zone, now)
    ends_before_start = ("After that, no refund.",) if until.half_until < booking.starts_at else ()
    if until.at_most == "full" and now <= until.full_until:
        first = f"{all_back} until {moment_words(until.full_until, zone, now)}."
        if until.half_until > until.full_until:
            return (first, f"Then half, {half}, until {half_until}.", *ends_before_start)
        return (first, *ends_before_start)
    if now <= until.half_until:
        return (f"{half_back}, {half}, until {half_until}.", *ends_before_start)
    return (nothing_back,)


def cancel_question(wanted: Cancellation, booking: Booking, now: datetime, zone: ZoneInfo) -> CancelQuestion:
    """The question before a session is cancelled, to whoever is about to."""
    if wanted.because == "professional_cancels":
        return CancelQuestion(
            f"{booking.user.name} gets a full refund of {wanted.refund_words}.",
            ("The time is taken off your page: nobody else can book it.",),
            f"Cancel and refund {wanted.refund_words}",
        )
    if not wanted.refund_minor:
        ended = moment_words(wanted.half_until, zone, now)
        return CancelQuestion(
            "You will not get a refund.",
            (f"Refunds ended {ended}. You can still meet {booking.professional.name}.",),
            "Cancel without a refund",
        )
    button = f"Cancel and get {wanted.refund_words} back"
    if wanted.share == "full":
        return CancelQuestion(
            f"You get a full refund of {wanted.refund_words}.", _how_long(wanted, "less", now, zone), button
        )
    return CancelQuestion(
        f"You get {wanted.refund_words} back (half).",
        (_why_half(wanted, now, zone), *_how_long(wanted, "nothing", now, zone)),
        button,
    )


def _how_long(wanted: Cancellation, then: str, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    if wanted.changes_at is None:
        return ()
    return (f"This applies until {moment_words(wanted.changes_at, zone, now)}. After that, you get {then} back.",)


def _why_half(wanted: Cancellation, now: datetime, zone: ZoneInfo) -> str:
    if now <= wanted.full_until:
        return "The session was moved after its free cancellation had ended."
    return f"Free cancellation ended {moment_words(wanted.full_until, zone, now)}."


def _before(minutes: int) -> str:
    days, rest = divmod(minutes, DAY_MIN)
    if rest or days < 2:
        return duration_words(minutes * 60)
    return f"{days} days"
