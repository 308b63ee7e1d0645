"""The whole app over a backend of its own; a file of tests that needs another one overrides these."""

from collections.abc import AsyncIterator

import pytest

from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import app_of, two_accounts
from tests.fakes.account_api import FakeAccountApi


@pytest.fixture
def api() -> FakeAccountApi:
    """Ada offers, Grace books."""
    return two_accounts()


@pytest.fixture
async def app(api: FakeAccountApi) -> AsyncIterator[Harness]:
    """On a narrow page, nobody signed in."""
    async with app_of(api) as running:
        await running.shows("Good to see you.")
        yield running
