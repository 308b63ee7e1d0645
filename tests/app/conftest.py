"""The whole app over a backend of its own; a file of tests that needs another one overrides these."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.desktop.device_file import device_file
from tests.app.stage.harness import Harness
from tests.app.stage.whole_app import app_of, two_accounts
from tests.fakes.account_api import FakeAccountApi


@pytest.fixture(autouse=True)
def own_device_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """What a window remembers stays in the test: neither the next test nor this machine's person finds it."""
    monkeypatch.setattr("app.desktop.device_file.user_config_path", lambda *names, **more: tmp_path / "config")
    device_file.cache_clear()
    yield
    device_file.cache_clear()


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
