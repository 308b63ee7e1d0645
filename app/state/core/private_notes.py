"""A person's own notes of a session: saved as they are typed, by the backend for them alone. What could not be saved
yet stays on the device. Nothing that another device has saved meanwhile is lost: both texts are kept.
"""

import asyncio
import json
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, repeat

import flet as ft

from app.api.error_names import is_named
from app.api.models import Note
from app.errors import AppError, NotSignedIn, Offline, Problem
from app.state.core.services import Services

LONGEST_NOTE = 5000
"""Characters; the backend keeps no longer text (docs/api.md)."""
PAUSE_S = 0.8
"""Between a key and the saving of what was typed by then."""
AGAIN_AFTER_S = (1.0, 2.0, 5.0, 10.0, 30.0)
MOST_UNANSWERED = 20
TITLE, OPEN, CLOSE = "Notes", "Notes", "Close the notes"
FIELD = "Your private notes"
ONLY_YOU = "Only you can read them. They stay with the session."
LOADING, SAVED, SAVING = "Loading…", "Saved", "Saving…"
NOT_YET = "Not saved yet: no connection"
TOO_LONG = "Not saved: longer than 5,000 characters"
REFUSED = "Not saved"
JOINED = "These notes were also changed on another device. Both texts are here."
BETWEEN = "\n\n· · ·\n\n"
"""Stands between what another device saved and what was written here."""


class Saving(StrEnum):
    """How far the text has come."""

    LOADING = "loading"
    SAVED = "saved"
    SAVING = "saving"
    NOT_YET = "not_yet"
    TOO_LONG = "too_long"
    REFUSED = "refused"


WORDS = {
    Saving.LOADING: LOADING,
    Saving.SAVED: SAVED,
    Saving.SAVING: SAVING,
    Saving.NOT_YET: NOT_YET,
    Saving.TOO_LONG: TOO_LONG,
    Saving.REFUSED: REFUSED,
}


def clean_note(text: str) -> str:
    """What can be saved of what was typed: as it is, but for control characters."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs"))


def joined(base: str, theirs: str, mine: str) -> str:
    """Both texts, written over the same `base` on two devices: what the other saved, and below it what is new here.
    The call page joins them alike (`callpage/src/private_notes.ts`).
    """
    if not theirs.strip() or theirs == base or mine.startswith(theirs):
        return mine
    if mine == base or theirs.startswith(mine) or f"\n{mine}\n" in f"\n{theirs}\n":
        return theirs
    added = mine[len(base) :].lstrip("\n") if mine.startswith(base) else mine
    return theirs.rstrip("\n") + BETWEEN + added


@ft.observable
@dataclass(eq=False)
class PrivateNote:
    """One session's. `text` is what stands in the field; `both_kept`: another device's text was joined with it."""

    services: Services
    session_id: str
    text: str = field(default="", repr=False)
    saving: Saving = Saving.LOADING
    both_kept: bool = False
    _version: int = 0
    _base: str = field(default="", repr=False)  # what was saved, and the text was written over
    _parts: tuple[str, str, str] | None = field(default=None, repr=False)
    """Of which the text was joined: the field may still say the last one."""
    _sent: list[str] = field(default_factory=list, repr=False)
    """Texts whose answers did not come: the backend may have them."""
    _is_reading: bool = False
    _task: "asyncio.Task[None] | None" = field(default=None, repr=False)
    _account: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        self._account = self._signed_in()
        kept = _read(self.services.unsaved.text(self._key))
        if kept is not None:
            self.text, self._base, self._version = kept
            self.saving = Saving.NOT_YET

    @property
    def words(self) -> str:
        """How far it is saved; nothing of notes that were never written."""
        never_written = self.saving is Saving.SAVED and not self._version
        return "" if never_written else WORDS[self.saving]

    @property
    def _key(self) -> str:
        return f"note:{self._account}:{self.session_id}"

    @property
    def _is_saved(self) -> bool:
        return self.saving in (Saving.LOADING, Saving.SAVED)

    def _signed_in(self) -> str:
        account = self.services.account.account
        return account.id if account else ""

    async def open(self) -> None:
        """Somebody looks at them: sends what was not saved, and reads what is kept unless something is under way."""
        if not self._is_saved:
            return self._save_soon(0.0)
        if not self._is_reading:
            self._is_reading = True
            try:
                await self._read_kept()
            finally:
                self._is_reading = False

    async def _read_kept(self) -> None:
        """Again until it is known what is kept: an empty field would say that there is nothing. What is typed meanwhile
        is joined with it later.
        """
        for pause_s in chain(AGAIN_AFTER_S, repeat(AGAIN_AFTER_S[-1])):
            try:
                found = await self.services.api.note(self.session_id)
            except AppError as error:
                if self.saving is not Saving.LOADING:
                    return
                if not _may_pass(error):
                    self.saving = Saving.REFUSED
                    return
                await asyncio.sleep(pause_s)
                continue
            if self._is_saved and self._signed_in() == self._account:
                self.text, self._base, self._version = found.text, found.text, found.version
                self.saving = Saving.SAVED
            return

    def typed(self, text: str) -> None:
        """The field says that now."""
        text = clean_note(text)
        if self._parts is not None:
            base, theirs, mine = self._parts
            if text.startswith(mine) and not text.startswith(theirs):
                text = joined(base, theirs, text)  # a key that was under way when the field was given both texts
            else:
                self._parts = None
        if text != self.text:
            self.text = text
            self.saving = Saving.NOT_YET if self.saving is Saving.NOT_YET else Saving.SAVING
            self._keep_here()
            self._save_soon(PAUSE_S)

    def _keep_here(self) -> None:
        is_new = self.text != self._base
        self.services.unsaved.note(self._key, json.dumps([self.text, self._base, self._version]) if is_new else "")

    def _save_soon(self, pause_s: float) -> None:
        """One task at a time; it saves whatever is the text by then."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._save(pause_s))

    async def _save(self, pause_s: float) -> None:
        failures = 0
        while True:
            await asyncio.sleep(pause_s)
            if self._signed_in() != self._account:
                return  # it would be saved as somebody else's
            wanted = self.text
            if len(wanted) > LONGEST_NOTE:
                self.saving = Saving.TOO_LONG
                return
            self._sent = [*self._sent[-MOST_UNANSWERED:], wanted]
            try:
                self._take(await self.services.api.save_note(self.session_id, wanted, self._version))
                failures, pause_s = 0, PAUSE_S
            except (Offline, NotSignedIn):
                self.saving = Saving.NOT_YET
                pause_s, failures = AGAIN_AFTER_S[min(failures, len(AGAIN_AFTER_S) - 1)], failures + 1
            except AppError as error:
                if not await self._refused(error):
                    return
                pause_s = PAUSE_S
            if self.text == self._base:
                self.saving = Saving.SAVED
                self._keep_here()
                return

    async def _refused(self, error: AppError) -> bool:
        """Whether another try makes sense."""
        note = error.note if isinstance(error, Problem) else None
        if is_named(error, "NoteChanged") and isinstance(note, Note):
            self._join(note)
            return True
        if isinstance(error, Problem) and _may_pass(error):
            self.saving = Saving.NOT_YET
            await asyncio.sleep(error.retry_after_s or AGAIN_AFTER_S[-1])
            return True
        self.saving = Saving.REFUSED
        return False

    def _take(self, note: Note) -> None:
        self._base, self._version, self._sent = note.text, note.version, []
        self._keep_here()

    def _join(self, theirs: Note) -> None:
        if theirs.text in self._sent:  # it is this device's own
            return self._take(theirs)
        base, before = self._base, self.text
        both = joined(base, theirs.text, before)
        self._base, self._version = theirs.text, theirs.version
        self.both_kept = self.both_kept or both not in (before, theirs.text)
        if both != before:
            self.text, self._parts = both, (base, theirs.text, before)
        self._keep_here()


def _may_pass(error: AppError) -> bool:
    """Whether it may be better in a while."""
    return isinstance(error, Offline) or (isinstance(error, Problem) and (error.status == 429 or error.status >= 500))


def _read(kept: str) -> tuple[str, str, int] | None:
    try:
        text, base, version = json.loads(kept)
    except (ValueError, TypeError):  # nothing, or not ours
        return None
    return (str(text), str(base), version) if type(version) is int else None


@dataclass(eq=False)
class PrivateNotes:
    """Those of whoever is signed in, by session: a call and the details show the same."""

    services: Services
    _notes: dict[str, PrivateNote] = field(default_factory=dict)

    @staticmethod
    def kept_by(services: Services) -> "PrivateNotes":
        """The one of this sign-in."""
        return services.kept(PrivateNotes, lambda: PrivateNotes(services))

    def of(self, session_id: str) -> PrivateNote:
        """The session's, made at its first use."""
        if session_id not in self._notes:
            self._notes[session_id] = PrivateNote(self.services, session_id)
        return self._notes[session_id]
