"""A browser tab, as the server knows it over every connection that it makes; and what it keeps for the next one."""

import json
import weakref
from collections.abc import Awaitable, Callable, Mapping

from app.state.core.sign_in import EarlySignIn
from app.web.sealing import is_key, seal, unseal

SIGN_IN, DRAFTS, UNSAVED = "sign-in", "drafts", "unsaved"
"""What a tab keeps, under the names that assets/web/connection.js knows."""


class Tab:
    """One tab. `id` is a secret between it and the server: whoever names it is this tab, whatever network it is in.

    `kept` is what the tab is to keep, sealed, by name; `key` is what its browser's cookie says, empty without one.
    """

    def __init__(self, tab_id: str, key: str) -> None:
        self.id = tab_id
        self.key = key if is_key(key) else ""
        self.address = ""
        """The network address of its newest connection."""
        self.kept: dict[str, str] = {}
        self.device: dict[str, str] = {}
        """What is kept on its device, as it was when it connected last."""
        self.shown = False
        """Whether its session has a screen to show."""
        self.early = EarlySignIn()
        self.send: Callable[[dict[str, object]], None] | None = None
        """Carries a few words to the tab; None while it is not connected."""

    def keep(self, name: str, text: str) -> None:
        """Gives the tab a text to keep for its next connection; an empty one is to forget. Without a key it keeps
        nothing, and its sign-in lasts as long as its session.
        """
        self.kept[name] = seal(self.key, text) if text and self.key else ""
        if self.send is not None:
            self.send({"keep": {name: self.kept[name]}})

    def text(self, name: str) -> str:
        """What the tab keeps; empty when nothing, or nothing that its browser's key opens."""
        return unseal(self.key, self.kept.get(name, ""))


class KeptByTab:
    """A `SignInStore` in the tab itself: other tabs, even of the same browser, have another."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    async def load(self, base_url: str) -> str | None:
        try:
            kept = json.loads(self._tab.text(SIGN_IN) or "{}")
        except ValueError:
            return None
        token = kept.get("token") if isinstance(kept, dict) and kept.get("at") == base_url else None
        return token if isinstance(token, str) else None

    async def save(self, base_url: str, token: str) -> None:
        self._tab.keep(SIGN_IN, json.dumps({"at": base_url, "token": token}))

    async def clear(self, base_url: str) -> None:
        self._tab.keep(SIGN_IN, "")


class KeptByDevice:
    """A `DeviceStore` of what the tab said when it connected, so that nothing has to be asked before the first screen.
    `write` keeps a text there for its next connection.
    """

    def __init__(self, tab: Tab, write: Callable[[str, str], Awaitable[object]]) -> None:
        self._tab, self._write = tab, write

    async def get(self, key: str) -> object:
        return self._tab.device.get(key)

    async def set(self, key: str, value: str) -> None:
        if self._tab.device.get(key) != value:
            self._tab.device[key] = value
            await self._write(key, value)


class Tabs:
    """The tabs that this process knows: those that are connected or whose session lasts."""

    def __init__(self) -> None:
        self._known: weakref.WeakValueDictionary[str, Tab] = weakref.WeakValueDictionary()

    def get(self, tab_id: str) -> Tab | None:
        return self._known.get(tab_id)

    def greet(self, tab_id: str, key: str, kept: Mapping[str, str]) -> Tab:
        """The tab of that id, known or new. What a known one was given last counts: it may not have arrived."""
        tab = self._known.get(tab_id)
        if tab is None or tab.key != (key if is_key(key) else ""):
            tab = Tab(tab_id, key)
            tab.kept = dict(kept)
            self._known[tab_id] = tab
        return tab
