"""What must hold over time: nothing is left behind by calls, and a stalled interface does not stall the audio."""

import asyncio
import contextlib
import ctypes
import gc
import time
from collections import Counter
from pathlib import Path

from livekit.rtc._ffi_client import FfiClient

from app.call.contract.call_state import CallState
from tests.live.conftest import MakeSide
from tests.live.sides import ANNA_NUMBERS, BEN_NUMBERS, both_in_call, own_threads
from tests.live.soak import times
from tests.stage.sound_cards import SoundCards, speech_like
from tests.waiting import until

CYCLES = times(8, soak=20)
CALLS_ALONE = times(5, soak=10)
KEPT_MB = 3.0
"""A single frame of 720p is 1.4 MB: a few come and go with the moment."""
SDK_KEEPS_MB = 0.7
"""Of each room that is left while somebody else is in it (docs/decisions/0027)."""
SDK_KEEPS_CRYPTORS = 6
"""Idle threads, of each cycle: four of the room that is left so (decision 27), and the two by which the one who stays
read the tracks of the one who left, until that room is left too.
"""
CRYPTOR = "FrameCryptorTra"  # as far as the system keeps names
GOODBYE_S = 5.0


class _Mallinfo2(ctypes.Structure):
    """mallinfo(3) of glibc 2.33 and later; all fields are size_t."""

    _fields_ = (
        ("before", ctypes.c_size_t * 4),
        ("hblkhd", ctypes.c_size_t),
        ("between", ctypes.c_size_t * 2),
        ("uordblks", ctypes.c_size_t),
        ("after", ctypes.c_size_t * 2),
    )


def allocated_mb() -> float:
    """What has been allocated natively and not been freed: unlike the resident memory it hardly depends on the machine
    and its load.
    """
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = _Mallinfo2
    gc.collect()
    said = ask()
    return float(said.uordblks + said.hblkhd) / 1e6


def thread_names() -> Counter[str]:
    """How many threads the system knows by each name."""
    found: Counter[str] = Counter()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended since
            found[(task / "comm").read_text().strip()] += 1
    return found


def subscriptions() -> int:
    """Queues into which the SDK puts its events; one that nobody reads would grow for ever."""
    return len(FfiClient.instance.queue._subscribers)


async def test_many_calls_leave_no_task_thread_subscription_or_memory_behind(side: MakeSide) -> None:
    ben = await side("ben")
    await ben.join()
    threads: Counter[str] = Counter()
    tasks = queues = 0
    allocated = 0.0
    for cycle in range(CYCLES):
        anna = await side("anna")
        await asyncio.gather(anna.engine.prepare(), anna.join())
        await anna.state(CallState.IN_CALL)
        await asyncio.gather(anna.seen(BEN_NUMBERS), ben.seen(ANNA_NUMBERS))
        await anna.engine.close()
        assert anna.now.state is CallState.ENDED
        await ben.state(CallState.WAITING, GOODBYE_S)
        if cycle == 4:  # by now every pool is filled and every library loaded
            threads, tasks, queues = thread_names(), len(asyncio.all_tasks()), subscriptions()
            allocated = allocated_mb()
    most_mb = KEPT_MB + SDK_KEEPS_MB * (CYCLES - 5)
    # After a hasty leave the SDK waits up to 10 s for the answer to its last offer before it lets go of a room.
    await until(
        lambda: allocated_mb() - allocated < most_mb,
        lambda: f"memory is back: {allocated_mb() - allocated:.1f} MB more",
    )
    assert len(asyncio.all_tasks()) <= tasks
    await until(lambda: subscriptions() <= queues, lambda: f"{queues} subscriptions, not {subscriptions()}")
    cryptors = threads.pop(CRYPTOR) + SDK_KEEPS_CRYPTORS * (CYCLES - 5)
    await until(lambda: thread_names()[CRYPTOR] <= cryptors, lambda: f"{cryptors} cryptors: {thread_names()}")
    await until(
        lambda: (thread_names() - threads).total() - thread_names()[CRYPTOR] <= 2,
        lambda: f"{threads}, give or take the SDK's, not {thread_names()}",
    )
    await ben.engine.close()
    await until(lambda: not own_threads(), lambda: f"no thread of a call lives on: {own_threads()}")


async def test_calls_in_which_nobody_else_is_leave_no_memory_at_all_behind(side: MakeSide) -> None:
    """Everything of this side is in them: devices, processing, threads, tracks, the connection."""
    before_mb = 0.0
    for cycle in range(CALLS_ALONE):
        anna = await side("anna")
        await asyncio.gather(anna.engine.prepare(), anna.join())
        await anna.state(CallState.WAITING)
        await anna.engine.close()
        if cycle == 2:
            before_mb = allocated_mb()
    await until(lambda: allocated_mb() < before_mb + KEPT_MB, "the memory is back where it was")


async def test_the_audio_goes_on_while_the_interface_is_stalled(side: MakeSide, cards: SoundCards) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    ear, mouth = cards.listen("spk_b"), cards.say("a", speech_like(60))
    try:
        await until(lambda: ear.loudness(0.5) > 700, "Ben hears Anna")
        stalled_at = time.perf_counter()
        time.sleep(2)  # noqa: ASYNC251 - the interface's loop is what is stalled here
        heard = [samples for _, samples in ear.since(stalled_at + 0.5)]
        loud = sum(1 for samples in heard if abs(samples.astype(int)).max() > 500)
        assert loud > 0.6 * len(heard), "the sound did not wait for the interface"
    finally:
        mouth.terminate()
        ear.close()
