"""Pull to refresh, which Flet has no control for: two gesture sources feed one small state machine.

A list longer than its viewport reports a touch pull as overscroll (or as negative pixels where scrolling bounces: iOS,
macOS); a mouse drag, and a touch on a short list, reach an outer GestureDetector instead.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import flet as ft

from app.state.core.hooks import use_ref

THRESHOLD_PX = 80.0  # how far to pull
STEP_PX = 8.0  # the ring is drawn again only every so many
SHOWN_MOST_PX = 72.0
BUSY_HEIGHT_PX = 48.0


@dataclass
class Gesture:
    """Kept in a box, not in state: events of one frame must see each other's changes."""

    at_top: bool = True
    armed: bool = False  # this gesture began at the top
    far: bool = False  # where scrolling bounces, END comes only after the spring is back at 0
    distance: float = 0.0
    shown: float = 0.0
    busy: bool = False

    def pulled_enough(self) -> bool:
        """Ends the gesture; whether it asks for a refresh."""
        enough = self.armed and (self.far or self.distance >= THRESHOLD_PX)
        self.armed = self.far = False
        self.distance = self.shown = 0.0
        return enough

    def move(self, delta: float) -> bool:
        """Moves by `delta` pixels, down is positive; whether the ring has to be drawn again."""
        self.distance = min(max(self.distance + delta, 0.0), THRESHOLD_PX * 1.5)
        if abs(self.distance - self.shown) < STEP_PX and (self.distance == 0) == (self.shown == 0):
            return False
        self.shown = self.distance
        return True


class Pull:
    """One render's view of the gesture: its handlers, its ring and the detector around the list."""

    def __init__(
        self,
        gesture: Gesture,
        on_refresh: Callable[[], Awaitable[object]],
        shown: float,
        busy: bool,
        draw: Callable[[float, bool], None],
    ) -> None:
        self._gesture = gesture
        self._on_refresh = on_refresh
        self._shown = shown
        self.busy = busy
        self._draw = draw

    @property
    def indicator(self) -> ft.Control:
        fraction = min(self._shown / THRESHOLD_PX, 1.0)
        ring = ft.ProgressRing(
            width=24,
            height=24,
            stroke_width=3,
            value=None if self.busy else fraction,
            semantics_label="Refreshing" if self.busy else "Pull to refresh",
        )
        height = BUSY_HEIGHT_PX if self.busy else min(self._shown, SHOWN_MOST_PX)
        return ft.Container(
            ring if height else None,
            height=height,
            alignment=ft.Alignment.CENTER,
            clip_behavior=ft.ClipBehavior.HARD_EDGE,
        )

    def around(self, scrolled: ft.Control) -> ft.Control:
        """The list with the detector for mouse drags and short lists around it."""
        return ft.GestureDetector(
            expand=True,
            on_vertical_drag_start=self._drag_start,
            on_vertical_drag_update=self._drag_update,
            on_vertical_drag_end=self._release,
            drag_interval=16,
            content=scrolled,
        )

    async def refresh(self) -> None:
        """Refreshes, one at a time, whatever asked for it."""
        if self._gesture.busy:
            return
        self._gesture.busy = True
        self._draw(0.0, True)
        try:
            await self._on_refresh()
        finally:
            self._gesture.busy = False
            self._draw(0.0, False)

    async def on_scroll(self, event: ft.OnScrollEvent) -> None:
        gesture = self._gesture
        above = event.min_scroll_extent - event.pixels  # positive where scrolling bounces past the top
        if event.event_type == ft.ScrollType.START:
            gesture.armed = not gesture.busy and above >= 0
        elif event.event_type == ft.ScrollType.OVERSCROLL and gesture.armed and (event.overscroll or 0) < 0:
            self._move(-(event.overscroll or 0))
        elif event.event_type == ft.ScrollType.UPDATE and gesture.armed:
            if above > 0:
                self._move(above - gesture.distance)
                gesture.far = gesture.far or gesture.distance >= THRESHOLD_PX
            elif gesture.distance:
                self._move(-(event.scroll_delta or 0))  # pushed back up: the pull is taken back
        elif event.event_type == ft.ScrollType.END:
            await self._release()
        gesture.at_top = above >= 0

    def _drag_start(self) -> None:
        self._gesture.armed = self._gesture.at_top and not self._gesture.busy
        self._gesture.distance = 0.0

    def _drag_update(self, event: ft.DragUpdateEvent[ft.GestureDetector]) -> None:
        if self._gesture.armed:
            self._move(event.primary_delta or 0.0)

    def _move(self, delta: float) -> None:
        if self._gesture.move(delta):
            self._draw(self._gesture.shown, self._gesture.busy)

    async def _release(self) -> None:
        was_shown = self._gesture.shown
        if self._gesture.pulled_enough():
            await self.refresh()
        elif was_shown:
            self._draw(0.0, self._gesture.busy)


def use_pull(on_refresh: Callable[[], Awaitable[object]]) -> Pull:
    """Pull to refresh for the calling component; it places `indicator` above and wraps its list by `around`."""
    gesture = use_ref(Gesture()).current
    drawn, set_drawn = ft.use_state((0.0, False))
    return Pull(gesture, on_refresh, drawn[0], drawn[1], lambda shown, busy: set_drawn((shown, busy)))
