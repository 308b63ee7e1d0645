"""The event that a calendar imports."""

import re

import pytest

from tests.backend.bookings.acting import confirmed, held
from tests.backend.stage import Backend, Person


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_the_event_has_utc_times_and_the_other_persons_name(
    backend: Backend, professional: Person, user: Person
) -> None:
    booking = confirmed(user, backend.slot(professional))
    answer = user.get(f"/sessions/{booking['id']}/calendar")
    assert answer.headers["content-type"].startswith("text/calendar")
    lines = unfolded(answer.text)
    assert "DTSTART:20270302T090000Z" in lines
    assert "DTEND:20270302T094500Z" in lines
    assert "SUMMARY:Session with Nora Berg" in lines
    assert f"UID:{booking['id']}@rendezvous" in lines
    assert "STATUS:CONFIRMED" in lines


def test_the_professional_sees_the_user_in_theirs(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional))
    text = professional.get(f"/sessions/{booking['id']}/calendar").text
    assert "SUMMARY:Session with Sam Vale" in unfolded(text)


@pytest.mark.parametrize("name", ["Ünal; Ömer, \\ & Söhne 🎻" * 2, "A" * 80])
def test_names_are_escaped_and_lines_folded_within_75_octets(backend: Backend, user: Person, name: str) -> None:
    professional = backend.professional(name)
    booking = confirmed(user, backend.slot(professional))
    content = user.get(f"/sessions/{booking['id']}/calendar").content
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    (summary,) = [line for line in unfolded(content.decode()) if line.startswith("SUMMARY:")]
    plain = re.sub(r"\\([\\;,])", r"\1", summary)
    assert plain == f"SUMMARY:Session with {professional.account['name']}"


def test_a_hold_is_only_tentative(backend: Backend, professional: Person, user: Person) -> None:
    booking = held(user, backend.slot(professional))
    assert "STATUS:TENTATIVE" in user.get(f"/sessions/{booking['id']}/calendar").text


def test_a_third_person_gets_no_event(backend: Backend, professional: Person, user: Person) -> None:
    booking = confirmed(user, backend.slot(professional))
    assert backend.user().get(f"/sessions/{booking['id']}/calendar").status_code == 404
