"""Where one is signed in, another e-mail, and the second factor."""

from app.api import models
from app.api.carrier import Carrier
from app.api.protocol import Request

SIGN_INS, EMAIL_CHANGE, SECOND_FACTOR = "/auth/me/sign-ins", "/auth/me/email-change", "/auth/me/second-factor"


class AccountSecurityApi(Carrier):
    """Where one is signed in, another e-mail, and the second factor."""

    async def sign_ins(self) -> tuple[models.SignedInDevice, ...]:
        """Where this person is signed in, the last used first."""
        return (await self._get(models.Listed[models.SignedInDevice], Request("GET", SIGN_INS))).items

    async def end_sign_in(self, sign_in_id: str) -> None:
        """Signs that device out at once. Problem 404 when it is signed out already."""
        await self._done(Request("DELETE", f"{SIGN_INS}/{sign_in_id}"))

    async def end_other_sign_ins(self) -> None:
        """Signs every other device out."""
        await self._done(Request("DELETE", SIGN_INS, repeatable=True))

    async def email_change(self) -> models.EmailChange:
        """The new address whose code is waited for, if any."""
        return await self._get(models.EmailChange, Request("GET", EMAIL_CHANGE))

    async def begin_email_change(self, email: str, password: str, code: str = "") -> models.EmailChange:
        """Has a code sent to the new address. Problem InvalidPayload (`fields["email"]`, `fields["password"]`),
        SecondFactorNeeded, WrongSecondFactor (`fields["code"]`), TooManyAttempts.
        """
        body = {"email": email, "password": password} | _given(code)
        return await self._get(models.EmailChange, Request("POST", EMAIL_CHANGE, body=body))

    async def confirm_email_change(self, code: str) -> models.Account:
        """The account with its new address. Problem WrongCode (`fields["code"]`), EmailTaken, TooManyAttempts."""
        return await self._get(models.Account, Request("POST", f"{EMAIL_CHANGE}/confirm", body={"code": code}))

    async def drop_email_change(self) -> None:
        """The address stays as it is."""
        await self._done(Request("DELETE", EMAIL_CHANGE, repeatable=True))

    async def second_factor(self) -> models.SecondFactor:
        """Whether it is on. Problem WrongRole for users."""
        return await self._get(models.SecondFactor, Request("GET", SECOND_FACTOR))

    async def set_up_second_factor(self, password: str) -> models.SecondFactorSetUp:
        """What the authenticator app needs. Problem InvalidPayload (`fields["password"]`), SecondFactorIsOn."""
        return await self._get(models.SecondFactorSetUp, Request("POST", SECOND_FACTOR, body={"password": password}))

    async def turn_on_second_factor(self, code: str) -> tuple[str, ...]:
        """The recovery codes, this once. Problem WrongSecondFactor (`fields["code"]`), SecondFactorIsOff."""
        request = Request("POST", f"{SECOND_FACTOR}/confirm", body={"code": code})
        return (await self._get(models.RecoveryCodes, request)).recovery_codes

    async def turn_off_second_factor(self, password: str, code: str) -> None:
        """Problem InvalidPayload (`fields["password"]`), WrongSecondFactor (`fields["code"]`), SecondFactorNeeded."""
        await self._done(Request("POST", f"{SECOND_FACTOR}/off", body={"password": password} | _given(code)))


def _given(code: str) -> dict[str, str]:
    return {"code": code} if code else {}
