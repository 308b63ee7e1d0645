"""`make bench`: each script of benchmarks/ in turn; it prints its table and writes its JSON to benchmarks/results."""

import os
import subprocess

from tools import environment, livekit, machine
from tools.console import Trouble
from tools.paths import ROOT


def run(names: list[str]) -> int:
    """All benchmarks, or those named (`bench_call`). Returns the exit code of the first that fails."""
    there = {path.stem: path for path in sorted((ROOT / "benchmarks").glob("bench_*.py"))}
    if unknown := [name for name in names if name not in there]:
        raise Trouble(f"There is no benchmark named {', '.join(unknown)}. There are: {', '.join(there)}.")
    machine.ensure((*machine.SOUND, machine.CHROMIUM))
    environment.ensure(tests=True)
    os.environ.setdefault("RENDEZVOUS_LIVEKIT_SERVER", str(livekit.server()))
    for name in names or list(there):
        print(f"\n== {name}", flush=True)
        if code := subprocess.run(environment.command("-m", f"benchmarks.{name}"), cwd=ROOT).returncode:
            return code
    return 0
