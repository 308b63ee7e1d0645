"""Ways out of the app: a page of somebody else, in the person's own browser."""

from collections.abc import Awaitable, Callable

import flet as ft


async def open_outside(url: str) -> None:
    """Opens a page after something was waited for. A browser may refuse that as a popup: offer an OutsideButton too."""
    page = ft.context.page
    mobile = page.platform is not None and page.platform.is_mobile() and not page.web
    mode = ft.LaunchMode.IN_APP_BROWSER_VIEW if mobile else ft.LaunchMode.EXTERNAL_APPLICATION
    await ft.UrlLauncher().launch_url(url, mode=mode, web_only_window_name="_blank" if page.web else None)


@ft.component
def OutsideButton(
    label: str, url: str, on_open: Callable[[], Awaitable[object]] | None = None, filled: bool = False
) -> ft.Control:
    """A button whose page is known already: in a browser the client opens it within the press, which nothing blocks.

    `on_open` comes with the press, such as to fetch the next link where each is good only once.
    """
    page = ft.context.page

    async def press() -> None:
        if not page.web:
            await open_outside(url)
        if on_open:
            await on_open()

    kind = ft.FilledButton if filled else ft.OutlinedButton
    return kind(
        content=ft.Text(label, text_align=ft.TextAlign.CENTER),
        icon=ft.Icon(ft.Icons.OPEN_IN_NEW, size=20),
        action=ft.OpenUrl(url, target=ft.UrlTarget.BLANK) if page.web else None,
        on_click=press,
    )
