"""Where a recording is saved: the folder, the name of its file, and how much room there is."""

import asyncio
import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from app.call.contract.files import clean_file_name
from app.settings import PRODUCT_NAME

ENDING, WHILE_IT_IS_WRITTEN = ".mp4", ".mkv"
LONGEST_OF_NAME = 80
"""Characters of the other's name; the time has to have room behind it."""


@dataclass(frozen=True)
class RecordingPlace:
    """`free_bytes` is None where it is not known. `writable`: something can be saved there."""

    folder: Path = field(repr=False)
    free_bytes: int | None = None
    writable: bool = True


def default_folder() -> Path:
    """Beside the person's other videos."""
    from platformdirs import user_videos_path  # here: phones have none

    return user_videos_path() / PRODUCT_NAME


async def look_at(folder: Path) -> RecordingPlace:
    """Makes nothing: most who look do not record."""
    return await asyncio.to_thread(_look, folder)


def _look(folder: Path) -> RecordingPlace:
    """Blocks. A folder that is not there yet can be made where the nearest one that is lets it."""
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        writable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
        return RecordingPlace(folder, shutil.disk_usage(there).free, writable)
    except (OSError, ValueError, StopIteration):
        return RecordingPlace(folder, writable=False)


def file_name(other_name: str, now: datetime, zone: ZoneInfo) -> str:
    """ "Mia Keller 2027-03-01 10.15.mp4", by the clock of whoever records."""
    stem = f"{other_name[:LONGEST_OF_NAME].strip()} {now.astimezone(zone):%Y-%m-%d %H.%M}"
    return clean_file_name(f"{stem}{ENDING}")


async def new_file(folder: Path, name: str) -> Path:
    """A path that nothing stands at yet: "Mia.mp4", "Mia (2).mp4". Makes the folder. Raises OSError where nothing can
    be saved in it.
    """
    return await asyncio.to_thread(_new_file, folder, name)


def _new_file(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / f".{PRODUCT_NAME.lower()}"
    probe.touch()
    probe.unlink(missing_ok=True)
    stem = Path(name).stem if name.endswith(ENDING) else name
    for number in count(1):
        file = folder / (f"{stem}{ENDING}" if number == 1 else f"{stem} ({number}){ENDING}")
        if not file.exists() and not file.with_suffix(WHILE_IT_IS_WRITTEN).exists():
            return file
    raise AssertionError("counting ends never")
