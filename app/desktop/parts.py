"""Whether a packaged app carries everything that it loads only later: `rendezvous --check`."""

import importlib
import sys

from app.settings import ASSETS

PARTS = (
    *("flet_desktop", "flet_web", "livekit.rtc", "numpy", "cv2", "sounddevice", "av", "keyring", "desktop_notifier"),
    *("babel.dates", "segno", "tzdata"),
)
FILES = ("index.html", "icon.png", "fonts/Inter-Regular.ttf", "models/selfie_segmentation_landscape.tflite")


def missing_parts() -> list[str]:
    """What cannot be loaded or is not there, with the reason."""
    missing = []
    for name in PARTS:
        try:
            importlib.import_module(name)
        except Exception as error:  # a library that is not there raises OSError, one for another system anything
            missing.append(f"{name}: {type(error).__name__}: {error}")
    return missing + [f"assets/{name}" for name in FILES if not (ASSETS / name).is_file()]


def check_parts() -> int:
    """Says what is missing; the exit code is how many parts are. A windowed program on Windows has no output."""
    missing = missing_parts()
    if sys.stdout is not None:
        sys.stdout.write("\n".join(missing or ["All parts are here."]) + "\n")
    return len(missing)
