"""The chat over the call: writing, marks, what is unread, links, and what the backend keeps of it."""

import asyncio
from datetime import timedelta
from typing import Any

import flet as ft
import pytest

from app.api.models import Message
from app.call.contract.chat import ChatMessage
from app.errors import Offline, Problem
from app.state.call import chat, trying_again
from app.state.call.chat import CLOSE, DELIVERED, EMPTY, FIELD, NOT_KEPT, OPEN, SEND, SENT, Keeping, open_words
from app.state.core.text_links import Part, parts_of
from tests.app.stage.call_stage import Call, together
from tests.app.stage.call_world import SESSION
from tests.fakes.api import NOW, FakeApi


def theirs(number: int, text: str = "hello") -> ChatMessage:
    return ChatMessage(f"t{number}", text, NOW + timedelta(seconds=number), mine=False, delivered=True)


def receive(call: Call, *messages: ChatMessage) -> None:
    snapshot = call.engine.snapshot()
    call.engine.become(snapshot.state, chat=(*snapshot.chat, *messages))


def spans(call: Call) -> list[ft.TextSpan]:
    return [span for each in call.app.all(ft.Text) for span in each.spans or []]


@pytest.mark.parametrize("width", [360, 1280])
async def test_what_is_written_is_sent_kept_and_marked(width: float) -> None:
    async with together(width=width) as call:
        await call.app.click(OPEN)
        await call.app.shows(EMPTY)
        await call.app.type("Good morning", FIELD)
        await call.app.click(SEND)
        assert ("message", "Good morning") in call.engine.calls
        await call.app.until(lambda: any(text.endswith(f"· {SENT}") for text in call.app.texts()))
        assert [each.text for each in call.world.api.kept_messages[SESSION]] == ["Good morning"]
        assert call.app.field(FIELD).value == ""
        sent = call.engine.snapshot().chat[-1]
        call.engine.become(
            call.engine.snapshot().state, chat=(ChatMessage(sent.id, sent.text, sent.sent_at, True, True),)
        )
        await call.app.until(lambda: any(text.endswith(f"· {DELIVERED}") for text in call.app.texts()))


async def test_enter_sends_and_shift_enter_begins_a_line() -> None:
    async with together() as call:
        await call.app.click(OPEN)
        field = call.app.field(FIELD)
        assert field.multiline
        assert field.shift_enter
        await call.app.type("by Enter", FIELD)
        await call.app.submit(FIELD)
        assert ("message", "by Enter") in call.engine.calls


async def test_what_is_unread_is_counted_until_it_is_shown() -> None:
    async with together() as call:
        receive(call, theirs(1), theirs(2))
        await call.app.until(lambda: open_words(2) in call.app.labels())
        await call.app.click(open_words(2))
        await call.app.until(lambda: CLOSE in call.app.labels())
        receive(call, theirs(3, "while it is open"))
        await call.app.shows("while it is open")
        await call.app.settle()
        await call.app.key("Escape")
        await call.app.until(lambda: OPEN in call.app.labels())


async def test_letters_belong_to_what_is_written_while_the_chat_is_open() -> None:
    async with together() as call:
        await call.app.key("C")
        await call.app.shows(EMPTY)
        for key in ("M", "V", "Q", "?"):
            await call.app.key(key)
        assert not [asked for asked in call.engine.calls if asked[0] in ("microphone", "camera")]
        await call.app.key("Escape")
        await call.app.until(lambda: EMPTY not in call.app.texts())


async def test_a_draft_stays_when_the_chat_is_closed_and_opened_again() -> None:
    async with together() as call:
        await call.app.click(OPEN)
        await call.app.type("half a sen", FIELD)
        await call.app.key("Escape")
        await call.app.until(lambda: EMPTY not in call.app.texts())
        await call.app.click(OPEN)
        await call.app.until(lambda: call.app.field(FIELD).value == "half a sen")


async def test_a_link_is_a_link_and_all_else_is_text() -> None:
    async with together() as call:
        receive(call, theirs(1, "<b>see</b> https://example.org/a."))
        await call.app.until(lambda: open_words(1) in call.app.labels())
        await call.app.click(open_words(1))
        await call.app.until(
            lambda: [span.text for span in spans(call)] == ["<b>see</b> ", "https://example.org/a", "."]
        )
        assert [span.on_click is not None for span in spans(call)] == [False, True, False]


async def test_what_was_written_before_comes_with_the_call_and_counts_as_unread() -> None:
    async with together() as call:
        kept = Message(id="k1", role="professional", text="from before", sent_at=NOW)
        call.world.api.kept_messages[SESSION] = (kept,)
        await call.app.key("Escape")
        session: Any = call.engine
        await session.take_messages([chat.from_wire(kept, "user")])
        await call.app.until(lambda: open_words(1) in call.app.labels())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("no link", (Part("no link"),)),
        ("http://a.b", (Part("http://a.b", "http://a.b"),)),
        ("(HTTPS://a.b/c?d=e)!", (Part("("), Part("HTTPS://a.b/c?d=e", "HTTPS://a.b/c?d=e"), Part(")!"))),
        ("javascript:alert(1) file:///etc data:x", (Part("javascript:alert(1) file:///etc data:x"),)),
        ("https:// alone", (Part("https:// alone"),)),
        ('<a href="https://a.b">', (Part('<a href="'), Part("https://a.b", "https://a.b"), Part('">'))),
    ],
)
def test_only_http_and_https_become_links(text: str, parts: tuple[Part, ...]) -> None:
    assert parts_of(text) == parts
    assert "".join(part.text for part in parts_of(text)) == text


class Refusing(FakeApi):
    """Fails a few times, then keeps."""

    def __init__(self, *failures: Exception) -> None:
        super().__init__()
        self._failures = list(failures)

    async def keep_messages(self, session_id: str, messages: Any) -> None:
        if self._failures:
            raise self._failures.pop(0)
        await super().keep_messages(session_id, messages)


async def test_what_could_not_be_kept_is_tried_again_and_a_refusal_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying_again, "AGAIN_AFTER_S", (0.0,))
    mine = ChatMessage("m1", "hello", NOW, mine=True)
    api = Refusing(Offline(), Problem("ServiceUnavailable", 503, "Later."))
    keeping = Keeping(api, SESSION, "user", lambda: None)  # type: ignore[arg-type]  # a fake, checked by tests/contract
    assert keeping.note((mine, theirs(1)))
    await asyncio.wait_for(keeping.keep(), 5)
    assert keeping.kept == frozenset({"m1"})
    assert not keeping.refused
    assert not keeping.note((mine,))
    full = Keeping(Refusing(Problem("TooManyMessages", 409, "No more.")), SESSION, "user", lambda: None)  # type: ignore[arg-type]  # as above
    full.note((mine,))
    await asyncio.wait_for(full.keep(), 5)
    assert full.refused == frozenset({"m1"})
    assert chat.mark_words(mine, full.kept, full.refused) == NOT_KEPT
    assert chat.mark_words(theirs(1), full.kept, full.refused) == ""
