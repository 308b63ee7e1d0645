"""What a browser loads: Flet's web client and our page, made once per version and kept compressed.

Everything but the page itself lies below a path that carries its content's digest, so that browsers keep it for ever.
The first start makes it in some ten seconds; `python -m app.web.client_files FOLDER --small` takes some minutes more,
and what is loaded first is an eighth smaller: half a second on a phone's network (decision 40).
"""

import filecmp
import gzip
import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import brotli
from flet_web import get_package_web_dir
from flet_web.version import version as flet_version

from app.settings import ASSETS

FORMAT = "3"
"""Another one when this file puts something else together from the same parts."""
FONTS = {
    "Inter": "Inter-Regular.ttf",
    "Inter Medium": "Inter-Medium.ttf",
    "Inter SemiBold": "Inter-SemiBold.ttf",
    "Roboto": "Inter-Regular.ttf",
}
"""By family. Roboto is Flutter's own: where it is not there, it is asked of Google."""
LEFT_OUT = ("pyodide/", "index.html", "manifest.json", "favicon.png", "icons/", "flutter", "python", "version.json")
LEFT_OUT_ENDINGS = (".symbols", ".map")
UNUSED_RENDERERS = ("canvaskit/wimp", "canvaskit/experimental_webparagraph")
OWN = ("fonts/*.ttf", "icons/*.png", "favicon.png", "mark*.svg")
PLACED = ("index.html", "web/service-worker.js", "manifest.json")
"""What stands at a path of its own and is asked for each time."""
ICONS, ICONS_IN_CLIENT = "web/material-icons.otf", "assets/fonts/MaterialIcons-Regular.otf"
"""The icons that the app uses (`tools/web_icons.py`), and where Flet's client has all of them."""
FONT_MANIFEST = (
    {"family": "MaterialIcons", "fonts": [{"asset": "fonts/MaterialIcons-Regular.otf"}]},
    *({"family": family, "fonts": [{"asset": f"../fonts/{name}"}]} for family, name in FONTS.items()),
)
"""What Flet's client loads before its first picture, instead of formulas' and another system's icons. A font that comes
later leaves words cut off that were laid out before it.
"""
FIRST_FONTS = (
    ("fetch", "assets/FontManifest.json"),
    ("fetch", "assets/fonts/MaterialIcons-Regular.otf"),
    *(("fetch", f"fonts/{name}") for name in sorted(set(FONTS.values()))),
)
FIRST_LOADED = {
    "chromium": (
        ("fetch", "main.dart.wasm"),
        ("fetch", "canvaskit/skwasm.wasm"),
        ("module", "main.dart.mjs"),
        ("module", "canvaskit/skwasm.js"),
        *FIRST_FONTS,
    ),
    "others": (
        ("script", "main.dart.js"),
        ("fetch", "canvaskit/canvaskit.wasm"),
        ("module", "canvaskit/canvaskit.js"),
        *FIRST_FONTS,
    ),
}
"""By browser: what Flutter's loader asks for, one after the other. The page names it all at once."""
COMPRESSED = (".js", ".mjs", ".wasm", ".json", ".bin", ".otf", ".ttf", ".svg", ".frag", ".html", "NOTICES")
SMALLEST = 512  # bytes; below, a compressed file saves no packet
QUALITY, SMALL_QUALITY, WINDOW = 9, 11, 24
"""Brotli's (RFC 7932), and how far it looks back: 2 to this power."""
PRELOADS = "<!-- PRELOADS -->"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""By preference; with the ending of the files."""
READY = "complete"
"""The file that says so, and by which quality of brotli."""


@dataclass(frozen=True)
class ClientFiles:
    """The made files: `folder` holds them and their compressed forms, `digest` names their content."""

    folder: Path
    digest: str

    def is_own(self, name: str) -> bool:
        """Whether the name is of one of the app's own files (fonts, icons, the mark)."""
        return any(PurePosixPath(name).match(pattern) for pattern in OWN) and ".." not in PurePosixPath(name).parts

    @property
    def base(self) -> str:
        """The path below which everything is kept for ever."""
        return f"/c/{self.digest}"


def client_files(cache: Path, quality: int = QUALITY) -> ClientFiles:
    """The files of this version, from the cache if they are there."""
    digest = _digest()
    folder = cache / digest
    if (folder / READY).exists():
        if _quality_of(folder) < quality:
            _compress_all(folder, quality)
    else:
        cache.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f"{digest}-", dir=cache))
        _make(made, f"/c/{digest}")
        _compress_all(made, quality)
        try:
            made.rename(folder)
        except OSError:  # another process was faster
            shutil.rmtree(made)
        _forget_others(cache, digest)
    return ClientFiles(folder, digest)


def _forget_others(cache: Path, digest: str) -> None:
    """Of earlier versions only the newest stays: a process of it may still run."""
    others = [each for each in cache.iterdir() if (each / READY).exists() and each.name != digest]
    for old in sorted(others, key=lambda each: (each / READY).stat().st_mtime)[:-1]:
        shutil.rmtree(old, ignore_errors=True)


def _sources() -> Iterator[tuple[str, Path]]:
    """Each file as (path in the client, where it is); ours win over Flet's."""
    web = Path(get_package_web_dir())
    for path in sorted(web.rglob("*")):
        name = path.relative_to(web).as_posix()
        unused = name.startswith((*LEFT_OUT, *UNUSED_RENDERERS)) or name.endswith(LEFT_OUT_ENDINGS)
        if path.is_file() and not unused:
            yield name, path
    for pattern in OWN:
        for path in sorted(ASSETS.glob(pattern)):
            yield path.relative_to(ASSETS).as_posix(), path


def _digest() -> str:
    said = hashlib.sha256(f"{FORMAT} {flet_version} {FONT_MANIFEST} {FIRST_LOADED}".encode())
    own = [path for _, path in _sources() if path.is_relative_to(ASSETS)]
    for path in [*own, *(ASSETS / name for name in PLACED), *sorted(ASSETS.glob("web/*"))]:
        said.update(path.read_bytes())
    return said.hexdigest()[:16]


def _make(folder: Path, base: str) -> None:
    for name, path in _sources():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (folder / ICONS_IN_CLIENT).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ASSETS / ICONS, folder / ICONS_IN_CLIENT)
    (folder / "assets" / "FontManifest.json").write_text(json.dumps(FONT_MANIFEST))
    (folder / "rendezvous.js").write_text(_script(base))
    for name in PLACED:
        (folder / Path(name).name).write_text((ASSETS / name).read_text().replace("CLIENT", base))
    page = (folder / "index.html").read_text()
    (folder / "index.html").unlink()
    for browser, loaded in FIRST_LOADED.items():
        (folder / page_for(browser)).write_text(page.replace(PRELOADS, _preloads(base, loaded)))


def page_for(browser: str) -> str:
    """The page's file for one of `FIRST_LOADED`."""
    return f"index-{browser}.html"


def _preloads(base: str, loaded: Iterable[tuple[str, str]]) -> str:
    """Links that the browser follows before any script runs (HTML, 4.6.7.18 "preload" and 4.6.7.12 "modulepreload")."""
    kinds = {
        "fetch": 'rel="preload" as="fetch" crossorigin',
        "script": 'rel="preload" as="script"',
        "module": 'rel="modulepreload"',
    }
    return "\n  ".join(f'<link {kinds[kind]} href="{base}/{name}">' for kind, name in loaded)


def _script(base: str) -> str:
    """One script instead of five round trips: our watch over the connection, the way back, the early sign-in form,
    Flutter's loader, and the start.
    """
    web = Path(get_package_web_dir())
    builds = re.search(r"_flutter\.buildConfig = (\{.*?\});\n", (web / "flutter_bootstrap.js").read_text())
    if builds is None:
        raise RuntimeError("flutter_bootstrap.js names no builds: another Flet has another client")
    connection, back, early, start = (
        (ASSETS / "web" / f"{name}.js").read_text() for name in ("connection", "back", "early", "start")
    )
    loader = (web / "flutter.js").read_text().replace("//# sourceMappingURL=flutter.js.map", "")
    return "\n".join((connection, back, early, loader, start.replace("BUILDS", builds[1]).replace("CLIENT", base)))


def _compress_all(folder: Path, quality: int) -> None:
    """Every file that gains by it; those of a lower quality are replaced while they may be handed out. What another
    version has of the same content is taken from there: most of it is Flutter's, and stays when our scripts change.
    """
    whole = [path for path in folder.rglob("*") if path.name.endswith(COMPRESSED) and path.stat().st_size >= SMALLEST]
    others = [other for other in folder.parent.iterdir() if other != folder and _quality_of(other) >= quality]
    left = [path for path in whole if not _take_over(path, [other / path.relative_to(folder) for other in others])]
    with ThreadPoolExecutor() as threads:  # both libraries let go of the interpreter while they work
        list(threads.map(partial(_compress, quality), sorted(left, key=lambda path: -path.stat().st_size)))
    (folder / READY).write_text(str(quality))


def _quality_of(folder: Path) -> int:
    """By which its files are compressed; 0 for what is not complete, or of an earlier format."""
    ready = folder / READY
    return int(ready.read_text() or 0) if ready.is_file() else 0


def _take_over(path: Path, others: list[Path]) -> bool:
    for other in others:
        if other.is_file() and filecmp.cmp(other, path, shallow=False):
            for _, ending in ENCODINGS:
                _replace(path, ending, other.with_name(other.name + ending).read_bytes())
            return True
    return False


def _compress(quality: int, path: Path) -> None:
    content = path.read_bytes()
    _replace(path, ".br", brotli.compress(content, quality=quality, lgwin=WINDOW))
    _replace(path, ".gz", gzip.compress(content, 6, mtime=0))


def _replace(path: Path, ending: str, packed: bytes) -> None:
    made = path.with_name(f"{path.name}{ending}.part")
    made.write_bytes(packed)
    made.replace(path.with_name(path.name + ending))


if __name__ == "__main__":
    client_files(Path(sys.argv[1]), SMALL_QUALITY if "--small" in sys.argv else QUALITY)
