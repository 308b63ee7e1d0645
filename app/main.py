"""Starts the app: as a window or as a page in the browser, with what the environment says."""

import asyncio
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import flet as ft

from app.components.design.theme import FONTS
from app.components.frame.page_events import page_events
from app.components.frame.unhandled_errors import survive_unhandled_errors
from app.components.frame.window_events import in_window, window_events
from app.desktop.client import ensure_client
from app.desktop.device_file import device_file
from app.desktop.window_process import Ending
from app.desktop.window_size import remember_size
from app.engine_choice import ENGINES
from app.settings import ASSETS, PRODUCT_NAME, AppSettings, is_built, load_settings
from app.state.core.kept.preferences import Preferences
from app.wiring import App, apply_theme


def start(settings: AppSettings, page: ft.Page, end: Callable[[], object] | None = None) -> None:
    """What Flet calls for every new browser session or window; `end` ends a window's app."""
    survive_unhandled_errors(page)
    page.title = PRODUCT_NAME
    page.padding = 0
    if not getattr(page.session.connection, "has_fonts", False):  # as in `app.web.connections`
        page.fonts = FONTS
    apply_theme(page, Preferences())
    page_events(page)
    if in_window(page):
        page.window.icon = str(ASSETS / "icon.ico")  # Windows; elsewhere the system takes it from the package
        remember_size(page, window_events(page, end), device_file(settings.profile))
    page.render_views(App, settings)


def choose_view(settings: AppSettings) -> tuple[bool, str]:
    """Whether the app opens as a window, and if it was asked for and cannot, why."""
    if settings.view == "web":
        return False, ""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False, "There is no display for a window, so Rendezvous opens in the browser."
    try:
        ensure_client()
    except Exception:  # whatever keeps it away (no package, no network, no room): the browser does as well
        return False, "Flet's desktop client could not be fetched, so Rendezvous opens in the browser."
    return True, ""


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether the page can be served there."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return True
    except OSError:
        return False


def main() -> None:
    """Starts the app as the environment says; returns when it is closed, and then no call goes on."""
    settings = load_settings()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would name every address that is asked
    if is_built():
        ft.run(partial(start, settings), assets_dir=str(ASSETS))
        return
    window, why = choose_view(settings)
    if why:
        print_line(why)
    try:
        if window:
            os.environ.setdefault("FLET_APP_ID", PRODUCT_NAME)  # the window's class on Linux, else "flet"
            ending = Ending(leave_calls)
            asyncio.run(ending.run(partial(start, settings, end=ending.begin)))
        else:
            open_in_browser(settings, asked_for=not why)
    finally:
        hang_up()


async def leave_calls() -> None:
    """Ends every call as if its person had hung up; returns when the devices are free."""
    await asyncio.gather(*(engine.leave() for engine in list(ENGINES)))


def hang_up() -> None:
    """For the end of the process: nobody is left waiting for a program that is gone, and no camera stays on."""
    for engine in list(ENGINES):
        engine.terminate()


def open_in_browser(settings: AppSettings, asked_for: bool) -> None:
    """Serves the page until the program ends. Raises `SystemExit` with a sentence when the port is taken."""
    from app.web.server import serve  # not on phones, which have neither its packages nor a use for it

    if not port_is_free(settings.port, settings.host):
        raise SystemExit(f"Port {settings.port} is in use. Set RENDEZVOUS_PORT to another one.")
    url = settings.public_url or f"http://{settings.host}:{settings.port}"
    print_line(f"Rendezvous is at {url}/")
    opens = (lambda: None) if asked_for else partial(webbrowser.open, url)  # whoever asked for it opens it
    with TemporaryDirectory(prefix="rendezvous-") as folder:
        uploads = Path(folder)
        serve(settings, partial(start, settings.model_copy(update={"upload_dir": uploads})), uploads, opens)


def print_line(sentence: str) -> None:
    """One line for whoever started the program."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()
