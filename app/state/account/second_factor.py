"""A professional's second factor: off, being set up, its recovery codes shown once, on, being turned off."""

from dataclasses import dataclass, field
from enum import Enum

import flet as ft

from app.api.models import SecondFactor, SecondFactorSetUp
from app.state.account.attempts import Attempts
from app.state.account.auth_forms import CODE_MISSING as FACTOR_MISSING
from app.state.account.auth_forms import PASSWORD_MISSING
from app.state.core.services import Services
from app.state.core.wall_time import day_within

KEY_GROUP = 4
APP_CODE_MISSING = "Type the 6 digits that the app shows."


class FactorStep(Enum):
    """What the person is asked just now."""

    NOTHING = "nothing"
    PASSWORD = "password"  # noqa: S105  a step, not a secret
    SCAN = "scan"
    CODES = "codes"
    OFF = "off"


@ft.observable
@dataclass(eq=False)
class SecondFactorForm(Attempts):
    """`state` is None until it is known. `set_up` and `recovery_codes` are there during their step alone."""

    services: Services
    state: SecondFactor | None = None
    step: FactorStep = FactorStep.NOTHING
    password: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    set_up: SecondFactorSetUp | None = field(default=None, repr=False)
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_on(self) -> bool:
        return self.state is not None and self.state.on_since is not None

    @property
    def words(self) -> str:
        """Since when it is on, and what is left on paper."""
        if self.state is None or self.state.on_since is None:
            return ""
        left = self.state.recovery_codes_left
        codes = f"{left} recovery code{'' if left == 1 else 's'} left" if left else "No recovery codes left"
        return f"On since {day_within(self.state.on_since, self.services.zone, self.services.now())}. {codes}."

    @property
    def key_words(self) -> str:
        """The key in groups, for hands."""
        secret = self.set_up.secret if self.set_up else ""
        return " ".join(secret[begin : begin + KEY_GROUP] for begin in range(0, len(secret), KEY_GROUP))

    async def load(self) -> None:
        """Asks the backend."""
        await self.attempt("load", self._load())

    def begin(self) -> None:
        """Asks for the password, to set it up or to turn it off."""
        self._leave(FactorStep.OFF if self.is_on else FactorStep.PASSWORD)

    def leave(self) -> None:
        """Back, with nothing changed."""
        self._leave(FactorStep.NOTHING)

    async def ask_key(self) -> None:
        """The password is right: the key is shown."""
        if self.sending or self.missing(password="" if self.password else PASSWORD_MISSING):
            return
        await self.attempt("key", self._ask_key())

    async def turn_on(self) -> None:
        """The first code is right: it is on, and the recovery codes are shown."""
        if self.sending or self.missing(code="" if self.code.strip() else APP_CODE_MISSING):
            return
        await self.attempt("on", self._turn_on())

    async def kept(self) -> None:
        """The person has the recovery codes."""
        self._leave(FactorStep.NOTHING)
        await self.load()

    async def turn_off(self) -> bool:
        """True when the password alone lets in again."""
        missing = self.sending or self.missing(
            password="" if self.password else PASSWORD_MISSING, code="" if self.code.strip() else FACTOR_MISSING
        )
        if missing or not await self.attempt("off", self._turn_off()):
            return False
        self._leave(FactorStep.NOTHING)
        return True

    async def _load(self) -> None:
        self.state = await self.services.api.second_factor()

    async def _ask_key(self) -> None:
        self.set_up = await self.services.api.set_up_second_factor(self.password)
        self.password, self.step = "", FactorStep.SCAN

    async def _turn_on(self) -> None:
        self.recovery_codes = await self.services.api.turn_on_second_factor(self.code.strip())
        self.code, self.set_up, self.step = "", None, FactorStep.CODES

    async def _turn_off(self) -> None:
        await self.services.api.turn_off_second_factor(self.password, self.code.strip())
        self.state = SecondFactor(on_since=None, recovery_codes_left=0)

    def _leave(self, step: FactorStep) -> None:
        self.step, self.set_up, self.recovery_codes = step, None, ()
        self.password = self.code = self.message = ""
        self.field_errors = {}
