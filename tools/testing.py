"""`make test` and `make check`: the suites in order, fast ones first, each with its time."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tools import environment, livekit, machine
from tools.console import Trouble
from tools.paths import HOME, ROOT

CHECKS = {
    "ruff": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "mypy": ("-m", "mypy"),
    "imports": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
}


@dataclass(frozen=True)
class Suite:
    """Folders of tests; `on` is added to their environment, `ensure` raises `Trouble` where they cannot be run."""

    folders: tuple[str, ...]
    on: Mapping[str, str] = field(default_factory=dict)
    ensure: Callable[[], None] | None = None


ON_POSTGRESQL = {"RENDEZVOUS_TEST_DATABASE": "postgresql"}
SUITES = {
    "unit": Suite(("tests/dev", "tests/backend")),
    # The same tests of the backend again, those that need a database, on PostgreSQL.
    "unit-pg": Suite(("tests/backend",), ON_POSTGRESQL, machine.ensure_postgresql),
    "screens": Suite(("tests/app",)),
    "contract": Suite(("tests/contract",)),
    "openapi": Suite(("tests/openapi",)),
    "openapi-pg": Suite(("tests/openapi",), ON_POSTGRESQL, machine.ensure_postgresql),
    "races": Suite(("tests/races",)),
    "races-pg": Suite(("tests/races",), ON_POSTGRESQL, machine.ensure_postgresql),
    "call": Suite(("tests/call",)),
    "e2e": Suite(("tests/e2e",)),
}


@dataclass(frozen=True)
class Result:
    """How one suite ended; `not_run` says why it never began, which only a machine of a person's own may excuse."""

    name: str
    passed: bool
    took_s: float
    not_run: str = ""


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
    for name, suite in SUITES.items():
        if not wanted or name in wanted:
            results.append(_run_suite(name, suite, excusable=not wanted and not os.environ.get("CI")))
    return _report(results)


def soak() -> int:
    """The randomised suites in full, 10,000 attempts in the races on each database, an hour's call. The exit code."""
    machine.ensure_for_tests()
    environment.ensure(tests=True)
    os.environ.setdefault("RENDEZVOUS_LIVEKIT_SERVER", str(livekit.server()))
    os.environ["RENDEZVOUS_SOAK"] = "1"
    results = [_run("soak", ("-m", "pytest", "-rs", "tests/backend", "tests/openapi"))]
    results += [_run_suite(name, SUITES[name], excusable=not os.environ.get("CI")) for name in ("races", "races-pg")]
    results.append(_run("long call", ("-m", "pytest", "-rs", "-s", "tests/call/test_long_call.py")))
    return _report(results)


def _run_suite(name: str, suite: Suite, *, excusable: bool) -> Result:
    if suite.ensure is not None:
        try:
            suite.ensure()
        except Trouble as trouble:
            print(f"\n== {name} CANNOT BE RUN: {trouble}", flush=True)
            return Result(name, passed=excusable, took_s=0.0, not_run=str(trouble))
    return _run(name, ("-m", "pytest", "-rs", *suite.folders), suite.on)


def _run(name: str, words: tuple[str, ...], on: Mapping[str, str] = MappingProxyType({})) -> Result:
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    surroundings = os.environ | {"RENDEZVOUS_HOME": str(HOME)} | dict(on)
    done = subprocess.run(environment.command(*words), cwd=ROOT, env=surroundings)
    return Result(name, done.returncode == 0, time.monotonic() - began)


def _report(results: list[Result]) -> int:
    print("\nsuite      result      time", flush=True)
    for result in results:
        print(f"{result.name:<10} {_outcome(result):<8} {result.took_s:7.1f} s")
    failed = sum(not result.passed for result in results)
    missed = [result for result in results if result.not_run]
    print(
        f"suites: {len(results) - failed - sum(r.passed for r in missed)} passed, {failed} failed, "
        f"{len(missed)} not run, total {sum(r.took_s for r in results):.0f} s",
        flush=True,
    )
    for result in missed:
        print(f"NOT RUN: {result.name}. {result.not_run}", flush=True)
    sys.stdout.flush()
    return 1 if failed else 0


def _outcome(result: Result) -> str:
    if result.not_run:
        return "NOT RUN"
    return "passed" if result.passed else "FAILED"
