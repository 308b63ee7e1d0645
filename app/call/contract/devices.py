"""How the blur behind the person stands, for whoever shows it. Pure declarations."""

from dataclasses import dataclass
from enum import StrEnum


class BlurFault(StrEnum):
    """Why the background cannot be blurred."""

    NOT_INSTALLED = "not_installed"  # there is no LiteRT for this system, or a part of the app is missing
    FAILED = "failed"  # it did not start, or stopped working


@dataclass(frozen=True)
class BlurState:
    """`wanted` and not `working`: it is being made ready, and meanwhile no picture is sent nor shown.

    `held`: it was wanted and has a `fault`. It is not wanted any more, and the camera is off until the person switches
    it on themselves: only they can decide to be seen without it.
    """

    wanted: bool = False
    working: bool = False
    fault: BlurFault | None = None
    held: bool = False

    @property
    def starting(self) -> bool:
        return self.wanted and not self.working
