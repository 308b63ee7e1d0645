"""A screen without a monitor: X server, window manager and session bus of the stage's own."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.waiting import eventually

SIZE = (3840, 2160)


class Display:
    """`start`, then `environment` for whatever is to be shown there, then `stop`, which ends what it started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        self._name = ""
        self.bus = f"unix:path={folder}/bus"

    @property
    def environment(self) -> dict[str, str]:
        """Of a program on this screen: nothing of it is kept outside the folder."""
        home = str(self._folder)
        own = {"HOME": home, "XDG_CONFIG_HOME": f"{home}/config", "XDG_DATA_HOME": f"{home}/data"}
        own |= {"XDG_CACHE_HOME": f"{home}/cache", "XDG_RUNTIME_DIR": home, "XAUTHORITY": f"{home}/none"}
        return own | {
            "DISPLAY": self._name,
            "DBUS_SESSION_BUS_ADDRESS": self.bus,
            "GDK_BACKEND": "x11",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }

    def start(self) -> Self:
        """Raises AssertionError when a part does not come up."""
        width, height = SIZE
        read, write = os.pipe()
        words = ["Xvfb", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-displayfd", str(write)]
        self._run(words, pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as said:  # it names the first free display itself
            self._name = f":{said.readline().strip()}"
        assert self._name != ":", "Xvfb did not start"
        self._run(["dbus-daemon", "--session", f"--address={self.bus}", "--nofork"])
        eventually((self._folder / "bus").exists, "the session bus listens")
        self._unlock_keychain()  # before anybody asks for it: a locked one would ask the person first
        self._run(["openbox"])
        eventually(lambda: self.asked("wmctrl", "-m").returncode == 0, "the window manager is there")
        return self

    def _unlock_keychain(self) -> None:
        read, write = os.pipe()
        os.write(write, b"open")
        os.close(write)
        self._run(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], stdin=read)
        os.close(read)

    def asked(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """One of X's small programs: xdotool, wmctrl, import, xprop."""
        return subprocess.run(words, env=os.environ | self.environment, capture_output=True, text=True, timeout=30)

    def _run(self, words: list[str], pass_fds: tuple[int, ...] = (), stdin: int = subprocess.DEVNULL) -> None:
        surroundings = os.environ | self.environment
        with (self._folder / f"{words[0]}.log").open("wb") as log:
            process = subprocess.Popen(words, env=surroundings, stdin=stdin, stdout=log, stderr=log, pass_fds=pass_fds)
        self._started.append(process)

    def stop(self) -> None:
        for process in reversed(self._started):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
        self._started.clear()


def missing(programs: Mapping[str, str]) -> str:
    """The Debian packages of those programs that are not here, for the sentence that says why nothing was run."""
    return ", ".join(sorted({package for program, package in programs.items() if shutil.which(program) is None}))
