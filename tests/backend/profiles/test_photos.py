"""Photos: what is served is never what was sent."""

import io
import struct
import zlib
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tests.backend.stage import Person

PATH = "/professional/profile/photo"


def picture(size: tuple[int, int] = (800, 600), kind: str = "JPEG", mode: str = "RGB", **how: Any) -> bytes:
    colour: Any = {"RGB": (200, 30, 30), "RGBA": (200, 30, 30, 0), "L": 90, "P": 3, "CMYK": (0, 200, 200, 0)}[mode]
    stream = io.BytesIO()
    Image.new(mode, size, colour).save(stream, kind, **how)
    return stream.getvalue()


def send(person: Person, photo: bytes, name: str = "me.jpg", content_type: str = "image/jpeg") -> Any:
    return person.put(PATH, files={"photo": (name, photo, content_type)})


def served(client: TestClient, answer: Any) -> Image.Image:
    assert answer.status_code == 200, answer.text
    photo = client.get(answer.json()["photo_url"])
    assert (photo.status_code, photo.headers["Content-Type"]) == (200, "image/jpeg")
    return Image.open(io.BytesIO(photo.content))


@pytest.mark.parametrize(
    ("kind", "mode", "size"),
    [
        ("JPEG", "RGB", (800, 600)),
        ("JPEG", "L", (600, 800)),
        ("JPEG", "CMYK", (3000, 2000)),
        ("PNG", "RGBA", (300, 300)),
        ("PNG", "P", (64, 64)),
        ("WEBP", "RGB", (64, 2000)),
    ],
)
def test_every_common_picture_becomes_a_square_jpeg(
    client: TestClient, professional: Person, kind: str, mode: str, size: tuple[int, int]
) -> None:
    photo = served(client, send(professional, picture(size, kind, mode)))
    assert (photo.format, photo.mode, photo.size) == ("JPEG", "RGB", (512, 512))


def test_what_the_camera_noted_is_gone(client: TestClient, professional: Person) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[1] = "N"
    photo = served(client, send(professional, picture(exif=exif, comment=b"Secret comment", icc_profile=b"Secret icc")))
    assert dict(photo.getexif()) == {}
    assert b"Secret" not in client.get(professional.get("/professional/profile").json()["photo_url"]).content


def test_a_picture_taken_sideways_is_turned_upright(client: TestClient, professional: Person) -> None:
    sideways = Image.new("RGB", (400, 400), "white")
    sideways.paste("black", (0, 0, 400, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise: the black half is to be on the right
    stream = io.BytesIO()
    sideways.save(stream, "JPEG", exif=exif)
    photo = served(client, send(professional, stream.getvalue())).convert("L")
    assert (photo.getpixel((50, 256)), photo.getpixel((460, 256))) == (255, 0)


def test_transparency_becomes_white(client: TestClient, professional: Person) -> None:
    photo = served(client, send(professional, picture(kind="PNG", mode="RGBA")))
    assert photo.getpixel((256, 256)) == (255, 255, 255)


def bomb() -> bytes:
    """A PNG of a few hundred bytes that announces 60000x60000 pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9000))
        + chunk(b"IEND", b"")
    )


ABUSE = {
    "empty": b"",
    "text": b"not a picture",
    "script": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "gif": picture(kind="GIF", mode="P"),
    "bmp": picture(kind="BMP"),
    "tiff": picture(kind="TIFF"),
    "cut off": picture((2000, 2000), quality=95)[:2000],
    "header only": b"\xff\xd8\xff\xe0",
    "too small": picture((63, 400)),
    "too many pixels": picture((8_000, 5_001), "PNG", "L"),
    "bomb": bomb(),
    "too many bytes": picture() + b"\0" * (5 * 1024 * 1024),
}


@pytest.mark.parametrize("abuse", ABUSE)
def test_what_is_no_fit_picture_is_refused_and_the_photo_stays(professional: Person, abuse: str) -> None:
    before = send(professional, picture()).json()
    answer = send(professional, ABUSE[abuse])
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["photo"])
    assert professional.get("/professional/profile").json() == before


def test_a_photo_is_not_taken_from_another_field_or_a_bare_body(professional: Person) -> None:
    for answer in (professional.put(PATH, files={"file": picture()}), professional.put(PATH, content=picture())):
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["photo"])


def test_a_new_photo_has_a_new_address_that_can_be_kept_for_ever(client: TestClient, professional: Person) -> None:
    first = send(professional, picture()).json()["photo_url"]
    second = send(professional, picture(mode="L")).json()["photo_url"]
    assert first != second
    assert "immutable" in client.get(second).headers["Cache-Control"]
    assert "immutable" not in client.get(first).headers["Cache-Control"]


def test_an_unchanged_photo_is_not_sent_again(client: TestClient, professional: Person) -> None:
    address = send(professional, picture()).json()["photo_url"]
    tag = client.get(address).headers["ETag"]
    answer = client.get(address, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_removed_photo_is_gone(client: TestClient, professional: Person) -> None:
    address = send(professional, picture()).json()["photo_url"]
    assert professional.delete(PATH).json()["photo_url"] is None
    assert client.get(address).status_code == 404
    assert professional.delete(PATH).status_code == 200


def test_a_page_of_another_origin_may_draw_the_photo(client: TestClient, professional: Person) -> None:
    address = send(professional, picture()).json()["photo_url"]
    assert client.get(address).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("asked", ["*", "W/{}", '"other", {}'])
def test_every_way_of_saying_that_it_is_known_is_understood(
    client: TestClient, professional: Person, asked: str
) -> None:
    address = send(professional, picture()).json()["photo_url"]
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": asked.format(tag)}).status_code == 304
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
