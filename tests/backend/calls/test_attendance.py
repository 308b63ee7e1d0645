"""Webhooks, looks into the room, and what is decided when the session is over."""

import base64
import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from livekit import api
from pydantic import SecretStr
from sqlalchemy import func, select

from backend.calls.tables import LiveKitEventRow, PresenceIntervalRow
from backend.kit.database import Database
from backend.settings import Settings
from tests.backend.stage import MovableClock, Person

KEY, SECRET = "a-key", "a-secret-of-more-than-32-bytes-for-tests"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"livekit_url": "ws://livekit.test", "livekit_api_key": KEY, "livekit_api_secret": SecretStr(SECRET)}
    )


def event(kind: str, booking: dict[str, Any], person: Person, at: datetime, **changes: Any) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "event": kind,
        "id": f"EV_{kind}_{person.id}",
        "createdAt": str(int(at.timestamp())),
        "room": {"name": f"session_{booking['id']}", "sid": "RM_1"},
        "participant": {
            "sid": f"PA_{person.id}",
            "identity": f"{person.account['role']}_{person.id}",
            "joinedAt": str(int(at.timestamp())),
        },
    }
    return payload | changes


def send(client: TestClient, payload: dict[str, Any], *, secret: str = SECRET, tampered: bool = False) -> Response:
    body = json.dumps(payload)
    digest = base64.b64encode(sha256(body.encode()).digest()).decode()
    token = api.AccessToken(KEY, secret).with_sha256(digest).to_jwt()
    answer: Response = client.post(
        "/livekit/webhook",
        content=body + (" " if tampered else ""),
        headers={"Authorization": token, "Content-Type": "application/webhook+json"},
    )
    return answer


def stays(database: Database) -> list[tuple[str, datetime, datetime | None]]:
    with database.read() as session:
        rows = session.scalars(select(PresenceIntervalRow).order_by(PresenceIntervalRow.joined_at))
        return [(row.role, row.joined_at, row.left_at) for row in rows]


def test_who_joins_and_leaves_is_recorded(
    client: TestClient, database: Database, clock: MovableClock, user: Person, booking: dict[str, Any]
) -> None:
    joined = clock()
    assert send(client, event("participant_joined", booking, user, joined)).status_code == 204
    left = clock.move(minutes=20)
    joined_at = {"participant": event("", booking, user, joined)["participant"]}
    assert send(client, event("participant_left", booking, user, left, **joined_at)).status_code == 204
    assert stays(database) == [("user", joined, left)]


def test_a_leaving_that_arrives_before_the_joining_counts(
    client: TestClient, database: Database, clock: MovableClock, user: Person, booking: dict[str, Any]
) -> None:
    joined, left = clock(), clock() + timedelta(minutes=20)
    joined_at = {"participant": event("", booking, user, joined)["participant"]}
    send(client, event("participant_left", booking, user, left, **joined_at))
    send(client, event("participant_joined", booking, user, joined))
    assert stays(database) == [("user", joined, left)]


def test_a_webhook_that_comes_twice_is_taken_once(
    client: TestClient, database: Database, clock: MovableClock, user: Person, booking: dict[str, Any]
) -> None:
    payload = event("participant_joined", booking, user, clock())
    assert [send(client, payload).status_code for _ in range(3)] == [204, 204, 204]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(LiveKitEventRow)) == 1


@pytest.mark.parametrize("forged", [{"secret": "another-secret-of-more-than-32-bytes-xx"}, {"tampered": True}])
def test_what_the_media_server_did_not_sign_is_refused(
    client: TestClient,
    database: Database,
    clock: MovableClock,
    user: Person,
    booking: dict[str, Any],
    forged: dict[str, Any],
) -> None:
    assert send(client, event("participant_joined", booking, user, clock()), **forged).status_code == 400
    assert client.post("/livekit/webhook", content="{}").status_code == 400
    assert stays(database) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"room": {"name": "somewhere-else"}},
        {"room": {"name": "session_12345678-1234-4234-8234-123456789abc"}},
        {"participant": {"sid": "PA_x", "identity": "recorder_1"}},
        {"event": "track_published"},
    ],
    ids=["another room", "no session of ours", "neither of the two", "another event"],
)
def test_what_is_not_ours_is_taken_and_forgotten(
    client: TestClient,
    database: Database,
    clock: MovableClock,
    user: Person,
    booking: dict[str, Any],
    changes: dict[str, Any],
) -> None:
    payload = event("participant_joined", booking, user, clock()) | changes
    assert send(client, payload).status_code == 204
    assert stays(database) == []
