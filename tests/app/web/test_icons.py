"""Browsers load a font that holds the app's icons alone: each of them has to be in it."""

import struct
from collections.abc import Iterator

from tools.web_icons import FONT, code_points, names_used

LARGEST = 40_000  # bytes; Flutter's whole font has 1.2 MB


def drawn(font: bytes) -> Iterator[int]:
    """The code points that have a glyph, by the font's `cmap` of format 12 (OpenType 1.9.1, "cmap")."""
    tables = struct.unpack(">H", font[4:6])[0]
    records = (struct.unpack(">4sIII", font[12 + 16 * each : 28 + 16 * each]) for each in range(tables))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    maps = struct.unpack(">H", font[start + 2 : start + 4])[0]
    for each in range(maps):
        offset = start + struct.unpack(">HHI", font[start + 4 + 8 * each : start + 12 + 8 * each])[2]
        if struct.unpack(">H", font[offset : offset + 2])[0] == 12:
            groups = struct.unpack(">I", font[offset + 12 : offset + 16])[0]
            for group in range(groups):
                first, last, _ = struct.unpack(">III", font[offset + 16 + 12 * group : offset + 28 + 12 * group])
                yield from range(first, last + 1)


def test_every_icon_of_the_app_is_in_the_font_that_browsers_load() -> None:
    there, known = set(drawn(FONT.read_bytes())), code_points()
    missing = sorted(name for name in names_used() if known[name] not in there)
    assert not missing, f"run `python -m tools.web_icons`, which adds {', '.join(missing)}"


def test_the_font_of_icons_is_small() -> None:
    assert FONT.stat().st_size <= LARGEST
