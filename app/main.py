"""Puts the app together: settings, API client, sign-in store, call engine, view. Only this file knows every part."""

import contextlib
import logging
import os
import socket
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import flet as ft

from app.api.client import ApiClient
from app.call.contract.devices import AudioBackend, DeviceKind
from app.call.contract.engine import CallEngine
from app.components.design.brand import NAME, Mark
from app.components.design.states import ErrorState
from app.components.design.theme import build_theme
from app.components.frame.mishaps import survive_mishaps
from app.components.frame.page import page_events
from app.errors import AppError
from app.routes import SignedInRoutes, SignedOutRoutes
from app.settings import AppSettings, load_settings
from app.state.core.device import (
    UTC,
    DeviceStore,
    browser_zone,
    load_preferences,
    machine_zone,
    save_preferences,
)
from app.state.core.device_choices import DeviceChoices, load_device_choices, save_device_choices
from app.state.core.hooks import use_model, use_observed
from app.state.core.preferences import Preferences
from app.state.core.services import SERVICES, Services
from app.state.core.sign_in import AccountState, Reach, SignIn
from app.state.core.sign_in_store import KeychainSignIn, SignInStore, TabSignIn
from app.state.core.wall_time import zone_or

logger = logging.getLogger(__name__)

OpenApi = Callable[[str], ApiClient]
"""Makes the client of a backend's address; tests give a transport of their own with it."""

ENGINES: "weakref.WeakSet[CallEngine]" = weakref.WeakSet()
"""Every call engine of this process, for its end alone: no session sees another's through it."""

LOOPBACK = "127.0.0.1"
UPLOAD_MAX_BYTES = 6 * 1024 * 1024  # a photo has at most 5 MB
ASSETS = Path(__file__).resolve().parent.parent / "assets"
PHONES = (ft.PagePlatform.ANDROID, ft.PagePlatform.ANDROID_TV, ft.PagePlatform.IOS)
THEME_MODES = {"light": ft.ThemeMode.LIGHT, "dark": ft.ThemeMode.DARK}
NO_CALL_ON_PHONES = "Calls cannot be joined on a phone yet. Open Rendezvous on your computer to join."
NO_CALL_IN_BROWSERS = "Calls cannot be joined in a browser yet. Open Rendezvous as a desktop app to join."
NO_CALL_PARTS = "What calls need is not installed on this machine. Install Rendezvous anew to join calls."


@ft.observable
@dataclass(eq=False)
class Session:
    """One browser session (or window) from its first moment on. `fault` says why it cannot begin; empty when it can."""

    services: Services
    store: DeviceStore
    web: bool
    zone_known: bool = False
    ready: bool = False
    fault: str = ""

    async def begin(self) -> None:
        """Learns the device's zone and taste and takes up a kept sign-in, before anything is shown."""
        self.fault = ""
        try:
            await self._prepare()
        except AppError as error:
            self.fault = error.detail
        except Exception as error:  # whatever it was: a page that stays empty tells nobody anything
            logger.error("a session cannot begin: %s", type(error).__name__)
            self.fault = f"Rendezvous could not start here ({type(error).__name__}). Try again, or restart it."
        self.ready = not self.fault

    async def _prepare(self) -> None:
        zone = await browser_zone(self.store) if self.web else machine_zone()
        self.zone_known = zone is not None
        if zone:
            self.services.zone = zone
        await load_preferences(self.store, self.services.preferences)
        await load_device_choices(self.store, self.services.device_choices)
        await self.services.sign_in.resume()

    def follow_account_zone(self) -> None:
        """Where the device tells no zone, times are in the account's own."""
        account = self.services.account.account
        if account and not self.zone_known:
            self.services.zone = zone_or(account.time_zone, UTC)


@ft.component
def App(settings: AppSettings, open_api: OpenApi = ApiClient) -> "ft.Control | list[ft.View]":
    """Everything of one session; its state is made here, so that no two sessions share any."""
    page = ft.context.page
    session = use_model(lambda: new_session(page, settings, open_api))
    services = session.services
    account = use_observed(services.account).account
    preferences = use_observed(services.preferences)

    async def look() -> None:
        apply_look(page, preferences)
        await keep_taste()

    async def keep_taste() -> None:
        if session.ready:
            await save_preferences(session.store, preferences)

    choices = use_observed(services.device_choices)

    async def keep_choices() -> None:
        if session.ready:
            await save_device_choices(session.store, choices)

    ft.use_effect(session.begin, [])
    ft.use_effect(keep_choices, [choices.chosen, choices.blur])
    ft.use_effect(look, [preferences.brightness, preferences.text_size])
    ft.use_effect(keep_taste, [preferences.call_layout, preferences.call_inset, preferences.sound])
    if not session.ready:
        return [_starting(session)]
    session.follow_account_zone()
    if account is None:
        return SERVICES(services, SignedOutRoutes)
    return SERVICES(services, lambda: SignedInRoutes(account.is_professional))


def new_session(page: ft.Page, settings: AppSettings, open_api: OpenApi = ApiClient) -> Session:
    """Wires one session: its own API client, account and sign-in store, and the call engine of its platform."""
    api = open_api(settings.api_url)
    account, reach = AccountState(), Reach()
    preferences = Preferences()
    new_engine, reason = engine_for(page, settings, api, preferences)
    services = Services(
        api=api,
        account=account,
        now=api.server_now,
        zone=machine_zone() or UTC,
        new_engine=new_engine,
        call_unavailable_reason=reason,
        reach=reach,
        preferences=preferences,
        device_choices=DeviceChoices(frozenset({DeviceKind.CAMERA} if settings.camera else ())),
        upload_dir=settings.upload_dir if page.web else None,
    )
    services.sign_in = SignIn(api, account, store_for(page))

    def reached(answered: bool) -> None:
        reach.offline = not answered

    def signed_out() -> None:
        page.run_task(services.sign_in.forget)

    api.watch(reached, signed_out)
    page.on_close = lambda: page.run_task(api.close)
    return Session(services, ft.SharedPreferences(), bool(page.web))


def store_for(page: ft.Page) -> SignInStore:
    """The keychain for desktop windows; the tab's own session in a browser."""
    return TabSignIn() if page.web or page.platform in PHONES else KeychainSignIn()


def engine_for(
    page: ft.Page, settings: AppSettings, api: ApiClient, preferences: Preferences
) -> tuple[Callable[[], CallEngine] | None, str]:
    """What makes a call engine here, or None and why there is none. `preferences` are asked when one is made."""
    if page.platform in PHONES and not page.web:
        return None, NO_CALL_ON_PHONES
    if page.web and settings.call_engine != "native":
        return None, NO_CALL_IN_BROWSERS
    try:
        from app.call.engine import LivekitEngine
    except (ImportError, OSError):  # a package, or a library of the system that it stands on
        return None, NO_CALL_PARTS

    def new_engine() -> CallEngine:
        sound = AudioBackend(preferences.sound)
        engine = LivekitEngine(
            settings.camera or None, settings.microphone != "muted", api.server_now, audio_backend=sound
        )
        ENGINES.add(engine)
        return engine

    return new_engine, ""


def apply_look(page: ft.Page, preferences: Preferences) -> None:
    """Light or dark and the size of text, for the whole page."""
    page.theme = build_theme(False, preferences.text_scale)
    page.dark_theme = build_theme(True, preferences.text_scale)
    page.theme_mode = THEME_MODES.get(preferences.brightness, ft.ThemeMode.SYSTEM)
    page.update()


def start(settings: AppSettings, page: ft.Page) -> None:
    """What Flet calls for every new browser session or window."""
    survive_mishaps(page)
    page.title = NAME
    page.padding = 0
    apply_look(page, Preferences())
    page_events(page)
    if not page.web and page.platform not in PHONES:
        page.window.min_width, page.window.min_height = 380, 600
    page.render_views(App, settings)


def choose_view(settings: AppSettings) -> tuple[bool, str]:
    """Whether the app opens as a window, and if it was asked for and cannot, why."""
    if settings.view == "web":
        return False, ""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False, "There is no display for a window, so Rendezvous opens in the browser."
    try:
        import flet_desktop  # type: ignore[import-untyped]  # ships no types

        flet_desktop.ensure_client_cached()
    except Exception:  # whatever keeps it away (no package, no network, no room): the browser does as well
        return False, "Flet's desktop client could not be fetched, so Rendezvous opens in the browser."
    return True, ""


def port_is_free(port: int) -> bool:
    """Whether the page can be served there."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def main() -> None:
    """Starts the app as the environment says; returns when it is closed, and then no call goes on."""
    settings = load_settings()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would name every address that is asked
    window, why = choose_view(settings)
    if why:
        tell(why)
    try:
        if window:
            ft.run(partial(start, settings), assets_dir=str(ASSETS), view=ft.AppView.FLET_APP)
        else:
            open_in_browser(settings, asked_for=not why)
    finally:
        hang_up()


def hang_up() -> None:
    """For the end of the process: nobody is left waiting for a program that is gone, and no camera stays on."""
    for engine in list(ENGINES):
        engine.terminate()


def open_in_browser(settings: AppSettings, asked_for: bool) -> None:
    """Serves the page until the program ends. Raises `SystemExit` with a sentence when the port is taken."""
    if not port_is_free(settings.port):
        raise SystemExit(f"Port {settings.port} is in use. Set RENDEZVOUS_PORT to another one.")
    if asked_for:  # whoever started it opens the browser
        os.environ.setdefault("FLET_FORCE_WEB_SERVER", "true")
    tell(f"Rendezvous is at http://{LOOPBACK}:{settings.port}/")
    with TemporaryDirectory(prefix="rendezvous-") as uploads:
        serve(settings.model_copy(update={"upload_dir": Path(uploads)}))


def serve(settings: AppSettings) -> None:
    """The page for browsers. What they upload is signed with a key of this process and goes with it."""
    os.environ["FLET_SECRET_KEY"] = token_hex(32)
    os.environ["FLET_MAX_UPLOAD_SIZE"] = str(UPLOAD_MAX_BYTES)
    ft.run(
        partial(start, settings),
        host=LOOPBACK,
        port=settings.port,
        assets_dir=str(ASSETS),
        upload_dir=str(settings.upload_dir),
        view=ft.AppView.WEB_BROWSER,
        no_cdn=True,
    )


def tell(sentence: str) -> None:
    """One line for whoever started the program."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def _starting(session: Session) -> ft.View:
    content = ErrorState(session.fault, session.begin, offline=True) if session.fault else Mark(72)
    return ft.View(
        route="/",
        controls=[ft.Container(content, alignment=ft.Alignment.CENTER, expand=True)],
    )
