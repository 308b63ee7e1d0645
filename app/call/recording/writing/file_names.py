"""Names of recordings: made for this person's eyes only, and never over a file that is there."""

import errno
import itertools
import os
from pathlib import Path

from app.call.contract.recording import RecordingEnd
from app.call.recording.recorder import RecordingFailed

MATROSKA, MP4 = ".mkv", ".mp4"
PART = ".mp4.part"
ONLY_OWN = 0o600


def reserved(file: Path) -> Path:
    """An empty Matroska file by this name, with a number where one is there, or its MP4. Raises `RecordingFailed`."""
    name = file.stem if file.suffix.lower() in (MATROSKA, MP4) else file.name
    for number in itertools.count(1):
        stem = name if number == 1 else f"{name} ({number})"
        if os.path.lexists(file.with_name(stem + MP4)):
            continue
        wanted = file.with_name(stem + MATROSKA)
        try:
            create(wanted)
        except FileExistsError:
            continue
        except (OSError, ValueError) as error:
            full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise RecordingFailed(RecordingEnd.DISK_FULL if full else RecordingEnd.NOT_WRITABLE) from error
        return wanted
    raise AssertionError("numbers do not end")


def create(file: Path) -> None:
    """Raises `FileExistsError`, and what else the system says."""
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, ONLY_OWN))


def mp4_beside(matroska: Path) -> Path:
    """An empty MP4 file by this name, with a number where one is there. Raises `OSError`."""
    for number in itertools.count(1):
        wanted = matroska.with_name(matroska.stem + (f" ({number})" if number > 1 else "") + MP4)
        try:
            create(wanted)
        except FileExistsError:
            continue
        return wanted
    raise AssertionError("numbers do not end")
