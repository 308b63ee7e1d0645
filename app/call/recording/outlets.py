"""What a recording is written by: a process of its own, so that it goes on and ends well when the program is killed; or
a thread where there is no Python to start (packaged apps) or the process does not start. The file is the same, and
survives a kill there too: its clusters are written as they come, but nobody is left to make an MP4 of it.
"""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Protocol, cast

from app.call.recording.frame_slots import SIZE, FrameSlots
from app.call.recording.messages import Message, Report, Said, Tell, packed
from app.call.recording.shared_memory import new_memory
from app.call.recording.writing.file_names import PART
from app.call.runtime.thread_priority import lower_priority

log = logging.getLogger(__name__)

CHILD = "app.call.recording.writing.child"
START_LIMIT_S = 15.0
END_LIMIT_S = 5.0
RECOVER_LIMIT_S = 240.0
ROOT = Path(__file__).resolve().parents[3]


class Outlet(Protocol):
    """Takes messages in order, in one thread, and may block there; reports go to the `tell` that it was made with."""

    slots: FrameSlots

    def send(self, messages: Sequence[Message]) -> None:
        """Raises `OSError` where nobody takes them any more."""
        ...

    def close(self) -> None:
        """After the last message."""
        ...

    def kill(self) -> None:
        """From any thread: what hangs is ended."""
        ...


def open_outlet(tell: Tell) -> Outlet:
    """Blocks until it can take messages. Raises `ImportError` where PyAV is missing."""
    if has_python():
        try:
            return ProcessOutlet(tell)
        except OSError as error:
            log.warning("a recording is written in a thread: its process does not start (%s)", type(error).__name__)
    return ThreadOutlet(tell)


def has_python() -> bool:
    """Whether there is an interpreter to start: in a packaged app `sys.executable` is the app, or empty."""
    return not getattr(sys, "frozen", False) and Path(sys.executable or "").stem.lower().startswith("python")


class ProcessOutlet:
    """Raises `OSError` where the process does not start within its limit."""

    def __init__(self, tell: Tell) -> None:
        memory = new_memory(SIZE)
        self.slots = FrameSlots(memory.memory)
        self.slots.prepare()
        self._tell = tell
        self._ready, self._is_ready = threading.Event(), False
        try:
            self.process = start_child(memory.handle, memory.descriptors)
        finally:
            memory.forget_descriptors()
        self._input, output = cast(IO[bytes], self.process.stdin), cast(IO[bytes], self.process.stdout)
        self._reading = threading.Thread(target=self._read, args=(output,), name="call-recording-reports", daemon=True)
        self._reading.start()
        self._ready.wait(START_LIMIT_S)
        if not self._is_ready:
            self.kill()
            self.close()
            raise OSError("the process does not start")

    def _read(self, output: IO[bytes]) -> None:
        """Until the process ends."""
        for line in output:
            report: Report = json.loads(line)
            if report["said"] == Said.READY:
                self._is_ready = True
                self._ready.set()
            else:
                self._tell(report)
        self.process.wait()
        if self._is_ready:
            self._tell({"said": Said.GONE})
        self._ready.set()

    def send(self, messages: Sequence[Message]) -> None:
        self._input.write(packed(messages))
        self._input.flush()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._input.close()
        self._reading.join(END_LIMIT_S)

    def kill(self) -> None:
        self.process.kill()


def start_child(argument: str, descriptors: tuple[int, ...] = ()) -> "subprocess.Popen[bytes]":
    """Apart from the program: neither its terminal's Ctrl+C nor its end reaches it. Raises `OSError`."""
    apart: dict[str, Any] = {"start_new_session": True, "pass_fds": descriptors}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(  # noqa: S603  one fixed line and a handle
        [sys.executable, "-m", CHILD, argument],
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **apart,
    )


class ThreadOutlet:
    """Writes in the thread that makes it and sends, behind what the call needs."""

    def __init__(self, tell: Tell) -> None:
        from app.call.recording.writing.writer import RecordingWriter  # PyAV only where it is needed

        lower_priority()
        self.slots = FrameSlots(bytearray(SIZE))
        self.slots.prepare()
        self._writer = RecordingWriter(self.slots, tell)

    def send(self, messages: Sequence[Message]) -> None:
        for each in messages:
            self._writer.handle(each)

    def close(self) -> None:
        """Nothing is left to be ended."""

    def kill(self) -> None:
        """A thread cannot be ended: it is left to itself."""


def recover_apart(file: Path) -> Path:
    """`app.call.recording.writing.remux.recover`, in a process of its own where there can be one. Blocks."""
    if not has_python():
        from app.call.recording.writing.remux import recover

        return recover(file)
    child = start_child("recover")
    try:
        said, _ = child.communicate(json.dumps(str(file)).encode(), RECOVER_LIMIT_S)
        return Path(json.loads(said)["file"])
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        child.kill()
        child.communicate()
        file.with_name(file.stem + PART).unlink(missing_ok=True)
        return file
