"""Writes one recording, told by messages what is seen and heard; in a process of its own, or a thread."""

import contextlib
import errno
import logging
import shutil
from pathlib import Path

from app.call.contract.recording import RecordingEnd
from app.call.recording.frame_slots import FrameSlots
from app.call.recording.messages import Kind, Message, Picture, Report, Said, Tell, WriterSettings, read_open_message
from app.call.recording.recorder import RecordingFailed
from app.call.recording.writing.file_names import reserved
from app.call.recording.writing.recording_file import RecordingFile
from app.call.recording.writing.remux import remux
from app.call.recording.writing.timeline import Timeline

log = logging.getLogger(__name__)

LOOK_AT_DISK_EVERY_S = 1.0
REPORT_EVERY_S = 0.5


class RecordingWriter:
    """`handle` takes every message in order, and never raises; reports go to `tell`. `ended` after FINISH, and where it
    could not begin.
    """

    def __init__(self, slots: FrameSlots, tell: Tell) -> None:
        self.ended = False
        self._slots = slots
        self._tell = tell
        self._settings = WriterSettings()
        self._path: Path | None = None
        self._timeline: Timeline | None = None
        self._written_s = 0.0
        self._looked_s = self._reported_s = float("-inf")
        self._free: int | None = None
        self._failure: RecordingEnd | None = None

    def handle(self, message: Message) -> None:
        try:
            if message.kind is Kind.OPEN:
                self._open(*read_open_message(message))
            elif message.kind is Kind.FINISH:
                self._finish()
            else:
                self._write(message)
        except RecordingFailed as failed:
            self.ended = True
            self._tell({"said": Said.REFUSED, "end": failed.end})
        except Exception as error:  # FFmpeg raises whatever it likes; what is written until then is kept
            self._fail(_end_for(error))

    def _open(self, path: Path, settings: WriterSettings) -> None:
        self._settings = settings
        with contextlib.suppress(OSError):  # the next step says what is wrong
            self._free = shutil.disk_usage(path.parent).free
        if self._free is not None and self._free < settings.reserve_bytes:
            raise RecordingFailed(RecordingEnd.DISK_FULL)
        self._path = reserved(path)
        try:
            file = RecordingFile(self._path, settings)
        except Exception as error:  # see `handle`
            self._path.unlink(missing_ok=True)
            raise RecordingFailed(_end_for(error)) from None
        self._timeline = Timeline(self._slots, file, settings.width, settings.height)
        self._tell({"said": Said.OPENED, "file": str(self._path)})

    def _write(self, message: Message) -> None:
        timeline, instant_s = self._timeline, message.instant_s
        if timeline is not None:
            if message.kind is Kind.WRITE:
                timeline.begin(instant_s) if message.which else timeline.stop(instant_s)
            elif message.kind is Kind.CLOSED:
                timeline.close(Picture(message.which), instant_s)
            elif message.kind in (Kind.AUDIO, Kind.RESYNC):
                timeline.hear(message.which, instant_s, message.payload, message.kind is Kind.RESYNC)
            else:
                timeline.tick(instant_s)
            self._written_s = timeline.written_s
        if message.kind is Kind.TICK:
            self._watch(instant_s)

    def _watch(self, instant_s: float) -> None:
        if self._path is not None and instant_s - self._looked_s >= LOOK_AT_DISK_EVERY_S:
            self._looked_s = instant_s
            with contextlib.suppress(OSError):  # a disk that was pulled out: writing says so
                self._free = shutil.disk_usage(self._path.parent).free
                if self._free < self._settings.reserve_bytes:
                    self._fail(RecordingEnd.DISK_FULL)
        if instant_s - self._reported_s >= REPORT_EVERY_S:
            self._reported_s = instant_s
            self._report()

    def _fail(self, end: RecordingEnd) -> None:
        """It stops by itself; what is written is made whole."""
        if self._failure is None:
            self._failure = end
            self._close()
            self._report()

    def _close(self) -> None:
        timeline, self._timeline = self._timeline, None
        if timeline is not None:
            try:
                timeline.finish()
            except Exception as error:  # what cannot be written is not; the rest stays
                self._failure = self._failure or _end_for(error)
            self._written_s = timeline.written_s

    def _report(self) -> None:
        size = 0
        if self._path is not None:
            with contextlib.suppress(OSError):
                size = self._path.stat().st_size
        told = {"written_s": self._written_s, "size_bytes": size, "free_bytes": self._free, "failure": self._failure}
        self._tell({"said": Said.PROGRESS} | told)

    def _finish(self) -> None:
        if self.ended:
            return
        self.ended = True
        self._close()
        self._tell(self._finished())

    def _finished(self) -> Report:
        path = self._path
        with contextlib.suppress(OSError):  # whatever the disk does: the file as it is
            if path is not None and not self._written_s:
                path.unlink()
                path = None
            elif path is not None:
                path = remux(path, self._settings.reserve_bytes, self._report)
        return {"said": Said.FINISHED, "file": str(path) if path is not None else None}


def _end_for(error: Exception) -> RecordingEnd:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RecordingEnd.DISK_FULL
    if isinstance(error, PermissionError):
        return RecordingEnd.NOT_WRITABLE
    log.warning("writing a recording failed: %s", type(error).__name__)  # its text names the file
    return RecordingEnd.FAILED
