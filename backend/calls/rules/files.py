"""The files of a follow-up: how many, how large, and why one is refused. Pure."""

from datetime import timedelta

from backend.kit.errors import BusinessError

MOST_FILES = 5
LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of one file; so all of one follow-up have at most 50 MB."""
ROOM_FOR_FILES = 1024 * 1024 * 1024
"""Bytes of all the files that a professional's follow-ups hold."""
PIECE_BYTES = 256 * 1024
"""A file is written, kept and read in pieces of this size: nobody holds more of it in memory."""
UPLOAD_WITHIN_S = 600
"""A file of 10 MB over 18 kB a second."""
UNSENT_KEPT = timedelta(days=1)
"""What was uploaded, and never sent."""


class TooManyFiles(BusinessError):
    """The follow-up has as many files as it may have."""

    detail = f"A follow-up can have {MOST_FILES} files. Remove one first."


class FilesFull(BusinessError):
    """The files of all follow-ups of this professional are as much as there is room for."""

    detail = "Your follow-ups already hold 1 GB of files, and there is no room for more. Send a link instead."


class FileIdTaken(BusinessError):
    """Another file came under this id before."""

    detail = "This is not the file that was uploaded before. Add it again."


class FileMissing(BusinessError):
    """What is to be sent with the follow-up is not there (any more): files that are not sent go after a day."""

    detail = "A file of this follow-up is not there any more. Add it again."


class UploadTooSlow(BusinessError):
    """RFC 9110, 15.5.9."""

    status = 408
    detail = "This file took too long to arrive. Please try again."
