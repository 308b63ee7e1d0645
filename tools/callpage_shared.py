"""What the call page has in common with the app: its words, its protocol and its limits, written from the app's own
code into `callpage/shared`.

`python -m tools.callpage_shared`, in the project's environment, writes them again; tests/dev/test_callpage_shared.py
holds them against the code.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import takewhile
from typing import Any

from app.call.adaptation import controller, policy
from app.call.chat import protocol as chat
from app.call.chat import sealing
from app.call.connectivity import host, link_monitor, rejoin
from app.call.contract.chat import LONGEST_MESSAGE
from app.call.contract.devices import DeviceFault
from app.call.contract.engine import CallLimits
from app.call.contract.screen import SCREEN_BITS_PER_S, SCREEN_HEIGHT, SCREEN_RATE_HZ, SCREEN_WIDTH
from app.call.contract.stats import WORSE_SHARE
from app.call.keys import agreement, offer, pair
from app.call.keys.word_list import WORDS
from app.call.room import (
    device_attributes,
    encryption,
    leave_handshake,
    remote_peer,
    resubscribe,
)
from app.call.room.publishing import local_tracks, publisher
from app.call.state import machine
from app.call.stats import rating, stall_detector
from app.call.video import sources
from app.components.design.avatar import GROUNDS
from app.state.call.words import call_words
from app.state.core import private_notes
from tools.callpage_topics import topics
from tools.callpage_words import words
from tools.paths import ROOT

FOLDER = ROOT / "callpage" / "shared"


PROOF_OF = "rendezvous messages"
"""What a page signs with the session's key for the backend (backend/calls/rules/messages.py); a test holds both."""


def protocol() -> dict[str, Any]:
    """What both kinds of client go by, so that each treats the other as its own kind. Seconds, shares and pixels."""
    return {
        "goodbye_method": leave_handshake.METHOD,
        "goodbye_limit_s": leave_handshake.ANSWER_LIMIT_S,
        "join_attribute": remote_peer.JOIN_ID_ATTRIBUTE,
        "fault_attributes": {kind.value: name for kind, name in device_attributes.ATTRIBUTES.items()},
        "faults": [fault.value for fault in DeviceFault],
        "request_topic": controller.REQUEST_TOPIC,
        "chat": {
            "topic": chat.TOPIC,
            "resend_after_s": chat.RESEND_AFTER_S,
            "in_flight": chat.IN_FLIGHT,
            "acknowledged_at_once": chat.ACKNOWLEDGED_AT_ONCE,
            "most_of_theirs": chat.MOST_OF_THEIRS,
            "clocks_apart_ms": round(chat.CLOCKS_APART / timedelta(milliseconds=1)),
            "longest": LONGEST_MESSAGE,
            "sealing": {
                "info": sealing.INFO,
                "salt": sealing.SALT,
                "nonce_bytes": sealing.NONCE_BYTES,
                "proof_of": PROOF_OF,
            },
        },
        **topics(),
        "notes": {
            "longest": private_notes.LONGEST_NOTE,
            "pause_s": private_notes.PAUSE_S,
            "again_after_s": private_notes.AGAIN_AFTER_S,
            "between": private_notes.BETWEEN,
        },
        "encryption": {
            "salt": encryption.SALT,
            "cannot_attribute": device_attributes.CANNOT_ENCRYPT_ATTRIBUTE,
            "answer_attribute": device_attributes.ANSWER_ATTRIBUTE,
            "answers": device_attributes.ANSWERS,
        },
        "key_agreement": _key_agreement(),
        "machine": _machine(),
        "limits": _limits(),
        "adaptation": _adaptation(),
        "rating": {
            "window_s": rating.WINDOW_S,
            "better_after_s": rating.BETTER_AFTER_S,
            "round_trip_ms": rating.ROUND_TRIP_MS,
            "loss": rating.LOSS,
            "concealed": rating.CONCEALED,
            "frozen": rating.FROZEN,
            "worse_share": WORSE_SHARE,
        },
        "stall": {
            "poll_interval_s": stall_detector.POLL_INTERVAL_S,
            "silent_after_s": stall_detector.SILENT_AFTER_S,
            "idle_silent_after_s": stall_detector.IDLE_CONNECTION_SILENT_AFTER_S,
            "first_after_s": stall_detector.FIRST_AFTER_S,
            "video_alone_first_after_s": stall_detector.VIDEO_ALONE_FIRST_AFTER_S,
        },
        "video": {
            "bits_per_s": local_tracks.VIDEO_BITS_PER_S,
            "width": sources.WIDTH,
            "height": sources.HEIGHT,
            "rate_hz": sources.RATE_HZ,
        },
        "screen": {
            "bits_per_s": SCREEN_BITS_PER_S,
            "width": SCREEN_WIDTH,
            "height": SCREEN_HEIGHT,
            "rate_hz": SCREEN_RATE_HZ,
        },
        "avatar_grounds": GROUNDS,
    }


def _key_agreement() -> dict[str, Any]:
    return {
        "attribute": offer.OFFER_ATTRIBUTE,
        "pattern": offer.OFFER_PATTERN,
        "commitment_label": pair.COMMITMENT_LABEL,
        "key_label": pair.KEY_LABEL,
        "words_label": pair.WORDS_LABEL,
        "key_bytes": pair.KEY_BYTES,
        "word_bytes": pair.WORD_BYTES,
        "word_bits": pair.WORD_BITS,
        "word_count": pair.WORD_COUNT,
        "silent_after_s": agreement.SILENT_AFTER_S,
        "on_its_way_s": agreement.ON_ITS_WAY_S,
        "words": front_coded(WORDS),
    }


def front_coded(sorted_words: Sequence[str]) -> str:
    """Each word as the number of letters that it shares with the one before, and the rest: by gzip 1.7 kB less."""
    coded, before = [], ""
    for word in sorted_words:
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, word, strict=False)))
        coded.append(f"{shared}{word[shared:]}")
        before = word
    return "".join(coded)


def _machine() -> dict[str, Any]:
    def table(rows: Mapping[Any, Mapping[Any, Any]]) -> dict[str, dict[str, str]]:
        return {str(state): {str(event): str(to) for event, to in row.items()} for state, row in rows.items()}

    return {
        "connection": table(machine.CONNECTION_TRANSITIONS),
        "peer": table(machine.PEER_TRANSITIONS),
        "with_peer": sorted(machine.WITH_PEER),
        "end_reasons": {str(event): str(reason) for event, reason in machine.END_REASONS.items()},
    }


def _limits() -> dict[str, Any]:
    limits = CallLimits()
    return {
        "join_s": limits.join_s,
        "peer_grace_s": limits.peer_grace_s,
        "rejoin_after_s": limits.rejoin_after_s,
        "refresh_s": rejoin.REFRESH_LIMIT_S,
        "rejoin_pauses_s": rejoin.PAUSES_S,
        "publish_retries_s": publisher.RETRY_AFTER_S,
        "publish_late_s": publisher.LATE_AFTER_S,
        "failures_before_rejoin": publisher.FAILURES_BEFORE_REJOIN,
        "suspended_after_s": host.SUSPENDED_AFTER_S,
        "long_suspend_s": link_monitor.LONG_SUSPEND_S,
        "suspend_remembered_s": link_monitor.SUSPEND_REMEMBERED_S,
        "quality_every_s": link_monitor.QUALITY_EVERY_S,
        "resubscribe_after_s": resubscribe.AFTER_S,
        "resubscribe_gaps_s": resubscribe.GAPS_S,
        "resubscribe_patient_attempts": resubscribe.PATIENT_ATTEMPTS,
        "first_notice_s": call_words.FIRST_NOTICE_S,
        "first_notice_shown_s": call_words.FIRST_NOTICE_SHOWN_S,
        "last_notice_s": call_words.LAST_NOTICE_S,
    }


def _adaptation() -> dict[str, Any]:
    return {
        "steps": [[step.width, step.height, step.rate_hz] for step in policy.STEPS],
        "order": policy._ORDER,
        "full": policy.FULL,
        "smallest": policy.SMALLEST,
        "paused": policy.PAUSED,
        "tiles": [policy.TILE_360, policy.TILE_540],
        "worse_after_s": policy.WORSE_AFTER_S,
        "better_after_s": policy.BETTER_AFTER_S,
        "smaller_tile_after_s": policy.SMALLER_TILE_AFTER_S,
        "max_patience_s": policy.MAX_PATIENCE_S,
        "relapse_s": policy.RELAPSE_S,
        "lost": policy.LOST,
        "loss_samples": policy.LOSS_SAMPLES,
        "concealed": policy.CONCEALED,
        "late_ms": policy.LATE_MS,
        "request_repeat_s": controller.REQUEST_REPEAT_S,
        "request_valid_s": controller.REQUEST_VALID_S,
        "full_repeat_s": controller.FULL_REPEAT_S,
        "settling_s": controller.SETTLING_S,
        "bandwidth_limited_after_s": controller.BANDWIDTH_LIMITED_AFTER_S,
    }


def files() -> dict[str, str]:
    """What the folder holds, by name."""
    contents: dict[str, Any] = {"words.json": words(), "protocol.json": protocol()}
    return {name: json.dumps(each, indent=1, ensure_ascii=False) + "\n" for name, each in contents.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")
