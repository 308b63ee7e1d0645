"""The phone build has none of the native libraries: what it imports must do without them."""

import ast
import subprocess
import sys
from pathlib import Path

BLOCKED = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"livekit", "cv2", "sounddevice", "av", "numpy", "mss"}:
            raise ImportError(name)
sys.meta_path.insert(0, Block())
import app.call.contract.engine, app.call.state.store, app.call.stats.quality_monitor, app.call.adaptation.policy
try:
    import app.call.engine
except ImportError:
    print("only the engine needs them")
"""


def test_the_contract_and_the_machine_need_no_native_library() -> None:
    ran = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "only the engine needs them", ran.stderr


def test_importing_the_engine_does_not_need_portaudio() -> None:
    code = "import sys, app.call.engine; print('sounddevice' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "False", ran.stderr


def _private_names(file: Path) -> list[str]:
    """What a file imports of LiveKit's SDK that begins with an underscore, or reads of its objects by such a name."""
    tree = ast.parse(file.read_text("utf-8"))
    modules = [
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "livekit"
        for part in (*(node.module or "").split("."), *(each.name for each in node.names))
        if part.startswith("_")
    ]
    foreign = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    ]
    return modules + foreign


def test_private_names_of_the_sdk_are_in_one_file_only() -> None:
    """import-linter sees only the SDK's root package."""
    call = Path(__file__).resolve().parents[2] / "app" / "call"
    found = {str(file.relative_to(call)): names for file in call.rglob("*.py") if (names := _private_names(file))}
    of_sounddevice = found.pop("audio/driver/sounddevice_private.py")
    assert set(found) == {"room/sdk_private.py"}
    assert set(of_sounddevice) <= {"_terminate", "_initialize", "_initialized", "_libname", "_exit_handler"}
