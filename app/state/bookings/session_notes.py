"""What is said of a session beside its status: that it was moved, who did not come, where its money is. Pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.api.models import PROFESSIONAL, Booking, Role
from app.state.core.wall_time import moment_words

DECIDED = ("professional_absent", "unclear", "nobody_came")
"""Reasons of refunds that wait until nobody can object any more."""


@dataclass(frozen=True)
class SessionNote:
    """`tone` and `icon` as in session_words.StatusWord; `words` are one or two sentences."""

    words: str
    tone: str
    icon: str


def session_notes(booking: Booking, role: Role, now: datetime, zone: ZoneInfo) -> tuple[SessionNote, ...]:
    """In the order in which it happened; empty for a session of which there is nothing to say."""
    notes = (
        _moved(booking, now, zone),
        _absence(booking, role),
        _refund(booking, role, now, zone),
        _dispute(booking),
        _cancelled_for_nothing(booking, role),
    )
    return tuple(each for each in notes if each is not None)


def _moved(booking: Booking, now: datetime, zone: ZoneInfo) -> SessionNote | None:
    if booking.moved_from is None:
        return None
    return SessionNote(f"Moved from {moment_words(booking.moved_from, zone, now)}", "note", "moved")


def _absence(booking: Booking, role: Role) -> SessionNote | None:
    mine = role == PROFESSIONAL
    match booking.absent:
        case "user":
            words = f"{booking.user.name} missed this session." if mine else "You missed this session."
        case "professional" if mine:
            words = f"You missed this session, or most of it: {booking.user.name} gets a full refund."
        case "professional":
            words = f"{booking.professional.name} missed this session, or most of it: you get a full refund."
        case "both":
            words = "Neither of you showed up."
        case "unclear":
            whose = f"{booking.user.name} gets a full refund" if mine else "you get a full refund"
            back = f": {whose}." if booking.refund else "."
            return SessionNote(f"Our servers could not tell who was there{back}", "quiet", "unknown")
        case _:
            return None
    return SessionNote(words, "bad", "absent")


def _refund(booking: Booking, role: Role, now: datetime, zone: ZoneInfo) -> SessionNote | None:
    refund = booking.refund
    if refund is None:
        return None
    amount, to_whom = booking.refund_words, booking.user.name if role == PROFESSIONAL else "you"
    why = _why(booking, refund.reason, role)
    if refund.stuck:
        words = f"{why}Refunding {amount} failed several times. Rendezvous support is looking into it."
        return SessionNote(words, "bad", "problem")
    if refund.status == "failed":
        return SessionNote(f"{why}Refunding {amount} failed. We are trying again.", "bad", "problem")
    if refund.status != "done" and refund.reason in DECIDED:
        return SessionNote(f"{amount} goes back to {to_whom} once the decision is final.", "wait", "refund")
    if refund.status != "done":
        return SessionNote(f"{why}{amount} is on its way back to {to_whom}.", "wait", "refund")
    when = f" {moment_words(refund.settled_at, zone, now)}" if refund.settled_at else ""
    return SessionNote(f"{why}{amount} went back to {to_whom}{when}.", "good", "refund")


def _dispute(booking: Booking) -> SessionNote | None:
    match booking.dispute:
        case "open":
            words = "Payment disputed with the bank: this session cannot be joined, cancelled or moved."
        case "lost":
            words = "The bank gave the payment back to the payer: this session cannot be joined."
        case "won":
            return SessionNote("The bank decided that the payment stands.", "quiet", "paid")
        case _:
            return None
    return SessionNote(words, "bad", "problem")


def _why(booking: Booking, reason: str, role: Role) -> str:
    mine = role == PROFESSIONAL
    return {
        "user_cancelled": f"{booking.user.name} cancelled. " if mine else "You cancelled. ",
        "professional_cancelled": "You cancelled. " if mine else f"{booking.professional.name} cancelled. ",
        "not_confirmed": "The payment arrived after the time was taken. ",
        "support": "Refunded by Rendezvous support. ",
    }.get(reason, "")  # who did not come is said by the note above


def _cancelled_for_nothing(booking: Booking, role: Role) -> SessionNote | None:
    if booking.status != "cancelled" or booking.cancelled_by is None or booking.refund is not None:
        return None
    if booking.payment_status != "paid":
        return None
    who = "You" if booking.cancelled_by == role else booking.other(role).name
    return SessionNote(f"{who} cancelled too late for a refund.", "quiet", "cancel")
