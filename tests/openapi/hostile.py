"""What a stranger may send to any operation: bodies of every hostile kind, and its own with one part wrong."""

import gzip
import json
import string
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any
from uuid import UUID

JSON = "application/json"
UNKNOWN = UUID(int=0x00000000000040008000000000000000)
MULTIPART = "multipart/form-data; boundary=b"


@dataclass(frozen=True)
class Sent:
    """One body, or one query or header, under a name that a failing test can be read by."""

    name: str
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON),)
    query: str = ""


def many_keys(number: int) -> bytes:
    """An object of so many unknown keys of three letters."""
    names = ("".join(letters) for letters in product(string.ascii_letters + string.digits, repeat=3))
    return json.dumps(dict.fromkeys(islice(names, number), 1), separators=(",", ":")).encode()


def _of_type(kind: str, content: bytes, *more: tuple[str, str]) -> Sent:
    return Sent(kind, content, (("Content-Type", kind), *more))


def _part(disposition: bytes, content: bytes = b"x") -> bytes:
    return b"--b\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\n" + content + b"\r\n--b--\r\n"


BODIES = [
    Sent("nothing"),
    Sent("null", b"null"),
    Sent("true", b"true"),
    Sent("a list", b"[]"),
    Sent("text", b'"text"'),
    Sent("a number", b"1e400"),
    Sent("NaN", b"NaN"),
    Sent("Infinity", b'{"a": -Infinity}'),
    Sent("a huge number", b"9" * 60_000),
    Sent("a key of half a surrogate pair", b'{"\\ud800": 1}'),
    Sent("a key of NUL", b'{"\\u0000": 1}'),
    Sent("one key twice", b'{"email": 1, "email": 2}'),
    Sent("8,000 keys", many_keys(8_000)),
    Sent("100,000 keys", many_keys(100_000)),
    Sent("brackets that do not end", b"[" * 60_000),
    Sent("100,000 brackets", b"[" * 100_000 + b"]" * 100_000),
    Sent("lists as deep as they may be large", b"[" * 30_000 + b"]" * 30_000),
    Sent("lists 900 deep", b"[" * 900 + b"]" * 900),
    Sent("objects 10,000 deep", b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    Sent("a key of 60,000 letters", b'{"' + b"k" * 60_000 + b'": 1}'),
    Sent("a byte order mark", b"\xef\xbb\xbf{}"),
    Sent("UTF-16", '{"email": "a@b.de"}'.encode("utf-16")),
    Sent("UTF-32", '{"email": "a@b.de"}'.encode("utf-32")),
    Sent("no UTF-8", b'{"email": "\xff\xfe"}'),
    Sent("NUL bytes", b"\0" * 1_000),
    Sent("gzip", gzip.compress(b"{}"), (("Content-Type", JSON), ("Content-Encoding", "gzip"))),
    Sent("no content type", b"{}", ()),
    _of_type("text/plain", b"{}"),
    _of_type("application/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    _of_type("application/json; charset=utf-7", b"{}"),
    _of_type("application/x-www-form-urlencoded", b"a=%ff&b=%00&" * 4_000),
    _of_type("multipart/form-data", b"no boundary"),
    _of_type(MULTIPART, _part(b'name="\xff\xfe"')),
    _of_type(MULTIPART, _part(b'name="photo"; filename="\xff\0.jpg"')),
    _of_type(MULTIPART, _part(b'name="photo"; filename="../../etc/passwd"', b"\xff\xd8\xff")),
    _of_type(MULTIPART, _part(b'name="photo"')),
    _of_type(MULTIPART, _part(b'name="' + b"n" * 50_000 + b'"')),
    _of_type(MULTIPART, b"--b\r\n" * 9_000),
    Sent("too many bytes", b" " * 70_000),
    Sent("a long query", query="q=" + "a" * 20_000),
    Sent("many parameters", query="&".join("a=1" for _ in range(2_000))),
    Sent("a query that is no UTF-8", query="q=%ff%fe&limit=%ff&cursor=%ff&date=%ff&month=%ff&tz=%ff&category=%ff"),
    Sent("a query of NUL", query="q=%00&limit=%00&cursor=%00&date=%00&month=%00&tz=%00&category=%00&v=%00&when=%00"),
    Sent("half pairs in a query", query="q=%ed%a0%80&tz=%ed%a0%80&cursor=%ed%a0%80&v=%ed%a0%80"),
    Sent("numbers in a query", query=f"limit={'9' * 4_000}&cursor=-1&date=0000-00-00&month=9999-99&when=1"),
    Sent("headers that are no text", b"{}", (("Content-Type", JSON), ("Idempotency-Key", "\xff\xfe" * 10))),
    Sent("a tag that is no tag", headers=(("If-None-Match", '*, W/"\xff"'),)),
    Sent("a long header", headers=(("X-Long", "a" * 40_000),)),
    Sent("many headers", headers=tuple((f"X-{number}", "a") for number in range(150))),
]

WRONG: list[Any] = [
    *("\ud800", "\udfff" * 8, "a\0b" * 4, "", " " * 10, "\u202e" * 9, "9" * 100, "x" * 20_000, "1e999", "-1", "NaN"),
    *(None, True, 0, -1, 2**63, 10**400, 1.5, float("nan"), float("-inf"), [], [[]], {}, {"\ud800": 1}),
]


def wrong_fields(operation: dict[str, Any], document: dict[str, Any]) -> Iterator[Sent]:
    """The operation's own body, each of its fields in turn being each of the wrong things; then all being wrong."""
    schema = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
    if schema is None:
        return
    good = _good(schema, document)
    for field in good:
        for wrong in WRONG:
            yield _json(f"{field} = {str(wrong)[:20]!r}", {**good, field: wrong})
    for wrong in WRONG:
        yield _json(f"all = {str(wrong)[:20]!r}", dict.fromkeys(good, wrong))


def _json(name: str, value: Any) -> Sent:
    return Sent(name, json.dumps(value).encode())


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema or "anyOf" in schema:
        schema = schema["anyOf"][0] if "anyOf" in schema else document["components"]["schemas"][schema["$ref"][21:]]
    return schema


_TEXTS = {"date": "2027-03-02", "uuid": str(UNKNOWN), "password": "correct horse battery"}
_NAMED = {"email": "a@example.com", "price": "45.00", "start_time": "10:00", "end_time": "11:00"}
_NAMED |= {"time_zone": "Europe/Berlin", "expected_refund": "45.00"}


def _good(schema: dict[str, Any], document: dict[str, Any], name: str = "") -> Any:
    """Something that fits the schema nearly: enough for one wrong field to be checked among right ones."""
    schema = _resolved(schema, document)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {key: _good(part, document, key) for key, part in schema.get("properties", {}).items()}
    if schema.get("type") in ("integer", "number"):
        return schema.get("minimum", 1)
    if schema.get("type") == "boolean":
        return True
    return _NAMED.get(name) or _TEXTS.get(schema.get("format", ""), "text")
