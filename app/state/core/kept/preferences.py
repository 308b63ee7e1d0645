"""How this person wants the app to look, and calls to sound, on this device."""

from dataclasses import dataclass, field

import flet as ft

from app.call.contract.devices import AudioBackend

BRIGHTNESSES = ("system", "light", "dark")
TEXT_SCALES = {"normal": 1.0, "large": 1.25, "larger": 1.5, "largest": 2.0}
"""Text sizes that can be chosen, as factors; the system's own size multiplies them."""
CALL_LAYOUTS = ("large", "side")
INSET_CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")


@ft.observable
@dataclass
class Preferences:
    """`brightness` is "system", "light" or "dark"; `text_size` is a key of TEXT_SCALES.

    `call_layout`: "large" shows the other person large and oneself in the corner `call_inset`; "side" both in a row.
    `sound` is of AudioBackend; `notices`: "on" or "off", for notifications outside the window. `server` is another
    backend than the app's own: that one's address, a space, the chosen one's. `recording_folder` is
    where recordings are saved; empty: among the person's videos.
    """

    brightness: str = "system"
    text_size: str = "normal"
    call_layout: str = "large"
    call_inset: str = "bottom_right"
    sound: str = AudioBackend.PORTAUDIO.value
    notices: str = "on"
    server: str = ""
    recording_folder: str = field(default="", repr=False)

    @property
    def text_scale(self) -> float:
        return TEXT_SCALES.get(self.text_size, 1.0)
