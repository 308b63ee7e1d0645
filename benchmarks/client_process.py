"""The process of benchmarks.call_client, as its bench speaks to it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.stage.sound_cards import SoundCards

ROOT = Path(__file__).resolve().parents[1]


class NativeClient:
    """Our engine in a process of its own, on one sound card. `tell` an order, then take its `answer`."""

    def __init__(self, cards: SoundCards, card: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.call_client"],
            cwd=ROOT,
            env=os.environ | cards.environment(card),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.pid = self._process.pid

    def tell(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Raises `RuntimeError` when the process has ended without one."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise RuntimeError("the native client ended without an answer")

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
