"""Where a page cannot record, or not any more: it says so, and what was written until then is there."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Error, expect

from tests.callpage.conftest import NUMBERS, Enter
from tests.callpage.people import Guest, Member
from tests.callpage.recorded import read_recording
from tests.callpage.recording_people import KEPT, KEPT_FOLDERS, allows, asks, has_kept, records, saved, stops

SLICES = 4
"""The first has no picture yet."""
NO_RECORDER = "delete globalThis.MediaRecorder;"
FULL = """
const room = { quota: 100e9, usage: 0 };
navigator.storage.estimate = async () => room;
globalThis.fillUp = () => (room.usage = room.quota - 50e6);
"""
"""As the browser says it when hardly any room is left."""
FAILS = """
const open = FileSystemFileHandle.prototype.createWritable;
FileSystemFileHandle.prototype.createWritable = function (...words) {
  if (globalThis.failing) return Promise.reject(new DOMException("for a test", globalThis.failing));
  return open.call(this, ...words);
};
"""
NO_PRIVATE_FILES = "navigator.storage.getDirectory = async () => { throw new DOMException('none', 'SecurityError'); };"


async def both(enter: Enter, nora: Member, sam: Member, init: str) -> tuple[Guest, Guest]:
    """In the call; Nora's browser is made so."""
    at_nora, at_sam = await enter(nora, init=init, accept_downloads=True), await enter(sam, init=KEPT)
    for guest in (at_nora, at_sam):
        await guest.join()
    await at_nora.sees_number(NUMBERS["user"])
    return at_nora, at_sam


async def recording(at_nora: Guest, at_sam: Guest) -> None:
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora, 3)


async def test_a_browser_that_cannot_record_offers_it_nowhere_and_says_why(
    enter: Enter, nora: Member, sam: Member
) -> None:
    at_nora, _ = await both(enter, nora, sam, NO_RECORDER)
    await expect(at_nora.page.get_by_role("button", name="Record", exact=True)).to_have_count(0)
    await at_nora.press("Camera and sound")
    await at_nora.sees("This browser cannot record.")


async def test_it_stops_by_itself_when_hardly_any_room_is_left(
    enter: Enter, nora: Member, sam: Member, tmp_path: Path
) -> None:
    at_nora, at_sam = await both(enter, nora, sam, KEPT + FULL)
    await recording(at_nora, at_sam)
    await at_nora.page.evaluate("fillUp()")
    await at_nora.sees("Recording stopped: there is almost no space left.")
    await at_sam.sees_no("is recording")
    assert read_recording(await saved(at_nora, tmp_path)).seconds > 1.5


@pytest.mark.parametrize(
    ("failing", "words"),
    [("QuotaExceededError", "there is almost no space left"), ("NotAllowedError", "it could not be written")],
)
async def test_a_write_that_fails_ends_it_with_a_word_and_what_was_written_is_whole(
    enter: Enter, nora: Member, sam: Member, tmp_path: Path, failing: str, words: str
) -> None:
    at_nora, at_sam = await both(enter, nora, sam, KEPT + FAILS)
    await recording(at_nora, at_sam)
    await has_kept(at_nora, SLICES)
    await at_nora.page.evaluate("(name) => { globalThis.failing = name; }", failing)
    await at_nora.sees(f"Recording stopped: {words}")
    await at_nora.page.evaluate("() => { globalThis.failing = ''; }")
    assert read_recording(await saved(at_nora, tmp_path)).seconds > 1


async def test_without_private_files_it_is_kept_in_memory(
    enter: Enter, nora: Member, sam: Member, tmp_path: Path
) -> None:
    at_nora, at_sam = await both(enter, nora, sam, KEPT + NO_PRIVATE_FILES)
    await recording(at_nora, at_sam)
    await stops(at_nora)
    assert set(read_recording(await saved(at_nora, tmp_path)).left) & set(NUMBERS["user"])


async def test_a_page_that_crashes_loses_no_more_than_its_last_seconds(
    enter: Enter, nora: Member, sam: Member, tmp_path: Path
) -> None:
    at_nora, at_sam = await both(enter, nora, sam, KEPT)
    await recording(at_nora, at_sam)
    await has_kept(at_nora, 2 * SLICES)
    with pytest.raises(Error, match=r"crashed|Target closed|ERR_"):
        await at_nora.page.goto("chrome://crash")
    await at_nora.page.close()
    at_nora.page = await at_nora.context.new_page()
    await at_nora.open()
    await at_nora.sees("Rendezvous 20")
    await at_nora.sees_tile("preview")
    found = read_recording(await saved(at_nora, tmp_path))
    print(f"{found.seconds:.2f} s are left")
    assert found.seconds > 3
    assert set(found.left) & set(NUMBERS["user"])


async def test_what_was_saved_or_removed_is_kept_no_longer(
    enter: Enter, nora: Member, sam: Member, tmp_path: Path
) -> None:
    at_nora, at_sam = await both(enter, nora, sam, KEPT)
    page = at_nora.page
    page.on("dialog", lambda dialog: dialog.accept())
    await recording(at_nora, at_sam)
    await stops(at_nora)
    await saved(at_nora, tmp_path)
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora, 2)
    await stops(at_nora)
    await expect(page.get_by_role("link", name=re.compile("^Save, "))).to_have_count(2)
    assert len(await page.evaluate(KEPT_FOLDERS)) == 2
    await page.get_by_role("button", name=re.compile("^Remove, ")).last.click()
    await expect(page.get_by_role("link", name=re.compile("^Save, "))).to_have_count(1)
    await page.reload()
    await at_nora.sees_number(NUMBERS["user"])
    await until_none(at_nora)


async def until_none(guest: Guest) -> None:
    """No folder is left."""
    for _ in range(100):
        if not await guest.page.evaluate(KEPT_FOLDERS):
            return
        await guest.page.wait_for_timeout(50)
    raise AssertionError("a recording is still kept")
