"""A notification daemon for the stage's session bus, by the Desktop Notifications Specification 1.2."""

# dbus-fast reads D-Bus signatures where Python's types would stand.
# mypy: disable-error-code="name-defined, valid-type, syntax, empty-body, no-any-return"
# ruff: noqa: F722, F821

import asyncio
import threading
from dataclasses import dataclass
from typing import Any

from dbus_fast import RequestNameReply
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"


@dataclass(frozen=True)
class Shown:
    """One notification as it came."""

    number: int
    program: str
    title: str
    text: str
    sound: str


class _Notifications(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(NAME)
        self.shown: list[Shown] = []

    @dbus_method(name="GetCapabilities")
    def capabilities(self) -> "as":
        return ["actions", "body", "sound"]

    @dbus_method(name="GetServerInformation")
    def information(self) -> "ssss":
        return ["stage", "Rendezvous", "1", "1.2"]

    @dbus_method(name="Notify")
    def notify(
        self,
        program: "s",
        replaces: "u",
        icon: "s",
        title: "s",
        text: "s",
        actions: "as",
        hints: "a{sv}",
        timeout: "i",
    ) -> "u":
        sound = str(hints["sound-name"].value) if "sound-name" in hints else ""
        self.shown.append(Shown(len(self.shown) + 1, program, title, text, sound))
        return len(self.shown)

    @dbus_method(name="CloseNotification")
    def close(self, number: "u") -> None:
        return None

    @dbus_signal(name="ActionInvoked")
    def clicked(self, number: int) -> "us":
        return [number, "default"]

    @dbus_signal(name="NotificationClosed")
    def closed(self, number: int) -> "uu":
        return [number, 2]


class NotificationDaemon:
    """`start`, then `shown`, and `click` on one; in a thread of its own."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._service: Any = None
        self._bus: MessageBus | None = None

    def start(self) -> "NotificationDaemon":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(20)
        return self

    async def _serve(self) -> None:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._service = _Notifications()
        self._bus.export(PATH, self._service)
        reply = await self._bus.request_name(NAME)
        assert reply is RequestNameReply.PRIMARY_OWNER, f"another daemon has the name: {reply}"

    def shown(self) -> list[Shown]:
        return list(self._service.shown)

    def click(self, notification: Shown) -> None:
        self._loop.call_soon_threadsafe(self._service.clicked, notification.number)

    def stop(self) -> None:
        if self._bus is not None:
            self._loop.call_soon_threadsafe(self._bus.disconnect)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
