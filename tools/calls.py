"""What the calls of a run stand on: LiveKit elsewhere, or one of our own, built beside the rest and started when it is.

What needs no call starts meanwhile; `PREPARING` tells the backend, and so the people, how far it is.
"""

import os
from dataclasses import dataclass, field

from tools import livekit
from tools.console import Step, Trouble
from tools.paths import HOME
from tools.processes import Programs, answers, free_port

LIVEKIT_PORT = 7880
PREPARING = HOME / "calls-preparing.txt"
"""How far the call server is, in words, while it is not there; the backend of the demo reads it."""


@dataclass(frozen=True)
class LivekitAddress:
    """Where LiveKit is reached, ours or one elsewhere."""

    url: str
    keys: livekit.Keys = field(repr=False)


def livekit_elsewhere() -> LivekitAddress | None:
    """LiveKit Cloud, or any server that the environment names. Raises `Trouble` when it names half of one."""
    names = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
    given = {name: os.environ.get(name, "") for name in names}
    if not any(given.values()):
        return None
    if missing := [name for name in names if not given[name]]:
        raise Trouble(f"For a LiveKit server of your own set all of {', '.join(names)}; missing: {', '.join(missing)}.")
    return LivekitAddress(given["LIVEKIT_URL"], livekit.Keys(given["LIVEKIT_API_KEY"], given["LIVEKIT_API_SECRET"]))


class Calls:
    """The call server of one run. Made before anything else, as building it takes longest."""

    def __init__(self) -> None:
        self._elsewhere = livekit_elsewhere()
        self._building = None if self._elsewhere else livekit.Building()
        self._step: Step | None = None
        self._port, self._media, self._webhook_url = 0, (0, 0), ""
        self.are_there = False

    def choose_ports(self, taken: set[int], webhook_url: str) -> LivekitAddress:
        """Where it will be: the backend has to know before it is there."""
        if self._elsewhere:
            return self._elsewhere
        self._webhook_url, self._port = webhook_url, free_port(LIVEKIT_PORT, taken)
        self._media = free_port(self._port + 1, taken), free_port(self._port + 2, taken, udp=True)
        return LivekitAddress(f"ws://127.0.0.1:{self._port}", livekit.keys())

    def come(self, programs: Programs) -> bool:
        """Starts the server as soon as it is built, else says how far that is; True where it has just been started.

        To be called again and again. Raises `Trouble` when it could not be built or does not start.
        """
        if self.are_there:
            return False
        if self._elsewhere:
            print(f"  LiveKit ... the one at {self._elsewhere.url}")
        elif self._building and not self._building.wait(0):
            self._note_progress(self._building.progress)
            return False
        else:
            self._start(programs)
        PREPARING.unlink(missing_ok=True)
        self.are_there = True
        return True

    def _note_progress(self, how_far: str) -> None:
        if self._step is None:
            self._step = Step(f"Building {livekit.BUILT.name} ({livekit.BUILT.takes})")
        HOME.mkdir(parents=True, exist_ok=True)
        whole = PREPARING.with_suffix(".new")
        whole.write_text(how_far, "utf-8")
        whole.replace(PREPARING)  # the backend never reads half of it
        self._step.progress(how_far)

    def _start(self, programs: Programs) -> None:
        with Step("LiveKit"):
            config = HOME / "livekit.json"
            livekit.write_config(config, livekit.keys(), self._port, *self._media, self._webhook_url)
            server = programs.start("livekit", [str(livekit.server()), "--config", str(config)], os.environ)
            programs.wait_for(server, lambda: answers(f"http://127.0.0.1:{self._port}/"), 20)
