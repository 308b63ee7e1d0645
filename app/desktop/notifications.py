"""The system's notifications, by `desktop-notifier`: D-Bus on Linux, the notification centres of macOS and Windows."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.settings import ASSETS, PRODUCT_NAME
from app.state.bookings.notices import Notice

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

LIMIT_S = 5.0

log = logging.getLogger(__name__)


class SystemNotifier:
    """A `Notifier`. A system that shows none (no daemon, not allowed, an unsigned app on macOS) is logged once."""

    def __init__(self) -> None:
        self._notifier: DesktopNotifier | None = None
        self._refused = False
        # The library logs a stack for each one that is refused, and raises nothing.
        logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL)

    async def show(self, notice: Notice, on_click: Callable[[], object]) -> None:
        from desktop_notifier import DEFAULT_SOUND

        shown: list[bool] = []
        try:
            notifier = self._notifier or self._open()
            sent = notifier.send(
                notice.title,
                notice.text,
                on_clicked=on_click,
                on_dispatched=lambda: shown.append(True),
                sound=DEFAULT_SOUND,
            )
            await asyncio.wait_for(sent, LIMIT_S)
        except Exception as error:  # each system has its own; a notice is never worth more than a line
            log.debug("no notification: %s", type(error).__name__)
        if not shown:
            self._notifier = None  # the next one asks the system again: its daemon may have come
            if not self._refused:
                log.warning("This system shows no notifications.")
            self._refused = True

    def _open(self) -> "DesktopNotifier":
        from desktop_notifier import DesktopNotifier, Icon

        self._notifier = DesktopNotifier(app_name=PRODUCT_NAME, app_icon=Icon(path=ASSETS / "icons" / "icon-192.png"))
        return self._notifier
