"""Whether the background behind this person is blurred, and why it is not."""

from collections.abc import Callable

import flet as ft

from app.call.blur_state import BlurFault, BlurState
from app.state.device_words import blur_words

LABEL = "Blur my background"


@ft.component
def BlurSwitch(blur: BlurState, width: float, quiet: ft.ColorValue, on_change: Callable[[bool], object]) -> ft.Control:
    """One switch, with its reason under it when the blur cannot be had."""
    why = blur_words(blur)
    never = blur.fault is BlurFault.NOT_INSTALLED
    switch = ft.Semantics(
        label=LABEL,
        container=True,
        content=ft.Switch(value=blur.wanted, disabled=never, on_change=lambda e: on_change(e.control.value is True)),
    )
    icon = ft.Icon(ft.Icons.BLUR_ON if blur.wanted else ft.Icons.BLUR_OFF, size=18, color=quiet)
    words = ft.Semantics(exclude_semantics=True, expand=True, content=ft.Text(LABEL, size=14))
    said: list[ft.Control] = []
    if why:
        said = [ft.Semantics(live_region=True, key="why", content=ft.Text(why, size=13, color=quiet))]
    return ft.Column([ft.Row([icon, words, switch], spacing=12), *said], width=width, spacing=4, tight=True)
