"""`make test`, `make test-all` and `make check`: the suites in order, fast ones first, each with its time."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from tools import callpage, desktop_client, environment, livekit, machine, web_client
from tools.console import Trouble
from tools.failures import failures
from tools.paths import HOME, ROOT

CHECKS = {
    "ruff": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "mypy": ("-m", "mypy"),
    "imports": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
}


@dataclass(frozen=True)
class Suite:
    """Folders of tests and how they are run.

    `on` is added to their environment, `needs` is what they ask of the system, `fetch` brings what else they need and
    raises `Trouble` where that cannot be had. `parallel`: pytest-xdist's way to share them out over every core, for
    suites that only compute. `quick`: part of `make test`; the others are the rest of `make test-all`.
    """

    folders: tuple[str, ...]
    on: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[machine.SystemPart, ...] = ()
    fetch: Callable[[], None] = lambda: None
    parallel: str = ""
    quick: bool = False


ON_POSTGRESQL = {"RENDEZVOUS_TEST_DATABASE": "postgresql"}
SOUND, BROWSER, POSTGRESQL = machine.SOUND, (*machine.SOUND, machine.CHROMIUM), (machine.POSTGRESQL,)
SERVERS = (*POSTGRESQL, machine.REDIS)
"""What a few tests of `unit` start for themselves; on a person's machine they are left out where one is missing."""


def _fetch_pages() -> None:
    """What browsers load of the app, and the call page: journeys lead through both."""
    web_client.ensure()
    callpage.ensure()


SUITES = {
    "unit": Suite(("tests/dev", "tests/backend"), parallel="loadfile", quick=True),
    "screens": Suite(("tests/app",), needs=(machine.PORTAUDIO,), parallel="loadfile", quick=True),
    "contract": Suite(("tests/contract",), parallel="loadfile", quick=True),
    "call": Suite(("tests/call",), parallel="loadfile", quick=True),
    "openapi": Suite(("tests/openapi",), parallel="load", quick=True),
    # The same tests of the backend again, those that need a database, on PostgreSQL.
    "unit-pg": Suite(("tests/backend",), ON_POSTGRESQL, POSTGRESQL, parallel="loadfile"),
    "openapi-pg": Suite(("tests/openapi",), ON_POSTGRESQL, POSTGRESQL, parallel="load"),
    "races": Suite(("tests/races",)),
    "races-pg": Suite(("tests/races",), ON_POSTGRESQL, POSTGRESQL),
    "live": Suite(("tests/live",), needs=BROWSER),  # alone and one by one: its subject is time and audio
    "e2e": Suite(("tests/e2e",), needs=BROWSER, fetch=_fetch_pages),
    "web": Suite(("tests/web",), needs=(machine.CHROMIUM, machine.NPM), fetch=web_client.ensure_all),
    "callpage": Suite(("tests/callpage",), needs=(*BROWSER, machine.FIREFOX, machine.XVFB), fetch=callpage.ensure),
    # deploy/ as processes: what compose starts, in a network namespace.
    "deploy": Suite(
        ("tests/deploy",),
        needs=(*POSTGRESQL, machine.REDIS, machine.CADDY, *BROWSER),
        fetch=_fetch_pages,
    ),
    "desktop": Suite(("tests/desktop",), needs=machine.DESKTOP, fetch=desktop_client.ensure),
}
LONGER = ("test_long_call", "test_files", "test_goodbyes", "test_lasting", "test_low_bandwidth", "test_networks")
"""Live tests that do more in `make soak`."""
QUICK = tuple(name for name, suite in SUITES.items() if suite.quick)
REST = tuple(name for name, suite in SUITES.items() if not suite.quick)
PARALLEL = ("-n", "auto", "--maxprocesses", "8", "--dist")
SLOWEST = "--durations=10"


@dataclass(frozen=True)
class Result:
    """How one suite ended; `not_run` says why it never began, which only a machine of a person's own may excuse.

    `failed` has a line for each failed test.
    """

    name: str
    passed: bool
    took_s: float
    not_run: str = ""
    failed: tuple[str, ...] = ()


def run_checks() -> int:
    """Style, types and import rules. Returns the exit code."""
    environment.ensure(tests=True)
    results = [_run(name, words) for name, words in CHECKS.items()]
    return _report(results)


def run(wanted: Sequence[str], options: Sequence[str] = ()) -> int:
    """The checks and the suites named; all run even when one fails. Returns the exit code.

    `options` go to pytest (`-k`, `-x`, a file). A suite that was not asked for by name may be left out on a person's
    machine that lacks what it needs, but not in CI.
    """
    if unknown := [name for name in wanted if name not in SUITES and name != "check"]:
        raise Trouble(f"There is no suite named {', '.join(unknown)}. There are: check, {', '.join(SUITES)}.")
    return _run_all(wanted, options, excusable=False)


def quick() -> int:
    """`make test`: the checks and all that can be shown in minutes. Returns the exit code."""
    code = _run_all(("check", *QUICK), excusable=True)
    print(f"Further suites, with `make test-all`: {', '.join(REST)}.", flush=True)
    return code


def rest() -> int:
    """What `make test` leaves: the other database, races, calls, journeys. Returns the exit code."""
    return _run_all(REST, excusable=True)


def everything() -> int:
    """`make test-all`. Returns the exit code."""
    return _run_all(("check", *SUITES), excusable=True)


def _run_all(names: Sequence[str], options: Sequence[str] = (), *, excusable: bool) -> int:
    print("Setting up", flush=True)
    environment.ensure(tests=True)
    if any(name in SUITES for name in names):
        os.environ.setdefault("RENDEZVOUS_LIVEKIT_SERVER", str(livekit.server()))
    in_ci = bool(os.environ.get("CI"))
    if in_ci:  # where each test has to run
        machine.ensure(SERVERS)
    results = []
    if "check" in names:
        results += [_run(name, words) for name, words in CHECKS.items()]
    for name in names:
        if name in SUITES:
            results.append(_run_suite(name, SUITES[name], options, excusable=excusable and not in_ci))
    return _report(results)


def pictures() -> int:
    """`make pictures`: the journeys again, leaving each screen, wide and narrow, in build/screenshots; those of windows
    and of the call page in folders of their own.
    """
    os.environ["RENDEZVOUS_PICTURES"] = str(ROOT / "build" / "screenshots")
    return _run_all(("e2e", "callpage", "desktop"), excusable=True)


def soak() -> int:
    """The randomised suites in full, 10,000 attempts in the races on each database, every mutant of the pure rules (the
    score stays in mutants/mutmut-cicd-stats.json), an hour's call. Returns the exit code.
    """
    machine.ensure(BROWSER)
    environment.ensure(tests=True)
    os.environ.setdefault("RENDEZVOUS_LIVEKIT_SERVER", str(livekit.server()))
    os.environ["RENDEZVOUS_SOAK"] = "1"
    results = [_run("soak", ("-m", "pytest", "-rs", "tests/backend", "tests/openapi"))]
    results += [_run_suite(name, SUITES[name], excusable=not os.environ.get("CI")) for name in ("races", "races-pg")]
    results.append(_run("mutants", ("-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 1))))
    results.append(_run("score", ("-m", "mutmut", "export-cicd-stats")))
    results.append(_run("live", ("-m", "pytest", "-rs", "-s", *(f"tests/live/{name}.py" for name in LONGER))))
    return _report(results)


def _run_suite(name: str, suite: Suite, options: Sequence[str] = (), *, excusable: bool) -> Result:
    try:
        machine.ensure(suite.needs)
        suite.fetch()
    except Trouble as trouble:
        print(f"\n== {name} CANNOT BE RUN: {trouble}", flush=True)
        return Result(name, passed=excusable, took_s=0.0, not_run=str(trouble))
    report = ROOT / "build" / "tests" / f"{name}.xml"
    report.unlink(missing_ok=True)
    words = [
        "-m",
        "pytest",
        "-rs",
        SLOWEST,
        f"--junitxml={report}",
        *((*PARALLEL, suite.parallel) if suite.parallel else ()),
    ]
    result = _run(name, (*words, *suite.folders, *options), suite.on)
    return result if result.passed else replace(result, failed=tuple(failures(report)))


def _run(name: str, words: tuple[str, ...], on: Mapping[str, str] = MappingProxyType({})) -> Result:
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    surroundings = os.environ | {"RENDEZVOUS_HOME": str(HOME)} | web_client.settings() | dict(on)
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
    for result in results:
        for line in result.failed:
            print(f"FAILED: {result.name} {line}", flush=True)
    sys.stdout.flush()
    return 1 if failed else 0


def _outcome(result: Result) -> str:
    if result.not_run:
        return "NOT RUN"
    return "passed" if result.passed else "FAILED"
