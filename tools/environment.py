"""The project's own Python environment: `.venv` with exactly what the lock file names."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

from tools.console import Step, Trouble
from tools.paths import ROOT, VENV, VENV_PYTHON

RUN_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"  # a superset of RUN_LOCK, with the same versions


def ensure(*, tests: bool = False) -> None:
    """Makes `.venv` fit the lock file; a few milliseconds when it already does.

    Raises `Trouble` when Python lacks venv or a download fails.
    """
    lock = TEST_LOCK if tests else RUN_LOCK
    stamp = VENV / "installed"
    wanted = [_digest(lock), _digest(TEST_LOCK)]  # the superset serves both
    if stamp.exists() and stamp.read_text() in wanted and _usable():
        return
    if not _usable():
        _create()
    _install(lock)
    stamp.write_text(_digest(lock))


def command(*words: str) -> list[str]:
    """A command line that runs a module in the project's environment: `command("-m", "backend")`."""
    return [str(VENV_PYTHON), *words]


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def _usable() -> bool:
    if not VENV_PYTHON.exists():
        return False
    probe = [str(VENV_PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(probe, capture_output=True).returncode == 0


def _create() -> None:
    with Step("Making .venv"):
        try:
            venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(VENV)
        except (subprocess.CalledProcessError, OSError) as error:
            raise Trouble(
                "Python could not make a virtual environment. On Debian and Ubuntu install the package python3-venv "
                f"(sudo apt-get install python3-venv), then try again. ({error})"
            ) from error


def _install(lock: Path) -> None:
    total = sum(1 for line in lock.read_text().splitlines() if line and not line.startswith("#"))
    words = [
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
        "-r",
        str(lock),
    ]
    tail: list[str] = []
    with Step(f"Installing {total} packages") as step:
        with subprocess.Popen(
            command(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as pip:
            seen = 0
            for line in pip.stdout or ():
                tail = [*tail[-15:], line.rstrip()]
                if line.startswith(("Collecting ", "Requirement already")):
                    seen += 1
                    step.progress(f"{seen} of {total}")
                elif line.startswith("Installing collected"):
                    step.progress("downloaded, unpacking")
        if pip.returncode:
            why = "\n".join(tail)
            raise Trouble(
                f"The packages could not be installed; check the network and run the command again. pip said:\n{why}"
            )
