"""The phone build has none of the native libraries: what it imports must do without them."""

import subprocess
import sys

BLOCKED = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"livekit", "cv2", "sounddevice", "av", "numpy"}:
            raise ImportError(name)
sys.meta_path.insert(0, Block())
import app.call.contract.engine, app.call.state.machine, app.call.stats.stall_detector
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
