"""Ways out of the app: where a computer opens no links, the address can be copied instead."""

from typing import Any

import flet as ft
import pytest

from app.components.design.links import ExternalLink
from tests.app.stage.harness import screen

URL = "https://pay.test/checkout"


@pytest.mark.parametrize(
    ("url", "web", "offered"), [(URL, False, True), (URL, True, False), (None, False, False), (None, True, False)]
)
async def test_a_link_can_be_copied_in_a_window(url: str | None, web: bool, offered: bool) -> None:
    async with screen(lambda: ExternalLink("Pay", url), web=web) as app:
        assert ("Copy the link" in app.labels() + tooltips(app)) is offered


def tooltips(app: Any) -> list[str]:
    return [str(control.tooltip) for control in app.walk() if getattr(control, "tooltip", None)]


async def test_the_copied_link_is_in_the_clipboard_and_said() -> None:
    async with screen(lambda: ExternalLink("Pay", URL)) as app:
        await app.click("Copy the link")
        assert ("set", URL) in [(name, args.get("data")) for name, args in app.connection.calls]
        assert app.all(ft.SnackBar, content="The link is copied. Paste it into a browser.")


async def test_a_clipboard_that_refuses_ends_nothing() -> None:
    async with screen(lambda: ExternalLink("Pay", URL), replies={"set": RuntimeError("no clipboard")}) as app:
        await app.click("Copy the link")
        assert not app.all(ft.SnackBar)
