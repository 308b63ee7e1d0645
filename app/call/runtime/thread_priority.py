"""Real-time priority for the audio threads, and less priority for the video threads, as far as the system allows.

On Linux by sched(7), else, where that is not allowed, by RealtimeKit, which desktops have for their sound servers and
browsers; on Windows by SetThreadPriority, on macOS by pthread_set_qos_class_self_np(3). On Linux, where audio
depends on ordinary threads too (the SDK's, and whichever holds the interpreter), those of the video are demoted.
"""

import asyncio
import contextlib
import ctypes
import logging
import os
import sys
import threading
from pathlib import Path

log = logging.getLogger(__name__)

ROUND_ROBIN_PRIORITY = 5
"""Of 1..99: above everything that is not real-time, below what the system itself keeps above that."""
NICENESS = -11
"""What PulseAudio and PipeWire ask for too; RealtimeKit gives down to -15."""
BACKGROUND_NICE = 5
"""The niceness of the video threads: a third of another program's share, where there is not enough for all."""
VIDEO_THREADS = ("VideoEncoderQue", "VideoDecoderQue", "IncomingVideoSt")
"""As WebRTC names them, cut off by the kernel; libvpx' threads have the name of whoever made them. Where a program may,
WebRTC makes them real-time, above all audio.
"""
TASKS = "/proc/self/task"
POLL_INTERVAL_S = 2.0
ANSWER_LIMIT_S = 5.0
TIME_CRITICAL = 15
"""`THREAD_PRIORITY_TIME_CRITICAL` of winbase.h."""
USER_INTERACTIVE = 0x21
"""`QOS_CLASS_USER_INTERACTIVE` of sys/qos.h."""


def raise_priority() -> None:
    """Of the calling thread, which must hardly ever have something to do. Changes nothing where it is not allowed."""
    try:
        if sys.platform == "linux":
            _raise_on_linux()
        elif sys.platform == "win32":
            kernel = ctypes.windll.kernel32
            kernel.GetCurrentThread.restype = ctypes.c_void_p
            kernel.SetThreadPriority.argtypes = (ctypes.c_void_p, ctypes.c_int)
            kernel.SetThreadPriority(kernel.GetCurrentThread(), TIME_CRITICAL)
        elif sys.platform == "darwin":
            ctypes.CDLL(None).pthread_set_qos_class_self_np(USER_INTERACTIVE, 0)
    except (OSError, AttributeError) as error:
        log.info("an audio thread cannot have real-time priority: %s", error)


def lower_priority() -> None:
    """Of the calling thread, which works for video. For good: raising it again is not allowed to everyone."""
    if sys.platform == "linux":
        with contextlib.suppress(PermissionError):  # the whole program is further behind already
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND_NICE)


async def demote_video_threads() -> None:
    """The SDK's threads, which come and go with tracks; until it is cancelled."""
    known: set[str] = set()
    before: set[str] = set()
    while sys.platform == "linux":
        now = set(os.listdir(TASKS))
        for thread in now - known:
            with contextlib.suppress(OSError):  # it has just ended
                _demote(thread)
        known, before = now & before, now  # one seen for the first time may not have its name yet
        await asyncio.sleep(POLL_INTERVAL_S)


def _demote(thread: str) -> None:
    if Path(TASKS, thread, "comm").read_text().strip() in VIDEO_THREADS and sys.platform == "linux":
        os.sched_setscheduler(int(thread), os.SCHED_OTHER, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, int(thread), BACKGROUND_NICE)


def _raise_on_linux() -> None:
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(ROUND_ROBIN_PRIORITY))
    except PermissionError:
        thread = threading.get_native_id()
        threading.Thread(target=_ask_realtime_kit, args=(thread,), name="call-priority", daemon=True).start()


def _ask_realtime_kit(thread: int) -> None:
    """By D-Bus, which blocks: not for an audio thread. Raises nothing; not every system has it.

    https://github.com/heftig/rtkit, org.freedesktop.RealtimeKit1.xml
    """
    import jeepney  # only where it is needed
    from jeepney.io.blocking import open_dbus_connection

    name = "org.freedesktop.RealtimeKit1"
    kit = jeepney.DBusAddress("/org/freedesktop/RealtimeKit1", bus_name=name, interface=name)
    try:
        with open_dbus_connection(bus="SYSTEM") as bus:
            asked = jeepney.new_method_call(kit, "MakeThreadHighPriority", "ti", (thread, NICENESS))
            answer = bus.send_and_get_reply(asked, timeout=ANSWER_LIMIT_S)
    except (OSError, TimeoutError, ValueError, KeyError) as error:
        log.info("no RealtimeKit: %s", error)
        return
    if answer.header.message_type is jeepney.MessageType.error:
        log.info("RealtimeKit refused: %s", answer.body)
