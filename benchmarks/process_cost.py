"""What a client costs the machine: its process and all that it has started, by the kernel's own counts (proc(5))."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and its descendants: Chromium is a dozen of them."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            children.setdefault(int(stat[1]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def cpu_s(pid: int) -> float:
    """Processor time of the family so far, in seconds, in user and kernel mode."""
    return cpu_s_of(family(pid))


def cpu_s_of(pids: Iterable[int]) -> float:
    """Of these processes alone."""
    return sum(int(stat[11]) + int(stat[12]) for each in pids if (stat := _stat(each))) / TICKS_PER_S


def memory_mb(pid: int) -> float:
    """Proportional set size of the family, in MB: pages that processes share are counted once."""
    return memory_mb_of(family(pid))


def memory_mb_of(pids: Iterable[int]) -> float:
    """Of these processes alone."""
    kilobytes = 0
    for each in pids:
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has ended meanwhile
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1000


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on; the name before it may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
