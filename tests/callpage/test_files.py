"""Files between two call pages, and between a page and the native engine: equal, cancelled, refused, saved."""

import asyncio
import hashlib
import random
import re
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import FilePayload, Locator, expect

from app.call.contract.files import LARGEST_FILE, FileProblem, FileState, FileTransfer
from app.state.call.words.file_words import note_words
from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import Guest, Member
from tests.callpage.test_page_with_native import Mixed, cards, mixed, native, video
from tests.callpage.test_page_with_page import Pair, pair
from tests.waiting import until

__all__ = ["cards", "mixed", "native", "pair", "video"]  # fixtures

PATIENCE_MS = 120_000
SOME_MEGABYTES = 3_000_000
"""Long enough to be in the middle of; the largest go between page and native engine, both ways."""
IN_THE_MIDDLE = re.compile("Receiving, [1-9]")
MOST_CONCEALED = 0.1
"""Of a voice beside a file; a busy test machine conceals up to 0.03 by itself, a file that held it up nearly all."""
NAME = "خطة 训练 plan 👩.pdf"
CONCEALED = """
async () => {
  for (const connection of connections) {
    for (const each of (await connection.getStats()).values()) {
      if (each.type === "inbound-rtp" && each.kind === "audio") {
        return { concealed: each.concealedSamples - each.silentConcealedSamples, all: each.totalSamplesReceived };
      }
    }
  }
  return null;
}
"""
KEEP_SENT = """
globalThis.sentOver = [];
const send = RTCDataChannel.prototype.send;
RTCDataChannel.prototype.send = function (data) {
  sentOver.push(new TextDecoder("latin1").decode(data));
  return send.call(this, data);
};
"""


def content_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(path: Path) -> bytes:
    return path.read_bytes()


class Files:
    """The files in a page's chat."""

    def __init__(self, guest: Guest) -> None:
        self.page = guest.page

    async def open(self) -> "Files":
        if not await self.page.locator(".chat").count():
            await self.page.keyboard.press("c")
        await expect(self.page.locator(".chat")).to_be_visible()
        return self

    async def send(self, name: str, content: bytes) -> None:
        given = FilePayload(name=name, mimeType="text/html", buffer=content)
        await self.page.locator("input[type=file]").set_input_files(given)

    def row(self, name: str) -> Locator:
        return self.page.locator("li.file").filter(has_text=name).last

    async def says(self, name: str, words: str | re.Pattern[str], limit_ms: int = PATIENCE_MS) -> None:
        await expect(self.row(name)).to_contain_text(words, timeout=limit_ms)

    async def press(self, name: str, label: str) -> None:
        await self.row(name).get_by_role("button", name=f"{label}, ", exact=False).click()

    async def saved(self, name: str) -> tuple[str, str]:
        """Under what name the browser saves it, and the digest of what it saves."""
        await self.says(name, "Save it before the call ends")
        async with self.page.expect_download() as waiting:
            await self.row(name).get_by_role("link", name=f"Save, {name}").click()
        download = await waiting.value
        return download.suggested_filename, digest(read(await download.path()))


@pytest_asyncio.fixture(loop_scope="session")
async def chats(pair: Pair) -> tuple[Files, Files]:
    """Without the cameras: on a test machine of two cores their encoders would decide how long a file takes."""
    for guest in pair:
        await guest.press("Turn camera off")
    return await Files(pair[0]).open(), await Files(pair[1]).open()


async def concealed(guest: Guest) -> dict[str, Any]:
    found: dict[str, Any] = await guest.page.evaluate(CONCEALED)
    return found


async def test_megabytes_arrive_equal_while_the_voice_goes_on(pair: Pair, chats: tuple[Files, Files]) -> None:
    at_nora, at_sam = chats
    content = content_of(SOME_MEGABYTES)
    await pair[1].hears(HZ["professional"])
    await pair[0].hears(HZ["user"])
    before = [await concealed(guest) for guest in pair]
    await at_nora.send("large.bin", content)
    await at_nora.says("large.bin", "Sending, ")
    await at_sam.says("large.bin", "Receiving, ")
    await at_nora.says("large.bin", "Delivered")
    after = [await concealed(guest) for guest in pair]
    assert await at_sam.saved("large.bin") == ("large.bin", digest(content))
    for earlier, later in zip(before, after, strict=True):
        share = (later["concealed"] - earlier["concealed"]) / (later["all"] - earlier["all"])
        print(f"concealed beside the file: {share:.4%}")
        assert share < MOST_CONCEALED


async def test_a_name_in_other_scripts_and_an_empty_file_arrive_as_they_are_and_the_chat_keeps_that_they_were_sent(
    chats: tuple[Files, Files], sam: Member
) -> None:
    at_nora, at_sam = chats
    await at_sam.send(NAME, b"")
    await at_nora.says("plan", "0 bytes")
    assert await at_nora.saved(NAME) == (NAME, digest(b""))
    await at_sam.says("plan", "Delivered")
    note = note_words(NAME, 0)
    await until(lambda: note in [each["text"] for each in sam.messages()], "the backend keeps that it was sent")
    assert await at_sam.page.get_by_text(note).count() == 0, "its row says so"
    await at_nora.press("plan", "Remove")
    await expect(at_nora.page.locator("li.file")).to_have_count(0)
    await expect(at_nora.page.get_by_text(note)).to_be_visible()


async def test_a_name_is_no_path_no_markup_and_no_disguise(chats: tuple[Files, Files]) -> None:
    at_nora, at_sam = chats
    await at_nora.send("..\\..\\<img src=x onerror=alert(1)>\u202efdp.exe", b"<script>alert(1)</script>")
    cleaned = "_img src=x onerror=alert(1)_fdp.exe"
    assert await at_sam.saved(cleaned) == (cleaned, digest(b"<script>alert(1)</script>"))
    assert await at_sam.page.locator(".chat img").count() == 0
    url = await at_sam.row(cleaned).get_by_role("link").get_attribute("href")
    kind = await at_sam.page.evaluate("async () => [...document.querySelectorAll('a[download]')].length")
    assert (str(url)[:5], kind) == ("blob:", 1)


async def test_more_than_ten_megabytes_is_refused_before_anything_is_sent(chats: tuple[Files, Files]) -> None:
    at_nora, at_sam = chats
    await at_nora.send("huge.bin", bytes(LARGEST_FILE + 1))
    refused = at_nora.page.get_by_role("alert").filter(has_text="This file is larger than 10 MB. Nothing was sent.")
    await expect(refused).to_be_visible()
    await at_nora.send("small.txt", b"small")
    await at_sam.says("small.txt", "Save it")
    await expect(refused).to_have_count(0)
    assert await at_sam.page.locator("li.file").count() == 1


async def test_each_side_can_cancel_and_both_are_told(chats: tuple[Files, Files]) -> None:
    at_nora, at_sam = chats
    await at_nora.send("one.bin", content_of(LARGEST_FILE))
    await at_sam.says("one.bin", "Receiving, ")
    await at_nora.press("one.bin", "Cancel")
    await at_nora.says("one.bin", "You cancelled it")
    await at_sam.says("one.bin", "Nora Lindqvist cancelled it")
    await at_nora.send("two.bin", content_of(LARGEST_FILE))
    await at_sam.says("two.bin", "Receiving, ")
    await at_sam.press("two.bin", "Cancel")
    await at_sam.says("two.bin", "You cancelled it")
    await at_nora.says("two.bin", "Sam Okafor cancelled it")


async def test_a_receiver_that_reloads_gets_it_from_the_beginning_and_a_sender_that_does_is_said_to_have_lost_it(
    pair: Pair, chats: tuple[Files, Files]
) -> None:
    at_nora, at_sam = chats
    content = content_of(SOME_MEGABYTES)
    await at_nora.send("again.bin", content)
    await at_sam.says("again.bin", IN_THE_MIDDLE)
    await at_sam.page.reload()
    await at_sam.page.locator("main.stage").wait_for()
    await at_sam.open()
    assert await at_sam.saved("again.bin") == ("again.bin", digest(content))
    await at_nora.says("again.bin", "Delivered")
    await at_nora.send("lost.bin", content)
    await at_sam.says("lost.bin", IN_THE_MIDDLE)
    await at_nora.page.reload()
    await at_sam.says("lost.bin", "Failed: Nora Lindqvist's device has it no more")


async def test_one_who_leaves_ends_it_it_is_sent_again_and_what_arrived_can_be_saved_after_the_call(
    pair: Pair, chats: tuple[Files, Files]
) -> None:
    at_nora, at_sam = chats
    content = content_of(SOME_MEGABYTES)
    await at_nora.send("kept.txt", b"kept")
    await at_sam.says("kept.txt", "Save it")
    await at_nora.send("late.bin", content)
    await at_sam.says("late.bin", "Receiving, ")
    await pair[1].press("End call")
    await at_nora.says("late.bin", "Failed: Sam Okafor left the call")
    async with at_sam.page.expect_download() as waiting:
        await at_sam.page.get_by_role("link", name="Save, kept.txt").click()
    assert read(await (await waiting.value).path()) == b"kept"
    await at_nora.press("late.bin", "Send again")
    await expect(at_nora.page.get_by_role("alert").filter(has_text="is not in the call")).to_be_visible()
    await pair[1].press("Rejoin")
    await at_sam.page.locator("main.stage").wait_for()
    await at_sam.open()
    await expect(at_nora.page.get_by_role("button", name="Send again, late.bin")).to_be_visible()
    while not await at_sam.page.locator("li.file").count():
        await at_nora.page.get_by_role("button", name="Send again, late.bin").click()
        await asyncio.sleep(0.5)
    assert await at_sam.saved("late.bin") == ("late.bin", digest(content))


async def test_neither_name_nor_content_leaves_the_page_readable(enter: Enter, nora: Member, sam: Member) -> None:
    at_nora, at_sam = await enter(nora, init=KEEP_SENT), await enter(sam)
    await at_nora.join()
    await at_sam.join()
    await at_nora.sees_number(NUMBERS["user"])
    sender, receiver = await Files(at_nora).open(), await Files(at_sam).open()
    await sender.send("diagnosis.txt", b"SECRETSECRET" * 1000)
    assert await receiver.saved("diagnosis.txt") == ("diagnosis.txt", digest(b"SECRETSECRET" * 1000))
    counted = await at_nora.page.evaluate(
        "() => [sentOver.length, sentOver.filter((each) => /diagnosis|SECRET|file_offer/.test(each)).length]"
    )
    assert counted[0] > 2
    assert counted[1] == 0


async def open_files(mixed: Mixed) -> Files:
    await mixed.native.engine.set_camera(False)
    await mixed.page.press("Turn camera off")
    return await Files(mixed.page).open()


def file_of(mixed: Mixed, name: str) -> FileTransfer | None:
    return next((each for each in reversed(mixed.native.now.files) if each.name == name), None)


async def has_ended(mixed: Mixed, name: str, state: FileState, problem: FileProblem | None = None) -> FileTransfer:
    def ended() -> bool:
        found = file_of(mixed, name)
        return found is not None and (found.state, found.problem) == (state, problem)

    await until(ended, lambda: f"{name} is {state}: {mixed.native.now.files}", 120)
    found = file_of(mixed, name)
    assert found is not None
    return found


async def test_page_and_native_engine_send_each_other_ten_megabytes_that_arrive_equal(mixed: Mixed) -> None:
    native, page = mixed.native, await open_files(mixed)
    to_page, to_native = content_of(LARGEST_FILE), content_of(LARGEST_FILE - 1)
    assert await native.engine.send_file(NAME, to_page, "a note") is None
    await page.send("to native.bin", to_native)
    arrived = await has_ended(mixed, "to native.bin", FileState.DELIVERED)
    assert digest(await native.engine.received_file(arrived.id) or b"") == digest(to_native)
    assert await page.saved(NAME) == (NAME, digest(to_page))
    await has_ended(mixed, NAME, FileState.DELIVERED)
    await page.says("to native.bin", "Delivered")
    await until(lambda: "a note" in [each.text for each in native.now.chat], "the note is in the chat")


async def test_page_and_native_engine_cancel_and_refuse_each_others(mixed: Mixed) -> None:
    native, page = mixed.native, await open_files(mixed)
    assert await native.engine.send_file("huge", bytes(LARGEST_FILE + 1), "") is FileProblem.TOO_LARGE
    await native.engine.send_file("by native", content_of(LARGEST_FILE), "")
    await page.says("by native", "Receiving, ")
    found = file_of(mixed, "by native")
    assert found is not None
    await native.engine.cancel_file(found.id)
    await page.says("by native", "Nora Lindqvist cancelled it")
    await native.engine.send_file("by page", content_of(LARGEST_FILE), "")
    await page.says("by page", "Receiving, ")
    await page.press("by page", "Cancel")
    await has_ended(mixed, "by page", FileState.CANCELLED, FileProblem.PEER_CANCELLED)
    await page.send("from page", content_of(LARGEST_FILE))
    await until(lambda: file_of(mixed, "from page"), "it comes", 30)
    found = file_of(mixed, "from page")
    assert found is not None
    await native.engine.cancel_file(found.id)
    await page.says("from page", "Nora Lindqvist cancelled it")
    await page.send("empty", b"")
    found = await has_ended(mixed, "empty", FileState.DELIVERED)
    assert await native.engine.received_file(found.id) == b""
