"""The recording's picture: who is seen where, and when it is worth another frame. Times are instants in seconds."""

from app.call.recording.frame_slots import TimedFrame
from app.call.recording.messages import Picture
from app.call.recording.writing.layout import CAMERAS, SCREENS, layout_of
from app.call.video.canvas import Box, Canvas
from app.call.video.convert import UInt8Array

GROUND, EMPTY = 27, 43
"""Luma of what is around the pictures, and in place of a camera that is off."""
RATE_HZ = 30.0
EARLY_S = 0.25 / RATE_HZ
"""Cameras are not punctual: a frame that comes so much early is written."""
TOGETHER_S = 0.017
"""So long a picture waits for the other's, half a period of 30 a second: in one frame both are right within half of it.
"""
WIDE = (16, 9)


class Scene:
    """`i420` is the canvas as it was last drawn."""

    def __init__(self, width: int, height: int) -> None:
        self._canvas = Canvas(width, height)
        self._frames: dict[Picture, TimedFrame] = {}
        self._closed_s: dict[Picture, float] = {}
        self._screen: Picture | None = None
        self._layout: dict[Picture, Box] = {}
        self._drawn: dict[Picture, Box] = {}
        self._changed: dict[Picture, float] = {}
        """And when, last."""
        self._waits_since_s = self._due_s = float("-inf")
        self._arrange(None, 0.0)
        self.draw()
        self._due_s = float("-inf")

    @property
    def i420(self) -> UInt8Array:
        return self._canvas.i420

    def show(self, picture: Picture, timed: TimedFrame) -> None:
        """In place of the frame before, whose pixels are not used any more."""
        if timed.instant_s <= self._closed_s.get(picture, float("-inf")):
            return
        self._frames[picture] = timed
        self._change(picture, timed.instant_s)

    def close(self, picture: Picture, instant_s: float) -> None:
        """It is not seen any more, and no frame from before is."""
        self._closed_s[picture] = instant_s
        before = self._frames.get(picture)
        if before is not None and before.instant_s <= instant_s:
            del self._frames[picture]
            self._change(picture, instant_s)

    def _change(self, picture: Picture, instant_s: float) -> None:
        screen = next((each for each in SCREENS if each in self._frames), None)
        if screen is not self._screen:
            self._arrange(screen, instant_s)
        if picture not in self._layout:  # a screen behind another one, or that has ended
            return
        if not self._changed:
            self._waits_since_s = instant_s
        self._changed[picture] = instant_s

    def _arrange(self, screen: Picture | None, instant_s: float) -> None:
        self._screen = screen
        self._layout = layout_of(self._canvas.width, self._canvas.height, screen)
        self._canvas.fill(Box(0, 0, self._canvas.width, self._canvas.height), GROUND)
        self._drawn = {}
        self._changed = dict.fromkeys(self._layout, instant_s)
        self._waits_since_s = instant_s

    def is_due(self, now_s: float) -> bool:
        """Whether there is something new, complete or old enough, and the rate allows it."""
        if not self._changed:
            return False
        seen = {each for each in (*CAMERAS, self._screen) if each in self._frames}
        waited = seen <= set(self._changed) or now_s - self._waits_since_s >= TOGETHER_S
        return waited and max(self._changed.values()) >= self._due_s - EARLY_S

    @property
    def has_changed(self) -> bool:
        return bool(self._changed)

    def draw(self) -> float:
        """The instant for which it is right: in the middle of those at which what has changed came."""
        for picture in self._changed:
            if (box := self._layout.get(picture)) is not None:
                self._draw(picture, box, self._frames.get(picture))
        oldest_s, newest_s = min(self._changed.values()), max(self._changed.values())
        self._changed = {}
        self._due_s = max(self._due_s + 1 / RATE_HZ, newest_s)
        return (oldest_s + newest_s) / 2

    def _draw(self, picture: Picture, box: Box, timed: TimedFrame | None) -> None:
        turned = timed is not None and timed.frame.rotation_deg in (90, 270)
        width, height = (timed.frame.width, timed.frame.height) if timed is not None else WIDE
        target = box.centred(height, width) if turned else box.centred(width, height)
        if self._drawn.get(picture) != target:
            self._canvas.fill(box, GROUND)
            self._drawn[picture] = target
        if timed is None:
            self._canvas.fill(target, EMPTY)
        else:
            self._canvas.draw(timed.frame, box)
