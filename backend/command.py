"""The command `rendezvous-backend`: `python -m backend`, or why it cannot start after a plain `pip install`."""

import sys

HOW = 'Install the backend with: pip install "rendezvous[backend]"'


def main() -> int:
    """The exit code; 2 with one sentence where the backend's own packages are not installed."""
    try:
        from backend.__main__ import main as serve
    except ModuleNotFoundError as missing:
        sys.stderr.write(f"{missing.name} is not installed. {HOW}\n")
        return 2
    return serve()
