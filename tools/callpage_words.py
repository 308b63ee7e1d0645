"""The words that the call page has in common with the app, by their keys, from the app's own functions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.api.error_names import ErrorName
from app.call.contract.call_state import (
    CallSnapshot,
    CallState,
    EndReason,
    Publication,
    ReconnectCause,
    RemotePeerState,
)
from app.call.contract.devices import DeviceFault, DeviceKind, DeviceState
from app.call.contract.encryption import Encryption, KeyOrigin
from app.call.contract.files import FileProblem, FileTransfer
from app.call.contract.recording import RecordingEnd
from app.call.contract.stats import Rating
from app.call.contract.timer import SharedTimer
from app.components.call.stage.keyboard.shortcut_help import SHORTCUTS
from app.errors import Problem
from app.state.call import announcements, chat
from app.state.call.words import (
    call_words,
    device_words,
    encryption_words,
    file_words,
    in_call_words,
    quality_words,
    recording_words,
    screen_words,
    stage_words,
    timer_words,
)
from app.state.core import private_notes
from app.state.core.sizes import size_words

NAME = "{name}"
"""Where the other's name goes."""
REFUSALS: tuple[ErrorName, ...] = ("SessionOver", "SessionCancelled", "NotPaid", "NotFound", "TooEarlyToStart")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ON = DeviceState(enabled=True, working=True)
_THEY = RemotePeerState("them", NAME, microphone_on=True, camera_on=True)
_IN_CALL = CallSnapshot(CallState.IN_CALL, camera=_ON, microphone=_ON, speaker=_ON, peer=_THEY)


def words() -> dict[str, str]:
    """Every sentence by its key, with `{name}` where the other's name goes, `{clock}`, `{at}` ... where a time does."""
    said = (
        *(_states(), _ends(), _refusals(), _devices(), _others(), _announcements(), _stage(), _encryption(), _chat()),
        *(_timer(), _notes(), _files(), _screen(), _recording()),
    )
    return {key: text for each in said for key, text in each.items()}


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


def _chat() -> dict[str, str]:
    constants = ("TITLE", "FIELD", "SEND", "EMPTY", "SENDING", "SENT", "DELIVERED", "NOT_KEPT", "OPEN", "CLOSE")
    found = {f"chat.{name.lower()}": str(getattr(chat, name)) for name in constants}
    more = chat.open_words(2).replace("2", "{number}")
    return found | {"chat.open_one": chat.open_words(1), "chat.open_more": more, "chat.you": chat.YOU}


def _timer() -> dict[str, str]:
    constants = ("OPEN", "CLOSE", "TITLE", "EXPLAINED", "UNTIL_THE_END", "STOP", "IS_UP", "FIVE_LEFT", "STOPPED")
    found = {f"timer.{name.lower()}": str(getattr(timer_words, name)) for name in constants}
    started = timer_words.timer_announcement(None, SharedTimer(timedelta(minutes=45), _EPOCH))
    return found | {
        "timer.five_left_of_session": timer_words.FIVE_LEFT_OF_SESSION,
        "timer.left": timer_words.timer_label(300.0).replace("5:00", "{clock}"),
        "timer.started": started.replace("45 min", "{length}"),
    }


def _files() -> dict[str, str]:
    constants = ("ATTACH", "SAVE", "REMOVE", "CANCEL", "AGAIN", "LIMITS", "DELIVERED", "READY", "AFTER", "UNREADABLE")
    found = {f"files.{name.lower()}": str(getattr(file_words, name)) for name in constants}
    for problem in FileProblem:
        found |= {f"files.{problem}.own": file_words.problem_words(problem, True, NAME)}
        found |= {f"files.{problem}.other": file_words.problem_words(problem, False, NAME)}
    for problem in (FileProblem.TOO_LARGE, FileProblem.TOO_MANY, FileProblem.NOT_IN_CALL):
        found[f"files.refused.{problem}"] = file_words.refusal_words(problem, NAME)
    coming = FileTransfer("1", "{file}", 1, False, _EPOCH)
    return found | {
        "files.sending": file_words.progress_words(True, 5).replace("5", "{percent}"),
        "files.receiving": file_words.progress_words(False, 5).replace("5", "{percent}"),
        "files.note": file_words.note_words("{file}", 1).replace(size_words(1), "{size}"),
        "files.coming": file_words.file_announcement((), (coming,), NAME),
    }


def _notes() -> dict[str, str]:
    constants = ("TITLE", "OPEN", "CLOSE", "FIELD", "ONLY_YOU", "JOINED")
    found = {f"notes.{name.lower()}": str(getattr(private_notes, name)) for name in constants}
    return found | {f"notes.{state}": words for state, words in private_notes.WORDS.items()}


def _screen() -> dict[str, str]:
    constants = ("SHARE", "STOP", "SHARING", "STOPPED", "HIDE", "ZOOM", "ZOOM_IN", "ZOOM_OUT", "WHOLE")
    found = {f"screen.{name.lower()}": str(getattr(screen_words, name)) for name in constants}
    found |= {f"screen.fault.{fault}": words for fault, words in screen_words.FAULTS.items()}
    return found | {
        "screen.of": screen_words.screen_of(NAME),
        "screen.shares": screen_words.shares_words(NAME),
        "screen.shares_no_more": screen_words.shares_no_more_words(NAME),
    }


def _recording() -> dict[str, str]:
    constants = ("RECORD", "STOP", "CANCEL", "ALLOW", "DO_NOT_ALLOW", "RECORDING", "PAUSED", "FINISHING", "SAVE")
    found = {f"recording.{name.lower()}": str(getattr(recording_words, name)) for name in constants}
    ends = [end for end in RecordingEnd if end is not RecordingEnd.SYSTEM_AUDIO]
    return (
        found
        | {f"recording.end.{end}": recording_words.end_words(end, NAME) for end in ends}
        | {
            "recording.remove": recording_words.REMOVE,
            "recording.stop_now": recording_words.STOP_THEIRS,
            "recording.explained": recording_words.EXPLAINED,
            "recording.asking": recording_words.asking_words(NAME),
            "recording.asks": recording_words.asks_words(NAME),
            "recording.theirs": recording_words.theirs_words(NAME, True),
            "recording.theirs_paused": recording_words.theirs_words(NAME, False),
            "recording.theirs_ended": recording_words.theirs_ended_words(NAME),
            "recording.saved": recording_words.saved_words("{file}"),
        }
    )


def _encryption() -> dict[str, str]:
    found = {
        "encryption.sign.on": encryption_words.SIGN_ON,
        "encryption.sign.off": encryption_words.SIGN_OFF,
        "encryption.sign.unreadable": encryption_words.SIGN_UNREADABLE,
        "encryption.sign.new_words": encryption_words.SIGN_NEW_WORDS,
        "encryption.key_words": encryption_words.KEY_WORDS,
        "encryption.new_words": encryption_words.new_words(NAME),
        "encryption.show": encryption_words.SHOW,
        "encryption.go_on": encryption_words.GO_ON,
        "encryption.do_not_go_on": encryption_words.DO_NOT_GO_ON,
        "encryption.change_mind": encryption_words.CHANGE_MIND,
        "encryption.own_browser": encryption_words.OWN_BROWSER,
    }
    for state in Encryption:
        said = encryption_words.encryption_words(state, NAME)
        found |= {f"encryption.{state}.title": said.title, f"encryption.{state}.text": said.text}
    for origin in KeyOrigin:
        said = encryption_words.encryption_words(Encryption.ON, NAME, origin=origin)
        found[f"encryption.on.text.{origin}"] = said.text
    return found
