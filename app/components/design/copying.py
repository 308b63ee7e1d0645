"""A way on where this computer opens no links: the address, to be pasted elsewhere."""

import contextlib

import flet as ft

from app.components.design.buttons import IconAction
from app.components.design.feedback import toast


@ft.component
def CopyLink(url: str) -> ft.Control:
    """A button beside a link. Flet does not learn whether a browser has opened, so it is always there in a window."""

    async def copy() -> None:
        with contextlib.suppress(RuntimeError, TimeoutError):  # a client that refuses, or has gone
            await ft.Clipboard().set(url)
            toast("The link is copied. Paste it into a browser.")

    return IconAction(ft.Icons.CONTENT_COPY, "Copy the link", copy)
