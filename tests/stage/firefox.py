"""Debian's Firefox, driven by WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/) without a driver beside it.

Its camera is a coloured picture that changes, its microphone a tone of `TONE_HZ`.
"""

import asyncio
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from tests.waiting import until

PROGRAM = "firefox-esr"
TONE_HZ = 1000
_PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    "media.getusermedia.audio.processing.noise.enabled": False,  # it would take the tone away
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.aboutwelcome.enabled": False,
}


class Firefox:
    """`start`, `open` a page, `run` scripts in it, `close`.

    `surroundings` are added to its environment: without a sound card there it plays nothing.
    """

    def __init__(self, surroundings: Mapping[str, str]) -> None:
        self._surroundings = surroundings
        self._profile = Path(tempfile.mkdtemp(prefix="firefox-"))
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _PREFERENCES.items()]
        (self._profile / "user.js").write_text("\n".join(lines))
        self._log = self._profile / "firefox.log"
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._context = ""

    def _begin(self) -> None:
        words = [PROGRAM, "--headless", "--no-remote", "--profile", str(self._profile), "--remote-debugging-port", "0"]
        surroundings = os.environ | dict(self._surroundings) | {"HOME": str(self._profile)}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(words, env=surroundings, stdout=log, stderr=log)

    async def start(self) -> "Firefox":
        self._begin()

        def address() -> str:
            found = re.search(r"WebDriver BiDi listening on (ws://\S+)", self._log.read_text("utf-8", "replace"))
            return found[1] if found else ""

        url = await until(address, "Firefox listens", limit_s=60)
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(f"{url}/session", max_msg_size=0)
        await self._command("session.new", capabilities={})
        tree = await self._command("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]
        return self

    async def open(self, url: str) -> None:
        await self._command("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def run(self, expression: str) -> Any:
        """What the expression gives, as JSON; as if somebody had just tapped."""
        answer = await self._command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression}) ?? null))()",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    async def until(self, expression: str, what: str, limit_s: float = 30) -> Any:
        """The first truthy answer. Raises AssertionError naming `what`."""
        end = asyncio.get_running_loop().time() + limit_s
        while not (found := await self.run(expression)):
            assert asyncio.get_running_loop().time() < end, f"Firefox: not within {limit_s:.0f} s: {what}"
            await asyncio.sleep(0.1)
        return found

    async def _command(self, method: str, **params: Any) -> dict[str, Any]:
        assert self._socket is not None
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            said: dict[str, Any] = await self._socket.receive_json(timeout=60)
            if said.get("id") != number:
                continue  # an event
            if said["type"] == "error":
                raise RuntimeError(f"{method}: {said['error']}: {said['message']}")
            result: dict[str, Any] = said["result"]
            return result

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
        shutil.rmtree(self._profile, ignore_errors=True)
