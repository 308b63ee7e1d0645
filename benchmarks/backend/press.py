"""Keeps one kind of slow work asked for: `python -m benchmarks.backend.press PORT KIND TOKEN`, until it is ended.

A hundred clients, each asking again as soon as it is answered; one that is refused comes again after a second.
"""

import io
import itertools
import sys
import threading
import time

from PIL import Image

from benchmarks.backend.load import Client, post

CLIENTS = 100
_PAUSE_S = 1.0
_numbers = itertools.count()


def _sign_up(_token: str) -> bytes:
    number = f"{time.time_ns()}.{next(_numbers)}"
    body = (
        f'{{"email": "press{number}@example.com", "password": "correct horse", "name": "Press",'
        ' "role": "user", "time_zone": "Europe/Berlin"}'
    )
    return post("/auth/sign-up", "", body)


def _photo() -> bytes:
    stream = io.BytesIO()
    Image.new("RGBA", (4000, 3000), (200, 60, 50, 255)).save(stream, "PNG")
    return stream.getvalue()


def _put_photo(token: str, photo: bytes) -> bytes:
    part = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n' + photo + b"\r\n--b--\r\n"
    head = (
        f"PUT /professional/profile/photo HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(part)}\r\n\r\n"
    )
    return head.encode() + part


def main() -> None:
    port, kind, token = sys.argv[1:]
    photo = _photo() if kind == "photos" else b""
    requests = {
        "hashing": lambda: _sign_up(token),
        "photos": lambda: _put_photo(token, photo),
        "LiveKit": lambda: post("/calls/check", token, ""),
        "Stripe": lambda: post("/professional/payouts", token, '{"country": "DE"}'),
    }

    def press() -> None:
        client = Client(int(port))
        while True:
            status, body = client.ask(requests[kind]())
            assert status in (200, 201, 503), (status, body)
            if status == 503:
                time.sleep(_PAUSE_S)

    threads = [threading.Thread(target=press) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
