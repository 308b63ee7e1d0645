"""Sets the machine up, starts everything, runs the tests. Standard library only; the Makefile only calls this.

python dev.py run | setup | test [suite ...] [-- pytest's options] | test-rest | test-all | check |
pictures | bench [name ...] | soak | package | bake
"""

import argparse
import sys
from collections.abc import Callable

if sys.version_info < (3, 11):  # before any import that older versions cannot read
    sys.exit(
        f"Rendezvous needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 run"
    )

from tools import benching, desktop_package, environment, running, testing
from tools.console import Trouble


def main() -> int:
    """Runs one command; returns the exit code. A `Trouble` becomes one sentence, never a stack trace."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (what, _) in COMMANDS.items():
        commands.add_parser(name, help=what)
    test = commands.add_parser("test", help="the checks and the quick suites, or the suites named")
    test.add_argument("suites", nargs="*", metavar="suite", help=", ".join(testing.SUITES))
    bench = commands.add_parser("bench", help="the benchmarks, or the ones named")
    bench.add_argument("names", nargs="*")
    words, options = _split(sys.argv[1:])
    asked = parser.parse_args(words)
    environment.keep_bytecode()
    try:
        if asked.command == "test":
            return testing.run(asked.suites, options) if asked.suites else testing.quick()
        if asked.command == "bench":
            return benching.run(asked.names)
        return COMMANDS[asked.command][1]()
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _set_up() -> int:
    running.set_up()
    return 0


COMMANDS: dict[str, tuple[str, Callable[[], int]]] = {
    "run": ("set up, start everything, print the addresses; Ctrl-C ends it", running.run),
    "setup": ("only set up", _set_up),
    "check": ("ruff, mypy, import-linter", testing.run_checks),
    "test-rest": ("the suites that `test` leaves", testing.rest),
    "test-all": ("the checks and every suite", testing.everything),
    "pictures": ("the browser journeys, leaving a picture of each screen in build/screenshots", testing.pictures),
    "package": ("the desktop app as one folder in build/package, started once", desktop_package.package),
    "bake": ("write RENDEZVOUS_API_URL into the app before `flet build`", desktop_package.bake),
    "soak": ("the long versions of the randomised suites", testing.soak),
}


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what stands behind `--` and is pytest's."""
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


if __name__ == "__main__":
    sys.exit(main())
