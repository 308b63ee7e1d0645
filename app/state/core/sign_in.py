"""Who is signed in, and how that begins and ends: the only place that takes or forgets a token."""

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from app.api.client import ApiClient
from app.api.models import Account, DemoPerson, Role, SignedIn
from app.errors import AppError, NotSignedIn
from app.state.core.kept.sign_in_store import SignInStore, TabSignIn


@ft.observable
@dataclass
class AccountState:
    """`account` is None while nobody is signed in; components that read it take it by `use_observed`."""

    account: Account | None = None


@ft.observable
@dataclass
class Connectivity:
    """Whether the backend answers. `offline` turns true with the first request that found nobody."""

    offline: bool = False


class SignIn:
    """Signs a person up, in and out, and keeps the token where this platform keeps it.

    `on_end` is called whenever a sign-in ends, in whatever way: what was kept for that person goes with it.
    """

    def __init__(
        self,
        api: ApiClient,
        account: AccountState,
        store: SignInStore | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._api = api
        self._account = account
        self._store: SignInStore = store or TabSignIn()
        self._on_end = on_end

    async def resume(self) -> None:
        """Takes up the kept sign-in, if there is one and the backend still knows it.

        Raises AppError when it cannot be asked or answers anything else than that; the token is kept then.
        """
        token = await self._store.load(self._api.base_url)
        if not token:
            return
        self._api.use_token(token)
        try:
            self._account.account = await self._api.me()
        except NotSignedIn:
            await self.forget()

    async def sign_up(self, email: str, password: str, name: str, role: Role, time_zone: str) -> None:
        await self._begin(await self._api.sign_up(email, password, name, role, time_zone))

    async def sign_in(self, email: str, password: str, code: str = "") -> None:
        """`code` where the account has a second factor: Problem SecondFactorNeeded without."""
        await self._begin(await self._api.sign_in(email, password, code))

    async def sign_out(self) -> None:
        """Ends the sign-in here in any case, and at the backend when it can be reached."""
        try:
            await self._api.sign_out()
        except AppError:
            pass  # whatever the backend says: the token is gone here, and expires there
        finally:
            await self.forget()

    async def forget(self) -> None:
        """Ends the sign-in here without asking the backend."""
        self._api.use_token(None)
        await self._store.clear(self._api.base_url)
        self._account.account = None
        self._on_end()

    async def ask_again(self) -> None:
        """Asks the backend for anything: `Connectivity` follows its answer, and so does a sign-in that has ended."""
        try:
            self._account.account = await self._api.me()
        except AppError:
            return

    async def demo_people(self) -> tuple[DemoPerson, ...]:
        """Who can be signed in with one click; nobody outside a demo, or when the backend cannot be reached."""
        try:
            return await self._api.demo_people()
        except AppError:
            return ()

    async def calls_preparing(self) -> str:
        """How far a demo's call server is, in words; empty where calls work, or nothing is known of them."""
        try:
            return (await self._api.demo_calls()).preparing
        except AppError:
            return ""

    async def _begin(self, signed_in: SignedIn) -> None:
        await self._store.save(self._api.base_url, signed_in.token)
        self._account.account = signed_in.account


@dataclass(frozen=True)
class Typed:
    """Typed into the page's own form (assets/web/early.js) while a browser loaded the app. `submit`: and sent."""

    email: str
    password: str = field(repr=False)
    submit: bool = False


class EarlySignIn:
    """Hands it to the app's form, which may be there a moment later; once, and to nobody else."""

    def __init__(self) -> None:
        self._waiting: Typed | None = None
        self._on_typed: Callable[[Typed], object] | None = None

    def give(self, typed: Typed) -> None:
        """What the page says."""
        if self._on_typed is None:
            self._waiting = typed
        else:
            self._on_typed(typed)

    def listen(self, on_typed: Callable[[Typed], object]) -> None:
        """The form is there."""
        self._on_typed = on_typed
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            on_typed(waiting)

    def stop(self) -> None:
        """It has gone; what comes from now on is for the next one."""
        self._on_typed = None
