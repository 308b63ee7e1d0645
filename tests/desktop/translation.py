"""What flet 1.0.5 sends, as the desktop client 0.82.2 can draw it. Pure; `bridge.py` carries it.

- `Semantics`: the old client draws none of its content (mended in 0.84). It becomes a `Stack` of that content and, laid
  over it, a `Semantics` of its own without content, which says the words;
- `RawImage`, unknown to the old client, becomes an `Image`.
A copy of the page's tree is kept, so that the paths of a patch can be told as they are in the old client.
"""

import weakref
from collections.abc import Iterator
from typing import Any

REGISTER, PATCH, EVENT = 1, 2, 3  # the stream's actions
REPLACE, ADD, REMOVE, MOVE = range(4)  # a patch's operations
ENCODED, RAW = 1, 4  # the first byte of what goes over a RawImage's channel
OURS = 1 << 30
"""Controls that only the old client knows have numbers from here on."""
SPEECH = frozenset(
    (
        *("button", "checked", "container", "exclude_semantics", "expanded", "focusable", "focused", "header"),
        *("heading_level", "hidden", "hint_text", "identifier", "image", "label", "link", "live_region", "on_click"),
        *("on_dismiss", "on_tap_hint", "read_only", "selected", "slider", "text_field", "toggled", "value"),
    )
)
"""Of a Semantics' properties those that speak; the others place it."""
NOTHING = {"_c": "Container", "_i": OURS - 1, "width": 0, "height": 0}
PASSING = {"_c": "Stack", "fit": "passThrough", "clip_behavior": "none", "_internals": {"host_positioned": True}}
CLEAR = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")
"""A GIF of one clear pixel."""


class Node(dict[str, Any]):
    """A map of the stream; unlike a plain one it can be referred to weakly."""


def is_semantics(node: object) -> bool:
    return isinstance(node, dict) and node.get("_c") == "Semantics"


def where(node: object, step: Any) -> list[Any]:
    """The way to a child or property of `node` in the old client's tree."""
    if not is_semantics(node):
        return [step]
    return ["controls", 0] if step == "content" else ["controls", 1, step] if step in SPEECH else [step]


def shown(value: Any) -> Any:
    """A control, a property or a list of them, for the old client."""
    if isinstance(value, list):
        return [shown(each) for each in value]
    if not isinstance(value, dict):
        return value
    new = {key: shown(each) for key, each in value.items()}
    if value.get("_c") == "RawImage":
        return {"src": CLEAR, "filter_quality": "low"} | new | {"_c": "Image", "gapless_playback": True}
    if not is_semantics(value):
        return new
    speech = {key: new.pop(key) for key in list(new) if key in SPEECH}
    speech |= {"_c": "Semantics", "_i": new["_i"], "left": 0, "top": 0, "right": 0, "bottom": 0}
    layers = [new.pop("content", NOTHING), speech, NOTHING]  # the last gives it a size where the first is not visible
    return new | PASSING | {"_i": OURS + new["_i"], "controls": layers}


def steps(node: list[Any], path: tuple[Any, ...] = ()) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The path table of a patch, `[0, {step: [1, {step: [2]}]}]`, as pairs of a number and its path."""
    yield node[0], path
    for step, below in node[1].items() if len(node) > 1 else ():
        yield from steps(below, (*path, step))


def number_of(table: list[Any], numbers: Iterator[int], way: list[Any]) -> tuple[int, Any]:
    """The number of a way's parent in such a table, which grows by it, and the way's last step."""
    for step in way[:-1]:
        table += [{}] * (len(table) == 1)
        if step not in table[1]:
            table[1][step] = [next(numbers)]
        table = table[1][step]
    return table[0], way[-1]


class Tree:
    """What the app has sent so far."""

    def __init__(self) -> None:
        self.nodes: weakref.WeakValueDictionary[int, Node] = weakref.WeakValueDictionary()  # by the control's number
        self.new_images: list[int] = []

    def keep(self, value: Any) -> Any:
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self.keep(each)
        if isinstance(value, Node) and "_i" in value:
            self.nodes[value["_i"]] = value
            if value.get("_c") == "RawImage":
                self.new_images.append(value["_i"])
        return value

    def patch(self, body: dict[str, Any]) -> dict[str, Any]:
        """Takes up a patch of the app's; returns it for the old client."""
        root = self.nodes.get(body["id"])
        if root is None:
            return body
        paths = dict(steps(body["patch"][0]))
        table: list[Any] = [0]
        told: list[Any] = []
        numbers = iter(range(1, OURS))

        def find(number: int, key: Any) -> tuple[Any, tuple[int, Any]]:
            """The object of the app's tree that an operation is about, and where the old client has its `key`."""
            node: Any = root
            way: list[Any] = []
            for step in paths[number]:
                way += where(node, step)
                node = node[step]
            return node, number_of(table, numbers, way + where(node, key))

        for kind, number, key, *rest in body["patch"][1:]:
            node, at = find(number, key)
            if kind == MOVE:
                target, target_at = find(*rest)
                _put(target, rest[1], node.pop(key), ADD)
                told.append([MOVE, *at, *target_at])
            elif kind == REMOVE:
                node.pop(key)
                told.append([REPLACE, *at, NOTHING] if is_semantics(node) and key == "content" else [REMOVE, *at])
            else:
                _put(node, key, self.keep(rest[0]), kind)
                told.append([REPLACE if is_semantics(node) else kind, *at, shown(rest[0])])
        return {"id": body["id"] + OURS * is_semantics(root), "patch": [table, *told]}


def _put(node: Any, key: Any, value: Any, kind: int) -> None:
    if kind == REPLACE or not isinstance(node, list):
        node[key] = value
    else:
        node.insert(key, value)


def picture_of(packet: bytes) -> bytes:
    """What an Image can decode: JPEG or PNG as they are, pixels as a BMP, in the order blue, green, red."""
    if packet[0] != RAW:
        return packet[1:] if packet[0] == ENCODED else CLEAR
    width, height = (int.from_bytes(packet[at : at + 4], "little") for at in (1, 5))
    pixels = bytearray(packet[9:])
    pixels[0::4], pixels[2::4] = pixels[2::4], pixels[0::4]
    fields = [54 + len(pixels), 0, 54, 40, width, -height & 0xFFFFFFFF, 32 << 16 | 1, 0, len(pixels), 0, 0, 0, 0]
    return b"BM" + b"".join(field.to_bytes(4, "little") for field in fields) + pixels
