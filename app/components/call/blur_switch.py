"""Whether the background behind this person is blurred, and why it is not."""

from collections.abc import Callable

import flet as ft

from app.call.contract.devices import BlurFault, BlurState
from app.state.call.device_words import blur_words

LABEL = "Blur my background"


@ft.component
def BlurSwitch(blur: BlurState, width: float, quiet: ft.ColorValue, on_change: Callable[[bool], object]) -> ft.Control:
    """One switch, with its reason under it when the blur cannot be had."""
    # without MergeSemantics words and switch are two nodes, and the switch has no name
    why = blur_words(blur)
    never = blur.fault is BlurFault.NOT_INSTALLED
    icon = ft.Icon(ft.Icons.BLUR_ON if blur.enabled else ft.Icons.BLUR_OFF, size=18, color=quiet)
    switch = ft.Switch(value=blur.enabled, disabled=never, on_change=lambda e: on_change(e.control.value is True))
    words = ft.Text(LABEL, size=14, color=ft.Colors.ON_SURFACE, expand=True)
    row = ft.Row([icon, words, switch], spacing=12)
    said: list[ft.Control] = []
    if why:
        said = [ft.Semantics(live_region=True, key="why", content=ft.Text(why, size=13, color=quiet))]
    return ft.Column([ft.MergeSemantics(row), *said], width=width, spacing=4, tight=True)
