"""Who is seen in a call: the other person, the own picture, and the line above them."""

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.call.contract.call_state import CallState
from app.components.call.call_theme import FADE, PANEL, QUIET, RAISED, ROOM, TEXT, pill, stage_text
from app.components.call.quality.rating import rating_badge, reduced_notice, weak_notice
from app.components.call.stage.encryption import EncryptionSign
from app.components.call.stage.recording import recording_signs
from app.components.call.stage.timer import TimerPill
from app.components.call.status import CallNotes, CallTimer, StateNotice
from app.components.call.video.video_tile import VideoTile
from app.components.design.avatar import Avatar
from app.components.design.theme import Type
from app.state.call.call_context import use_call
from app.state.call.call_session import CallSession
from app.state.call.words import stage_words
from app.state.call.words.call_words import status_words
from app.state.call.words.device_words import own_picture_shown
from app.state.call.words.in_call_words import no_picture_words, reconnecting_words
from app.state.call.words.quality_words import REDUCED_WORDS
from app.state.core.wall_time import time_words

SCRIM = "#B3060A09"
MOVING_ON = (CallState.IDLE, CallState.PREPARING, CallState.CONNECTING, CallState.RECONNECTING)


@dataclass(frozen=True)
class InsetSize:
    width: float
    height: float


WIDE_INSET = InsetSize(240, 135)
NARROW_INSET = InsetSize(108, 144)


@ft.component
def OtherPicture() -> ft.Control:
    """The other person's picture over the whole stage; in its place an avatar and words, while there is none."""
    call = use_call()
    other = call.snapshot.peer
    status = status_words(call.snapshot, call.other_name)
    present = other is not None and call.snapshot.state in (CallState.IN_CALL, CallState.RECONNECTING)
    shown = present and other is not None and other.camera_on
    tile = VideoTile(
        ask=call.engine.remote_frame if call.engine else None,
        name=call.other_name,
        identifier="video-other",
        placeholder=ft.Container(bgcolor=ROOM) if status else _no_picture(call, _why_no_picture(call, shown)),
        why_none="" if status else _why_no_picture(call, shown),
        shown=shown,
    )
    notice: list[ft.Control] = []
    if status:
        face = None if shown else Avatar(call.other_name, call.other_photo, 112)
        notice = [
            ft.Container(
                key="notice",
                alignment=ft.Alignment.CENTER,
                padding=ft.Padding.only(left=24, right=24, bottom=96),
                bgcolor=SCRIM if shown else ROOM,
                content=StateNotice(status, _detail(call), call.snapshot.state in MOVING_ON, face),
            )
        ]
    return ft.Stack([tile, *notice], expand=True, fit=ft.StackFit.EXPAND)


def _why_no_picture(call: CallSession, shown: bool) -> str:
    return stage_words.WAITING_FOR_PICTURE if shown else no_picture_words(call.snapshot.peer, call.other_name)


def _no_picture(call: CallSession, words: str) -> ft.Control:
    return ft.Container(
        bgcolor=ROOM,
        alignment=ft.Alignment.CENTER,
        padding=ft.Padding.only(bottom=96),
        content=ft.Column(
            tight=True,
            spacing=12,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            controls=[
                Avatar(call.other_name, call.other_photo, 112),
                stage_text(call.other_name, role=Type.SECTION),
                stage_text(words, color=QUIET),
            ],
        ),
    )


def _detail(call: CallSession) -> str:
    """A second line where waiting raises a question: until when, and what goes on meanwhile."""
    match call.snapshot.state:
        case CallState.WAITING if call.snapshot.in_call_since is not None:
            return stage_words.left_detail(call.other_name)
        case CallState.WAITING if call.booking is not None:
            zone, starts_at = call.services.zone, call.booking.starts_at
            return stage_words.begins_detail(call.services.now() >= starts_at, time_words(starts_at, zone))
        case CallState.RECONNECTING:
            return reconnecting_words(call.snapshot.reconnect_cause)
        case _:
            return ""


@ft.component
def SelfView(size: InsetSize | None) -> ft.Control:
    """The own picture as in a mirror, of this size, or as large as its place; says when nothing is sent."""
    call = use_call()
    camera, microphone = call.snapshot.camera, call.snapshot.microphone
    words = (
        stage_words.INSET_CAMERA_OFF
        if not camera.enabled
        else stage_words.INSET_NO_CAMERA
        if camera.fault
        else stage_words.INSET_STARTING
    )
    placeholder = ft.Container(
        bgcolor=PANEL,
        alignment=ft.Alignment.CENTER,
        content=ft.Column(
            tight=True,
            spacing=6,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            controls=[Avatar(call.own_name, None, 40), stage_text(words, role=Type.SMALL, color=QUIET)],
        ),
    )
    muted = ft.Container(
        right=8,
        top=8,
        width=28,
        height=28,
        border_radius=14,
        bgcolor="#D9131B1A",
        alignment=ft.Alignment.CENTER,
        visible=not microphone.enabled or microphone.fault is not None,
        content=ft.Icon(ft.Icons.MIC_OFF, size=16, color=TEXT, semantics_label=stage_words.YOU_ARE_MUTED),
    )
    tile = VideoTile(
        ask=call.engine.own_frame if call.engine else None,
        name="yourself",
        identifier="video-own",
        placeholder=placeholder,
        why_none=words,
        shown=own_picture_shown(call.snapshot),
        mirrored=True,
        fill=True if size else None,
        width=size.width if size else None,
        height=size.height if size else None,
        radius=12,
    )
    return ft.Container(
        border_radius=13,
        border=ft.Border.all(1, RAISED),
        expand=size is None,
        content=ft.Stack(
            [tile, muted],
            width=size.width if size else None,
            height=size.height if size else None,
            fit=ft.StackFit.LOOSE if size else ft.StackFit.EXPAND,
        ),
    )


@ft.component
def TopLine(
    faded: bool,
    on_quality: Callable[[], object],
    on_encryption: Callable[[], object],
    on_timer: Callable[[], object],
    on_recording: Callable[[], object],
) -> ft.Control:
    """Name, time and both connections, which fade with the controls; the timer, a recording and what is amiss stay."""
    call = use_call()
    since = call.snapshot.in_call_since
    together = call.snapshot.state in (CallState.IN_CALL, CallState.RECONNECTING, CallState.PEER_RECONNECTING)
    name = stage_text(call.other_name, weight=ft.FontWeight.W_600)
    name.max_lines, name.overflow = 3, ft.TextOverflow.ELLIPSIS  # what is below it has to have room
    parts: list[ft.Control] = [name]
    if since is not None and together:
        parts.append(CallTimer(since, call.services.now))
    snapshot, theirs, ours = call.snapshot, stage_words.others_connection(call.other_name), stage_words.OWN_CONNECTION
    parts += rating_badge(snapshot.peer_quality, theirs, on_quality)
    cut_off = snapshot.state is CallState.RECONNECTING  # which is said in the middle
    weak = weak_notice(snapshot.own_quality if together and not cut_off else None, stage_words.weak_words(ours))
    own = [] if weak or cut_off else rating_badge(snapshot.own_quality, ours, on_quality)
    return ft.Row(
        spacing=8,
        run_spacing=8,
        wrap=True,
        controls=[
            ft.Container(
                pill(parts, wrap=True), visible=together, opacity=0.01 if faded else 1, animate_opacity=FADE, key="who"
            ),
            *([TimerPill(on_timer if call.is_professional else None)] if snapshot.timer is not None else []),
            *recording_signs(call, on_recording),
            *_own_badge(own, faded),
            ft.Container(
                EncryptionSign(
                    snapshot.encryption, bool(snapshot.key_words) and snapshot.key_words_changed, faded, on_encryption
                ),
                visible=together,
                key="encryption",
            ),
            ft.Container(CallNotes(), key="notes"),
            *weak_notice(snapshot.peer_quality, stage_words.weak_words(theirs)),
            *weak,
            *reduced_notice(snapshot.video_degraded, REDUCED_WORDS),
        ],
    )


def _own_badge(own: list[ft.Control], faded: bool) -> list[ft.Control]:
    if not own:
        return []
    held = pill([stage_text("You", role=Type.SMALL, color=QUIET), *own], wrap=True)
    return [ft.Container(held, opacity=0.01 if faded else 1, animate_opacity=FADE, key="own-connection")]
