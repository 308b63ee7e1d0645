"""Sets the machine up, starts everything, runs the tests. Standard library only; the Makefile only calls this.

python dev.py run | setup | test [suite ...] | check | bench [name ...] | soak
"""

import argparse
import sys

if sys.version_info < (3, 11):  # before any import that older versions cannot read
    sys.exit(
        f"Rendezvous needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 run"
    )

from tools import benching, environment, running, testing
from tools.console import Trouble


def main() -> int:
    """Runs one command; returns the exit code. A `Trouble` becomes one sentence, never a stack trace."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="set up, start everything, print the addresses; Ctrl-C ends it")
    commands.add_parser("setup", help="only set up")
    commands.add_parser("check", help="ruff, mypy, import-linter")
    test = commands.add_parser("test", help="everything, or the suites named")
    test.add_argument("suites", nargs="*", metavar="suite", help=", ".join(testing.SUITES))
    bench = commands.add_parser("bench", help="the benchmarks, or the ones named")
    bench.add_argument("names", nargs="*")
    commands.add_parser("soak", help="the long versions of the randomised suites")
    asked = parser.parse_args()
    try:
        match asked.command:
            case "run":
                return running.run()
            case "setup":
                running.set_up()
                return 0
            case "check":
                environment.ensure(tests=True)
                return testing.check()
            case "test":
                return testing.run(asked.suites)
            case "bench":
                return benching.run(asked.names)
            case _:
                return testing.soak()
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
