"""The address of one's public page with the ways to hand it on: copied, shared, or as a QR code."""

import contextlib

import flet as ft

from app.components.design.buttons import QuietButton
from app.components.design.copying import CopyButton
from app.components.design.qr_code import QrCode
from app.components.design.theme import SPACE_8, SPACE_12, Type


@ft.component
def PublicLink(url: str) -> ft.Control:
    """`url` is absolute. Sharing is there where the system has a sheet for it."""
    code, set_code = ft.use_state(False)
    page = ft.context.page

    async def share() -> None:
        with contextlib.suppress(RuntimeError, TimeoutError):  # a system that has nothing to share with
            await ft.Share().share_text(url)

    buttons: list[ft.Control] = [CopyButton("Copy link", url)]
    if page.platform is not None and page.platform.is_mobile():
        buttons.append(QuietButton("Share", share, icon=ft.Icons.SHARE_OUTLINED))
    words = "Hide QR code" if code else "Show QR code"
    buttons.append(QuietButton(words, lambda: set_code(not code), icon=ft.Icons.QR_CODE))
    address = ft.Text(url, theme_style=Type.BODY, selectable=True)
    return ft.Column(
        [
            address,
            ft.Row(buttons, wrap=True, spacing=SPACE_8, run_spacing=SPACE_8),
            *([QrCode(url)] if code else []),
        ],
        spacing=SPACE_12,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
