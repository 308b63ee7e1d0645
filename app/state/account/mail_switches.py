"""Which mails a person gets: every kind that can be switched off, in words."""

from contextlib import suppress
from dataclasses import dataclass

import flet as ft

from app.api.models import MailSwitch
from app.errors import AppError
from app.state.core.services import Services

POLL_S = 30.0
WORDS = {
    "new_booking": "Somebody books you",
    "booked": "Your booking is confirmed",
    "moved": "A session has a new time",
    "cancelled": "A session is cancelled",
    "reminder_day": "A day before a session",
    "reminder_soon": "15 minutes before a session",
    "refund": "What became of a refund",
    "follow_up": "A professional sends you a follow-up",
    "new_sign_in": "Somebody signs in to your account",
}
"""In the order in which they are shown."""
OF_OTHERS = {True: {"booked", "refund", "follow_up"}, False: {"new_booking"}}
"""What a professional never gets, and what a user never gets."""


@ft.observable
@dataclass(eq=False)
class MailSwitches:
    """`switches` are None until they are known. `message`: why they cannot be had or changed."""

    services: Services
    switches: tuple[MailSwitch, ...] | None = None
    message: str = ""
    _turned: int = 0

    @property
    def shown(self) -> list[tuple[str, str, bool]]:
        """Kind, words, and whether it is on; of kinds that this version of the app has words for."""
        account = self.services.account.account
        others = OF_OTHERS[account.is_professional] if account else set()
        on = {each.kind: each.on for each in self.switches or ()}
        return [(kind, words, on[kind]) for kind, words in WORDS.items() if kind in on and kind not in others]

    async def load(self) -> None:
        """Asks the backend."""
        self.message = ""
        try:
            self.switches = await self.services.api.mail_switches()
        except AppError as error:
            self.message = error.detail

    async def poll(self) -> float:
        """Looks again after 30 s: a mail's own link switches its kind too. Returns when to look next, in seconds."""
        if self.switches is None:
            if not self.message:  # else it is the person who tries again
                await self.load()
            return POLL_S
        turned = self._turned
        with suppress(AppError):
            found = await self.services.api.mail_switches()
            if turned == self._turned:  # else it is older than what was switched here meanwhile
                self.switches = found
        return POLL_S

    async def switch(self, kind: str, on: bool) -> None:
        """Switches one kind; it shows at once, and turns back if the backend does not take it."""
        before, self.message = self.switches or (), ""
        self._turned += 1
        changed = MailSwitch(kind=kind, on=on)
        self.switches = tuple(changed if each.kind == kind else each for each in before)
        try:
            await self.services.api.set_mail_switch(kind, on)
        except AppError as error:
            self.message, self.switches = error.detail, before
        self._turned += 1
