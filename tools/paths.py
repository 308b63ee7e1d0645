"""Where things are. Everything made at run time lives in one git-ignored folder, `.rendezvous`."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("RENDEZVOUS_HOME") or ROOT / ".rendezvous")
BIN = HOME / "bin"
LOGS = HOME / "logs"
DATA = HOME / "data"
RUN_FILE = HOME / "run.json"
KEYS_FILE = HOME / "keys.json"
BYTECODE = HOME / "bytecode"

VENV = ROOT / ".venv"
WINDOWS = sys.platform == "win32"
VENV_PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
