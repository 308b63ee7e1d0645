"""Which call engine a session gets: the native one where there is Python beside the camera, else the call page."""

import logging
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

import flet as ft

from app.api.client import ApiClient
from app.call.browser_engine import BrowserEngine
from app.call.contract.devices import AudioBackend, VideoEncoder
from app.call.contract.engine import CallEngine
from app.components.design.links import open_external
from app.components.frame.window_events import PHONES
from app.errors import AppError
from app.settings import AppSettings
from app.state.core.kept.preferences import Preferences

logger = logging.getLogger(__name__)

ENGINES: "weakref.WeakSet[CallEngine]" = weakref.WeakSet()
"""Every call engine of this process, for its end alone: no session sees another's through it."""

NO_CALL_PARTS = "Some parts that calls need are missing on this computer. Reinstall Rendezvous to join calls."


def calls_in_browser(page: ft.Page, settings: AppSettings) -> bool:
    """Whether calls open on the call page: phones have no SDK, and a browser's camera is not this process's."""
    if page.web:
        return settings.call_engine != "native"
    return page.platform in PHONES


async def open_call_page(page: ft.Page, url: str) -> None:
    """In a tab or a browser view; where that fails, the screen has a button for it."""
    try:
        await open_external(url, page)
    except Exception as error:  # whatever the client answers, or that it does not
        logger.warning("the call page could not be opened (%s)", type(error).__name__)


async def attendance(api: ApiClient, session_id: str) -> frozenset[str] | None:
    """Who is in the session's room; None while the backend cannot say."""
    try:
        return frozenset((await api.presence(session_id)).present)
    except AppError:
        return None


def recover_recording(file: Path) -> Path:
    """Makes a whole file of one that a killed program left behind, where there is a native engine. Blocks."""
    from app.call.engine import LivekitEngine

    return LivekitEngine.recover_recording(file)


def engine_for(
    page: ft.Page, settings: AppSettings, api: ApiClient, preferences: Preferences
) -> tuple[Callable[[], CallEngine] | None, str]:
    """What makes a call engine here, or None and why there is none. `preferences` are asked when one is made."""
    if calls_in_browser(page, settings):
        return partial(BrowserEngine, partial(open_call_page, page), partial(attendance, api), api.server_now), ""
    try:
        from app.call.engine import LivekitEngine
    except (ImportError, OSError):  # a package, or a library of the system that it stands on
        return None, NO_CALL_PARTS
    if not LivekitEngine.can_run():
        return None, NO_CALL_PARTS

    def new_engine() -> CallEngine:
        engine = LivekitEngine(
            settings.camera or None,
            settings.microphone != "muted",
            api.server_now,
            audio_backend=AudioBackend(preferences.sound),
            video_encoder=VideoEncoder(settings.video_encoder),
        )
        ENGINES.add(engine)
        return engine

    return new_engine, ""
