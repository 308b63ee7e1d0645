"""What the call page has in common with the app: its words, its protocol and its limits, written from the app's own
code into `callpage/shared`.

`python -m tools.callpage_shared`, in the project's environment, writes them again; tests/dev/test_callpage_shared.py
holds them against the code.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.api.error_names import ErrorName
from app.call.adaptation import controller, policy
from app.call.connectivity import host, link_monitor, rejoin
from app.call.contract.call_state import (
    CallSnapshot,
    CallState,
    EndReason,
    Publication,
    ReconnectCause,
    RemotePeerState,
)
from app.call.contract.devices import DeviceFault, DeviceKind, DeviceState
from app.call.contract.engine import CallLimits
from app.call.contract.stats import WORSE_SHARE, Rating
from app.call.room import device_attributes, leave_handshake, local_tracks, publisher, remote_peer, resubscribe
from app.call.state import machine
from app.call.stats import rating, stall_detector
from app.call.video import sources
from app.components.call.stage.shortcut_help import SHORTCUTS
from app.components.design.avatar import GROUNDS
from app.errors import Problem
from app.state.call import announcements, call_words, device_words, in_call_words, quality_words, stage_words
from tools.paths import ROOT

FOLDER = ROOT / "callpage" / "shared"
NAME = "{name}"
"""Where the other's name goes."""
REFUSALS: tuple[ErrorName, ...] = ("SessionOver", "SessionCancelled", "NotPaid", "NotFound", "TooEarlyToStart")
_ON = DeviceState(enabled=True, working=True)
_THEY = RemotePeerState("them", NAME, microphone_on=True, camera_on=True)
_IN_CALL = CallSnapshot(CallState.IN_CALL, camera=_ON, microphone=_ON, speaker=_ON, peer=_THEY)


def words() -> dict[str, str]:
    """Every sentence by its key, with `{name}` where the other's name goes, `{clock}`, `{at}` ... where a time does."""
    return {**_states(), **_ends(), **_refusals(), **_devices(), **_others(), **_announcements(), **_stage()}


def protocol() -> dict[str, Any]:
    """What both kinds of client go by, so that each treats the other as its own kind. Seconds, shares and pixels."""
    return {
        "goodbye_method": leave_handshake.METHOD,
        "goodbye_limit_s": leave_handshake.ANSWER_LIMIT_S,
        "join_attribute": remote_peer.JOIN_ID_ATTRIBUTE,
        "fault_attributes": {kind.value: name for kind, name in device_attributes.ATTRIBUTES.items()},
        "faults": [fault.value for fault in DeviceFault],
        "request_topic": controller.REQUEST_TOPIC,
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
        "avatar_grounds": GROUNDS,
    }


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


def _states() -> dict[str, str]:
    shown = (CallState.CONNECTING, CallState.WAITING, CallState.RECONNECTING, CallState.PEER_RECONNECTING)
    found = {f"status.{state}": call_words.status_words(CallSnapshot(state), NAME) for state in shown}
    found |= {f"reconnecting.{cause}": in_call_words.reconnecting_words(cause) for cause in ReconnectCause}
    found["closing.first"] = call_words.closing_words(call_words.FIRST_NOTICE_S)
    found["closing.last"] = call_words.closing_words(call_words.LAST_NOTICE_S).replace("2:00", "{clock}")
    return found


def _ends() -> dict[str, str]:
    said = {reason.value: call_words.ended_words(reason, NAME) for reason in EndReason}
    said["cancelled"] = call_words.ended_words(None, NAME, cancelled=True)
    said["over"] = call_words.ended_words(None, NAME, over=True)
    found = {f"ended.{why}.{part}": text for why, both in said.items() for part, text in zip(PARTS, both, strict=True)}
    found["together.never"] = stage_words.together_words(NAME, "")
    found["together.long"] = stage_words.together_words(NAME, "{length}")
    return found


PARTS = ("title", "text")


def _refusals() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in REFUSALS:
        problem = call_words.problem_from_error(Problem(name, 409, ""))
        found |= {f"refused.{name}.title": problem.title, f"refused.{name}.text": problem.text}
    other = call_words.problem_from_error(Problem("InternalError", 500, ""))
    found |= {"refused.other.title": other.title, "refused.other.text": other.text}
    offline = call_words.OFFLINE
    return found | {"refused.offline.title": offline.title, "refused.offline.text": offline.text}


def _devices() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in DeviceKind:
        for fault in (DeviceFault.MISSING, DeviceFault.BUSY, DeviceFault.REFUSED, DeviceFault.SILENT):
            said = device_words.fault_words(kind, fault, NAME, "browser")
            found |= {f"fault.{kind}.{fault}.what": said.what, f"fault.{kind}.{fault}.remedy": said.remedy}
    return found | {"camera.starting": device_words.starting_words(CallSnapshot())}


def _others() -> dict[str, str]:
    found = {"picture.off": in_call_words.no_picture_words(_THEY, NAME)}
    for fault in DeviceFault:
        found[f"picture.{fault}"] = in_call_words.no_picture_words(replace(_THEY, camera_fault=fault), NAME)
        silent = replace(_IN_CALL, peer=replace(_THEY, microphone_fault=fault))
        found[f"microphone.{fault}"] = in_call_words.microphone_note(silent, NAME)
    found["microphone.muted"] = in_call_words.microphone_note(
        replace(_IN_CALL, peer=replace(_THEY, microphone_on=False)), NAME
    )
    for key, they in {
        "cannot_hear": replace(_THEY, speaker_fault=DeviceFault.MISSING),
        "sound_stopped": replace(_THEY, audio_stalled=True),
        "picture_stopped": replace(_THEY, video_stalled=True),
    }.items():
        (found[f"note.{key}"],) = in_call_words.notes_of(replace(_IN_CALL, peer=they), NAME)
    late = Publication.DELAYED
    unseen, unheard = replace(_IN_CALL, camera_publication=late), replace(_IN_CALL, microphone_publication=late)
    both = replace(unseen, microphone_publication=late)
    for key, snapshot in {"unseen": unseen, "unheard": unheard, "unseen_unheard": both}.items():
        (found[f"note.{key}"],) = in_call_words.own_notes(snapshot)
    return found


def _announcements() -> dict[str, str]:
    waiting = replace(_IN_CALL, state=CallState.WAITING)
    connecting = replace(_IN_CALL, state=CallState.CONNECTING)
    cut_off, away = (
        replace(_IN_CALL, state=CallState.RECONNECTING),
        replace(_IN_CALL, state=CallState.PEER_RECONNECTING),
    )
    off = replace(_ON, enabled=False)
    muted, unseen = replace(_IN_CALL, microphone=off), replace(_IN_CALL, camera=off)
    they_muted = replace(_IN_CALL, peer=replace(_THEY, microphone_on=False))
    they_unseen = replace(_IN_CALL, peer=replace(_THEY, camera_on=False))
    ways = {
        "left": (_IN_CALL, waiting),
        "waiting": (connecting, waiting),
        "again": (cut_off, _IN_CALL),
        "joined": (waiting, _IN_CALL),
        "in_call": (connecting, _IN_CALL),
        "interrupted": (_IN_CALL, cut_off),
        "away": (_IN_CALL, away),
        "microphone_on": (muted, _IN_CALL),
        "microphone_off": (_IN_CALL, muted),
        "camera_on": (unseen, _IN_CALL),
        "camera_off": (_IN_CALL, unseen),
        "they_unmuted": (they_muted, _IN_CALL),
        "they_muted": (_IN_CALL, they_muted),
        "they_seen": (they_unseen, _IN_CALL),
        "they_unseen": (_IN_CALL, they_unseen),
    }
    return {f"said.{key}": announcements.announcement(*way, NAME) for key, way in ways.items()}


def _stage() -> dict[str, str]:
    constants = {name: text for name, text in vars(stage_words).items() if name.isupper() and name != "RATING_WORDS"}
    found = {f"stage.{name.lower()}": str(text) for name, text in constants.items()}
    theirs = stage_words.others_connection(NAME)
    found |= {
        "stage.session": stage_words.session_title(NAME),
        "stage.there": stage_words.presence_words(NAME, True),
        "stage.not_there": stage_words.presence_words(NAME, False),
        "stage.opens": stage_words.opens_words("{countdown}"),
        "stage.others_connection": theirs,
        "stage.own_weak": stage_words.weak_words(stage_words.OWN_CONNECTION),
        "stage.other_weak": stage_words.weak_words(theirs),
        "stage.left": stage_words.left_detail(NAME),
        "stage.starts": stage_words.begins_detail(False, "{at}"),
        "stage.started": stage_words.begins_detail(True, "{at}"),
        "stage.reduced": quality_words.REDUCED_WORDS,
    }
    for each in Rating:
        found[f"rating.{each}"] = quality_words.RATING_WORDS[each]
        found[f"rating.{each}.own"] = stage_words.rating_words(stage_words.OWN_CONNECTION, each)
        found[f"rating.{each}.other"] = stage_words.rating_words(theirs, each)
    return found | {f"key.{key}": text for key, text in SHORTCUTS}


def files() -> dict[str, str]:
    """What the folder holds, by name."""
    contents: dict[str, Any] = {"words.json": words(), "protocol.json": protocol()}
    return {name: json.dumps(each, indent=1, ensure_ascii=False) + "\n" for name, each in contents.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")
