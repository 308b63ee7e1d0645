"""Buttons that say why they cannot be pressed, show that they wait, and cannot be pressed twice."""

import inspect
from collections.abc import Callable
from typing import Any

import flet as ft

from app.components.design.theme import QUIET_INK, REGULAR, SPACE_4, SPACE_8, TOUCH, Type
from app.state.core.hooks import use_ref

OnClick = Callable[..., object]
"""A function or coroutine function, without arguments or with the event."""


async def call(handler: OnClick, event: object) -> None:
    """Calls a handler that wants the event or nothing, and waits for it when it is a coroutine."""
    wants_event = any(
        p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL) and p.default is p.empty
        for p in inspect.signature(handler).parameters.values()
    )
    result = handler(event) if wants_event else handler()
    if inspect.isawaitable(result):
        await result


def use_single_flight(handler: OnClick | None) -> tuple[Callable[[object], Any], bool]:
    """A handler that does nothing while its last call still runs, and whether it runs."""
    running, set_running = ft.use_state(False)
    in_flight = use_ref(False)  # two clicks in one frame see the same state, so the state cannot guard

    async def press(event: object) -> None:
        if in_flight.current or handler is None:
            return
        in_flight.current = True
        if inspect.iscoroutinefunction(handler):
            set_running(True)
        try:
            await call(handler, event)
        finally:
            in_flight.current = False
            set_running(False)

    return press, running


@ft.component
def PrimaryButton(
    label: str,
    on_click: OnClick | None,
    reason: str = "",
    busy: bool = False,
    icon: ft.IconData | None = None,
    autofocus: bool = False,
    expand: bool = False,
    danger: bool = False,
) -> ft.Control:
    """The one main action of a screen. `on_click` None disables it and `reason` stands below it in words. While an
    asynchronous `on_click` runs (or `busy`), it turns a ring and takes no press.
    """
    press, running = use_single_flight(on_click)
    waits = busy or running
    style = ft.ButtonStyle(bgcolor=ft.Colors.ERROR, color=ft.Colors.ON_ERROR) if danger and on_click else None
    button = ft.FilledButton(
        content=_content(label, icon, waits),
        on_click=press,
        disabled=waits or on_click is None,
        autofocus=autofocus,
        height=None,
        style=style,
    )
    return _with_reason(button, "" if on_click else reason, expand)


@ft.component
def SecondaryButton(
    label: str,
    on_click: OnClick | None,
    reason: str = "",
    busy: bool = False,
    icon: ft.IconData | None = None,
    autofocus: bool = False,
    expand: bool = False,
) -> ft.Control:
    """An action beside the main one; otherwise as PrimaryButton."""
    press, running = use_single_flight(on_click)
    waits = busy or running
    button = ft.OutlinedButton(
        content=_content(label, icon, waits),
        on_click=press,
        disabled=waits or on_click is None,
        autofocus=autofocus,
    )
    return _with_reason(button, "" if on_click else reason, expand)


@ft.component
def QuietButton(
    label: str,
    on_click: OnClick | None,
    icon: ft.IconData | None = None,
    busy: bool = False,
    aside: bool = False,
    spoken: str = "",
) -> ft.Control:
    """A link among text: the least of the actions. `aside` takes its colour away: for what hardly anybody needs.
    `spoken`: its name for screen readers where several have the same words.
    """
    press, running = use_single_flight(on_click)
    waits = busy or running
    style = ft.ButtonStyle(color=QUIET_INK, text_style=ft.TextStyle(size=13, font_family=REGULAR)) if aside else None
    return ft.TextButton(
        content=_content(label, icon, waits, spoken), on_click=press, disabled=waits or on_click is None, style=style
    )


@ft.component
def IconAction(
    icon: ft.IconData,
    label: str,
    on_click: OnClick | None,
    busy: bool = False,
    selected: bool = False,
    icon_color: ft.Colors | None = None,
) -> ft.Control:
    """A button with a sign only; `label` is its name for screen readers and its hover text."""
    press, running = use_single_flight(on_click)
    waits = busy or running
    return ft.IconButton(
        icon=ft.Icon(icon, semantics_label=label, color=icon_color),
        tooltip=label,
        on_click=press,
        disabled=waits or on_click is None,
        selected=selected or None,
        size_constraints=ft.BoxConstraints(min_width=TOUCH, min_height=TOUCH),
    )


def _content(label: str, icon: ft.IconData | None, waits: bool, spoken: str = "") -> ft.Control:
    words = ft.Text(label, text_align=ft.TextAlign.CENTER, semantics_label=spoken or None)
    if waits:
        shown_icon: ft.Control = ft.ProgressRing(width=18, height=18, stroke_width=2)
    elif icon:
        shown_icon = ft.Icon(icon, size=20)
    else:
        return words
    return ft.Row([shown_icon, words], tight=True, spacing=SPACE_8, alignment=ft.MainAxisAlignment.CENTER, wrap=False)


def _with_reason(button: ft.Control, reason: str, expand: bool) -> ft.Control:
    if not reason:
        if expand:
            return ft.Row([ft.Container(button, expand=True)])
        return button
    return ft.Column(
        [button, ft.Text(reason, theme_style=Type.SMALL, color=QUIET_INK)],
        tight=True,
        spacing=SPACE_4,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH if expand else ft.CrossAxisAlignment.START,
    )
