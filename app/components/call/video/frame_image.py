"""The control that frames are drawn on: a `RawImage` that stays the same object over every render."""

import weakref

import flet as ft


class FrameImage(ft.RawImage):
    """Made by `frame_image`. Knows its page by itself.

    A control finds its page through its parents, which it holds weakly (`BaseControl.page`, flet 1.0.5). One that is
    kept over a render still has those of the first, and they are gone. `RawImage` then takes a local client for a
    remote one, and encodes each frame as PNG in Python: 3 frames a second of a 720p camera instead of 30.
    """

    def init(self) -> None:
        super().init()
        self._of_page: weakref.ref[ft.Page] | None = None

    @property
    def page(self) -> ft.Page:
        """Raises RuntimeError once the page is gone, as every control does."""
        page = self._of_page() if self._of_page is not None else None
        return page if page is not None else super().page


def frame_image(page: ft.Page, fit: ft.BoxFit, key: str, timeout_s: float) -> FrameImage:
    """The image of one tile. `timeout_s`: how long a frame waits for the client to show it."""
    image = FrameImage(key=key, fit=fit, expand=True, ready_timeout=timeout_s, ack_timeout=timeout_s)
    image._of_page = weakref.ref(page)
    return image
