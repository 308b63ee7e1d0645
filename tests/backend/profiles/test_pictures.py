"""What becomes of any file that is sent as a photo: its colours, its memory, its bounds."""

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from PIL import Image, ImageCms

from backend.kit.errors import InvalidPayload
from backend.profiles.service import pictures
from backend.profiles.service.decoding import normal_photo

MEASURED = """
import resource, subprocess, sys
upload = sys.stdin.buffer.read()
done = subprocess.run([sys.executable, "-P", "-s", sys.argv[1]], input=upload, capture_output=True)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
START_KB = 20_000  # Python with Pillow, before a picture is opened
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes on Linux only, as is the limit")


def saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **{"compress_level": 1, "method": 0, **how})
    return stream.getvalue()


@cache
def plain(size: tuple[int, int], kind: str, mode: str = "RGB", **how: Any) -> bytes:
    return saved(Image.new(mode, size), kind, **how)


@cache
def frames(kind: str, size: tuple[int, int]) -> bytes:
    several = [Image.new("RGBA", size, (60 * number, 0, 0, 128)) for number in range(3)]
    return saved(several[0], kind, save_all=True, append_images=several[1:])


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_with(extra: bytes) -> bytes:
    """A small PNG with chunks of somebody's own after its header."""
    whole = plain((100, 100), "PNG")
    return whole[:33] + extra + whole[33:]


def scans_apart(size: tuple[int, int]) -> bytes:
    """A plain JPEG whose first scan has one of three colours: libjpeg keeps the whole picture until the last."""
    whole = bytearray(plain(size, "JPEG", subsampling=0))
    at = whole.index(b"\xff\xda")
    return bytes(whole[:at]) + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\0" * 1_000_000 + b"\xff\xd9"


def webp_head(kind: bytes, content: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


ZEROS = zlib.compress(b"\0" * 50_000_000, 9)
TAKEN: dict[str, Callable[[], bytes]] = {
    "a phone's 50 megapixels": lambda: plain((8160, 6144), "JPEG"),
    "50 megapixels for print": lambda: plain((8160, 6144), "JPEG", "CMYK"),
    "progressive": lambda: plain((4000, 3000), "JPEG", progressive=True, subsampling=0),
    "PNG": lambda: plain((4000, 3000), "PNG", "RGBA"),
    "PNG of grey and alpha": lambda: plain((4000, 3000), "PNG", "LA"),
    "PNG of 16 bits": lambda: plain((4000, 3000), "PNG", "I;16"),
    "PNG by palette": lambda: plain((4000, 3000), "PNG", "P", transparency=0),
    "WebP": lambda: plain((4000, 2000), "WEBP", "RGBA", lossless=True),
    "WebP that moves": lambda: frames("WEBP", (4000, 2000)),
    "PNG that moves": lambda: frames("PNG", (4000, 3000)),
    "much EXIF": lambda: png_with(chunk(b"eXIf", b"II*\0\x08\0\0\0" + b"\xff" * 4_000_000)),
}
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "profile bomb": (lambda: png_with(chunk(b"iCCP", b"icc\0\0" + ZEROS)), "can be read"),
    "text bomb": (lambda: png_with(chunk(b"zTXt", b"text\0\0" + ZEROS)), "can be read"),
    "JPEG of too many": (lambda: plain((9000, 8000), "JPEG"), "up to 64 million"),
    "PNG of too many": (lambda: plain((8000, 5000), "PNG", "RGBA"), "PNG may have up to 12 million"),
    "WebP of too many": (lambda: plain((8000, 5000), "WEBP", "RGBA", lossless=True), "WebP may have up to 8 million"),
    "WebP that moves": (lambda: frames("WEBP", (5000, 4000)), "up to 8 million"),
    "lossy WebP": (lambda: plain((8000, 5000), "WEBP"), "up to 8 million"),
    "announced WebP": (lambda: webp_head(b"VP8X", b"\x10\0\0\0" + b"\xff" * 6), "up to 8 million"),
    "progressive": (lambda: plain((8160, 6144), "JPEG", progressive=True), "progressive"),
    "scans apart": (lambda: scans_apart((8000, 7900)), "can be read"),
    "long": (lambda: plain((60_000, 1_000), "JPEG"), "long and narrow"),
    "TIFF": (lambda: plain((100, 100), "TIFF"), "can be read"),
    "GIF that moves": (lambda: frames("GIF", (100, 100)), "can be read"),
}


@LINUX
@pytest.mark.parametrize("name", [*TAKEN, *(f"no: {name}" for name in REFUSED)])
def test_no_file_takes_more_than_200_mb(name: str) -> None:
    upload = REFUSED[name[4:]][0]() if name.startswith("no: ") else TAKEN[name]()
    words = [sys.executable, "-c", MEASURED, pictures.__file__]
    status, peak_kb = subprocess.run(words, input=upload, capture_output=True, check=True).stdout.split()
    assert int(peak_kb) - START_KB < 200_000
    if not name.startswith("no: "):
        assert int(status) == 0


@LINUX
def test_what_is_decoded_in_the_backend_leaves_its_memory_as_it_was() -> None:
    code = (
        "import resource, sys; from backend.profiles.service.decoding import normal_photo; "
        "upload = sys.stdin.buffer.read(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; "
        "normal_photo(upload); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    upload = TAKEN["PNG"]()
    grown_kb = subprocess.run([sys.executable, "-c", code], input=upload, capture_output=True, check=True).stdout
    assert int(grown_kb) < 10_000


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_in_words(name: str) -> None:
    make, words = REFUSED[name]
    with pytest.raises(InvalidPayload, match=words):
        normal_photo(make())


def middle(upload: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(normal_photo(upload))) as photo:
        colour = photo.getpixel((256, 256))
    assert isinstance(colour, tuple)
    return tuple(int(part) for part in colour)


def near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 3) -> bool:
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=True))


def rgb_profile(red: tuple[float, float], green: tuple[float, float], blue: tuple[float, float], gamma: float) -> bytes:
    """A matrix profile (ICC.1:2010, 8.3) of these primaries (xy, D65), adapted to D50 by Bradford."""
    white = (0.9505, 1.0, 1.0891)
    columns = [(x / y, 1.0, (1 - x - y) / y) for x, y in (red, green, blue)]
    scale = _solved(columns, white)
    tags = {
        name: _adapted(tuple(part * share for part in column))
        for name, column, share in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, scale, strict=True)
    }
    tags[b"wtpt"] = (0.9642, 1.0, 0.8249)
    blocks = {name: b"XYZ \0\0\0\0" + b"".join(_fixed(part) for part in xyz) for name, xyz in tags.items()}
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    blocks |= {name: curve for name in (b"rTRC", b"gTRC", b"bTRC")}
    blocks[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 79
    blocks[b"cprt"] = b"text\0\0\0\0none\0\0\0\0"
    table, content, at = b"", b"", 128 + 4 + 12 * len(blocks)
    for name, block in blocks.items():
        padded = block + b"\0" * (-len(block) % 4)
        table += name + struct.pack(">II", at, len(block))
        content, at = content + padded, at + len(padded)
    body = struct.pack(">I", len(blocks)) + table + content
    head = struct.pack(">I", 128 + len(body)) + b"\0\0\0\0" + b"\x02\x20\0\0" + b"mntrRGB XYZ " + b"\0" * 12 + b"acsp"
    head = head.ljust(68, b"\0") + b"".join(_fixed(part) for part in (0.9642, 1.0, 0.8249))
    return head.ljust(128, b"\0") + body


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _adapted(xyz: tuple[float, ...]) -> tuple[float, ...]:
    bradford = (
        (1.0478112, 0.0228866, -0.0501270),
        (0.0295424, 0.9904844, -0.0170491),
        (-0.0092345, 0.0150436, 0.7521316),
    )
    return tuple(sum(share * part for share, part in zip(row, xyz, strict=True)) for row in bradford)


def _solved(columns: list[tuple[float, float, float]], wanted: tuple[float, ...]) -> list[float]:
    """How much of each column makes `wanted`, by Cramer's rule."""

    def determinant(of: list[tuple[float, ...]]) -> float:
        (a, b, c), (d, e, f), (g, h, i) = of
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)

    whole = determinant([*columns])
    return [determinant([*columns[:at], wanted, *columns[at + 1 :]]) / whole for at in range(3)]


ADOBE_RGB = rgb_profile((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), 2.19921875)
# The same red, (200, 60, 50) in sRGB, in numbers of Adobe RGB (1998): by its primaries and its gamma of 2.2.
RED, RED_IN_ADOBE_RGB = (200, 60, 50), (173, 62, 54)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_colours_of_another_colour_space_stay_what_they_are(kind: str) -> None:
    how = {"quality": 95} if kind != "PNG" else {}
    if kind == "WEBP":
        how["lossless"] = True
    upload = saved(Image.new("RGB", (600, 600), RED_IN_ADOBE_RGB), kind, icc_profile=ADOBE_RGB, **how)
    assert not near(middle(saved(Image.new("RGB", (600, 600), RED_IN_ADOBE_RGB), kind, **how)), RED)
    assert near(middle(upload), RED)


def test_a_transparent_picture_of_another_colour_space_keeps_its_colours_on_white() -> None:
    half = Image.new("RGBA", (600, 600), (*RED_IN_ADOBE_RGB, 255))
    half.paste((0, 0, 0, 0), (0, 0, 600, 100))
    upload = saved(half, "PNG", icc_profile=ADOBE_RGB)
    assert near(middle(upload), RED)
    with Image.open(io.BytesIO(normal_photo(upload))) as photo:
        assert near(photo.getpixel((256, 20)), (255, 255, 255))  # type: ignore[arg-type]  # a tuple, in RGB


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
MODES: dict[str, tuple[Any, str, dict[str, Any], tuple[int, int, int]]] = {
    "RGB": ((200, 60, 50), "PNG", {}, RED),
    "RGBA": ((200, 60, 50, 255), "PNG", {}, RED),
    "L": (90, "JPEG", {}, (90, 90, 90)),
    "LA": ((90, 255), "PNG", {}, (90, 90, 90)),
    "1": (1, "PNG", {}, (255, 255, 255)),
    "I;16": (0x5A5A, "PNG", {}, (90, 90, 90)),
    "CMYK": ((55, 195, 205, 0), "JPEG", {"quality": 95}, RED),
}


@pytest.mark.parametrize("profile", [b"", SRGB, ADOBE_RGB[:200], b"not a profile"], ids=["none", "srgb", "cut", "junk"])
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_keeps_its_colours_with_any_profile_that_does_not_fit(mode: str, profile: bytes) -> None:
    colour, kind, how, wanted = MODES[mode]
    upload = saved(Image.new(mode, (600, 600), colour), kind, icc_profile=profile or None, **how)
    assert near(middle(upload), wanted)


def test_a_palette_keeps_its_colours_and_what_is_transparent_in_it_is_white() -> None:
    picture = Image.new("P", (600, 600), 1)
    picture.putpalette([0, 0, 0, *RED])
    assert near(middle(saved(picture, "PNG")), RED)
    assert near(middle(saved(picture, "PNG", transparency=1)), (255, 255, 255))


def test_what_is_transparent_in_16_bits_of_grey_is_white() -> None:
    assert near(middle(saved(Image.new("I;16", (600, 600), 0x5A5A), "PNG", transparency=0x5A5A)), (255, 255, 255))


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_way_of_holding_a_camera_is_turned_upright(turn: int) -> None:
    upright = Image.new("RGB", (640, 640), "white")
    upright.paste("red", (0, 0, 320, 320))
    upright.paste("blue", (320, 0, 640, 320))
    held = {name: pictures._TURNS[name] for name in pictures._TURNS}
    back = {6: held[8], 8: held[6]} | {name: held[name] for name in (2, 3, 4, 5, 7)}
    exif = Image.Exif()
    exif[0x0112] = turn
    sent = upright.transpose(back[turn]) if turn != 1 else upright
    with Image.open(io.BytesIO(normal_photo(saved(sent, "JPEG", exif=exif, quality=95)))) as photo:
        left, right, below = (photo.getpixel(at) for at in ((128, 128), (384, 128), (256, 400)))
    assert near(left, (254, 0, 0), 6)  # type: ignore[arg-type]  # tuples, in RGB
    assert near(right, (0, 0, 254), 6)  # type: ignore[arg-type]
    assert near(below, (255, 255, 255), 6)  # type: ignore[arg-type]
