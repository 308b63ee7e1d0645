"""Opens a file of this device with the program that the system has for it, and shows it in its folder."""

import asyncio
import os
import sys
from pathlib import Path

from app.errors import AppError

ANSWER_LIMIT_S = 10.0
"""What opens a file may stay until that is closed: it is not waited for any longer."""
NOT_OPENED = "No program on this computer opens this file. Show it in its folder instead."
NOT_SHOWN = "The folder could not be opened."
VIDEOS = (".mp4", ".mkv", ".webm")
"""Nothing else is ever opened: a list of files is no way to start programs."""


async def open_file(file: Path) -> None:
    """Raises AppError where nothing opens it."""
    if file.suffix.lower() not in VIDEOS:
        raise AppError(NOT_OPENED)
    await _ask_system(opening_command(file), file, NOT_OPENED)


async def show_in_folder(file: Path) -> None:
    """Raises AppError where the system has no way to."""
    await _ask_system(showing_command(file), file.parent, NOT_SHOWN)


def opening_command(file: Path, platform: str = sys.platform) -> list[str]:
    """Empty on Windows, which has a function for it."""
    if platform == "win32":
        return []
    return ["open", str(file)] if platform == "darwin" else ["xdg-open", str(file)]


def showing_command(file: Path, platform: str = sys.platform) -> list[str]:
    """With the file chosen in it where the system can."""
    if platform == "win32":
        return ["explorer", "/select,", str(file)]
    return ["open", "-R", str(file)] if platform == "darwin" else ["xdg-open", str(file.parent)]


async def _ask_system(command: list[str], target: Path, problem: str) -> None:
    try:
        if not command:
            await asyncio.to_thread(_start, target)
            return
        asked = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        answer = await asyncio.wait_for(asked.wait(), ANSWER_LIMIT_S)
    except TimeoutError:
        return
    except OSError as error:
        raise AppError(problem) from error
    if answer != 0 and command[0] != "explorer":  # which answers 1 though it has opened
        raise AppError(problem)


def _start(target: Path) -> None:
    if sys.platform == "win32":
        os.startfile(target)  # noqa: S606  a video, by `open_file`
