"""Another e-mail for the account: the password, then the code that was sent to the new address."""

from dataclasses import dataclass, field

import flet as ft

from app.api.error_names import is_named
from app.api.models import EmailChange
from app.state.account.attempts import Attempts
from app.state.account.auth_forms import CODE_MISSING as FACTOR_MISSING
from app.state.account.auth_forms import MAIL_HINT, MAIL_PATTERN, PASSWORD_MISSING
from app.state.core.email_check import CODE_MISSING, is_whole_code
from app.state.core.services import Services


@ft.observable
@dataclass(eq=False)
class EmailChanging(Attempts):
    """`opened`: the person is asked for the new address. `waits_for`: the address that a code was sent to, kept by the
    backend. `asks_factor`: the account has a second factor, whose code is `factor`; `code` is the one from the mail.
    """

    services: Services
    opened: bool = False
    email: str = ""
    password: str = field(default="", repr=False)
    asks_factor: bool = False
    factor: str = field(default="", repr=False)
    code: str = ""
    waits_for: str = ""

    async def load(self) -> None:
        """Whether a change waits for its code; whether that is known does not matter to anything else."""
        await self.attempt("load", self._load())
        self.message = ""

    def open(self) -> None:
        """Asks for the new address."""
        self.opened, self.field_errors, self.message = True, {}, ""

    def close(self) -> None:
        """The address stays."""
        self.opened, self.asks_factor, self.field_errors, self.message = False, False, {}, ""
        self.email = self.password = self.factor = ""

    async def begin(self) -> None:
        """Has a code sent to the new address."""
        if self.sending:
            return
        missing = self.missing(
            email="" if MAIL_PATTERN.fullmatch(self.email.strip()) else MAIL_HINT,
            password="" if self.password else PASSWORD_MISSING,
            code=FACTOR_MISSING if self.asks_factor and not self.factor.strip() else "",
        )
        if missing or await self.attempt("begin", self._begin()):
            return
        if self.refused is not None and is_named(self.refused, "SecondFactorNeeded"):
            self.asks_factor, self.message = True, ""

    async def confirm(self) -> bool:
        """Sends the code from the mail; True when the account has the new address."""
        if self.sending or self.missing(code="" if is_whole_code(self.code) else CODE_MISSING):
            return False
        return await self.attempt("confirm", self._confirm())

    async def drop(self) -> None:
        """Waits for no code any more."""
        if not self.sending and await self.attempt("drop", self.services.api.drop_email_change()):
            self.waits_for = self.code = ""

    async def use_another(self) -> None:
        """Back to the address, as it was typed."""
        wanted = self.waits_for
        await self.drop()
        if not self.waits_for:
            self.email = wanted
            self.open()

    async def _load(self) -> None:
        self._take(await self.services.api.email_change())

    async def _begin(self) -> None:
        api = self.services.api
        self._take(await api.begin_email_change(self.email.strip(), self.password, self.factor.strip()))
        self.close()

    async def _confirm(self) -> None:
        self.services.account.account = await self.services.api.confirm_email_change("".join(self.code.split()))
        self.waits_for = self.code = ""

    def _take(self, change: EmailChange) -> None:
        self.waits_for = change.email or ""
