"""Signing up, in and out, and one's own account."""

from app.api import models
from app.api.carrier import Carrier
from app.api.protocol import Request


class AccountsApi(Carrier):
    """Signing up, in and out, and one's own account."""

    async def sign_up(self, email: str, password: str, name: str, role: models.Role, time_zone: str) -> models.SignedIn:
        """Makes an account and signs it in. Problem EmailTaken (`fields["email"]`), InvalidPayload."""
        body = {"email": email, "password": password, "name": name, "role": role, "time_zone": time_zone}
        return await self._sign(Request("POST", "/auth/sign-up", body=body))

    async def sign_in(self, email: str, password: str, code: str = "") -> models.SignedIn:
        """Problem WrongEmailOrPassword (401), TooManyAttempts (429, `retry_after_s`); SecondFactorNeeded (401): both
        are right, and the same has to come with a `code`; WrongSecondFactor (`fields["code"]`).
        """
        body = {"email": email, "password": password} | ({"code": code} if code else {})
        return await self._sign(Request("POST", "/auth/sign-in", body=body))

    async def sign_out(self) -> None:
        """Revokes the token; it is forgotten here even when the backend cannot be reached."""
        try:
            await self._done(Request("POST", "/auth/sign-out"))
        finally:
            self.use_token(None)

    async def me(self) -> models.Account:
        return await self._get(models.Account, Request("GET", "/auth/me"))

    async def update_me(self, name: str | None = None, time_zone: str | None = None) -> models.Account:
        given = {"name": name, "time_zone": time_zone}
        body = {key: value for key, value in given.items() if value is not None}
        return await self._get(models.Account, Request("PATCH", "/auth/me", body=body))

    async def change_password(self, current: str, new: str) -> None:
        """Ends every other sign-in of the account. Problem with `fields["current_password"]` when that is wrong."""
        await self._done(Request("POST", "/auth/me/password", body={"current_password": current, "new_password": new}))

    async def export_me(self) -> bytes:
        """Everything that is kept of this person, as JSON in UTF-8."""
        return await self._content(Request("GET", "/auth/me/export"))

    async def deletion(self) -> models.Deletion:
        """What deleting the account would do now."""
        return await self._get(models.Deletion, Request("GET", "/auth/me/deletion"))

    async def delete_me(self, password: str, sessions: int) -> None:
        """Deletes the account. `sessions`: as many as were shown. Problem DeletionChanged, or `fields["password"]`."""
        await self._done(Request("POST", "/auth/me/delete", body={"password": password, "sessions": sessions}))

    async def send_email_code(self) -> None:
        """Has a code sent to the account's address. Problem TooManyAttempts (`retry_after_s`)."""
        await self._done(Request("POST", "/auth/me/email-code"))

    async def confirm_email(self, code: str) -> models.Account:
        """The account, whose address is confirmed now. Problem WrongCode (`fields["code"]`), TooManyAttempts."""
        return await self._get(models.Account, Request("POST", "/auth/me/email-code/confirm", body={"code": code}))

    async def forgotten_password(self, email: str) -> None:
        """Has a code sent if the address has an account, which is not said. Problem TooManyAttempts."""
        await self._done(Request("POST", "/auth/forgotten", body={"email": email}))

    async def reset_password(self, email: str, code: str, new: str) -> None:
        """Ends every sign-in of the account. Problem WrongCode (`fields["code"]`), InvalidPayload, TooManyAttempts."""
        body = {"email": email, "code": code, "new_password": new}
        await self._done(Request("POST", "/auth/reset", body=body))

    async def mail_switches(self) -> tuple[models.MailSwitch, ...]:
        """Every kind of mail that can be switched off, and whether it is on."""
        return (await self._get(models.Listed[models.MailSwitch], Request("GET", "/auth/me/mails"))).items

    async def set_mail_switch(self, kind: str, on: bool) -> models.MailSwitch:
        return await self._get(models.MailSwitch, Request("PUT", "/auth/me/mails", body={"kind": kind, "on": on}))

    async def demo_people(self) -> tuple[models.DemoPerson, ...]:
        """Problem 404 outside a demo."""
        return (await self._get(models.Listed[models.DemoPerson], Request("GET", "/demo/people"))).items

    async def demo_calls(self) -> models.CallProgress:
        """How far a demo's calls are. Problem 404 outside a demo."""
        return await self._get(models.CallProgress, Request("GET", "/demo/calls"))

    async def _sign(self, request: Request) -> models.SignedIn:
        signed_in = await self._get(models.SignedIn, request)
        self.use_token(signed_in.token)
        return signed_in
