"""Fallback fonts, from our own address: what Flutter asks for when a text has letters that the app's font lacks.

Flutter asks for Google's names, `notosansjp/v53/....12.woff2`: a family, and of the large ones the numbered piece that
has the letter. `tools/web_fonts.py` brings the same pieces (Noto, SIL Open Font License 1.1) from the registry of npm.
"""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app.web.pages import FOR_EVER

ASKED = re.compile(r"(?P<family>noto[a-z0-9]+)/v\d+/[\w-]+?(?:\.(?P<piece>\d+))?\.woff2")
SYMBOLS = {
    "jrBWXPM4Q": "braille",
    "ujgfE71": "math",
    "gTBWXPM4Q": "mayan-numerals",
    "vrgfE71": "symbols",
}
"""Noto Sans Symbols 2 is in pieces without numbers: by how their names end."""
NOT_THERE_S = 24 * 3600


def font_file(asked: str) -> str:
    """Below the folder of fonts, the file that answers a path of Flutter's; empty for what it never asks for."""
    found = ASKED.fullmatch(asked)
    if found is None:
        return ""
    symbols = next((piece for ending, piece in SYMBOLS.items() if asked.endswith(f"-{ending}.woff2")), None)
    piece = found["piece"] or (symbols if found["family"] == "notosanssymbols2" else None) or "whole"
    return f"{found['family']}/{piece}.woff2"


class Fonts:
    """Serves the folder that `tools/web_fonts.py` fills; without one, such letters are shown as boxes."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    async def font(self, request: Request) -> Response:
        name = font_file(request.path_params["name"])
        if not name or self._folder is None or not (self._folder / name).is_file():
            return Response(status_code=404, headers={"Cache-Control": f"public, max-age={NOT_THERE_S}"})
        return FileResponse(self._folder / name, headers={"Cache-Control": FOR_EVER}, media_type="font/woff2")
