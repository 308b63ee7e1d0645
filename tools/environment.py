"""The project's own Python environment: `.venv` with exactly what the lock file names."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

from tools.console import Step, Trouble
from tools.paths import BYTECODE, ROOT, VENV, VENV_PYTHON

RUN_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"  # a superset of RUN_LOCK, with the same versions
UV = "uv==0.13.9"
PIP = ("-m", "pip", "install", "--no-deps", "--disable-pip-version-check")


def ensure(*, tests: bool = False) -> None:
    """Makes `.venv` fit the lock file; a few milliseconds when it already does.

    Raises `Trouble` when Python lacks venv or a download fails.
    """
    lock = TEST_LOCK if tests else RUN_LOCK
    stamp = VENV / "installed"
    wanted = [_digest(lock), _digest(TEST_LOCK)]  # the superset serves both
    if stamp.exists() and stamp.read_text() in wanted and _usable():
        return
    ensure_created()
    _install(lock)
    stamp.write_text(_digest(lock))


def ensure_created() -> None:
    """Makes `.venv` with pip in it, and nothing else. Raises `Trouble` when Python lacks venv."""
    if not _usable():
        _create()


def keep_bytecode() -> None:
    """Where PYTHONDONTWRITEBYTECODE is set (in many containers) each process that we start would compile every module
    that it imports: 1,500 for the backend, two thirds of its start. They keep them in a folder of their own instead,
    so that no source folder is written to. https://docs.python.org/3/using/cmdline.html#envvar-PYTHONPYCACHEPREFIX
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(BYTECODE))


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
    with Step(f"Installing {total} packages") as step:
        if not _install_by_uv(lock):
            step.progress("by pip, which takes longer")
            _install_by_pip(lock, total, step)


def _install_by_uv(lock: Path) -> bool:
    """In a tenth of pip's time (106 packages: 7 s, not 84). False where uv cannot be had or cannot do it."""
    if subprocess.run(command(*PIP, UV), capture_output=True).returncode:
        return False
    listed = subprocess.run(command("-m", "pip", "config", "list"), capture_output=True, text=True)
    options, cert = uv_options(listed.stdout)
    words = ("-m", "uv", "pip", "install", "--python", str(VENV_PYTHON), "--no-deps", "-q", *options, "-r", str(lock))
    surroundings = {"SSL_CERT_FILE": cert} | os.environ if cert else dict(os.environ)
    return subprocess.run(command(*words), capture_output=True, env=surroundings).returncode == 0


def uv_options(pip_says: str) -> tuple[list[str], str]:
    """What `pip config list` says of where packages come from, for uv, which does not read it; and a certificate file.

    https://pip.pypa.io/en/stable/topics/configuration/, https://docs.astral.sh/uv/reference/cli/#uv-pip-install
    """
    options, cert = [], ""
    for line in pip_says.splitlines():
        name, _, value = line.partition("=")
        option, told = name.rpartition(".")[2].replace("_", "-"), value.strip("'\"")
        if option in ("index-url", "extra-index-url", "find-links"):
            options += [word for each in told.replace("\\n", " ").split() for word in (f"--{option}", each)]
        elif option == "no-index" and told.lower() in ("1", "true", "yes", "on"):
            options.append("--no-index")
        elif option == "cert":
            cert = told
    return options, cert


def _install_by_pip(lock: Path, total: int, step: Step) -> None:
    tail: list[str] = []
    with subprocess.Popen(
        command(*PIP, "--progress-bar", "off", "-r", str(lock)),
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
