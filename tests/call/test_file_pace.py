"""How fast a file goes: never so that a voice beside it waits."""

from typing import Any

from app.call.chat.file_pace import LATEST, MOST_A_SECOND, SMALLEST_WINDOW, Pace
from app.call.chat.file_packets import Have, Offer, Piece, file_packet
from app.call.chat.file_receiving import FileReceiving
from app.call.chat.file_sending import FileSending
from app.call.contract.files import LARGEST_FILE
from tests.call.file_pair import AT, ID, STEP_S, Pair


def test_a_queue_of_its_own_making_makes_it_slower_down_to_small_pieces() -> None:
    pace = Pace()
    pace.acknowledged(5000, 0.02, 0)
    wide = pace.window
    for each in range(10):
        pace.acknowledged(1000, 0.5, each)
    assert pace.window == SMALLEST_WINDOW < wide
    assert not pace.may_send(int(SMALLEST_WINDOW), 100)
    assert pace.may_send(0, 100)
    for each in range(200):
        pace.acknowledged(pace.piece_bytes, 0.03, 100 + each)
    assert pace.piece_bytes > 5000


def test_it_is_halved_at_most_and_once_a_round_trip() -> None:
    pace = Pace()
    for each in range(30):
        pace.acknowledged(20_000, 0.02, each)
    for _ in range(LATEST - 1):
        pace.acknowledged(20_000, 2.0, 30)
    wide = pace.window
    for _ in range(20):
        pace.acknowledged(20_000, 2.0, 30)
    assert pace.window == wide / 2


def test_one_late_acknowledgement_is_no_queue() -> None:
    pace = Pace()
    for each in range(50):
        pace.acknowledged(5000, 0.5 if each % 4 == 3 else 0.02, each)
    assert pace.window > 50_000


def test_a_delay_that_stays_when_next_to_nothing_is_under_way_is_not_of_its_making() -> None:
    """A machine that is busy with something else, or a path that has become longer."""
    pace = Pace()
    for each in range(20):
        pace.acknowledged(5000, 0.02, each)
    for each in range(200):
        pace.acknowledged(5000, 0.4, 20 + each)
    assert pace.window > 50_000


def test_however_good_the_path_so_much_a_second_and_no_more() -> None:
    pair = Pair(after_s=0.0)
    pair.send(bytes(LARGEST_FILE))
    began_s = pair.now_s
    pair.until(pair.is_over, 60)
    assert LARGEST_FILE / (pair.now_s - began_s) <= MOST_A_SECOND * 1.05


def test_on_a_narrow_path_the_queue_stays_short() -> None:
    """30 kB a second, a bottleneck that serves one packet after the other; the queue is what a voice packet waits."""
    a, b, free_s, waits = FileSending(), FileReceiving(), 0.0, []
    a.offer(ID, "a", bytes(400_000), AT)
    ways: list[tuple[float, Any]] = []
    for tick in range(1500):
        now_s = tick * STEP_S
        for packet in a.due(now_s):
            free_s = max(free_s, now_s) + len(file_packet(packet)) / 30_000
            ways.append((free_s + 0.02, packet))
            waits.append(free_s - now_s)
        ways.extend((now_s + 0.02, packet) for packet in b.due(now_s))
        for packet in [each for at_s, each in ways if at_s <= now_s]:
            if isinstance(packet, Have):
                a.on_have(packet, now_s)
            elif isinstance(packet, Offer):
                b.on_offer(packet, AT)
            elif isinstance(packet, Piece):
                b.on_piece(packet)
        ways = [each for each in ways if each[0] > now_s]
    assert sorted(waits)[len(waits) * 95 // 100] < 0.25
    assert b.shown[0].done > 300_000, "and it is still used"
