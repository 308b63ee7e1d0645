"""Memory that this process shares with one child, without a name that could outlive both."""

import mmap
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass


@dataclass(frozen=True)
class SharedMemory:
    """`handle` is what the child opens it by; `descriptors` have to be passed on to it."""

    memory: mmap.mmap
    handle: str
    descriptors: tuple[int, ...] = ()

    def forget_descriptors(self) -> None:
        """Once the child has them: the mapping stays."""
        for each in self.descriptors:
            os.close(each)


def new_memory(size: int) -> SharedMemory:
    """Raises `OSError`."""
    if sys.platform == "win32":
        handle = f"Local\\rendezvous-{secrets.token_hex(16)}"
        return SharedMemory(mmap.mmap(-1, size, tagname=handle), handle)
    descriptor = _nameless_file()
    os.ftruncate(descriptor, size)
    return SharedMemory(mmap.mmap(descriptor, size), str(descriptor), (descriptor,))


def _nameless_file() -> int:
    if sys.platform == "linux":
        return os.memfd_create("rendezvous-recording")
    with tempfile.TemporaryFile() as file:  # macOS: nothing else is there without a name
        return os.dup(file.fileno())


def open_memory(handle: str, size: int) -> mmap.mmap:
    """In the child. Raises `OSError`."""
    if sys.platform == "win32":
        return mmap.mmap(-1, size, tagname=handle)
    descriptor = int(handle)
    try:
        return mmap.mmap(descriptor, size)
    finally:
        os.close(descriptor)
