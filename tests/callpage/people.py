"""The two people of the demo's session at their call pages: what they open, see, hear and press."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, ViewportSize, expect

PHONE, WIDE = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
PATIENCE_MS = 20_000
READ_NUMBER = """
(id) => {
  const video = document.querySelector(`.tile.${id} video`);
  if (!video || video.hidden || !video.videoWidth) return null;
  const canvas = new OffscreenCanvas(32, 1);
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, video.videoHeight / 2, video.videoWidth, 1, 0, 0, 32, 1);
  const { data } = context.getImageData(0, 0, 32, 1);
  let number = 0;
  for (let bit = 0; bit < 16; bit++) if (data[4 * (2 * bit + 1) + 1] > 128) number |= 1 << bit;
  return number;
}
"""
"""Which numbered frame (tests/stage/video_file.py) a tile shows."""
KEEP_CONNECTIONS = """
globalThis.connections = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...words) { super(...words); connections.push(this); }
};
"""
LEFT_WHILE_REPAIRING = "PC manager is closed"
"""A promise of livekit-client's own (2.x, `RTCEngine`), for which nobody waits there."""
TORN_DOWN = "PromiseResolve called on non-object"
"""Chromium's word for a page that is closed while it still waits for something."""
FRAMES_SENT = """
async () => {
  let frames = 0;
  for (const connection of connections) {
    for (const each of (await connection.getStats()).values()) {
      if (each.type === "outbound-rtp" && each.kind === "video") frames += each.framesSent ?? 0;
    }
  }
  return frames;
}
"""
READ_HZ = """
async (player) => {
  const { srcObject, paused } = document.querySelectorAll("audio")[player];
  if (!srcObject || paused) return null;
  const context = (globalThis.testContext ??= new AudioContext({ sampleRate: 48000 }));
  await context.resume();
  const analyser = new AnalyserNode(context, { fftSize: 16384 });
  const source = context.createMediaStreamSource(srcObject);
  source.connect(analyser);
  await new Promise((done) => setTimeout(done, 500));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  source.disconnect();
  const loudest = bins.reduce((best, value, at) => (value > bins[best] ? at : best), 0);
  return { hz: (loudest * 48000) / 16384, db: bins[loudest] };
}
"""
VOICE, OF_SCREEN = 0, 1
"""The page's players. `READ_HZ`: the strongest frequency of what one plays, and how loud it is."""


@dataclass(frozen=True)
class Member:
    """One of the session's two, as the backend knows them."""

    role: str
    name: str
    account_id: str
    headers: dict[str, str]
    session_id: str
    backend_url: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @property
    def identity(self) -> str:
        return f"{self.role}_{self.account_id}"

    def call_link(self, **said: Any) -> httpx.Response:
        """What `generate-call-link` answers to this person's app."""
        at = f"{self.backend_url}/sessions/{self.session_id}/generate-call-link"
        return httpx.post(at, headers=self.headers, json=said or None, timeout=60)

    def quality(self) -> dict[str, Any]:
        """How the call ran for each of the two, as it is kept."""
        answer = httpx.get(f"{self.backend_url}/sessions/{self.session_id}/quality", headers=self.headers, timeout=60)
        found: dict[str, Any] = answer.json()
        return found

    def messages(self) -> list[dict[str, Any]]:
        """What is kept of the session's chat."""
        answer = httpx.get(f"{self.backend_url}/sessions/{self.session_id}/messages", headers=self.headers, timeout=60)
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def note(self) -> dict[str, Any]:
        """What is kept of this person's own notes."""
        answer = httpx.get(f"{self.backend_url}/sessions/{self.session_id}/note", headers=self.headers, timeout=60)
        found: dict[str, Any] = answer.json()
        return found

    @property
    def call_url(self) -> str:
        return str(self.call_link().json()["call_url"])


def member(backend_url: str, role: str, name: str, email: str, password: str) -> Member:
    """Signs a demo person in, and finds the session that can be started now."""
    signed_in = httpx.post(
        f"{backend_url}/auth/sign-in", json={"email": email, "password": password}, timeout=60
    ).json()
    headers = {"Authorization": f"Bearer {signed_in['token']}"}
    sessions = "professional/sessions" if role == "professional" else "sessions/my-bookings"
    answer = httpx.get(f"{backend_url}/{sessions}", params={"when": "upcoming"}, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    session_id = answer.json()["items"][0]["id"]
    return Member(role, name, signed_in["account"]["id"], headers, session_id, backend_url)


@dataclass
class Guest:
    """One person at a call page, in a context of its own of their browser."""

    who: Member
    context: BrowserContext
    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @classmethod
    async def at(
        cls,
        browser: Browser,
        who: Member,
        *,
        allowed: bool = True,
        size: ViewportSize = WIDE,
        init: str = "",
        locale: str = "en-GB",
        **more: Any,
    ) -> "Guest":
        """`allowed`: camera and microphone may be used. `init` runs before the page's own script."""
        granted = ["camera", "microphone"] if allowed else []
        context = await browser.new_context(viewport=size, permissions=granted, locale=locale, **more)
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(KEEP_CONNECTIONS + init)
        guest = cls(who, context, await context.new_page())
        guest.page.on("request", guest._asked)
        guest.page.on("console", guest._said)
        guest.page.on("pageerror", lambda error: guest.broken.append(str(error)))
        return guest

    def _asked(self, request: Request) -> None:
        self.asked.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)

    async def open(self, url: str = "") -> None:
        await self.page.goto(url or self.who.call_url)

    async def join(self, url: str = "") -> None:
        """Through the preview, once the devices are open."""
        await self.open(url)
        await self.sees_tile("preview")
        await self.press("Join")
        await expect(self.page.locator("main.stage")).to_be_visible(timeout=PATIENCE_MS)

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def sees(self, text: str, limit_ms: int = PATIENCE_MS) -> None:
        """Waits for words that can be seen."""
        await expect(self._seen(text).first).to_be_visible(timeout=limit_ms)

    async def sees_no(self, text: str, limit_ms: int = PATIENCE_MS) -> None:
        await expect(self._seen(text)).to_have_count(0, timeout=limit_ms)

    def _seen(self, text: str) -> Locator:
        """On the screen: what is only read out is not part of it."""
        return self.page.locator("#page").get_by_text(text).filter(visible=True)

    async def sees_tile(self, tile: str) -> None:
        """A video that plays in this tile."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while await self.number(tile) is None:  # not `wait_for_function`: the page's policy forbids its `eval`
            assert time.monotonic() < end, f"{self.who.name} sees no video in {tile}"
            await asyncio.sleep(0.05)

    async def number(self, tile: str = "other") -> int | None:
        found: int | None = await self.page.evaluate(READ_NUMBER, tile)
        return found

    async def sees_number(self, numbers: range, limit_s: float = 20, tile: str = "other") -> None:
        """A frame that carries one of these numbers, whole."""
        end, last = time.monotonic() + limit_s, None
        while (last := await self.number(tile)) not in numbers:
            assert time.monotonic() < end, f"{self.who.name} saw none of {numbers}: {last}"
            await asyncio.sleep(0.1)

    async def hears(self, hz: float, limit_s: float = 20, player: int = VOICE) -> None:
        """A tone, within a twentieth of it."""
        end, last = time.monotonic() + limit_s, None
        while not (
            (last := await self.page.evaluate(READ_HZ, player)) and abs(last["hz"] - hz) < 20 and last["db"] > -60
        ):
            assert time.monotonic() < end, f"{self.who.name} does not hear {hz} Hz: {last}"

    async def hears_nothing(self, limit_s: float = 10) -> None:
        end, last = time.monotonic() + limit_s, None
        while (last := await self.page.evaluate(READ_HZ, VOICE)) and last["db"] > -75:
            assert time.monotonic() < end, f"{self.who.name} still hears {last}"

    async def sends_no_video(self, limit_s: float = 10) -> None:
        end, before = time.monotonic() + limit_s, -1
        while (now := await self.page.evaluate(FRAMES_SENT)) != before:
            assert time.monotonic() < end, f"{self.who.name}'s page still sends video"
            before = now
            await asyncio.sleep(0.5)

    async def ended(self, title: str) -> None:
        await expect(self.page.get_by_role("heading", name=title)).to_be_visible(timeout=PATIENCE_MS)

    async def leave(self) -> None:
        """Ends the call where there is one, so that the room is empty for the next test, and closes the page."""
        end = self.page.get_by_role("button", name="End call", exact=True)
        if not self.page.is_closed() and await end.count():
            await end.dispatch_event("click")
            await self.page.locator("main.stage").wait_for(state="detached")
        await self.context.close()
