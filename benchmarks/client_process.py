"""A client of a benchmark in a process of its own: it takes orders and gives answers, each a line of JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CLOSE_LIMIT_S = 15.0


class ClientProcess:
    """Of the module of `benchmarks` with this name. `tell` it an order, then take its `answer`."""

    def __init__(self, module: str, environment: dict[str, str] | None = None) -> None:
        """`environment` is added to this process's own. Runs where it is called: also inside another network."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{module}"],
            cwd=ROOT,
            env=os.environ | (environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.pid = self._process.pid

    def tell(self, order: dict[str, Any] | None = None) -> None:
        """Without an order: go on."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order or {}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Raises `RuntimeError` when the process has ended without one."""
        assert self._process.stdout is not None
        return _answer_among(self._process.stdout)

    def only_answer(self, limit_s: float) -> dict[str, Any]:
        """Of a client that answers once and then ends. Raises also `subprocess.TimeoutExpired`."""
        return _answer_among(self._process.communicate(timeout=limit_s)[0].splitlines())

    def close(self) -> None:
        """Returns when the process has ended, by force after a while."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(CLOSE_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(5)


def _answer_among(lines: Any) -> dict[str, Any]:
    for line in lines:
        if line.startswith("{"):
            answer: dict[str, Any] = json.loads(line)
            return answer
    raise RuntimeError("a client of the benchmark ended without an answer")
