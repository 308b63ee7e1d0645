"""The event that a calendar imports, through a booking's whole life (RFC 5545, RFC 5546)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from backend.bookings.rules import BookingStatus
from backend.bookings.rules.calendar import calendar_sequence
from tests.backend.bookings.acting import book, confirmed, held
from tests.backend.stage import Backend, Person


def the_file(person: Person, booking: dict[str, Any]) -> Calendar:
    answer = person.get(f"/sessions/{booking['id']}/calendar")
    assert answer.headers["content-type"].startswith("text/calendar")
    parsed = Calendar.from_ical(answer.content)
    assert isinstance(parsed, Calendar)
    return parsed


def the_event(person: Person, booking: dict[str, Any]) -> Any:
    """Its parts by name; what they are, icalendar decides by the name."""
    (event,) = the_file(person, booking).walk("VEVENT")
    return event


def method(person: Person, booking: dict[str, Any]) -> str:
    return str(the_file(person, booking)["METHOD"])


def move(user: Person, booking: dict[str, Any], slot: dict[str, Any]) -> None:
    answer = user.post(f"/sessions/{booking['id']}/reschedule", json={"slot_id": slot["id"]})
    assert answer.status_code == 200, answer.text


def test_the_event_has_utc_times_and_the_other_persons_name(
    backend: Backend, professional: Person, user: Person
) -> None:
    booking = confirmed(user, backend.slot(professional))
    event = the_event(user, booking)
    assert event["DTSTART"].dt == datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
    assert event["DTEND"].dt == datetime(2027, 3, 2, 9, 45, tzinfo=UTC)
    assert event["DTSTAMP"].dt == backend.clock.now
    assert event["SUMMARY"] == "Session with Nora Berg"
    assert event["UID"] == f"{booking['id']}@rendezvous"
    assert (event["STATUS"], method(user, booking)) == ("CONFIRMED", "PUBLISH")


def test_it_reminds_a_quarter_of_an_hour_before(backend: Backend, professional: Person, user: Person) -> None:
    (alarm,) = the_event(user, confirmed(user, backend.slot(professional))).walk("VALARM")
    assert (alarm["ACTION"], alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(minutes=-15))


def test_the_professional_sees_the_user_in_theirs(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional))
    assert the_event(professional, booking)["SUMMARY"] == "Session with Sam Vale"


def test_the_organizer_is_the_product_and_no_mail_address_of_a_person_is_in_it(
    backend: Backend, professional: Person, user: Person
) -> None:
    booking = confirmed(user, backend.slot(professional))
    event = the_event(user, booking)
    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == ("mailto:no-reply@backend.test", "Rendezvous")
    text = user.get(f"/sessions/{booking['id']}/calendar").text
    assert user.account["email"] not in text
    assert professional.account["email"] not in text


@pytest.mark.parametrize("name", ["Ünal; Ömer, \\ & Söhne 🎻" * 2, "A" * 80, "王小明 مريم"])
def test_names_come_through_whole_and_no_line_has_more_than_75_octets(
    backend: Backend, user: Person, name: str
) -> None:
    professional = backend.professional(name)
    booking = confirmed(user, backend.slot(professional))
    content = user.get(f"/sessions/{booking['id']}/calendar").content
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert the_event(user, booking)["SUMMARY"] == f"Session with {professional.account['name']}"


def test_a_hold_is_only_tentative(backend: Backend, professional: Person, user: Person) -> None:
    assert the_event(user, held(user, backend.slot(professional)))["STATUS"] == "TENTATIVE"


def test_each_move_is_a_later_revision_of_the_same_event(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-10"))
    seen = [the_event(user, booking)]
    for day in ("2027-03-11", "2027-03-12", "2027-03-13"):
        move(user, booking, backend.slot(professional, day))
        seen.append(the_event(user, booking))
    assert [event["DTSTART"].dt.day for event in seen] == [10, 11, 12, 13]
    revisions = [int(event["SEQUENCE"]) for event in seen]
    assert revisions == sorted(set(revisions))
    assert len({str(event["UID"]) for event in seen}) == 1


def test_a_cancelled_session_takes_its_event_out_again(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional, "2027-03-10"))
    move(user, booking, backend.slot(professional, "2027-03-11"))
    before = the_event(user, booking)
    assert user.post(f"/sessions/{booking['id']}/cancel", json={"expected_refund": "45.00"}).status_code == 200
    for person in (user, professional):
        event = the_event(person, booking)
        assert (method(person, booking), event["STATUS"], event["UID"]) == ("CANCEL", "CANCELLED", before["UID"])
        assert int(event["SEQUENCE"]) > int(before["SEQUENCE"])
        assert event.walk("VALARM") == []
        assert "ORGANIZER" in event


def test_a_hold_that_ran_out_is_cancelled_too(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional))
    backend.clock.move(minutes=11)
    assert (method(user, booking), int(the_event(user, booking)["SEQUENCE"])) == ("CANCEL", 1)


def test_the_revision_never_goes_back_through_a_bookings_life() -> None:
    life = [
        (BookingStatus.HELD, 0, False),
        (BookingStatus.EXPIRED, 0, False),
        (BookingStatus.CONFIRMED, 0, True),  # paid late
        (BookingStatus.CONFIRMED, 1, True),
        (BookingStatus.CONFIRMED, 2, True),
        (BookingStatus.CANCELLED, 2, True),
    ]
    revisions = [calendar_sequence(status, moves, confirmed=sure) for status, moves, sure in life]
    assert revisions == [0, 1, 2, 3, 4, 5]


def test_a_third_person_gets_no_event(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional))
    assert backend.user().get(f"/sessions/{booking['id']}/calendar").status_code == 404
    assert book(backend.user(), {"id": booking["slot_id"]}).status_code == 409
