"""The app starts where none of the native parts can be had: as on a phone, up to the screen for signing in."""

import subprocess
import sys

import pytest

from tests.dev.phone_dependencies import ROOT, left_out_modules

ALWAYS = {"livekit", "cv2", "sounddevice", "av", "numpy", "keyring", "desktop_notifier", "cv2_enumerate_cameras"}
START = """
import asyncio, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ImportError(f"{name} is not there on a phone")

sys.meta_path.insert(0, Blocked())

import flet as ft
from functools import partial
from app.main import start
from app.settings import AppSettings
from tests.app.stage.harness import Harness

async def main():
    settings = AppSettings(api_url="http://127.0.0.1:9")
    stored = {}
    keep = lambda given: stored.update({given["key"]: given["value"]})
    replies = {"get": lambda given: stored.get(given["key"]), "set": keep}
    async with Harness(partial(start, settings), platform=ft.PagePlatform.PHONE, width=390, replies=replies) as app:
        await app.shows("Good to see you.")
        await app.click("Browse without an account")
        await app.shows("Rendezvous cannot be reached")
    loaded = {name.split(".")[0] for name in sys.modules}
    print("started without", *sorted(BLOCKED & loaded))

asyncio.run(main())
"""


@pytest.mark.parametrize("phone", ["Android", "iOS"])
def test_the_app_starts_without_any_native_part(phone: str) -> None:
    blocked = left_out_modules(phone) | ALWAYS
    assert {"tzlocal", "jeepney", "flet_web", "flet_desktop", "ai_edge_litert"} <= blocked
    code = START.replace("PHONE", phone.upper()).replace("BLOCKED", repr(blocked))
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert ran.stdout.strip() == "started without", ran.stderr[-3000:]
