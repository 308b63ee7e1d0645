"""A way on where this computer opens no links: the address, to be pasted elsewhere."""

import contextlib

import flet as ft

from app.components.design.buttons import IconAction
from app.components.design.feedback import toast


@ft.component
def CopyLink(url: str) -> ft.Control:
    """A button beside a link. Flet does not learn whether a browser has opened, so it is always there in a window."""

    async def copy() -> None:
        await copy_link(url, "The link is copied. Paste it into a browser.")

    return IconAction(ft.Icons.CONTENT_COPY, "Copy the link", copy)


@ft.component
def CopyButton(label: str, url: str, copied: str = "The link is copied.") -> ft.Control:
    """The same with words. In a browser the client copies within the press itself: later it may be refused."""
    page = ft.context.page

    async def copy() -> None:
        if page.web:
            toast(copied)
        else:
            await copy_link(url, copied)

    return ft.TextButton(
        content=ft.Text(label),
        icon=ft.Icon(ft.Icons.CONTENT_COPY, size=20),
        action=ft.CopyToClipboard(url) if page.web else None,
        on_click=copy,
    )


async def copy_link(url: str, copied: str = "The link is copied.") -> None:
    """Puts an address on the clipboard and says so."""
    with contextlib.suppress(RuntimeError, TimeoutError):  # a client that refuses, or has gone
        await ft.Clipboard().set(url)
        toast(copied)
