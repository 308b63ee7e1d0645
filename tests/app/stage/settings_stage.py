"""SessionSettings over the fake backend; today is Tuesday 24 November 2026, 10:00 in Berlin."""

import datetime as dt
from contextlib import AbstractAsyncContextManager
from zoneinfo import ZoneInfo

from app.screens.session_settings import SessionSettings
from tests.app.stage.harness import Harness
from tests.app.stage.session_stage import services_of, shown
from tests.fakes.api import NOW, FakeApi

TODAY = dt.date(2026, 11, 24)
AT_14 = NOW.replace(hour=13)  # 14:00 in Berlin


def professionals_api() -> FakeApi:
    """A professional of Berlin is signed in and has no slots yet."""
    api = FakeApi()
    api.add_professional()
    api.account_id = "pro-1"
    return api


def settings(api: FakeApi, zone: str = "Europe/Berlin", width: float = 1280) -> AbstractAsyncContextManager[Harness]:
    return shown(services_of(api, "professional", ZoneInfo(zone)), SessionSettings, width=width)


async def fill(app: Harness, start: str, end: str, price: str = "45") -> None:
    for label, text in (("Start", start), ("End", end), ("Price", price)):
        await app.type(text, label)
