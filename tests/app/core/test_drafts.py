"""What was typed outlives the process that serves the page; what was saved, left or secret does not."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import cast

import flet as ft
import pytest

from app.api.client import ApiClient
from app.components.design.fields import Field
from app.state.core.kept import drafts as module
from app.state.core.kept.device import UTC
from app.state.core.kept.drafts import LARGEST, Drafts
from app.state.core.services import SERVICES, Services
from app.state.core.sign_in import AccountState
from tests.app.stage.harness import Harness, screen
from tests.fakes.api import NOW, FakeApi
from tests.waiting import until


def kept_by(texts: list[str]) -> Drafts:
    """Drafts of a process that has been killed: what it wrote last is all there is."""
    return Drafts(texts[-1] if texts else "")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.0)


async def test_what_was_typed_is_there_at_the_next_start() -> None:
    written: list[str] = []
    drafts = Drafts("", written.append)
    drafts.note("/find Search", "yoga")
    await until(lambda: written, "it is written down")
    assert kept_by(written).text("/find Search") == "yoga"
    drafts.note("/find Search", "")
    await until(lambda: len(written) == 2, "that it is gone is written down")
    assert written[-1] == ""


async def test_many_keys_are_written_down_once_and_too_much_is_not() -> None:
    written: list[str] = []
    drafts = Drafts("", written.append)
    for length in range(1, 50):
        drafts.note("a", "x" * length)
    await until(lambda: written, "it is written down")
    assert len(written) == 1
    drafts.note("b", "x" * LARGEST)
    await asyncio.sleep(0.01)
    assert kept_by(written).text("b") == ""
    assert drafts.text("b")


@pytest.mark.parametrize("kept", ["", "no", "[]", "null", "5"])
def test_what_is_no_draft_is_none(kept: str) -> None:
    assert Drafts(kept).text("a") == ""


def form(drafts: Drafts, saved: str = "") -> AbstractAsyncContextManager[Harness]:
    """Two fields and a button that empties the first, as after sending it; another that takes the form away."""

    @ft.component
    def Form() -> ft.Control:
        name, set_name = ft.use_state(saved)
        password, set_password = ft.use_state("")
        shown, set_shown = ft.use_state(True)
        fields: list[ft.Control] = [
            Field("Name", name, set_name),
            Field("Password", password, set_password, secret=True),
        ]
        return ft.Column(
            [
                *(fields if shown else []),
                ft.Text(f"holds {name!r} {password!r}"),
                ft.TextButton("Send", on_click=lambda: set_name("")),
                ft.TextButton("Leave", on_click=lambda: set_shown(False)),
            ]
        )

    services = Services(cast(ApiClient, FakeApi()), AccountState(), lambda: NOW, UTC, drafts=drafts)
    return screen(lambda: SERVICES(services, Form))


async def test_a_field_brings_its_text_back_but_no_password() -> None:
    written: list[str] = []
    async with form(Drafts("", written.append)) as app:
        await app.type("Ada", label="Name")
        await app.type("secret", label="Password")
        await until(lambda: written, "it is written down")
    assert "secret" not in "".join(written)
    async with form(Drafts(written[-1])) as app:
        await app.shows("holds 'Ada' ''")


@pytest.mark.parametrize("end", ["Send", "Leave"])
async def test_a_draft_ends_when_it_is_sent_or_left(end: str) -> None:
    drafts = Drafts()
    async with form(drafts) as app:
        await app.type("Ada", label="Name")
        await app.click(end)
        await app.until(lambda: drafts.text("/ Name") == "")


async def test_a_draft_ends_with_the_sign_in() -> None:
    services = Services(cast(ApiClient, FakeApi()), AccountState(), lambda: NOW, UTC, drafts=Drafts())
    services.drafts.note("/settings Name", "Ada")
    services.sign_in._on_end()
    assert services.drafts.text("/settings Name") == ""
