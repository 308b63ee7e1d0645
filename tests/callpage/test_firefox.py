"""Firefox from Debian at a call page, Chromium at the other: joining, seeing and hearing, both ways."""

import base64
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.callpage.conftest import HZ, NUMBERS, Enter
from tests.callpage.people import READ_NUMBER, Member
from tests.callpage.recorded import read_recording
from tests.callpage.recording_people import KEPT, READ_KEPT, THEY_RECORD, allows
from tests.stage.firefox import PROGRAM, TONE_HZ, Firefox
from tests.stage.left_out import left_out
from tests.stage.sound_cards import SoundCards
from tests.waiting import until


@pytest.fixture
def cards(tmp_path: Path) -> Iterator[SoundCards]:
    cards = SoundCards(tmp_path, ("a",)).start()
    yield cards
    cards.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def firefox(cards: SoundCards) -> AsyncIterator[Firefox]:
    if shutil.which(PROGRAM) is None:
        left_out("Firefox is not installed.")
    firefox = await Firefox(cards.environment("a")).start()
    yield firefox
    await firefox.close()


async def test_firefox_joins_sees_hears_and_is_seen_and_heard(
    firefox: Firefox, cards: SoundCards, enter: Enter, nora: Member, sam: Member
) -> None:
    at_nora = await enter(nora)
    await at_nora.join()
    await firefox.open(sam.call_url)
    await firefox.until(f"({READ_NUMBER})('preview') !== null", "the preview")
    assert await firefox.run("location.hash") == ""
    await firefox.run("document.querySelector('button.join').click()")
    numbers = NUMBERS["professional"]
    seen = f"(() => {{ const n = ({READ_NUMBER})('other'); return n >= {numbers.start} && n < {numbers.stop}; }})()"
    await firefox.until(seen, "Nora's frames")
    ear = cards.listen("spk_a")
    try:
        await until(lambda: abs(ear.dominant_hz(0.5) - HZ["professional"]) < 20, "Firefox plays Nora's tone")
    finally:
        ear.close()
    await at_nora.sees_tile("other")
    await at_nora.hears(TONE_HZ)
    await firefox.run("document.querySelector('.round.camera').click()")
    await at_nora.sees("Camera is off")
    await firefox.run("document.querySelector('.round.camera').click()")
    await at_nora.sees_tile("other")
    await firefox.run("document.querySelector('.round.end').click()")
    await at_nora.sees("Sam Okafor has left", 5_000)
    title = await firefox.until("document.querySelector('h1')?.textContent ?? ''", "the page after the call")
    assert title == "You left the call"


async def test_firefox_records_what_the_other_allows(
    firefox: Firefox, enter: Enter, nora: Member, sam: Member, tmp_path: Path
) -> None:
    at_nora = await enter(nora, init=KEPT)
    await at_nora.join()
    await firefox.open(sam.call_url)
    await firefox.until(f"({READ_NUMBER})('preview') !== null", "the preview")
    await firefox.run("document.querySelector('button.join').click()")
    await at_nora.sees_tile("other")
    await firefox.until(f"({READ_NUMBER})('other') !== null", "Nora's picture")
    await firefox.run("document.querySelector('.record-button').click()")
    await allows(at_nora)
    await at_nora.sees(f"Sam Okafor {THEY_RECORD}")
    clock = "document.querySelector('.pill.recording .time').textContent"
    await firefox.until(f"/^0:0[4-9]/.test({clock})", "four seconds are recorded")
    await firefox.run("document.querySelector('.pill.recording button').click()")
    await at_nora.sees_no(THEY_RECORD)
    await firefox.until("document.querySelector('.received a') !== null", "it can be saved")
    path = tmp_path / "kept.webm"
    path.write_bytes(base64.b64decode(await firefox.run(READ_KEPT)))
    found = read_recording(path)
    assert found.seconds > 2.5
    assert set(found.left) & set(NUMBERS["professional"])
    assert found.loudness(HZ["professional"]) > 0.1
    assert found.loudness(TONE_HZ) > 0.1
    await firefox.run("document.querySelector('.round.end').click()")
    await at_nora.sees("Sam Okafor has left", 5_000)
