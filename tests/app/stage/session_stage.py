"""Services over the fake backend, for the screens of sessions and availability."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast
from zoneinfo import ZoneInfo

import flet as ft

from app.api.client import ApiClient
from app.api.models import Account, Role
from app.state.core.services import SERVICES, Services
from app.state.core.sign_in import AccountState
from tests.app.stage.harness import Harness, screen
from tests.fakes.api import FakeApi

BERLIN = ZoneInfo("Europe/Berlin")


def services_of(
    api: FakeApi, role: Role, zone: ZoneInfo = BERLIN, now: Callable[[], dt.datetime] | None = None
) -> Services:
    """Signed in as `role`: the user Grace Hopper, or the professional Ada Lovelace of Berlin (`pro-1`)."""
    name, account_id = ("Ada Lovelace", "pro-1") if role == "professional" else ("Grace Hopper", "user-1")
    api.account_id = account_id
    account = Account(id=account_id, role=role, email="a@example.com", name=name, time_zone="Europe/Berlin")
    api.own_account = account
    return Services(cast(ApiClient, api), AccountState(account), now or api.server_now, zone)


@asynccontextmanager
async def shown(services: Services, view: Callable[[], ft.Control], **page: Any) -> AsyncIterator[Harness]:
    """A screen on a page of its own, below its services."""
    async with screen(lambda: SERVICES(services, view), **page) as app:
        yield app


def ticking(first: dt.datetime) -> Callable[[], dt.datetime]:
    """A clock that really runs, from `first` on."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    return lambda: first + dt.timedelta(seconds=loop.time() - began)


async def choose_tab(app: Harness, value: str) -> None:
    tabs = app.find(ft.SegmentedButton)
    app.session.apply_patch(tabs._i, {"selected": [value]})
    await app.fire(tabs, "change", [value])
