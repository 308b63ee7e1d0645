"""Where a person is signed in, and ending that."""

from contextlib import suppress
from dataclasses import dataclass

import flet as ft

from app.api.models import SignedInDevice
from app.errors import AppError, Problem
from app.state.account.attempts import Attempts
from app.state.core.services import Services
from app.state.core.wall_time import moment_words

POLL_S = 30.0
UNKNOWN = "Unknown device"


@ft.observable
@dataclass(eq=False)
class SignedInDevices(Attempts):
    """`devices` are None until they are known."""

    services: Services
    devices: tuple[SignedInDevice, ...] | None = None
    _ended: int = 0

    @property
    def others(self) -> int:
        """How many besides this one."""
        return sum(not each.is_this for each in self.devices or ())

    def words(self, device: SignedInDevice) -> tuple[str, str]:
        """Its name, and when it was used."""
        zone, now = self.services.zone, self.services.now()
        since = f"Signed in {moment_words(device.began_at, zone, now)}"
        used = "" if device.is_this else f"Last used {moment_words(device.last_seen_at, zone, now)}. "
        return device.device or UNKNOWN, f"{used}{since}."

    async def load(self) -> None:
        """Asks the backend."""
        await self.attempt("load", self._load())

    async def poll(self) -> float:
        """Looks again after 30 s: somebody may have signed in meanwhile. Returns when to look next, in seconds."""
        if self.devices is None:
            if not self.message:  # else it is the person who tries again
                await self.load()
            return POLL_S
        ended = self._ended
        with suppress(AppError):
            found = await self.services.api.sign_ins()
            if ended == self._ended and not self.sending:  # else it is older than what was ended here meanwhile
                self.devices = found
        return POLL_S

    async def end(self, device: SignedInDevice) -> bool:
        """Signs that device out; True when it is. One that is signed out already is no fault."""
        if self.sending:
            return False
        if not await self.attempt(device.id, self._end(device.id)):
            return False
        self.devices = tuple(each for each in self.devices or () if each.id != device.id)
        self._ended += 1
        return True

    async def end_others(self) -> bool:
        """Signs every other device out; True when they are."""
        if self.sending or not await self.attempt("others", self.services.api.end_other_sign_ins()):
            return False
        self.devices = tuple(each for each in self.devices or () if each.is_this)
        self._ended += 1
        return True

    async def _load(self) -> None:
        self.devices = await self.services.api.sign_ins()

    async def _end(self, sign_in_id: str) -> None:
        try:
            await self.services.api.end_sign_in(sign_in_id)
        except Problem as problem:
            if problem.status != 404:
                raise
