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

    async def sign_in(self, email: str, password: str) -> models.SignedIn:
        """Problem WrongEmailOrPassword (401), TooManyAttempts (429, `retry_after_s`)."""
        return await self._sign(Request("POST", "/auth/sign-in", body={"email": email, "password": password}))

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
