"""What every screen stands on: one object per browser session, made in app.main and handed down by context."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import flet as ft

from app.api.client import ApiClient
from app.call.ports import CallEngine
from app.state.account import AccountState, Reach, SignIn
from app.state.hooks import use_observed as use_observed
from app.state.preferences import Preferences


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
    reach: Reach = field(default_factory=Reach)
    preferences: Preferences = field(default_factory=Preferences)
    sign_in: SignIn = field(init=False)

    def __post_init__(self) -> None:
        self.sign_in = SignIn(self.api, self.account)


SERVICES: "ft.ContextProvider[Services | None]" = ft.create_context(None)


def use_services() -> Services:
    """The session's services; inside a component only."""
    services = ft.use_context(SERVICES)
    if services is None:
        raise RuntimeError("no Services above this component: wrap it in SERVICES(...)")
    return services
