"""What the settings screen shows and may do: name, time zone, password."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import flet as ft

from app.errors import AppError, Problem
from app.state.account.auth_forms import PASSWORD_SHORT, SHORTEST_PASSWORD
from app.state.core.services import Services
from app.state.core.wall_time import zone_words

AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def zone_choices(current: str) -> list[tuple[str, str]]:
    """(IANA name, words such as "New York (America)") by place; `current` is among them whatever it is.

    Kept: reading the names of all zones from the disk takes 4 ms, which would be paid with each key in a form.
    """
    names = {name for name in available_timezones() if name.split("/")[0] in AREAS} | {"UTC", current}
    words = [(name, f"{zone_words(name)} ({name.split('/')[0]})" if "/" in name else name) for name in names if name]
    return sorted(words, key=lambda choice: choice[1])


@ft.observable
@dataclass(eq=False)
class AccountSettings:
    """The form's texts, what is wrong with them, and what was done (`saved`: a sentence, empty before). `sending` is
    "account" or "password" until the backend has answered: until then nothing is sent again, by Enter or by a button.
    """

    services: Services
    name: str = ""
    time_zone: str = ""
    current_password: str = field(default="", repr=False)
    new_password: str = field(default="", repr=False)
    field_errors: dict[str, str] = field(default_factory=dict)
    message: str = ""
    saved: str = ""
    sending: str = ""

    def __post_init__(self) -> None:
        account = self.services.account.account
        if account:
            self.name, self.time_zone = account.name, account.time_zone

    @property
    def changed(self) -> bool:
        """Whether name or zone differ from what the backend has."""
        account = self.services.account.account
        return account is not None and (self.name.strip(), self.time_zone) != (account.name, account.time_zone)

    async def save(self) -> bool:
        """Sends name and zone; True when they were taken."""
        if self.sending:
            return False
        if not self.name.strip():
            self.field_errors = {"name": "Enter your name."}
            return False
        return await self._attempt("account", self._send_account(), "Saved.")

    async def change_password(self) -> bool:
        """Changes the password, which signs out every other device; True when it was taken."""
        if self.sending:
            return False
        if not self.current_password:
            self.field_errors = {"current_password": "Enter your current password."}
            return False
        if len(self.new_password) < SHORTEST_PASSWORD:
            self.field_errors = {"new_password": PASSWORD_SHORT}
            return False
        done = "Password changed. Other devices were signed out."
        return await self._attempt("password", self._send_password(), done)

    async def _send_account(self) -> None:
        self.services.account.account = await self.services.api.update_me(self.name.strip(), self.time_zone)

    async def _send_password(self) -> None:
        await self.services.api.change_password(self.current_password, self.new_password)
        self.current_password = self.new_password = ""

    async def _attempt(self, what: str, sending: Coroutine[Any, Any, None], done: str) -> bool:
        self.field_errors, self.message, self.saved, self.sending = {}, "", "", what
        try:
            await sending
        except Problem as problem:
            self.field_errors = dict(problem.fields)
            self.message = "" if problem.fields else problem.detail
        except AppError as error:
            self.message = error.detail
        else:
            self.saved = done
        finally:
            self.sending = ""
        return bool(self.saved)
