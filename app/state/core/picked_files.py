"""Files that somebody picks or saves, as bytes, wherever the app is shown."""

import asyncio
import itertools
import uuid
import weakref
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import flet as ft

from app.errors import AppError

UPLOAD_S = 60
"""For how long nothing of a file may come from a browser."""
NOT_SENT = "The file could not be sent. Try again."
NOT_READ = "This file could not be read. Nothing was sent."
NOT_SAVED = "The file could not be saved. Try again."
EMPTY_NOT_SAVED = "This file is empty. It cannot be saved from here."
SAVED_TO_DOWNLOADS = "Saved in your Downloads folder"
NO_DIALOG = (
    "This computer cannot show a window to choose files in. "
    "Use Rendezvous in a browser for this, or on Linux install xdg-desktop-portal."
)


AnswerT = TypeVar("AnswerT")
OnShare = Callable[[float], None]
_open_dialogs: "weakref.WeakKeyDictionary[Any, set[asyncio.Task[Any]]]" = weakref.WeakKeyDictionary()
"""By session: dialogs that the person has before them."""


def dialogs_are_gone(page: ft.Page) -> None:
    """The page was loaded again: no dialog of before is there any more, and Flet would wait an hour for its answer
    (flet 1.0.5, `FilePicker`). It counts as cancelled.
    """
    for dialog in _open_dialogs.pop(page.session, ()):
        dialog.cancel()


async def _answer(dialog: Coroutine[Any, Any, AnswerT]) -> AnswerT | None:
    """What the person answers; None when the page was loaded again meanwhile."""
    asked = asyncio.ensure_future(dialog)
    of_this_page = _open_dialogs.setdefault(ft.context.page.session, set())
    of_this_page.add(asked)
    try:
        await asyncio.wait([asked])
    finally:
        of_this_page.discard(asked)
        asked.cancel()  # where whoever asked was stopped itself
    return None if asked.cancelled() else asked.result()


async def save_file(title: str, name: str, content: bytes) -> bool:
    """Asks where, and saves. False when the person cancelled, and in a browser, which tells about its downloads itself.
    Raises AppError where no dialog can be had.
    """
    try:
        path = await _answer(ft.FilePicker().save_file(dialog_title=title, file_name=name, src_bytes=content))
    except RuntimeError as error:  # what the client answers where the system has no file dialog
        raise AppError(NO_DIALOG) from error
    if path and not content:
        await asyncio.to_thread(Path(path).touch)  # Flet writes nothing where there is nothing
    return bool(path)


async def choose_folder(title: str) -> str:
    """The path of one; empty when the person cancelled. Raises AppError where no dialog can be had."""
    try:
        return await _answer(ft.FilePicker().get_directory_path(dialog_title=title)) or ""
    except RuntimeError as error:  # as above
        raise AppError(NO_DIALOG) from error


async def save_somewhere(title: str, name: str, content: bytes) -> str:
    """Where the person says; on a desktop without a dialog in the Downloads folder, which the answer then says: of a
    browser this process has only the server's disk. `name` is clean. Nothing opens the file. Raises AppError.
    """
    page = ft.context.page
    on_desktop = not page.web and not (page.platform is not None and page.platform.is_mobile())
    if not content and not on_desktop:
        raise AppError(EMPTY_NOT_SAVED)
    try:
        await save_file(title, name, content)
    except AppError as no_dialog:
        if not on_desktop:
            raise AppError(NOT_SAVED) from no_dialog
        try:
            await asyncio.to_thread(save_in_downloads, name, content)
        except OSError as error:
            raise AppError(NOT_SAVED) from error
        return SAVED_TO_DOWNLOADS
    except OSError as error:
        raise AppError(NOT_SAVED) from error
    return ""


def save_in_downloads(name: str, content: bytes) -> Path:
    """As a new file beside what is there already: "plan.pdf", "plan (2).pdf". `name` is clean. Raises OSError."""
    folder = Path.home() / "Downloads"
    folder.mkdir(exist_ok=True)
    wanted = folder / name
    for number in itertools.count(2):
        try:
            with wanted.open("xb") as file:
                file.write(content)
            return wanted
        except FileExistsError:
            wanted = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    raise AssertionError("counting ends never")


async def _read_here(path: str | None) -> bytes:
    try:
        return await asyncio.to_thread(Path(path).read_bytes) if path else b""
    except OSError as error:
        raise AppError(NOT_READ) from error


class FileChoice:
    """One picking. A browser's file comes by HTTP into `upload_dir`: through the page's own socket it would block the
    page for seconds, and above 16 MB close it. Elsewhere (`upload_dir` None) it is read where it lies.
    """

    def __init__(self, upload_dir: Path | None) -> None:
        self._upload_dir = upload_dir
        self._page = ft.context.page
        self._coming = _Coming("")
        self._picker = ft.FilePicker(on_upload=lambda event: self._coming.note(event))

    async def pick(self, title: str, extensions: list[str] | None) -> ft.FilePickerFile | None:
        """Asks; the answer has name and size. None when nothing was chosen. Without `extensions` any file can be, of
        any size, and is not read yet. Raises AppError where no dialog can be had.
        """
        files = await self._pick(title, extensions, several=False)
        return files[0] if files else None

    async def pick_several(self, title: str) -> list[ft.FilePickerFile]:
        """The same for any number of files, of any kind; none of them is read yet."""
        return await self._pick(title, None, several=True) or []

    async def _pick(self, title: str, extensions: list[str] | None, *, several: bool) -> list[ft.FilePickerFile] | None:
        kind = ft.FilePickerFileType.CUSTOM if extensions else ft.FilePickerFileType.ANY
        try:
            return await _answer(
                self._picker.pick_files(
                    dialog_title=title,
                    file_type=kind,
                    allowed_extensions=extensions,
                    allow_multiple=several,
                    with_data=self._upload_dir is None and extensions is not None,
                )
            )
        except RuntimeError as error:  # as in `save_file`
            raise AppError(NO_DIALOG) from error

    async def read(self, file: ft.FilePickerFile, on_share: OnShare = lambda share: None) -> bytes:
        """The content, one file at a time; from a browser `on_share` hears how much of it has come (0..1). May be asked
        again. Raises AppError when it cannot be had.
        """
        if self._upload_dir is None:
            return file.bytes or await _read_here(file.path)
        path = self._upload_dir / uuid.uuid4().hex
        url = self._page.get_upload_url(path.name, UPLOAD_S)
        self._coming = coming = _Coming(file.name, on_share)
        try:
            await self._picker.upload([ft.FilePickerUploadFile(upload_url=url, id=file.id, name=file.name)])
            if await coming.end():
                raise AppError(NOT_SENT)
            return await asyncio.to_thread(path.read_bytes)
        except (TimeoutError, OSError) as error:
            raise AppError(NOT_SENT) from error
        finally:
            path.unlink(missing_ok=True)  # whatever came: half a photo is nobody's, and the address is out of date


class _Coming:
    """One file on its way from a browser."""

    def __init__(self, name: str, on_share: OnShare = lambda share: None) -> None:
        self._name, self._on_share = name, on_share
        self._said: asyncio.Queue[ft.FilePickerUploadEvent] = asyncio.Queue()

    def note(self, event: ft.FilePickerUploadEvent) -> None:
        if event.file_name == self._name:  # else what is still said of one before it
            self._said.put_nowait(event)

    async def end(self) -> str:
        """Waits until it has come; answers what went wrong. Raises TimeoutError when nothing comes for long."""
        while True:
            async with asyncio.timeout(UPLOAD_S):
                event = await self._said.get()
            if event.error or (event.progress or 0.0) >= 1.0:
                return event.error or ""
            self._on_share(event.progress or 0.0)
