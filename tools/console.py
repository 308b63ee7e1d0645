"""What the person at the terminal reads: steps with their progress, and trouble in one sentence."""

import sys
import time
from types import TracebackType


class Trouble(Exception):
    """Something that the person can mend: the sentence says what happened and what to do."""


class Step:
    """One line a step: `with Step("Installing") as step: step.progress("12 of 70")`. Shows how long it took.

    On a terminal the line is rewritten in place; elsewhere (a log, CI) only a change of every 10 s is printed.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._started = self._printed = time.monotonic()
        self._live = sys.stdout.isatty()

    def __enter__(self) -> "Step":
        self._write("")
        return self

    def progress(self, how_far: str) -> None:
        now = time.monotonic()
        if self._live or now - self._printed > 10:
            self._printed = now
            self._write(how_far)

    def _write(self, how_far: str) -> None:
        text = f"  {self.what} ... {how_far}"
        print(f"\r\033[K{text}" if self._live else text, end="" if self._live else "\n", flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        took = f"{time.monotonic() - self._started:.1f} s"
        start = "\r\033[K" if self._live else ""
        print(f"{start}  {self.what} ... {'done' if kind is None else 'failed'} ({took})", flush=True)
