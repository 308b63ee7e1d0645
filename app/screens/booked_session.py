"""The call: the other person as large as can be, the own picture inset, one bar, and the state always in words."""

from collections.abc import Callable, Sequence

import flet as ft

from app.call.contract.call_state import CallState
from app.call.contract.encryption import Encryption
from app.call.contract.engine import CallCredentials
from app.components.call.announcing import use_announcements
from app.components.call.call_theme import ACCENT, FADE, ROOM
from app.components.call.device_panel import DevicePanel
from app.components.call.in_browser import CallInBrowser
from app.components.call.quality.panel import QualityPanel
from app.components.call.stage.bar import CallBar, ChatButton
from app.components.call.stage.device_faults import CallFaults, Fault
from app.components.call.stage.encryption import EncryptionNotice, EncryptionPanel
from app.components.call.stage.fading import FADED, use_fading
from app.components.call.stage.full_screen import FullScreen, use_full_screen
from app.components.call.stage.keyboard.keys import (
    AT_THE_SIDE,
    CHAT,
    DEVICES,
    ENCRYPTION,
    NO_PANEL,
    NOTES,
    QUALITY,
    RECORD,
    TIMER,
    Overlays,
    on_call_key,
    toggle_layout,
    use_overlays,
)
from app.components.call.stage.keyboard.push_to_talk import use_push_to_talk
from app.components.call.stage.keyboard.shortcut_help import ShortcutHelp
from app.components.call.stage.layout import Inset, Pictures, ScreenStage, StageButtons
from app.components.call.stage.participants import TopLine
from app.components.call.stage.recording import above_bar, recording_notices
from app.components.call.stage.screen import ScreenNotice, ScreenZoom, SharingBar, ZoomButtons
from app.components.call.stage.side_panel import SidePanel
from app.components.call.stage.timer import TimeNotice
from app.components.call.status import ClosingNotice, MutedNotice
from app.components.design.theme import WIDE, build_theme
from app.components.frame.page_events import use_key, use_title, use_width
from app.components.frame.wakelock import use_wakelock
from app.state.call.call_context import use_call
from app.state.call.call_session import CallSession
from app.state.call.words.device_words import faults_of
from app.state.core.hooks import use_observed


@ft.component
def BookedSession(
    session_id: str,
    call_url: str,
    access_token: str,
    room_name: str,
    livekit_url: str,
    participant_identity: str,
    participant_role: str,
    encryption_key: str,
) -> ft.Control:
    """Connects with what `generate-call-link` gave and stays until the call ends. Needs a CallSession above it."""
    call = use_call()
    page = ft.context.page
    use_announcements(call.snapshot, call.other_name)
    use_title(f"Call with {call.other_name}")
    credentials = CallCredentials(
        session_id,
        room_name,
        livekit_url,
        access_token,
        participant_identity,
        participant_role,
        call_url,
        encryption_key,
    )

    async def join() -> None:
        await call.join(credentials)

    # Not a task of this component: leaving must never cancel a connect half-way (the engine's own rule).
    ft.use_effect(lambda: _run(page, join), [credentials])
    return CallInBrowser(call_url) if call.in_browser else CallStage()


@ft.component
def CallStage() -> ft.Control:
    """The pictures and what lies over them."""
    call = use_call()
    page = ft.context.page
    wide = use_width() >= WIDE
    preferences = use_observed(call.services.preferences)
    hidden, set_hidden = ft.use_state(frozenset[Fault]())
    overlays = use_overlays(call)
    full = use_full_screen()
    use_wakelock()
    scale = preferences.text_scale
    dark = ft.use_memo(lambda: build_theme(True, scale), [scale])  # the same object: a theme is long to compare
    faults = [fault for fault in faults_of(call.snapshot) if fault not in hidden]
    screened, zoom = call.sees_screen, ft.use_memo(ScreenZoom, [])
    amiss = faults or _asks_or_fails(call) or _screen_notice(call) or recording_notices(call)
    calm = call.snapshot.state is CallState.IN_CALL and not (overlays.anything or amiss)
    faded, awake, focus = use_fading(calm)

    def on_key(e: ft.KeyboardEvent) -> None:
        awake()
        on_call_key(e, call, page, overlays, full, lambda key: screened and zoom.on_key(key, page))

    use_key(on_key)
    space = use_push_to_talk(call, awake)
    bar = CallBar(
        microphone_on=call.snapshot.microphone.enabled,
        camera_on=call.snapshot.camera.enabled,
        more_open=overlays.panel == DEVICES,
        chat=ChatButton(call.unread, overlays.panel == CHAT, lambda: overlays.toggle(CHAT)),
        notes_open=overlays.panel == NOTES,
        on_notes=lambda: overlays.toggle(NOTES),
        record_open=overlays.panel == RECORD,
        on_record=(lambda: overlays.toggle(RECORD)) if call.can_record else None,
        on_microphone=space.refocus_after(call.toggle_microphone),
        on_camera=space.refocus_after(call.toggle_camera),
        sharing=call.snapshot.screen.chosen is not None,
        on_screen=space.refocus_after(call.toggle_screen),
        on_more=lambda: overlays.toggle(DEVICES),
        on_end=call.end,
        on_focus=focus,
    )
    hide = lambda fault: set_hidden(lambda now: now | {fault})  # noqa: E731  one expression, used once below
    inset = [Inset(wide, preferences)] if preferences.call_layout == "large" or screened else []
    pictures = ScreenStage(wide, preferences, zoom) if screened else Pictures(wide, preferences.call_layout)
    lower = [*_lower(call, bar, faded, wide, space.talking), *_panel(overlays, wide)]
    lower += [] if wide else [above_bar(each) for each in recording_notices(call)]
    notices = _notices(call, wide, full, faults, hide)
    change_layout: Callable[[], None] = lambda: toggle_layout(preferences)  # noqa: E731  one expression, used twice below
    on_timer = (lambda: overlays.toggle(TIMER)) if call.is_professional else None
    stage_buttons = StageButtons(preferences.call_layout, full.on, change_layout, full.toggle, focus, on_timer)
    if screened:
        stage_buttons = ft.Row([ZoomButtons(zoom, focus), stage_buttons], spacing=8, tight=True)
    upper = _upper(_top(faded, stage_buttons, overlays), notices)
    return ft.Container(
        expand=True,
        bgcolor=ROOM,
        foreground_decoration=_border(call),
        dark_theme=dark,
        theme_mode=ft.ThemeMode.DARK,
        content=ft.GestureDetector(
            expand=True,
            hover_interval=300,
            on_hover=lambda e: awake(),
            on_tap=lambda e: space.listen(),
            on_double_tap=lambda e: None if screened else change_layout(),
            content=ft.Stack(
                expand=True,
                fit=ft.StackFit.EXPAND,
                # what is said lies over the own picture, and the bar over all: it has the way out
                controls=[
                    space.listening(pictures),
                    *inset,
                    upper,
                    *lower,
                    *_help(overlays),
                ],
            ),
        ),
    )


def _run(page: ft.Page, work: Callable[[], object]) -> None:
    page.run_task(work)  # type: ignore[arg-type]  # a coroutine function; run_task's ParamSpec does not see it


def _asks_or_fails(call: CallSession) -> bool:
    return call.snapshot.encryption not in (Encryption.ON, Encryption.OFF)


def _screen_notice(call: CallSession) -> bool:
    return bool(call.screens) or call.snapshot.screen.fault is not None


def _notices(
    call: CallSession, wide: bool, full: FullScreen, faults: Sequence[Fault], hide: Callable[[Fault], object]
) -> list[ft.Control]:
    """The most important first."""
    notices: list[ft.Control] = []
    if _asks_or_fails(call):
        notices.append(
            ft.Row([EncryptionNotice(wide)], alignment=ft.MainAxisAlignment.CENTER, key="encryption")
            if wide
            else ft.Container(EncryptionNotice(wide), key="encryption")
        )
    if wide:
        notices += [ft.Row([each], alignment=ft.MainAxisAlignment.CENTER) for each in recording_notices(call)]
    if _screen_notice(call):
        notice = ScreenNotice(wide)
        held = ft.Row([notice], alignment=ft.MainAxisAlignment.CENTER) if wide else notice
        notices.append(ft.Container(held, key="screen-notice"))
    if full.hint:
        notices.append(ft.Row(full.hint, alignment=ft.MainAxisAlignment.CENTER, key="hint"))
    if faults:
        notices.append(ft.Container(CallFaults(faults, wide, hide), key="faults"))
    return notices


def _border(call: CallSession) -> ft.BoxDecoration | None:
    """Around everything, while this side shares its screen."""
    sharing = call.snapshot.screen.chosen is not None
    return ft.BoxDecoration(border=ft.Border.all(3, ACCENT)) if sharing else None


def _help(overlays: Overlays) -> list[ft.Control]:
    if not overlays.keys:
        return []
    return [ft.Container(ShortcutHelp(overlays.toggle_keys), alignment=ft.Alignment.CENTER, key="keys")]


def _top(faded: bool, stage_buttons: ft.Control, overlays: Overlays) -> ft.Control:
    """Who and how well at the left, how it is shown at the right."""
    held = ft.Container(stage_buttons, opacity=FADED if faded else 1, animate_opacity=FADE)
    show = overlays.toggle
    line = TopLine(faded, lambda: show(QUALITY), lambda: show(ENCRYPTION), lambda: show(TIMER), lambda: show(RECORD))
    return ft.Row(
        [ft.Container(line, expand=True), held],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=8,
    )


def _panel(overlays: Overlays, wide: bool) -> list[ft.Control]:
    if overlays.panel == NO_PANEL:
        return []
    if overlays.panel in AT_THE_SIDE:
        return [SidePanel(overlays.panel, wide, overlays.close, overlays.toggle)]
    of = {DEVICES: DevicePanel, QUALITY: QualityPanel, ENCRYPTION: EncryptionPanel}[overlays.panel]
    return [of(wide, overlays.close)]


def _upper(top: ft.Control, notices: list[ft.Control]) -> ft.Control:
    """The notices below however many lines the top one has grown to, or they would hide a word in it."""
    column = ft.Column([top, *notices], tight=True, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.Container(column, left=16, right=16, top=12)


def _lower(call: CallSession, bar: ft.Control, faded: bool, wide: bool, talking: bool) -> list[ft.Control]:
    """From the bottom up: the bar, and over it the room's end in sight and what a muted person should know."""
    words = [
        SharingBar(),
        TimeNotice(),
        ClosingNotice(lambda: call.closes_in_s),
        MutedNotice(call.snapshot.speaking_muted, talking),
    ]
    said = ft.Row(words, alignment=ft.MainAxisAlignment.CENTER, wrap=True, spacing=8, run_spacing=8)
    column: list[ft.Control] = [said, ft.Container(bar, opacity=FADED if faded else 1, animate_opacity=FADE)]
    held = ft.Column(column, tight=True, spacing=12, horizontal_alignment=ft.CrossAxisAlignment.STRETCH, key=str(wide))
    return [ft.Container(held, left=16, right=16, bottom=20)]
