"""`make test` and `make check`: the suites in order, fast ones first, each with its time."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from tools import environment, livekit, machine
from tools.console import Trouble
from tools.paths import HOME, ROOT

CHECKS = {
    "ruff": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "mypy": ("-m", "mypy"),
    "imports": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
}
SUITES = {
    "unit": ("tests/dev", "tests/backend"),
    "screens": ("tests/app",),
    "contract": ("tests/contract",),
    "call": ("tests/call",),
    "e2e": ("tests/e2e",),
}
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True)
class Result:
    """How one suite ended."""

    name: str
    passed: bool
    took_s: float


def check() -> int:
    """Style, types and import rules. Returns the exit code."""
    results = [_run(name, words) for name, words in CHECKS.items()]
    return _report(results)


def run(wanted: list[str]) -> int:
    """The checks and every suite, or only those named; all run even when one fails. Returns the exit code."""
    if unknown := [name for name in wanted if name not in SUITES and name != "check"]:
        raise Trouble(f"There is no suite named {', '.join(unknown)}. There are: check, {', '.join(SUITES)}.")
    print("Setting up", flush=True)
    machine.ensure_for_tests()
    environment.ensure(tests=True)
    os.environ.setdefault("RENDEZVOUS_LIVEKIT_SERVER", str(livekit.server()))
    results = []
    if not wanted or "check" in wanted:
        results += [_run(name, words) for name, words in CHECKS.items()]
    for name, folders in SUITES.items():
        if not wanted or name in wanted:
            results.append(_run(name, ("-m", "pytest", "-rs", *folders)))
    return _report(results)


def soak() -> int:
    """The randomised suites in full. Returns the exit code."""
    environment.ensure(tests=True)
    os.environ["RENDEZVOUS_SOAK"] = "1"
    return _report([_run("soak", ("-m", "pytest", "-rs", "tests/backend"))])


def _run(name: str, words: tuple[str, ...]) -> Result:
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    done = subprocess.run(environment.command(*words), cwd=ROOT, env=os.environ | {"RENDEZVOUS_HOME": str(HOME)})
    return Result(name, done.returncode == 0, time.monotonic() - began)


def _report(results: list[Result]) -> int:
    print("\nsuite      result      time", flush=True)
    for result in results:
        print(f"{result.name:<10} {'passed' if result.passed else 'FAILED':<8} {result.took_s:7.1f} s")
    failed = sum(not result.passed for result in results)
    print(
        f"suites: {len(results) - failed} passed, {failed} failed, total {sum(r.took_s for r in results):.0f} s",
        flush=True,
    )
    sys.stdout.flush()
    return 1 if failed else 0
