"""One session's call in memory: a backend, an account and fake engines, for the tests of the call screens."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import flet as ft

from app.api.models import Account, Role
from app.call.contract.engine import CallEngine
from app.screens.call_flow import SessionCall
from app.state.core.services import SERVICES, Services
from app.state.core.sign_in import AccountState
from tests.fakes.api import NOW, FakeApi
from tests.fakes.call_engine import FakeCallEngine

SESSION = "session-1"
CALM = {
    "get_accessibility_features": {
        name: False
        for name in (
            "accessible_navigation",
            "bold_text",
            "disable_animations",
            "high_contrast",
            "invert_colors",
            "reduce_motion",
            "on_off_switch_labels",
            "supports_announcements",
        )
    }
}
"""What the client says of a person who needs neither a screen reader nor less motion."""


class CallWorld:
    """Ada Lovelace (professional) and Grace Hopper (user) have a session; `engines` are those made so far, in order."""

    def __init__(self, role: Role = "user", new_engine: Callable[[], FakeCallEngine] = FakeCallEngine) -> None:
        self.api = FakeApi()
        self.api.add_professional()
        self.api.add_slot("slot-1", NOW - dt.timedelta(minutes=5))
        self.api.add_booking(SESSION, "slot-1")
        self.engines: list[FakeCallEngine] = []
        self._new_engine = new_engine
        name, account_id = ("Ada Lovelace", "pro-1") if role == "professional" else ("Grace Hopper", "user-1")
        account = Account(id=account_id, role=role, email="someone@example.org", name=name, time_zone="Europe/Berlin")
        self.services = Services(
            api=self.api,  # type: ignore[arg-type]  # the fake stands in for ApiClient method by method
            account=AccountState(account),
            now=lambda: self.api.now,
            zone=ZoneInfo("Europe/Berlin"),
            new_engine=self._make,
        )

    def _make(self) -> CallEngine:
        engine = self._new_engine()
        self.engines.append(engine)
        return engine

    @property
    def engine(self) -> FakeCallEngine:
        """The one in use."""
        return self.engines[-1]

    def view(self) -> ft.Control:
        return SERVICES(self.services, lambda: SessionCall(SESSION))

    def pass_time(self, **length: float) -> None:
        """Moves the server's clock."""
        self.api.now += dt.timedelta(**length)
