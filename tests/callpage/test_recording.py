"""A call recorded on a page: with the other's yes, of both, and as long as it lasts."""

import asyncio
import time
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import Guest, Member
from tests.callpage.recorded import read_recording
from tests.callpage.recording_people import (
    AS_IT_IS,
    ASKS,
    KEPT,
    PLACE,
    THEY_RECORD,
    allows,
    asks,
    chosen,
    records,
    saved,
    stops,
    told,
)
from tests.callpage.test_phone import HIDE
from tests.callpage.test_screen import SHARED, tab_to_share
from tests.waiting import until

Pair = tuple[Guest, Guest]
HIDDEN_S = 8
SOON_MS = 1_000
"""In which a recording has stopped, once either says so."""


@pytest_asyncio.fixture(loop_scope="session")
async def pair(enter: Enter, nora: Member, sam: Member) -> Pair:
    """Both in the call; Nora's browser keeps what it records."""
    init = KEPT + AS_IT_IS
    guests = await enter(nora, init=init, accept_downloads=True), await enter(sam, init=init)
    for guest in guests:
        await guest.join()
    await guests[0].sees_number(NUMBERS["user"])
    await guests[1].sees_number(NUMBERS["professional"])
    return guests


async def test_what_is_allowed_is_recorded_with_both_pictures_and_both_voices(
    pair: Pair, nora: Member, tmp_path: Path
) -> None:
    at_nora, at_sam = pair
    assert not any("/recorder-" in url for url in at_nora.asked), "what records is fetched when it is wanted"
    await asks(at_nora, at_sam)
    await at_nora.sees("Asking Sam Okafor")
    await at_sam.sees_no(THEY_RECORD)
    await allows(at_sam)
    await at_sam.sees(f"Nora Lindqvist {THEY_RECORD}")
    await records(at_nora)
    began = time.monotonic()
    await records(at_nora, 6)
    await stops(at_nora)
    took_s = time.monotonic() - began
    await at_nora.sees("Recording stopped.")
    await at_sam.sees_no(THEY_RECORD)
    found = read_recording(await saved(at_nora, tmp_path))
    print(f"{found.seconds:.2f} s recorded in {took_s:.2f} s, {len(found.times)} frames")
    assert 4.5 < found.seconds < took_s + 1.5
    for shown, numbers in ((found.left, NUMBERS["user"]), (found.right, NUMBERS["professional"])):
        seen = {number for number in shown if number in numbers}
        assert len(seen) > 20, "it moves"
        assert sum(number in numbers for number in shown) > 0.8 * len(shown)
    assert found.loudness(HZ["user"]) > 0.1
    assert found.loudness(HZ["professional"]) > 0.1
    assert found.loudness(550) < 0.02, "and no other tone"
    assert abs(len(found.samples) / found.rate_hz - found.seconds) < 0.5
    kept = await until(lambda: [each for each in told(nora)[-1:] if each["ended_at"]], "it is kept who agreed")
    assert (kept[0]["asked_by"], kept[0]["answer"]) == ("professional", "agreed")
    assert kept[0]["asked_at"] <= kept[0]["answered_at"] <= kept[0]["began_at"] <= kept[0]["ended_at"]


async def test_it_goes_where_the_person_said_and_nothing_is_left_there_when_it_is_refused(
    enter: Enter, nora: Member, sam: Member, tmp_path: Path
) -> None:
    at_nora, at_sam = await enter(nora, init=KEPT), await enter(sam, init=PLACE)
    for guest in (at_nora, at_sam):
        await guest.join()
    await at_sam.sees_number(NUMBERS["professional"])
    await asks(at_sam, at_nora)
    assert (await at_sam.page.evaluate("suggested")).startswith("Rendezvous 20")
    assert await chosen(at_sam, tmp_path) is not None, "the browser has made it, empty"
    await at_nora.press("Don't allow")
    await at_sam.sees("Nora Lindqvist did not allow recording.")
    await at_nora.sees_no(ASKS)
    path = tmp_path / "chosen"
    for _ in range(50):
        if await chosen(at_sam, tmp_path) is None:
            break
        await asyncio.sleep(0.1)
    assert await chosen(at_sam, tmp_path) is None, "nor is there an empty file"
    assert (told(sam)[-1]["answer"], told(sam)[-1]["began_at"]) == ("refused", None)
    await at_sam.press("Hide")
    await asks(at_sam, at_nora)
    await allows(at_nora)
    await records(at_sam, 3)
    await stops(at_sam)
    await at_sam.sees("Saved: chosen")
    assert await at_sam.page.get_by_role("link", name="Save", exact=False).count() == 0
    path = await chosen(at_sam, tmp_path) or path
    found = read_recording(path)
    assert set(found.left) & set(NUMBERS["professional"])
    assert set(found.right) & set(NUMBERS["user"])


async def test_whoever_allowed_it_stops_it_with_one_press_and_nothing_more_is_written(
    pair: Pair, sam: Member, tmp_path: Path
) -> None:
    at_nora, at_sam = pair
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora)
    began = time.monotonic()
    await records(at_nora, 3)
    await stops(at_sam)
    took_s = time.monotonic() - began
    await at_nora.sees("Sam Okafor stopped the recording.", SOON_MS)
    await at_sam.sees_no(THEY_RECORD, SOON_MS)
    await expect(at_nora.page.locator(".pill.recording").filter(visible=True)).to_have_count(0)
    await until(lambda: told(sam)[-1]["withdrawn_at"], "it is kept that it was taken back")
    found = read_recording(await saved(at_nora, tmp_path))
    assert found.seconds < took_s + 1.2
    await asks(at_nora, at_sam)  # it takes another yes
    await at_nora.press("Cancel")
    await at_sam.sees_no(ASKS)


async def test_what_is_switched_off_is_not_on_it(pair: Pair, tmp_path: Path) -> None:
    at_nora, at_sam = pair
    await at_nora.press("Mute microphone")
    await at_nora.press("Turn camera off")
    await at_sam.sees("Nora Lindqvist is muted")
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora, 4)
    await stops(at_nora)
    found = read_recording(await saved(at_nora, tmp_path))
    assert set(found.left) & set(NUMBERS["user"])
    assert not set(found.right) & set(NUMBERS["professional"])
    assert found.loudness(HZ["user"]) == 1
    assert found.loudness(HZ["professional"]) < 0.01


async def test_a_shared_screen_is_large_on_it(pair: Pair, tmp_path: Path) -> None:
    at_nora, at_sam = pair
    await tab_to_share(at_sam)
    await at_sam.press("Share your screen")
    await at_nora.sees_number(SHARED, tile="screen")
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora, 4)
    await stops(at_nora)
    found = read_recording(await saved(at_nora, tmp_path))
    assert set(found.screen) & set(SHARED)


async def test_a_page_that_nobody_sees_goes_on_asking_for_the_others_picture_while_it_records(
    pair: Pair, tmp_path: Path
) -> None:
    """Without a recording it asks for none (test_phone.py). The browser itself hides nothing here."""
    at_nora, at_sam = pair
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora, 1)
    await at_nora.page.evaluate(HIDE, True)
    began = time.monotonic()
    await until(lambda: time.monotonic() > began + HIDDEN_S, "longer than the request of a page without takes")
    await at_nora.page.evaluate(HIDE, False)
    await stops(at_nora)
    found = read_recording(await saved(at_nora, tmp_path))
    latest = [number for at, number in zip(found.times, found.left, strict=True) if at > found.times[-1] - 3]
    assert len(set(latest) & set(NUMBERS["user"])) > 3, "it still moves"


async def test_a_page_that_is_loaded_again_asks_its_person_again_and_until_then_nothing_is_written(
    pair: Pair, tmp_path: Path
) -> None:
    at_nora, at_sam = pair
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora, 3)
    await at_sam.page.reload()
    await at_nora.sees("Recording paused")
    await at_sam.sees(ASKS)
    await at_nora.sees_number(NUMBERS["user"])  # in the call again, and still:
    paused = await at_nora.page.locator(".pill.recording .said").first.text_content()
    await at_sam.sees_number(NUMBERS["professional"])
    await at_nora.sees("Recording paused")
    assert await at_nora.page.locator(".pill.recording .said").first.text_content() == paused
    await allows(at_sam)
    await at_sam.sees(THEY_RECORD)
    await at_nora.sees_no("Recording paused")
    before = time.monotonic()
    await until(lambda: time.monotonic() > before + 2, "two more seconds")
    await stops(at_nora)
    found = read_recording(await saved(at_nora, tmp_path))
    assert 3.5 < found.seconds < 12, "the time between is left out"


async def test_whoever_records_and_leaves_has_the_recording_and_the_other_is_told(pair: Pair, tmp_path: Path) -> None:
    at_nora, at_sam = pair
    await asks(at_nora, at_sam)
    await at_nora.press("End call")
    await at_sam.sees_no(ASKS)
    await at_nora.press("Rejoin")
    await at_sam.sees_number(NUMBERS["professional"])
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora, 3)
    await at_nora.press("End call")
    await at_sam.sees_no(THEY_RECORD)
    await at_nora.ended("You left the call")
    await at_nora.sees("Recording ended with the call.")
    found = read_recording(await saved(at_nora, tmp_path))
    assert set(found.left) & set(NUMBERS["user"])


async def test_a_recording_ends_when_the_other_leaves(pair: Pair, tmp_path: Path) -> None:
    at_nora, at_sam = pair
    await asks(at_nora, at_sam)
    await allows(at_sam)
    await records(at_nora, 3)
    await at_sam.press("End call")
    await at_nora.sees("Recording ended: Sam Okafor left.")
    assert read_recording(await saved(at_nora, tmp_path)).seconds > 1.5
