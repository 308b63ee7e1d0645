"""Files between two native engines: equal, without a gap in the voice beside it, cancelled, and over a dead network."""

import asyncio
import hashlib
import random
import time

import pytest

from app.call.contract.call_state import CallState
from app.call.contract.files import LARGEST_FILE, FileProblem, FileState, FileTransfer
from tests.live.abroad import Call
from tests.live.conftest import MakeSide
from tests.live.sides import Side, both_in_call
from tests.live.soak import SOAK, times
from tests.stage.hearing import heard_gaps
from tests.stage.sound_cards import SoundCards, tone
from tests.stage.two_networks import FAIR, Weather
from tests.waiting import until

SIZE = times(3_000_000, LARGEST_FILE)
"""Of the files that are sent here; ten megabytes go between engine and page in the page's suite each time."""
CALM_S = times(4, 12)
MACHINE_GAPS_A_SECOND, UNEVEN = 1.0, 1.5
"""A busy test machine has gaps of its own, now more and now fewer; a file that held the voice up would give one with
every window, tens a second.
"""
SEEDS = (5, 6)
LOSSY_BYTES = 200_000
NAME = "خطة 训练 plan 👩\u200d🏫.pdf"


async def in_call_without_cameras(anna: Side, ben: Side) -> None:
    """On a test machine of two cores the encoders of both would decide what is heard and how long a file takes."""
    await both_in_call(anna, ben)
    await asyncio.gather(*(each.engine.set_camera(False) for each in (anna, ben)))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def file_of(side: Side, name: str) -> FileTransfer | None:
    return next((each for each in reversed(side.now.files) if each.name == name), None)


async def has(side: Side, name: str, state: FileState, problem: FileProblem | None = None) -> FileTransfer:
    def is_so() -> bool:
        found = file_of(side, name)
        return found is not None and (found.state, found.problem) == (state, problem)

    await until(is_so, lambda: f"{side.identity}: {name} is {state}, {problem}: {side.now.files}", 120)
    found = file_of(side, name)
    assert found is not None
    return found


async def test_a_file_each_way_at_once_arrives_equal_and_the_voice_has_no_gap_beside_them(
    side: MakeSide, cards: SoundCards
) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await in_call_without_cameras(anna, ben)
    mouths = [cards.say("a", tone(440, 120)), cards.say("b", tone(660, 120))]
    ears = [cards.listen("spk_a"), cards.listen("spk_b")]
    try:
        await until(lambda: abs(ears[0].dominant_hz(0.5) - 660) < 20, "Anna hears Ben")
        await until(lambda: abs(ears[1].dominant_hz(0.5) - 440) < 20, "Ben hears Anna")
        await asyncio.sleep(3)  # buffers find their length
        calm_from_s = time.monotonic()
        await asyncio.sleep(CALM_S)
        busy_from_s = time.monotonic()
        contents = [random.Random(seed).randbytes(SIZE) for seed in (1, 2)]
        assert await anna.engine.send_file("from anna", contents[0], "") is None
        assert await ben.engine.send_file("from ben", contents[1], "") is None
        got = [await has(ben, "from anna", FileState.DELIVERED), await has(anna, "from ben", FileState.DELIVERED)]
        ended_s = time.monotonic()
        calm = [heard_gaps(ear, calm_from_s, busy_from_s) for ear in ears]
        beside = [heard_gaps(ear, busy_from_s, ended_s) for ear in ears]
    finally:
        for mouth in mouths:
            mouth.terminate()
        for ear in ears:
            ear.close()
    received = [await ben.engine.received_file(got[0].id), await anna.engine.received_file(got[1].id)]
    assert [digest(each or b"") for each in received] == [digest(each) for each in contents]
    await has(anna, "from anna", FileState.DELIVERED)
    took_s = ended_s - busy_from_s
    print(f"gaps heard in {CALM_S:.0f} s of calm {calm}, in {took_s:.1f} s beside the files {beside}")
    for before, now in zip(calm, beside, strict=True):
        assert now <= took_s * (MACHINE_GAPS_A_SECOND + UNEVEN * before / CALM_S)


async def test_each_side_can_cancel_and_an_empty_file_and_a_name_in_other_scripts_arrive(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    assert await anna.engine.send_file("early", b"x", "") is FileProblem.NOT_IN_CALL
    await in_call_without_cameras(anna, ben)
    assert await anna.engine.send_file("huge", bytes(LARGEST_FILE + 1), "") is FileProblem.TOO_LARGE
    content = random.Random(3).randbytes(LARGEST_FILE)
    for name, canceller, other in (("by sender", anna, ben), ("by receiver", ben, anna)):
        await anna.engine.send_file(name, content, "")
        await until(lambda name=name: (found := file_of(ben, name)) and found.done > 100_000, f"{name} comes")  # type: ignore[misc]
        found = file_of(canceller, name)
        assert found is not None
        await canceller.engine.cancel_file(found.id)
        await has(canceller, name, FileState.CANCELLED, FileProblem.CANCELLED)
        await has(other, name, FileState.CANCELLED, FileProblem.PEER_CANCELLED)
    assert await anna.engine.send_file(f"../{NAME}", b"", "a note") is None
    got = await has(ben, NAME, FileState.DELIVERED)
    assert await ben.engine.received_file(got.id) == b""
    await until(lambda: [(each.id, each.text) for each in ben.now.chat] == [(got.id, "a note")], "the chat says so")
    await ben.engine.cancel_file(got.id)
    await until(lambda: file_of(ben, NAME) is None, "it is removed")
    assert await ben.engine.received_file(got.id) is None
    assert [each.name for each in ben.now.files] == ["by sender", "by receiver"], "nothing of the huge one came"


async def test_one_who_leaves_ends_it_and_once_back_it_is_sent_again(side: MakeSide) -> None:
    anna, ben = await side("anna"), await side("ben")
    await in_call_without_cameras(anna, ben)
    content = random.Random(4).randbytes(SIZE)
    await anna.engine.send_file("late", content, "")
    await until(lambda: (found := file_of(ben, "late")) and found.done > 100_000, "it comes")
    await ben.engine.leave()
    failed = await has(anna, "late", FileState.FAILED, FileProblem.PEER_LEFT)
    assert failed.may_send_again
    assert await anna.engine.send_file_again(failed.id) is FileProblem.NOT_IN_CALL
    again = await side("ben")
    await again.join()
    await anna.state(CallState.IN_CALL)
    assert await anna.engine.send_file_again(failed.id) is None
    got = await has(again, "late", FileState.DELIVERED)
    assert digest(await again.engine.received_file(got.id) or b"") == digest(content)


async def under_way(call: Call, name: str) -> list[str]:
    """A file each way, a quarter of it there."""
    names = [f"{one.identity}-{name}.bin" for one in (call.anna, call.ben)]
    for one, own, seed in zip((call.anna, call.ben), names, SEEDS, strict=True):
        one.tell(f"send {own} {SIZE} {seed}")
    for other, own in ((call.ben, names[0]), (call.anna, names[1])):
        await until(lambda other=other, own=own: other.file(own).get("done", 0) > SIZE // 4, f"{own} comes", 60)  # type: ignore[misc]
    return names


async def test_after_ten_seconds_without_a_network_files_go_on_from_where_they_stood(call: Call) -> None:
    names = await under_way(call, "ten")
    call.networks.weather(Weather(dead=True))
    await asyncio.sleep(10)
    stood = call.ben.file(names[0])["done"], call.anna.file(names[1])["done"]
    call.networks.weather(FAIR)
    await call.goes_on()
    assert max(stood) < SIZE, "they were interrupted"
    await until(lambda: names[0] in call.ben.received and names[1] in call.anna.received, "both arrived", 60)
    wanted = [digest(random.Random(seed).randbytes(SIZE)) for seed in SEEDS]
    assert [call.ben.received[names[0]], call.anna.received[names[1]]] == wanted
    for one in (call.anna, call.ben):
        await until(lambda one=one: [one.file(name)["state"] for name in names] == ["delivered"] * 2, "both know")  # type: ignore[misc]


@pytest.mark.skipif(not SOAK, reason="a minute: make soak")
@pytest.mark.timeout(240)
async def test_after_forty_seconds_without_a_network_both_know_the_same_of_each_file(call: Call) -> None:
    """It went on, or it failed and can be sent again: by then one may have counted the other out."""
    names = await under_way(call, "forty")
    call.networks.weather(Weather(dead=True))
    await asyncio.sleep(40)
    call.networks.weather(FAIR)
    await call.goes_on()
    for name in names:
        await until(
            lambda name=name: call.anna.file(name)["state"] == call.ben.file(name)["state"] in ("delivered", "failed"),  # type: ignore[misc]
            lambda name=name: f"{call.anna.file(name)} {call.ben.file(name)}",  # type: ignore[misc]
            90,
        )
        print(name, call.anna.file(name)["state"], call.anna.file(name)["problem"], call.ben.file(name)["problem"])


async def test_on_a_network_that_loses_and_delays_a_file_arrives_equal(call: Call) -> None:
    call.networks.weather(Weather(loss=0.03, delay_ms=40, jitter_ms=20))
    call.anna.tell(f"send lossy.bin {LOSSY_BYTES} 7")
    await until(lambda: "lossy.bin" in call.ben.received, lambda: f"it arrived: {call.ben.file('lossy.bin')}", 100)
    assert call.ben.received["lossy.bin"] == digest(random.Random(7).randbytes(LOSSY_BYTES))
    assert (call.anna.state, call.ben.state) == (CallState.IN_CALL, CallState.IN_CALL)
