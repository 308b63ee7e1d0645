"""Where photos are decoded: each in a process of its own, which ends afterwards and takes its memory along."""

import subprocess
import sys
from pathlib import Path

from backend.kit.errors import InvalidPayload
from backend.profiles.service import pictures

PHOTO_BYTES = 5 * 1024 * 1024
TIMEOUT_S = 30.0


def normal_photo(upload: bytes) -> bytes:
    """The picture as a JPEG of 512x512 without any metadata; InvalidPayload at `photo` for what is no fit picture.

    Takes tenths of a second, and on a busy machine seconds: endpoints ask for one `behind(PHOTOS)`.
    """
    if len(upload) > PHOTO_BYTES:
        raise _unfit("A photo may have up to 5 MB.")
    # -P: the folder of the program is not a place to import from. No environment of ours: it holds secrets.
    words = [sys.executable, "-P", "-s", str(Path(pictures.__file__))]
    try:
        done = subprocess.run(words, input=upload, capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 - our own program
    except subprocess.TimeoutExpired as error:
        raise _unfit("This picture takes too long to read. Save it again as a plain JPEG.") from error
    if done.returncode == pictures.REFUSED:
        raise _unfit(done.stdout.decode())
    if done.returncode != 0:  # a decoder that asked for too much, or fell over
        raise _unfit(pictures.UNREADABLE)
    return done.stdout


def _unfit(sentence: str) -> InvalidPayload:
    return InvalidPayload({"photo": sentence})
