"""Where the pictures of a call stand: the other large with oneself in a corner that can be changed, or side by side."""

from collections.abc import Callable

import flet as ft

from app.components.call.stage.bar import round_button
from app.components.call.stage.fading import use_focus_inside
from app.components.call.stage.participants import NARROW_INSET, WIDE_INSET, OtherPicture, SelfView
from app.components.call.stage.screen import OtherInset, OtherScreen, ScreenZoom
from app.components.frame.page_events import use_width
from app.state.call.words import stage_words, timer_words
from app.state.core.hooks import use_observed, use_ref
from app.state.core.kept.preferences import Preferences

EDGE = 16.0
UNDER_TOP_LINE = 64.0
ABOVE_BAR = 128.0
"""Over the bar and the room's closing notice, where the window is too narrow for the inset to stand beside them."""
BESIDE_BAR = 20.0
BAR_HEIGHT = 96.0
RADIUS = 12
DRAG_EVERY_MS = 30
ARROWS = {
    "Arrow Left": ("right", "left"),
    "Arrow Right": ("left", "right"),
    "Arrow Up": ("bottom", "top"),
    "Arrow Down": ("top", "bottom"),
}


def corner_after(corner: str, key: str) -> str:
    """The corner that an arrow key moves the inset to; the same one where there is none that way."""
    away_from, to = ARROWS.get(key, ("", ""))
    return corner.replace(away_from, to) if away_from else corner


def nearest_corner(x: float, y: float, width: float, height: float) -> str:
    """The corner of a stage of this size that the point is closest to."""
    return f"{'top' if y < height / 2 else 'bottom'}_{'left' if x < width / 2 else 'right'}"


def other_layout(layout: str) -> str:
    """What the layout is changed to."""
    return "large" if layout == "side" else "side"


@ft.component
def Pictures(wide: bool, layout: str) -> ft.Control:
    """The tiles that fill the stage. The other's stays the same control whatever the layout, so it does not flicker."""
    beside = layout == "side"
    other = ft.Container(OtherPicture(), key="other", expand=1, border_radius=RADIUS if beside else 0)
    other.clip_behavior = ft.ClipBehavior.ANTI_ALIAS
    tiles: list[ft.Control] = [other]
    if beside:
        tiles.append(ft.Container(SelfView(None), key="own", expand=1))
    edge = EDGE if wide else 8
    around = ft.Padding.only(left=edge, right=edge, top=UNDER_TOP_LINE, bottom=BAR_HEIGHT) if beside else None
    held = ft.Row(tiles, spacing=0, expand=True) if wide else ft.Column(tiles, spacing=0, expand=True)
    held.vertical_alignment = held.horizontal_alignment = ft.CrossAxisAlignment.STRETCH  # type: ignore[union-attr]  # each has one of them
    held.spacing = edge
    return ft.Container(held, expand=True, padding=around)


@ft.component
def ScreenStage(wide: bool, preferences: Preferences, zoom: ScreenZoom) -> ft.Control:
    """The screen that the other shares; they themselves above or below the own picture."""
    corner = use_observed(preferences).call_inset
    at_left, at_top = corner.endswith("left"), not corner.startswith("top")
    size = WIDE_INSET if wide else NARROW_INSET
    held = ft.Container(
        OtherInset(size),
        left=EDGE if at_left else None,
        right=None if at_left else EDGE,
        top=UNDER_TOP_LINE if at_top else None,
        bottom=None if at_top else BESIDE_BAR if wide else ABOVE_BAR,
    )
    screen = ft.Container(OtherScreen(zoom), left=0, right=0, top=0, bottom=0, key="screen")
    return ft.Stack([screen, held], expand=True)


@ft.component
def Inset(wide: bool, preferences: Preferences) -> ft.Control:
    """Oneself in a corner: dragged to another one, or sent there by the arrow keys (the screen's)."""
    kept = use_observed(preferences)
    page = ft.context.page
    stage_width = use_width()
    moved, set_moved = ft.use_state((0.0, 0.0))
    begun = use_ref((0.0, 0.0))
    dragged = use_ref((0.0, 0.0))
    size = WIDE_INSET if wide else NARROW_INSET
    tile = SelfView(size)
    bottom = BESIDE_BAR if wide else ABOVE_BAR
    stage_height = page.height or 720.0
    left = EDGE if kept.call_inset.endswith("left") else stage_width - size.width - EDGE
    top = UNDER_TOP_LINE if kept.call_inset.startswith("top") else stage_height - size.height - bottom

    def begin(e: ft.DragStartEvent[ft.GestureDetector]) -> None:
        begun.current = (e.global_position.x, e.global_position.y)

    def drag(e: ft.DragUpdateEvent[ft.GestureDetector]) -> None:
        """By the pointer's place, not by its steps: of these some are left out between two updates."""
        dragged.current = (e.global_position.x - begun.current[0], e.global_position.y - begun.current[1])
        set_moved(dragged.current)

    def drop(e: object) -> None:
        x, y = left + dragged.current[0] + size.width / 2, top + dragged.current[1] + size.height / 2
        dragged.current = (0.0, 0.0)
        set_moved(dragged.current)
        preferences.call_inset = nearest_corner(x, y, stage_width, stage_height)

    handle = ft.GestureDetector(
        tile,
        mouse_cursor=ft.MouseCursor.MOVE,
        drag_interval=DRAG_EVERY_MS,
        on_pan_start=begin,
        on_pan_update=drag,
        on_pan_end=drop,
    )
    if moved != (0.0, 0.0):
        return ft.Container(handle, left=left + moved[0], top=top + moved[1])
    at_left, at_top = kept.call_inset.endswith("left"), kept.call_inset.startswith("top")
    return ft.Container(
        handle,
        left=EDGE if at_left else None,
        right=None if at_left else EDGE,
        top=UNDER_TOP_LINE if at_top else None,
        bottom=None if at_top else bottom,
    )


@ft.component
def StageButtons(
    layout: str,
    full: bool | None,
    on_layout: Callable[[], object],
    on_full: Callable[[], object],
    on_focus: Callable[[bool], None],
    on_timer: Callable[[], object] | None = None,
) -> ft.Control:
    """How the pictures stand, and full screen (`full` is None where the app cannot have it); for whoever sets it, the
    timer.
    """
    focus = use_focus_inside(on_focus)
    beside = layout == "side"
    controls: list[ft.Control] = [
        round_button(
            ft.Icons.PICTURE_IN_PICTURE_ALT if beside else ft.Icons.VERTICAL_SPLIT,
            stage_words.ONE_LARGE if beside else stage_words.SIDE_BY_SIDE,
            on_layout,
            shortcut="L",
            on_focus=focus,
            size=40,
        )
    ]
    if on_timer is not None:
        timer = round_button(ft.Icons.TIMER_OUTLINED, timer_words.OPEN, on_timer, shortcut="T", on_focus=focus, size=40)
        controls.insert(0, timer)
    if full is not None:
        controls.append(
            round_button(
                ft.Icons.FULLSCREEN_EXIT if full else ft.Icons.FULLSCREEN,
                stage_words.LEAVE_FULL_SCREEN if full else stage_words.FULL_SCREEN,
                on_full,
                shortcut="F",
                on_focus=focus,
                size=40,
            )
        )
    return ft.Row(controls, spacing=8, tight=True)
