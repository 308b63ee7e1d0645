"""Where a sign-in is kept between two starts of the app: one port, one adapter per platform."""

import asyncio
import contextlib
from typing import Protocol

from app.settings import PRODUCT_NAME

SERVICE_NAME = PRODUCT_NAME  # sign-ins are kept under this name on people's machines
PHONE_PATIENCE_S = 5.0
_REFUSALS = (TimeoutError, RuntimeError, OSError)  # RuntimeError: Flet's word for a refusal by the client


class SignInStore(Protocol):
    """Keeps one token per backend address. An adapter that cannot keep it forgets silently."""

    async def load(self, base_url: str) -> str | None: ...

    async def save(self, base_url: str, token: str) -> None: ...

    async def clear(self, base_url: str) -> None: ...


class TabSignIn:
    """Where nothing keeps it: the sign-in lasts as long as its session. Browsers have `app.web.tabs.KeptByTab`."""

    async def load(self, base_url: str) -> str | None:
        return None

    async def save(self, base_url: str, token: str) -> None:
        return None

    async def clear(self, base_url: str) -> None:
        return None


class SecureStorage(Protocol):
    """What `flet-secure-storage` offers of a phone's keychain."""

    async def get(self, key: str) -> object: ...

    async def set(self, key: str, value: str) -> object: ...

    async def remove(self, key: str) -> object: ...


class PhoneSignIn:
    """A phone's keychain (iOS) or keystore (Android). One that refuses or does not answer forgets: signing in again is
    better than an app that does not start.
    """

    def __init__(self, storage: SecureStorage) -> None:
        self._storage = storage

    async def load(self, base_url: str) -> str | None:
        with contextlib.suppress(*_REFUSALS):
            token = await asyncio.wait_for(self._storage.get(_key(base_url)), PHONE_PATIENCE_S)
            return token if isinstance(token, str) and token else None
        return None

    async def save(self, base_url: str, token: str) -> None:
        with contextlib.suppress(*_REFUSALS):
            await asyncio.wait_for(self._storage.set(_key(base_url), token), PHONE_PATIENCE_S)

    async def clear(self, base_url: str) -> None:
        with contextlib.suppress(*_REFUSALS):
            await asyncio.wait_for(self._storage.remove(_key(base_url)), PHONE_PATIENCE_S)


def _key(base_url: str) -> str:
    return f"{SERVICE_NAME} {base_url}"


class KeychainSignIn:
    """The operating system's keychain, by `keyring`; for desktop windows. Its calls block, so they run in a thread.

    `profile` tells the people of one machine apart; without one the entries are those of all earlier versions.
    """

    def __init__(self, profile: str = "") -> None:
        self._service = f"{SERVICE_NAME} ({profile})" if profile else SERVICE_NAME
        self.refused = False
        """Whether the last sign-in could not be kept: there is no keychain, or it stays locked."""
        self.asking = False
        """While the system is asked for a kept sign-in, and asks its person for a password first, perhaps."""

    async def load(self, base_url: str) -> str | None:
        self.asking = True
        try:
            return await asyncio.to_thread(self._load, base_url)
        finally:
            self.asking = False

    async def save(self, base_url: str, token: str) -> None:
        await asyncio.to_thread(self._save, base_url, token)

    async def clear(self, base_url: str) -> None:
        await asyncio.to_thread(self._clear, base_url)

    def _load(self, base_url: str) -> str | None:
        import keyring
        from keyring.errors import KeyringError

        with contextlib.suppress(KeyringError, RuntimeError):
            return keyring.get_password(self._service, base_url)
        return None

    def _save(self, base_url: str, token: str) -> None:
        import keyring
        from keyring.errors import KeyringError

        self.refused = True
        with contextlib.suppress(KeyringError, RuntimeError):
            keyring.set_password(self._service, base_url, token)
            self.refused = False

    def _clear(self, base_url: str) -> None:
        import keyring
        from keyring.errors import KeyringError

        with contextlib.suppress(KeyringError, RuntimeError):
            keyring.delete_password(self._service, base_url)
