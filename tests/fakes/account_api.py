"""Accounts in memory behind ApiClient's methods, above the fake backend of times and bookings."""

import datetime as dt
import json
from collections.abc import Callable

from app.api.models import Account, CallProgress, Deletion, DemoPerson, Role, SignedIn
from app.errors import NotSignedIn, Offline, Problem
from tests.fakes.account_security import AccountSecurity, Known
from tests.fakes.api import FakeApi
from tests.fakes.mails import CODE


class FakeAccountApi(FakeApi, AccountSecurity):
    """Nobody is signed in at first. `offline` lets every request find nobody; `end_sign_ins` revokes all tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.token = None
        self.offline = False
        self.demo: tuple[DemoPerson, ...] = ()
        self.calls_preparing = ""
        self.would_delete = Deletion(sessions=0, refund_minor=0)
        self.language = ""
        self._on_reached: Callable[[bool], None] = lambda reached: None
        self._on_signed_out: Callable[[], None] = lambda: None

    def add_account(
        self, email: str, password: str, name: str, role: Role, time_zone: str = "Europe/Berlin"
    ) -> Account:
        """Somebody who can sign in."""
        account = Account(id=f"account-{len(self._known) + 1}", role=role, email=email, name=name, time_zone=time_zone)
        self._known[email] = Known(account, password)
        return account

    def end_sign_ins(self) -> None:
        self._tokens.clear()

    def watch(self, on_reached: Callable[[bool], None], on_signed_out: Callable[[], None]) -> None:
        self._on_reached, self._on_signed_out = on_reached, on_signed_out

    def use_language(self, language: str) -> None:
        self.language = language

    def use_base_url(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.token = None

    async def close(self) -> None:
        self.calls.append("close")

    async def _enter(self, method: str, *arguments: object) -> None:
        self._on_reached(not self.offline)
        if self.offline:
            raise Offline
        await super()._enter(method, *arguments)

    async def sign_up(self, email: str, password: str, name: str, role: Role, time_zone: str) -> SignedIn:
        await self._enter("sign_up", email, role, time_zone)
        if email in self._known:
            told = "There is an account with this e-mail already."
            raise Problem("EmailTaken", 409, told, fields={"email": told})
        return self._sign_in(self.add_account(email, password, name, role, time_zone))

    async def sign_in(self, email: str, password: str, code: str = "") -> SignedIn:
        await self._enter("sign_in", email)
        known = self._known.get(email)
        if known is None or known.password != password:
            raise Problem("WrongEmailOrPassword", 401, "E-mail or password is wrong.")
        self._check_factor(known, code)
        return self._sign_in(known.account)

    async def sign_out(self) -> None:
        await self._enter("sign_out")
        self._tokens.pop(self.token or "", None)
        self.token = None

    async def me(self) -> Account:
        await self._enter("me")
        return self._signed_in().account

    async def update_me(self, name: str | None = None, time_zone: str | None = None) -> Account:
        await self._enter("update_me", name, time_zone)
        known = self._signed_in()
        given = {"name": name, "time_zone": time_zone}
        changed = {key: value for key, value in given.items() if value is not None}
        known.account = known.account.model_copy(update=changed)
        return known.account

    async def change_password(self, current: str, new: str) -> None:
        await self._enter("change_password")
        known = self._signed_in()
        if known.password != current:
            told = "This is not your current password."
            raise Problem("InvalidPayload", 422, told, fields={"current_password": told})
        known.password = new

    async def export_me(self) -> bytes:
        await self._enter("export_me")
        return json.dumps({"account": [{"name": self._signed_in().account.name}]}).encode()

    async def deletion(self) -> Deletion:
        await self._enter("deletion")
        self._signed_in()
        return self.would_delete

    async def delete_me(self, password: str, sessions: int) -> None:
        await self._enter("delete_me", sessions)
        known = self._signed_in()
        if known.password != password:
            told = "This is not your password."
            raise Problem("InvalidPayload", 422, told, fields={"password": told})
        if sessions != self.would_delete.sessions:
            raise Problem("DeletionChanged", 409, "Your sessions have changed. Please look again at what will happen.")
        del self._known[known.account.email]
        self._tokens = {t: each for t, each in self._tokens.items() if each.email != known.account.email}

    def _signed_in_account(self) -> Account:
        return self._signed_in().account

    async def forgotten_password(self, email: str) -> None:
        await self._enter("forgotten_password", email)
        if email in self._known:
            self.codes[email] = CODE

    async def reset_password(self, email: str, code: str, new: str) -> None:
        await self._enter("reset_password", email)
        self._use_code(email, code)
        self._known[email].password = new
        self.end_sign_ins()

    async def demo_people(self) -> tuple[DemoPerson, ...]:
        await self._enter("demo_people")
        if not self.demo:
            raise Problem("NotFound", 404, "This does not exist.")
        return self.demo

    async def demo_calls(self) -> CallProgress:
        await self._enter("demo_calls")
        return CallProgress(preparing=self.calls_preparing)

    def _sign_in(self, account: Account) -> SignedIn:
        sign_in_id = self.add_sign_in(account.email, self.device, self.now, self.now)
        self.token = next(token for token, each in self._tokens.items() if each.device.id == sign_in_id)
        self.account_id = account.id
        return SignedIn(token=self.token, expires_at=self.now + dt.timedelta(days=30), account=account)

    def _signed_in(self) -> Known:
        signed_in = self._tokens.get(self.token or "")
        if signed_in is None:
            if self.token:
                self.token = None
                self._on_signed_out()
            raise NotSignedIn
        return self._known[signed_in.email]
