"""Ways out of the app: a page of somebody else, in the person's own browser, also from within a text."""

import flet as ft

from app.components.design.buttons import OnClick, call
from app.components.design.copying import CopyLink
from app.components.design.theme import SPACE_4, Type
from app.state.core.text_links import parts_of


async def open_external(url: str, page: ft.Page | None = None) -> None:
    """Opens a page after something was waited for. A browser may refuse that as a popup: offer an ExternalLink too."""
    page = page or ft.context.page
    mobile = page.platform is not None and page.platform.is_mobile() and not page.web
    mode = ft.LaunchMode.IN_APP_BROWSER_VIEW if mobile else ft.LaunchMode.EXTERNAL_APPLICATION
    await ft.UrlLauncher().launch_url(url, mode=mode, web_only_window_name="_blank" if page.web else None)


@ft.component
def ExternalLink(
    label: str,
    url: str | None,
    on_open: OnClick | None = None,
    filled: bool = False,
    icon: ft.IconData = ft.Icons.OPEN_IN_NEW,
) -> ft.Control:
    """A button whose page is known already: in a browser the client opens it within the press, which nothing blocks.
    Without a `url` it cannot be pressed. `on_open` comes with the press, such as to poll more often.
    """
    page = ft.context.page

    async def press(event: object) -> None:
        if url and not page.web:
            await open_external(url)
        if on_open:
            await call(on_open, event)

    kind = ft.FilledButton if filled else ft.OutlinedButton
    link = kind(
        content=ft.Text(label, text_align=ft.TextAlign.CENTER),
        icon=ft.Icon(icon, size=20),
        action=ft.OpenUrl(url, target=ft.UrlTarget.BLANK) if url and page.web else None,
        on_click=press,
        disabled=url is None,
    )
    if page.web or not url:
        return link
    return ft.Row([link, CopyLink(url)], tight=True, spacing=SPACE_4)


@ft.component
def LinkedText(text: str, color: ft.ColorValue, link_color: ft.ColorValue) -> ft.Control:
    """What is a link in it can be opened, in the person's own browser; nothing else of it means anything."""
    page = ft.context.page
    parts = parts_of(text)
    if not any(part.url for part in parts):
        return ft.Text(text, theme_style=Type.BODY, color=color, selectable=True)
    spans = [
        ft.TextSpan(
            part.text,
            style=ft.TextStyle(color=link_color, decoration=ft.TextDecoration.UNDERLINE),
            on_click=lambda e, url=part.url: page.run_task(open_external, url, page),
            semantics_label=f"Link: {part.text}",
        )
        if part.url
        else ft.TextSpan(part.text, style=ft.TextStyle(color=color))
        for part in parts
    ]
    return ft.Text(spans=spans, theme_style=Type.BODY, color=color)
