"""The native recorder: hands what is seen and heard in a call to a process that writes it. Lives on the media loop."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.call.contract.recording import RecordingEnd
from app.call.recording.feed import RecordingFeed
from app.call.recording.messages import Kind, Message, Report, Said, Tell, WriterSettings, open_message
from app.call.recording.outlets import RECOVER_LIMIT_S, Outlet, open_outlet, recover_apart
from app.call.recording.recorder import Progress, RecordingFailed
from app.call.recording.taps import RecordingTaps
from app.call.runtime.threads import Worker

log = logging.getLogger(__name__)

SEND_EVERY_S = 0.01
OPEN_LIMIT_S = 40.0
"""Two attempts to start, and a disk that has to spin up."""
HANGS_AFTER_S = 15.0
"""Without a report, which is due twice a second."""
FINISHING_HANGS_AFTER_S = 300.0
"""FFmpeg says nothing while it puts the index of an MP4 of hours in front, on a slow disk."""
RECOVERED_LIMIT_S = RECOVER_LIMIT_S + 10
POLL_INTERVAL_S = 0.25
KILLED_LIMIT_S = 3.0
DEFAULT_SETTINGS = WriterSettings()
_OPENINGS = (Said.OPENED, Said.REFUSED, Said.GONE)
_ENDINGS = (Said.FINISHED, Said.GONE)


class ProcessRecorder:
    """The `Recorder` of this device's own call. `begin` opens what writes, in the recording's thread."""

    def __init__(
        self,
        taps: RecordingTaps,
        settings: WriterSettings = DEFAULT_SETTINGS,
        begin: Callable[[Tell], Outlet] = open_outlet,
        hangs_after_s: float = HANGS_AFTER_S,
    ) -> None:
        self._taps = taps
        self._settings = settings
        self._begin = begin
        self._hangs_after_s = hangs_after_s
        self._feed = RecordingFeed()
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[Report] = self._loop.create_future()
        self._finished: asyncio.Future[Report] = self._loop.create_future()
        self._over = threading.Event()
        self._outlet: Outlet | None = None
        self._sender: threading.Thread | None = None
        self._progress = Progress()
        self._heard_s = time.monotonic()
        self._gone = self._has_begun = self._ended_well = False
        self._file: Path | None = None
        self._finishing: asyncio.Task[Path | None] | None = None

    async def open(self, file: Path) -> None:
        if not self._taps.can_hear:
            raise RecordingFailed(RecordingEnd.SYSTEM_AUDIO)
        self._sender = threading.Thread(target=self._send, args=(file,), name="call-recording", daemon=True)
        self._sender.start()
        try:
            await asyncio.wait({self._opened}, timeout=OPEN_LIMIT_S)
        except asyncio.CancelledError:
            self._abandon()
            raise
        said = self._opened.result() if self._opened.done() else {"said": Said.GONE}
        if said["said"] != Said.OPENED:
            self._abandon()
            raise RecordingFailed(RecordingEnd(said.get("end", RecordingEnd.FAILED)))
        self._file = Path(said["file"])
        self._taps.attach(self._feed)

    def write(self, on: bool) -> None:
        if on and self._finishing is not None:
            return
        self._has_begun = self._has_begun or on
        self._feed.write(on)

    def progress(self) -> Progress:
        progress = replace(self._progress, file=self._file)
        if self._is_lost() and progress.failure is None and not self._ended_well:
            return replace(progress, failure=RecordingEnd.FAILED)
        return progress

    def _is_lost(self) -> bool:
        """What writes is gone, or says nothing any more."""
        return self._gone or time.monotonic() - self._heard_s > self._hangs_after_s

    async def finish(self) -> Path | None:
        if self._finishing is None:
            self._finishing = self._loop.create_task(self._finish(), name="finishing a recording")
        return await asyncio.shield(self._finishing)

    async def _finish(self) -> Path | None:
        self.write(False)
        self._over.set()
        if self._file is None:
            return None
        self._taps.detach()
        if not self._is_lost():
            self._hangs_after_s = max(self._hangs_after_s, FINISHING_HANGS_AFTER_S)
        while not self._finished.done() and not self._is_lost():
            await asyncio.wait({self._finished}, timeout=POLL_INTERVAL_S)
        if not self._finished.done() and self._outlet is not None:
            self._outlet.kill()
            await asyncio.wait({self._finished}, timeout=KILLED_LIMIT_S)
        said = self._finished.result() if self._finished.done() else {"said": ""}
        if said["said"] == Said.FINISHED:
            return Path(said["file"]) if said["file"] else None
        return await self._left_behind(self._file, gone=said["said"] == Said.GONE)

    async def _left_behind(self, file: Path, gone: bool) -> Path | None:
        """What was written until it went wrong; what may still be written to is left as it is."""
        if self._has_begun and not gone:
            return file
        worker = Worker("call-recording-recovery")
        try:
            if self._has_begun:
                return await worker.run(lambda: recover_apart(file), RECOVERED_LIMIT_S)
            await worker.run(lambda: file.unlink(missing_ok=True), RECOVERED_LIMIT_S)
            return None
        except (OSError, TimeoutError):
            return file if self._has_begun else None
        finally:
            worker.close(0)

    def _abandon(self) -> None:
        self._over.set()
        if self._outlet is not None:
            self._outlet.kill()

    # -- the recording's threads

    def _send(self, file: Path) -> None:
        try:
            outlet = self._outlet = self._begin(self._tell)
        except Exception as error:  # what is missing, or what the system refuses
            log.warning("a recording cannot be written: %s", type(error).__name__)
            self._tell({"said": Said.GONE})
            return
        self._feed.slots = outlet.slots
        try:
            outlet.send([open_message(file, self._settings)])
            while not self._over.wait(SEND_EVERY_S):
                outlet.send(self._feed.drain())
            outlet.send([*self._feed.drain(), Message(Kind.FINISH, instant_s=time.perf_counter())])
        except OSError:  # it is gone, which its reports say
            log.info("what writes a recording has ended")
        finally:
            outlet.close()

    def _tell(self, report: Report) -> None:
        self._heard_s = time.monotonic()
        if report["said"] == Said.PROGRESS:
            failure = report["failure"] and RecordingEnd(report["failure"])
            self._progress = Progress(report["written_s"], report["size_bytes"], report["free_bytes"], failure)
            return
        self._ended_well = self._ended_well or report["said"] == Said.FINISHED
        self._gone = self._gone or report["said"] == Said.GONE
        with contextlib.suppress(RuntimeError):  # the call is over, and its loop with it
            self._loop.call_soon_threadsafe(self._note, report)

    def _note(self, report: Report) -> None:
        for future, ends in ((self._opened, _OPENINGS), (self._finished, _ENDINGS)):
            if report["said"] in ends and not future.done():
                future.set_result(report)
