"""A person's own notes: saved as typed, kept on the device while they cannot be, and never lost between two devices."""

import asyncio
from zoneinfo import ZoneInfo

import pytest

from app.api.models import Account, Note
from app.errors import Offline, Problem
from app.state.core import private_notes
from app.state.core.kept.drafts import LARGEST_UNSAVED, Drafts
from app.state.core.private_notes import (
    BETWEEN,
    LONGEST_NOTE,
    SAVED,
    PrivateNote,
    PrivateNotes,
    Saving,
    clean_note,
    joined,
)
from app.state.core.services import Services
from app.state.core.sign_in import AccountState
from tests.fakes.api import NOW, FakeApi
from tests.waiting import until

SESSION = "session-1"
ME = (SESSION, "user-1")


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_notes, "PAUSE_S", 0.0)
    monkeypatch.setattr(private_notes, "AGAIN_AFTER_S", (0.01,))


def services(api: FakeApi, unsaved: Drafts | None = None) -> Services:
    account = Account(id="user-1", role="user", email="g@example.org", name="Grace", time_zone="Europe/Berlin")
    found = Services(
        api=api,  # type: ignore[arg-type]  # the fake stands in for ApiClient method by method
        account=AccountState(account),
        now=lambda: NOW,
        zone=ZoneInfo("Europe/Berlin"),
    )
    found.unsaved = unsaved or Drafts()
    return found


async def until_saved(note: PrivateNote, state: Saving = Saving.SAVED) -> None:
    await until(lambda: note.saving is state, f"notes are {state}", limit_s=5)


async def test_what_is_typed_is_saved_and_found_again() -> None:
    api = FakeApi()
    note = PrivateNote(services(api), SESSION)
    await note.open()
    assert (note.text, note.saving) == ("", Saving.SAVED)
    assert note.words == "", "nothing was written"
    note.typed("Likes Bach")
    assert note.saving is Saving.SAVING
    await until_saved(note)
    assert note.words == SAVED
    note.typed("Likes Bach\nand Brahms ")
    await until_saved(note)
    assert api.notes[ME] == Note(text="Likes Bach\nand Brahms ", version=2, updated_at=NOW)
    other = PrivateNote(services(api), SESSION)
    await other.open()
    assert other.text == "Likes Bach\nand Brahms "


async def test_what_cannot_be_saved_is_said_and_sent_when_it_can() -> None:
    api = FakeApi()
    note = PrivateNote(services(api), SESSION)
    await note.open()
    api.fail["save_note"] = Offline()
    note.typed("in the tunnel")
    await until_saved(note, Saving.NOT_YET)
    del api.fail["save_note"]
    await until_saved(note)
    assert api.notes[ME].text == "in the tunnel"


async def test_a_crash_loses_nothing_that_was_not_saved() -> None:
    api, written = FakeApi(), [""]
    api.fail["save_note"] = Offline()
    first = PrivateNote(services(api, Drafts("", written.append, LARGEST_UNSAVED)), SESSION)
    await first.open()
    first.typed("💡" * LONGEST_NOTE)
    first.services.unsaved._write()
    assert first._task is not None
    first._task.cancel()
    del api.fail["save_note"]
    after = PrivateNote(services(api, Drafts(written[-1])), SESSION)
    assert (after.text, after.saving) == ("💡" * LONGEST_NOTE, Saving.NOT_YET)
    await after.open()
    await until_saved(after)
    assert api.notes[ME].text == "💡" * LONGEST_NOTE
    assert after.services.unsaved.text("note:user-1:session-1") == ""


async def test_of_two_devices_both_texts_are_kept_and_the_person_is_told() -> None:
    api = FakeApi()
    phone, laptop = PrivateNote(services(api), SESSION), PrivateNote(services(api), SESSION)
    await phone.open()
    phone.typed("Likes Bach")
    await until_saved(phone)
    await laptop.open()
    phone.typed("Likes Bach\nof the phone")
    await until_saved(phone)
    laptop.typed("Likes Bach\nof the laptop")
    await until_saved(laptop)
    both = f"Likes Bach\nof the phone{BETWEEN}of the laptop"
    assert (laptop.text, laptop.both_kept, api.notes[ME].text) == (both, True, both)
    assert not phone.both_kept
    laptop.typed("Likes Bach\nof the laptop!")  # a key that was under way when the field got both
    await until_saved(laptop)
    assert api.notes[ME].text == f"{both}!"
    laptop.typed("all of it is mine")
    await until_saved(laptop)
    assert api.notes[ME].text == "all of it is mine"


async def test_notes_that_are_too_long_together_stay_on_the_device_until_they_are_shorter() -> None:
    api = FakeApi()
    note = PrivateNote(services(api), SESSION)
    await note.open()
    api.notes[ME] = Note(text="t" * LONGEST_NOTE, version=4)
    note.typed("m" * 10)
    await until_saved(note, Saving.TOO_LONG)
    assert (len(note.text), api.notes[ME].version) == (LONGEST_NOTE + len(BETWEEN) + 10, 4)
    assert note.services.unsaved.text("note:user-1:session-1")
    note.typed(note.text[-LONGEST_NOTE:])
    await until_saved(note)
    assert api.notes[ME].text.endswith("m" * 10)


async def test_what_was_typed_is_never_saved_under_another_account() -> None:
    api = FakeApi()
    note = PrivateNote(services(api), SESSION)
    await note.open()
    api.fail["save_note"] = Offline()
    note.typed("mine")
    await until_saved(note, Saving.NOT_YET)
    account = note.services.account.account
    assert account is not None
    note.services.account.account = account.model_copy(update={"id": "pro-1"})
    api.account_id = "pro-1"
    del api.fail["save_note"]
    assert note._task is not None
    await asyncio.wait({note._task}, timeout=5)
    assert note._task.done()
    assert api.notes == {}
    assert PrivateNote(note.services, SESSION).text == "", "nor shown to them"


async def test_a_refusal_is_said_and_the_text_stays() -> None:
    api = FakeApi()
    note = PrivateNote(services(api), SESSION)
    await note.open()
    api.fail["save_note"] = Problem("NotPaid", 409, "This session has not been paid.")
    note.typed("mine")
    await until_saved(note, Saving.REFUSED)
    assert note.text == "mine"


async def test_a_later_answer_takes_nothing_back_that_is_being_typed() -> None:
    api = FakeApi()
    api.notes[ME] = Note(text="from before", version=1)
    note = PrivateNote(services(api), SESSION)
    gate = api.hold("note")
    opening = asyncio.create_task(note.open())
    await asyncio.sleep(0)
    note.typed("already typing")
    gate.set()
    await opening
    await until_saved(note)
    assert api.notes[ME].text == f"from before{BETWEEN}already typing"


async def test_what_could_not_be_read_is_not_shown_as_nothing() -> None:
    api = FakeApi()
    api.notes[ME] = Note(text="from before", version=1)
    api.fail["note"] = Offline()
    note = PrivateNote(services(api), SESSION)
    opening = asyncio.create_task(note.open())
    await until(lambda: api.count("note") > 2, "asked again", limit_s=5)
    assert note.saving is Saving.LOADING
    del api.fail["note"]
    await opening
    assert (note.text, note.saving) == ("from before", Saving.SAVED)


async def test_what_nobody_may_read_is_not_asked_for_again() -> None:
    api = FakeApi()
    api.fail["note"] = Problem("NotFound", 404, "There is no such session.")
    note = PrivateNote(services(api), SESSION)
    await note.open()
    assert note.saving is Saving.REFUSED


class LosesAnswers(FakeApi):
    """What is asked is done, and the answer is lost on its way."""

    lost = True

    async def save_note(self, session_id: str, text: str, version: int) -> Note:
        saved = await super().save_note(session_id, text, version)
        if self.lost:
            raise Offline
        return saved


async def test_a_text_whose_answer_was_lost_is_not_taken_for_another_devices() -> None:
    api = LosesAnswers()
    note = PrivateNote(services(api), SESSION)
    await note.open()
    note.typed("Likes Bach")
    await until_saved(note, Saving.NOT_YET)
    note.typed("Likes Brahms")
    api.lost = False
    await until_saved(note)
    assert (api.notes[ME].text, note.text, note.both_kept) == ("Likes Brahms", "Likes Brahms", False)


async def test_no_log_says_what_is_in_them() -> None:
    api = FakeApi()
    note = PrivateNote(services(api), SESSION)
    await note.open()
    note.typed("Likes Bach")
    await until_saved(note)
    assert "Bach" not in repr(note)
    assert not [call for call in api.calls if "Bach" in call]


def test_a_call_and_the_details_show_the_same_notes() -> None:
    found = services(FakeApi())
    assert PrivateNotes.kept_by(found).of("a") is PrivateNotes.kept_by(found).of("a")
    assert PrivateNotes.kept_by(found).of("a") is not PrivateNotes.kept_by(found).of("b")


TWO_TEXTS = [
    ("", "theirs", "mine", f"theirs{BETWEEN}mine"),
    ("a", "a\nb\n", "a\nc", f"a\nb{BETWEEN}c"),
    ("a", "b", "a", "b"),
    ("a", "a", "ab", "ab"),
    ("a", "", "ab", "ab"),
    ("", "one\ntwo\nthree", "two", "one\ntwo\nthree"),
    ("", "no", "no more", "no more"),
    ("", "I know", "no", f"I know{BETWEEN}no"),
    ("abc", "abd", "", "abd"),
]
"""Base, theirs, mine, and both; the call page joins them alike (tests/callpage/test_timer_and_notes.py)."""


@pytest.mark.parametrize(("base", "theirs", "mine", "both"), TWO_TEXTS)
def test_two_texts_become_one_in_which_nothing_is_missing(base: str, theirs: str, mine: str, both: str) -> None:
    assert joined(base, theirs, mine) == both


def test_only_control_characters_are_not_saved() -> None:
    assert clean_note("  a\r\nb\x07\0\ud800\tc  \n") == "  a\nb\tc  \n"
