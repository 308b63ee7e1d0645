"""Whose address the sign-in limits count when a proxy stands in front."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.serving import server_config
from backend.settings import Settings
from tests.backend.stage import Backend, Person

Attempt = Callable[[str], int]


@pytest.fixture
def attempt(app: FastAPI, backend: Backend, user: Person, settings: Settings) -> Attempt:
    """The status of a wrong password that a proxy at 172.30.87.5 passes on for a client."""
    served = server_config(app, settings.model_copy(update={"trusted_proxies": "172.30.87.0/24"}))
    served.load()
    proxy = TestClient(served.loaded_app, client=("172.30.87.5", 4711))

    def attempt(client_address: str) -> int:
        body = {"email": user.account["email"], "password": "wrong"}
        return int(proxy.post("/auth/sign-in", json=body, headers={"X-Forwarded-For": client_address}).status_code)

    return attempt


def test_clients_behind_a_trusted_proxy_are_told_apart(attempt: Attempt) -> None:
    assert [attempt("203.0.113.1") for _ in range(11)] == [401] * 10 + [429]
    assert attempt("203.0.113.2") == 401


def test_an_address_that_the_client_itself_put_before_the_proxys_is_not_believed(attempt: Attempt) -> None:
    assert [attempt(f"198.51.100.{number}, 203.0.113.1") for number in range(11)] == [401] * 10 + [429]


def test_nobody_else_may_name_the_client(app: FastAPI, user: Person, settings: Settings) -> None:
    served = server_config(app, settings)
    served.load()
    stranger = TestClient(served.loaded_app, client=("198.51.100.7", 4711))
    body = {"email": user.account["email"], "password": "wrong"}
    statuses = [
        stranger.post("/auth/sign-in", json=body, headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(11)
    ]
    assert statuses == [401] * 10 + [429]
