"""Drives the app without Flutter: a hand-written connection under Flet's real session.

    async with Harness(main) as app:
        await app.type("Ada", label="Your name")
        await app.click("Greet")
        assert "Hello, Ada!" in app.texts()

Proves handlers, state, routing and that everything can be encoded for the wire; not what it looks like (browser tests
do). It uses internal modules of flet 1.0.5, which is why flet is pinned exactly.
"""

import asyncio
import dataclasses
import inspect
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import flet as ft
from flet.components.public_utils import unwrap_component
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page, context
from flet.messaging.protocol import Message, MessageAction
from flet.messaging.session import Session

from tests.app.stage.fake_connection import FakeConnection

ControlT = TypeVar("ControlT", bound=BaseControl)
WAIT_S = 5.0
KEPT_S = 3600
"""For how long Flet keeps the session of a tab that is gone."""
FAULTS_OF = ("flet", "app", "asyncio")
"""Whose errors fail a test: a handler's, a component's background task's, a task's that nobody awaited."""


class FaultLog(logging.Handler):
    """Keeps what handlers and renders raised: the session logs it and goes on, a test must not."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else None
        self.faults.append(f"{record.getMessage()}: {cause!r}")


class Harness:
    """A running session of `main`. `replies` answers client calls by name (such as the clipboard's `get`): a value,
    or a function of the call's arguments.
    """

    def __init__(
        self,
        main: Callable[[ft.Page], object],
        route: str = "/",
        platform: ft.PagePlatform = ft.PagePlatform.LINUX,
        width: float = 400,
        height: float = 800,
        replies: Mapping[str, object] | None = None,
        web: bool = False,
        local: bool = False,
    ) -> None:
        """`local`: the client shares this machine's memory, as a desktop window does."""
        self._main = main
        self._local = local
        self._patch = {"route": route, "platform": platform.value, "width": width, "height": height, "web": web}
        self._replies = replies or {}
        self._log = FaultLog()

    @property
    def faults(self) -> list[str]:
        """What was raised inside handlers; a test that means it takes it out, else it fails at the end."""
        return self._log.faults

    async def __aenter__(self) -> Self:
        for name in FAULTS_OF:
            logging.getLogger(name).addHandler(self._log)
        self.connection = FakeConnection(self._replies)
        self.connection.local_data_transport = self._local
        self.session = Session(self.connection)
        self.connection.attach(self.session)
        self.page = self.session.page
        self._token = _context_page.set(self.page)
        self.session.apply_page_patch(self._patch)
        first = self.session.get_page_patch()  # type: ignore[no-untyped-call]  # as above
        self.connection.send_message(Message(MessageAction.REGISTER_CLIENT, first))
        context.reset_auto_update()  # type: ignore[no-untyped-call]  # as above
        started = self._main(self.page)
        if inspect.isawaitable(started):
            await started
        await self.session.after_event(self.page)
        await self.settle()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.settle()
        await self.disconnect()  # as Flet does: a tab or window goes first, its session is closed later
        self.session.close()  # type: ignore[no-untyped-call]  # as above
        await self.settle()
        _context_page.reset(self._token)
        self.connection.executor.shutdown(wait=False)
        for name in FAULTS_OF:
            logging.getLogger(name).removeHandler(self._log)
        if exc == (None, None, None):
            assert not self.faults, self.faults

    async def disconnect(self) -> None:
        """The tab or window is gone, for a while or for good: the session goes on without a connection."""
        await self.session.disconnect(KEPT_S)
        await self.settle()

    async def reconnect(self) -> None:
        """It is back, and shows the page as the session has it by then."""
        self.connection = FakeConnection(self._replies)
        self.connection.attach(self.session)
        self.session.attach_connection(self.connection)
        self.connection.send_message(Message(MessageAction.REGISTER_CLIENT, self.page))
        await self.session.dispatch_connect_event()
        await self.settle()

    async def settle(self, rounds: int = 5) -> None:
        """Lets scheduled renders and effects run."""
        for _ in range(rounds):
            await asyncio.sleep(0.001)

    async def until(self, condition: Callable[[], object], timeout_s: float = WAIT_S) -> None:
        """Waits for a condition; what is on the screen is in the failure's message."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"it did not come about in {timeout_s} s; texts={self.texts()}")
            await asyncio.sleep(0.01)

    async def shows(self, text: str, timeout_s: float = WAIT_S) -> None:
        """Waits until some text on the screen contains `text`."""
        await self.until(lambda: any(text in shown for shown in self.texts()), timeout_s)

    def walk(self, root: object = None) -> Iterator[BaseControl]:
        """Every control on the screen, dialogs included, in drawing order."""
        yield from self._walk(root or self.page, set())

    def _walk(self, value: Any, seen: set[int]) -> Iterator[BaseControl]:
        value = unwrap_component(value)
        if isinstance(value, list | tuple):
            for entry in value:
                yield from self._walk(entry, seen)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            if id(value) in seen:
                return
            seen.add(id(value))
            if isinstance(value, BaseControl):
                if getattr(value, "visible", True) is False:
                    return
                yield value
            for each in dataclasses.fields(value):
                if each.name not in ("_parent", "parent") and not each.metadata.get("skip"):
                    yield from self._walk(getattr(value, each.name, None), seen)

    def all(self, kind: type[ControlT], **props: object) -> list[ControlT]:
        """Every control of that class with those property values."""
        return [
            control
            for control in self.walk()
            if isinstance(control, kind) and all(getattr(control, name, None) == want for name, want in props.items())
        ]

    def find(self, kind: type[ControlT], **props: object) -> ControlT:
        """The first control of that class with those property values."""
        found = self.all(kind, **props)
        if not found:
            raise AssertionError(f"no {kind.__name__} with {props}; texts={self.texts()}")
        return found[0]

    def texts(self, root: object = None) -> list[str]:
        """All words that stand on the screen."""
        return [str(control.value) for control in self.walk(root) if isinstance(control, ft.Text) and control.value]

    def labels(self) -> list[str]:
        """All names given to screen readers."""
        names = []
        for control in self.walk():
            for attribute in ("label", "semantics_label"):
                name = getattr(control, attribute, None)
                if isinstance(name, str):
                    names.append(name)
        return names

    def button(self, label: str) -> BaseControl:
        """The button whose words, or whose name for screen readers, are `label`."""
        for control in self.walk():
            is_frame = isinstance(control, ft.Container) and control.on_click is None  # of a whole page, perhaps
            if hasattr(control, "on_click") and not is_frame and label in self._names(control):
                return control
        raise AssertionError(f"no button {label!r}; texts={self.texts()}")

    def is_enabled(self, label: str) -> bool:
        return not getattr(self.button(label), "disabled", False)

    def field(self, label: str) -> ft.TextField:
        """The text field with that label."""
        return self.find(ft.TextField, label=label)

    async def fire(self, control: BaseControl, event: str, data: object = None) -> None:
        """What the client does when something happens to a control."""
        await self.session.dispatch_event(control._i, event, data)
        await self.settle()

    async def click(self, label: str) -> None:
        """Presses a button by its words; a disabled one cannot be pressed."""
        control = self.button(label)
        assert not getattr(control, "disabled", False), f"{label!r} is disabled"
        await self.fire(control, "click")

    async def begin(self, label: str) -> "asyncio.Task[None]":
        """Presses a button whose handler waits for something (an answer, the backend): it goes on in the task."""
        control = self.button(label)
        assert not getattr(control, "disabled", False), f"{label!r} is disabled"
        return await self.begin_event(control, "click")

    async def begin_event(self, control: BaseControl, event: str, data: object = None) -> "asyncio.Task[None]":
        """`fire` for a handler that waits for something: it goes on in the task."""
        begun = asyncio.get_running_loop().create_task(self.session.dispatch_event(control._i, event, data))
        await self.settle()
        return begun

    async def type(self, value: str, label: str) -> None:
        """Puts `value` into the field with that label, as the client reports typing."""
        control = self.field(label)
        self.session.apply_patch(control._i, {"value": value})
        await self.fire(control, "change", value)

    async def submit(self, label: str) -> None:
        """Enter in the field with that label."""
        control = self.field(label)
        await self.fire(control, "submit", control.value)

    async def go(self, route: str) -> None:
        """Goes to a route as the address bar does."""
        self.session.apply_page_patch({"route": route})
        await self.session.dispatch_event(self.page._i, "route_change", {"route": route})
        await self.settle()

    async def resize(self, width: float, height: float = 800) -> None:
        """Another window size."""
        self.session.apply_page_patch({"width": width, "height": height})
        await self.session.dispatch_event(self.page._i, "resize", {"width": width, "height": height})
        await self.settle()

    async def key(self, key: str, shift: bool = False, ctrl: bool = False, meta: bool = False) -> None:
        """A key pressed anywhere on the page."""
        event = {"key": key, "shift": shift, "ctrl": ctrl, "alt": False, "meta": meta}
        await self.session.dispatch_event(self.page._i, "keyboard_event", event)
        await self.settle()

    def _names(self, control: BaseControl) -> set[str]:
        names = {str(getattr(control, "content", "")), str(getattr(control, "label", ""))}
        for inner in self.walk(control):
            if isinstance(inner, ft.Text):
                names.add(str(inner.value))
            for attribute in ("label", "semantics_label"):
                name = getattr(inner, attribute, None)
                if isinstance(name, str):
                    names.add(name)
        return names


@asynccontextmanager
async def screen(view: Callable[[], ft.Control], **page: Any) -> AsyncIterator[Harness]:
    """One component alone on a page, as `screen(lambda: Thing(...))`; `page` goes to Harness."""

    def main(shown: ft.Page) -> None:
        shown.render(view)

    async with Harness(main, **page) as app:
        yield app
