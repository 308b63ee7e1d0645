"""What the sign-in and sign-up screens show and may do."""

import re
from dataclasses import dataclass, field

import flet as ft

from app.api.error_names import is_named
from app.api.models import USER, DemoPerson, Role
from app.errors import AppError, Offline, Problem
from app.settings import is_server_address
from app.state.core.services import Services
from app.state.core.sign_in import Typed

MAIL_PATTERN = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SHORTEST_PASSWORD = 8
MAIL_HINT = "Enter an e-mail address such as name@example.com."
PASSWORD_MISSING = "Enter your password."  # noqa: S105  a sentence, not a secret
SERVER_IS_FIXED = "Which server this page uses is not changed here."
CODE_MISSING = "Type the code from your authenticator app, or a recovery code."
PREPARING_POLL_S, READY_POLL_S = 2.0, 600.0
PASSWORD_SHORT = f"Use at least {SHORTEST_PASSWORD} characters."


@ft.observable
@dataclass(eq=False)
class SignInForm:
    """`field_errors` maps field names to sentences, `message` is about the whole form. `asks_code`: e-mail and password
    are right, and the account has a second factor. `demo_people`: none outside a demo. `sending` is "form" or
    "demo person" until the backend has answered: nothing is sent again until then, by Enter or by a button.
    """

    services: Services
    email: str = ""
    password: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    asks_code: bool = False
    field_errors: dict[str, str] = field(default_factory=dict)
    message: str = ""
    offline: bool = False
    sending: str = ""
    demo_people: tuple[DemoPerson, ...] = ()
    calls_preparing: str = ""

    async def load(self) -> None:
        """Looks who can be signed in with one click, and with that whether the backend is there."""
        self.demo_people = await self.services.sign_in.demo_people()
        self.offline = self.services.connectivity.offline

    async def poll_calls(self) -> float:
        """Learns how far a demo's calls are; after how many seconds to ask again."""
        self.calls_preparing = await self.services.sign_in.calls_preparing() if self.demo_people else ""
        return PREPARING_POLL_S if self.calls_preparing else READY_POLL_S

    async def take(self, typed: Typed) -> None:
        """What was typed while the app was loading."""
        if self.sending:
            return
        self.email, self.password = typed.email, typed.password
        if typed.submit:
            await self.submit()

    async def submit(self) -> None:
        """Signs in, or says at the field what is missing."""
        if self.sending:
            return
        self.field_errors = _given(
            email="" if MAIL_PATTERN.fullmatch(self.email.strip()) else MAIL_HINT,
            password="" if self.password else PASSWORD_MISSING,
            code=CODE_MISSING if self.asks_code and not self.code.strip() else "",
        )
        if not self.field_errors:
            await self._enter("form", self.email.strip(), self.password)

    def back(self) -> None:
        """To e-mail and password."""
        self.asks_code, self.password, self.code, self.field_errors, self.message = False, "", "", {}, ""

    async def enter_as(self, person: DemoPerson) -> None:
        """Signs a demo person in."""
        if self.sending:
            return
        self.field_errors = {}
        await self._enter("demo person", person.email, person.password)

    async def use_server(self, address: str) -> str:
        """Speaks to another backend from now on. Returns what is wrong with the address, empty when nothing is."""
        error = address_error(address) if self.services.can_change_server else SERVER_IS_FIXED
        if not error:
            self.services.use_server(address.strip())
            self.message = ""
            await self.load()
        return error

    async def _enter(self, what: str, email: str, password: str) -> None:
        self.message, self.offline, self.sending = "", False, what
        try:
            await self.services.sign_in.sign_in(email, password, self.code.strip() if self.asks_code else "")
        except Problem as problem:
            self.field_errors = dict(problem.fields)
            self.message = "" if problem.fields else problem.detail
            if is_named(problem, "SecondFactorNeeded"):
                self.email, self.password, self.code, self.asks_code, self.message = email, password, "", True, ""
        except AppError as error:
            self.message, self.offline = error.detail, isinstance(error, Offline)
        finally:
            self.sending = ""


@ft.observable
@dataclass(eq=False)
class SignUpForm:
    """As SignInForm."""

    services: Services
    role: Role = USER
    name: str = ""
    email: str = ""
    password: str = field(default="", repr=False)
    field_errors: dict[str, str] = field(default_factory=dict)
    message: str = ""
    sending: bool = False

    async def submit(self) -> None:
        """Makes the account in the viewer's zone and signs it in, or says at the field what is wrong."""
        if self.sending:
            return
        self.field_errors = _given(
            name="" if self.name.strip() else "Enter your name.",
            email="" if MAIL_PATTERN.fullmatch(self.email.strip()) else MAIL_HINT,
            password="" if len(self.password) >= SHORTEST_PASSWORD else PASSWORD_SHORT,
        )
        if self.field_errors:
            return
        self.message, self.sending = "", True
        try:
            await self.services.sign_in.sign_up(
                self.email.strip(), self.password, self.name.strip(), self.role, str(self.services.zone)
            )
        except Problem as problem:
            self.field_errors = dict(problem.fields)
            self.message = "" if problem.fields else problem.detail
        except AppError as error:
            self.message = error.detail
        finally:
            self.sending = False


def address_error(address: str) -> str:
    """Why that cannot be a backend's address; empty when it can."""
    return "" if is_server_address(address) else "Enter an address such as https://rendezvous.example.com."


def _given(**field_errors: str) -> dict[str, str]:
    return {name: words for name, words in field_errors.items() if words}
