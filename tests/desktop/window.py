"""A person at a desktop window: reads it as a screen reader does, types, and takes pictures of it."""

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.desktop.accessibility import Accessibility, Node
from tests.desktop.display import Display
from tests.stage.product import ROOT
from tests.waiting import eventually
from tools.desktop_client import CLIENT

PICTURES = ROOT / "build" / "screenshots" / "desktop"
PATIENCE_S = 120.0
KEY_S = 10.0
"""How long a key that a field has taken may need to show."""
STILL_S = 0.4
"""Between two pictures that have to be the same before a screen counts as drawn."""


def launcher(folder: Path, python: str) -> Path:
    """A folder with an executable `flet` in it, for FLET_VIEW_PATH: the bridge."""
    folder.mkdir()
    program = folder / "flet"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{python}" -m tests.desktop.bridge "$@"\n')
    program.chmod(0o755)
    return folder


def running(surroundings: Mapping[str, str], sign: str) -> int | None:
    """The process with all that in its environment and `sign` in its command line or as its program (proc(5))."""
    wanted = {f"{name}={value}" for name, value in surroundings.items()}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended while we looked
            if wanted <= set((folder / "environ").read_text(errors="replace").split("\0")) and (
                sign in (folder / "cmdline").read_text() or os.readlink(folder / "exe") == sign
            ):
                return int(folder.name)
    return None


class Window:
    """The window of one profile, from its start on; `home` tells apart products that use the same profiles."""

    def __init__(self, display: Display, profile: str, frames_log: Path, home: Path | None = None) -> None:
        self._display = display
        self._profile = profile
        self._frames_log = frames_log
        self._accessibility: Accessibility | None = None
        own = {"RENDEZVOUS_PROFILE": profile} | ({"RENDEZVOUS_HOME": str(home)} if home else {})
        self.app_pid = eventually(lambda: running(own, "-m\0app\0"), f"the app of {profile} runs", PATIENCE_S)
        self.client_pid = eventually(lambda: running(own, str(CLIENT)), f"the client of {profile} runs", PATIENCE_S)
        self._id = eventually(self._find_id, f"the window of {profile} is there", PATIENCE_S)

    def _find_id(self) -> str:
        for line in self._display.asked("wmctrl", "-lp").stdout.splitlines():
            window, _, pid, *_ = line.split()
            if int(pid) == self.client_pid:
                return window
        return ""

    # -- what a screen reader is told ---------------------------------------------------------------------------

    def nodes(self) -> list[Node]:
        """Everything on the screen, from the top."""
        if self._accessibility is None:
            self._accessibility = Accessibility(self._display.bus)
        top = self._accessibility.tree(self.client_pid)
        return list(top.walk()) if top else []

    def words(self) -> list[str]:
        return [node.name for node in self.nodes() if node.name]

    def sees(self, name: str, limit_s: float = PATIENCE_S) -> Node:
        """Waits until something whose name contains `name` is there."""
        return self._wait(name, lambda node: name in node.name, limit_s)

    def sees_no(self, name: str, limit_s: float = PATIENCE_S) -> None:
        eventually(lambda: not any(name in word for word in self.words()), f"{name!r} goes", limit_s, every_s=0.2)

    def tap(self, name: str) -> None:
        """Presses a button, a tab or a card: the first thing of that name that can be tapped."""
        self.do(name, "Tap")

    def do(self, name: str, action: str) -> None:
        node = self._wait(f"{action} on {name}", lambda node: name in node.name and action in node.actions, PATIENCE_S)
        assert self._accessibility is not None
        self._accessibility.do(node, action)

    def _wait(self, what: str, wanted: Callable[[Node], bool], limit_s: float) -> Node:
        def look() -> Node | None:
            return next((node for node in self.nodes() if wanted(node)), None)

        try:
            return eventually(look, what, limit_s, every_s=0.2)
        except AssertionError as error:
            self.picture(f"failed-{self._profile}")
            raise AssertionError(f"{error}. There are: {'; '.join(self.words())}") from None

    # -- keyboard and window ------------------------------------------------------------------------------------

    def activate(self) -> None:
        """Brings it to the front, so that keys go there."""
        self._display.asked("xdotool", "windowactivate", "--sync", self._id)

    def press(self, *keys: str) -> None:
        """xdotool's names: Tab, Return, ctrl+2."""
        self.activate()
        self._display.asked("xdotool", "key", "--delay", "60", *keys)

    def type(self, text: str) -> None:
        """Into the field that has the focus or is about to get it: the first key goes again until a field takes it, as
        a person does who sees nothing appear."""
        before = self._changes()

        def first_key_shows() -> bool:
            self.activate()
            self._display.asked("xdotool", "type", text[0])
            with contextlib.suppress(AssertionError):
                eventually(lambda: self._changes() > before, "a field takes it", KEY_S)
            return self._changes() > before

        eventually(first_key_shows, f"a field of {self._profile} takes keys", PATIENCE_S)
        self._display.asked("xdotool", "type", "--delay", "30", text[1:])

    def _changes(self) -> int:
        """How often the client has said that a field changed."""
        return self._lines().count("event change")

    def resize(self, width: int, height: int) -> None:
        """In pixels of the screen, of what is inside the frame."""
        self._display.asked("xdotool", "windowsize", "--sync", self._id, str(width), str(height))

    def move(self, left: int, top: int) -> None:
        self._display.asked("xdotool", "windowmove", "--sync", self._id, str(left), str(top))

    def minimise(self) -> None:
        self._display.asked("xdotool", "windowminimize", "--sync", self._id)

    def ask_to_close(self) -> None:
        """The cross, or Alt+F4."""
        self._display.asked("wmctrl", "-i", "-c", self._id)

    @property
    def title(self) -> str:
        return self._display.asked("xdotool", "getwindowname", self._id).stdout.strip()

    @property
    def size(self) -> tuple[int, int]:
        said = self._display.asked("xdotool", "getwindowgeometry", "--shell", self._id).stdout
        values = dict(line.split("=") for line in said.split() if "=" in line)
        return int(values["WIDTH"]), int(values["HEIGHT"])

    def picture(self, name: str) -> Path:
        """Into build/screenshots/desktop, once the screen stands still; a call never does, and is taken as it is."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.activate()
        before = b""
        for _ in range(8):
            time.sleep(STILL_S)  # there is no event for "drawn"
            self._display.asked("import", "-window", self._id, str(path))
            now = path.read_bytes() if path.exists() else b""
            if now == before:
                break
            before = now
        return path

    # -- what came over the wire, and the end -------------------------------------------------------------------

    def frames(self) -> Counter[int]:
        """How many packets with each first byte the app has sent for its pictures."""
        return Counter(int(line.split()[1]) for line in self._lines() if len(line.split()) == 3)

    def _lines(self) -> list[str]:
        return self._frames_log.read_text().splitlines() if self._frames_log.exists() else []

    def ended(self) -> bool:
        """Whether neither the app nor the window is left."""
        return not any(Path(f"/proc/{pid}/exe").exists() for pid in (self.app_pid, self.client_pid))
