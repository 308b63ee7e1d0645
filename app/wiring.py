"""What a browser session or window is made of: its API client, sign-in store, call engine and view. Only this file
knows every part.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import flet as ft

from app.api.client import ApiClient
from app.call.contract.devices import DeviceKind
from app.components.design.brand import Mark
from app.components.design.feedback import toast
from app.components.design.states import ErrorState
from app.components.design.theme import Type, build_theme
from app.components.frame.polling import next_poll_s
from app.components.frame.region import region_here, remember_region, window_region
from app.components.frame.tasks import end_with_session, is_destroyed, use_task
from app.components.frame.window_events import bring_to_front, in_window
from app.desktop.device_file import device_file
from app.desktop.notifications import SystemNotifier
from app.engine_choice import calls_in_browser, engine_for, recover_recording
from app.errors import AppError
from app.routes import SignedInRoutes, SignedOutRoutes
from app.settings import AppSettings
from app.state.bookings.notices import POLL_S as NOTICES_EVERY_S
from app.state.bookings.notices import NoticeWatch, Notifier
from app.state.core.hooks import use_model, use_observed
from app.state.core.kept.device import (
    UTC,
    DeviceStore,
    browser_region,
    browser_zone,
    load_preferences,
    load_unsaved,
    machine_zone,
    save_preferences,
)
from app.state.core.kept.device_choices import DeviceChoices, load_device_choices, save_device_choices
from app.state.core.kept.device_name import device_name
from app.state.core.kept.drafts import Drafts
from app.state.core.kept.preferences import Preferences
from app.state.core.kept.sign_in_store import KeychainSignIn, PhoneSignIn, SignInStore, TabSignIn
from app.state.core.region import find_region_by
from app.state.core.services import SERVICES, Services
from app.state.core.sign_in import AccountState, Connectivity, EarlySignIn
from app.state.core.wall_time import zone_or

logger = logging.getLogger(__name__)
OpenApi = Callable[[str], ApiClient]
"""Makes the client of a backend's address; tests give a transport of their own with it."""

THEME_MODES = {"light": ft.ThemeMode.LIGHT, "dark": ft.ThemeMode.DARK}
KEYCHAIN_PATIENCE_S = 2.0
KEYCHAIN_ASKS = "This computer asks for your keychain's password. Its question may be behind this window."
NOT_KEPT = "This computer has no open keychain, so you will have to sign in again next time."


@ft.observable
@dataclass(eq=False)
class ClientSession:
    """One browser session (or window) from its first moment on. `error` says why it cannot begin; empty when it can."""

    services: Services
    store: DeviceStore
    web: bool
    notifier: Notifier | None = None
    keychain: KeychainSignIn | None = None
    note: str = ""
    zone_known: bool = False
    ready: bool = False
    error: str = ""

    async def begin(self) -> None:
        """Learns the device's zone and preferences and takes up a kept sign-in, before anything is shown."""
        self.error = ""
        try:
            await self._prepare()
        except AppError as error:
            self.error = error.detail
        except Exception as error:  # whatever it was: an empty page helps nobody
            logger.error("a session cannot begin: %s", type(error).__name__)
            self.error = f"Rendezvous could not start here ({type(error).__name__}). Try again, or restart it."
        self.ready = not self.error

    async def _prepare(self) -> None:
        """All at once: in a browser each of these is a way to the device and back."""
        preferences = load_preferences(self.store, self.services.preferences)
        if not self.web:  # they may name another backend, which is where the sign-in is
            await preferences
            self.services.take_kept_server()
        await asyncio.gather(
            self._find_place(ft.context.page),
            load_device_choices(self.store, self.services.device_choices),
            self._bring_back_unsaved(),
            self._resume(),
            *([preferences] if self.web else []),
        )

    async def _bring_back_unsaved(self) -> None:
        """A browser's tab has brought its own."""
        if not self.web:
            self.services.unsaved = await load_unsaved(self.store, ft.context.page.run_task)

    async def _find_place(self, page: ft.Page) -> None:
        zone, region = machine_zone(), window_region(page)
        if self.web:
            zone, region = await asyncio.gather(browser_zone(self.store), browser_region(self.store))
        remember_region(page, region)
        self.services.api.use_language(region.language)
        self.zone_known = zone is not None
        self.services.zone = zone or self.services.zone

    async def _resume(self) -> None:
        """A locked keychain asks its person first, perhaps behind the window: that is said while it lasts."""
        resuming = asyncio.ensure_future(self.services.sign_in.resume())
        await asyncio.wait({resuming}, timeout=KEYCHAIN_PATIENCE_S)
        if self.keychain is not None and self.keychain.asking:
            self.note = KEYCHAIN_ASKS
        await resuming
        self.note = ""

    def follow_account_zone(self) -> None:
        """Where the device reports no zone, times are in the account's own."""
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

    async def show_preferences() -> None:
        apply_theme(page, preferences)
        await save()

    async def save() -> None:
        if session.ready:
            await save_preferences(session.store, preferences)

    choices = use_observed(services.device_choices)

    async def save_choices() -> None:
        if session.ready:
            await save_device_choices(session.store, choices)

    def say_if_not_kept() -> None:
        if account is not None and session.keychain is not None and session.keychain.refused:
            toast(NOT_KEPT)

    ft.use_effect(session.begin, [])
    ft.use_effect(partial(_tell_first_screen, page, session), [session.ready, session.error])
    ft.use_effect(say_if_not_kept, [account.id if account else ""])
    ft.use_effect(save_choices, [choices.chosen, choices.blur])
    ft.use_effect(show_preferences, [preferences.brightness, preferences.text_size])
    ft.use_effect(save, [preferences.call_layout, preferences.call_inset, preferences.sound, preferences.notices])
    ft.use_effect(save, [preferences.server, preferences.recording_folder])
    watching = account if session.notifier is not None and preferences.notices == "on" else None
    use_task(lambda: watch_for_notices(session, page), [watching.id if watching else "", session.ready])
    if not session.ready:
        return [_starting(session)]
    session.follow_account_zone()
    if account is None:
        return SERVICES(services, SignedOutRoutes)
    return SERVICES(services, lambda: SignedInRoutes(account.is_professional))


def new_session(page: ft.Page, settings: AppSettings, open_api: OpenApi = ApiClient) -> ClientSession:
    """Wires one session: its own API client, account and sign-in store, and the call engine of its platform."""
    find_region_by(region_here)
    api = open_api(settings.api_url)
    serve = getattr(page.session.connection, "serve", None)  # `app.web.connections`: windows have none
    platform = page.platform.value if page.platform else ""
    api.use_device(device_name(platform, bool(page.web), page.client_user_agent or ""))
    account, connectivity, preferences = AccountState(), Connectivity(), Preferences()
    new_engine, reason = engine_for(page, settings, api, preferences)
    store = store_for(page, settings.profile)
    services = Services(
        api=api,
        account=account,
        now=api.server_now,
        zone=machine_zone() or UTC,
        new_engine=new_engine,
        call_unavailable_reason=reason,
        call_in_browser=calls_in_browser(page, settings),
        can_record=new_engine is not None and not page.web and not calls_in_browser(page, settings),
        recover_recording=recover_recording,
        connectivity=connectivity,
        preferences=preferences,
        device_choices=DeviceChoices(frozenset({DeviceKind.CAMERA} if settings.camera else ())),
        upload_dir=settings.upload_dir if page.web else None,
        sign_in_store=store,
        drafts=serve(api) if serve else Drafts(),
        unsaved=getattr(page.session.connection, "unsaved", Drafts)(),  # as `serve`
        can_change_server=not page.web,
        early=getattr(page.session.connection, "early", None) or EarlySignIn(),
    )

    def reached(answered: bool) -> None:
        connectivity.offline = not answered

    api.watch(reached, lambda: page.run_task(services.sign_in.forget))
    end_with_session(page, api.close)
    notifier = SystemNotifier() if in_window(page) else None
    services.can_notify = notifier is not None
    keychain = store if isinstance(store, KeychainSignIn) else None
    return ClientSession(services, device_store_for(page, settings.profile), bool(page.web), notifier, keychain)


async def watch_for_notices(session: ClientSession, page: ft.Page) -> None:
    """Tells the person what is new while they look elsewhere, as long as they are signed in and want it."""
    account = session.services.account.account
    if account is None or session.notifier is None or session.services.preferences.notices != "on":
        return
    watch, notifier = NoticeWatch(session.services, account.role), session.notifier

    async def look() -> float:
        for notice in await watch.look():
            if page.route != f"/session/{notice.session_id}":  # there it is seen
                await notifier.show(notice, partial(page.run_task, lead_to, page, notice.route))
        return NOTICES_EVERY_S

    while not is_destroyed(page):  # not `use_polling`, which rests while the window is minimised
        pause_s = await next_poll_s(look)
        await asyncio.sleep(pause_s)


def in_call(page: ft.Page) -> bool:
    """Whether the page of a call is open."""
    return (page.route or "").startswith("/session/")


async def lead_to(page: ft.Page, route: str) -> None:
    """Brings the window to the front and shows the place, but takes nobody out of a call."""
    await bring_to_front(page)
    if not in_call(page):
        page.navigate(route)


def store_for(page: ft.Page, profile: str = "") -> SignInStore:
    """The keychain for desktop windows, the phone's own on phones; in a browser what its connection brings
    (`app.web.connections`).
    """
    if in_window(page):
        return KeychainSignIn(profile)
    if page.web:
        brought: SignInStore | None = getattr(page.session.connection, "sign_in_store", None)
        return brought or TabSignIn()
    try:
        from flet_secure_storage import SecureStorage
    except ImportError:  # a phone build without the extension forgets at its end
        return TabSignIn()
    return PhoneSignIn(SecureStorage())


def device_store_for(page: ft.Page, profile: str = "") -> DeviceStore:
    """A file of the profile's for desktop windows, which without a profile begins with what earlier versions kept."""
    flets = ft.SharedPreferences()
    if not in_window(page):
        bring = getattr(page.session.connection, "device_store", None)  # as `store_for`: a way to the device less
        brought: DeviceStore | None = bring(flets.set) if bring else None
        return brought or flets
    kept = device_file(profile)
    kept.before = None if profile else flets
    return kept


def _tell_first_screen(page: ft.Page, session: ClientSession) -> None:
    tell = getattr(page.session.connection, "first_screen", None)  # `app.web.connections`: windows have none
    if tell and (session.ready or session.error):
        tell()


def apply_theme(page: ft.Page, preferences: Preferences) -> None:
    """Light or dark and the size of text, for the whole page."""
    page.theme = build_theme(False, preferences.text_scale)
    page.dark_theme = build_theme(True, preferences.text_scale)
    page.theme_mode = THEME_MODES.get(preferences.brightness, ft.ThemeMode.SYSTEM)
    page.update()


def _starting(session: ClientSession) -> ft.View:
    note = ft.Text(session.note, theme_style=Type.BODY, text_align=ft.TextAlign.CENTER, visible=bool(session.note))
    mark = ft.Column([Mark(72), note], tight=True, spacing=24, horizontal_alignment=ft.CrossAxisAlignment.CENTER)
    content = ErrorState(session.error, session.begin, offline=True) if session.error else mark
    return ft.View(
        route="/",
        controls=[ft.Container(content, alignment=ft.Alignment.CENTER, expand=True)],
    )
