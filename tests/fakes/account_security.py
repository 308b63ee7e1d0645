"""Signed-in devices, another e-mail and the second factor of the fake backend; `FakeAccountApi` has the accounts."""

import datetime as dt
from dataclasses import dataclass, field

from app.api.models import Account, EmailChange, SecondFactor, SecondFactorSetUp, SignedInDevice
from app.errors import Problem

FACTOR_CODE = "135790"
"""What the fake's authenticator app shows."""
MAIL_CODE = "864209"
"""What the fake sends to a new address."""
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RECOVERY = tuple(f"abcd-efgh-jkmn-pq{number:02d}" for number in range(22, 32))
CODE_LIFETIME = dt.timedelta(minutes=30)


@dataclass
class Known:
    """An account with what lets in. `factor_begun` and `factor_on`: an authenticator app is being set up, or asked."""

    account: Account
    password: str
    factor_begun: bool = False
    factor_on: dt.datetime | None = None
    recovery: list[str] = field(default_factory=list)
    wanted: tuple[str, dt.datetime] | None = None


@dataclass
class TokenOf:
    """Whose token it is, and from which device."""

    email: str
    device: SignedInDevice


class NothingSecured:
    """Mixed into FakeApi, which has no accounts: settings show nothing that is on or under way."""

    async def sign_ins(self) -> tuple[SignedInDevice, ...]:
        return ()

    async def email_change(self) -> EmailChange:
        return EmailChange(email=None, code_until=None)

    async def second_factor(self) -> SecondFactor:
        return SecondFactor(on_since=None, recovery_codes_left=0)


class AccountSecurity(NothingSecured):
    """Mixed into FakeAccountApi. `device` is what sign-ins from here are listed as."""

    now: dt.datetime
    token: str | None

    def __init__(self) -> None:
        super().__init__()
        self.device = ""
        self._known: dict[str, Known] = {}
        self._tokens: dict[str, TokenOf] = {}
        self._issued = 0

    async def _enter(self, method: str, *arguments: object) -> None:
        raise NotImplementedError

    def _signed_in(self) -> Known:
        raise NotImplementedError

    def use_device(self, name: str) -> None:
        self.device = name

    def add_sign_in(self, email: str, device: str, seen_at: dt.datetime, began_at: dt.datetime) -> str:
        """Somebody is signed in elsewhere too; its id."""
        self._issued += 1
        number = self._issued
        sign_in = SignedInDevice(
            id=f"sign-in-{number}", device=device, began_at=began_at, last_seen_at=seen_at, is_this=False
        )
        self._tokens[f"token-{number}"] = TokenOf(email, sign_in)
        return sign_in.id

    def turn_factor_on(self, email: str) -> None:
        """That person's second factor is on."""
        known = self._known[email]
        known.factor_on, known.recovery = self.now, list(RECOVERY)

    def _check_factor(self, known: Known, code: str) -> None:
        if known.factor_on is None:
            return
        if not code.strip():
            raise Problem("SecondFactorNeeded", 401, "Type the code from your authenticator app.")
        if code in known.recovery:
            known.recovery.remove(code)
        elif code != FACTOR_CODE:
            raise _refused("WrongSecondFactor", "code", "This code is not right, or was used already.")

    def _check_password(self, known: Known, password: str) -> None:
        if known.password != password:
            raise _refused("InvalidPayload", "password", "This is not your password.")

    async def sign_ins(self) -> tuple[SignedInDevice, ...]:
        await self._enter("sign_ins")
        email = self._signed_in().account.email
        mine = [
            each.device.model_copy(update={"is_this": token == self.token})
            for token, each in self._tokens.items()
            if each.email == email
        ]
        return tuple(sorted(mine, key=lambda each: each.last_seen_at, reverse=True))

    async def end_sign_in(self, sign_in_id: str) -> None:
        await self._enter("end_sign_in", sign_in_id)
        email = self._signed_in().account.email
        found = [t for t, each in self._tokens.items() if each.email == email and each.device.id == sign_in_id]
        if not found:
            raise Problem("NotFound", 404, "This does not exist.")
        del self._tokens[found[0]]

    async def end_other_sign_ins(self) -> None:
        await self._enter("end_other_sign_ins")
        email = self._signed_in().account.email
        for token in [t for t, each in self._tokens.items() if each.email == email and t != self.token]:
            del self._tokens[token]

    async def email_change(self) -> EmailChange:
        await self._enter("email_change")
        wanted = self._signed_in().wanted
        email, until = wanted if wanted and wanted[1] > self.now else (None, None)
        return EmailChange(email=email, code_until=until)

    async def begin_email_change(self, email: str, password: str, code: str = "") -> EmailChange:
        await self._enter("begin_email_change", email)
        known = self._signed_in()
        self._check_password(known, password)
        self._check_factor(known, code)
        if known.account.email == email:
            raise _refused("InvalidPayload", "email", "This is your e-mail already.")
        known.wanted = (email, self.now + CODE_LIFETIME)
        return EmailChange(email=email, code_until=known.wanted[1])

    async def confirm_email_change(self, code: str) -> Account:
        await self._enter("confirm_email_change", code)
        known = self._signed_in()
        if known.wanted is None or known.wanted[0] in self._known or code != MAIL_CODE:
            told = "This code is not right, or no longer good. Check it, or ask for a new one."
            raise _refused("WrongCode", "code", told)
        old, new = known.account.email, known.wanted[0]
        known.wanted, known.account = None, known.account.model_copy(update={"email": new, "email_verified": True})
        self._known[new] = self._known.pop(old)
        for each in self._tokens.values():
            each.email = new if each.email == old else each.email
        return known.account

    async def drop_email_change(self) -> None:
        await self._enter("drop_email_change")
        self._signed_in().wanted = None

    async def second_factor(self) -> SecondFactor:
        await self._enter("second_factor")
        known = self._professional()
        return SecondFactor(on_since=known.factor_on, recovery_codes_left=len(known.recovery))

    async def set_up_second_factor(self, password: str) -> SecondFactorSetUp:
        await self._enter("set_up_second_factor")
        known = self._professional()
        self._check_password(known, password)
        self._check_off(known)
        known.factor_begun = True
        return SecondFactorSetUp(secret=SECRET, address=f"otpauth://totp/Rendezvous:ada?secret={SECRET}")

    async def turn_on_second_factor(self, code: str) -> tuple[str, ...]:
        await self._enter("turn_on_second_factor")
        known = self._professional()
        self._check_off(known)
        if not known.factor_begun:
            raise Problem("SecondFactorIsOff", 409, "The second factor is not set up. Begin again.")
        if code != FACTOR_CODE:
            raise _refused("WrongSecondFactor", "code", "This code is not right, or was used already.")
        self.turn_factor_on(known.account.email)
        return RECOVERY

    async def turn_off_second_factor(self, password: str, code: str) -> None:
        await self._enter("turn_off_second_factor")
        known = self._professional()
        self._check_password(known, password)
        self._check_factor(known, code)
        if known.factor_on is None:
            raise Problem("SecondFactorIsOff", 409, "The second factor is not set up. Begin again.")
        known.factor_on, known.factor_begun, known.recovery = None, False, []

    def _check_off(self, known: Known) -> None:
        if known.factor_on is not None:
            raise Problem("SecondFactorIsOn", 409, "The second factor is on already.")

    def _professional(self) -> Known:
        known = self._signed_in()
        if not known.account.is_professional:
            raise Problem("WrongRole", 403, "Your account cannot do this.")
        return known


def _refused(error: str, name: str, told: str) -> Problem:
    return Problem(error, 422, told, fields={name: told})
