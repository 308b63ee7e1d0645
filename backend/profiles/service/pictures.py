"""A person's photo out of any file: small first, then upright, in sRGB and on white, without what the camera noted.

Run as a program it is given the file on stdin and answers on stdout: it is the only part that opens what strangers send
(docs/decisions/0013-photos-in-a-process-of-their-own.md). It imports nothing of ours, so that it starts fast.
"""

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import cast

from PIL import Image, ImageCms

SIDE = 512
SMALLEST_SIDE = 64
FORMATS = ("JPEG", "PNG", "WEBP")
MILLION = 1_000_000
# JPEG is shrunk while it is decoded. The others have to be decoded whole, in 4 bytes a pixel and WebP in 20.
MAX_PIXELS = {"JPEG": 64 * MILLION, "PNG": 12_500_000, "WEBP": 8 * MILLION}
MAX_DECODED_PIXELS = 12_500_000
# What libjpeg keeps of a picture that comes in several scans, whatever it is shrunk to.
MAX_COEFFICIENT_BYTES = 80 * MILLION
MAX_MEMORY_BYTES = 180 * MILLION
MAX_CPU_S = 20
UNREADABLE = "This file is not a picture that can be read. Use JPEG, PNG or WebP."
REFUSED = 3
"""The exit status whose answer is a sentence."""

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Unfit(Exception):
    """Why this file cannot be a photo: a sentence for whoever sent it."""


def square_jpeg(upload: bytes) -> bytes:
    """The middle of the picture as a JPEG of 512x512 without any metadata; Unfit for what is no fit picture."""
    Image.MAX_IMAGE_PIXELS = None  # `_check_size` says the same in words
    try:
        _check_webp_size(upload)
        with Image.open(io.BytesIO(upload), formats=FORMATS) as picture:
            _check_size(picture)
            photo = _photo(picture)
    except Unfit:
        raise
    except Exception as error:  # decoders fail in many ways on hostile bytes: all of them are "not a picture"
        raise Unfit(UNREADABLE) from error
    jpeg = io.BytesIO()
    photo.save(jpeg, "JPEG", quality=85, optimize=True)
    return jpeg.getvalue()


def _check_webp_size(upload: bytes) -> None:
    """Pillow takes the memory for the whole canvas when it opens a WebP, so its size is read here first.

    RFC 9649, 2.5 to 2.7: `VP8X` has 24 bits of width and height, each less one; `VP8L` 14 bits each, less one;
    `VP8 ` 14.
    """
    if upload[:4] != b"RIFF" or upload[8:12] != b"WEBP":
        return
    kind, head = upload[12:16], upload[20:30]
    if kind == b"VP8X":
        width, height = int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    _check_pixels("WEBP", width, height)


def _check_pixels(kind: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS[kind]:
        most, name = MAX_PIXELS[kind] // MILLION, "WebP" if kind == "WEBP" else kind
        raise Unfit(f"This picture has too many pixels: a {name} may have up to {most} million.")


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    kind = "JPEG" if picture.format in ("JPEG", "MPO") else str(picture.format)
    _check_pixels(kind, width, height)
    if min(width, height) < SMALLEST_SIDE:
        raise Unfit("This picture is too small: at least 64 by 64 pixels.")
    if kind == "JPEG":
        if picture.info.get("progressive") and _coefficient_bytes(picture) > MAX_COEFFICIENT_BYTES:
            raise Unfit("This picture is too large for a progressive JPEG. Save it as a plain JPEG, or smaller.")
        picture.draft(None, (SIDE * 2, SIDE * 2))
        if picture.width * picture.height > MAX_DECODED_PIXELS:
            raise Unfit("This picture is too long and narrow. Cut it to what is to be seen.")


def _coefficient_bytes(picture: Image.Image) -> float:
    layers = cast("list[tuple[int, int, int, int]]", getattr(picture, "layer", []))
    most = max((across * down for _, across, down, _ in layers), default=1)
    shares = sum(across * down / most for _, across, down, _ in layers)
    return 2 * picture.width * picture.height * shares


def _photo(picture: Image.Image) -> Image.Image:
    turn = _TURNS.get(_orientation(picture))
    profile = picture.info.get("icc_profile")
    small = _shrunk(_shrinkable(picture))
    if turn is not None:
        small = small.transpose(turn)
    layer = _in_srgb(small, profile if isinstance(profile, bytes) else b"")
    ground = Image.new("RGB", layer.size, "white")
    if layer.mode == "RGBA":
        ground.paste(layer, mask=layer.getchannel("A"))
    else:
        ground.paste(layer)
    return ground  # new: `info` of the others has EXIF, XMP and comments, some of which Pillow would write again


def _orientation(picture: Image.Image) -> int:
    with suppress(Exception):  # notes that cannot be read turn nothing
        return int(picture.getexif().get(_ORIENTATION, 1))
    return 1


def _shrinkable(picture: Image.Image) -> Image.Image:
    """In a mode whose samples can be mixed: L, LA, RGB, RGBA or CMYK."""
    picture.load()
    transparent = picture.has_transparency_data
    if picture.mode.startswith("I"):  # 16 bits of grey, of which the upper eight are seen
        return _grey_of_16_bits(picture)
    if picture.mode == "CMYK":
        return picture
    mode = ("L" if picture.mode in ("L", "LA", "1") else "RGB") + ("A" if transparent else "")
    return picture if picture.mode == mode else picture.convert(mode)  # which would copy it


def _grey_of_16_bits(picture: Image.Image) -> Image.Image:
    grey = picture if picture.mode == "I" else picture.convert("I")
    eight = grey.point(lambda value: value * (1 / 257)).convert("L")
    clear = picture.info.get("transparency")
    if not isinstance(clear, int):
        return eight
    eight.info["transparency"] = round(clear / 257)
    return eight.convert("LA")


def _shrunk(picture: Image.Image) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    box = (left, top, left + side, top + side)
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """RGB, or RGBA where it was transparent; by its own profile unless that is broken or of another kind of colour."""
    alpha = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
    colours = picture.convert(picture.mode.removesuffix("A")) if alpha is not None else picture
    converted = None
    if profile:
        with suppress(Exception):  # a broken profile fails in many ways, and the picture is still one
            converted = ImageCms.profileToProfile(
                colours,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
    plain = converted if converted is not None else colours.convert("RGB")
    if alpha is not None:
        plain.putalpha(alpha)
    return plain


def _bound_this_process() -> None:
    """Limits of memory and time that hold whatever a decoder does. Only Linux has all three."""
    if sys.platform != "linux":
        return
    import resource  # only systems like Linux have it

    os.nice(10)
    used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    limits = {resource.RLIMIT_DATA: used + MAX_MEMORY_BYTES, resource.RLIMIT_CPU: MAX_CPU_S, resource.RLIMIT_CORE: 0}
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lowest, lowest))


def main() -> int:
    upload = sys.stdin.buffer.read()
    _bound_this_process()
    try:
        answer, status = square_jpeg(upload), 0
    except Unfit as unfit:
        answer, status = str(unfit).encode(), REFUSED
    sys.stdout.buffer.write(answer)
    return status


if __name__ == "__main__":
    sys.exit(main())
