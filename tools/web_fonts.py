"""Noto's pieces for browsers, from npm: `python tools/web_fonts.py FOLDER`.

Flutter's web engine asks for Google Fonts' pieces of Noto by name; the packages of Fontsource hold the same pieces,
with the same numbers. `app/web/fonts.py` serves them. License: SIL Open Font License 1.1 (each package's LICENSE).
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

VERSION = "5.3.0"
EMOJI, EMOJI_VERSION = "noto-emoji", "5.3.2"
"""In one colour. Fontsource's pieces of the coloured ones hold SVG, which Flutter does not draw; it asks for those, and
both are cut alike.
"""
# fmt: off
SCRIPTS = (
    "adlam", "arabic", "armenian", "bengali", "canadian-aboriginal", "cherokee", "devanagari",
    "ethiopic", "georgian", "gujarati", "gurmukhi", "hebrew", "javanese", "kannada",
    "khmer", "lao", "malayalam", "mongolian", "myanmar", "nko", "oriya",
    "sinhala", "symbols", "symbols-2", "syriac", "tamil", "telugu", "thaana",
    "thai", "tifinagh",
)
# fmt: on
EAST_ASIAN = ("sc", "tc", "hk", "jp", "kr")
WEIGHT = re.compile(r"-(?P<piece>[a-z0-9-]+)-400-normal\.woff2$")
STAMP = "fonts.json"


def packages() -> dict[str, str]:
    """Each family by its package and version."""
    names = ["noto-sans", *(f"noto-sans-{script}" for script in (*SCRIPTS, *EAST_ASIAN))]
    return {f"@fontsource/{name}": VERSION for name in names} | {f"@fontsource/{EMOJI}": EMOJI_VERSION}


def ensure(folder: Path) -> None:
    """Fills the folder, once per version. Raises `OSError` or `subprocess.CalledProcessError` where npm cannot."""
    wanted = json.dumps(packages(), indent=1)
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise OSError("there is no npm")
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda each: _fetch(npm, folder, *each), packages().items()))
    stamp.write_text(wanted)


def _fetch(npm: str, folder: Path, package: str, version: str) -> None:
    """One package's regular weight: `whole` for a family of one piece."""
    short = package.removeprefix("@fontsource/")
    family, script = folder / short.replace("-", ""), short.removeprefix("noto-sans-")
    if short == "noto-sans":  # asked for where its Devanagari is meant: all else of it the app's own font has
        script = "devanagari"
    if short == EMOJI:
        family = folder / "notocoloremoji"
    with tempfile.TemporaryDirectory() as there:
        words = [npm, "pack", "--silent", "--pack-destination", there, f"{package}@{version}"]
        subprocess.run(
            words, check=True, capture_output=True, cwd=there, env=os.environ | {"npm_config_loglevel": "error"}
        )
        (archive,) = Path(there).glob("*.tgz")
        family.mkdir(exist_ok=True)
        with tarfile.open(archive) as packed:
            for member in packed:
                found = WEIGHT.search(member.name.removeprefix(f"package/files/{short}"))
                content = packed.extractfile(member) if found and member.isfile() else None
                if found and content is not None:
                    piece = "whole" if found["piece"] in (script, short) else found["piece"]
                    (family / f"{piece}.woff2").write_bytes(content.read())


if __name__ == "__main__":
    ensure(Path(sys.argv[1]))
