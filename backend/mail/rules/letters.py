"""What each mail says, in words; how it looks is in the templates. Pure."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from backend.kit.money import format_price
from backend.mail.rules import MailKind, account_letters
from backend.mail.rules.dates import day_words, place_words, span_words, time_words
from backend.mail.rules.facts import Facts, FollowUpFacts, Reader, RefundFacts, SessionFacts
from backend.mail.rules.letter import Letter, Places, moment


def letter(kind: MailKind, reader: Reader, facts: Facts, places: Places) -> Letter:
    """The words of one mail."""
    written: Letter = _WRITERS[kind](reader, facts, places)
    return written


def _booked(reader: Reader, facts: SessionFacts, places: Places) -> Letter:
    return Letter(
        subject=f"Your session with {facts.other} is booked",
        headline="Your session is booked",
        lines=(f"You have booked and paid a session with {facts.other}.",),
        rows=(*_when(reader, facts), ("Paid", _money(facts.price_minor))),
        link=places.session(reader, facts.booking_id),
        after=("The file with this mail adds it to your calendar.", _HOW_TO_JOIN),
    )


def _new_booking(reader: Reader, facts: SessionFacts, places: Places) -> Letter:
    return Letter(
        subject=f"{facts.other} has booked a session with you",
        headline="You have a new booking",
        lines=(f"{facts.other} has booked and paid a session with you.",),
        rows=(*_when(reader, facts), ("Price", _money(facts.price_minor))),
        link=places.session(reader, facts.booking_id),
        after=("The file with this mail adds it to your calendar.", _HOW_TO_JOIN),
    )


def _moved(reader: Reader, facts: SessionFacts, places: Places) -> Letter:
    who = facts.other if reader.professional else "You"
    have = "has" if reader.professional else "have"
    before = facts.moved_from
    old = ((("Before", moment(reader, before)),) if before else ()) if before != facts.starts_at else ()
    return Letter(
        subject=f"Your session with {facts.other} has a new time",
        headline="A session has a new time",
        lines=(f"{who} {have} moved the session{' with you' if reader.professional else f' with {facts.other}'}.",),
        rows=(*_when(reader, facts), *old),
        link=places.session(reader, facts.booking_id),
        after=("The file with this mail changes it in your calendar.",),
    )


def _cancelled(reader: Reader, facts: SessionFacts, places: Places) -> Letter:
    own = facts.by == ("professional" if reader.professional else "user")
    if facts.by is None:
        line = f"The session with {facts.other} is cancelled: its payment was given back."
    elif own:
        line = f"You have cancelled the session with {facts.other}."
    else:
        line = f"{facts.other} has cancelled the session with you."
    return Letter(
        subject=f"Your session with {facts.other} is cancelled",
        headline="A session is cancelled",
        lines=(line,),
        rows=(*_when(reader, facts), ("Refund", _comes_back(reader, facts))),
        link=places.session(reader, facts.booking_id),
        after=("The file with this mail takes it out of your calendar.",),
    )


def _comes_back(reader: Reader, facts: SessionFacts) -> str:
    """What goes back to the user, who reads it or is the other."""
    whom = facts.other if reader.professional else "you"
    if not facts.refund_minor:
        return f"Nothing goes back to {whom}"
    all_of_it = "all of" if facts.refund_minor == facts.price_minor else "of"
    return f"{_money(facts.refund_minor)} goes back to {whom}, {all_of_it} {_money(facts.price_minor)}"


def _reminder_day(reader: Reader, facts: SessionFacts, places: Places) -> Letter:
    return _reminder(reader, facts, places, f"Your session with {facts.other} is on", "Your session is coming up")


def _reminder_soon(reader: Reader, facts: SessionFacts, places: Places) -> Letter:
    return _reminder(reader, facts, places, f"Your session with {facts.other} begins at", "Your session begins soon")


def _reminder(reader: Reader, facts: SessionFacts, places: Places, subject: str, headline: str) -> Letter:
    zone = ZoneInfo(reader.time_zone)
    day = subject.endswith(" on")
    when = (day_words if day else time_words)(facts.starts_at, zone, reader.language)
    return Letter(
        subject=f"{subject} {when}",
        headline=headline,
        lines=(f"You meet {facts.other} in Rendezvous.",),
        rows=_when(reader, facts),
        link=places.session(reader, facts.booking_id),
        after=(_HOW_TO_JOIN,),
    )


def _refund(reader: Reader, facts: RefundFacts, places: Places) -> Letter:
    amount, when = _money(facts.refund_minor), moment(reader, facts.starts_at)
    if facts.done:
        return Letter(
            subject=f"{amount} is on its way back to you",
            headline="Your refund is sent",
            lines=(f"We have sent you {amount} back for the session with {facts.other}.",),
            rows=(("Session", when), ("Refund", amount)),
            link=places.session(reader, facts.booking_id),
            after=("Your bank needs 5 to 10 days to show it.",),
        )
    return Letter(
        subject=f"Your refund of {amount} has not gone through yet",
        headline="Your refund has not gone through yet",
        lines=(
            f"We tried to send you {amount} back for the session with {facts.other}, and the payment was refused.",
            "You do not have to do anything: we will see that you get it.",
        ),
        rows=(("Session", when), ("Refund", amount)),
        link=places.session(reader, facts.booking_id),
    )


def _follow_up(reader: Reader, facts: FollowUpFacts, places: Places) -> Letter:
    link = places.session(reader, facts.booking_id)
    files = f" with {facts.files} file{'' if facts.files == 1 else 's'}" if facts.files else ""
    return Letter(
        subject=f"{facts.other} sent you a follow-up",
        headline="You have a follow-up",
        lines=(f"{facts.other} sent you a follow-up to your session{files}.",),
        rows=(("Session", moment(reader, facts.starts_at)),),
        link=link,
        after=() if link else ("Open the session in Rendezvous to read it.",),
    )


_HOW_TO_JOIN = "When it is time, open the session in Rendezvous and press Start."
_WRITERS: dict[MailKind, Callable[[Reader, Any, Places], Letter]] = {
    MailKind.VERIFY_CODE: account_letters.verify_code,
    MailKind.RESET_CODE: account_letters.reset_code,
    MailKind.BOOKED: _booked,
    MailKind.NEW_BOOKING: _new_booking,
    MailKind.MOVED: _moved,
    MailKind.CANCELLED: _cancelled,
    MailKind.REMINDER_DAY: _reminder_day,
    MailKind.REMINDER_SOON: _reminder_soon,
    MailKind.REFUND: _refund,
    MailKind.FOLLOW_UP: _follow_up,
    MailKind.NEW_SIGN_IN: account_letters.new_sign_in,
    MailKind.CHANGE_CODE: account_letters.change_code,
    MailKind.EMAIL_CHANGED: account_letters.email_changed,
    MailKind.SECOND_FACTOR_OFF: account_letters.second_factor_off,
}


def _when(reader: Reader, facts: SessionFacts) -> tuple[tuple[str, str], ...]:
    zone = ZoneInfo(reader.time_zone)
    times = span_words(facts.starts_at, facts.ends_at, zone, reader.language)
    return (
        ("Day", day_words(facts.starts_at, zone, reader.language)),
        ("Time", f"{times} ({place_words(reader.time_zone)} time)"),
    )


def _money(cents: int) -> str:
    return f"${format_price(cents)}"
