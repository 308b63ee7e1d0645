"""What a screen reader is told of a window, by AT-SPI over D-Bus (at-spi2-core): roles, names, actions.

Found by trying (client 0.82.2, at-spi2 2.46):
- Never ask a node for its extents: Flutter asks its parents up to the GTK window, which is asked by D-Bus from within
  the window itself, so the window stands still for 25 s. Hence no clicks at places, but actions.
- The window answers between two frames. So a whole level of the tree is asked at once, not node by node.
- A `TextField` has no node: Flet takes it out of the tree on Linux (textfield.dart, still so in 1.0; flet issue 3934).
- Through the bridge a `Semantics` stands beside its content, so hidden texts are heard.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from jeepney import DBusAddress, HeaderFields, Message, MessageType, Properties, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

ROOT_PATH, NULL_PATH = "/org/a11y/atspi/accessible/root", "/org/a11y/atspi/null"
REGISTRY = "org.a11y.atspi.Registry"
ACTION = "org.a11y.atspi.Action"
ANSWER_S = 5.0


@dataclass
class Node:
    """One thing on the screen; `actions` as Flutter offers them: Tap, Focus, Expand, ScrollUp ..."""

    bus_name: str
    path: str
    role: str = ""
    name: str = ""
    actions: tuple[str, ...] = ()
    children: "list[Node]" = field(default_factory=list)

    def at(self, interface: str) -> DBusAddress:
        return DBusAddress(self.path, self.bus_name, f"org.a11y.atspi.{interface}")

    def walk(self) -> "Iterator[Node]":
        yield self
        for child in self.children:
            yield from child.walk()


class Accessibility:
    """The bus of the assistive technologies, found through a session bus."""

    def __init__(self, session_bus: str) -> None:
        with open_dbus_connection(bus=session_bus) as session:
            asked = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            address = session.send_and_get_reply(new_method_call(asked, "GetAddress"), timeout=ANSWER_S).body[0]
        self._bus: DBusConnection = open_dbus_connection(bus=address)

    def close(self) -> None:
        self._bus.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def tree(self, pid: int) -> Node | None:
        """Everything that the process shows now; None while it has not come to the bus."""
        registry = Node(REGISTRY, ROOT_PATH)
        (programs,) = self._ask([new_method_call(registry.at("Accessible"), "GetChildren")])
        known = [Node(*each) for each in programs or ()]
        daemon = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        numbers = self._ask(
            [new_method_call(daemon, "GetConnectionUnixProcessID", "s", (each.bus_name,)) for each in known]
        )
        top = next((each for each, number in zip(known, numbers, strict=True) if number == pid), None)
        if top is not None:
            self._read(top)
        return top

    def _read(self, top: Node) -> None:
        level = [top]
        while level:
            known = self._each(level, "GetInterfaces", "GetRoleName", "GetChildren")
            names = self._ask([Properties(node.at("Accessible")).get("Name") for node in level])
            able = [node for node, (interfaces, _, _) in zip(level, known, strict=True) if ACTION in (interfaces or ())]
            self._read_actions(able)
            for node, (_, role, children), name in zip(level, known, names, strict=True):
                node.role, node.name = role or "", name[1] if name else ""
                node.children = [Node(*each) for each in children or ()]
            # What is embedded in a socket is told by its number alone (at-spi2-atk 2.46).
            empty = [node for node in level if not node.children]
            first = [new_method_call(node.at("Accessible"), "GetChildAtIndex", "i", (0,)) for node in empty]
            for node, child in zip(empty, self._ask(first), strict=True):
                node.children = [Node(*child)] if child and child[1] != NULL_PATH else []
            level = [child for node in level for child in node.children]

    def _read_actions(self, nodes: list[Node]) -> None:
        counts = self._ask([Properties(node.at("Action")).get("NActions") for node in nodes])
        numbered = [
            (node, i) for node, count in zip(nodes, counts, strict=True) for i in range(count[1] if count else 0)
        ]
        named = self._ask([new_method_call(node.at("Action"), "GetName", "i", (i,)) for node, i in numbered])
        for (node, _), name in zip(numbered, named, strict=True):
            node.actions += (name or "",)

    def _each(self, level: list[Node], *methods: str) -> list[list[Any]]:
        answers = self._ask([_call(node, "Accessible", method) for node in level for method in methods])
        return [answers[at : at + len(methods)] for at in range(0, len(answers), len(methods))]

    def do(self, node: Node, action: str) -> None:
        """Raises ValueError when the node has no such action."""
        self._ask([new_method_call(node.at("Action"), "DoAction", "i", (node.actions.index(action),))])

    def _ask(self, asked: list[Message]) -> list[Any]:
        """The first value of each answer; None where the node has gone, has no such thing, or does not answer."""
        wanted: dict[int, int] = {}
        answers: list[Any] = [None] * len(asked)
        for at, message in enumerate(asked):
            serial = next(self._bus.outgoing_serial)
            wanted[serial] = at
            self._bus.send(message, serial=serial)
        until = time.monotonic() + ANSWER_S
        while wanted and time.monotonic() < until:
            try:
                answer = self._bus.receive(timeout=max(0.01, until - time.monotonic()))
            except TimeoutError:
                break
            number = wanted.pop(answer.header.fields.get(HeaderFields.reply_serial, -1), None)
            if number is not None and answer.header.message_type is MessageType.method_return and answer.body:
                answers[number] = answer.body[0]
        return answers


def _call(node: Node, interface: str, method: str) -> Message:
    return new_method_call(node.at(interface), method)
