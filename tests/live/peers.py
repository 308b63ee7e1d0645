"""Starts a side as a process of its own, so that it can be killed, and have its own sound card and network."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.call.contract.devices import AudioBackend
from app.call.contract.engine import CallCredentials
from tests.live.audio_counts import SoundCounts
from tests.stage.sound_cards import SoundCards
from tests.stage.two_networks import Network
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Backend:
    """What a fake of the backend needs, to make a room and a token as `generate-call-link` does."""

    http_url: str
    key: str
    secret: str


@dataclass(frozen=True)
class Start:
    """What a peer is told first. Without a `backend` it cannot rejoin by itself."""

    camera: str
    credentials: dict[str, Any]
    backend: dict[str, Any] = field(default_factory=dict)
    sound: str = AudioBackend.PORTAUDIO.value


class Peer:
    """`said` is the newest snapshot, `states` every state that it has named; `began_s` is when each began last.

    `samples` are the `QualitySample`s of its call, as dictionaries.
    """

    def __init__(
        self,
        credentials: CallCredentials,
        camera: Path | str,
        cards: SoundCards,
        card: str,
        *,
        network: Network | None = None,
        backend: Backend | None = None,
        sound: AudioBackend = AudioBackend.PORTAUDIO,
        environment: dict[str, str] | None = None,
    ) -> None:
        environment = os.environ | cards.environment(card) | (environment or {})

        def start() -> "subprocess.Popen[str]":
            return subprocess.Popen(
                [sys.executable, "-m", "tests.live.peer"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )

        self.identity = credentials.participant_identity
        self.process = network.run(start) if network is not None else start()
        self.said: dict[str, Any] = {}
        self.states: list[str] = []
        self.troubles: list[str] = []
        self.began_s: dict[str, float] = {}
        self.samples: list[dict[str, Any]] = []
        self.frames = 0
        self.sound_counts = SoundCounts()
        self.renewed = 0
        self.failures: list[str] = []
        """Of the call's parts, each with its trace; a test that does not expect any takes them for its own failure."""
        self.received: dict[str, str] = {}
        """The digest of each file that has arrived whole."""
        threading.Thread(target=self._read, daemon=True).start()
        told = Start(str(camera), asdict(credentials), asdict(backend) if backend else {}, sound.value)
        self.tell(json.dumps(asdict(told)))

    def _read(self) -> None:
        for line in self.process.stdout or ():
            said = json.loads(line)
            if "state" in said:
                self._note(said)
            if "sample" in said:
                self.samples.append(said["sample"])
            if "frames" in said:
                self.frames, self.sound_counts = said["frames"], SoundCounts(**said["sound_counts"])
            if "received" in said:
                self.received[said["received"]] = said["digest"]
            if "failed" in said:
                self.failures.append(said["failed"])
            self.renewed += "renewed" in said

    def _note(self, said: dict[str, Any]) -> None:
        if not self.states or self.states[-1] != said["state"]:
            self.began_s[said["state"]] = said["at_s"]
            self.states.append(said["state"])
        if said["trouble"]:
            self.troubles.append(said["trouble"])
        self.said = said

    @property
    def state(self) -> str:
        return str(self.said.get("state", ""))

    def chat(self, *prefixes: str) -> list[str]:
        """What this side shows of the messages that begin so, in order; one's own only once they are delivered."""
        shown = self.said.get("chat", [])
        return [text for text, mine, delivered in shown if delivered and text.split()[0] in prefixes]

    def file(self, name: str) -> dict[str, Any]:
        """How the newest file of that name stands; empty while there is none."""
        found = [each for each in self.said.get("files", []) if each[0] == name]
        return dict(zip(("name", "mine", "state", "done", "problem"), found[-1], strict=True)) if found else {}

    def forget(self) -> None:
        """From now on only what comes counts."""
        self.states, self.troubles, self.samples, self.renewed = [self.state], [], [], 0

    async def is_in(self, state: str, limit_s: float = 30.0) -> None:
        await until(lambda: self.state == state, lambda: f"{self.identity} is {state}: {self.states[-8:]}", limit_s)

    async def was_in(self, state: str, limit_s: float = 30.0) -> None:
        """Also where it is over by the time that somebody looks."""
        await until(lambda: state in self.states, lambda: f"{self.identity} was {state}: {self.states[-8:]}", limit_s)

    async def sees(self, limit_s: float = 20.0) -> None:
        """Frames of the other come, from now on."""
        seen = self.frames
        await until(lambda: self.frames > seen + 3, f"{self.identity} sees the other: {self.said}", limit_s)

    def tell(self, line: str) -> None:
        if self.process.stdin is not None:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def freeze(self) -> None:
        """As a laptop that is closed: it does not run, and is not gone."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
