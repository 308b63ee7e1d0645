"""What a session's details say of its recordings: who asked, who agreed, and when. Pure."""

import datetime as dt
from zoneinfo import ZoneInfo

from app.api.models import Booking, RecordingConsentRecord, Role, other_role
from app.state.core.wall_time import day_words, time_words, until_words

TITLE = "Recording"
YOU = "you"


def record_words(record: RecordingConsentRecord, booking: Booking, role: Role, zone: ZoneInfo, now: dt.datetime) -> str:
    """One question in a sentence or two; `role` is the viewer's, who is named "you"."""
    who, other = (
        YOU if each == role else booking.other(role).name for each in (record.asked_by, other_role(record.asked_by))
    )
    if record.began_at is None:
        return _not_written(record, who, other, zone, now)
    said = f"Recorded by {who}, {day_words(record.began_at, zone, now)} {_span(record, record.began_at, zone)}"
    if record.answered_at is not None and record.answer == "agreed":
        said += f"; agreed by {other} at {time_words(record.answered_at, zone)}"
    if record.withdrawn_at is not None:
        said += f"; ended by {other} at {time_words(record.withdrawn_at, zone)}"
    return f"{said}."


def _span(record: RecordingConsentRecord, began_at: dt.datetime, zone: ZoneInfo) -> str:
    """ "10:15 to 10:40"; the end is not known where the program or its connection broke off."""
    if record.ended_at is None:
        return f"from {time_words(began_at, zone)}"
    return f"{time_words(began_at, zone)} to {until_words(began_at, record.ended_at, zone)}"


def _not_written(record: RecordingConsentRecord, who: str, other: str, zone: ZoneInfo, now: dt.datetime) -> str:
    asked = f"{_capital(who)} asked to record"
    if record.asked_at is not None:
        asked += f", {day_words(record.asked_at, zone, now)} {time_words(record.asked_at, zone)}"
    at = f" at {time_words(record.answered_at, zone)}" if record.answered_at is not None else ""
    answers = {"refused": f"not allowed by {other}{at}", "agreed": f"agreed by {other}{at}, nothing was recorded"}
    return f"{asked}; {answers.get(record.answer or '', 'not answered')}."


def _capital(who: str) -> str:
    return "You" if who == YOU else who
