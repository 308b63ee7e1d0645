"""What an ear waits for goes before everything else, where the system lets it; and nothing breaks where it does not."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.call.engine import LivekitEngine
from app.call.runtime.thread_priority import BACKGROUND_NICE, VIDEO_THREADS
from tests.live.conftest import MakeSide
from tests.live.sides import both_in_call
from tests.stage.left_out import left_out
from tests.stage.realtime_kit import RealtimeKit, why_no_realtime_kit
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_THE_RIGHT = ("setpriv", "--bounding-set=-sys_nice")
"""setpriv(1): even root may not make a thread real-time then."""
PROBE = """
import json, logging, os, threading
logging.basicConfig(level=logging.INFO)
from app.call.runtime.thread_priority import raise_priority

def probe():
    raise_priority()
    thread = threading.get_native_id()
    for asking in [each for each in threading.enumerate() if each.name == "call-priority"]:
        asking.join(20)
    policy = os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK
    print(json.dumps({"nice": os.getpriority(os.PRIO_PROCESS, thread), "policy": policy}))

thread = threading.Thread(target=probe)
thread.start()
thread.join()
"""


def probed(environment: dict[str, str]) -> tuple[dict[str, int], str]:
    """How a thread that asked for it without the right is scheduled; and what was logged."""
    ran = subprocess.run(
        [*WITHOUT_THE_RIGHT, sys.executable, "-c", PROBE],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout), ran.stderr


@pytest.fixture
def realtime_kit(tmp_path: Path) -> Iterator[RealtimeKit]:
    if reason := why_no_realtime_kit():
        left_out(reason)
    kit = RealtimeKit(tmp_path)
    try:
        yield kit.start()
    finally:
        kit.stop()


def real_time_threads() -> int:
    policies = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # it has ended since
            policies.append(os.sched_getscheduler(int(task.name)))
    return sum(policy & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR for policy in policies)


async def test_both_callbacks_and_the_loop_of_the_voices_are_real_time() -> None:
    if os.geteuid() != 0:
        left_out("only root may make threads real-time")
    before = real_time_threads()
    engine = LivekitEngine(camera="test-picture")
    try:
        await engine.prepare()
        await until(lambda: real_time_threads() == before + 3, "microphone, speaker and remote audio are real-time")
    finally:
        await engine.close()


def video_threads() -> dict[str, set[tuple[int, int]]]:
    """Policy and niceness of the SDK's threads for frames, by name."""
    found: dict[str, set[tuple[int, int]]] = {}
    for task in Path("/proc/self/task").iterdir():
        try:
            name, thread = (task / "comm").read_text().strip(), int(task.name)
            if name in VIDEO_THREADS:
                scheduling = os.sched_getscheduler(thread), os.getpriority(os.PRIO_PROCESS, thread)
                found.setdefault(name, set()).add(scheduling)
        except OSError:  # it has just ended
            continue
    return found


async def test_the_video_threads_are_demoted(side: MakeSide) -> None:
    """As root, WebRTC makes them real-time, above everything that audio needs."""
    await both_in_call(await side("anna"), await side("ben"))
    assert {"VideoEncoderQue", "VideoDecoderQue"} <= video_threads().keys()
    behind = {(os.SCHED_OTHER, BACKGROUND_NICE)}
    await until(lambda: all(each == behind for each in video_threads().values()), "they are behind", 15)


def test_a_program_that_is_further_behind_as_a_whole_stays_there() -> None:
    look = "import os; lower_priority(); print(os.getpriority(os.PRIO_PROCESS, 0))"
    code = f"from app.call.runtime.thread_priority import lower_priority; {look}"
    words = ["nice", "-n", "12", *WITHOUT_THE_RIGHT, sys.executable, "-c", code]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "12", ran.stderr


def test_where_that_is_refused_realtime_kit_is_asked(realtime_kit: RealtimeKit) -> None:
    given, log = probed(realtime_kit.environment)
    assert given == {"nice": -11, "policy": os.SCHED_OTHER}, log


def test_without_realtime_kit_the_thread_stays_as_it_was() -> None:
    if os.geteuid() != 0:
        left_out("only root may give the right up")
    given, log = probed({"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"})
    assert given == {"nice": 0, "policy": os.SCHED_OTHER}
    assert "no RealtimeKit" in log
