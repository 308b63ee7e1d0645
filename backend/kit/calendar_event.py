"""A session as an event for any calendar: RFC 5545, and RFC 5546 for what follows what."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from icalendar import Alarm, Calendar, Event, vCalAddress

_REMIND_BEFORE = timedelta(minutes=15)


@dataclass(frozen=True)
class CalendarEvent:
    """`other` is whom its owner meets, `sequence` the event's revision (RFC 5545, 3.8.7.4)."""

    booking_id: UUID
    starts_at: datetime
    ends_at: datetime
    other: str
    sequence: int
    status: Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]


def calendar_file(wanted: CalendarEvent, public_url: str, now: datetime) -> bytes:
    """The iCalendar object: UTC times, one event whose UID stays the booking's, so that a later file changes the event.

    METHOD is PUBLISH, or CANCEL, which has no alarm (RFC 5546, 3.2.1 and 3.2.5); both need an ORGANIZER. It is the
    product: no mail address of a person stands in the file.
    """
    cancelled = wanted.status == "CANCELLED"
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Rendezvous//Sessions//EN")
    calendar.add("METHOD", "CANCEL" if cancelled else "PUBLISH")
    event = Event()
    event.add("UID", f"{wanted.booking_id}@rendezvous")
    event.add("DTSTAMP", now)
    event.add("DTSTART", wanted.starts_at)
    event.add("DTEND", wanted.ends_at)
    event.add("SUMMARY", f"Session with {wanted.other}")
    event.add("ORGANIZER", _organizer(public_url))
    event.add("URL", f"{public_url}/call/{wanted.booking_id}")
    event.add("SEQUENCE", wanted.sequence)
    event.add("STATUS", wanted.status)
    if not cancelled:
        event.add("DESCRIPTION", "Open Rendezvous and press Start to join the call.")
        event.add_component(_reminder(wanted.other))
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _reminder(other: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", f"Session with {other}")
    alarm.add("TRIGGER", -_REMIND_BEFORE)
    return alarm


def _organizer(public_url: str) -> vCalAddress:
    host = urlsplit(public_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        domain = host if "." in host else "rendezvous.invalid"
    else:
        domain = "rendezvous.invalid"  # RFC 2606: a name that is nobody's
    organizer = vCalAddress(f"mailto:no-reply@{domain}")
    organizer.params["CN"] = "Rendezvous"
    return organizer
