"""The two forms of `KeyAgreement`, behind the same orders: the native engine's, and the call page's in Node."""

import itertools
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.call.contract.encryption import KeyOrigin
from app.call.keys.agreement import KeyAgreement, KeyUse
from app.call.keys.pair import Pair
from tools import callpage

SESSION_KEY = "a-key-for-tests-that-both-sides-of-a-call-have"
SCRIPT = Path(__file__).with_name("key_sides.mjs")


@dataclass(frozen=True)
class Shown:
    """What one side publishes, uses and shows at a moment."""

    offer: str
    use: KeyUse
    words: tuple[str, ...]
    words_changed: bool
    origin: KeyOrigin


class KeySide(Protocol):
    def take(self, value: str, now_s: float) -> None: ...
    def peer_is_away(self) -> None: ...
    def peer_has_left(self) -> None: ...
    def on_readable(self, key: str, now_s: float) -> None: ...
    def shown(self, now_s: float) -> Shown: ...


class NativeSide:
    """`privates`: of its pairs, in hexadecimal, one after the other; else they are made."""

    def __init__(self, session_key: str = SESSION_KEY, privates: tuple[str, ...] = ()) -> None:
        given = iter(privates)

        def new_pair() -> Pair:
            private = next(given, None)
            return Pair(X25519PrivateKey.from_private_bytes(bytes.fromhex(private)) if private else None)

        self._agreement = KeyAgreement(session_key, new_pair)
        self.take = self._agreement.take
        self.peer_is_away = self._agreement.peer_is_away
        self.peer_has_left = self._agreement.peer_has_left
        self.on_readable = self._agreement.on_readable

    def shown(self, now_s: float) -> Shown:
        one = self._agreement
        return Shown(str(one.offer), one.use, one.words, one.words_changed, one.origin(now_s))


class Page:
    """A Node process with the page's own sources; its sides answer one order after the other."""

    def __init__(self, folder: Path) -> None:
        node = callpage.installed().node
        bundle = folder / "key_agreement.mjs"
        esbuild = callpage.MODULES / "esbuild" / "lib" / "main.js"
        words = (*node, str(SCRIPT), esbuild.as_uri(), str(callpage.PAGE / "src" / "call"), str(bundle))
        self._node = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._numbers = itertools.count()

    def ask(self, **order: Any) -> Any:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(order) + "\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer

    def side(self, session_key: str = SESSION_KEY, privates: tuple[tuple[str, str], ...] = ()) -> "PageSide":
        """`privates`: with their public halves."""
        number = next(self._numbers)
        self.ask(side=number, do="new", key=session_key, privates=privates)
        return PageSide(self, number)

    def close(self) -> None:
        assert self._node.stdin is not None
        self._node.stdin.close()
        self._node.wait(10)


@dataclass(frozen=True)
class PageSide:
    page: Page
    number: int

    def take(self, value: str, now_s: float) -> None:
        self.page.ask(side=self.number, do="take", value=value, now=now_s)

    def peer_is_away(self) -> None:
        self.page.ask(side=self.number, do="away")

    def peer_has_left(self) -> None:
        self.page.ask(side=self.number, do="left")

    def on_readable(self, key: str, now_s: float) -> None:
        self.page.ask(side=self.number, do="readable", key=key, now=now_s)

    def shown(self, now_s: float) -> Shown:
        found = self.page.ask(side=self.number, do="shown", now=now_s)
        use = KeyUse(found["use"]["given"], found["use"]["agreed"], found["use"]["sendsAgreed"])
        return Shown(found["offer"], use, tuple(found["words"]), found["wordsChanged"], KeyOrigin(found["origin"]))
