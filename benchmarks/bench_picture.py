"""What a codec costs the sender and the receiver, how late its picture comes, and how much it is like the original.

    python -m benchmarks.bench_picture [--seconds 12] [--rounds 2] [--only VP8 H.264]

The SDK alone, one sender and one receiver process, a real server, loopback. Figures depend on the machine and on what
else runs there: compare them with each other, never with another day.
"""

import argparse
import asyncio
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.client_process import ClientProcess
from tests.stage.livekit_server import LivekitServer
from tests.stage.tokens import create_room, credentials

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
DISTINCT = 240  # benchmarks.picture_client, which this must not import: the SDK belongs to the clients
ANSWER_LIMIT_S = 120.0


@dataclass(frozen=True)
class Case:
    name: str
    codec: str
    width: int = 1280
    height: int = 720
    rate_hz: int = 30
    bits: int = 1_700_000
    simulcast: bool = False
    hardware: bool = False


CASES = (
    Case("VP8", "VP8"),
    Case("H.264", "H264"),
    Case("H.264, hardware", "H264", hardware=True),  # where there is none, the column says OpenH264
    Case("VP9", "VP9"),
    Case("AV1", "AV1"),
    Case("VP8, simulcast", "VP8", simulcast=True),
    Case("VP8 360p at 20", "VP8", 640, 360, 20, 500_000),
    Case("VP8 180p at 10", "VP8", 320, 180, 10, 150_000),
)


def start(server: LivekitServer, room: str, role: str, case: Case, seconds: float) -> ClientProcess:
    client = ClientProcess("picture_client")
    client.tell(
        {"role": role, "credentials": asdict(credentials(server, room, role)), "seconds": seconds, **asdict(case)}
    )
    return client


def measure(server: LivekitServer, case: Case, seconds: float, number: int) -> dict[str, Any]:
    room = f"session_{case.name}_{number}"
    asyncio.run(create_room(server, room))
    clients = [start(server, room, role, case, seconds) for role in ("receive", "publish")]
    try:
        received, sent = (client.only_answer(ANSWER_LIMIT_S) for client in clients)
    finally:
        for client in clients:
            client.kill()
    delays = delays_ms(sent["sent"], received["seen"])
    return {
        "case": case.name,
        "sender_cpu": round(sent["cpu"], 2),
        "receiver_cpu": round(received["cpu"], 2),
        "delay_p50_ms": round(float(np.percentile(delays, 50)), 1),
        "delay_p95_ms": round(float(np.percentile(delays, 95)), 1),
        "kbit": round(sent["kbit"]),
        "psnr_db": round(received["psnr_db"], 1),
        "received": f"{received['size'][0]}x{received['size'][1]}",
        "pictures": len(received["seen"]),
        "encoders": ", ".join(sent["encoders"]).strip(", "),
    }


def delays_ms(sent: dict[str, float], seen: list[tuple[int, float]], distinct: int = DISTINCT) -> list[float]:
    """`sent`: when, by the count of the picture. A number comes again after `distinct` pictures: it belongs to the last
    time it was sent before it was seen.
    """
    by_number: dict[int, list[float]] = {}
    for count, at in sent.items():
        by_number.setdefault(int(count) % distinct, []).append(at)
    delays = []
    for number, at in seen:
        before = [sent_at for sent_at in by_number.get(number, []) if sent_at < at]
        if before:
            delays.append(1000 * (at - max(before)))
    return delays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--rounds", type=int, default=1, help="all cases again and again, so that load hits all alike")
    parser.add_argument("--only", nargs="*", default=[case.name for case in CASES], help="names of cases")
    options = parser.parse_args()
    seconds = options.seconds
    chosen = [case for case in CASES if case.name in options.only] * options.rounds
    server = LivekitServer(Path(tempfile.mkdtemp(prefix="bench-picture-"))).start()
    rows = []
    try:
        for number, case in enumerate(chosen):
            rows.append(row := measure(server, case, seconds, number))
            print(" | ".join(str(value) for value in row.values()), flush=True)
    finally:
        server.stop()
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = {"columns": "CPU in cores", "seconds": seconds, "load_average": os.getloadavg()[0], "rows": rows}
    (RESULTS / "picture.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
