"""A screen without a monitor (Xvfb), on which a Chromium shows a page from edge to edge: what the native engine shares.

In Debian: xvfb.
"""

import os
import shutil
import subprocess
from typing import Self

WIDTH, HEIGHT = 1920, 1080
ELSEWHERE = ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XAUTHORITY")
"""What would say that the session is another one."""


def why_no_screen() -> str:
    """For the sentence that says why nothing was run; empty where there can be one."""
    return "" if shutil.which("Xvfb") else "Xvfb is not here (Debian: xvfb)"


class XScreen:
    """`start`, then `name` for the environment's DISPLAY, then `stop`."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self.name = ""

    @property
    def flags(self) -> tuple[str, ...]:
        """Of a Chromium that fills this screen with its first page: without a window manager it comes out one pixel
        smaller than asked for.
        """
        return ("--kiosk", f"--window-size={WIDTH + 2},{HEIGHT + 2}", "--window-position=0,0", "--hide-scrollbars")

    @property
    def environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in ELSEWHERE} | {"DISPLAY": self.name}

    def start(self) -> Self:
        """Raises AssertionError when it does not come up."""
        read, write = os.pipe()
        words = ["Xvfb", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-displayfd", str(write)]
        silent = subprocess.DEVNULL
        self._server = subprocess.Popen(words, stdin=silent, stdout=silent, stderr=silent, pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as said:  # it names the first free display itself
            self.name = f":{said.readline().strip()}"
        assert self.name != ":", "Xvfb did not start"
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()
