"""Noto's pieces for browsers, from npm: `python tools/web_fonts.py FOLDER`.

Flutter's web engine asks for Google Fonts' pieces of Noto by name; the packages of Fontsource hold the same pieces,
with the same numbers. `app/web/fonts.py` serves them. License: SIL Open Font License 1.1 (each package's LICENSE).
"""

import io
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
EMOJI_VERSION = "5.3.2"
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
    return {f"@fontsource/{name}": VERSION for name in names} | {"@fontsource/noto-color-emoji": EMOJI_VERSION}


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
    _split_emoji(folder / "notocoloremoji")
    stamp.write_text(wanted)


def _fetch(npm: str, folder: Path, package: str, version: str) -> None:
    """One package's regular weight: `whole` for a family of one piece."""
    short = package.removeprefix("@fontsource/")
    family, script = folder / short.replace("-", ""), short.removeprefix("noto-sans-")
    if short == "noto-sans":  # asked for where its Devanagari is meant: all else of it the app's own font has
        script = "devanagari"
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


def _split_emoji(family: Path) -> None:
    """The numbered pieces of Noto Color Emoji hold SVG, which Flutter draws as nothing. The whole font has colours that
    it draws (COLR version 1), in 6 MB: each piece is cut out of that one. Needs the packages fonttools and brotli.
    """
    from fontTools import subset
    from fontTools.ttLib import TTFont

    whole, plain = TTFont(family / "emoji.woff2"), io.BytesIO()
    del whole["SVG "]
    whole.flavor = None
    whole.save(plain)
    for path in family.glob("[0-9]*.woff2"):
        font, cut = TTFont(io.BytesIO(plain.getvalue())), subset.Subsetter(subset.Options(layout_features=["*"]))
        cut.populate(unicodes=TTFont(path).getBestCmap().keys())
        cut.subset(font)
        font.save(path)  # not compressed as WOFF2: that takes minutes


if __name__ == "__main__":
    ensure(Path(sys.argv[1]))
