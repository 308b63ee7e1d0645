"""Shared screens on the stage: the other's, which can be zoomed, and that this side shares one."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import flet as ft

from app.components.call.call_theme import ACCENT, GLASS, PANEL, QUIET, RAISED, ROOM, stage_text
from app.components.call.stage.bar import round_button
from app.components.call.stage.fading import use_focus_inside
from app.components.call.stage.participants import InsetSize
from app.components.call.status import NOTICE_WIDTH, ON_STAGE
from app.components.call.video.video_tile import VideoTile
from app.components.design.avatar import Avatar
from app.components.design.buttons import call as pressed
from app.components.design.theme import Type
from app.state.call.call_context import use_call
from app.state.call.words import screen_words, stage_words
from app.state.call.words.in_call_words import no_picture_words
from app.state.call.zoomed_view import MOST, Point, ZoomedView

STEP = 1.4
PAN_SHARE = 0.15
ARROWS = {"Arrow Left": (1, 0), "Arrow Right": (-1, 0), "Arrow Up": (0, 1), "Arrow Down": (0, -1)}
LARGER, SMALLER, WHOLE = ("+", "=", "Numpad Add"), ("-", "Numpad Subtract"), ("0", "Numpad 0")
TELL_EVERY_MS = 50
"""How often the client tells of a gesture that goes on."""


class ScreenZoom:
    """The viewer of the other's screen, for buttons and keys; it takes wheel, pinch and drag itself. Without a screen
    there is no viewer, and nothing happens.

    The client scales around the top left corner, and does not say how it stands: that is followed here, so that buttons
    and keys keep the middle in the middle.
    """

    def __init__(self) -> None:
        self.viewer = ft.Ref[ft.InteractiveViewer]()
        self.view = ZoomedView()
        self._at_start = (self.view, (0.0, 0.0))
        self._turn = asyncio.Lock()
        """The client answers each step, and another key may come before."""

    async def larger(self) -> None:
        await self._zoom(STEP)

    async def smaller(self) -> None:
        await self._zoom(1 / STEP)

    async def whole(self) -> None:
        async with self._turn:
            self.view = ZoomedView()
            if (viewer := self.viewer.current) is not None:
                await viewer.reset()

    async def _zoom(self, factor: float) -> None:
        if (viewer := self.viewer.current) is None:
            return
        width, height = size = self._size()
        async with self._turn:
            after = self.view.zoomed_at(factor, (width / 2, height / 2), size)
            await viewer.zoom(factor)
            await self._move(after)

    async def pan(self, x: float, y: float) -> None:
        """By shares of the viewer's size."""
        width, height = size = self._size()
        async with self._turn:
            await self._move(self.view.panned(x * width, y * height, size))

    async def _move(self, after: ZoomedView) -> None:
        """The client counts in the picture's own pixels (flet 1.0.5)."""
        before, self.view = self.view, after
        if (viewer := self.viewer.current) is not None and (before.x, before.y) != (after.x, after.y):
            await viewer.pan((after.x - before.x) / after.scale, (after.y - before.y) / after.scale)

    def _size(self) -> Point:
        """The viewer has the whole stage."""
        page = self.viewer.current.page if self.viewer.current is not None else None
        return (page.width if page else None) or 1280.0, (page.height if page else None) or 720.0

    def on_gesture(self, e: "ft.ScaleStartEvent[ft.InteractiveViewer]") -> None:
        self._at_start = self.view, (e.local_focal_point.x, e.local_focal_point.y)

    def on_gesture_goes_on(self, e: "ft.ScaleUpdateEvent[ft.InteractiveViewer]") -> None:
        view, (x, y) = self._at_start
        moved = e.local_focal_point.x - x, e.local_focal_point.y - y
        self.view = view.zoomed_at(e.scale, (x, y), self._size()).panned(*moved, self._size())

    def on_key(self, key: str, page: ft.Page) -> bool:
        """Whether the key is one of the screen's now."""
        if key in LARGER:
            page.run_task(self.larger)
        elif key in SMALLER:
            page.run_task(self.smaller)
        elif key in WHOLE:
            page.run_task(self.whole)
        elif key in ARROWS and self.view.scale > 1 and self.viewer.current is not None:
            x, y = ARROWS[key]
            page.run_task(self.pan, x * PAN_SHARE, y * PAN_SHARE)
        else:
            return False
        return True


@ft.component
def OtherScreen(zoom: ScreenZoom) -> ft.Control:
    """The screen that the other shares, over the whole stage. What is shared next begins whole."""
    call = use_call()

    def begin() -> None:
        zoom.view = ZoomedView()

    ft.use_effect(begin, [])
    tile = VideoTile(
        ask=call.engine.remote_screen_frame if call.engine else None,
        name=screen_words.screen_of(call.other_name),
        identifier="video-screen",
        placeholder=ft.Container(
            stage_text(stage_words.WAITING_FOR_PICTURE, color=QUIET), bgcolor=ROOM, alignment=ft.Alignment.CENTER
        ),
        why_none=stage_words.WAITING_FOR_PICTURE,
        fill=False,
        detailed=True,
    )
    return ft.InteractiveViewer(
        tile,
        ref=zoom.viewer,
        min_scale=1,
        max_scale=MOST,
        interaction_update_interval=TELL_EVERY_MS,
        on_interaction_start=zoom.on_gesture,
        on_interaction_update=zoom.on_gesture_goes_on,
        expand=True,
    )


@ft.component
def OtherInset(size: InsetSize) -> ft.Control:
    """The other person, small, while their screen has the stage."""
    call = use_call()
    other = call.snapshot.peer
    shown = other is not None and other.camera_on
    words = stage_words.WAITING_FOR_PICTURE if shown else no_picture_words(other, call.other_name)
    face = [Avatar(call.other_name, call.other_photo, 40), stage_text(words, role=Type.SMALL, color=QUIET)]
    across = ft.CrossAxisAlignment.CENTER
    tile = VideoTile(
        ask=call.engine.remote_frame if call.engine else None,
        name=call.other_name,
        identifier="video-other",
        placeholder=ft.Container(
            ft.Column(face, tight=True, spacing=6, horizontal_alignment=across),
            bgcolor=PANEL,
            alignment=ft.Alignment.CENTER,
        ),
        why_none=words,
        shown=shown,
        fill=True,
        width=size.width,
        height=size.height,
        radius=12,
    )
    return ft.Container(tile, border_radius=13, border=ft.Border.all(1, RAISED))


@ft.component
def ZoomButtons(zoom: ScreenZoom, on_focus: Callable[[bool], None]) -> ft.Control:
    focus = use_focus_inside(on_focus)
    buttons: list[tuple[ft.IconData, str, Callable[[], Any], str]] = [
        (ft.Icons.ZOOM_OUT, screen_words.ZOOM_OUT, zoom.smaller, "-"),
        (ft.Icons.FIT_SCREEN, screen_words.WHOLE, zoom.whole, "0"),
        (ft.Icons.ZOOM_IN, screen_words.ZOOM_IN, zoom.larger, "+"),
    ]
    controls: list[ft.Control] = [
        round_button(icon, label, press, shortcut=key, on_focus=focus, size=40) for icon, label, press, key in buttons
    ]
    return ft.Row(controls, spacing=8, tight=True)


@ft.component
def SharingBar() -> ft.Control:
    """That this side shares its screen, with the way to end it; it does not fade. Otherwise takes no room."""
    call = use_call()
    if call.snapshot.screen.chosen is None:
        return ft.Container()
    said = ft.Row(
        [
            ft.Icon(ft.Icons.SCREEN_SHARE, color=ACCENT, size=18),
            stage_text(screen_words.SHARING),
            _press(screen_words.STOP, call.stop_sharing, ACCENT),
        ],
        wrap=True,
        tight=True,
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    return ft.Semantics(
        identifier="sharing-bar",
        content=ft.Container(said, bgcolor=GLASS, border_radius=16, padding=ft.Padding.only(left=16, right=8)),
    )


@ft.component
def ScreenNotice(wide: bool) -> ft.Control:
    """Which of several screens is to be shared; or why none is."""
    call = use_call()
    fault = call.snapshot.screen.fault
    words = screen_words.FAULTS[fault] if fault is not None else screen_words.CHOOSE
    close: Callable[[], object] = call.stop_sharing if fault is not None else call.close_choice
    label = screen_words.HIDE if fault is not None else screen_words.CLOSE
    cross = ft.Icon(ft.Icons.CLOSE, semantics_label=label, color=ON_STAGE.words, size=18)
    head = ft.Row(
        [
            ft.Semantics(live_region=True, expand=True, content=stage_text(words, color=ON_STAGE.headline)),
            ft.IconButton(icon=cross, on_click=_handler(close)),
        ]
    )
    choices: list[ft.Control] = [
        _press(screen_words.choice_words(number, each), partial(call.share_screen, each), ON_STAGE.accent)
        for number, each in enumerate(call.screens, 1)
    ]
    return ft.Container(
        bgcolor=ON_STAGE.ground,
        border_radius=12,
        padding=ft.Padding.only(left=16, right=8, top=6, bottom=6),
        width=NOTICE_WIDTH if wide else None,
        content=ft.Column([head, *([ft.Row(choices, wrap=True)] if choices else [])], spacing=0, tight=True),
    )


def _press(label: str, does: Callable[[], object], color: str) -> ft.Control:
    return ft.TextButton(content=ft.Text(label, color=color), on_click=_handler(does))


def _handler(does: Callable[[], object]) -> Callable[[object], Coroutine[Any, Any, None]]:
    async def press(e: object) -> None:
        await pressed(does, e)

    return press
