"""What each mail says, in words; how it looks is in the templates. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.kit.money import format_price
from backend.mail.rules import MailKind
from backend.mail.rules.dates import day_words, place_words, span_words, time_words
from backend.mail.rules.facts import (
    ChangeCodeFacts,
    CodeFacts,
    EmailChangedFacts,
    Facts,
    FollowUpFacts,
    Reader,
    RefundFacts,
    SecondFactorFacts,
    SessionFacts,
    SignInFacts,
)


@dataclass(frozen=True)
class Letter:
    """One mail's words. `rows` are facts with their names; `code` is shown large; `link` is a label and an address."""

    subject: str
    headline: str
    lines: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    code: str = ""
    link: tuple[str, str] | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """Where mails lead: `web_app_url` is empty where the app is not served to browsers, then they name the place.

    `support_contact`: whom people can write to; may be empty.
    """

    public_url: str
    web_app_url: str
    support_contact: str = ""

    def session(self, reader: Reader, booking_id: UUID) -> tuple[str, str] | None:
        """The link to a session in the app; on a phone that has it, the app opens."""
        tab = "upcoming" if reader.professional else "my-sessions"
        return ("Open the session", f"{self.web_app_url}/{tab}/{booking_id}") if self.web_app_url else None


def letter(kind: MailKind, reader: Reader, facts: Facts, places: Places) -> Letter:
    """The words of one mail."""
    written: Letter = _WRITERS[kind](reader, facts, places)
    return written


def _verify_code(_reader: Reader, facts: CodeFacts, _places: Places) -> Letter:
    return Letter(
        subject=f"{facts.code} is your Rendezvous code",
        headline="Confirm your e-mail",
        lines=("Type this code in Rendezvous:",),
        code=facts.code,
        after=(f"It is good for {facts.minutes} minutes.", "If you did not ask for it, you can ignore this mail."),
    )


def _reset_code(_reader: Reader, facts: CodeFacts, _places: Places) -> Letter:
    return Letter(
        subject=f"{facts.code} is your code for a new password",
        headline="Choose a new password",
        lines=("Type this code in Rendezvous, together with your new password:",),
        code=facts.code,
        after=(
            f"It is good for {facts.minutes} minutes and works once. Every device will be signed out.",
            "If you did not ask for it, you can ignore this mail: your password stays as it is.",
        ),
    )


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
    old = ((("Before", _moment(reader, before)),) if before else ()) if before != facts.starts_at else ()
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
    amount, when = _money(facts.refund_minor), _moment(reader, facts.starts_at)
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
    return Letter(
        subject=f"{facts.other} sent you a follow-up",
        headline="You have a follow-up",
        lines=(f"{facts.other} sent you a follow-up to your session.",),
        rows=(("Session", _moment(reader, facts.starts_at)),),
        link=link,
        after=() if link else ("Open the session in Rendezvous to read it.",),
    )


def _new_sign_in(reader: Reader, facts: SignInFacts, _places: Places) -> Letter:
    return Letter(
        subject="Somebody signed in to your Rendezvous account",
        headline="A new sign-in",
        lines=("Your password was used to sign in to Rendezvous.",),
        rows=(("When", _moment(reader, facts.at)),),
        after=(
            "If this was you, there is nothing to do.",
            "If it was not: press \u201cForgot password?\u201d where you sign in and choose a new one."
            " That signs every device out.",
        ),
    )


def _change_code(_reader: Reader, facts: ChangeCodeFacts, _places: Places) -> Letter:
    if facts.taken:
        return Letter(
            subject="Somebody wanted to use your e-mail for another account",
            headline="Your e-mail has an account already",
            lines=("Somebody asked to use this address for another Rendezvous account. It stays with yours.",),
            after=(
                "If that was you: sign in with this address, or use another one for the other account.",
                "If it was not, there is nothing to do.",
            ),
        )
    return Letter(
        subject=f"{facts.code} is your code for a new e-mail",
        headline="Confirm your new e-mail",
        lines=("Type this code in Rendezvous to use this address for your account:",),
        code=facts.code,
        after=(
            f"It is good for {facts.minutes} minutes.",
            "If you did not ask for it, you can ignore this mail: nothing changes.",
        ),
    )


def _email_changed(reader: Reader, facts: EmailChangedFacts, places: Places) -> Letter:
    return Letter(
        subject="The e-mail of your Rendezvous account was changed",
        headline="Your e-mail was changed",
        lines=("Your account has another e-mail address now. You sign in with that one, and mails go there.",),
        rows=(("When", _moment(reader, facts.at)),),
        after=("If this was you, there is nothing to do.", f"If it was not: {_write_to_us(places)}"),
    )


def _second_factor_off(reader: Reader, facts: SecondFactorFacts, places: Places) -> Letter:
    by_us = (
        "We turned it off because we were told that you cannot get at your codes any more. Every device is signed out."
    )
    return Letter(
        subject="The second factor of your Rendezvous account is off",
        headline="Your second factor is off",
        lines=(by_us if facts.by_operator else "It was turned off with your password and a code.",),
        rows=(("When", _moment(reader, facts.at)),),
        after=(
            "Signing in asks for your password alone now. Settings in Rendezvous turn it on again.",
            f"If you did not ask for this: {_write_to_us(places)}",
        ),
    )


def _write_to_us(places: Places) -> str:
    whom = f"write to {places.support_contact}" if places.support_contact else "tell us"
    return f"somebody else may be in your account. Please {whom} at once."


_HOW_TO_JOIN = "When it is time, open the session in Rendezvous and press Start."
_WRITERS: dict[MailKind, Callable[[Reader, Any, Places], Letter]] = {
    MailKind.VERIFY_CODE: _verify_code,
    MailKind.RESET_CODE: _reset_code,
    MailKind.BOOKED: _booked,
    MailKind.NEW_BOOKING: _new_booking,
    MailKind.MOVED: _moved,
    MailKind.CANCELLED: _cancelled,
    MailKind.REMINDER_DAY: _reminder_day,
    MailKind.REMINDER_SOON: _reminder_soon,
    MailKind.REFUND: _refund,
    MailKind.FOLLOW_UP: _follow_up,
    MailKind.NEW_SIGN_IN: _new_sign_in,
    MailKind.CHANGE_CODE: _change_code,
    MailKind.EMAIL_CHANGED: _email_changed,
    MailKind.SECOND_FACTOR_OFF: _second_factor_off,
}


def _when(reader: Reader, facts: SessionFacts) -> tuple[tuple[str, str], ...]:
    zone = ZoneInfo(reader.time_zone)
    times = span_words(facts.starts_at, facts.ends_at, zone, reader.language)
    return (
        ("Day", day_words(facts.starts_at, zone, reader.language)),
        ("Time", f"{times} ({place_words(reader.time_zone)} time)"),
    )


def _moment(reader: Reader, instant: datetime) -> str:
    zone = ZoneInfo(reader.time_zone)
    day, at = day_words(instant, zone, reader.language), time_words(instant, zone, reader.language)
    return f"{day} at {at} ({place_words(reader.time_zone)} time)"


def _money(cents: int) -> str:
    return f"${format_price(cents)}"
