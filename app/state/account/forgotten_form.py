"""A forgotten password: first the e-mail, then the code from the mail with a new password, then signed in."""

from collections.abc import Awaitable
from dataclasses import dataclass, field

import flet as ft

from app.api.error_names import is_named
from app.errors import AppError, Problem
from app.state.account.auth_forms import CODE_MISSING as FACTOR_MISSING
from app.state.account.auth_forms import MAIL_HINT, MAIL_PATTERN, PASSWORD_SHORT, SHORTEST_PASSWORD
from app.state.core.email_check import CODE_MISSING, is_whole_code
from app.state.core.services import Services


@ft.observable
@dataclass(eq=False)
class ForgottenForm:
    """`sent`: a code was asked for, whether or not the address has an account: nobody says. `asks_factor`: the new
    password holds, and the account has a second factor, whose code is `factor`. Otherwise as SignInForm.
    """

    services: Services
    email: str = ""
    code: str = ""
    new_password: str = field(default="", repr=False)
    sent: bool = False
    factor: str = field(default="", repr=False)
    asks_factor: bool = False
    field_errors: dict[str, str] = field(default_factory=dict)
    message: str = ""
    sending: bool = False

    async def send_code(self) -> None:
        """Has a code sent; again, too."""
        if self.sending:
            return
        self.field_errors = {} if MAIL_PATTERN.fullmatch(self.email.strip()) else {"email": MAIL_HINT}
        if not self.field_errors and await self._attempt(self.services.api.forgotten_password(self.email.strip())):
            self.sent = True

    def other_email(self) -> None:
        """Back to the first step."""
        self.sent, self.code, self.field_errors, self.message = False, "", {}, ""

    async def submit(self) -> None:
        """Sets the new password, which signs every device out, and signs in here with it."""
        if self.sending or self.asks_factor:
            return
        errors = {
            "code": "" if is_whole_code(self.code) else CODE_MISSING,
            "new_password": "" if len(self.new_password) >= SHORTEST_PASSWORD else PASSWORD_SHORT,
        }
        self.field_errors = {name: words for name, words in errors.items() if words}
        if not self.field_errors:
            await self._attempt(self._reset())

    async def submit_factor(self) -> None:
        """Signs in with the new password and the second factor's code."""
        if self.sending:
            return
        self.field_errors = {} if self.factor.strip() else {"code": FACTOR_MISSING}
        if not self.field_errors:
            sign_in = self.services.sign_in.sign_in
            await self._attempt(sign_in(self.email.strip(), self.new_password, self.factor.strip()))

    async def _reset(self) -> None:
        email, code = self.email.strip(), "".join(self.code.split())
        await self.services.api.reset_password(email, code, self.new_password)
        try:
            await self.services.sign_in.sign_in(email, self.new_password)
        except Problem as problem:
            if not is_named(problem, "SecondFactorNeeded"):
                raise
            self.asks_factor = True

    async def _attempt(self, request: Awaitable[object]) -> bool:
        self.message, self.sending = "", True
        try:
            await request
        except Problem as problem:
            self.field_errors = dict(problem.fields)
            self.message = "" if problem.fields else problem.detail
        except AppError as error:
            self.message = error.detail
        finally:
            self.sending = False
        return not (self.field_errors or self.message)
