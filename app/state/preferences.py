"""How this person wants the app to look on this device."""

from dataclasses import dataclass

import flet as ft

BRIGHTNESSES = ("system", "light", "dark")
TEXT_SCALES = {"normal": 1.0, "large": 1.25, "larger": 1.5, "largest": 2.0}
"""Text sizes that can be chosen, as factors; the system's own size multiplies them."""


@ft.observable
@dataclass
class Preferences:
    """`brightness` is "system", "light" or "dark"; `text_size` is a key of TEXT_SCALES."""

    brightness: str = "system"
    text_size: str = "normal"

    @property
    def text_scale(self) -> float:
        return TEXT_SCALES.get(self.text_size, 1.0)
