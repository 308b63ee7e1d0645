"""Who may do what, for every operation of the OpenAPI document: a new operation without a line in operations.py fails.

Asked by nobody, by people who have nothing to do with it, by those whom it belongs to, by somebody whose account is
blocked, and by somebody who has not confirmed their e-mail.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.auth.tables import AccountRow
from backend.calls.tables import FollowUpFileRow, FollowUpRow, RecordingRow
from backend.operators.service import Operator, block
from tests.backend.bookings.acting import confirmed
from tests.backend.operations import LAST, MATRIX, NEEDS_A_CONFIRMED_EMAIL, Rule
from tests.backend.stage import START, Backend, Person

REFUSED = {401, 403, 404}
"""What "may not" looks like: who they are is not known, not right, or none of their business."""


@pytest.fixture
def app(app_with_rooms: FastAPI) -> FastAPI:
    """With call rooms: without them nobody may join a call."""
    return app_with_rooms


@dataclass
class Cast:
    """A session of `user` with `professional` and a file that was sent after it, their free hours, and people who have
    nothing to do with either.
    """

    user: Person
    professional: Person
    other_user: Person
    other_professional: Person
    session_id: str
    slot_id: str
    bookable_id: str
    sign_in: str
    file_id: str


def bodies(cast: Cast) -> dict[str, Any]:
    """Good enough to come to the question whose it is; operations without one take none."""
    report = {"measured_s": 60, "own_rating": "good", "other_rating": None, "frozen_s": 0, "reduced_s": 0}
    return {
        "PATCH /auth/me": {"name": "Somebody"},
        "POST /auth/me/password": {"current_password": "x" * 12, "new_password": "a good new password"},
        "POST /auth/me/email-code/confirm": {"code": "000000"},
        "PUT /auth/me/mails": {"kind": "booked", "on": True},
        "POST /auth/me/email-change": {"email": "new@example.com", "password": "x" * 12},
        "POST /auth/me/email-change/confirm": {"code": "000000"},
        "POST /auth/me/second-factor": {"password": "x" * 12},
        "POST /auth/me/second-factor/confirm": {"code": "000000"},
        "POST /auth/me/second-factor/off": {"password": "x" * 12},
        "POST /auth/me/delete": {"password": "x" * 12, "sessions": 0},
        "POST /professional/sessions/availability": {
            "date": "2027-03-20",
            "start_time": "10:00",
            "end_time": "10:45",
            "price": "45.00",
        },
        "POST /professional/payouts": {"country": "DE"},
        "PUT /professional/cancellation-policy": {"full_until_minutes": 60, "half_until_minutes": 30},
        "PATCH /professional/profile": {"headline": "Strength"},
        "POST /sessions/book": {"slot_id": cast.bookable_id},
        "POST /sessions/{session_id}/cancel": {"expected_refund": "1.00"},
        "POST /sessions/{session_id}/reschedule": {"slot_id": cast.bookable_id},
        "POST /sessions/{session_id}/generate-call-link": {"join_id": "a" * 32},
        "PUT /sessions/{session_id}/quality": report | {"interruptions": 0},
        "POST /sessions/{session_id}/messages": {
            "messages": [
                {"id": "0b9e4d2a-5a0c-4d61-9a43-1f1d35f0a9c1", "text": "Hello", "sent_at": "2027-03-01T09:00:00Z"}
            ]
        },
        "POST /sessions/{session_id}/recordings": {
            "ask_id": ASK_ID,
            "event": "asked",
            "at": "2027-03-01T09:00:00Z",
        },
        "POST /sessions/{session_id}/problem": {"reason": "Nobody came."},
        "PUT /sessions/{session_id}/note": {"text": "Likes Bach", "version": 0},
        "PUT /sessions/{session_id}/follow-up": {"text": "Thank you"},
    }


ASK_ID = "0b9e4d2a-5a0c-4d61-9a43-1f1d35f0a9c1"
QUERIES = {
    "GET /professional/sessions/availability/days": {"month": "2027-03"},
    "GET /professional/{professional_id}/availability": {"date": "2027-03-02", "tz": "Europe/Berlin"},
    "GET /professional/{professional_id}/availability/days": {"month": "2027-03", "tz": "Europe/Berlin"},
}


def operations(app: FastAPI) -> Iterator[str]:
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            yield f"{method.upper()} {path}"


@pytest.fixture
def cast(backend: Backend, professional: Person, user: Person) -> Cast:
    booking = confirmed(user, backend.slot(professional, "2027-03-08"))
    slot = backend.slot(professional, "2027-03-09")
    others = backend.user("Toni Okello"), backend.professional("Vera Stein")
    bookable = backend.slot(professional, "2027-03-10")
    (sign_in,) = professional.get("/auth/me/sign-ins").json()["items"]
    again = {"email": professional.account["email"], "password": professional.password}
    assert backend.client.post("/auth/sign-in", json=again).status_code == 200
    ids = {"session_id": booking["id"], "slot_id": slot["id"], "bookable_id": bookable["id"]}
    ids["sign_in"] = next(
        each["id"] for each in professional.get("/auth/me/sign-ins").json()["items"] if each["id"] != sign_in["id"]
    )
    ids["file_id"] = sent_file(backend, professional, booking["id"])
    return Cast(user, professional, *others, **ids)


def sent_file(backend: Backend, professional: Person, session_id: str) -> str:
    """An empty one; and the user has asked to record."""
    with backend.database.write() as session:
        asked = {"ask_id": UUID(ASK_ID), "asked_by": "user", "asked_at": START, "first_told_at": START}
        session.add(RecordingRow(booking_id=UUID(session_id), **asked))
        whose = {"booking_id": UUID(session_id), "account_id": UUID(professional.id)}
        session.add(FollowUpRow(**whose, text="Thank you", sent_at=START))
        facts = {"position": 1, "name": "plan.pdf", "size": 0, "digest": b"\0" * 32, "created_at": START}
        session.add(FollowUpFileRow(**whose, id=UUID(int=1), **facts, sent_at=START))
    return str(UUID(int=1))


def asked(client: TestClient, operation: str, cast: Cast, person: Person | None) -> int:
    """The status of the operation's answer to this person, or to nobody."""
    method, template = operation.split(" ")
    path = template.format(
        professional_id=cast.professional.id,
        session_id=cast.session_id,
        slot_id=cast.slot_id,
        sign_in=cast.sign_in,
        file_id=cast.file_id,
        ask_id=ASK_ID,
        handle="nobody",
    )
    headers = {} if person is None else person.headers
    body = bodies(cast).get(operation)
    answer = client.request(method, path, headers=headers, json=body, params=QUERIES.get(operation))
    return int(answer.status_code)


def refusals(rule: Rule, cast: Cast) -> list[tuple[str, Person | None, set[int]]]:
    """Who may not, and how they are told."""
    strangers = [("another user", cast.other_user), ("another professional", cast.other_professional)]
    wrong_role = [("a user", cast.user, {403})], [("a professional", cast.professional, {403})]
    not_theirs: list[tuple[str, Person | None, set[int]]] = [(name, each, {403, 404}) for name, each in strangers]
    nobody: list[tuple[str, Person | None, set[int]]] = [("nobody", None, {401})]
    return {
        Rule.ANYONE: [],
        Rule.ACCOUNT: nobody,
        Rule.USER: [*nobody, *wrong_role[1]],
        Rule.PROFESSIONAL: [*nobody, *wrong_role[0]],
        Rule.THE_TWO: [*nobody, *not_theirs],
        Rule.ITS_USER: [*nobody, *not_theirs, *wrong_role[1]],
        Rule.ITS_PROFESSIONAL: [*nobody, *not_theirs, *wrong_role[0]],
        Rule.ITS_PERSON: [*nobody, *not_theirs, ("a user", cast.user, {404})],
    }[rule]


def admitted(rule: Rule, cast: Cast) -> list[Person]:
    """Who may; what else is wrong with the request is not of interest here."""
    both = [cast.user, cast.professional]
    return {
        Rule.ANYONE: [],
        Rule.ACCOUNT: both,
        Rule.USER: [cast.user],
        Rule.PROFESSIONAL: [cast.professional],
        Rule.THE_TWO: both,
        Rule.ITS_USER: [cast.user],
        Rule.ITS_PROFESSIONAL: [cast.professional],
        Rule.ITS_PERSON: [cast.professional],
    }[rule]


def test_every_operation_has_its_line(app: FastAPI) -> None:
    assert set(operations(app)) == set(MATRIX)


def test_who_may_not_is_refused(client: TestClient, cast: Cast) -> None:
    """Nothing changes by a refusal, so one cast does for all."""
    wrong = {
        f"{operation} by {name}": status
        for operation, rule in MATRIX.items()
        for name, person, expected in refusals(rule, cast)
        if (status := asked(client, operation, cast, person)) not in expected
    }
    assert wrong == {}


def test_who_may_is_not_refused(client: TestClient, cast: Cast) -> None:
    """Whatever else is said to them; what ends something comes last."""
    in_order = sorted(MATRIX, key=lambda operation: (*(operation == each for each in reversed(LAST)), operation))
    wrong = {
        f"{operation} by the {person.account['role']}": status
        for operation in in_order
        for person in admitted(MATRIX[operation], cast)[:1]
        if (status := asked(client, operation, cast, person)) in REFUSED
    }
    assert wrong == {}


def test_what_is_for_anyone_asks_nobody_who_they_are(client: TestClient, cast: Cast) -> None:
    """But signing in and its like, which answer 401 and 422 for reasons of their own."""
    open_to_all = [each for each, rule in MATRIX.items() if rule is Rule.ANYONE and not each.startswith("POST")]
    assert {each: status for each in open_to_all if (status := asked(client, each, cast, None)) in (401, 403)} == {}


def test_a_blocked_account_may_nothing(backend: Backend, client: TestClient, cast: Cast) -> None:
    for person in (cast.user, cast.professional):
        with backend.database.write() as session:
            block(session, UUID(person.id), Operator("ada", "a test", START), cancel_sessions=False)
        for operation, rule in MATRIX.items():
            if rule is not Rule.ANYONE:
                assert asked(client, operation, cast, person) == 401, operation


def test_without_a_confirmed_email_nothing_is_booked_and_nothing_published(
    backend: Backend, client: TestClient, cast: Cast
) -> None:
    with backend.database.write() as session:
        session.execute(update(AccountRow).values(email_verified_at=None))
    for operation, rule in MATRIX.items():
        if rule in (Rule.ANYONE, Rule.ITS_USER, Rule.ITS_PROFESSIONAL, Rule.ITS_PERSON) or operation.startswith(
            "POST /auth"
        ):
            continue
        person = admitted(rule, cast)[0]
        method, template = operation.split(" ")
        path = template.format(session_id=cast.session_id, slot_id=cast.slot_id, file_id=cast.file_id, ask_id=ASK_ID)
        answer = client.request(
            method, path, headers=person.headers, json=bodies(cast).get(operation), params=QUERIES.get(operation)
        )
        unconfirmed = answer.status_code == 403 and answer.json()["error"] == "EmailNotVerified"
        assert unconfirmed == (operation in NEEDS_A_CONFIRMED_EMAIL), operation
