"""The programs that a run starts: each in its own group, watched, and ended by its own id in the right order."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import BinaryIO

from tools.console import Trouble
from tools.paths import LOGS, ROOT, WINDOWS

STOP_GRACE_S = 10.0


@dataclass
class Program:
    """A started program and where its output goes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, for the sentence that says why it stopped."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Programs:
    """Everything that one run started, in order; `stop` ends exactly these, the youngest first."""

    def __init__(self) -> None:
        self._started: list[Program] = []

    def start(self, name: str, words: list[str], environment: Mapping[str, str]) -> Program:
        """Starts a program with its output in a log file of its own."""
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{name}.log"
        with log.open("wb") as out:
            process = _open(words, out, environment)
        program = Program(name, process, log)
        self._started.append(program)
        return program

    def dead(self) -> Program | None:
        """The first one that has ended by itself."""
        return next((program for program in self._started if program.process.poll() is not None), None)

    def wait_for(self, program: Program, ready: Callable[[], bool], limit_s: float) -> None:
        """Waits until `ready`. Raises `Trouble` with its last words when it ends or the limit passes."""
        until = time.monotonic() + limit_s
        while not ready():
            if program.process.poll() is not None:
                raise Trouble(
                    f"{program.name} stopped while starting. Its last words ({program.log}):\n{program.last_words()}"
                )
            if time.monotonic() > until:
                raise Trouble(
                    f"{program.name} did not answer within {limit_s:.0f} s. Its log ({program.log}):\n"
                    f"{program.last_words()}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        """Asks each to end, the youngest first; ends those that do not within the grace, and all that they started."""
        for program in reversed(self._started):
            if program.process.poll() is None:
                _ask_to_end(program.process)
        until = time.monotonic() + STOP_GRACE_S
        for program in reversed(self._started):
            try:
                program.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                program.process.kill()
                program.process.wait()
            _end_group(program.process.pid)
        self._started.clear()


def _open(words: list[str], out: BinaryIO, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """In a group of its own: Ctrl-C at the terminal reaches only dev.py, which ends the programs in order."""
    if sys.platform == "win32":
        group = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=environment,
            creationflags=group,
        )
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        preexec_fn=DIE_WITH_PARENT,
    )


def _ask_to_end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            process.terminate()


def _end_group(number: int) -> None:
    """What a program has left behind, such as the window of one that was killed: killpg(2)."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(number, signal.SIGKILL)


def _die_with_parent() -> None:
    """Nothing is left behind when dev.py itself is killed: prctl(2), PR_SET_PDEATHSIG."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


DIE_WITH_PARENT = _die_with_parent if sys.platform == "linux" else None
"""For `subprocess.Popen(preexec_fn=...)`."""


def free_port(wanted: int, taken: set[int], *, udp: bool = False) -> int:
    """`wanted`, or the next free one on loopback; adds it to `taken`."""
    for port in range(wanted, min(wanted + 200, 65_536)):
        if port not in taken and _is_free(port, udp):
            taken.add(port)
            return port
    raise Trouble(f"No free port between {wanted} and {wanted + 199}. End a program that uses one and start again.")


def _is_free(port: int, udp: bool) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as probe:
        if not WINDOWS and not udp:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT can be listened on again
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def open_own(url: str, timeout_s: float) -> HTTPResponse:
    """Asks one of our own servers on loopback directly, whatever proxy the environment names. Raises OSError."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    answer: HTTPResponse = opener.open(url, timeout=timeout_s)
    return answer


def answers(url: str) -> bool:
    """Whether a web address answers with success."""
    try:
        with open_own(url, timeout_s=2) as answer:
            return bool(answer.status < 400)
    except (OSError, urllib.error.URLError):
        return False


def alive(pid: int) -> bool:
    """Whether a process with this id runs."""
    if WINDOWS:
        listed = subprocess.run(["tasklist", "/FI", f"PID eq {pid}", "/NH"], capture_output=True, text=True)
        return str(pid) in listed.stdout
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
