"""Confirming one's e-mail in the middle of something else: a code is sent there, typed, and then that goes on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import flet as ft

from app.errors import AppError, Problem
from app.state.core.services import Services

CODE_DIGITS = 6
CODE_MISSING = f"Type the {CODE_DIGITS} digits from the mail."


def is_whole_code(text: str) -> bool:
    """Whether that many digits were typed; spaces between do not matter."""
    digits = "".join(text.split())
    return len(digits) == CODE_DIGITS and digits.isdecimal()


@ft.observable
@dataclass(eq=False)
class EmailCheck:
    """`go_on` is done once the code was right; `then` names it on the button, as "book" or "add the time". `note` says
    what was sent. `sending` is "code" or "confirm" until the backend has answered.
    """

    services: Services
    then: str
    on_done: Callable[[], object] = field(repr=False)
    go_on: Callable[[], Awaitable[object]] | None = field(default=None, repr=False)
    code: str = ""
    error: str = ""
    note: str = ""
    sending: str = ""

    @property
    def email(self) -> str:
        """Where the code goes."""
        account = self.services.account.account
        return account.email if account else ""

    async def begin(self) -> None:
        """Has the first code sent; nothing more when this was shown before."""
        if not self.note:
            await self.send_code()

    async def send_code(self) -> None:
        """Has a code sent, a new one if there was one before."""
        again = bool(self.note)
        if await self._attempt("code", self.services.api.send_email_code()):
            self.note = f"A new code is on its way to {self.email}." if again else f"We sent a code to {self.email}."

    def type(self, code: str) -> None:
        """A keystroke."""
        self.code, self.error = code, ""

    async def confirm(self) -> None:
        """Sends the typed code. When it is right, what was begun goes on."""
        if self.sending:
            return
        if not is_whole_code(self.code):
            self.error = CODE_MISSING
            return
        if await self._attempt("confirm", self._confirm()):
            self.on_done()
            if self.go_on is not None:
                await self.go_on()

    def not_now(self) -> None:
        """The person leaves it; what they had chosen or typed stays."""
        self.on_done()

    async def _confirm(self) -> None:
        self.services.account.account = await self.services.api.confirm_email("".join(self.code.split()))

    async def _attempt(self, what: str, request: Awaitable[object]) -> bool:
        self.error, self.sending = "", what
        try:
            await request
        except Problem as problem:
            self.error = problem.fields.get("code") or problem.detail
        except AppError as error:
            self.error = error.detail
        finally:
            self.sending = ""
        return not self.error
