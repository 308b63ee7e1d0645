"""An app with parts of a test's choice."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI

from backend.auth.service import PasswordHasher
from backend.main import create_app
from backend.settings import Settings
from tests.backend.stage import MovableClock


@pytest.fixture
def compose(passwords: PasswordHasher) -> Callable[..., FastAPI]:
    """`create_app` with cheap hashes."""

    def composed(settings: Settings, clock: MovableClock, **parts: object) -> FastAPI:
        return create_app(settings, now=clock, passwords=passwords, run_worker=False, **parts)  # type: ignore[arg-type]  # as given

    return composed
