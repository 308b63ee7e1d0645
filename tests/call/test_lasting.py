"""What must hold over time: nothing is left behind by calls, and a stalled interface does not stall the sound."""

import asyncio
import gc
import os
import threading
import time

from livekit.rtc._ffi_client import FfiClient

from app.call.ports import CallState
from tests.call.conftest import MakeSide
from tests.call.sides import both_in_call, until
from tests.stage.sound_cards import SoundCards, tone

CYCLES = 20
NATIVE_GROWTH_MB = 50
"""Fifteen calls' share of what native allocators keep (1 to 2 MB a call seen); a call that kept its pictures, its room
or its streams would cost far more.
"""


def own_threads() -> set[str]:
    """Threads that calls start; the SDK's own and the test's are not theirs."""
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("call-")}


def memory_mb() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def os_threads() -> int:
    """Every thread of the process, the SDK's included."""
    return len(os.listdir("/proc/self/task"))


def subscriptions() -> int:
    """Queues into which the SDK puts its events; one that nobody reads would grow for ever."""
    return len(FfiClient.instance.queue._subscribers)


async def test_twenty_calls_leave_no_task_thread_subscription_or_memory_behind(side: MakeSide) -> None:
    ben = await side("ben")
    await ben.join()
    threads = tasks = queues = 0
    early_mb = 0.0
    for cycle in range(CYCLES):
        anna = await side("anna")
        await asyncio.gather(anna.engine.prepare(), anna.join())
        await anna.state(CallState.IN_CALL)
        await anna.engine.close()
        assert anna.now.state is CallState.ENDED
        await ben.state(CallState.WAITING)
        if cycle == 4:  # by now every pool is filled and every library loaded
            gc.collect()
            threads, tasks, queues, early_mb = os_threads(), len(asyncio.all_tasks()), subscriptions(), memory_mb()
    gc.collect()
    assert memory_mb() < early_mb + NATIVE_GROWTH_MB
    assert len(asyncio.all_tasks()) <= tasks
    await until(lambda: subscriptions() <= queues, f"{queues} subscriptions, not {subscriptions()}")
    await until(lambda: os_threads() <= threads + 2, f"{threads} threads, give or take the SDK's, not {os_threads()}")
    await ben.engine.close()
    await until(lambda: not own_threads(), f"no thread of a call lives on: {own_threads()}")


async def test_the_sound_goes_on_while_the_interface_is_stalled(side: MakeSide, cards: SoundCards) -> None:
    anna, ben = await side("anna", card="a"), await side("ben", card="b")
    await both_in_call(anna, ben)
    ear, mouth = cards.listen("spk_b"), cards.say("a", tone(700, 60, swells_hz=10))
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
