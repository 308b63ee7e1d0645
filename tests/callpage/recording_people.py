"""What the two do about a recording at their call pages, and what the browser is made to be for it."""

import asyncio
import base64
import re
import time
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import expect

from tests.callpage.people import Guest, Member

KEPT = "globalThis.showSaveFilePicker = undefined;"
"""A browser that does not ask where files are to be: recordings are kept in it, and downloaded."""
AS_IT_IS = """
const give = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wanted) => {
  const audio = { ...wanted.audio, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  return give(wanted.audio ? { ...wanted, audio } : wanted);
};
"""
"""What makes voices better takes a constant tone for noise, and after a while takes it away."""
PLACE = """
globalThis.showSaveFilePicker = async ({ suggestedName }) => {
  globalThis.suggested = suggestedName;
  const root = await navigator.storage.getDirectory();
  return root.getFileHandle("chosen", { create: true });
};
"""
"""One that does; a real file, of the only folder that may be written to without a window to choose one."""
READ_CHOSEN = """
async () => {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle("chosen").catch(() => null);
  if (!handle) return null;
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}
"""
KEPT_FOLDERS = """
async () => {
  const found = [];
  for await (const each of (await navigator.storage.getDirectory()).values()) {
    if (each.kind === "directory") found.push(each.name);
  }
  return found;
}
"""
KEPT_SLICES = """
async () => {
  let found = 0;
  for await (const folder of (await navigator.storage.getDirectory()).values()) {
    if (folder.kind !== "directory") continue;
    for await (const each of folder.values()) found += /^\\d+$/.test(each.name) && (await each.getFile()).size > 0;
  }
  return found;
}
"""
READ_KEPT = """
(async () => {
  const parts = new Map();
  for await (const folder of (await navigator.storage.getDirectory()).values()) {
    if (folder.kind !== "directory") continue;
    for await (const each of folder.values()) {
      if (/^\\d+$/.test(each.name)) parts.set(each.name, await each.getFile());
    }
  }
  const whole = new Blob([...parts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, file]) => file));
  const bytes = new Uint8Array(await whole.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
})()
"""
"""The one recording that this browser keeps."""
ASKS, THEY_RECORD = "asks to record this session", "is recording"


def own_time(seconds: int) -> re.Pattern[str]:
    """The clock of one's own recording from then on, below a minute."""
    return re.compile(rf"^Recording 0:({'|'.join(f'{each:02}' for each in range(seconds, 60))}) ")


async def asks(guest: Guest, other: Guest) -> None:
    """Presses Record; the other sees the question."""
    await guest.press("Record")
    await other.sees(ASKS)


async def allows(guest: Guest) -> None:
    """As soon as an answer counts: what is pressed at the moment in which the question comes up does not."""
    allow = guest.page.get_by_role("button", name="Allow", exact=True)
    await expect(allow).to_be_visible()
    for _ in range(50):
        if not await allow.count():
            return
        await allow.click()
        await asyncio.sleep(0.1)
    raise AssertionError(f"{guest.who.name} cannot allow it")


async def records(guest: Guest, seconds: int = 0) -> None:
    """The notice of one's own recording has come to this time."""
    pill = guest.page.locator(".pill.recording").filter(has_text=own_time(seconds))
    await expect(pill.first).to_be_visible(timeout=30_000)


async def has_kept(guest: Guest, slices: int) -> None:
    """So many slices are in the browser's private files."""
    end = time.monotonic() + 40
    while (last := await guest.page.evaluate(KEPT_SLICES)) < slices:
        assert time.monotonic() < end, f"{last} slices are written, not {slices}"
        await asyncio.sleep(0.1)


async def stops(guest: Guest) -> None:
    await guest.page.get_by_role("button", name="Stop recording", exact=True).filter(visible=True).first.click()


async def saved(guest: Guest, folder: Path) -> Path:
    """The file that the link saves."""
    async with guest.page.expect_download() as waiting:
        await guest.page.get_by_role("link", name=re.compile("^Save, Rendezvous")).filter(visible=True).last.click()
    download = await waiting.value
    path = folder / download.suggested_filename
    await download.save_as(path)
    return path


async def chosen(guest: Guest, folder: Path) -> Path | None:
    """The file in the place that the person said; None: there is none any more."""
    text: Any = await guest.page.evaluate(READ_CHOSEN)
    if text is None:
        return None
    path = folder / "chosen"
    path.write_bytes(base64.b64decode(text))
    return path


def told(member: Member) -> list[dict[str, Any]]:
    """What the backend keeps of who asked and who agreed, the newest last."""
    at = f"{member.backend_url}/sessions/{member.session_id}/recordings"
    found: list[dict[str, Any]] = httpx.get(at, headers=member.headers, timeout=60).json()["recordings"]
    return sorted(found, key=lambda each: str(each["asked_at"]))
