"""What goes over the room in sealed topics of its own: the limits of the timer, of files and of recordings, as the page
needs them.
"""

from datetime import timedelta
from typing import Any

from app.call.chat import file_pace, file_packets, file_receiving, file_sending, timer
from app.call.contract import files as file_limits
from app.call.contract.timer import KEPT_AFTER_ITS_END, LEADING_ROLE, LONGEST_TIMER, SHORTEST_TIMER
from app.call.recording import consent
from app.state.call.words import timer_words


def topics() -> dict[str, Any]:
    return {"timer": _timer(), "files": _files(), "recording": _recording()}


def _timer() -> dict[str, Any]:
    def whole_ms(length: timedelta) -> int:
        return length // timedelta(milliseconds=1)

    return {
        "topic": timer.TOPIC,
        "kind": timer.KIND,
        "leading_role": LEADING_ROLE,
        "shortest_ms": whole_ms(SHORTEST_TIMER),
        "longest_ms": whole_ms(LONGEST_TIMER),
        "latest_ms": timer.LATEST_MS,
        "kept_after_its_end_ms": whole_ms(KEPT_AFTER_ITS_END),
        "same_within_ms": whole_ms(timer.SAME_WITHIN),
        "repeat_after_s": timer.REPEAT_AFTER_S,
        "largest_packet": timer.LARGEST_PACKET,
        "packets_at_once": timer.PACKETS_AT_ONCE,
        "packets_a_second": timer.PACKETS_A_SECOND,
        "lengths_minutes": timer_words.LENGTHS_MINUTES,
        "five_minutes_s": timer_words.FIVE_MINUTES_S,
        "five_left_shown_s": timer_words.FIVE_LEFT_SHOWN_S,
        "same_end_within_s": timer_words.SAME_END_WITHIN.total_seconds(),
    }


def _files() -> dict[str, Any]:
    sending, receiving = file_sending, file_receiving
    return {
        "topic": file_packets.TOPIC,
        "kinds": [file_packets.OFFER, file_packets.HAVE, file_packets.REFUSE, file_packets.STOP],
        "largest_packet": file_packets.LARGEST_PACKET,
        "largest_piece": file_packets.LARGEST_PIECE,
        "longest_given_name": file_packets.LONGEST_GIVEN_NAME,
        "largest_file": file_limits.LARGEST_FILE,
        "at_once": file_limits.FILES_AT_ONCE,
        "room": file_limits.ROOM_FOR_FILES,
        "name": {
            "longest": file_limits.LONGEST_NAME,
            "longest_bytes": file_limits.LONGEST_NAME_BYTES,
            "longest_ending": file_limits.LONGEST_ENDING,
            "otherwise": file_limits.NAMELESS,
        },
        "offer_again_after_s": sending.OFFER_AGAIN_AFTER_S,
        "silent_after_s": sending.SILENT_AFTER_S,
        "stalled_after_s": sending.STALLED_AFTER_S,
        "longest_step_s": sending.LONGEST_STEP_S,
        "failed_kept": sending.FAILED_KEPT,
        "stops_remembered": sending.STOPS_REMEMBERED,
        "refusals": {why: [str(each) for each in both] for why, both in sending.REFUSALS.items()},
        "stops": {why: [str(each) for each in both] for why, both in receiving.STOPS.items()},
        "most_of_theirs": receiving.MOST_OF_THEIRS,
        "refused_at_once": receiving.REFUSED_AT_ONCE,
        "pace": {
            "target_s": file_pace.TARGET_S,
            "windows": [file_pace.FIRST_WINDOW, file_pace.SMALLEST_WINDOW, file_pace.LARGEST_WINDOW],
            "pieces_a_window": file_pace.PIECES_A_WINDOW,
            "pieces": [file_pace.SMALLEST_PIECE, file_pace.LARGEST_PIECE],
            "most_a_second": file_pace.MOST_A_SECOND,
            "at_once_s": file_pace.AT_ONCE_S,
            "latest": file_pace.LATEST,
            "least_under_way": file_pace.LEAST_UNDER_WAY,
            "shrinks_by": file_pace.SHRINKS_BY,
        },
    }


def _recording() -> dict[str, Any]:
    return {
        "topic": consent.TOPIC,
        "kind": consent.KIND,
        "repeat_after_s": consent.REPEAT_AFTER_S,
        "stale_after_s": consent.STALE_AFTER_S,
        "largest_packet": consent.LARGEST_PACKET,
        "packets_at_once": consent.PACKETS_AT_ONCE,
        "packets_a_second": consent.PACKETS_A_SECOND,
        "id_pattern": consent.ID_PATTERN,
        "latest_ms": consent.LATEST_MS,
    }
