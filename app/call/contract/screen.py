"""Sharing a screen: what can be chosen, whether it is shared, and why it cannot be. Pure declarations."""

from dataclasses import dataclass
from enum import StrEnum

SCREEN_WIDTH, SCREEN_HEIGHT, SCREEN_RATE_HZ = 1920, 1080, 15
"""At most. Text of a usual size stays legible at 1080 lines; a screen changes less often than a face."""
SCREEN_BITS_PER_S = 2_500_000
"""At most, beside the camera's. A narrow path makes fewer frames of it, not smaller ones: text must stay legible."""


class ScreenFault(StrEnum):
    """Why no screen is shared though the person wanted it; the screen has words for each."""

    NONE_THERE = "none_there"  # no screen that could be read
    WAYLAND = "wayland"  # the session keeps screens from programs
    REFUSED = "refused"  # the system's privacy settings
    FAILED = "failed"  # it could not be read, or can no longer be


@dataclass(frozen=True)
class Screen:
    """One that can be shared; sizes in its own pixels. `id` is valid while the screens stay as they are."""

    id: str
    width: int
    height: int


@dataclass(frozen=True)
class ScreenState:
    """`chosen` is what is shared, or about to be; `sharing`: frames of it are being taken."""

    chosen: Screen | None = None
    sharing: bool = False
    fault: ScreenFault | None = None
