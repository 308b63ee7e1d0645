"""Where the app is served to browsers too, and everything below a path; and a professional with a page."""

import pytest
from fastapi import FastAPI

from backend.auth.service import PasswordHasher
from backend.main import create_app
from backend.settings import Settings
from tests.backend.discovery.public_pages import PATH, WEB_APP
from tests.backend.stage import MovableClock, Person


@pytest.fixture
def page_app(settings: Settings, clock: MovableClock, passwords: PasswordHasher) -> FastAPI:
    """For tests of public pages, as their `app`."""
    settings = settings.model_copy(update={"web_app_url": WEB_APP, "public_url": "https://example.com/rendezvous"})
    return create_app(settings, now=clock, passwords=passwords, run_worker=False)


@pytest.fixture
def nora(professional: Person) -> Person:
    professional.patch(
        PATH,
        json={
            "handle": "nora",
            "headline": "Strength, patiently",
            "about": "First.\n\nSecond line\nof it.",
            "category": "personal-training",
        },
    )
    return professional
