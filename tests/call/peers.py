"""Starts the other side as a process of its own, so that it can be killed, and have its own sound card."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.call.ports import CallCredentials
from tests.stage.sound_cards import SoundCards

ROOT = Path(__file__).resolve().parents[2]


class Peer:
    """`said` is the newest line of the peer, `states` every state that it has named."""

    def __init__(self, credentials: CallCredentials, camera: Path | str, cards: SoundCards, card: str) -> None:
        environment = os.environ | cards.environment(card)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.call.peer"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.said: dict[str, Any] = {}
        self.states: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()
        self.tell(json.dumps({"camera": str(camera), "credentials": asdict(credentials)}))

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.said = json.loads(line)
            self.states.append(self.said["state"])

    def tell(self, line: str) -> None:
        if self.process.stdin is not None:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
