"""What bench_call makes of what it has measured; the measuring itself needs calls and is not a test."""

import os
import subprocess
import sys
import time
from typing import Any

from benchmarks.call_files import delays_ms
from benchmarks.call_table import COLUMNS, table
from benchmarks.process_cost import cpu_s, family, memory_mb

EAR = {"mouth_to_ear_ms": {"median": 100.0, "p95": 110.0, "bursts": 8}, "cpu_of_a_core": [0.2, 0.3]}


def look(cpu: float, decoded: float = 30.0) -> dict[str, Any]:
    return {
        "cpu_of_a_core": [cpu, cpu],
        "memory_mb": [150, 170],
        "frame_delay_ms": {"p50": 30.0, "p95": 40.0, "pairs": 200},
        "pictures_a_second": [30.0, 30.0],
        "rates_meanwhile": {"encoded": 30.0, "decoded": decoded, "shown": 21.0},
        "size": [1280, 720],
    }


def measured(decoded: float = 30.0, **calls: Any) -> dict[str, Any]:
    native = {"first_frame_ms": [200.0, 400.0, 240.0], "rgba": look(0.4, decoded), "jpeg": look(0.5), **EAR}
    chromium = {"first_frame_ms": [250.0, 260.0], "drawn": look(0.6), "decoded": look(0.3)}
    page = {"first_frame_ms": [230.0], "start_ms": [400.0], "kilobytes": {"gzip": 222}, "drawn": look(0.7)}
    open_calls = {"native_open": native, "chromium_open": chromium}
    all_calls = {"native": native, "page": page, "chromium": chromium} | open_calls | calls
    return {"calls": all_calls, "sound_only": dict.fromkeys(COLUMNS, EAR)}


def test_a_frame_is_late_by_the_time_since_its_number_was_last_sent() -> None:
    sent, seen = [[1, 100.0], [2, 133.0], [1, 8100.0]], [[1, 130.0], [2, 170.0], [1, 8140.0], [3, 8200.0]]
    assert delays_ms(sent, seen) == [30.0, 37.0, 40.0]


def test_the_table_says_where_this_app_is_ahead_and_where_not() -> None:
    *_, ahead, not_compared, first_frame = table(measured())
    assert ahead.startswith("ahead of livekit-client: nothing; not ahead: CPU before drawing, mouth to ear")
    assert "memory (ours has no window)" in not_compared
    assert first_frame.startswith("first frame in memory within 500 ms of Join: reached")


def test_the_same_without_encryption_stands_beside_it() -> None:
    lines = table(measured(native_open={"first_frame_ms": [190.0], "rgba": look(0.35)}))
    first_frame = next(line for line in lines if line.startswith("not encrypted"))
    assert first_frame.split()[-7:-4] == ["190", "-", "255"]


def test_what_could_not_be_measured_is_in_the_table_with_its_reason() -> None:
    lines = table(measured(chromium={"failed": "npm is not installed."}))
    first_frame = next(line for line in lines if line.startswith("Join pressed"))
    assert first_frame.split()[-7:-4] == ["240", "230", "(1)"]
    assert "(1) npm is not installed." in lines


def test_figures_of_a_machine_that_is_too_busy_are_called_so() -> None:
    assert "too busy" in table(measured(decoded=14.0))[-1]
    assert not any("too busy" in line for line in table(measured()))


def test_what_a_client_leaves_out_stands_beside_what_it_costs() -> None:
    shown = next(line for line in table(measured()) if "sent / shown" in line)
    assert " ".join(shown.split()[7:16]) == "30 / 21 30 / 21 30 / 21"


def test_a_client_costs_what_its_children_cost_too() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"]
    )
    try:
        end = time.monotonic() + 30
        while cpu_s(parent.pid) < 1.0:
            assert time.monotonic() < end, "the child's work was not counted"
            time.sleep(0.05)
        assert len(family(parent.pid)) == 2
        assert memory_mb(parent.pid) > 1
    finally:
        for pid in reversed(family(parent.pid)):
            os.kill(pid, 9)
        parent.wait(10)
