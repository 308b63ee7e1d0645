"""Mass assignment and session fixation (CWE-915, CWE-384): what only the backend says, no request can bring along."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from tests.backend.stage import Backend, Person

OF_THE_BACKEND: dict[str, Any] = {
    "id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "account_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "email_verified": True,
    "blocked_at": None,
    "password_hash": "$argon2id$v=19$m=65536,t=3,p=4$AAAA$AAAA",
    "token": "chosen",
    "created_at": "2027-03-01T09:00:00Z",
}


def schemas_of_bodies(app: FastAPI) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object that a JSON body is made of, also inside others, by its operation."""
    document = app.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                for schema in objects_in(content["application/json"]["schema"], document["components"]["schemas"]):
                    yield f"{method.upper()} {path}", schema


def objects_in(schema: Any, named: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield from objects_in(named[schema["$ref"].rpartition("/")[2]], named)
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from objects_in(part, named)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects_in(part, named)


def test_no_body_of_any_operation_takes_a_field_that_is_not_its_own(app: FastAPI) -> None:
    found = list(schemas_of_bodies(app))
    open_ones = {operation for operation, schema in found if schema.get("additionalProperties") is not False}
    assert not open_ones
    assert len(found) >= 25, "it looked at them"


@pytest.mark.parametrize("field", OF_THE_BACKEND)
def test_who_signs_up_chooses_nothing_of_that_and_gets_no_account(backend: Backend, field: str) -> None:
    body = {
        "email": "mallory@example.com",
        "password": "a long enough password",
        "name": "Mallory Okeke",
        "role": "user",
        "time_zone": "Europe/Berlin",
    }
    refused = backend.client.post("/auth/sign-up", json=body | {field: OF_THE_BACKEND[field]})
    assert refused.status_code == 422
    assert backend.client.post("/auth/sign-up", json=body).status_code == 201


@pytest.mark.parametrize("field", OF_THE_BACKEND)
def test_who_changes_their_account_changes_nothing_of_that(user: Person, field: str) -> None:
    assert user.patch("/auth/me", json={"name": "Mallory Okeke", field: OF_THE_BACKEND[field]}).status_code == 422
    assert user.get("/auth/me").json() == user.account


def test_a_token_that_is_brought_along_is_never_the_one_that_is_given(backend: Backend, user: Person) -> None:
    """Neither an invented one, nor another person's, nor one's own from before."""
    other = backend.user()
    body = {"email": user.account["email"], "password": user.password}
    for brought in ("chosen-by-somebody-else" * 2, other.token, user.token):
        headers = {"Authorization": f"Bearer {brought}", "Cookie": f"token={brought}; session={brought}"}
        answer = backend.client.post("/auth/sign-in", json=body, headers=headers, params={"token": brought})
        given = answer.json()["token"]
        assert given not in (brought, user.token, other.token)
        signed_in = {"Authorization": f"Bearer {given}"}
        assert backend.client.get("/auth/me", headers=signed_in).json()["id"] == user.account["id"]
    made_up = {"Authorization": f"Bearer {'chosen-by-somebody-else' * 2}"}
    assert backend.client.get("/auth/me", headers=made_up).status_code == 401
    assert other.get("/auth/me").json()["id"] == other.account["id"]
