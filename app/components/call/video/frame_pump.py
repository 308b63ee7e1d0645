"""Carries one source's pictures to one drawn image: the newest wins, and never more than one is on its way."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

from app.call.contract.engine import Frame, PixelFormat

STALLED_AFTER_S = 2.0
NO_PICTURE_PAUSE_S = 0.2
LIMITS = {PixelFormat.JPEG: (1280, 720), PixelFormat.RGBA: (1920, 1080)}
"""The largest picture asked for; above it a web socket or a texture costs more than the eye gains."""

AskFrame = Callable[[int, int, int, PixelFormat], Awaitable[Frame | None]]
"""`CallEngine.own_frame` or `remote_frame`."""


class Picture(StrEnum):
    """What the eye sees of a source."""

    NONE = "no picture"
    STOPPED = "stopped"  # pictures came, and come no more
    LIVE = "live"  # new pictures keep coming and are drawn


class FramePump:
    """Asks for the next picture only when the client has acknowledged the last: nothing can pile up, and the engine
    converts only what will be shown.

    `draw` returns when the picture is on the screen and raises TimeoutError when the client does not say so.
    `visible` waits while the window or tab is hidden.
    """

    def __init__(
        self,
        ask: AskFrame,
        draw: Callable[[Frame], Awaitable[None]],
        size: Callable[[], tuple[int, int]],
        pixel_format: PixelFormat,
        on_picture: Callable[[Picture], None],
        visible: Callable[[], Awaitable[None]],
    ) -> None:
        self._ask = ask
        self._draw = draw
        self._size = size
        self._pixel_format = pixel_format
        self._on_picture = on_picture
        self._visible = visible
        self._picture = Picture.NONE
        self._in_a_row = 0
        self.shown = 0
        """Pictures that the client has acknowledged."""

    async def run(self) -> None:
        """Until cancelled."""
        after = 0
        while True:
            await self._visible()
            frame = await self._next(after)
            if frame is None:
                self._report(Picture.NONE)
                await asyncio.sleep(NO_PICTURE_PAUSE_S)
                continue
            after = frame.number
            try:
                await self._draw(frame)
            except TimeoutError:  # the client reconnects or is busy: the next picture will be a newer one
                self._report(Picture.STOPPED)
                continue
            self.shown += 1
            self._in_a_row += 1
            if self._in_a_row > 1:  # one picture alone does not move
                self._report(Picture.LIVE)

    async def _next(self, after: int) -> Frame | None:
        width, height = self._size()
        asked = asyncio.ensure_future(self._ask(after, width, height, self._pixel_format))
        try:
            done, _ = await asyncio.wait({asked}, timeout=STALLED_AFTER_S)
            if not done:
                self._report(Picture.STOPPED if self._picture is not Picture.NONE else Picture.NONE)
            return await asked
        finally:
            asked.cancel()

    def _report(self, picture: Picture) -> None:
        if picture is not Picture.LIVE:
            self._in_a_row = 0
        if picture is not self._picture:
            self._picture = picture
            self._on_picture(picture)


def asked_size(
    width: float, height: float, pixel_ratio: float, fill: bool, pixel_format: PixelFormat
) -> tuple[int, int]:
    """The box to ask a picture for, in pixels, never above what is worth sending.

    A picture that fills its tile is cropped by it, so a wide one is asked for wide enough to cover the tile's height.
    """
    ratio = min(max(pixel_ratio, 1.0), 2.0)
    box_width, box_height = width * ratio, height * ratio
    if fill:
        box_width, box_height = max(box_width, box_height * 16 / 9), max(box_height, box_width * 9 / 16)
    limit_width, limit_height = LIMITS[pixel_format]
    return max(2, min(round(box_width), limit_width)), max(2, min(round(box_height), limit_height))
