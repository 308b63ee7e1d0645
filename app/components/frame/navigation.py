"""Where one can go: a rail at the side of a wide page, a bar at the foot of a narrow one, and what is around."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import flet as ft

from app.components.design.brand import Mark, Wordmark
from app.components.design.buttons import IconAction, OnClick, QuietButton
from app.components.design.theme import NOTE, SPACE_8, SPACE_12, SPACE_16, Type
from app.components.frame.page_events import use_key, use_wide
from app.components.frame.window_events import PHONES


@dataclass(frozen=True)
class Tab:
    """One place of the navigation; `paths` are the routes that light it, its own first."""

    label: str
    icon: ft.IconData
    selected_icon: ft.IconData
    paths: tuple[str, ...]

    def holds(self, location: str) -> bool:
        return any(location == path or location.startswith(path + "/") for path in self.paths)


@ft.component
def Frame(
    tabs: Sequence[Tab],
    location: str,
    view_route: str,
    content: ft.Control,
    on_settings: OnClick | None,
    offline: bool,
    on_retry: OnClick,
    stands_alone: bool = True,
) -> ft.Control:
    """The view that tabs and what they lead to are shown in. `on_settings` None: settings are a tab of their own.
    `stands_alone`: no other view lies below it, so that a phone's back gesture would end the app.
    """
    wide = use_wide()
    page = ft.context.page
    lit = next((index for index, tab in enumerate(tabs) if tab.holds(location)), None)

    def choose(event: ft.Event[ft.NavigationRail] | ft.Event[ft.NavigationBar]) -> None:
        page.navigate(tabs[event.control.selected_index or 0].paths[0])

    def on_key(event: ft.KeyboardEvent) -> None:
        tab = tab_of_key(tabs, event)
        if tab is not None:
            page.navigate(tab.paths[0])

    use_key(on_key)
    back_to = place_behind(location, tabs) if stands_alone and page.platform in PHONES and not page.web else None

    async def go_back(event: ft.Event[ft.View]) -> None:
        await event.control.confirm_pop(False)
        if back_to:
            page.navigate(back_to)

    rail = _rail(tabs, lit, choose, on_settings, page) if wide else None
    body = ft.Column(
        [
            ft.Container(None if wide else _top(on_settings), visible=not wide),
            ft.Container(OfflineBanner(on_retry) if offline else None, visible=offline),
            ft.Container(content, expand=True),
        ],
        expand=True,
        spacing=0,
    )
    # The content keeps its place in the tree in every shape: Flet rebuilds what moves, with its state lost and its
    # former components left running (flet 1.0.5)
    row = ft.Row([ft.Container(rail, visible=wide), body], expand=True, spacing=0)
    return ft.View(
        route=view_route,
        padding=0,
        controls=[ft.SafeArea(row, expand=True)],
        navigation_bar=None if wide else _bar(tabs, lit, choose),
        can_pop=back_to is None,
        on_confirm_pop=go_back if back_to else None,
    )


def place_behind(location: str, tabs: Sequence[Tab]) -> str | None:
    """Where a phone's back gesture leads: from a detail to its list, from a tab to the first one; None ends the app."""
    own = next((path for tab in tabs for path in tab.paths[:1] if location.startswith(f"{path}/")), None)
    first = tabs[0].paths[0]
    return own or (first if location != first else None)


def tab_of_key(tabs: Sequence[Tab], event: ft.KeyboardEvent) -> Tab | None:
    """The tab that Ctrl (on macOS Cmd) and its number lead to. Tab's own order runs between rail and content."""
    number = event.key.removeprefix("Numpad ")
    if (event.ctrl or event.meta) and not (event.alt or event.shift) and number in "123456789"[: len(tabs)]:
        return tabs[int(number) - 1]
    return None


def key_words(number: int, page: ft.Page) -> str:
    """What to press for a tab, for people; empty on phones and in a browser, which has its own use for these keys."""
    if page.web or (page.platform is not None and page.platform.is_mobile()):
        return ""
    return f"{'⌘' if page.platform is ft.PagePlatform.MACOS else 'Ctrl+'}{number}"


def _top(on_settings: OnClick | None) -> ft.Control:
    return ft.Container(
        ft.Row(
            [
                Wordmark(24),
                ft.Container(expand=True),
                *([IconAction(ft.Icons.SETTINGS_OUTLINED, "Settings", on_settings)] if on_settings else []),
            ],
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        height=56,
        padding=ft.Padding.only(left=SPACE_16, right=SPACE_8),
    )


@ft.component
def OfflineBanner(on_retry: OnClick) -> ft.Control:
    """Stands above everything while the backend cannot be reached."""
    return ft.Semantics(
        live_region=True,
        container=True,
        content=ft.Container(
            ft.Row(
                [
                    ft.Icon(ft.Icons.CLOUD_OFF_OUTLINED, size=20, color=NOTE.ink),
                    ft.Text(
                        "Rendezvous cannot be reached. What you see may be out of date.",
                        theme_style=Type.SMALL,
                        color=NOTE.ink,
                        expand=True,
                    ),
                    QuietButton("Try again", on_retry),
                ],
                spacing=SPACE_12,
            ),
            bgcolor=NOTE.ground,
            padding=ft.Padding.symmetric(horizontal=SPACE_16, vertical=SPACE_8),
        ),
    )


def _rail(
    tabs: Sequence[Tab],
    lit: int | None,
    choose: Callable[[ft.Event[ft.NavigationRail]], None],
    on_settings: OnClick | None,
    page: ft.Page,
) -> ft.Control:
    trailing = None
    if on_settings:
        trailing = ft.Container(
            IconAction(ft.Icons.SETTINGS_OUTLINED, "Settings", on_settings), padding=ft.Padding.only(bottom=SPACE_12)
        )
    return ft.NavigationRail(
        selected_index=lit,
        label_type=ft.NavigationRailLabelType.ALL,
        on_change=choose,
        min_width=96,
        scrollable=True,
        pin_trailing_to_bottom=True,
        leading=ft.Container(Mark(40), padding=ft.Padding.symmetric(vertical=SPACE_16)),
        trailing=trailing,
        destinations=[
            ft.NavigationRailDestination(
                icon=ft.Icon(tab.icon, tooltip=key_words(number, page) or None),
                selected_icon=ft.Icon(tab.selected_icon, tooltip=key_words(number, page) or None),
                label=tab.label,
                padding=ft.Padding.symmetric(vertical=SPACE_8),
            )
            for number, tab in enumerate(tabs, start=1)
        ],
    )


def _bar(
    tabs: Sequence[Tab], lit: int | None, choose: Callable[[ft.Event[ft.NavigationBar]], None]
) -> ft.NavigationBar:
    return ft.NavigationBar(
        selected_index=lit or 0,  # Material lights one always: where none is meant, it is made to look unlit
        indicator_color=None if lit is not None else ft.Colors.TRANSPARENT,
        on_change=choose,
        destinations=[
            ft.NavigationBarDestination(
                icon=tab.icon, selected_icon=tab.selected_icon if lit is not None else tab.icon, label=tab.label
            )
            for tab in tabs
        ],
    )
