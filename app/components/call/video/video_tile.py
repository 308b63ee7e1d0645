"""One person's moving picture, with what stands in its place while there is none."""

import asyncio

import flet as ft

from app.call.contract.engine import Frame, PixelFormat
from app.call.contract.screen import SCREEN_HEIGHT, SCREEN_WIDTH
from app.components.call.video.frame_image import frame_image
from app.components.call.video.frame_pump import AskFrame, FramePump, Picture, asked_size
from app.components.frame.tasks import use_task
from app.state.core.hooks import use_ref

ACK_TIMEOUT_S = 5
UNSEEN_POLL_S = 0.5


def fills(box_width: float, box_height: float) -> bool:
    """Whether a 16:9 picture should be cropped to its tile: yes where little is lost, and where it would be a mere
    strip otherwise (a phone held upright).
    """
    shape = box_width / max(box_height, 1.0)
    return shape < 0.8 or 1.45 < shape < 2.15


@ft.component
def VideoTile(
    ask: AskFrame | None,
    name: str,
    identifier: str,
    placeholder: ft.Control,
    why_none: str = "",
    shown: bool = True,
    mirrored: bool = False,
    fill: bool | None = None,
    width: float | None = None,
    height: float | None = None,
    radius: float = 0,
    detailed: bool = False,
) -> ft.Control:
    """Imperative inside: a picture goes straight to the image and renders nothing again. While `shown` is false nothing
    is asked for and the placeholder covers the last picture. `fill=None` decides by the tile's shape. `detailed`: asked
    for as large as a shared screen is, for it may be zoomed.

    The semantics label says whether the picture moves: "Video of NAME, live", "… stopped", or "… no picture" and
    `why_none`.
    """
    page = ft.context.page
    size = use_ref((width or 640.0, height or 360.0))
    crop, set_crop = ft.use_state(fills(*size.current))
    picture, set_picture = ft.use_state(Picture.NONE)
    filling = crop if fill is None else fill
    active = shown and ask is not None
    fit = ft.BoxFit.COVER if filling else ft.BoxFit.CONTAIN
    widget, set_widget = ft.use_state(0)
    # The same object over every render: it holds the channel that its one client widget opened. Another fit is another
    # widget, hence the key; so is the next one after a widget that never answered.
    image = ft.use_memo(lambda: frame_image(page, fit, f"{fit.value}-{widget}", ACK_TIMEOUT_S), [fit, widget])

    async def pump() -> None:
        set_picture(Picture.NONE)
        if ask is None or not active:
            return
        pixel_format = _pixel_format_for(page)

        async def draw(frame: Frame) -> None:
            try:
                if frame.pixel_format is PixelFormat.RGBA:
                    await image.render_rgba(frame.width, frame.height, frame.data, premultiplied=True)
                else:
                    await image.render_encoded(frame.data)
            except TimeoutError:
                if not pumping.shown:
                    set_widget(lambda now: now + 1)
                raise

        def box() -> tuple[int, int]:
            if detailed:
                return SCREEN_WIDTH, SCREEN_HEIGHT
            tile_width, tile_height = size.current
            ratio = page.media.device_pixel_ratio if page.media else 1.0
            return asked_size(tile_width, tile_height, ratio, filling, pixel_format)

        pumping = FramePump(ask, draw, box, pixel_format, set_picture, lambda: _seen(page))
        await pumping.run()

    use_task(pump, [ask, active, fit, widget])

    def measured(e: ft.LayoutSizeChangeEvent[ft.LayoutControl]) -> None:
        size.current = (e.width, e.height)
        set_crop(fills(e.width, e.height))

    covered = not active or picture is Picture.NONE
    words = f"{Picture.NONE.value}. {why_none}" if covered and why_none else picture.value
    return ft.Semantics(
        identifier=identifier,
        label=f"Video of {name}, {words}",
        image=True,
        exclude_semantics=True,
        content=ft.Container(
            width=width,
            height=height,
            expand=width is None,
            border_radius=radius,
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
            on_size_change=measured,
            size_change_interval=100,
            content=ft.Stack(
                expand=True,
                fit=ft.StackFit.EXPAND,
                controls=[
                    ft.Container(content=image, flip=ft.Flip(flip_x=True) if mirrored else None, expand=True),
                    ft.Container(content=placeholder, visible=covered, expand=True),
                ],
            ),
        ),
    )


async def _seen(page: ft.Page) -> None:
    """Waits while nobody can see a picture: the tab is hidden, or the connection to it is gone."""
    await page.wait_until_visible()
    while page.session.connection is None:  # noqa: ASYNC110  Flet reports it by an event that has one owner
        await asyncio.sleep(UNSEEN_POLL_S)


def _pixel_format_for(page: ft.Page) -> PixelFormat:
    """Raw pixels where the client shares this machine's memory, JPEG over a web socket."""
    local = getattr(page.session.connection, "local_data_transport", False)
    return PixelFormat.RGBA if local else PixelFormat.JPEG
