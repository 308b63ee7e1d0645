"""What every screen stands on: one object per browser session, made in app.main and handed down by context."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

import flet as ft

from app.api.client import ApiClient
from app.call.contract.engine import CallEngine
from app.settings import is_server_address
from app.state.core.kept.device_choices import DeviceChoices
from app.state.core.kept.drafts import Drafts
from app.state.core.kept.preferences import Preferences
from app.state.core.kept.sign_in_store import SignInStore, TabSignIn
from app.state.core.sign_in import AccountState, Connectivity, EarlySignIn, SignIn

KeptT = TypeVar("KeptT")


@dataclass
class Services:
    """`now` is the server's clock (aware UTC), `zone` the viewer's. `new_engine` is None where this platform has no
    call engine; `call_unavailable_reason` then says why, for people.
    """

    api: ApiClient
    account: AccountState
    now: Callable[[], datetime]
    zone: ZoneInfo
    new_engine: Callable[[], CallEngine] | None = None
    call_unavailable_reason: str = ""
    call_in_browser: bool = False  # calls open on the call page, in a tab or a browser view of their own
    connectivity: Connectivity = field(default_factory=Connectivity)
    preferences: Preferences = field(default_factory=Preferences)
    device_choices: DeviceChoices = field(default_factory=DeviceChoices)
    can_change_server: bool = True  # not in a browser: requests leave from the page's own server there
    can_record: bool = False  # whether calls are carried and recorded by this program, beside the person's own disk
    recover_recording: Callable[[Path], Path] | None = None  # makes a whole file of one that was left behind; blocks
    can_notify: bool = False  # whether this platform shows notices outside the app
    upload_dir: Path | None = None  # where a browser's files arrive; None: files are read where they lie
    sign_in_store: SignInStore = field(default_factory=TabSignIn)
    drafts: Drafts = field(default_factory=Drafts)
    unsaved: Drafts = field(default_factory=Drafts)
    """What the backend does not have yet, on this device, by account: it outlives a crash and the sign-in."""
    early: EarlySignIn = field(default_factory=EarlySignIn)
    sign_in: SignIn = field(init=False)
    first_server: str = field(init=False)
    """The backend's address as the app came with it."""
    _kept: dict[tuple[type, str], object] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.first_server = self.api.base_url
        self.sign_in = SignIn(self.api, self.account, self.sign_in_store, self._forget_kept)

    def _forget_kept(self) -> None:
        self._kept.clear()
        self.drafts.clear()

    def use_server(self, address: str) -> None:
        """Speaks to another backend from now on, after the next start too."""
        self.api.use_base_url(address)
        self.preferences.server = f"{self.first_server} {self.api.base_url}"

    def take_kept_server(self) -> None:
        """The backend that was chosen on this device, unless the app comes with another one by now."""
        replaced, _, chosen = self.preferences.server.partition(" ")
        if chosen and replaced == self.first_server and is_server_address(chosen):
            self.api.use_base_url(chosen)

    def kept(self, kind: type[KeptT], make: Callable[[], KeptT]) -> KeptT:
        """The one `kind` of whoever is signed in, made at its first use: what outlives the screen that shows it, and
        ends with the sign-in.
        """
        account = self.account.account
        key = (kind, account.id if account else "")
        if key not in self._kept:
            self._kept[key] = make()
        return cast(KeptT, self._kept[key])


SERVICES: "ft.ContextProvider[Services | None]" = ft.create_context(None)


def use_services() -> Services:
    """The session's services; inside a component only."""
    services = ft.use_context(SERVICES)
    if services is None:
        raise RuntimeError("no Services above this component: wrap it in SERVICES(...)")
    return services
