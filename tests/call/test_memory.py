"""The C library's memory, each time in a process of its own: what other tests have left there is not measured."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.call.runtime.memory import MAX_ARENAS

ROOT = Path(__file__).resolve().parents[2]
THREADS_ALLOCATE = """
import ctypes, threading
from app.call.runtime.memory import limit_arenas
libc = ctypes.CDLL(None)
if {bounded}:
    limit_arenas()
together = threading.Barrier(12)
def allocate():
    together.wait()
    libc.malloc(100_000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.malloc_stats()
"""
MUCH_IS_FREED = """
import ctypes, os
from app.call.runtime.memory import trim
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
def resident_mb():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
blocks = [libc.malloc(100_000) for _ in range(500)]
for block in blocks: libc.memset(block, 1, 100_000)
for block in blocks[:-1]: libc.free(block)
before = resident_mb()
trim()
print(before - resident_mb())
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only glibc needs it")


def ran(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)


def arenas(bounded: bool) -> int:
    return ran(THREADS_ALLOCATE.format(bounded=bounded)).stderr.count("Arena ")


def test_many_threads_share_few_arenas() -> None:
    assert arenas(bounded=True) <= MAX_ARENAS < arenas(bounded=False)


def test_what_was_freed_goes_back_to_the_system() -> None:
    assert float(ran(MUCH_IS_FREED).stdout) > 40
