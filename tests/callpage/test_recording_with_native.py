"""A recording between a call page and the native engine: each asks the other, and each can stop the other's."""

import asyncio
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from app.call.contract.call_state import CallSnapshot
from app.call.contract.recording import PeerRecording, RecordingEnd, RecordingState
from app.call.engine import LivekitEngine
from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import Member
from tests.callpage.recorded import read_recording
from tests.callpage.recording_people import AS_IT_IS, ASKS, THEY_RECORD, allows, chosen, records, stops, told
from tests.callpage.test_page_with_native import NATIVE_HZ, Mixed, cards, met, native, speaking, video
from tests.live.sides import ANNA_NUMBERS, Side
from tests.stage.sound_cards import SoundCards
from tests.waiting import until

__all__ = ["cards", "native", "video"]  # fixtures
SETTLED_S = 2.0
"""What was written before the pause is told by then; nothing tells that nothing more is."""
SOON_S = 1.0
"""In which a recording has stopped, once either says so."""


@pytest_asyncio.fixture(loop_scope="session")
async def mixed(native: Side, enter: Enter, sam: Member) -> Mixed:
    return await met(native, await enter(sam, init=AS_IT_IS))


def engine(mixed: Mixed) -> LivekitEngine:
    return mixed.native.engine


def now(mixed: Mixed) -> CallSnapshot:
    return mixed.native.now


def theirs(mixed: Mixed) -> PeerRecording:
    assert now(mixed).peer_recording is not None
    return now(mixed).peer_recording or PeerRecording("")


def size_of(file: str) -> int:
    return Path(file).stat().st_size


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_the_page_allows_the_native_side_to_record_and_stops_it(
    mixed: Mixed, tmp_path: Path, nora: Member
) -> None:
    await engine(mixed).ask_to_record(str(tmp_path / "call.mp4"))
    await mixed.page.sees(f"Nora Lindqvist {ASKS}")
    assert now(mixed).recording.state is RecordingState.ASKING
    await allows(mixed.page)
    await until(lambda: now(mixed).recording.state is RecordingState.RECORDING, "it is written")
    await mixed.page.sees(f"Nora Lindqvist {THEY_RECORD}")
    await until(lambda: now(mixed).recording.written_s > 3, "some seconds are written")
    await stops(mixed.page)
    await until(lambda: now(mixed).recording.state is not RecordingState.RECORDING, "nothing is written", SOON_S)
    await mixed.page.sees_no(THEY_RECORD)
    await until(lambda: now(mixed).recording.end is RecordingEnd.WITHDRAWN, "the file is ready")
    assert size_of(now(mixed).recording.file) > 0
    await until(lambda: told(nora)[-1]["withdrawn_at"], "it is kept that the page's person took it back")


async def test_the_page_refuses_the_native_side(mixed: Mixed, tmp_path: Path) -> None:
    await engine(mixed).ask_to_record(str(tmp_path / "call.mp4"))
    await mixed.page.sees(ASKS)
    await mixed.page.press("Don't allow")
    await until(lambda: now(mixed).recording.end is RecordingEnd.REFUSED, "it was refused")
    assert names_in(tmp_path) == []


async def test_a_page_that_is_loaded_again_pauses_the_native_sides_recording_until_the_next_yes(
    mixed: Mixed, tmp_path: Path
) -> None:
    await engine(mixed).ask_to_record(str(tmp_path / "call.mp4"))
    await allows(mixed.page)
    await until(lambda: now(mixed).recording.state is RecordingState.RECORDING, "it is written")
    await mixed.page.page.reload()
    await until(lambda: now(mixed).recording.state is RecordingState.PAUSED, "it pauses")
    await mixed.page.sees(ASKS)
    await mixed.page.sees_number(ANNA_NUMBERS)
    await asyncio.sleep(SETTLED_S)
    written = now(mixed).recording.written_s
    await asyncio.sleep(SETTLED_S)
    assert (now(mixed).recording.state, now(mixed).recording.written_s) == (RecordingState.PAUSED, written)
    await allows(mixed.page)
    await until(lambda: now(mixed).recording.state is RecordingState.RECORDING, "it goes on")
    await engine(mixed).stop_recording()
    await until(lambda: now(mixed).recording.end is RecordingEnd.STOPPED, "it is over")
    await mixed.page.sees_no(THEY_RECORD)


async def test_the_native_side_allows_the_page_to_record_and_stops_it(
    mixed: Mixed, cards: SoundCards, tmp_path: Path
) -> None:
    """Chosen by the test in the page's place: the browser's window to choose a file cannot be reached from here."""
    page = mixed.page
    await page.page.evaluate(
        """() => {
          globalThis.showSaveFilePicker = async () =>
            (await navigator.storage.getDirectory()).getFileHandle("chosen", { create: true });
        }"""
    )
    with speaking(cards):
        await page.hears(NATIVE_HZ)
        await page.press("Record")
        await until(lambda: now(mixed).peer_recording, "the native side is asked")
        assert theirs(mixed).agreed is None
        await engine(mixed).answer_recording(theirs(mixed).ask_id, True)
        await records(page)
        await until(lambda: theirs(mixed).writing, "and sees that it is written")
        await records(page, 4)
        await engine(mixed).answer_recording(theirs(mixed).ask_id, False)
        await page.sees("Nora Lindqvist stopped the recording.", round(1000 * SOON_S))
    await expect(page.page.locator(".pill.recording").filter(visible=True)).to_have_count(0)
    await page.sees("Saved: chosen")
    path = await chosen(page, tmp_path)
    assert path is not None
    found = read_recording(path)
    assert set(found.left) & set(ANNA_NUMBERS)
    assert set(found.right) & set(NUMBERS["user"])
    assert found.loudness(NATIVE_HZ) > 0.1
    assert found.loudness(HZ["user"]) > 0.1
